"""Demo requests, appointments, contacts, diagnoses, plans, projects, finance needs and snapshots: every state, the same ones every time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseAssignment
from app.identity.models import Post, User
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM, Actor
from app.visits.actions import appointments, consulting, diagnoses, disturbance, finance, plans, projects, requests, snapshots
from app.visits.actions.appointments import AppointmentDraft, Person
from app.visits.actions.diagnoses import Answer, Head
from app.visits.models import Appointment, Disturbance, PlanItem, ServiceDiagnosis, ServiceRequest, ServiceStep
from app.visits.queries.policy import answer_due, calendar_of
from app.visits.rules.improvement import FOUND

WISHES = (
    ("想了解技改贴息怎么申报，请专家来看看设备清单。", "policy", "action5"), ("研发费用没有单独归集，担心高企复核，请财税专家上门。", "fiscal_tax", "action5"),
    ("流动资金紧张，想对接银行做信用贷。", "finance", "action4"), ("车间在制品多、换模慢，请精益专家现场诊断。", "lean_production", "action3"),
    ("准备申报省级专精特新，请帮忙把条件过一遍。", "policy", "action1"), ("想上 MES，不知道先从哪个工序做起。", "digital", "action7"),
    ("班组长管理能力弱，希望组织一次内训。", "training", "action6"), ("想做自己的牌子，商标和渠道不懂。", "brand_marketing", "action1"),
)
PURPOSES = ("看研发费用归集", "对照专精特新条件", "车间布局和换模", "对接银行产品", "回访上次整改", "讲解技改政策", "数字化现状摸底", "班组长培训方案")
PROBLEMS = (
    ("换模时间平均 70 分钟，影响交付", "推行快速换模，先做两台瓶颈设备"), ("没有研发辅助账", "建立研发辅助账，财务每月归集"),
    ("应收账款账期 120 天", "梳理客户分级，办理应收账款融资"),
    ("产品全部贴牌", "注册商标，先在一个品类试自主品牌"), ("报工靠手工，数据滞后一天", "关键工序扫码报工"), ("班组长没有培训", "安排班组长训练，每季度一期"),
    ("配电房标识不清", "一周内补齐标识并拍照"), ("没有绩效考核制度", "先在车间试行计件与质量挂钩"),
)
REFUSED, MOVED, CANCELLED = "属于人社部门职责，已转企业诉求办理", "专家时间冲突", "企业临时检修"
EXPERTS = "吴专家、何老师"


def load(city_code: str) -> int:
    """Add everything once; returns how many requests and appointments there are. Flushes, does not commit."""
    if db.session.scalar(select(ServiceRequest.id).limit(1)) is not None:
        return 0
    firms = _firms(db.session.scalars(select(Area.id).where(Area.code == city_code, Area.kind == "city")).one())
    if not firms:
        return 0
    snapshots.take_baselines(by=SYSTEM)
    year = clock.today().year
    for data_year in (year - 2, year - 1):
        snapshots.take_year(year=data_year, enterprise_ids=[firm.id for firm, _ in firms], by=SYSTEM)
    _past(firms[:160])
    own = _first_team(firms)
    _ahead([*own[:14], *firms[20:60]])
    _of_contact(own[0][1])
    _improvement(own[2:12] + firms[60:84])
    _helped(firms[:120])
    db.session.flush()
    return db.session.scalar(select(func.count()).select_from(Appointment)) or 0


def _firms(city_id: int) -> list[tuple[Enterprise, int]]:
    """Served firms with their teams, spread over the teams."""
    today = clock.today()
    rows = db.session.execute(
        select(Enterprise, EnterpriseAssignment.team_id).join(EnterpriseAssignment, EnterpriseAssignment.enterprise_id == Enterprise.id)
        .where(
            Enterprise.city_id == city_id, Enterprise.status == "active", Enterprise.merged_into_id.is_(None), EnterpriseAssignment.team_id.is_not(None),
            EnterpriseAssignment.valid_from <= today, (EnterpriseAssignment.valid_to.is_(None)) | (EnterpriseAssignment.valid_to >= today),
        ).order_by(Enterprise.id)
    ).all()
    return [(row[0], int(row[1])) for row in rows]


def _first_team(firms: Sequence[tuple[Enterprise, int]]) -> list[tuple[Enterprise, int]]:
    """Firms of the team of the demo accounts."""
    team = db.session.scalar(
        select(Post.team_id).join(User, User.id == Post.user_id).where(User.login == "teamlead", Post.team_id.is_not(None)).limit(1)
    )
    return [pair for pair in firms if pair[1] == team] or list(firms)


def _actor(login: str) -> Actor:
    user = db.session.scalars(select(User).where(User.login == login)).first()
    return SYSTEM if user is None else Actor(user.id, user.name, via="cli")


def _past(firms: Sequence[tuple[Enterprise, int]]) -> None:
    """A year of requests and appointments behind us, written straight into the tables: most in time, some late, some refused or withdrawn."""
    today = clock.today()
    calendar = calendar_of(firms[0][0].city_id)
    for place, (firm, team_id) in enumerate(firms):
        day = calendar.at_or_before(today - timedelta(days=8 + (place * 7) % 300))
        request = _asked(firm, team_id, place, day) if place % 3 == 0 else None
        if request is not None and request.state != "done":
            continue
        planned = calendar.add_workdays(day, 3 + place % 4)
        if planned >= today:
            continue
        state = "cancelled" if place % 17 == 5 else "confirmed" if place % 23 == 7 else "done"
        row = Appointment(
            enterprise_id=firm.id, request_id=None if request is None else request.id, basis="request" if request is not None else "appointment",
            state=state, team_id=team_id, planned_on=planned, starts="09:30" if place % 2 else "14:00", ends=None, mode="on_site",
            purpose=PURPOSES[place % len(PURPOSES)], over_cap=place % 41 == 3, quiet=False, confirmed_how="phone", confirmed_at=_moment(day, 16),
            approval_reason="整改复核期限临近（演示）" if place % 41 == 3 else None, approved_name="陈队长" if place % 41 == 3 else None,
            visited_on=planned if state == "done" else None, closed_reason=CANCELLED if state == "cancelled" else None, planned_name="郑专员",
            created_at=_moment(day, 15), version=1,
        )
        db.session.add(row)
        db.session.flush()
        if state != "cancelled":
            invited = request is not None
            db.session.add(Disturbance(
                enterprise_id=firm.id, on_day=planned, kind="visit", points=0 if invited else 1, invited=invited, over_cap=row.over_cap, team_id=team_id,
                source="appointment", source_id=row.id, recorded_at=_moment(day, 15), recorded_name="郑专员",
            ))
    db.session.flush()


def _asked(firm: Enterprise, team_id: int, place: int, day: date) -> ServiceRequest:
    text, domain, action = WISHES[place % len(WISHES)]
    asked_at = _moment(day, 10)
    due_at = answer_due(firm.city_id, asked_at)
    state = {1: "refused", 2: "withdrawn"}.get(place // 3 % 11, "done")
    late = place // 3 % 7 == 4
    row = ServiceRequest(
        enterprise_id=firm.id, source="contact" if place % 2 else "officer", state=state, text=text, domain_code=domain, action_code=action,
        team_id=team_id, asked_at=asked_at, due_at=due_at, answered_at=None if state == "withdrawn" else due_at + timedelta(hours=20 if late else -3),
        closed_at=due_at + timedelta(days=6), reason={"refused": REFUSED, "withdrawn": "问题已自行解决"}.get(state), version=2,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(ServiceStep(
        subject="request", subject_id=row.id, enterprise_id=firm.id, step="raise", to_state="new", team_id=team_id, at=asked_at, by_name="企业联络员",
    ))
    return row


def _moment(day: date, hour: int) -> datetime:
    return clock.start_of_day(day) + timedelta(hours=hour)


def _ahead(firms: Sequence[tuple[Enterprise, int]]) -> None:
    """What is planned: proposed, confirmed, waiting for an approval, joined, moved; requests still open. Through the product's own actions."""
    today, leader, liaison = clock.today(), _actor("teamlead"), _actor("liaison")
    calendar = calendar_of(firms[0][0].city_id)
    for place, (firm, team_id) in enumerate(firms):
        text, domain, action = WISHES[(place + 3) % len(WISHES)]
        draft = requests.RequestDraft(text, "officer", domain, action, team_id=team_id)
        asked = requests.raise_request(enterprise=firm, draft=draft, by=liaison) if place % 4 == 1 else None
        if asked is not None and place % 8 == 1:
            continue  # waits for an answer
        day = today if place < 3 else calendar.add_workdays(today, place % 9)
        visit = AppointmentDraft(
            day, PURPOSES[place % len(PURPOSES)], "request" if asked is not None else "appointment", team_id, ("09:00", "10:30", "14:00", "15:30")[place % 4],
            "", "phone" if place % 11 == 6 else "on_site", None, "phone" if place % 3 else None, "企业约定的时间（演示）", None,
            (Person("吴专家"), Person("郑专员")) if place % 2 else (Person("陈队长"),),
        )
        row = appointments.plan(enterprise=firm, draft=visit, request=asked, by=liaison if place % 2 else leader)
        if place == 5:
            _waits(row)
        if place == 7 and row.state in ("proposed", "confirmed"):
            appointments.ask_change(appointment=row, enterprise=firm, wish="上午在开会，下午三点以后方便", version=row.version, by=SYSTEM)
    for place, (firm, team_id) in enumerate(firms[:12]):
        disturbance.record_contact(
            enterprise=firm, kind=("call", "form", "training")[place % 3], on_day=today - timedelta(days=place), invited=place % 5 == 0,
            note=("问设备更新进度", "填报用工情况", "邀请参加数字化培训")[place % 3], team_id=team_id, by=liaison,
        )


