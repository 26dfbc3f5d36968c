"""Where a demand goes: taken by the office itself, routed to a department, accepted, sent back, passed on, shared with assisting departments."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.areas.models import Organisation
from app.demands.actions._common import OFFICE, Seat, claim, done, event, just_said, must_lead, policy_for, said, show_due
from app.demands.models import ACTIVE, Demand, DemandPart
from app.demands.queries.departments import get_department
from app.demands.rules.states import OPEN, PART_STATES, STATES
from app.infra import clock, outbox
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound


def parts_of(demand: Demand, *, lock: bool = False) -> list[DemandPart]:
    """Departments of the demand, oldest first."""
    statement = select(DemandPart).where(DemandPart.demand_id == demand.id).order_by(DemandPart.id)
    return list(db.session.scalars(statement.with_for_update() if lock else statement))


def _lead(demand: Demand) -> DemandPart | None:
    return next((part for part in reversed(parts_of(demand)) if part.role == "lead" and part.state in ACTIVE), None)


def _end_lead(demand: Demand, state: str, opinion: str | None = None) -> None:
    part = _lead(demand)
    if part is not None:
        part.state, part.ended_at, part.opinion = state, clock.now(), opinion or part.opinion
        db.session.flush()


def _begin_lead(demand: Demand, organisation: Organisation, ask: str | None) -> None:
    """The department leads from now on; if it was assisting, its share becomes the leading one."""
    known = next((part for part in parts_of(demand) if part.organisation_id == organisation.id and part.state in ACTIVE), None)
    if known is None:
        known = DemandPart(demand_id=demand.id, organisation_id=organisation.id, role="lead", sent_at=clock.now())
        db.session.add(known)
    known.role, known.state, known.ask, known.accepted_at, known.handler_name = "lead", "sent", ask, None, None
    demand.organisation_id = organisation.id
    db.session.flush()


def _tell(demand: Demand, organisation: Organisation) -> None:
    key = f"demand.dispatched:{demand.id}:{demand.version}"
    outbox.publish("demand.dispatched", key, {"demand_id": demand.id, "organisation_id": organisation.id, "enterprise_id": demand.enterprise_id})


def dispatch_demand(*, demand: Demand, organisation_id: int, version: int, by: Actor, ask: str | None = None, seat: Seat = OFFICE) -> bool:
    """Route to a department. After too many bounces only the bureau does it, and then the department may not send it back."""
    organisation = get_department(demand.city_id, demand.unit_id, organisation_id)
    ask = said(ask, "ask", "转办要求", required=False, most=500)
    _may_rule(demand, seat)
    if demand.organisation_id == organisation.id and demand.state != "new":
        raise Invalid("same_department", f"这件诉求现在就由{organisation.name}办理，请选择其他部门。", "organisation_id")
    before, ruling = demand.organisation_id, demand.needs_ruling
    if not claim(demand, "dispatch", version, by=by, handler_id=None, handler_name=None, needs_ruling=False, ruled=demand.ruled or ruling, paused_at=None):
        return False
    _end_lead(demand, "gone")
    _begin_lead(demand, organisation, ask)
    text = f"转{organisation.name}办理{'（市局指定，不得退回）' if ruling else ''}。{ask or ''}"
    event(demand, "dispatch", text, by=by, organisation_id=organisation.id)
    show_due(demand)
    _tell(demand, organisation)
    done(demand, "dispatched", {"organisation": before}, {"organisation": organisation.id, "ruled": demand.ruled}, by=by)
    return True


def _may_rule(demand: Demand, seat: Seat) -> None:
    """After too many bounces only the bureau decides."""
    if demand.needs_ruling and not seat.city:
        raise Forbidden("ruling", f"诉求 {demand.number} 已被退回 {demand.bounce_count} 次，须由市局指定承办部门。")


def take_demand(*, demand: Demand, version: int, by: Actor, seat: Seat = OFFICE) -> bool:
    """The office handles it itself."""
    _may_rule(demand, seat)
    if not claim(demand, "take", version, by=by, handler_id=by.user_id, handler_name=by.name[:80], needs_ruling=False):
        return False
    event(demand, "take", None, by=by)
    show_due(demand)
    done(demand, "taken", {"state": "new"}, {"state": demand.state, "handler": by.user_id}, by=by)
    return True


def accept_demand(*, demand: Demand, version: int, by: Actor, seat: Seat = OFFICE) -> bool:
    """The department takes it; whoever accepts is the handler."""
    must_lead(demand, seat)
    if not claim(demand, "accept", version, by=by, handler_id=by.user_id, handler_name=by.name[:80]):
        return False
    part = _lead(demand)
    if part is not None:
        part.state, part.accepted_at, part.handler_name = "handling", clock.now(), by.name[:80]
    event(demand, "accept", None, by=by, organisation_id=demand.organisation_id)
    show_due(demand)
    done(demand, "accepted", {"state": "sent"}, {"state": demand.state, "handler": by.user_id}, by=by)
    return True


def _not_ruled(demand: Demand) -> None:
    if demand.ruled:
        raise Conflict("demand_ruled", f"诉求 {demand.number} 的承办部门由市局指定，不能退回或改转。确有困难的请办理后如实答复，或请其他部门协办。")


def _bounced(demand: Demand) -> dict[str, Any]:
    """Columns of one more bounce; from the limit on the bureau decides."""
    limit, count = policy_for(demand).bounce_limit, demand.bounce_count + 1
    ruling = limit is not None and count >= limit
    return {"bounce_count": count, "needs_ruling": ruling, "handler_id": None, "handler_name": None}


def refuse_demand(*, demand: Demand, reason: str, version: int, by: Actor, seat: Seat = OFFICE) -> bool:
    """Back to whoever routed it, with the reason."""
    must_lead(demand, seat)
    _not_ruled(demand)
    why, sender = said(reason, "text", "退回原因", most=500), demand.organisation_id
    if not claim(demand, "refuse", version, by=by, organisation_id=None, **_bounced(demand)):
        return False
    _end_lead(demand, "refused", why)
    event(demand, "refuse", why, by=by, organisation_id=sender)
    _ruling(demand, by)
    show_due(demand)
    done(demand, "refused", {"organisation": sender}, {"reason": why, "bounces": demand.bounce_count}, by=by)
    return True


def _ruling(demand: Demand, by: Actor) -> None:
    if demand.needs_ruling:
        event(demand, "ruling", f"已退回或改转 {demand.bounce_count} 次，由市局指定承办部门。", by=by)


def transfer_demand(*, demand: Demand, organisation_id: int, reason: str, version: int, by: Actor, seat: Seat = OFFICE) -> bool:
    """A department says it is another's matter. The bounce that reaches the limit goes to the bureau instead."""
    must_lead(demand, seat)
    _not_ruled(demand)
    why, target = said(reason, "text", "改转理由", most=500), get_department(demand.city_id, demand.unit_id, organisation_id)
    if target.id == demand.organisation_id:
        raise Invalid("same_department", "这是现在的承办部门，请选择其他部门。", "organisation_id")
    sender, columns = demand.organisation_id, _bounced(demand)
    state = "new" if columns["needs_ruling"] else "sent"
    if not claim(demand, "transfer", version, by=by, state=state, organisation_id=None if state == "new" else sender, **columns):
        return False
    _end_lead(demand, "gone", why)
    event(demand, "transfer", f"建议改转{target.name}：{why}", by=by, organisation_id=target.id)
    if state == "sent":
        _begin_lead(demand, target, why)
        _tell(demand, target)
    _ruling(demand, by)
    show_due(demand)
    done(demand, "transferred", {"organisation": sender}, {"to": target.id, "reason": why, "bounces": demand.bounce_count}, by=by)
    return True


