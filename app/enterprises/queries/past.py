"""The list on another day, as known on another: town, name, titles and figures of that day. By number only; sums and sorting belong to today's list.

Industry, control type and tags carry no dates: they are today's, and the page says so. Names of firms that left the viewer's reach since stay hidden.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_, select, true

from app.areas.models import Area
from app.areas.queries import units_as_of
from app.enterprises.models import Enterprise, EnterpriseName, EnterpriseTown, EnterpriseYear
from app.enterprises.queries import search
from app.enterprises.queries.listing import Filters, conditions
from app.enterprises.queries.records import known_at
from app.enterprises.queries.scope import in_scope
from app.enterprises.rules.figures import PRECEDENCE
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.scope import ALL, Scope

Condition = Callable[[str, date, date | None], ColumnElement[bool]]
Held = Callable[[Collection[int], date, date | None], Mapping[int, tuple[str, ...]]]


@dataclass(frozen=True)
class PastTitles:
    """What the ladder knows of a past day. ``holds(title)`` and ``stands(rung)`` are conditions on ``Enterprise.id``; ``held``: labels by id."""

    holds: Condition
    stands: Condition
    held: Held


_titles: list[PastTitles] = []


def register_past_titles(provider: PastTitles) -> None:
    """Set who knows titles of past days (start-up)."""
    _titles[:] = [provider]


@dataclass(frozen=True)
class PastRow:
    """One enterprise as it was. ``visible`` False: out of the viewer's reach today. Money in 元; ``figures_year`` is the newest year known then."""

    enterprise_id: int
    name: str
    credit_code: str
    industry_code: str | None
    town_id: int
    visible: bool
    titles: tuple[str, ...] = ()
    figures_year: int | None = None
    revenue_yuan: Decimal | None = None


DATED = ("text", "section", "division", "control", "tag", "ids")
"""Filters whose meaning does not change with the day (or carries no date)."""


def past_page(scope: Scope, filters: Filters, day: date, known_on: date | None, cursor: str | None, size: int, *, figures: bool) -> Page[PastRow]:
    """One page by number. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (int,))
    where = _where(scope, filters, day, known_on)
    found = _rows(scope, where, edge.values[0] if edge else None, size + 1, backwards=bool(edge and edge.backwards))
    total = db.session.scalar(select(func.count()).select_from(_from(select(Enterprise.id), where, day, known_on).limit(COUNT_CAP + 1).subquery()))
    page = cut(found, size, edge, lambda row: (row.enterprise_id,), total)
    return replace(page, rows=_filled(page.rows, day, known_on, figures=figures))


def each_past(scope: Scope, filters: Filters, day: date, known_on: date | None, *, figures: bool, batch: int = 2_000) -> Iterator[PastRow]:
    """Every row, batch after batch, for an export."""
    where, after = _where(scope, filters, day, known_on), 0
    while rows := _rows(scope, where, after, batch):
        yield from _filled(rows, day, known_on, figures=figures)
        after = rows[-1].enterprise_id


@dataclass(frozen=True)
class _Where:
    parts: tuple[ColumnElement[bool], ...]
    day: date
    known_on: date | None


def _where(scope: Scope, filters: Filters, day: date, known_on: date | None) -> _Where:
    plan = search.plan(filters.text) if filters.text.strip() else None
    kept = Filters(**{name: getattr(filters, name) for name in DATED})
    parts = [*conditions(ALL, kept, plan=plan, share=search.WALK_SHARE_COUNT), _reach(scope, day, known_on)]
    if filters.town_id is not None:
        parts.append(EnterpriseTown.town_id == filters.town_id)
    if filters.unit_id is not None:
        towns = [town for town, unit in units_as_of(day, known_on).items() if unit == filters.unit_id]
        parts.append(EnterpriseTown.town_id.in_(sorted(towns)))
    if _titles and filters.title:
        parts.append(_titles[0].holds(filters.title, day, known_on))
    if _titles and filters.rung:
        parts.append(_titles[0].stands(filters.rung, day, known_on))
    return _Where(tuple(parts), day, known_on)


def _reach(scope: Scope, day: date, known_on: date | None) -> ColumnElement[bool]:
    """In the viewer's places on that day, or his by name (own enterprise, own team)."""
    if scope.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if scope.city_ids:
        parts.append(EnterpriseTown.town_id.in_(select(Area.id).where(Area.city_id.in_(sorted(scope.city_ids)))))
    if scope.unit_ids:
        parts.append(EnterpriseTown.town_id.in_(sorted(town for town, unit in units_as_of(day, known_on).items() if unit in scope.unit_ids)))
    if scope.town_ids:
        parts.append(EnterpriseTown.town_id.in_(sorted(scope.town_ids)))
    if scope.by_name:
        parts.append(in_scope(scope.named))
    return or_(*parts) if parts else false()


