"""Requests and appointments for tests, written through the real actions."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.enterprises.models import Enterprise
from app.infra import clock
from app.kernel.actor import Actor
from app.visits.actions import appointments, requests
from app.visits.actions.appointments import AppointmentDraft
from app.visits.models import Appointment, ServiceRequest

PLANNER = Actor(user_id=8, name="队长甲")
OFFICER = Actor(user_id=9, name="市局经办甲")
TUESDAY = date(2026, 3, 10)
"""A working day; tests freeze the clock at ten o'clock of it."""


def on_tuesday(hour: int = 10) -> None:
    """Ten o'clock in Shanghai on an ordinary Tuesday."""
    clock.freeze(datetime(2026, 3, 10, hour - 8, 0, tzinfo=UTC))


def ask(enterprise: Enterprise, *, by: Actor = OFFICER, **values: Any) -> ServiceRequest:
    """One request."""
    said: dict[str, Any] = {"text": "想了解技改贴息怎么申报", "source": "officer"} | values
    return requests.raise_request(enterprise=enterprise, draft=requests.RequestDraft(**said), by=by)


def book(enterprise: Enterprise, *, days: int = 1, request: ServiceRequest | None = None, by: Actor = PLANNER, **values: Any) -> Appointment:
    """One appointment, ``days`` from today."""
    said: dict[str, Any] = {
        "planned_on": clock.today() + timedelta(days=days), "purpose": "看研发费用归集", "team_id": 1, "basis": "request" if request else "appointment",
    } | values
    return appointments.plan(enterprise=enterprise, draft=AppointmentDraft(**said), by=by, request=request)