def _of_contact(team_id: int) -> None:
    """The enterprise of the demo contact asked for something, and a visit waits for its word."""
    firm = db.session.scalars(
        select(Enterprise).join(Post, Post.enterprise_id == Enterprise.id).join(User, User.id == Post.user_id).where(User.login == "enterprise").limit(1)
    ).first()
    if firm is None:
        return
    contact, day = _actor("enterprise"), calendar_of(firm.city_id).add_workdays(clock.today(), 4)
    requests.raise_request(enterprise=firm, draft=requests.RequestDraft(WISHES[0][0], "contact", WISHES[0][1], team_id=team_id), by=contact)
    visit = AppointmentDraft(day, "对照专精特新条件", "appointment", team_id, "09:30", "11:00", people=(Person("吴专家"),))
    appointments.plan(enterprise=firm, draft=visit, by=_actor("liaison"))


def _waits(row: Appointment) -> None:
    """One visit is over the cap and waits for somebody's word."""
    row.state, row.over_cap, row.approval_reason = "awaiting", True, "环保整改期限临近，须当面核对（演示）"
    db.session.flush()


def _improvement(firms: Sequence[tuple[Enterprise, int]]) -> None:
    """Diagnoses, plans and projects in every state."""
    today, expert, leader = clock.today(), _actor("expert"), _actor("teamlead")
    for place, (firm, team_id) in enumerate(firms):
        full = place % 3 == 0
        row = diagnoses.begin(enterprise=firm, template_code="full" if full else "light", done_on=today - timedelta(days=20 + place), by=expert)
        diagnoses.save(
            diagnosis=row, enterprise=firm, head=Head(row.done_on, EXPERTS, "订单基本稳定，设备利用率约七成。", "以现场和数据两条线推进，先易后难。"),
            answers={item.id: _answer(place, n) for n, item in enumerate(diagnoses.items_of(row.id))}, version=row.version, finish=place % 10 != 9, by=expert,
        )
        if row.state == "finished" and place % 2 == 0:
            _plan(firm, row.id, place, leader)
        if place % 3 != 1:
            _project(firm, team_id, place, leader)
        if place % 4 == 0:
            amount = Decimal(1_500_000 + 500_000 * (place % 9))
            wanted = finance.FinanceDraft("working", "备料和发工资", amount, 12, today + timedelta(days=place % 12))
            need = finance.raise_need(enterprise=firm, draft=wanted, by=expert)
            if place % 8 == 0:
                finance.take_step(need=need, enterprise=firm, step="match", version=1, reason="聊城农商银行（演示）", by=expert)
            if place % 16 == 0:
                finance.take_step(need=need, enterprise=firm, step="grant", version=2, reason="放款完成", granted_yuan=amount * 4 / 5, by=expert)


