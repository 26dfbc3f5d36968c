"""What comes after the answer: evaluation, reopening, call-back, withdrawal; and what happens by itself: silence counts as closed, lateness is reported."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.demands.actions._common import OFFICE, Seat, calendar_for, claim, done, event, policy_for, said, show_due, start_clocks
from app.demands.actions.handling import resume_overdue_pauses
from app.demands.actions.routing import parts_of
from app.demands.models import Demand, DemandPause
from app.demands.rules.clocks import again, escalation_level
from app.demands.rules.states import OPEN, OPEN_TABS, RATINGS, STATES
from app.enterprises.models import Enterprise
from app.infra import clock, outbox
from app.infra.db import db
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Conflict, Invalid

BATCH = 500
VIA = {"contact": "企业联络员", "link": "企业专用页面", "officer": "工作人员回访记录"}


def rate_demand(*, demand: Demand, rating: int, note: str | None, via: str, version: int, by: Actor) -> bool:
    """The enterprise's word on the answer; the last one counts. A low one asks for a correction (it is announced, and the demand may be reopened)."""
    if rating not in RATINGS:
        raise Invalid("rating", "请选择满意程度。", "rating")
    words = said(note, "text", "评价说明", required=rating <= policy_for(demand).low_rating, most=500)
    now, before = clock.now(), demand.rating
    values = {"rating": rating, "rating_note": words, "rated_at": now, "rated_via": via, "closed_at": demand.closed_at or now}
    if not claim(demand, "rate", version, by=by, **values):
        return False
    event(demand, "rate", f"{RATINGS[rating]}（{rating} 分，{VIA[via]}）。{words or ''}", by=by)
    show_due(demand)
    if rating <= policy_for(demand).low_rating:
        key = f"demand.rated_low:{demand.id}:{demand.version}"
        outbox.publish("demand.rated_low", key, {"demand_id": demand.id, "enterprise_id": demand.enterprise_id, "organisation_id": demand.organisation_id})
    done(demand, "rated", {"rating": before}, {"rating": rating, "via": via}, by=by)
    return True


def reopen_demand(*, demand: Demand, reason: str, version: int, by: Actor, seat: Seat = OFFICE, by_enterprise: bool = False) -> bool:
    """It was not settled: back to the same handler with new clocks; the old ones stay in the history."""
    why, days = said(reason, "text", "重办的理由", most=1000), policy_for(demand).reopen_days
    if by_enterprise and demand.closed_at is not None and clock.now() > demand.closed_at + timedelta(days=days):
        raise Conflict("reopen_late", f"办结已超过 {days} 天，不能再要求重办。如有新的情况，请另提一件诉求。")
    handler = "handling" if demand.handler_id is not None else "sent" if demand.organisation_id is not None else "new"
    values = {
        "state": handler, "round": Demand.round + 1, "reopen_count": Demand.reopen_count + 1, "solved_at": None, "closed_at": None, "replied_at": None,
        "reply_due_at": None, "solve_due_at": None, "outcome": None, "extension_count": 0, "escalation_level": 0,
    }
    if not claim(demand, "reopen", version, by=by, **values):
        return False
    for part in parts_of(demand):
        if part.role == "lead" and part.state == "done" and part.organisation_id == demand.organisation_id:
            part.state, part.ended_at = "handling", None
    event(demand, "reopen", why, by=by, organisation_id=demand.organisation_id)
    start_clocks(demand, again(clock.now(), policy_for(demand), calendar_for(demand), fast=demand.fast))
    said_to = {"demand_id": demand.id, "organisation_id": demand.organisation_id, "user_id": demand.handler_id}
    outbox.publish("demand.reopened", f"demand.reopened:{demand.id}:{demand.round}", said_to)
    done(demand, "reopened", None, {"reason": why, "round": demand.round}, by=by)
    return True


def withdraw_demand(*, demand: Demand, reason: str | None, version: int, by: Actor) -> bool:
    """The enterprise takes it back."""
    why = said(reason, "text", "撤回原因", required=False, most=500)
    if not claim(demand, "withdraw", version, by=by, closed_at=clock.now(), paused_at=None):
        return False
    for row in db.session.scalars(select(DemandPause).where(DemandPause.demand_id == demand.id, DemandPause.to_at.is_(None))):
        row.to_at = clock.now()
    event(demand, "withdraw", why, by=by)
    show_due(demand)
    done(demand, "withdrawn", None, {"reason": why}, by=by)
    return True


