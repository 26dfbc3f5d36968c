"""Diagnoses and improvement plans: lists, one with its rows. Scope first."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of
from app.visits.models import DiagnosisItem, ImprovementPlan, PlanItem, ServiceDiagnosis
from app.visits.queries.paging import page_of
from app.visits.rules.improvement import DIAGNOSIS_STATES, FOUND, KINDS
from app.visits.rules.projects import RUNNING, STATES


@dataclass(frozen=True)
class Asked:
    """Which ones. ``state``: one of them, for plans also ``running``; ``kind`` of a diagnosis."""

    state: str = ""
    kind: str = ""
    team_id: int | None = None
    unit_id: int | None = None


def _common(model: Any, scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    found = [in_scope(scope)]
    if asked.team_id is not None:
        found.append(model.team_id == asked.team_id)
    if asked.unit_id is not None:
        found.append(Enterprise.unit_id == asked.unit_id)
    return found


def _of(model: Any) -> Select[Any]:
    statement: Any = select(model, Enterprise.id, Enterprise.name, Enterprise.town_id).join(Enterprise, Enterprise.id == model.enterprise_id)
    return statement  # type: ignore[no-any-return]


def page_diagnoses(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Any]:
    """Rows (diagnosis, enterprise id, name, town id), latest first."""
    where = _common(ServiceDiagnosis, scope, asked)
    if asked.state in DIAGNOSIS_STATES:
        where.append(ServiceDiagnosis.state == asked.state)
    if asked.kind in KINDS:
        where.append(ServiceDiagnosis.kind == asked.kind)
    return page_of(_of(ServiceDiagnosis).where(*where), (ServiceDiagnosis.id,), (int,), lambda row: (row[0].id,), cursor, size)


def found_counts(ids: list[int]) -> dict[int, tuple[int, int]]:
    """Diagnosis id -> rows marked yellow, rows marked red. The caller has checked the scope."""
    yellow, red = (func.sum(case((DiagnosisItem.answer == answer, 1), else_=0)) for answer in FOUND)
    rows = db.session.execute(
        select(DiagnosisItem.diagnosis_id, yellow, red).where(DiagnosisItem.diagnosis_id.in_(ids)).group_by(DiagnosisItem.diagnosis_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def get_diagnosis(scope: Scope, diagnosis_id: int) -> tuple[ServiceDiagnosis, Enterprise]:
    """One diagnosis with its enterprise. Raises NotFound."""
    return _get(ServiceDiagnosis, scope, diagnosis_id, "没有找到这份诊断，或企业不在您的管辖范围内。请从“诊断”重新进入。")


def get_plan(scope: Scope, plan_id: int) -> tuple[ImprovementPlan, Enterprise]:
    """One plan with its enterprise. Raises NotFound."""
    return _get(ImprovementPlan, scope, plan_id, "没有找到这份提升方案，或企业不在您的管辖范围内。请从“提升方案”重新进入。")


def _get(model: Any, scope: Scope, id_: int, missing: str) -> Any:
    row = None
    if 0 < id_ < 2**63:
        row = db.session.execute(
            select(model, Enterprise).join(Enterprise, Enterprise.id == model.enterprise_id).where(model.id == id_, in_scope(scope))
        ).first()
    if row is None:
        raise NotFound(missing)
    speak_of(row[1].city_id)
    return row[0], row[1]


def diagnoses_of(scope: Scope, enterprise_id: int) -> list[ServiceDiagnosis]:
    """Diagnoses of one enterprise, latest first."""
    statement = select(ServiceDiagnosis).join(Enterprise, Enterprise.id == ServiceDiagnosis.enterprise_id)
    wanted = statement.where(in_scope(scope), ServiceDiagnosis.enterprise_id == enterprise_id)
    return list(db.session.scalars(wanted.order_by(ServiceDiagnosis.id.desc()).limit(50)))


def page_plans(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Any]:
    """Rows (plan, enterprise id, name, town id), latest first."""
    where = _common(ImprovementPlan, scope, asked)
    if asked.state == "running":
        where.append(ImprovementPlan.state.in_(RUNNING))
    elif asked.state in STATES:
        where.append(ImprovementPlan.state == asked.state)
    return page_of(_of(ImprovementPlan).where(*where), (ImprovementPlan.id,), (int,), lambda row: (row[0].id,), cursor, size)


@dataclass(frozen=True)
class Progress:
    """Lines of a plan by state; ``late``: open ones whose day has passed."""

    total: int = 0
    done: int = 0
    late: int = 0


def progress_of(ids: list[int], today: date) -> dict[int, Progress]:
    """Plan id -> progress; dropped lines count as neither. The caller has checked the scope."""
    done = func.sum(case((PlanItem.state == "done", 1), else_=0))
    late = func.sum(case(((PlanItem.state == "open") & (PlanItem.due_on < today), 1), else_=0))
    rows = db.session.execute(
        select(PlanItem.plan_id, func.count(), done, late).where(PlanItem.plan_id.in_(ids), PlanItem.state != "dropped").group_by(PlanItem.plan_id)
    )
    return {row[0]: Progress(row[1], int(row[2]), int(row[3])) for row in rows}


def items_of_plan(plan_id: int) -> list[PlanItem]:
    """Lines in their order. The caller has checked the scope."""
    return list(db.session.scalars(select(PlanItem).where(PlanItem.plan_id == plan_id).order_by(PlanItem.position, PlanItem.id)))


def get_item(plan_id: int, item_id: int) -> PlanItem:
    """One line of the plan. Raises NotFound."""
    row = db.session.scalars(select(PlanItem).where(PlanItem.id == item_id, PlanItem.plan_id == plan_id)).first()
    if row is None:
        raise NotFound("方案里没有这一条，可能已删除。请刷新页面。")
    return row


def plans_of(scope: Scope, enterprise_id: int) -> list[ImprovementPlan]:
    """Plans of one enterprise, latest first."""
    statement = select(ImprovementPlan).join(Enterprise, Enterprise.id == ImprovementPlan.enterprise_id)
    wanted = statement.where(in_scope(scope), ImprovementPlan.enterprise_id == enterprise_id)
    return list(db.session.scalars(wanted.order_by(ImprovementPlan.id.desc()).limit(50)))
