"""Appointments: the calendar, the list of a day, one with its people and teams, what others have planned for the same enterprise."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of
from app.visits.models.requests import Appointment, AppointmentPerson, AppointmentTeam
from app.visits.queries.paging import page_of
from app.visits.rules.booking import APPOINTMENT_OPEN, APPOINTMENT_STATES

LIVE = (*APPOINTMENT_OPEN, "done")
"""What stands in the calendar: cancelled and refused ones do not."""
NEAR = timedelta(days=14)
"""How far from a planned day a visit of others is offered for joining."""


@dataclass(frozen=True)
class Asked:
    """Which appointments. ``state`` empty = those of the calendar; ``open``, ``late`` (day passed, nothing recorded) or a state; ``user_id``: his own."""

    first: date | None = None
    last: date | None = None
    state: str = ""
    team_id: int | None = None
    user_id: int | None = None
    unit_id: int | None = None
    over: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the calendar or of a list."""

    id: int
    enterprise_id: int
    name: str
    town_id: int
    unit_id: int
    address: str | None
    planned_on: date
    starts: str | None
    ends: str | None
    state: str
    mode: str
    basis: str
    purpose: str
    team_id: int | None
    over_cap: bool
    contact_name: str | None
    asked_change: str | None
    teams: tuple[int, ...] = ()
    people: tuple[str, ...] = field(default=())


_COLUMNS = (
    Appointment.id, Enterprise.id, Enterprise.name, Enterprise.town_id, Enterprise.unit_id, Enterprise.address, Appointment.planned_on, Appointment.starts,
    Appointment.ends, Appointment.state, Appointment.mode, Appointment.basis, Appointment.purpose, Appointment.team_id, Appointment.over_cap,
    Appointment.contact_name, Appointment.asked_change,
)


def of_team(team_id: int) -> ColumnElement[bool]:
    """SQL condition on ``Appointment``: the team leads it or comes along."""
    along = select(AppointmentTeam.appointment_id).where(AppointmentTeam.team_id == team_id)
    return or_(Appointment.team_id == team_id, Appointment.id.in_(along))


def _where(scope: Scope, asked: Asked, today: date) -> list[ColumnElement[bool]]:
    found = [in_scope(scope)]
    if asked.state == "open":
        found.append(Appointment.state.in_(APPOINTMENT_OPEN))
    elif asked.state == "late":
        found += [Appointment.state.in_(APPOINTMENT_OPEN), Appointment.planned_on < today]
    elif asked.state in APPOINTMENT_STATES:
        found.append(Appointment.state == asked.state)
    else:
        found.append(Appointment.state.in_(LIVE))
    if asked.first is not None:
        found.append(Appointment.planned_on >= asked.first)
    if asked.last is not None:
        found.append(Appointment.planned_on <= asked.last)
    if asked.team_id is not None:
        found.append(of_team(asked.team_id))
    if asked.user_id is not None:
        mine = select(AppointmentPerson.appointment_id).where(AppointmentPerson.user_id == asked.user_id)
        found.append(or_(Appointment.id.in_(mine), Appointment.planned_by == asked.user_id))
    if asked.unit_id is not None:
        found.append(Enterprise.unit_id == asked.unit_id)
    if asked.over:
        found.append(Appointment.over_cap.is_(True))
    return found


def _list(scope: Scope, asked: Asked, today: date) -> Select[Any]:
    statement: Any = select(*_COLUMNS).join(Enterprise, Enterprise.id == Appointment.enterprise_id)
    return statement.where(*_where(scope, asked, today))  # type: ignore[no-any-return]


def page_appointments(scope: Scope, asked: Asked, today: date, cursor: str | None, size: int) -> Page[Row]:
    """Appointments by day, latest first. Raises ``Invalid`` for a cursor that is none."""
    keys = (Appointment.planned_on, Appointment.id)
    page = page_of(_list(scope, asked, today), keys, (date, int), lambda row: (row.planned_on, row[0]), cursor, size)
    return Page(_with_company(page.rows), page.next, page.previous, page.size, page.total, page.more)


