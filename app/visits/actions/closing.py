"""A visit was logged: its appointment and request are settled, the ledger is brought in step. Called by the action that logs visits."""

from datetime import date
from typing import Protocol

from app.enterprises.models import Enterprise
from app.infra.db import db
from app.kernel.actor import Actor
from app.visits.actions import disturbance, requests
from app.visits.actions.steps import change, note
from app.visits.models.requests import Appointment, ServiceRequest
from app.visits.rules.booking import APPOINTMENT_OPEN

WORD = "这次预约"


class Logged(Protocol):
    """What is needed of a visit."""

    id: int
    enterprise_id: int
    team_id: int | None
    visited_on: date
    appointment_id: int | None


def close_by_visit(*, visit: Logged, enterprise: Enterprise, invited: bool = False, by: Actor) -> Appointment | None:
    """Settle the appointment the visit names; without one the visit is a contact of its own. Never refuses: a visit that took place is a fact.

    ``invited``: the visit's basis is a request of the enterprise (without an appointment).
    """
    row = db.session.get(Appointment, visit.appointment_id) if visit.appointment_id else None
    if row is None or row.enterprise_id != visit.enterprise_id:
        disturbance.charge(
            enterprise=enterprise, on_day=visit.visited_on, kind="visit", invited=invited, source="visit", source_id=visit.id,
            team_id=visit.team_id, by=by,
        )
        return None
    if row.state in APPOINTMENT_OPEN:
        before = row.state
        change(row, row.version, WORD, state="done", visited_on=visit.visited_on)
        disturbance.charge(
            enterprise=enterprise, on_day=visit.visited_on, kind="visit", invited=row.basis == "request", source="appointment", source_id=row.id,
            team_id=row.team_id, by=by, over_cap=row.over_cap,
        )
        note("appointment", row, enterprise, "settle", before, by=by)
        request = db.session.get(ServiceRequest, row.request_id) if row.request_id else None
        if request is not None:
            requests.settled(request=request, enterprise=enterprise, by=by)
    return row


def reopen_by_void(*, visit: Logged, enterprise: Enterprise, reason: str | None, by: Actor) -> None:
    """The visit was void: its contact is taken back, the appointment is open again."""
    disturbance.void(source="visit", source_id=visit.id)
    row = db.session.get(Appointment, visit.appointment_id) if visit.appointment_id else None
    if row is not None and row.state == "done" and row.enterprise_id == visit.enterprise_id:
        change(row, row.version, WORD, state="confirmed", visited_on=None)
        note("appointment", row, enterprise, "reopen", "done", by=by, reason=reason)
