"""Requests of enterprises: lists by state and by how they were answered, one with its history, and the figures of the clock."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of
from app.visits.models.requests import ServiceRequest
from app.visits.models.steps import ServiceStep
from app.visits.queries.paging import page_of
from app.visits.rules.booking import REQUEST_OPEN, REQUEST_STATES

ANSWERS = {"in_time": "按时答复", "late": "超时", "running": "在时限内、未答复"}


@dataclass(frozen=True)
class Asked:
    """Which requests. ``state`` empty = all, ``open`` = not closed; ``answer``: a key of ``ANSWERS``; days of asking, both included."""

    state: str = ""
    answer: str = ""
    team_id: int | None = None
    unit_id: int | None = None
    first: date | None = None
    last: date | None = None


def answered(answer: str, now: datetime) -> ColumnElement[bool]:
    """SQL condition on how the clock ended; a withdrawn request that nobody answered in time counts as late only after its time."""
    row = ServiceRequest
    return {
        "in_time": and_(row.answered_at.is_not(None), row.answered_at <= row.due_at),
        "late": or_(row.answered_at > row.due_at, and_(row.answered_at.is_(None), row.state == "new", row.due_at < now)),
        "running": and_(row.answered_at.is_(None), row.state == "new", row.due_at >= now),
    }[answer]


def _where(scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    found = [in_scope(scope)]
    if asked.state == "open":
        found.append(ServiceRequest.state.in_(REQUEST_OPEN))
    elif asked.state in REQUEST_STATES:
        found.append(ServiceRequest.state == asked.state)
    if asked.answer in ANSWERS:
        found.append(answered(asked.answer, clock.now()))
    if asked.team_id is not None:
        found.append(ServiceRequest.team_id == asked.team_id)
    if asked.unit_id is not None:
        found.append(Enterprise.unit_id == asked.unit_id)
    if asked.first is not None:
        found.append(ServiceRequest.asked_at >= clock.start_of_day(asked.first))
    if asked.last is not None:
        found.append(ServiceRequest.asked_at <= clock.end_of_day(asked.last))
    return found


def _list(scope: Scope, asked: Asked) -> Select[Any]:
    statement: Any = select(ServiceRequest, Enterprise.id, Enterprise.name, Enterprise.town_id).join(Enterprise, Enterprise.id == ServiceRequest.enterprise_id)
    return statement.where(*_where(scope, asked))  # type: ignore[no-any-return]


def page_requests(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Any]:
    """Rows (request, enterprise id, name, town id): latest first. Raises ``Invalid`` for a cursor that is none."""
    return page_of(_list(scope, asked), (ServiceRequest.id,), (int,), lambda row: (row[0].id,), cursor, size)


@dataclass(frozen=True)
class ClockTally:
    """Requests of a unit by how they were answered."""

    asked: int = 0
    in_time: int = 0
    late: int = 0
    running: int = 0


def tally(scope: Scope, asked: Asked) -> dict[int, ClockTally]:
    """Unit id -> requests by answer, one statement."""
    now = clock.now()
    parts = [func.sum(case((answered(answer, now), 1), else_=0)) for answer in ANSWERS]
    statement = (
        select(Enterprise.unit_id, func.count(), *parts).select_from(ServiceRequest).join(Enterprise, Enterprise.id == ServiceRequest.enterprise_id)
        .where(*_where(scope, asked)).group_by(Enterprise.unit_id)
    )
    return {row[0]: ClockTally(row[1], int(row[2]), int(row[3]), int(row[4])) for row in db.session.execute(statement)}


def get_request(scope: Scope, request_id: int) -> tuple[ServiceRequest, Enterprise]:
    """One request with its enterprise. Raises NotFound, also when the enterprise is out of scope."""
    row = None
    if 0 < request_id < 2**63:
        row = db.session.execute(
            select(ServiceRequest, Enterprise).join(Enterprise, Enterprise.id == ServiceRequest.enterprise_id)
            .where(ServiceRequest.id == request_id, in_scope(scope))
        ).first()
    if row is None:
        raise NotFound("没有找到这项服务申请，或企业不在您的管辖范围内。请从“服务申请”重新进入。")
    speak_of(row[1].city_id)
    return row[0], row[1]


def requests_of(scope: Scope, enterprise_id: int, limit: int = 50) -> list[ServiceRequest]:
    """Requests of one enterprise, latest first."""
    statement = select(ServiceRequest).join(Enterprise, Enterprise.id == ServiceRequest.enterprise_id)
    wanted = statement.where(in_scope(scope), ServiceRequest.enterprise_id == enterprise_id)
    return list(db.session.scalars(wanted.order_by(ServiceRequest.id.desc()).limit(limit)))


def steps_of(subject: str, subject_id: int) -> list[ServiceStep]:
    """History, oldest first. The caller has checked the scope."""
    return list(db.session.scalars(
        select(ServiceStep).where(ServiceStep.subject == subject, ServiceStep.subject_id == subject_id).order_by(ServiceStep.id)
    ))
