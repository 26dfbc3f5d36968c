"""What every change of a demand shares: claiming the row, its history, its next deadline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from app.demands.models import NO_DEADLINE, Demand, DemandClock, DemandEvent
from app.demands.rules.clocks import Due
from app.demands.rules.policy import DemandPolicy, policy_of
from app.demands.rules.states import EVENTS, OPEN, STATES, STEP, STEPS, TAB_OF, Step
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.text import clean
from app.kernel.worktime import WorkCalendar
from app.packs import Pack
from app.policies.queries import pack_of_city, work_calendar

WORDS = 2000


@dataclass(frozen=True)
class Seat:
    """From which chair somebody acts. ``office``: an officer of the bureau or a county; ``city``: of the whole city; ``organisation_ids``: departments."""

    office: bool = True
    city: bool = True
    organisation_ids: frozenset[int] = frozenset()


OFFICE = Seat()


def pack_for(demand: Demand) -> Pack:
    return pack_of_city(demand.city_id)


def policy_for(demand: Demand) -> DemandPolicy:
    """The limits of the demand's city."""
    return policy_of(pack_for(demand))


def calendar_for(demand: Demand) -> WorkCalendar:
    return work_calendar(demand.city_id)


def subject(demand: Demand) -> Subject:
    return Subject("demand", demand.id, f"{demand.number} {demand.title}")


def said(text: str | None, field: str, what: str, *, required: bool = True, most: int = WORDS) -> str | None:
    """A text a person gave, cleaned. Raises ``Invalid`` on its field."""
    found = clean(text or "", multiline=True)
    if required and not found:
        raise Invalid(f"{field}_missing", f"请填写{what}。", field)
    if len(found) > most:
        raise Invalid(f"{field}_long", f"{what}最多 {most} 个字，现在 {len(found)} 个字，请精简。", field)
    return found or None


def event(demand: Demand, kind: str, text: str | None, *, by: Actor, organisation_id: int | None = None, at: datetime | None = None) -> DemandEvent:
    """Add a line of history and note the movement."""
    row = DemandEvent(
        demand_id=demand.id, kind=kind, text=text, organisation_id=organisation_id, at=at or clock.now(), by_id=by.user_id, by_name=by.name[:80],
        version=demand.version,
    )
    db.session.add(row)
    return row


def last_event(demand_id: int) -> DemandEvent | None:
    return db.session.scalars(select(DemandEvent).where(DemandEvent.demand_id == demand_id).order_by(DemandEvent.id.desc()).limit(1)).first()


def just_said(demand: Demand, kind: str, text: str | None, by: Actor) -> bool:
    """The same person's last word, once more (double click, page sent twice). Holds the row, so that two at once are one after the other."""
    db.session.refresh(demand, with_for_update=True)
    last = last_event(demand.id)
    return last is not None and (last.kind, last.text, last.by_id) == (kind, text, by.user_id)


def claim(demand: Demand, step: str, version: int | None, *, by: Actor, **values: Any) -> bool:
    """Take a step on condition that nobody else did since the page was opened. False = the same person's second click, nothing was changed.

    ``version`` None: the step may be taken whatever happened meanwhile, as long as the state allows it (notes, contacts). Raises ``Conflict`` in words.
    """
    found = STEP[step]
    before = demand.state
    target = values.pop("state", found.target) or before
    statement = update(Demand).where(Demand.id == demand.id, Demand.state.in_(sorted(found.origins)))
    if version is not None:
        statement = statement.where(Demand.version == version)
    now = clock.now()
    values |= {"state": target, "tab": TAB_OF[target], "version": Demand.version + 1, "updated_at": now, "moved_at": now}
    result = db.session.execute(statement.values(**values).execution_options(synchronize_session=False))
    claimed = cast("CursorResult[Any]", result).rowcount
    db.session.refresh(demand)
    if claimed:
        return True
    last = last_event(demand.id)
    again = last is not None and last.kind == step and last.by_id == by.user_id and version is not None and last.version == version + 1
    if again:
        return False
    raise overtaken(demand, found, last)


def overtaken(demand: Demand, step: Step, last: DemandEvent | None) -> Conflict:
    """Says who did what meanwhile."""
    who = f"{last.by_name}于 {clock.local(last.at):%Y-%m-%d %H:%M} 登记“{EVENTS[last.kind]}”，" if last is not None else ""
    if demand.state not in step.origins:
        why = who.rstrip("，") or "状态已变化"
        text = f"诉求 {demand.number} 现在是“{STATES[demand.state]}”（{why}），不能再“{step.label}”。您填写的内容没有保存，请查看最新情况。"
    else:
        text = f"诉求 {demand.number} 在您办理期间已有变化（{who}现在是“{STATES[demand.state]}”），“{step.label}”没有执行。请核对最新情况后再提交。"
    return Conflict("demand_changed", text)


def must_lead(demand: Demand, seat: Seat) -> None:
    """Only the leading department or an officer; an assisting one gives its opinion instead."""
    if not seat.office and demand.organisation_id not in seat.organisation_ids:
        raise Forbidden("not_leading", f"诉求 {demand.number} 由其他部门主办，本单位是协办，请在“协办”里填写反馈意见。")


# --- clocks


def clocks_of(demand: Demand) -> list[DemandClock]:
    """Clocks of the present round."""
    return list(db.session.scalars(select(DemandClock).where(DemandClock.demand_id == demand.id, DemandClock.round == demand.round)))


def start_clocks(demand: Demand, dues: list[Due]) -> None:
    """Set the clocks of the round going and write them on the demand."""
    for due in dues:
        db.session.add(DemandClock(
            demand_id=demand.id, round=demand.round, step=due.step, started_at=due.started_at, first_due_at=due.due_at, due_at=due.due_at,
            yellow_at=due.yellow_at, limit_words=f"{due.limit.value} {due.limit.unit}"[:30], document=due.limit.document, confirmed=due.limit.confirmed,
        ))
        setattr(demand, f"{due.step}_due_at", due.due_at)
    db.session.flush()
    show_due(demand)


def meet(demand: Demand, *steps: str, at: datetime) -> None:
    """The steps have been taken: their clocks stop (each once), the next one shows."""
    columns = {"contact": "contacted_at", "reply": "replied_at", "solve": "solved_at"}
    for step in steps:
        if getattr(demand, columns[step]) is None:
            setattr(demand, columns[step], at)
    for row in clocks_of(demand):
        if row.step in steps and row.met_at is None:
            row.met_at = at
    db.session.flush()
    show_due(demand)


def show_due(demand: Demand) -> None:
    """Write on the demand what is due next, and what it is sorted by."""
    waiting = [row for row in clocks_of(demand) if row.met_at is None] if demand.state in OPEN else []
    following = min(waiting, key=lambda row: (row.due_at, list(STEPS).index(row.step)), default=None)
    demand.due_step, demand.due_at, demand.yellow_at = (following.step, following.due_at, following.yellow_at) if following else (None, None, None)
    for row in waiting:
        setattr(demand, f"{row.step}_due_at", row.due_at)
    demand.sort_at = _sort_at(demand)
    db.session.flush()


def _sort_at(demand: Demand) -> datetime:
    if demand.state in OPEN:
        return NO_DEADLINE if demand.paused_at is not None or demand.due_at is None else demand.due_at
    if demand.state == "answered":
        return demand.solved_at or demand.updated_at
    return demand.closed_at or demand.updated_at


def done(demand: Demand, kind: str, old: Any, new: Any, *, by: Actor) -> None:
    """The audit row, and flush."""
    audit.record(f"demand.{kind}", subject(demand), old, new, by=by)
    db.session.flush()