def _answer(place: int, n: int) -> Answer:
    if (place * 5 + n * 3) % 7 not in (0, 4):
        return Answer("ok", None, None, None)
    problem, measure = PROBLEMS[(place + n) % len(PROBLEMS)]
    return Answer(FOUND[(place + n) % 3 == 0], ("pain", "difficulty", "weakness")[n % 3], problem, measure)


def _plan(firm: Enterprise, diagnosis_id: int, place: int, by: Actor) -> None:
    today = clock.today()
    draft = plans.PlanDraft("管理提升方案", today - timedelta(days=15), today + timedelta(days=150), "同行业标杆企业（演示）", "王厂长")
    plan = plans.make(enterprise=firm, draft=draft, diagnosis=db.session.get(ServiceDiagnosis, diagnosis_id), by=by)
    items = list(db.session.scalars(select(PlanItem).where(PlanItem.plan_id == plan.id).order_by(PlanItem.position)))
    for n, item in enumerate(items):
        item.gap, item.target, item.owner = "比标杆企业差三成左右", "三个月内补到行业平均", ("王厂长", "财务李主管", "生产赵主任")[n % 3]
        item.due_on = today + timedelta(days=-5 + 12 * n % 120)
    db.session.flush()
    if not items or place % 10 == 8:
        return
    plans.take_step(plan=plan, enterprise=firm, step="start", version=plan.version, reason=None, by=by)
    everything = place % 6 == 0
    for n, item in enumerate(items):
        if everything or n % 2 == 0:
            plans.settle_item(plan=plan, enterprise=firm, item=item, state="done", done_on=None, evidence="现场照片和记录（演示）", by=by)
    if everything:
        plans.take_step(plan=plan, enterprise=firm, step="deliver", version=plan.version, reason=None, by=by)
        if place % 12 == 0:
            plans.take_step(plan=plan, enterprise=firm, step="accept", version=plan.version, reason="短板已补上，同意验收", by=SYSTEM)


