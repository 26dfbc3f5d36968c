"""Deadlines of demands: the next clock of every open one, what assisting departments owe, ratings to come, call-backs, silence. Read only, set based."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from app.demands.models import Demand, DemandExtension, DemandPart
from app.demands.queries.scope import demand_in_scope
from app.demands.rules.policy import DemandPolicy, policy_of
from app.demands.rules.states import OPEN_TABS
from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.kernel.due import DueItem
from app.kernel.scope import Scope
from app.kernel.worktime import WorkCalendar
from app.policies.queries import CityPack, packs_by_city, work_calendar

CAPABILITY = "demands"
VERBS = {"contact": ("联系企业", "首次联系"), "reply": ("答复", "答复"), "solve": ("办结", "办结")}
CALL_BACK_FOR = 30
"""Days after its day for which a call-back is still announced."""


def due_items(today: date, scope: Scope) -> Iterator[DueItem]:
    """Everything open and everything that waits for an answer, within the scope; words and limits are those of each city's pack."""
    cities = {city.id: city for city in packs_by_city() if city.pack is not None}
    yield from _clocks(scope)
    yield from _parts(scope)
    yield from _extensions(scope)
    for city in cities.values():
        yield from _of_city(today, scope, city)


def _of_city(today: date, scope: Scope, city: CityPack) -> Iterator[DueItem]:
    assert city.pack is not None
    policy, calendar = policy_of(city.pack), work_calendar(city.id)
    yield from _ratings(scope, city.id, policy, calendar)
    yield from _low(scope, city.id, policy, calendar)
    yield from _call_backs(today, scope, city.id, policy)
    yield from _silent(today, scope, city.id, policy, calendar)


def _who(row: Any) -> dict[str, Any]:
    """Whom it concerns: the handler, his department, or the office of the county or city while nobody has it."""
    if row.needs_ruling:
        return {"area_id": row.city_id}
    if row.organisation_id is None:
        return {"user_id": row.handler_id, "area_id": row.unit_id or row.city_id}
    return {"user_id": row.handler_id, "organisation_id": row.organisation_id}


_COLUMNS = (
    Demand.id, Demand.number, Demand.title, Demand.enterprise_id, Demand.city_id, Demand.unit_id, Demand.organisation_id, Demand.handler_id,
    Demand.needs_ruling, Demand.round, Demand.due_step, Demand.due_at, Demand.solved_at, Demand.closed_at, Demand.moved_at, Demand.rated_at,
    Demand.call_back_count, Demand.claimed_name, Enterprise.name,
)


def _rows(scope: Scope, *conditions: ColumnElement[bool]) -> Any:
    statement = select(*_COLUMNS).outerjoin(Enterprise, Enterprise.id == Demand.enterprise_id).where(demand_in_scope(scope), *conditions)
    return db.session.execute(statement.order_by(Demand.id))


def _item(row: Any, kind: str, at: date | datetime, label: str, verb: str, subject: str = "", **more: Any) -> DueItem:
    moment = at if isinstance(at, datetime) else None
    day = clock.local(at).date() if isinstance(at, datetime) else at
    who = row.name or row.claimed_name or "未对应企业"
    return DueItem(
        CAPABILITY, kind, subject or f"demand:{row.id}:{row.round}", day, f"“{who}”{label}：{row.title}（{row.number}）", "demands.show", {"demand_id": row.id},
        row.enterprise_id, due_at=moment, verb=verb, **more,
    )


def _clocks(scope: Scope) -> Iterator[DueItem]:
    running = (Demand.tab.in_(OPEN_TABS), Demand.paused_at.is_(None), Demand.due_at.is_not(None))
    for row in _rows(scope, *running):
        verb, label = VERBS[row.due_step]
        yield _item(row, f"{row.due_step}_due", row.due_at, f"诉求{label}", "签收" if row.handler_id is None and row.organisation_id else verb, **_who(row))


