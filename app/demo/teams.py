"""Demo alliance, experts, pool and ten teams: deterministic, every state once, the cohort assigned by the product's own proposal."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.areas.models import Area
from app.demo.generator import credit_code
from app.enterprises.queries.places import places
from app.identity.models import User
from app.infra import city, clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from app.policies.queries import current_pack
from app.teams.actions import assigning, handing, own, registers, scores, teams
from app.teams.actions.teams import MemberDraft, TeamDraft
from app.teams.models import Expert, Provider, ServiceScore, ServiceTeam, TeamMember
from app.teams.queries import assignments, finding, planning
from app.teams.queries.assignments import NONE, Asked
from app.teams.queries.reach import stored

FORMED = date(2022, 1, 10)
UNITS = ("371502", "371503", "371521", "371522", "371523", "371524", "371525", "371526", "371581")
TEAMS = (
    ("高端装备", "C,34,35,36", "site_management,lean_production", "山东聊城机械行业协会"),
    ("新材料化工", "26,29", "technology,lean_production", "聊城大学化学化工学院"),
    ("轴承与金属制品", "33,34", "lean_production,digital", "临清轴承产业研究院"),
    ("纺织服装", "17,18", "brand_marketing,human_resources", "聊城纺织工程学会"),
    ("食品医药", "13,14,15,27", "brand_marketing,policy", "聊城食品产业联盟"),
    ("有色金属与电子", "32,38,39", "technology,digital", "聊城铜铝加工研究所"),
    ("建材与绿色制造", "30,31", "technology,site_management", "聊城绿色制造服务中心"),
    ("数字化转型", "I", "digital,training", "聊城工业互联网平台"),
    ("融资与上市", "", "finance,fiscal_tax", "聊城市融资担保集团"),
    ("综合服务", "", "policy,legal,consulting", "聊城中小企业公共服务中心"),
)
PROVIDERS = (
    ("鲁西精益管理咨询有限公司", "company", "local", "site_management,lean_production", "node"),
    ("聊城中小企业公共服务中心", "platform", "local", "policy,training,consulting", "city"),
    ("东昌府中小企业服务中心", "platform", "local", "policy,consulting", "county"),
    ("临清中小企业服务中心", "platform", "local", "policy,consulting", "county"),
    ("聊城大学技术转移中心", "university", "local", "technology", "node"),
    ("山东水城律师事务所", "law", "local", "legal", "node"),
    ("聊城恒信会计师事务所", "accounting", "local", "fiscal_tax", "node"),
    ("济南智改数字科技有限公司", "company", "elsewhere", "digital", None),
    ("上海远见品牌管理有限公司", "company", "elsewhere", "brand_marketing", None),
    ("北京匠心人力资源有限公司", "company", "elsewhere", "human_resources,training", None),
    ("聊城市融资担保集团", "finance", "local", "finance", "node"),
    ("聊城机械行业协会", "association", "local", "technology,training", "node"),
    ("青岛云链工业互联网有限公司", "company", "elsewhere", "digital,technology", None),
    ("深圳卓越绩效研究院", "institute", "elsewhere", "lean_production,training", None),
    ("聊城育才职业培训学校", "other", "local", "training,human_resources", None),
    ("德州德信财税咨询有限公司", "company", "elsewhere", "fiscal_tax,policy", None),
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = ("建国", "志强", "海燕", "明辉", "丽华", "文博", "晓东", "雪梅", "立新", "永刚")
RESOURCES = (
    ("product", "6S 现场管理导入服务包", "site_management", False, 80_000),
    ("product", "精益生产诊断（3 天）", "lean_production", True, None),
    ("course", "数字专员实操班", "digital,training", True, None),
    ("course", "税收优惠政策解读公开课", "fiscal_tax,policy", True, None),
    ("equipment", "三坐标测量仪共享", "technology", False, 600),
    ("equipment", "材料成分光谱分析仪", "technology", False, 300),
    ("finance", "专精特新信用贷", "finance", False, None),
    ("finance", "应急转贷资金", "finance", False, None),
    ("product", "品牌定位与渠道规划", "brand_marketing", False, 150_000),
    ("product", "劳动用工合规体检", "legal,human_resources", True, None),
    ("course", "班组长管理标兵训练营", "training,site_management", False, 1_200),
    ("product", "工业互联网轻量化改造方案", "digital", False, 200_000),
)


def load(city_code: str) -> int:
    """Fill the registers and teams of a city that has none; returns how many teams were formed. The caller commits."""
    if db.session.scalar(select(func.count()).select_from(ServiceTeam)):
        return 0
    with city.within(city_code):
        place = db.session.scalars(select(Area).where(Area.code == city_code)).one()
        unit_ids = [p.id for p in sorted(places().by_id.values(), key=lambda p: p.code) if p.city_id == place.id and p.kind == "county"]
        if not unit_ids:
            return 0
        providers = [_provider(number, unit_ids) for number in range(len(PROVIDERS))]
        experts = [_expert(number, providers) for number in range(44)]
        for number, row in enumerate(RESOURCES):
            _resource(number, row, providers[(number * 5) % 12])
        formed = [_team(number, unit_ids, experts) for number in range(len(TEAMS))]
        _assign(place.id)
        _hand_over(formed[1])
        _wish(providers[0])
    db.session.flush()
    return len(formed)


def _day(years: int, days: int = 0) -> date:
    return clock.today() - timedelta(days=365 * years + days)


def _phone(number: int) -> str:
    return f"138{63500000 + number * 7919:08d}"


def _name(number: int) -> str:
    return SURNAMES[number % len(SURNAMES)] + GIVEN[(number * 7) % len(GIVEN)]


def _admit(register: str, entry: Any, number: int, until: date) -> None:
    """A believable life: most admitted, some warned, ended, refused or still waiting."""
    on = FORMED + timedelta(days=120 + number * 3)
    if number % 14 == 13:
        return
    if number % 15 == 14:
        _step(register, entry, "refused", on, "材料不全，服务案例少")
        return
    _step(register, entry, "admitted", on, "经评审符合条件", until)
    if number % 11 == 10:
        _step(register, entry, "warned", _day(0, 120), "两次预约未按时上门")
    if number % 9 == 8:
        _step(register, entry, "ended", _day(0, 60), "业务调整，自愿退出")


def _step(register: str, entry: Any, kind: str, on: date, reason: str, until: date | None = None) -> None:
    registers.take_step(
        scope=ALL, register=register, entry_id=entry.id, kind=kind, on=on, reason=reason, valid_to=until, version=None, by=SYSTEM,
        document="聊民营办〔2022〕8号（演示）" if kind == "admitted" else "",
    )


def _until(number: int) -> date:
    """Some terms end soon, so that the reminders have something to say."""
    return clock.today() + timedelta(days=25 if number % 7 == 3 else 200 + number * 11)


def _provider(number: int, unit_ids: list[int]) -> Provider:
    name, kind, origin, domains, tier = PROVIDERS[number]
    units = [] if origin == "elsewhere" or tier == "city" else [unit_ids[number % len(unit_ids)], unit_ids[(number + 3) % len(unit_ids)]]
    row: Provider = registers.save_entry(scope=ALL, register="provider", by=SYSTEM, on=FORMED + timedelta(days=number), reason="自愿申请加入联盟", values={
        "name": name, "kind": kind, "origin": origin, "tier": tier, "domains": stored(domains.split(",")), "industries": stored(["C"] if number % 3 else []),
        "units": stored(units), "capacity": 12 + number * 2, "staff_count": 15 + number * 9, "contact_name": _name(number), "phone": _phone(number),
        "credit_code": credit_code(900_000 + number, "379999"), "intro": f"{name}长期服务中小企业，擅长{'、'.join(_labels(domains))}。",
        "qualification": "山东省中小企业公共服务示范平台（演示）" if number % 3 == 0 else "营业执照、行业资质",
        "consent_on": FORMED if number % 2 == 0 else None,
    })
    _admit("provider", row, number, _until(number))
    return row


def _labels(domains: str) -> list[str]:
    known = {entry.code: entry.label for entry in current_pack().entries("service_domains")}
    return [known.get(code, code) for code in domains.split(",")]


def _expert(number: int, providers: list[Provider]) -> Expert:
    team = TEAMS[number % len(TEAMS)]
    employer = providers[number % 12].name if number % 3 == 0 else ("聊城大学", "山东省机械设计研究院", "聊城市技师学院", "齐鲁工业大学")[number % 4]
    row: Expert = registers.save_entry(scope=ALL, register="expert", by=SYSTEM, on=FORMED + timedelta(days=number), reason="单位推荐", values={
        "name": _name(number), "employer": employer, "title": ("教授", "高级工程师", "注册管理咨询师", "高级会计师")[number % 4],
        "strengths": stored(("solve", "improve") if number % 3 == 0 else ("solve",) if number % 3 == 1 else ("improve",)),
        "domains": stored(team[2].split(",")), "industries": stored(team[1].split(",")), "capacity": 15 + number % 10,
        "contact_name": _name(number), "phone": _phone(100 + number), "selection": "县级推荐、专家评审，综合得分前列", "conflict": "无",
        "provider_id": providers[number % 12].id if number % 3 == 0 else None,
    })
    _admit("expert", row, number, _until(number))
    return row


def _resource(number: int, said: tuple[Any, ...], provider: Provider) -> None:
    kind, name, domains, free, price = said
    row = registers.save_entry(scope=ALL, register="resource", by=SYSTEM, on=FORMED + timedelta(days=60 + number), reason="服务机构申报", values={
        "kind": kind, "name": name, "owner": provider.name, "provider_id": provider.id, "domains": stored(domains.split(",")), "free": free,
        "price_yuan": price, "price_note": "按次" if price and price < 10_000 else "按项目" if price else "以签约为准" if not free else "",
        "capacity": 10 + number * 4, "contact_name": _name(number + 3), "phone": _phone(200 + number), "intro": f"{name}，面向全市中小企业。",
    })
    _admit("resource", row, number, _until(number + 2))


def _team(number: int, unit_ids: list[int], experts: list[Expert]) -> ServiceTeam:
    label, industries, domains, host = TEAMS[number]
    near = [unit_ids[number % len(unit_ids)], unit_ids[(number + 1) % len(unit_ids)], unit_ids[(number + 2) % len(unit_ids)]]
    team = teams.save_team(scope=ALL, by=SYSTEM, draft=TeamDraft(
        number + 1, f"第{number + 1}专家服务队（{label}）", stored(domains.split(",")), stored(industries.split(",")), stored(near if number < 7 else []),
        None, host, f"面向{label}企业，开展调研诊断、技术攻关和管理提升。", "聊民营办〔2022〕3号（演示）", FORMED,
    ))
    mine = [e for e in experts if e.state in ("active", "warned")][number::10][:4]
    _join(team, MemberDraft("leader", "", expert_id=mine[0].id, valid_from=FORMED, phone=_phone(300 + number)))
    for place, expert in enumerate(mine[1:], 1):
        _join(team, MemberDraft("deputy" if place == 1 else "expert", "", expert_id=expert.id, valid_from=FORMED, phone=_phone(320 + number * 4 + place)))
    _join(team, MemberDraft(
        "liaison", _name(60 + number), "市工业和信息化局", "一级科员", valid_from=FORMED, valid_to=_day(1), document="聊工信函〔2022〕2号（演示）",
    ))
    soon = clock.today() + timedelta(days=20 if number == 1 else 160 + number * 9)
    for place, unit in enumerate(("市工业和信息化局", "东昌府区工业和信息化局", "临清市工业和信息化局")[: 2 + number % 2]):
        _join(team, MemberDraft(
            "liaison", _name(80 + number * 3 + place), unit, "二级科员", valid_from=_day(1) + timedelta(days=1), valid_to=soon,
            phone=_phone(400 + number * 3 + place), document="聊工信函〔2025〕5号（演示）",
        ))
    return team


def _join(team: ServiceTeam, draft: MemberDraft) -> TeamMember:
    return teams.add_member(scope=ALL, team_id=team.id, draft=draft, by=SYSTEM)


def _assign(city_id: int) -> None:
    """Nine in ten of the cohort get the team the product proposes; the rest shows as not assigned."""
    lines = [line for line in assignments.firms(ALL, Asked(cohort=assignments.cohort(current_pack()), team=NONE), 3_000) if line.id % 10 != 3]
    if not lines or assignments.cohort(current_pack()) is None:
        return
    choices = {c.firm_id: c.team_id for c in planning.plan(lines, finding.units_of([line.id for line in lines]), ALL, city_id)}
    assigning.assign_plan(scope=ALL, plan=planning.with_people(choices, city_id), on=FORMED + timedelta(days=45), reason="首批入驻", by=SYSTEM)


def _hand_over(team: ServiceTeam) -> None:
    """One portfolio went to a colleague lately and waits for his word."""
    people = planning.people([team.id], team.city_id)[team.id]
    busy = next((p for p in people if p.load), None)
    other = next((p for p in people if busy is not None and p.id != busy.id), None)
    if busy is not None and other is not None:
        handing.hand_over(
            scope=ALL, firms=ALL, member_id=busy.id, to_member_id=other.id, on=_day(0, 3), reason="派驻轮换",
            note="两家正在申报专精特新，请接着跟进。", by=SYSTEM,
        )


def _wish(provider: Provider) -> None:
    own.change_own(provider=provider, values={"capacity": 40, "intro": "鲁西精益管理咨询团队扩编，可同时服务 40 家企业。"}, by=SYSTEM)


def score(city_code: str) -> None:
    """The screening of this year and the last, once the visits are there; two marks given, one decision made."""
    if db.session.scalar(select(func.count()).select_from(ServiceScore)):
        return
    with city.within(city_code):
        for year in (clock.today().year - 1, clock.today().year):
            for subject in ("provider", "expert", "project"):
                scores.score_year(scope=ALL, subject=subject, year=year, by=SYSTEM)
        waiting = select(ServiceScore).where(ServiceScore.subject == "expert", ServiceScore.proposal == "open").order_by(ServiceScore.id)
        for row, points in zip(db.session.scalars(waiting.limit(2)).all(), (95, 30), strict=False):
            scores.give_mark(scope=ALL, score_id=row.id, criterion="peer", points=points, reason="服务队年度互评", by=SYSTEM)
        rows = db.session.scalars(select(ServiceScore).where(ServiceScore.subject == "provider").order_by(ServiceScore.id).limit(2)).all()
        for row in rows:
            scores.give_mark(scope=ALL, score_id=row.id, criterion="strength", points=82, reason="团队稳定，案例材料齐全", by=SYSTEM)
        if rows:
            row = rows[0]
            scores.decide(scope=ALL, score_id=row.id, verdict="keep", reason="案例少，保留观察一年", version=row.version, by=SYSTEM)
    db.session.flush()


def join_accounts() -> None:
    """The demo accounts take their places: leader, expert and liaison of the first team, the provider's manager."""
    team = db.session.scalars(select(ServiceTeam).order_by(ServiceTeam.number, ServiceTeam.id)).first()
    provider = db.session.scalars(select(Provider).order_by(Provider.id)).first()
    if team is None or provider is None:
        return
    users = {user.login: user for user in db.session.scalars(select(User).where(User.login.in_(("teamlead", "expert", "liaison", "provider"))))}
    if "provider" in users:
        users["provider"].organisation_id = provider.id
    everybody = db.session.scalars(select(TeamMember).where(TeamMember.team_id == team.id).order_by(TeamMember.id))
    today = [m for m in everybody if m.valid_to is None or m.valid_to > clock.today()]
    for login, role in (("teamlead", "leader"), ("expert", "expert"), ("liaison", "liaison")):
        user, member = users.get(login), next((m for m in today if m.role == role and m.user_id is None), None)
        if user is not None and member is not None and not any(m.user_id == user.id for m in today):
            member.user_id, member.name = user.id, user.name
            if member.expert_id is not None:
                db.session.get_one(Expert, member.expert_id).name = user.name
            db.session.flush()
            teams.follow_account(member_id=member.id, user_id=user.id)
    db.session.flush()