def _project(firm: Enterprise, team_id: int, place: int, by: Actor) -> None:
    today = clock.today()
    kind, title = ("transform", "管理提升综合改造") if place % 3 == 0 else ("service", "现场管理和快速换模辅导")
    draft = projects.ProjectDraft(
        title, "瓶颈设备换模时间减半，次品率降到 1% 以内。", today - timedelta(days=120), today + timedelta(days=60 if place % 5 else -10), kind, team_id, None,
        "lean_production", "action6" if kind == "transform" else "action3", "吴专家",
    )
    row = projects.open_project(enterprise=firm, draft=draft, by=by)
    steps = ((), ("start",), ("start", "deliver"), ("start", "deliver", "accept"), ("start", "stop"))[place % 5]
    for label, unit, before, after in (("换模时间", "分钟", 70 - place % 9, 32), ("次品率", "%", 3, 1))[: 2 if "deliver" in steps else 1]:
        result = projects.ResultDraft(label, unit, Decimal(before), Decimal(after), "现场记录（演示）")
        projects.add_result(project=row, enterprise=firm, draft=result, by=by)
    projects.change_project(project=row, enterprise=firm, draft=draft, summary="两台瓶颈设备完成快速换模，班组形成标准作业。", version=row.version, by=by)
    for step in steps:
        actor = SYSTEM if step == "accept" else by
        projects.take_step(project=row, enterprise=firm, step=step, version=row.version, reason="按计划完成（演示）", visits=1, by=actor)


def _helped(firms: Sequence[tuple[Enterprise, int]]) -> None:
    """Consulting and training by platforms."""
    today = clock.today()
    topics = ("成本核算", "股权和治理结构", "精益班组长", "专精特新申报", "研发费用归集")
    for place, (firm, _) in enumerate(firms):
        kind = "training" if place % 2 else "consult"
        draft = consulting.ConsultDraft(kind, today - timedelta(days=(place * 11) % 300), topics[place % len(topics)], "聊城中小企业公共服务中心")
        consulting.record(enterprise=firm, draft=draft, by=SYSTEM)
