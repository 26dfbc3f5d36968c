"""Demo visits: some hundred meetings of the last year with what they left, in every state; the same ones every time. Mass-loaded, no photos."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from app.enterprises.models import Enterprise, EnterpriseAssignment, EnterpriseSummary
from app.identity.models import User
from app.infra import clock
from app.infra.db import db
from app.visits.models import Finding, Measure, Promise, Visit, VisitAnswer, VisitChange, VisitPerson, VisitTopic
from app.visits.rules.visit import VisitDraft

FIRMS, ROUNDS = 140, (3, 2, 3, 1)
DAYS = 330
SUMMARIES = (
    "看了新上的生产线，订单排到下季度，缺两名数控技工。", "与负责人谈了技改计划，设备选型还没有定，想看看同行的做法。",
    "现场 5S 有改善，半成品堆放仍占通道，建议重新划线。", "财务人员反映研发费用归集不规范，影响加计扣除，约好下次带财税专家。",
    "产品以代工为主，想做自己的牌子，不清楚商标和渠道怎么起步。", "原材料涨价，回款周期拉长到 120 天，流动资金紧张。",
    "企业对专精特新申报条件不熟悉，逐条讲解，差研发投入一项。", "上了 ERP 但车间还是手工报工，数据对不上，建议先从关键工序做起。",
    "老客户订单稳定，海外询盘增多，缺外语业务员。", "新厂房已封顶，环评手续在办，预计年底投产。",
    "安全生产标准化材料齐全，配电房标识不清，当场提醒。", "与高校有联系，还没有签协议，希望帮忙对接检测设备。",
)
TAILS = (
    "", "负责人态度积极。", "约定下月再看进展。", "车间主任陪同。", "已当场解答两项政策。", "资料稍后补齐。", "建议先做小范围试点。",
    "企业希望多来指导。", "看了两个车间。", "与财务一起核了数据。", "下次带同行案例。",
)
FINDINGS = (
    ("关键设备停机多，没有点检记录", "red", "pain", "production", "action3", "lean_production"),
    ("研发费用没有单独归集", "yellow", "weakness", "management", "action5", "fiscal_tax"),
    ("回款周期长，流动资金紧张", "red", "difficulty", "management", "action4", "finance"),
    ("产品没有自己的品牌，依赖代工", "yellow", "weakness", "sales", "action1", "brand_marketing"),
    ("数控技工缺口两人以上", "yellow", "difficulty", "production", "action6", "human_resources"),
    ("车间数据靠手工，ERP 与实际对不上", "yellow", "pain", "production", "action7", "digital"),
    ("班组长没有培训，员工流动大", "yellow", "weakness", "culture", "action6", "human_resources"),
    ("污水处理设施运行记录不全", "red", "weakness", "production", "action8", "site_management"),
)
MEASURES = (
    "制定设备点检表并试行一个月", "建立研发辅助账", "梳理应收账款，分类催收", "完成商标注册申请", "与技工学校签订实习协议",
    "关键工序装扫码报工", "班组长参加精益培训", "补齐环保运行台账",
)
PROMISES = (
    "联系技改专家上门", "提供专精特新申报材料清单", "对接两家银行做融资方案", "介绍省级检测平台", "送一次财税政策讲解",
    "把同行参观名额报给企业",
)
KEPT = ("专家已于约定日到厂，企业负责人确认", "材料清单已发，企业回复收到", "银行客户经理已上门，方案在谈", "平台已回函，企业自行联系")
WRITERS = ("吴专家", "陈队长", "郑专员", "许工", "何老师", "吕顾问", "施工程师")
BOSSES = ("张总", "李厂长", "王经理", "刘主任")


def load(city_code: str) -> int:
    """Fill the register of visits; returns how many were added, nothing when there are any. The caller commits."""
    if db.session.scalar(select(func.count()).select_from(Visit)):
        return 0
    served = _served(city_code)
    users = dict(db.session.execute(select(User.name, User.id).where(User.name.in_(WRITERS))).all())
    today, number, last = clock.today(), 0, dict[int, date]()
    for place, (firm, team) in enumerate(served):
        for turn in range(ROUNDS[place % len(ROUNDS)]):
            day = today - timedelta(days=(place * 7 + turn * 97) % DAYS + 1)
            visit = _visit(number, firm, team, day, users)
            if visit.state == "complete":
                last[firm] = max(last.get(firm, day), day)
            number += 1
    db.session.flush()
    statement = update(EnterpriseSummary).execution_options(synchronize_session=False)
    for firm, day in last.items():
        db.session.execute(statement.where(EnterpriseSummary.enterprise_id == firm).values(last_visit_on=day))
    db.session.flush()
    return number


def _served(city_code: str) -> Sequence[tuple[int, int | None]]:
    """Firms with their team, those of the team of the demo accounts first."""
    given = EnterpriseAssignment
    rows = db.session.execute(
        select(given.enterprise_id, given.team_id).join(Enterprise, Enterprise.id == given.enterprise_id)
        .where(given.team_id.is_not(None), given.valid_to.is_(None), Enterprise.status == "active").order_by(given.team_id, given.enterprise_id)
    ).all()
    first = [row for row in rows if row.team_id == rows[0].team_id][:50] if rows else []
    others = [row for row in rows if row.team_id != rows[0].team_id] if rows else []
    step = max(1, len(others) // (FIRMS - len(first) or 1))
    return [(row.enterprise_id, row.team_id) for row in [*first, *others[::step]][:FIRMS]]


def _visit(number: int, firm: int, team: int | None, day: date, users: dict[str, int]) -> Visit:
    """One meeting; what became of it follows from its number."""
    writer = WRITERS[number % 3] if number < 120 else WRITERS[number % len(WRITERS)]
    logged = datetime.combine(day, datetime.min.time(), clock.SHANGHAI) + timedelta(hours=9 + number % 8, minutes=number * 7 % 60)
    mode = ("on_site", "on_site", "on_site", "phone", "online", "centre")[number % 6]
    said = {"visited_on": day, "mode": mode, "summary": SUMMARIES[number * 5 % len(SUMMARIES)] + TAILS[number % len(TAILS)]}
    row = Visit(
        enterprise_id=firm, team_id=team, state="complete", basis=("request", "appointment", "revisit", None)[number % 4], created_at=logged, logged_at=logged,
        created_by=users.get(writer), created_name=writer, via="api" if number % 3 else "web", **said,
    )  # fmt: skip
    if number % 23 == 7:
        row.summary = "已走访。"
    if number % 31 == 30:
        row.state, row.logged_at = "draft", None
        row.draft = VisitDraft(firm, complete=False, **said).plain()
    elif number % 41 == 40:
        row.state, row.void_reason = "void", "与同日另一条重复登记"
    if number % 4 == 1:
        row.feedback_given, row.feedback = True, "希望技改补贴的申报时间再提前通知。"
    if number % 3 == 0:
        row.next_contact_on, row.next_contact_why = day + timedelta(days=60 + number % 40), "看措施落实情况"
    db.session.add(row)
    db.session.flush()
    if row.state != "draft":
        _people(number, row, writer, users)
        _outcomes(number, row, day)
        _said_of(number, row, day)
    return row


def _people(number: int, row: Visit, writer: str, users: dict[str, int]) -> None:
    common: dict[str, Any] = {"visit_id": row.id}
    db.session.add(VisitPerson(side="team", name=writer, user_id=users.get(writer), team_id=row.team_id, **common))
    if number % 3 == 2:
        db.session.add(VisitPerson(side="team", name=WRITERS[(number + 3) % len(WRITERS)], team_id=row.team_id, **common))
    db.session.add(VisitPerson(side="enterprise", name=BOSSES[number % len(BOSSES)], title="负责人", **common))
    db.session.add(VisitTopic(kind="help", code=("management", "operations", "upgrading")[number % 3], **common))


def _outcomes(number: int, row: Visit, day: date) -> None:
    """Findings, measures and promises: open, done in time, done late, overdue, dropped."""
    today = clock.today()
    common: dict[str, Any] = {"visit_id": row.id, "enterprise_id": row.enterprise_id, "created_at": row.created_at}
    if number % 5 in (0, 2, 3):
        text, severity, kind, stage, action, domain = FINDINGS[number % len(FINDINGS)]
        done = number % 7 == 3
        finding = Finding(
            text=text, severity=severity, kind=kind, stage_code=stage, action_code=action, domain_code=domain, state="done" if done else "open",
            settled_on=min(day + timedelta(days=40), today) if done else None, settled_note="复查已改" if done else None, **common,
        )
        db.session.add(finding)
        db.session.flush()
        for topic, code in (("action", action), ("stage", stage), ("domain", domain)):
            db.session.add(VisitTopic(visit_id=row.id, kind=topic, code=code))
        settled = number % 3 == 0
        db.session.add(Measure(
            finding_id=finding.id, text=MEASURES[number % len(MEASURES)], owner=BOSSES[number % len(BOSSES)], due_on=day + timedelta(days=45),
            state="done" if settled else "open", settled_on=min(day + timedelta(days=50), today) if settled else None,
            settled_note="已落实" if settled else None, **common,
        ))  # fmt: skip
    if number % 4 in (1, 2):
        state = ("done", "done", "open", "done", "dropped")[number % 5]
        due = day + timedelta(days=20)
        on = min(due + timedelta(days=6 if number % 15 == 10 else -3), today)
        db.session.add(Promise(
            team_id=row.team_id, text=PROMISES[number % len(PROMISES)], owner=row.created_name, owner_user_id=row.created_by,
            to_whom=BOSSES[number % len(BOSSES)], due_on=due, state=state, settled_on=None if state == "open" else on,
            settled_note=None if state == "open" else KEPT[number % len(KEPT)] if state == "done" else "平台已停止受理，已向企业说明",
            informed_on=on if state != "open" else None, **common,
        ))  # fmt: skip


def _said_of(number: int, row: Visit, day: date) -> None:
    """The enterprise's word, the team leader's, and a late correction."""
    if number % 5 in (0, 1, 3):
        verdict = "denied" if number % 67 == 11 else "differs" if number % 19 == 3 else "confirmed"
        charged = number % 97 == 5
        answered = min(day + timedelta(days=2), clock.today())
        row.confirm_state = verdict
        db.session.add(VisitAnswer(
            visit_id=row.id, enterprise_id=row.enterprise_id, team_id=row.team_id, answered_at=clock.end_of_day(answered), answered_on=answered,
            verdict=verdict,
            said_on=day - timedelta(days=1) if verdict == "differs" else None, rating=None if number % 6 == 5 else (5, 5, 4, 4, 3, 5, 2)[number % 7],
            charge_text="来人以资料费名义收了 300 元，没有给收据。" if charged else None, charge_state="open" if charged else None,
        ))  # fmt: skip
    if number % 3 == 0:
        row.review_state, row.reviewed_name, row.reviewed_at = "passed", "陈队长", clock.end_of_day(min(day + timedelta(days=3), clock.today()))
    elif number % 29 == 4:
        row.review_state, row.reviewed_name, row.review_note = "returned", "陈队长", "请补充与企业约定的下一步和期限。"
        row.reviewed_at = clock.end_of_day(min(day + timedelta(days=3), clock.today()))
    if number % 37 == 8:
        db.session.add(VisitChange(
            visit_id=row.id, at=clock.end_of_day(min(day + timedelta(days=5), clock.today())), by_name=row.created_name, reason="走访方式登记错误",
            old={"mode": "online"}, new={"mode": row.mode},
        ))  # fmt: skip
