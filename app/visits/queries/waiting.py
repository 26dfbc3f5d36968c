"""Deadlines of requests, appointments, plans and of silence, for ``due``: read only, one statement each."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.kernel.due import DueItem
from app.kernel.scope import Scope
from app.policies.queries import PackByCity
from app.visits.models import Appointment, FinanceNeed, ImprovementPlan, PlanItem, ServiceRequest
from app.visits.queries import results
from app.visits.queries.policy import days_of
from app.visits.rules.finance import OPEN as FINANCE_OPEN

CAPABILITY = "visits"
LOOK_AHEAD = timedelta(days=30)
NO_CONTACT = "no_contact_days"
"""Setting: after how many days without contact somebody is told; those never contacted count from the day of entry."""


def waiting_items(today: date, scope: Scope) -> Iterator[DueItem]:
    """Everything that waits, within the scope."""
    yield from _requests(scope)
    yield from _appointments(today, scope)
    yield from _milestones(today, scope)
    yield from _finance(today, scope)
    yield from _silence(today, scope)


def _requests(scope: Scope) -> Iterator[DueItem]:
    rows = db.session.execute(
        select(ServiceRequest.id, ServiceRequest.due_at, ServiceRequest.team_id, Enterprise.id, Enterprise.name)
        .join(Enterprise, Enterprise.id == ServiceRequest.enterprise_id).where(ServiceRequest.state == "new", in_scope(scope))
        .order_by(ServiceRequest.due_at, ServiceRequest.id)
    )
    for id_, due_at, team_id, enterprise_id, name in rows:
        yield DueItem(
            CAPABILITY, "request_unanswered", f"request:{id_}", clock.local(due_at).date(), f"“{name}”的服务申请待答复", "visits.request_page",
            {"request_id": id_}, enterprise_id, team_id=team_id, due_at=due_at, verb="答复",
        )


def _appointments(today: date, scope: Scope) -> Iterator[DueItem]:
    """Visits that are due, and those whose day has passed without a record; what waits for an approval is another kind."""
    rows = db.session.execute(
        select(Appointment.id, Appointment.planned_on, Appointment.state, Appointment.team_id, Appointment.planned_by, Enterprise.id, Enterprise.name)
        .join(Enterprise, Enterprise.id == Appointment.enterprise_id)
        .where(Appointment.state.in_(("awaiting", "proposed", "confirmed")), Appointment.planned_on <= today + LOOK_AHEAD, in_scope(scope))
        .order_by(Appointment.planned_on, Appointment.id)
    )
    for id_, planned_on, state, team_id, planned_by, enterprise_id, name in rows:
        waits = state == "awaiting"
        label = f"“{name}”的走访超过打扰上限或在宁静日，待审批" if waits else f"走访“{name}”" + ("，还没有登记" if planned_on < today else "")
        yield DueItem(
            CAPABILITY, "approval_waiting" if waits else "appointment_due", f"appointment:{id_}", planned_on, label, "visits.appointment",
            {"appointment_id": id_}, enterprise_id, user_id=None if waits else planned_by, team_id=team_id, verb="审批" if waits else "登记走访",
        )


def _milestones(today: date, scope: Scope) -> Iterator[DueItem]:
    rows = db.session.execute(
        select(PlanItem.id, PlanItem.due_on, PlanItem.problem, ImprovementPlan.id, ImprovementPlan.team_id, Enterprise.id, Enterprise.name)
        .join(ImprovementPlan, ImprovementPlan.id == PlanItem.plan_id).join(Enterprise, Enterprise.id == ImprovementPlan.enterprise_id)
        .where(PlanItem.state == "open", ImprovementPlan.state == "active", PlanItem.due_on <= today + LOOK_AHEAD, in_scope(scope))
        .order_by(PlanItem.due_on, PlanItem.id)
    )
    for id_, due_on, problem, plan_id, team_id, enterprise_id, name in rows:
        yield DueItem(
            CAPABILITY, "milestone_due", f"plan_item:{id_}", due_on, f"“{name}”提升方案：{problem[:30]}", "visits.plan", {"plan_id": plan_id},
            enterprise_id, team_id=team_id, verb="登记完成",
        )


def _finance(today: date, scope: Scope) -> Iterator[DueItem]:
    rows = db.session.execute(
        select(FinanceNeed.id, FinanceNeed.next_on, FinanceNeed.created_by, Enterprise.id, Enterprise.name)
        .join(Enterprise, Enterprise.id == FinanceNeed.enterprise_id)
        .where(FinanceNeed.state.in_(FINANCE_OPEN), FinanceNeed.next_on <= today + LOOK_AHEAD, in_scope(scope))
        .order_by(FinanceNeed.next_on, FinanceNeed.id)
    )
    for id_, next_on, author, enterprise_id, name in rows:
        yield DueItem(
            CAPABILITY, "finance_due", f"finance:{id_}", next_on, f"“{name}”的融资需求跟进", "visits.finance_need", {"need_id": id_}, enterprise_id,
            user_id=author, verb="跟进",
        )


def _silence(today: date, scope: Scope) -> Iterator[DueItem]:
    """Served enterprises nobody ever visited, and those nobody was in touch with; both from the first of the city's days on."""
    packs = PackByCity()
    statement = results.served(scope, results.Asked(), today).add_columns(Enterprise.city_id).order_by(Enterprise.id)
    for row in db.session.execute(statement):
        firm = results.firm_of(row)
        first = timedelta(days=days_of(packs.of(row.city_id), NO_CONTACT, [30])[0])
        kind, since, words = "no_contact", firm.contacted_on or firm.entered_on, "很久没有联系"
        if firm.visited_on is None:
            kind, since, words = "never_visited", firm.entered_on, "入队后从未走访"
        if since + first <= today:
            yield DueItem(
                CAPABILITY, kind, f"enterprise:{firm.id}", since + first, f"“{firm.name}”{words}（自 {since:%Y-%m-%d}）", "visits.result",
                {"enterprise_id": firm.id}, firm.id, confirmed=False, team_id=firm.team_id, verb="安排走访",
            )
