"""Findings, measures and promises across visits: the list of promises, one row of a visit, the figures of how promises are kept."""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, select, tuple_

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.visits.models import Finding, Measure, Promise, Visit
from app.visits.rules.promises import DONE, DROPPED, OPEN
from app.visits.rules.visit import COMPLETE

LAST = date(9999, 12, 31)
Outcome = TypeVar("Outcome", Finding, Measure, Promise)


def get_outcome(model: type[Outcome], visit_id: int, outcome_id: int) -> Outcome:
    """One finding, measure or promise of the visit. Raises NotFound. The caller has checked the scope."""
    row = db.session.scalars(select(model).where(model.id == outcome_id, model.visit_id == visit_id)).first()
    if row is None:
        raise NotFound("没有找到这一项，可能已随走访作废。请刷新页面后重试。")
    return row


VIEWS = {"open": "待兑现", "overdue": "逾期", "kept": "按期兑现", "late": "逾期兑现", "done": "已兑现", "dropped": "已说明不能兑现"}


def view_of(model: Any, view: str, today: date) -> list[ColumnElement[bool]]:
    """SQL conditions of one view of promises (or measures)."""
    rules: dict[str, list[ColumnElement[bool]]] = {
        "open": [model.state == OPEN], "overdue": [model.state == OPEN, model.due_on < today], "done": [model.state == DONE],
        "kept": [model.state == DONE, model.settled_on <= model.due_on], "late": [model.state == DONE, model.settled_on > model.due_on],
        "dropped": [model.state == DROPPED],
    }
    return rules.get(view, [])


@dataclass(frozen=True)
class PromiseFilters:
    """Narrowing of the list of promises."""

    view: str = "open"
    team_id: int | None = None
    unit_id: int | None = None
    enterprise_id: int | None = None


def _promises(scope: Scope, filters: PromiseFilters, today: date, *columns: Any) -> Select[Any]:
    statement = select(*columns).join(Visit, Visit.id == Promise.visit_id).join(Enterprise, Enterprise.id == Promise.enterprise_id)
    statement = statement.where(Visit.state == COMPLETE, in_scope(scope), *view_of(Promise, filters.view, today))
    for column, value in ((Promise.team_id, filters.team_id), (Enterprise.unit_id, filters.unit_id), (Promise.enterprise_id, filters.enterprise_id)):
        if value is not None:
            statement = statement.where(column == value)
    return statement


def count_promises(scope: Scope, filters: PromiseFilters, today: date, cap: int = COUNT_CAP) -> int:
    """Rows of the list, counted up to the cap + 1."""
    capped = _promises(scope, filters, today, Promise.id).limit(cap + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(capped)) or 0


def page_promises(scope: Scope, filters: PromiseFilters, today: date, cursor: str | None, size: int) -> Page[Any]:
    """(promise, name of the enterprise, day of the visit), the earliest day first, those without a day last."""
    edge = decode(cursor, (date, int))
    day = func.coalesce(Promise.due_on, LAST)
    statement, backwards = _promises(scope, filters, today, Promise, Enterprise.name, Visit.visited_on), bool(edge and edge.backwards)
    if edge:
        key = tuple_(day, Promise.id)
        statement = statement.where(key < tuple_(*edge.values) if backwards else key > tuple_(*edge.values))
    order = (day.desc(), Promise.id.desc()) if backwards else (day, Promise.id)
    found = db.session.execute(statement.order_by(*order).limit(size + 1)).all()
    total = count_promises(scope, filters, today)
    return cut(found, size, edge, lambda row: (row[0].due_on or LAST, row[0].id), total)


@dataclass(frozen=True)
class Kept:
    """How promises were kept: of those with a day that has come or that were settled."""

    open: int
    overdue: int
    kept: int
    late: int
    dropped: int

    @property
    def rate(self) -> float | None:
        """Kept by their day, in percent of all that were due; None while none was."""
        due = self.overdue + self.kept + self.late + self.dropped
        return None if due == 0 else 100 * self.kept / due


def promises_kept(scope: Scope, today: date, filters: PromiseFilters) -> Kept:
    """Counts of every view in one statement."""
    counts = [
        func.coalesce(func.sum(case((and_(*view_of(Promise, view, today)), 1), else_=0)), 0) for view in ("open", "overdue", "kept", "late", "dropped")
    ]
    return Kept(*db.session.execute(_promises(scope, PromiseFilters("", filters.team_id, filters.unit_id, filters.enterprise_id), today, *counts)).one())


def open_of_enterprise(enterprise_id: int) -> list[Promise]:
    """Open promises to one enterprise, the earliest day first (brief, next visit). The caller has checked the scope."""
    rows = db.session.scalars(
        select(Promise).join(Visit, Visit.id == Promise.visit_id)
        .where(Promise.enterprise_id == enterprise_id, Promise.state == OPEN, Visit.state == COMPLETE)
        .order_by(func.coalesce(Promise.due_on, LAST), Promise.id)
    )
    return list(rows)