def reject_demand(*, demand: Demand, reason: str, version: int, by: Actor) -> bool:
    """Not a matter for this desk, with the reason, which the enterprise reads."""
    why = said(reason, "text", "不予受理的理由", most=1000)
    if not claim(demand, "reject", version, by=by, closed_at=clock.now(), answer=why):
        return False
    _end_lead(demand, "gone")
    event(demand, "reject", why, by=by)
    show_due(demand)
    done(demand, "rejected", None, {"reason": why}, by=by)
    return True


def mark_duplicate(*, demand: Demand, original: Demand, version: int, by: Actor) -> bool:
    """The same matter as another demand of the same enterprise: answered there."""
    if original.id == demand.id or original.duplicate_of_id is not None or original.enterprise_id != demand.enterprise_id or demand.enterprise_id is None:
        raise Invalid("duplicate", "只能并入同一企业的另一件诉求（本身没有被并入别处的）。", "original")
    if not claim(demand, "duplicate", version, by=by, closed_at=clock.now(), duplicate_of_id=original.id):
        return False
    _end_lead(demand, "gone")
    event(demand, "duplicate", f"与 {original.number} 为同一事项，合并办理。", by=by)
    event(original, "note", f"{demand.number} 反映同一事项，已并入本件。", by=by)
    show_due(demand)
    done(demand, "merged", None, {"into": original.number}, by=by)
    return True


