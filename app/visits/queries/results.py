"""千企服务成果数据库: per served enterprise its baseline, last snapshot, and what service did; who was never visited or not contacted for long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.enterprises.models import Enterprise, EnterpriseAssignment, EnterpriseSummary
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.scope import Scope
from app.visits.models import (
    Disturbance,
    Finding,
    ImprovementPlan,
    Measure,
    ProjectResult,
    Promise,
    ServiceDiagnosis,
    ServiceProject,
    ServiceSnapshot,
    Visit,
)
from app.visits.queries.paging import page_of

Serving = aliased(EnterpriseAssignment)
"""The present service; another name than the one the scope of a team looks at."""


@dataclass(frozen=True)
class Asked:
    """Which enterprises of those served today. ``silence``: ``never`` visited, or at least so many days without contact."""

    team_id: int | None = None
    unit_id: int | None = None
    silence: str = ""


@dataclass(frozen=True)
class Firm:
    """One served enterprise. ``entered_on``: first day of the present service; ``contacted_on``: last visit or contact up to today."""

    id: int
    name: str
    credit_code: str
    unit_id: int
    town_id: int
    team_id: int | None
    entered_on: date
    visited_on: date | None
    contacted_on: date | None


@dataclass(frozen=True)
class Work:
    """What service did for one enterprise."""

    visits: int = 0
    findings: int = 0
    findings_solved: int = 0
    measures: int = 0
    measures_done: int = 0
    promises: int = 0
    promises_kept: int = 0
    diagnoses: int = 0
    plans_accepted: int = 0
    projects_accepted: int = 0
    results: int = 0


def contacted(today: date) -> Any:
    """SQL: the last contact of ``Enterprise`` that took place (a visit or a row of the ledger), None = never."""
    return select(func.max(Disturbance.on_day)).where(
        Disturbance.enterprise_id == Enterprise.id, Disturbance.voided_at.is_(None), Disturbance.on_day <= today,
        or_(Disturbance.source != "appointment", Disturbance.kind != "visit"),
    ).correlate(Enterprise).scalar_subquery()


def served(scope: Scope, asked: Asked, today: date) -> Select[Any]:
    """Enterprises a team serves today, with the day it began and the last contact."""
    last_visit, last_other = EnterpriseSummary.last_visit_on, contacted(today)
    statement: Any = (
        select(
            Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.unit_id, Enterprise.town_id, Serving.team_id,
            Serving.valid_from, last_visit, last_other,
        ).join(Serving, and_(
            Serving.enterprise_id == Enterprise.id, Serving.team_id.is_not(None), Serving.valid_from <= today,
            or_(Serving.valid_to.is_(None), Serving.valid_to >= today),
        )).join(EnterpriseSummary, EnterpriseSummary.enterprise_id == Enterprise.id, isouter=True)
        .where(in_scope(scope), Enterprise.status == "active")
    )
    return statement.where(*_narrowed(asked, today, last_visit, last_other))  # type: ignore[no-any-return]


def _narrowed(asked: Asked, today: date, last_visit: Any, last_other: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.team_id is not None:
        found.append(Serving.team_id == asked.team_id)
    if asked.unit_id is not None:
        found.append(Enterprise.unit_id == asked.unit_id)
    if asked.silence == "never":
        found.append(last_visit.is_(None))
    elif asked.silence.isdigit():
        edge = today - timedelta(days=int(asked.silence))
        found += [
            Serving.valid_from <= edge, or_(last_visit.is_(None), last_visit <= edge), or_(last_other.is_(None), last_other <= edge),
        ]
    return found


def page_served(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Firm]:
    """One page of served enterprises by id."""
    page = page_of(served(scope, asked, clock.today()), (Enterprise.id,), (int,), lambda row: (row[0],), cursor, size, descending=False)
    return Page([firm_of(row) for row in page.rows], page.next, page.previous, page.size, page.total, page.more)


def every_served(scope: Scope, asked: Asked, limit: int) -> list[Firm]:
    """All of them up to the limit, for the export."""
    return [firm_of(row) for row in db.session.execute(served(scope, asked, clock.today()).order_by(Enterprise.id).limit(limit))]


def count_served(scope: Scope, asked: Asked) -> int:
    """How many ``page_served`` lists, uncapped."""
    rows = served(scope, asked, clock.today()).with_only_columns(Enterprise.id).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def firm_of(row: Any) -> Firm:
    """A row of ``served``."""
    days = [day for day in (row[7], row[8]) if day is not None]
    return Firm(*row[:7], row[7], max(days) if days else None)


def work_of(enterprise_ids: Sequence[int]) -> dict[int, Work]:
    """What was done for these enterprises: a fixed number of statements. The caller has checked the scope."""
    values: dict[int, dict[str, int]] = {id_: {} for id_ in enterprise_ids}
    ids = sorted(values)
    for first in range(0, len(ids), 900):
        part = ids[first : first + 900]
        for names, statement in _tallies(part):
            for row in db.session.execute(statement):
                values[row[0]].update(zip(names, (int(value or 0) for value in row[1:]), strict=True))
    return {id_: Work(**given) for id_, given in values.items()}


def _tallies(part: Sequence[int]) -> list[tuple[tuple[str, ...], Select[Any]]]:
    def grouped(model: Any, *more: Any) -> Select[Any]:
        statement: Any = select(model.enterprise_id, func.count(), *more).where(model.enterprise_id.in_(part)).group_by(model.enterprise_id)
        return statement  # type: ignore[no-any-return]

    def having(condition: ColumnElement[bool]) -> Any:
        return func.count().filter(condition)

    results = (
        select(ServiceProject.enterprise_id, func.count()).join(ProjectResult, ProjectResult.project_id == ServiceProject.id)
        .where(ServiceProject.enterprise_id.in_(part)).group_by(ServiceProject.enterprise_id)
    )
    return [
        (("visits",), grouped(Visit).where(Visit.state == "complete")),
        (("findings", "findings_solved"), grouped(Finding, having(Finding.state == "done"))),
        (("measures", "measures_done"), grouped(Measure, having(Measure.state == "done"))),
        (("promises", "promises_kept"), grouped(Promise, having(Promise.state == "done"))),
        (("diagnoses",), grouped(ServiceDiagnosis).where(ServiceDiagnosis.state == "finished")),
        (("plans_accepted",), grouped(ImprovementPlan).where(ImprovementPlan.state == "accepted")),
        (("projects_accepted",), grouped(ServiceProject).where(ServiceProject.state == "accepted")),
        (("results",), results),
    ]


def snapshots_of(enterprise_ids: Sequence[int]) -> dict[int, list[ServiceSnapshot]]:
    """Enterprise id -> baseline first, then years. The caller has checked the scope."""
    found: dict[int, list[ServiceSnapshot]] = {id_: [] for id_ in enterprise_ids}
    ids = sorted(found)
    for first in range(0, len(ids), 900):
        rows = db.session.scalars(
            select(ServiceSnapshot).where(ServiceSnapshot.enterprise_id.in_(ids[first : first + 900]), ServiceSnapshot.superseded_at.is_(None))
            .order_by(ServiceSnapshot.enterprise_id, ServiceSnapshot.kind, ServiceSnapshot.year)
        )
        for row in rows:
            found[row.enterprise_id].append(row)
    return found
