"""Needs of finance: the register and its sums."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of
from app.visits.models import FinanceNeed
from app.visits.queries.paging import page_of
from app.visits.rules.finance import KINDS, OPEN, STATES


@dataclass(frozen=True)
class Asked:
    """Which needs. ``state``: one of them, ``open`` counts every open one, empty = all."""

    state: str = ""
    kind: str = ""
    unit_id: int | None = None


def _where(scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    found = [in_scope(scope)]
    if asked.state == "running":
        found.append(FinanceNeed.state.in_(OPEN))
    elif asked.state in STATES:
        found.append(FinanceNeed.state == asked.state)
    if asked.kind in KINDS:
        found.append(FinanceNeed.kind == asked.kind)
    if asked.unit_id is not None:
        found.append(Enterprise.unit_id == asked.unit_id)
    return found


def page_needs(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Any]:
    """Rows (need, enterprise id, name, town id), latest first."""
    statement: Any = select(FinanceNeed, Enterprise.id, Enterprise.name, Enterprise.town_id).join(Enterprise, Enterprise.id == FinanceNeed.enterprise_id)
    return page_of(statement.where(*_where(scope, asked)), (FinanceNeed.id,), (int,), lambda row: (row[0].id,), cursor, size)


def sums(scope: Scope, asked: Asked) -> dict[str, tuple[int, Decimal, Decimal]]:
    """State -> needs, asked for, granted (元)."""
    statement = select(
        FinanceNeed.state, func.count(), func.coalesce(func.sum(FinanceNeed.amount_yuan), 0), func.coalesce(func.sum(FinanceNeed.granted_yuan), 0),
    ).join(Enterprise, Enterprise.id == FinanceNeed.enterprise_id).where(*_where(scope, asked)).group_by(FinanceNeed.state)
    return {row[0]: (row[1], Decimal(row[2]), Decimal(row[3])) for row in db.session.execute(statement)}


def get_need(scope: Scope, need_id: int) -> tuple[FinanceNeed, Enterprise]:
    """One need with its enterprise. Raises NotFound."""
    row = None
    if 0 < need_id < 2**63:
        row = db.session.execute(
            select(FinanceNeed, Enterprise).join(Enterprise, Enterprise.id == FinanceNeed.enterprise_id).where(FinanceNeed.id == need_id, in_scope(scope))
        ).first()
    if row is None:
        raise NotFound("没有找到这项融资需求，或企业不在您的管辖范围内。请从“融资需求”重新进入。")
    speak_of(row[1].city_id)
    return row[0], row[1]
