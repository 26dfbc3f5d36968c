"""Service projects: lists, one with its results, visits and appointments."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of
from app.visits.models import Appointment, ProjectResult, ServiceProject, Visit
from app.visits.queries.paging import page_of
from app.visits.rules.projects import KINDS, RUNNING, STATES


@dataclass(frozen=True)
class Asked:
    """Which projects. ``state``: one of them, ``running``, ``late`` (past its end, not delivered) or empty = all."""

    state: str = ""
    kind: str = ""
    team_id: int | None = None
    provider_id: int | None = None
    unit_id: int | None = None
    accepted_year: int | None = None


def _where(scope: Scope, asked: Asked, today: date) -> list[ColumnElement[bool]]:
    found = [in_scope(scope)]
    if asked.state == "running":
        found.append(ServiceProject.state.in_(RUNNING))
    elif asked.state == "late":
        found += [ServiceProject.state == "active", ServiceProject.ends_on < today]
    elif asked.state in STATES:
        found.append(ServiceProject.state == asked.state)
    for column, value in ((ServiceProject.team_id, asked.team_id), (ServiceProject.provider_id, asked.provider_id), (Enterprise.unit_id, asked.unit_id)):
        if value is not None:
            found.append(column == value)
    if asked.kind in KINDS:
        found.append(ServiceProject.kind == asked.kind)
    if asked.accepted_year is not None:
        found.append(ServiceProject.accepted_on.between(date(asked.accepted_year, 1, 1), date(asked.accepted_year, 12, 31)))
    return found


def _list(scope: Scope, asked: Asked, today: date) -> Select[Any]:
    statement: Any = select(ServiceProject, Enterprise.id, Enterprise.name, Enterprise.town_id).join(Enterprise, Enterprise.id == ServiceProject.enterprise_id)
    return statement.where(*_where(scope, asked, today))  # type: ignore[no-any-return]


def page_projects(scope: Scope, asked: Asked, today: date, cursor: str | None, size: int) -> Page[Any]:
    """Rows (project, enterprise id, name, town id), latest first. Raises ``Invalid`` for a cursor that is none."""
    return page_of(_list(scope, asked, today), (ServiceProject.id,), (int,), lambda row: (row[0].id,), cursor, size)


def get_project(scope: Scope, project_id: int) -> tuple[ServiceProject, Enterprise]:
    """One project with its enterprise. Raises NotFound, also when the enterprise is out of scope."""
    row = None
    if 0 < project_id < 2**63:
        row = db.session.execute(
            select(ServiceProject, Enterprise).join(Enterprise, Enterprise.id == ServiceProject.enterprise_id)
            .where(ServiceProject.id == project_id, in_scope(scope))
        ).first()
    if row is None:
        raise NotFound("没有找到这个服务项目，或企业不在您的管辖范围内。请从“服务项目”重新进入。")
    speak_of(row[1].city_id)
    return row[0], row[1]


def project_of(scope: Scope, project_id: int | None, enterprise_id: int) -> ServiceProject | None:
    """The project of this enterprise, None when none is named. Raises NotFound for another enterprise's."""
    if project_id is None:
        return None
    row, owner = get_project(scope, project_id)
    if owner.id != enterprise_id:
        raise NotFound("这个服务项目不是这家企业的，请从服务项目重新进入。")
    return row


def projects_of(scope: Scope, enterprise_id: int) -> list[ServiceProject]:
    """Projects of one enterprise, latest first."""
    statement = select(ServiceProject).join(Enterprise, Enterprise.id == ServiceProject.enterprise_id)
    return list(db.session.scalars(statement.where(in_scope(scope), ServiceProject.enterprise_id == enterprise_id).order_by(ServiceProject.id.desc())))


def results_of(project_id: int) -> list[ProjectResult]:
    """Figures before and after. The caller has checked the scope."""
    return list(db.session.scalars(select(ProjectResult).where(ProjectResult.project_id == project_id).order_by(ProjectResult.id)))


def get_result(project_id: int, result_id: int) -> ProjectResult:
    """One result of the project. Raises NotFound."""
    row = db.session.scalars(select(ProjectResult).where(ProjectResult.id == result_id, ProjectResult.project_id == project_id)).first()
    if row is None:
        raise NotFound("没有找到这项成果，可能已删除。请刷新页面。")
    return row


def visits_of_project(project_id: int) -> list[Visit]:
    """Complete visits of the project, latest first. The caller has checked the scope."""
    statement = select(Visit).where(Visit.project_id == project_id, Visit.state == "complete")
    return list(db.session.scalars(statement.order_by(Visit.visited_on.desc(), Visit.id.desc()).limit(200)))


def count_visits(project_id: int) -> int:
    """Complete visits of the project."""
    return db.session.scalar(select(func.count()).select_from(Visit).where(Visit.project_id == project_id, Visit.state == "complete")) or 0


def appointments_of_project(project_id: int) -> list[Appointment]:
    """Appointments made for the project, latest first. The caller has checked the scope."""
    statement = select(Appointment).where(Appointment.project_id == project_id)
    return list(db.session.scalars(statement.order_by(Appointment.planned_on.desc(), Appointment.id.desc()).limit(100)))