def _parts(scope: Scope) -> Iterator[DueItem]:
    statement = (
        select(DemandPart.id.label("part_id"), DemandPart.organisation_id.label("helper_id"), *_COLUMNS).select_from(DemandPart)
        .join(Demand, Demand.id == DemandPart.demand_id).outerjoin(Enterprise, Enterprise.id == Demand.enterprise_id)
        .where(DemandPart.role == "assist", DemandPart.state.in_(("sent", "handling")))
        .where(Demand.tab.in_(OPEN_TABS), Demand.due_at.is_not(None))
    )
    for row in db.session.execute(statement.where(demand_in_scope(scope)).order_by(DemandPart.id)):
        yield _item(row, "part_due", row.due_at, "诉求协办反馈", "反馈意见", f"part:{row.part_id}", organisation_id=row.helper_id)


def _extensions(scope: Scope) -> Iterator[DueItem]:
    waiting = select(DemandExtension.demand_id).where(DemandExtension.state == "asked")
    for row in _rows(scope, Demand.id.in_(waiting), Demand.due_at.is_not(None)):
        yield _item(row, "extension_waiting", row.due_at, "诉求延期待审批", "审批延期", area_id=row.unit_id or row.city_id)


def _ratings(scope: Scope, city_id: int, policy: DemandPolicy, calendar: WorkCalendar) -> Iterator[DueItem]:
    if policy.rating_workdays is None:
        return
    for row in _rows(scope, Demand.state == "answered", Demand.city_id == city_id, Demand.solved_at.is_not(None), Demand.enterprise_id.is_not(None)):
        yield _item(row, "rating_due", calendar.due_after(row.solved_at, policy.rating_workdays), "诉求待评价", "评价")


def _low(scope: Scope, city_id: int, policy: DemandPolicy, calendar: WorkCalendar) -> Iterator[DueItem]:
    """A low rating wants an answer: reopened or called back."""
    days = policy.reply.value if policy.reply is not None and policy.reply.unit != "小时" else 1
    since = clock.now() - timedelta(days=CALL_BACK_FOR)
    open_ones = (Demand.rating <= policy.low_rating, Demand.state == "closed", Demand.call_back_count == 0, Demand.rated_at >= since)
    for row in _rows(scope, Demand.city_id == city_id, *open_ones):
        yield _item(row, "low_rating", calendar.due_after(row.rated_at, days), "诉求差评待整改", "回访整改", area_id=row.unit_id or row.city_id)


def _call_backs(today: date, scope: Scope, city_id: int, policy: DemandPolicy) -> Iterator[DueItem]:
    """Who said himself that he is satisfied is not called again."""
    asked = Demand.rating.is_(None) | (Demand.rating < policy.satisfied_from)
    for place, days in enumerate(policy.call_back_days):
        first, last = clock.start_of_day(today - timedelta(days=days + CALL_BACK_FOR)), clock.end_of_day(today - timedelta(days=max(days - 7, 0)))
        rows = _rows(
            scope, Demand.city_id == city_id, Demand.state == "closed", Demand.closed_at.between(first, last), Demand.call_back_count <= place, asked,
            Demand.source != "import",
        )
        for row in rows:
            day = clock.local(row.closed_at).date() + timedelta(days=days)
            subject = f"demand:{row.id}:{row.round}:{days}"
            yield _item(row, "callback_due", day, f"诉求办结 {days} 天回访", "回访", subject, area_id=row.unit_id or row.city_id)


def _silent(today: date, scope: Scope, city_id: int, policy: DemandPolicy, calendar: WorkCalendar) -> Iterator[DueItem]:
    if policy.silence_workdays is None:
        return
    first_quiet = calendar.back(today, policy.silence_workdays + 1)
    quiet = (Demand.tab == "handling", Demand.paused_at.is_(None), Demand.moved_at < clock.start_of_day(first_quiet))
    for row in _rows(scope, Demand.city_id == city_id, *quiet):
        day = calendar.add_workdays(clock.local(row.moved_at).date(), policy.silence_workdays)
        yield _item(row, "silent", day, f"诉求 {policy.silence_workdays} 个工作日没有进展", "登记进展", **_who(row))