def log_call_back(*, demand: Demand, text: str, by: Actor) -> bool:
    """Asking the enterprise some time later whether it holds."""
    words = said(text, "text", "回访情况", most=1000)
    if not claim(demand, "call_back", demand.version, by=by, call_back_count=Demand.call_back_count + 1):
        return False
    event(demand, "call_back", words, by=by)
    done(demand, "called_back", None, {"text": words}, by=by)
    return True


def tidy_up() -> int:
    """What the clock itself does, in small steps that may run at any moment and twice: pauses end, silence closes, lateness is reported."""
    now = clock.now()
    return resume_overdue_pauses(now) + close_unrated(now) + escalate_late(now)


def close_unrated(now: datetime) -> int:
    """Answered long ago and not rated: closed as such, without a rating."""
    count = 0
    for demand in db.session.scalars(select(Demand).where(Demand.state == "answered").order_by(Demand.solved_at).limit(BATCH)):
        days = policy_for(demand).rating_workdays
        if days is None or demand.solved_at is None or now <= calendar_for(demand).due_after(demand.solved_at, days):
            continue
        if claim(demand, "rate", demand.version, by=SYSTEM, closed_at=now):
            event(demand, "unrated", f"{days} 个工作日内没有评价，按未评价办结。", by=SYSTEM)
            show_due(demand)
            done(demand, "unrated", {"state": "answered"}, {"state": "closed"}, by=SYSTEM)
            count += 1
    return count


def escalate_late(now: datetime) -> int:
    """Overdue for as many working days as the pack says: noted, told upwards, once per step."""
    count = 0
    late = select(Demand).where(Demand.tab.in_(OPEN_TABS), Demand.sort_at < now, Demand.state.in_(sorted(OPEN))).order_by(Demand.sort_at).limit(5 * BATCH)
    for demand in db.session.scalars(late):
        if demand.due_at is None:
            continue
        level = escalation_level(demand.due_at, now, policy_for(demand).escalation_workdays, calendar_for(demand))
        if level > demand.escalation_level:
            demand.escalation_level, demand.version, demand.updated_at = level, demand.version + 1, now
            event(demand, "escalate", f"“{STATES[demand.state]}”逾期，第 {level} 次上报。", by=SYSTEM, organisation_id=demand.organisation_id)
            said_to = {"demand_id": demand.id, "organisation_id": demand.organisation_id, "level": level, "city_id": demand.city_id, "unit_id": demand.unit_id}
            outbox.publish("demand.escalated", f"demand.escalated:{demand.id}:{demand.round}:{demand.due_step}:{level}", said_to)
            done(demand, "escalated", None, {"level": level}, by=SYSTEM)
            count += 1
    return count


def follow_enterprises(ids: object) -> None:
    """Demands stand where their enterprise stands (it moved, it was merged, its town changed hands); no ids = look at all of them."""
    here = select(Enterprise.city_id, Enterprise.unit_id, Enterprise.town_id).where(Enterprise.id == Demand.enterprise_id)
    wanted = sorted(ids) if isinstance(ids, (set, frozenset, list, tuple)) else []
    statement = update(Demand).where(Demand.enterprise_id.is_not(None)).values(
        city_id=here.with_only_columns(Enterprise.city_id).scalar_subquery(), unit_id=here.with_only_columns(Enterprise.unit_id).scalar_subquery(),
        town_id=here.with_only_columns(Enterprise.town_id).scalar_subquery(),
    ).execution_options(synchronize_session=False)
    moved = select(Enterprise.id).where(Enterprise.id == Demand.enterprise_id, (Enterprise.town_id != Demand.town_id) | (Enterprise.unit_id != Demand.unit_id))
    if wanted:
        for first in range(0, len(wanted), 500):
            db.session.execute(statement.where(Demand.enterprise_id.in_(wanted[first : first + 500])))
        return
    db.session.execute(statement.where(moved.exists()))

