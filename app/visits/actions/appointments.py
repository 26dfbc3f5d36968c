"""Appointments: planned with a basis, within the cap or approved, confirmed by the enterprise, joined by others, closed by a visit or with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.enterprises.models import Enterprise, EnterpriseSummary
from app.infra import clock, outbox
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.visits.actions import disturbance, requests
from app.visits.actions.steps import Refused, change, checked, note, said
from app.visits.models.requests import Appointment, AppointmentPerson, AppointmentTeam, ServiceRequest
from app.visits.queries.disturbance import decide
from app.visits.rules.booking import (
    APPOINTMENT_OPEN,
    APPOINTMENT_STEPS,
    BASES,
    CONFIRMED_HOW,
    own_plan,
    time_problems,
)
from app.visits.rules.disturbance import Decision
from app.visits.rules.visit import MODES

WORD = "这次预约"


@dataclass(frozen=True)
class Person:
    """Who comes; ``user_id`` None: without an account."""

    name: str
    user_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True)
class AppointmentDraft:
    """A visit to be. ``confirmed_how`` set: the enterprise has already agreed. ``approval_reason``: why it must be over the cap or on a quiet day."""

    planned_on: date
    purpose: str
    basis: str = "appointment"
    team_id: int | None = None
    starts: str = ""
    ends: str = ""
    mode: str = "on_site"
    contact_name: str | None = None
    confirmed_how: str | None = None
    approval_reason: str | None = None
    project_id: int | None = None
    people: Sequence[Person] = field(default_factory=tuple)


def _problems(draft: AppointmentDraft, enterprise: Enterprise, request: ServiceRequest | None) -> list[tuple[str, str]]:
    found = [*_day_problems(draft.planned_on), *time_problems(draft.starts, draft.ends)]
    if not (draft.purpose or "").strip():
        found.append(("purpose", "请用一句话写明上门办什么。"))
    if draft.basis not in BASES:
        found.append(("basis", "请选择走访依据。"))
    elif draft.basis == "request" and request is None:
        found.append(("basis", "依据选“企业申请”时，请从企业的服务申请里预约。"))
    elif draft.basis == "revisit" and db.session.scalar(select(EnterpriseSummary.last_visit_on).filter_by(enterprise_id=enterprise.id)) is None:
        found.append(("basis", "系统里还没有这家企业的走访记录，不能以“回访约定”为依据。"))
    if draft.mode not in MODES:
        found.append(("mode", "请选择服务方式。"))
    if draft.confirmed_how and draft.confirmed_how not in CONFIRMED_HOW:
        found.append(("confirmed_how", "请选择企业是怎样确认的。"))
    if draft.team_id is None:
        found.append(("team_id", "请选择服务队。"))
    if enterprise.status in ("cancelled", "revoked", "merged"):
        found.append(("enterprise_id", "这家企业已注销、吊销或并入其他企业，不能预约走访。"))
    return found


def _day_problems(day: date) -> list[tuple[str, str]]:
    today = clock.today()
    return [] if today <= day <= today + timedelta(days=366) else [("planned_on", "预约日期应在今天以后一年以内。")]


def plan(*, enterprise: Enterprise, draft: AppointmentDraft, by: Actor, request: ServiceRequest | None = None) -> Appointment:
    """Plan a visit. Over the cap or on a quiet day it waits for an approval. Raises ``Refused`` with a sentence per field."""
    problems = _problems(draft, enterprise, request)
    if problems:
        raise Refused(problems)
    _refuse_twin(enterprise, draft)
    decision = decide(enterprise, draft.planned_on, "visit", invited=draft.basis == "request")
    reason = _approval(decision, draft.approval_reason)
    row = Appointment(
        enterprise_id=enterprise.id, request_id=None if request is None else request.id, project_id=draft.project_id, basis=draft.basis,
        team_id=draft.team_id, planned_on=draft.planned_on, starts=draft.starts or None, ends=draft.ends or None, mode=draft.mode,
        purpose=said(draft.purpose), contact_name=said(draft.contact_name, 60), over_cap=decision.over_cap, quiet=bool(decision.quiet) and decision.cost > 0,
        approval_reason=reason, confirmed_how=draft.confirmed_how or None, confirmed_at=clock.now() if draft.confirmed_how else None,
        state=_state(decision, draft.confirmed_how), planned_by=by.user_id, planned_name=by.name[:80], created_at=clock.now(), version=1,
    )
    db.session.add(row)
    db.session.flush()
    for person in draft.people:
        name = said(person.name, 60)
        if name:
            db.session.add(AppointmentPerson(appointment_id=row.id, user_id=person.user_id, name=name, team_id=person.team_id))
    _charge(row, enterprise, by)
    note("appointment", row, enterprise, "plan", None, by=by, reason=reason, team_id=row.team_id, new=_told(row))
    if request is not None:
        requests.booked(request=request, enterprise=enterprise, by=by)
    _tell("awaiting" if row.state == "awaiting" else "planned", row, enterprise)
    return row


def _told(row: Appointment) -> dict[str, Any]:
    return {
        "planned_on": row.planned_on, "starts": row.starts, "ends": row.ends, "basis": row.basis, "team": row.team_id, "mode": row.mode,
        "over_cap": row.over_cap, "quiet": row.quiet,
    }


def _tell(what: str, row: Appointment, enterprise: Enterprise) -> None:
    """The enterprise hears of a visit when it is planned, which is not before it is approved."""
    outbox.publish(f"visits.appointment_{what}", f"appointment:{row.id}:{what}:{row.version}", {
        "appointment_id": row.id, "enterprise_id": enterprise.id, "team_id": row.team_id, "enterprise": enterprise.name, "state": row.state,
        "planned_on": row.planned_on.isoformat(), "planned_by": row.planned_by,
    })


def _state(decision: Decision, confirmed_how: str | None) -> str:
    return "awaiting" if decision.needs_approval else "confirmed" if confirmed_how else "proposed"


def _approval(decision: Decision, reason: str | None) -> str | None:
    """The planner's reason as kept; asked for only when it is needed."""
    if not decision.needs_approval:
        return None
    kept = said(reason)
    if not kept:
        raise Refused([("approval_reason", "；".join(decision.reasons) + "。请等企业主动邀请，或写明必须上门的理由，送审批。")])
    return kept