def add_assist(*, demand: Demand, organisation_id: int, ask: str, by: Actor) -> DemandPart:
    """Ask another department to help; the leading one stays responsible."""
    target, ask_text = get_department(demand.city_id, demand.unit_id, organisation_id), said(ask, "ask", "协办要求", most=500)
    if demand.state not in OPEN:
        raise Conflict("demand_closed", f"诉求 {demand.number} 现在是“{STATES[demand.state]}”，不能再增加协办。")
    part = DemandPart(demand_id=demand.id, organisation_id=target.id, role="assist", ask=ask_text, sent_at=clock.now())
    try:
        with db.session.begin_nested():
            db.session.add(part)
            db.session.flush()
    except IntegrityError as error:
        raise Conflict("part_known", f"{target.name}已经在办理这件诉求，没有重复增加。", "organisation_id") from error
    claim(demand, "assist", None, by=by)
    event(demand, "assist", f"请{target.name}协办：{ask_text}", by=by, organisation_id=target.id)
    _tell(demand, target)
    done(demand, "assist_added", None, {"organisation": target.id, "ask": ask_text}, by=by)
    return part


PART_STEPS = {"assist_accept": ("sent", "handling"), "assist_done": ("sent handling", "done"), "assist_refuse": ("sent handling", "refused")}


def answer_part(*, demand: Demand, part_id: int, step: str, text: str | None, by: Actor, seat: Seat = OFFICE) -> bool:
    """An assisting department accepts, gives its opinion or sends its share back. False = it had done so already."""
    part = next((one for one in parts_of(demand, lock=True) if one.id == part_id and one.role == "assist"), None)
    if part is None or (not seat.office and part.organisation_id not in seat.organisation_ids):
        raise NotFound("没有找到这项协办，可能已撤销。请刷新页面后重试。")
    origins, target = PART_STEPS[step]
    opinion = said(text, "text", "协办意见", required=step != "assist_accept")
    if part.state == target and (step == "assist_accept" or part.opinion == opinion):
        return False
    if part.state not in origins.split() or demand.state not in OPEN:
        raise Conflict("part_changed", f"这项协办现在是“{PART_STATES[part.state]}”（诉求“{STATES[demand.state]}”），不能再办理。请刷新页面查看最新情况。")
    now = clock.now()
    part.state, part.opinion, part.handler_name = target, opinion or part.opinion, by.name[:80]
    part.accepted_at, part.ended_at = part.accepted_at or now, now if target != "handling" else None
    demand.version, demand.updated_at, demand.moved_at = demand.version + 1, now, now
    event(demand, step, opinion, by=by, organisation_id=part.organisation_id)
    done(demand, step, None, {"organisation": part.organisation_id, "opinion": opinion}, by=by)
    return True


def instruct(*, demand: Demand, text: str, by: Actor) -> bool:
    """督办: an instruction to whoever handles it. The same words twice are one instruction."""
    words = said(text, "text", "督办意见", most=1000)
    if just_said(demand, "instruct", words, by):
        return False
    claim(demand, "instruct", None, by=by, instructed_at=clock.now())
    event(demand, "instruct", words, by=by, organisation_id=demand.organisation_id)
    said_to = {"demand_id": demand.id, "organisation_id": demand.organisation_id, "user_id": demand.handler_id}
    outbox.publish("demand.instructed", f"demand.instructed:{demand.id}:{demand.version}", said_to)
    done(demand, "instructed", None, {"text": words}, by=by)
    return True

