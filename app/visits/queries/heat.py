"""Findings of visits and diagnoses as one heat map: industry by county or town, and the rows behind each cell."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, literal, select, union_all

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.scope import Scope
from app.visits.models import DiagnosisItem, Finding, ServiceDiagnosis, Visit
from app.visits.queries.paging import page_of
from app.visits.rules.improvement import FOUND

SOURCES = {"visit": "走访", "diagnosis": "诊断"}


@dataclass(frozen=True)
class Asked:
    """Which findings: days, both included; ``division``: two digits of the industry, ``-`` = none recorded; places are ids of ``area``."""

    first: date
    last: date
    severity: str = ""
    stage: str = ""
    source: str = ""
    division: str = ""
    unit_id: int | None = None
    town_id: int | None = None


def _found(scope: Scope, asked: Asked) -> Subquery:
    """Both sources in one shape; scope and narrowing stand inside each, so that indexes serve them."""
    division = func.coalesce(func.substr(Enterprise.industry_code, 1, 2), "-")
    visits = select(
        literal("visit").label("source"), Finding.id.label("id"), Finding.visit_id.label("record_id"), Visit.visited_on.label("on_day"),
        Finding.severity.label("severity"), Finding.stage_code.label("stage"), Finding.text.label("text"), Finding.state.label("state"),
        Enterprise.id.label("enterprise_id"), Enterprise.name.label("name"), Enterprise.unit_id.label("unit_id"), Enterprise.town_id.label("town_id"),
        division.label("division"),
    ).select_from(Finding).join(Visit, Visit.id == Finding.visit_id).join(Enterprise, Enterprise.id == Finding.enterprise_id).where(
        Visit.state == "complete", Visit.visited_on.between(asked.first, asked.last), *_where(scope, asked, Finding.severity, Finding.stage_code),
    )
    diagnoses = select(
        literal("diagnosis").label("source"), DiagnosisItem.id.label("id"), DiagnosisItem.diagnosis_id.label("record_id"),
        ServiceDiagnosis.done_on.label("on_day"), DiagnosisItem.answer.label("severity"), DiagnosisItem.stage_code.label("stage"),
        func.coalesce(DiagnosisItem.text, DiagnosisItem.label).label("text"), literal("").label("state"), Enterprise.id.label("enterprise_id"),
        Enterprise.name.label("name"), Enterprise.unit_id.label("unit_id"), Enterprise.town_id.label("town_id"), division.label("division"),
    ).select_from(DiagnosisItem).join(ServiceDiagnosis, ServiceDiagnosis.id == DiagnosisItem.diagnosis_id).join(
        Enterprise, Enterprise.id == ServiceDiagnosis.enterprise_id,
    ).where(
        DiagnosisItem.answer.in_(FOUND), ServiceDiagnosis.state == "finished", ServiceDiagnosis.done_on.between(asked.first, asked.last),
        *_where(scope, asked, DiagnosisItem.answer, DiagnosisItem.stage_code),
    )
    parts = {"visit": visits, "diagnosis": diagnoses}
    return parts[asked.source].subquery("found") if asked.source in parts else union_all(*parts.values()).subquery("found")


def _where(scope: Scope, asked: Asked, severity: Any, stage: Any) -> list[ColumnElement[bool]]:
    found = [in_scope(scope)]
    if asked.severity in FOUND:
        found.append(severity == asked.severity)
    if asked.stage:
        found.append(stage == asked.stage)
    if asked.unit_id is not None:
        found.append(Enterprise.unit_id == asked.unit_id)
    if asked.town_id is not None:
        found.append(Enterprise.town_id == asked.town_id)
    if asked.division == "-":
        found.append(Enterprise.industry_code.is_(None))
    elif asked.division:
        found.append(and_(Enterprise.industry_code >= asked.division, Enterprise.industry_code < asked.division + "~"))
    return found


def cells(scope: Scope, asked: Asked) -> dict[tuple[str, int], int]:
    """(division, unit or town id) -> findings. Towns once a unit is chosen."""
    rows = _found(scope, asked)
    place = rows.c.unit_id if asked.unit_id is None else rows.c.town_id
    statement = select(rows.c.division, place, func.count()).group_by(rows.c.division, place)
    return {(row[0], row[1]): row[2] for row in db.session.execute(statement)}


def page_findings(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Any]:
    """The rows behind the cells, latest first."""
    rows = _found(scope, asked)
    keys = (rows.c.on_day, rows.c.source, rows.c.id)
    return page_of(select(*rows.c), keys, (date, str, int), lambda row: (row.on_day, row.source, row.id), cursor, size)
