"""The list on another day, as known on another: town, name, status, titles and figures of that day.

Industry, control type and tags carry no dates: they are today's, and the page says so (sorting by name goes by today's, too). Names of firms that
left the viewer's reach since stay hidden; firms merged away since stand there as they were known.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union_all,
)

from app.areas.models import Area
from app.areas.queries import units_as_of
from app.enterprises.models import HIGHEST, LOWEST, Enterprise, EnterpriseEvent, EnterpriseName, EnterpriseTown, EnterpriseYear
from app.enterprises.queries import search
from app.enterprises.queries.listing import Filters, Sort, cursor_kinds, narrowing
from app.enterprises.queries.newest import newest_year, size_expression
from app.enterprises.queries.records import known_at
from app.enterprises.queries.scope import standing, within
from app.infra import clock, dialect
from app.infra.db import ExactDecimal, Yuan, db
from app.infra.web.pagination import COUNT_CAP, Cursor, Page, cut, decode
from app.kernel.scope import Scope

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


TODAYS = ("text", "section", "division", "control", "tag", "ids")
"""Filters on what carries no date."""
SORTS = ("id", "name", "revenue", "growth")
"""Orders of a past day; when a record was last changed is a question of today."""
_MONEY = {"revenue": "revenue_yuan", "growth": "growth_pct"}
_STATUS_OF = {"cancelled": "cancelled", "moved_out": "moved_out", "licence_revoked": "revoked", "suspended": "suspended", "resumed": "active"}


@dataclass(frozen=True)
class PastAsked:
    """A list of a past day: what it is narrowed to and in which order. ``figures``: the viewer may see figures."""

    filters: Filters
    day: date
    known_on: date | None
    sort: Sort
    figures: bool

    @property
    def needs_figures(self) -> bool:
        return self.sort.key in _MONEY or any(v is not None for v in (self.filters.size, self.filters.revenue_min, self.filters.revenue_max))


def past_page(scope: Scope, asked: PastAsked, cursor: str | None, size: int) -> Page[PastRow]:
    """One page. Raises ``Invalid`` for a cursor that does not fit the order."""
    edge = decode(cursor, cursor_kinds(asked.sort))
    query = _Query(scope, asked)
    found = query.rows(edge, size + 1)
    total = db.session.scalar(select(func.count()).select_from(query.narrowed(select(Enterprise.id)).limit(COUNT_CAP + 1).subquery()))
    page = cut(found, size, edge, lambda row: row[1], total)
    return replace(page, rows=_filled([row for row, _keys in page.rows], asked))


def count_past(scope: Scope, day: date, known_on: date | None) -> int:
    """Every firm that was there."""
    query = _Query(scope, PastAsked(Filters(), day, known_on, Sort("id"), False))
    return int(db.session.scalar(query.narrowed(select(func.count()))) or 0)


def each_past(scope: Scope, asked: PastAsked, batch: int = 2_000) -> Iterator[PastRow]:
    """Every row in its order, batch after batch, for an export."""
    query, edge = _Query(scope, asked), None
    while rows := query.rows(edge, batch):
        yield from _filled([row for row, _keys in rows], asked)
        edge = Cursor(rows[-1][1])


class _Query:
    """The statement of one question, page by page."""

    def __init__(self, scope: Scope, asked: PastAsked) -> None:
        self.scope, self.asked = scope, asked
        self.newest: Any = _everybodys_figures(asked).cte("newest").prefix_with("MATERIALIZED") if asked.needs_figures else None
        self.parts = _parts(scope, asked)
        if self.newest is not None:
            self.parts += self._by_figures()
        self.keys = self._keys()

    def _by_figures(self) -> list[ColumnElement[bool]]:
        filters, newest = self.asked.filters, self.newest
        found: list[ColumnElement[bool]] = []
        if filters.size:
            size = size_expression(Enterprise.industry_code, newest.c.employee_count, newest.c.revenue_yuan, newest.c.assets_yuan)
            found.append(size.is_(None) if filters.size == "unknown" else size == filters.size)
        if filters.revenue_min is not None:
            found.append(newest.c.revenue_yuan >= literal(filters.revenue_min, Yuan()))
        if filters.revenue_max is not None:
            found.append(newest.c.revenue_yuan <= literal(filters.revenue_max, Yuan()))
        return found

    def _keys(self) -> list[ColumnElement[Any]]:
        """Columns of the order, the id last; unknown figures come last in both directions."""
        sort: Sort = self.asked.sort
        if sort.key == "name":
            return [Enterprise.initials, Enterprise.id]  # type: ignore[list-item]
        if sort.key not in _MONEY:
            return [Enterprise.id]  # type: ignore[list-item]
        value, kind = self._figure(_MONEY[sort.key])
        unknown = literal_column(LOWEST if sort.down else HIGHEST, kind)
        return [type_coerce(func.coalesce(value, unknown), kind), Enterprise.id]  # type: ignore[list-item]

    def _figure(self, name: str) -> tuple[ColumnElement[Any], Any]:
        newest = self.newest.c
        if name == "revenue_yuan":
            return newest.revenue_yuan, Yuan()
        return dialect.percent_of(db.session(), newest.revenue_yuan - newest.revenue_before, newest.revenue_before), ExactDecimal(2)

    def narrowed(self, statement: Any) -> Any:
        day, known_on = self.asked.day, self.asked.known_on
        there = and_(
            EnterpriseTown.enterprise_id == Enterprise.id, EnterpriseTown.valid_from <= day,
            or_(EnterpriseTown.valid_to.is_(None), EnterpriseTown.valid_to >= day),
            known_at(EnterpriseTown.recorded_at, EnterpriseTown.superseded_at, known_on),
        )
        statement = statement.select_from(Enterprise).join(EnterpriseTown, there)
        if self.newest is not None:
            statement = statement.join(self.newest, self.newest.c.enterprise_id == Enterprise.id)
        return statement.where(*self.parts)

    def rows(self, edge: Cursor | None, limit: int) -> list[tuple[PastRow, tuple[Any, ...]]]:
        """Rows with the values of their place, in reading direction of the cursor."""
        visible = case((within(self.scope), literal(1)), else_=literal(0))
        columns = (Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.industry_code, EnterpriseTown.town_id, visible)
        statement = self.narrowed(select(*columns, *(key.label(f"key_{n}") for n, key in enumerate(self.keys))))
        upwards = self.asked.sort.down == bool(edge and edge.backwards)
        if edge is not None:
            place = tuple_(*(literal(value, key.type) for value, key in zip(edge.values, self.keys, strict=True)))
            statement = statement.where(tuple_(*self.keys) > place if upwards else tuple_(*self.keys) < place)
        found = db.session.execute(statement.order_by(*(key.asc() if upwards else key.desc() for key in self.keys)).limit(limit))
        return [(PastRow(id_, name, code, kind, town_id, bool(seen)), tuple(keys)) for id_, name, code, kind, town_id, seen, *keys in found]


def _parts(scope: Scope, asked: PastAsked) -> list[ColumnElement[bool]]:
    """Conditions that need no figures."""
    filters, day, known_on = asked.filters, asked.day, asked.known_on
    plan = search.plan(filters.text) if filters.text.strip() else None
    todays = Filters(**{name: getattr(filters, name) for name in TODAYS})
    parts = [standing(known_on), *narrowing(todays, plan=plan, share=search.WALK_SHARE_COUNT), _reach(scope, day, known_on)]
    if filters.town_id is not None:
        parts.append(EnterpriseTown.town_id == filters.town_id)
    if filters.unit_id is not None:
        towns = [town for town, unit in units_as_of(day, known_on).items() if unit == filters.unit_id]
        parts.append(EnterpriseTown.town_id.in_(sorted(towns)))
    if _titles and filters.title:
        parts.append(_titles[0].holds(filters.title, day, known_on))
    if _titles and filters.rung:
        parts.append(_titles[0].stands(filters.rung, day, known_on))
    if filters.status:
        parts.append(status_on(day, known_on) == filters.status)
    if filters.no_year is not None:
        row = EnterpriseYear
        reported = exists().where(row.enterprise_id == Enterprise.id, row.year == filters.no_year, known_at(row.recorded_at, row.superseded_at, known_on))
        parts.append(~reported)
    return parts


def status_on(day: date, known_on: date | None) -> ColumnElement[str]:
    """Legal status on the day: what the last event until then says; before the first such event 在业. A status nobody dated is today's."""
    row, telling = EnterpriseEvent, EnterpriseEvent.kind.in_(sorted(_STATUS_OF))
    mine = (row.enterprise_id == Enterprise.id, telling)
    known = [row.recorded_at <= clock.end_of_day(known_on)] if known_on is not None else []
    last = select(row.kind).where(*mine, row.happened_on <= day, *known).order_by(row.happened_on.desc(), row.id.desc()).limit(1)
    dated = case((Enterprise.status == "merged", "active"), (exists().where(*mine), "active"), else_=Enterprise.status)
    return case(_STATUS_OF, value=last.correlate(Enterprise).scalar_subquery(), else_=dated)


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
        parts.append(within(scope.named))
    return or_(*parts) if parts else false()


