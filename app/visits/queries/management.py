"""百千万: three counters of distinct enterprises, each with the list it opens; what platforms recorded (004 三(六))."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.queries import valid_on
from app.visits.models import ConsultRecord, ServiceDiagnosis, ServiceProject
from app.visits.queries.paging import page_of
from app.visits.rules.improvement import CONSULT_KINDS

ABOVE_SCALE = "scale_up"
"""Title of enterprises above the designated size (规上)."""
COUNTED_PROJECTS = ("active", "delivered", "accepted")


def diagnosed(kind: str = "") -> ColumnElement[bool]:
    """SQL condition on ``Enterprise``: has a finished diagnosis (of the kind)."""
    found = select(ServiceDiagnosis.id).where(ServiceDiagnosis.enterprise_id == Enterprise.id, ServiceDiagnosis.state == "finished")
    return (found.where(ServiceDiagnosis.kind == kind) if kind else found).exists()


def helped(kind: str) -> ColumnElement[bool]:
    """SQL condition on ``Enterprise``: has a consulting or training record."""
    return select(ConsultRecord.id).where(ConsultRecord.enterprise_id == Enterprise.id, ConsultRecord.kind == kind).exists()


def transformed() -> ColumnElement[bool]:
    """SQL condition on ``Enterprise``: a transformation project that has begun and was not stopped."""
    return select(ServiceProject.id).where(
        ServiceProject.enterprise_id == Enterprise.id, ServiceProject.kind == "transform", ServiceProject.state.in_(COUNTED_PROJECTS),
    ).exists()


def above_scale(day: date) -> ColumnElement[bool]:
    """SQL condition on ``Enterprise``: holds the title of 规上 on the day."""
    return select(Recognition.id).where(
        Recognition.enterprise_id == Enterprise.id, Recognition.title_code == ABOVE_SCALE, Recognition.superseded_at.is_(None), valid_on(day),
    ).exists()


def of_tier(tier: str, day: date) -> list[ColumnElement[bool]]:
    """The exact rule of a tier (``rules.improvement.TIER_RULES`` in SQL)."""
    return {
        "hundred": [diagnosed("full"), transformed()],
        "thousand": [diagnosed(), helped("training"), above_scale(day)],
        "ten_thousand": [helped("consult")],
    }[tier]


def count_by_unit(scope: Scope, tier: str, day: date) -> dict[int, int]:
    """Unit id -> enterprises of the tier."""
    statement = select(Enterprise.unit_id, func.count()).where(in_scope(scope), *of_tier(tier, day)).group_by(Enterprise.unit_id)
    return {row[0]: row[1] for row in db.session.execute(statement)}


def page_tier(scope: Scope, tier: str, day: date, unit_id: int | None, cursor: str | None, size: int) -> Page[Any]:
    """Rows (id, name, credit code, town id) of exactly the counted enterprises."""
    statement: Select[Any] = select(Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id).where(in_scope(scope), *of_tier(tier, day))
    if unit_id is not None:
        statement = statement.where(Enterprise.unit_id == unit_id)
    return page_of(statement, (Enterprise.id,), (int,), lambda row: (row[0],), cursor, size, descending=False)


def last_help(enterprise_ids: Sequence[int]) -> dict[int, ConsultRecord]:
    """Enterprise id -> its last record. The caller has checked the scope."""
    rows = db.session.scalars(
        select(ConsultRecord).where(ConsultRecord.enterprise_id.in_(sorted(enterprise_ids))).order_by(ConsultRecord.held_on, ConsultRecord.id)
    )
    return {row.enterprise_id: row for row in rows}


def page_consults(scope: Scope, kind: str, unit_id: int | None, cursor: str | None, size: int) -> Page[Any]:
    """Rows (record, enterprise id, name, town id), latest first."""
    statement: Any = select(ConsultRecord, Enterprise.id, Enterprise.name, Enterprise.town_id).join(Enterprise, Enterprise.id == ConsultRecord.enterprise_id)
    statement = statement.where(in_scope(scope))
    if kind in CONSULT_KINDS:
        statement = statement.where(ConsultRecord.kind == kind)
    if unit_id is not None:
        statement = statement.where(Enterprise.unit_id == unit_id)
    keys = (ConsultRecord.held_on, ConsultRecord.id)
    return page_of(statement, keys, (date, int), lambda row: (row[0].held_on, row[0].id), cursor, size)