def list_between(scope: Scope, asked: Asked, today: date, limit: int) -> list[Row]:
    """Appointments of the days by time, up to the limit."""
    statement = _list(scope, asked, today).order_by(Appointment.planned_on, func.coalesce(Appointment.starts, "99:99"), Appointment.id)
    return _with_company(db.session.execute(statement.limit(limit)).all())


def count_by_day(scope: Scope, asked: Asked, today: date) -> dict[date, int]:
    """Day -> appointments, for a calendar of more than fits on a page."""
    statement = (
        select(Appointment.planned_on, func.count()).join(Enterprise, Enterprise.id == Appointment.enterprise_id)
        .where(*_where(scope, asked, today)).group_by(Appointment.planned_on)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def _with_company(found: Any) -> list[Row]:
    """Teams that come along, and people: two statements for all rows."""
    ids = [row[0] for row in found]
    teams: dict[int, list[int]] = {id_: [] for id_ in ids}
    people: dict[int, list[str]] = {id_: [] for id_ in ids}
    for first in range(0, len(ids), 900):
        part = ids[first : first + 900]
        along = select(AppointmentTeam.appointment_id, AppointmentTeam.team_id).where(AppointmentTeam.appointment_id.in_(part))
        for id_, team_id in db.session.execute(along.order_by(AppointmentTeam.id)):
            teams[id_].append(team_id)
        who = select(AppointmentPerson.appointment_id, AppointmentPerson.name).where(AppointmentPerson.appointment_id.in_(part))
        for id_, name in db.session.execute(who.order_by(AppointmentPerson.id)):
            people[id_].append(name)
    return [Row(*row, tuple(teams[row[0]]), tuple(people[row[0]])) for row in found]


def get_appointment(scope: Scope, appointment_id: int) -> tuple[Appointment, Enterprise]:
    """One appointment with its enterprise. Raises NotFound, also when the enterprise is out of scope."""
    row = None
    if 0 < appointment_id < 2**63:
        row = db.session.execute(
            select(Appointment, Enterprise).join(Enterprise, Enterprise.id == Appointment.enterprise_id)
            .where(Appointment.id == appointment_id, in_scope(scope))
        ).first()
    if row is None:
        raise NotFound("没有找到这次预约，或企业不在您的管辖范围内。请从“预约日历”重新进入。")
    speak_of(row[1].city_id)
    return row[0], row[1]


def company_of(appointment_id: int) -> tuple[list[AppointmentPerson], list[AppointmentTeam]]:
    """People and further teams. The caller has checked the scope."""
    people = db.session.scalars(select(AppointmentPerson).where(AppointmentPerson.appointment_id == appointment_id).order_by(AppointmentPerson.id))
    teams = db.session.scalars(select(AppointmentTeam).where(AppointmentTeam.appointment_id == appointment_id).order_by(AppointmentTeam.id))
    return list(people), list(teams)


def appointments_of(scope: Scope, enterprise_id: int, *, states: Collection[str] = LIVE, limit: int = 50) -> list[Appointment]:
    """Appointments of one enterprise, latest day first."""
    statement = select(Appointment).join(Enterprise, Enterprise.id == Appointment.enterprise_id).where(
        in_scope(scope), Appointment.enterprise_id == enterprise_id, Appointment.state.in_(sorted(states)),
    )
    return list(db.session.scalars(statement.order_by(Appointment.planned_on.desc(), Appointment.id.desc()).limit(limit)))


def planned_nearby(scope: Scope, enterprise_id: int, day: date, today: date) -> list[Appointment]:
    """Open visits to the enterprise around the day: to be joined instead of planning another one."""
    statement = select(Appointment).join(Enterprise, Enterprise.id == Appointment.enterprise_id).where(
        in_scope(scope), Appointment.enterprise_id == enterprise_id, Appointment.state.in_(APPOINTMENT_OPEN),
        Appointment.planned_on.between(max(today, day - NEAR), day + NEAR),
    )
    return list(db.session.scalars(statement.order_by(Appointment.planned_on, Appointment.id).limit(10)))


def open_of_request(request_id: int) -> list[Appointment]:
    """Appointments made for a request, latest first. The caller has checked the scope."""
    return list(db.session.scalars(select(Appointment).where(Appointment.request_id == request_id).order_by(Appointment.id.desc())))