def _refuse_twin(enterprise: Enterprise, draft: AppointmentDraft) -> None:
    twin = db.session.scalars(select(Appointment.id).where(
        Appointment.enterprise_id == enterprise.id, Appointment.team_id == draft.team_id, Appointment.planned_on == draft.planned_on,
        Appointment.state.in_(APPOINTMENT_OPEN),
    ).limit(1)).first()
    if twin is not None:
        raise Conflict("twin", f"本服务队当天已经预约了“{enterprise.name}”（预约 {twin} 号），没有重复预约。请打开原预约修改。", "planned_on")


def _charge(row: Appointment, enterprise: Enterprise, by: Actor) -> None:
    disturbance.charge(
        enterprise=enterprise, on_day=row.planned_on, kind="visit", invited=row.basis == "request", source="appointment", source_id=row.id,
        team_id=row.team_id, by=by, over_cap=row.over_cap,
    )


def reschedule(
    *, appointment: Appointment, enterprise: Enterprise, planned_on: date, starts: str, ends: str, version: int, reason: str | None, by: Actor,
    confirmed_how: str | None = None, approval_reason: str | None = None,
) -> Appointment:
    """Another day or time: the enterprise confirms again, the cap is looked at again."""
    if appointment.state not in APPOINTMENT_OPEN:
        raise Conflict("state", "这次预约已经结束，不能改期。请重新预约。")
    problems = [*_day_problems(planned_on), *time_problems(starts, ends)]
    kept = said(reason)
    if not kept:
        problems.append(("reason", "请写明改期的原因，企业会看到。"))
    if problems:
        raise Refused(problems)
    ledger = disturbance.row_of(source="appointment", source_id=appointment.id)
    decision = decide(enterprise, planned_on, "visit", invited=appointment.basis == "request", without=None if ledger is None else ledger.id)
    why, before = _approval(decision, approval_reason), appointment.state
    old = {"planned_on": appointment.planned_on, "starts": appointment.starts, "ends": appointment.ends}
    change(
        appointment, version, WORD, planned_on=planned_on, starts=starts or None, ends=ends or None, over_cap=decision.over_cap,
        quiet=bool(decision.quiet) and decision.cost > 0, approval_reason=why, approved_by=None, approved_name=None, asked_change=None,
        confirmed_how=confirmed_how or None, confirmed_at=clock.now() if confirmed_how else None, state=_state(decision, confirmed_how),
    )
    _charge(appointment, enterprise, by)
    note("appointment", appointment, enterprise, "reschedule", before, by=by, reason=kept, old=old, new=_told(appointment))
    _tell("awaiting" if appointment.state == "awaiting" else "rescheduled", appointment, enterprise)
    return appointment