def _from(statement: Any, where: _Where, day: date, known_on: date | None) -> Any:
    there = and_(
        EnterpriseTown.enterprise_id == Enterprise.id, EnterpriseTown.valid_from <= day,
        or_(EnterpriseTown.valid_to.is_(None), EnterpriseTown.valid_to >= day),
        known_at(EnterpriseTown.recorded_at, EnterpriseTown.superseded_at, known_on),
    )
    return statement.join(EnterpriseTown, there).where(*where.parts)


def _rows(scope: Scope, where: _Where, edge: int | None, limit: int, *, backwards: bool = False) -> list[PastRow]:
    visible = case((in_scope(scope), literal(1)), else_=literal(0))
    columns = (Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.industry_code, EnterpriseTown.town_id, visible)
    statement = _from(select(*columns), where, where.day, where.known_on)
    if edge is not None:
        statement = statement.where(Enterprise.id < edge if backwards else Enterprise.id > edge)
    found = db.session.execute(statement.order_by(Enterprise.id.desc() if backwards else Enterprise.id).limit(limit))
    return [PastRow(id_, name, code, kind, town_id, bool(seen)) for id_, name, code, kind, town_id, seen in found]


def _filled(rows: Collection[PastRow], day: date, known_on: date | None, *, figures: bool) -> list[PastRow]:
    """Names, titles and figures of the day for the rows shown."""
    ids = [row.enterprise_id for row in rows if row.visible]
    names, years = _names(ids, day), _figures(ids, day, known_on) if figures else {}
    held = _titles[0].held(ids, day, known_on) if _titles and ids else {}
    return [
        replace(row, name=names.get(row.enterprise_id, row.name), titles=held.get(row.enterprise_id, ()),
                figures_year=years.get(row.enterprise_id, (None, None))[0], revenue_yuan=years.get(row.enterprise_id, (None, None))[1])
        for row in rows
    ]  # fmt: skip


def _names(ids: Collection[int], day: date) -> dict[int, str]:
    """Former names in force on the day."""
    former = select(EnterpriseName.enterprise_id, EnterpriseName.name).where(
        EnterpriseName.enterprise_id.in_(sorted(ids)), EnterpriseName.valid_to >= day,
        or_(EnterpriseName.valid_from.is_(None), EnterpriseName.valid_from <= day),
    )
    return {id_: name for id_, name in db.session.execute(former.order_by(EnterpriseName.id))} if ids else {}  # noqa: C416


def _figures(ids: Collection[int], day: date, known_on: date | None) -> dict[int, tuple[int, Decimal | None]]:
    """The newest year up to the day's with its revenue from the strongest source known then."""
    versions: dict[int, dict[int, list[dict[str, Any]]]] = {}
    known = select(EnterpriseYear.enterprise_id, EnterpriseYear.year, EnterpriseYear.source, EnterpriseYear.revenue_yuan).where(
        EnterpriseYear.enterprise_id.in_(sorted(ids)), EnterpriseYear.year <= day.year,
        known_at(EnterpriseYear.recorded_at, EnterpriseYear.superseded_at, known_on),
    )
    for id_, year, source, revenue in db.session.execute(known) if ids else ():
        versions.setdefault(id_, {}).setdefault(year, []).append({"source": source, "revenue_yuan": revenue})
    return {id_: _newest(years) for id_, years in versions.items()}


def _newest(years: Mapping[int, list[dict[str, Any]]]) -> tuple[int, Decimal | None]:
    year = max(years)
    known = sorted((PRECEDENCE.index(row["source"]), row["revenue_yuan"]) for row in years[year] if row["revenue_yuan"] is not None)
    return year, known[0][1] if known else None