def _filled(rows: Collection[PastRow], asked: PastAsked) -> list[PastRow]:
    """Names, titles and figures of the day for the rows shown."""
    ids = [row.enterprise_id for row in rows if row.visible]
    names, years = _names(ids, asked.day), _figures(ids, asked) if asked.figures and ids else {}
    held = _titles[0].held(ids, asked.day, asked.known_on) if _titles and ids else {}
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


def _known_figures(day: date, known_on: date | None) -> list[ColumnElement[bool]]:
    return [EnterpriseYear.year <= day.year, known_at(EnterpriseYear.recorded_at, EnterpriseYear.superseded_at, known_on)]


def _everybodys_figures(asked: PastAsked) -> CompoundSelect[Any]:
    """Newest figures of the day, a row for every firm: an outer join would be compared row by row with what SQLite made by window functions."""
    known = _known_figures(asked.day, asked.known_on)
    figures = newest_year(*known).subquery("figures")
    without = [literal(None, column.type) for column in figures.c if column.name != "enterprise_id"]
    some = exists().where(EnterpriseYear.enterprise_id == Enterprise.id, *known)
    return union_all(select(*figures.c), select(Enterprise.id, *without).where(~some))


def _figures(ids: Collection[int], asked: PastAsked) -> dict[int, tuple[int, Decimal | None]]:
    """The newest year up to the day's with its revenue from the strongest source known then."""
    found = newest_year(EnterpriseYear.enterprise_id.in_(sorted(ids)), *_known_figures(asked.day, asked.known_on)).subquery("newest")
    rows = db.session.execute(select(found.c.enterprise_id, found.c.year, found.c.revenue_yuan))
    return {id_: (year, revenue) for id_, year, revenue in rows}