def take_step(
    *, appointment: Appointment, enterprise: Enterprise, step: str, version: int, reason: str | None, by: Actor, how: str = "phone",
) -> Appointment:
    """Approve, reject, confirm or cancel. Nobody approves what he planned himself."""
    found = APPOINTMENT_STEPS.get(step)
    if found is None:
        raise Invalid("step", "没有这个办理步骤，请从页面上的按钮操作。")
    kept, before = checked(found, appointment.state, reason, WORD), appointment.state
    values: dict[str, Any] = {"state": found.to}
    if step in ("approve", "reject"):
        if own_plan(appointment.planned_by, by.user_id):
            raise Forbidden("own_plan", "不能审批自己安排的走访，请由其他审批人办理。")
        values |= {"approved_by": by.user_id, "approved_name": by.name[:80]}
    if step == "approve" and appointment.confirmed_how:
        values["state"] = "confirmed"
    if step == "confirm":
        values |= {"confirmed_at": clock.now(), "confirmed_how": how, "asked_change": None}
    if values["state"] in ("cancelled", "rejected"):
        values["closed_reason"] = kept
    change(appointment, version, WORD, **values)
    note("appointment", appointment, enterprise, step, before, by=by, reason=kept)
    if appointment.state in ("cancelled", "rejected"):
        _fell_through(appointment, enterprise, kept, by)
    _tell("planned" if step == "approve" else step, appointment, enterprise)
    return appointment


def _fell_through(row: Appointment, enterprise: Enterprise, reason: str | None, by: Actor) -> None:
    disturbance.void(source="appointment", source_id=row.id)
    request = db.session.get(ServiceRequest, row.request_id) if row.request_id else None
    if request is not None:
        requests.unbooked(request=request, enterprise=enterprise, reason=reason, by=by)


def ask_change(*, appointment: Appointment, enterprise: Enterprise, wish: str | None, version: int, by: Actor) -> Appointment:
    """The enterprise would rather have another time: the team is told, the appointment waits."""
    kept, before = said(wish), appointment.state
    if not kept:
        raise Invalid("wish", "请写明什么时间方便。", "wish")
    if before not in ("proposed", "confirmed"):
        raise Conflict("state", "这次预约的状态已经变化，请刷新页面查看最新情况。")
    change(appointment, version, WORD, state="proposed", asked_change=kept, confirmed_at=None, confirmed_how=None)
    note("appointment", appointment, enterprise, "ask_change", before, by=by, reason=kept)
    _tell("change_asked", appointment, enterprise)
    return appointment


def join(*, appointment: Appointment, enterprise: Enterprise, team_id: int, purpose: str | None, by: Actor) -> bool:
    """Another team comes along: no second disturbance. False = it is on the list already."""
    if appointment.state not in APPOINTMENT_OPEN or appointment.planned_on < clock.today():
        raise Conflict("state", "这次预约已经结束，不能加入。请另行预约。")
    if team_id == appointment.team_id:
        return False
    try:
        with db.session.begin_nested():
            db.session.add(AppointmentTeam(
                appointment_id=appointment.id, team_id=team_id, purpose=said(purpose), joined_at=clock.now(), joined_by=by.user_id,
            ))
            db.session.flush()
    except IntegrityError:
        return False
    note("appointment", appointment, enterprise, "join", appointment.state, by=by, reason=said(purpose), team_id=team_id)
    _tell(f"joined{team_id}", appointment, enterprise)
    return True
