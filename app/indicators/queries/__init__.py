"""Numbers of the town table and the enterprises behind each of them.

31 December of a data year as known now is read from stored counts; any other day or knowledge is counted live by the same statements.
A number and its list use one definition of who is found, so they cannot differ.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Date,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    values,
)
from sqlalchemy.orm import aliased

from app.areas import queries as areas
from app.areas.models import Area
from app.enterprises.models import SOURCES, Enterprise, EnterpriseEvent, EnterpriseTown, EnterpriseYear
from app.enterprises.queries import merged_ids
from app.indicators.models import TownCount, TownCountYear
from app.indicators.rules import Column, ColumnKind, Recipe, columns
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope
from app.ladder import queries as ladder
from app.ladder.models import Recognition
from app.ladder.queries import Filters, MemberRow, Place, known
from app.ladder.rules import CountKind
from app.ladder.rules.explain_history import RevenueRule, Rule, TitleRule
from app.packs import Pack

# --- what the table shows


def year_end(year: int) -> date:
    """The day a data year is counted on unless another one is asked for."""
    return date(year, 12, 31)


def last_data_year() -> int:
    """The latest year that is over: the one a table opens with."""
    return clock.today().year - 1


def table_columns(pack: Pack, year: int) -> list[Column]:
    """The indicator rows in force at the end of the data year, or the latest edition for years before the plan."""
    return _remembered(pack, year)[0]


def definition(pack: Pack, year: int) -> str:
    """Changes when the pack counts something else for that year: stored counts of another definition are not shown."""
    return _remembered(pack, year)[1]


_editions: dict[tuple[str, int], tuple[list[Column], str]] = {}
"""Columns and their definition by pack content and year: worked out once per process (a pack never changes, it is replaced)."""


def _remembered(pack: Pack, year: int) -> tuple[list[Column], str]:
    key = (pack.hash, year)
    if key not in _editions:
        if len(_editions) > 200:
            _editions.clear()
        shown = columns(pack, pack.indicators(year_end(year)) or pack.indicators())
        said = [(c.key, c.recipe.metric and sorted(c.recipe.metric.pairs()), c.recipe.minimum_yuan, c.recipe.private) for c in shown if c.recipe]
        _editions[key] = shown, hashlib.sha256(json.dumps(said).encode()).hexdigest()
    return _editions[key]


@dataclass(frozen=True)
class Row:
    """A town of the table. ``values``: column key -> number, only for columns that are counted."""

    place: Place
    values: dict[str, int]


@dataclass(frozen=True, eq=False)
class Table:
    """The whole city on one day; one made of stored counts is the same object until they or the areas change.

    ``rows``: every town-level area by unit and code, 区直 and functional areas included (``place.ranked`` False).
    """

    year: int
    day: date
    known_on: date | None
    columns: list[Column]
    rows: list[Row]
    stored: bool
    stored_years: list[int]

    @cached_property
    def ranked(self) -> list[Row]:
        return [row for row in self.rows if row.place.ranked]

    @cached_property
    def counted(self) -> list[Column]:
        return [column for column in self.columns if column.counted]

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)

    def total(self, key: str, rows: Collection[Row] | None = None) -> int:
        """Sum over towns: an enterprise stands in one town, so it is counted once."""
        return sum(row.values[key] for row in (self.rows if rows is None else rows))


def city_table(pack: Pack, year: int, day: date | None = None, known_on: date | None = None) -> Table:
    """Numbers of every town of the pack's city; the viewer's part is taken by ``rows_in_scope``."""
    day, years = day or year_end(year), stored_years(pack)
    if (day, known_on) != (year_end(year), None) or years.get(year) != definition(pack, year):
        return _table(pack, year, day, known_on, live_values(pack, {year: day}, known_on)[year], list(years), stored=False)
    stamp = db.session.execute(_stamp_statement(), {"data_year": year}).one()
    key = (str(db.engine.url), pack.hash, year, tuple(years), *stamp)
    if key not in _tables:
        made = _table(pack, year, day, None, stored_values(year), list(years), stored=True)
        while len(_tables) >= _MOST_TABLES:
            _tables.pop(next(iter(_tables)), None)
        _tables[key] = made
        return made
    return _tables[key]


_tables: dict[Any, Table] = {}
_MOST_TABLES = 16
"""Tables of stored counts by the state of counts and areas (some 200 kB each)."""


def _table(
    pack: Pack, year: int, day: date, known_on: date | None, numbers: dict[tuple[str, int], int], years: list[int], *, stored: bool,
) -> Table:
    shown = table_columns(pack, year)
    keys = [column_.key for column_ in shown if column_.counted]
    rows = [Row(place, {key: numbers.get((key, place.town_id), 0) for key in keys}) for place in city_places(pack, year, day, known_on)]
    return Table(year, day, known_on, shown, rows, stored, years)


def city_places(pack: Pack, year: int, day: date, known_on: date | None = None) -> list[Place]:
    """Town-level areas of the city: which exist is decided by the end of the data year, who manages them by the day (nobody, before they existed: then
    they stand in the sums of the city alone)."""
    at_end = ladder.places(year_end(year), known_on)
    on_day = at_end if day == year_end(year) else ladder.places(day, known_on)
    chosen = [_with_unit(place, on_day[id_]) for id_, place in at_end.items() if place.city_code == pack.area_code]
    return sorted(chosen, key=lambda place: (place.unit_code, place.code))


def _with_unit(place: Place, other: Place) -> Place:
    return replace(place, unit_id=other.unit_id, unit_name=other.unit_name, unit_code=other.unit_code)


def rows_in_scope(scope: Scope, table: Table) -> list[Row]:
    """The towns whose numbers a viewer may read one by one: his city's, his unit's, his own."""
    ids = {place.town_id for place in ladder.towns_in_scope(scope, (row.place for row in table.rows))}
    return [row for row in table.rows if row.place.town_id in ids]


# --- the enterprises behind a number


def members_statement(
    scope: Scope, recipe: Recipe, year: int, day: date, known_on: date | None = None, towns: Collection[int] | None = None,
) -> Select[Any]:
    """The enterprises a number counts, as a statement for ``ladder.queries.member_page``."""
    filters = Filters(None if towns is None else frozenset(towns), private=recipe.private)
    return ladder.attributed(scope, _found(recipe, year, day, known_on), day, known_on, filters)


def members(
    scope: Scope, recipe: Recipe, year: int, day: date, *, known_on: date | None = None, towns: Collection[int] | None = None,
    after: int | None = None, limit: int | None = None,
) -> list[MemberRow]:
    """The enterprises a number counts, by id."""
    return ladder.member_rows(scope, members_statement(scope, recipe, year, day, known_on, towns), after, limit)


@dataclass(frozen=True)
class RecipeCount:
    """A number of the table as ``ladder.queries.explain`` takes it: its statement and its pure twin."""

    recipe: Recipe
    year: int

    @property
    def rule(self) -> Rule:
        return TitleRule(self.recipe.metric) if self.recipe.metric is not None else RevenueRule(self.year, self.recipe.minimum_yuan or 0)

    def statement(self, scope: Scope, day: date, known_on: date | None, filters: Filters) -> Select[Any]:
        found = _found(self.recipe, self.year, day, known_on)
        return ladder.attributed(scope, found, day, known_on, replace(filters, private=self.recipe.private))


def _found(recipe: Recipe, year: int, day: date, known_on: date | None) -> Subquery:
    if recipe.metric is not None:
        return ladder.counted(ladder.of_metric(recipe.metric), CountKind.STOCK, day, known_on, None).subquery("found")
    reached = select(EnterpriseYear.enterprise_id).where(
        EnterpriseYear.year == year, *_revenue_reached(recipe.minimum_yuan or 0, known_on),
        ~ladder.struck_off(EnterpriseYear.enterprise_id, day, known_on),
    )
    return reached.group_by(EnterpriseYear.enterprise_id).subquery("found")


def _revenue_reached(minimum_yuan: int, known_on: date | None) -> list[Any]:
    """The effective revenue reaches the line: 部门提供 > 平台导出 > 企业填报 > 走访, the strongest source that knows it decides."""
    other = aliased(EnterpriseYear)
    stronger = select(other.id).where(
        other.enterprise_id == EnterpriseYear.enterprise_id, other.year == EnterpriseYear.year, known(other, known_on),
        other.revenue_yuan.is_not(None), _strength(other) < _strength(EnterpriseYear),
    )
    return [EnterpriseYear.revenue_yuan >= minimum_yuan, known(EnterpriseYear, known_on), ~stronger.exists()]


def _strength(model: Any) -> Any:
    return case({source: place for place, source in enumerate(SOURCES)}, value=model.source, else_=len(SOURCES))


# --- all numbers at once


def _recipes(pack: Pack, year: int) -> list[tuple[Column, Recipe]]:
    return [(column, column.recipe) for column in table_columns(pack, year) if column.recipe is not None]


def stored_years(pack: Pack) -> dict[int, str]:
    """Data year -> definition of every year whose counts are stored for the pack's city, latest first."""
    rows = db.session.execute(
        select(TownCountYear.year, TownCountYear.definition).join(Area, Area.id == TownCountYear.city_id)
        .where(Area.code == pack.area_code).order_by(TownCountYear.year.desc())
    )
    return {year: said for year, said in rows}  # noqa: C416


def stored_values(year: int) -> dict[tuple[str, int], int]:
    """(column, town id) -> number at 31 December of a stored year."""
    rows = db.session.execute(select(TownCount.item, TownCount.town_id, TownCount.value).where(TownCount.year == year))
    return {(item, town_id): value for item, town_id, value in rows}


@cache
def counts_stamp() -> list[Any]:
    """Columns that differ whenever the stored counts of the year ``:data_year`` do (see ``ladder.queries.counts_stamp``), also within one
    moment of the clock. Made once: building them took as long as asking."""
    year = bindparam("data_year", type_=Integer)
    whole = select(func.max(TownCountYear.definition)).where(TownCountYear.year == year)
    weight = TownCount.town_id * 1009 + cast(TownCount.item, Integer)
    sums = func.count() * 1_000_000_007 + func.sum(cast(TownCount.value, BigInteger) * weight)
    rows = select(sums.label("sums"), func.max(TownCount.computed_at).label("newest")).where(TownCount.year == year).cte("counted")
    return [whole.scalar_subquery(), select(rows.c.sums).scalar_subquery(), select(rows.c.newest).scalar_subquery()]


@cache
def _stamp_statement() -> Select[Any]:
    return select(*counts_stamp(), *areas.stamp())


def live_values(pack: Pack, days: dict[int, date], known_on: date | None = None) -> dict[int, dict[tuple[str, int], int]]:
    """Data year -> (column, town id) -> number on the day given for that year, counted from the records."""
    answer: dict[int, dict[tuple[str, int], int]] = {year: {} for year in days}
    for statement in count_statements(pack, days, known_on):
        for year, town_id, item, count in db.session.execute(statement):
            answer[year][item, town_id] = count
    return answer


Asked = tuple[str, str, str]
"""Column key, title code, stored level."""


def count_statements(pack: Pack, days: dict[int, date], known_on: date | None = None, towns: Collection[int] | None = None) -> list[Select[Any]]:
    """``(year, town id, column key, enterprises)`` of everybody; a few statements for any number of years, columns and towns."""
    by_title: dict[tuple[bool, tuple[Asked, ...]], dict[int, date]] = {}
    by_revenue: dict[tuple[str, Recipe], dict[int, date]] = {}
    for year, day in days.items():
        asked: dict[bool, list[Asked]] = {}
        for column_, recipe in _recipes(pack, year):
            if recipe.metric is not None:
                asked.setdefault(recipe.private, []).extend((column_.key, *pair) for pair in recipe.metric.pairs())
            else:
                by_revenue.setdefault((column_.key, recipe), {})[year] = day
        for private, rows in asked.items():
            by_title.setdefault((private, tuple(sorted(rows))), {})[year] = day
    statements = [_by_title(rows, private, its_days, known_on, towns) for (private, rows), its_days in by_title.items()]
    return statements + [_by_revenue(key, recipe, its_days, known_on, towns) for (key, recipe), its_days in by_revenue.items()]


def _by_title(rows: Sequence[Asked], private: bool, days: dict[int, date], known_on: date | None, towns: Collection[int] | None) -> Select[Any]:
    """Years that ask for the same titles share a statement, which reads every recognition once and then looks in which years it counts."""
    asked = values(column("item", String), column("title_code", String), column("level", String), name="asked").data(list(rows)).cte("asked_rows")
    calendar = _calendar(days)
    held = _held_in(towns) if towns is not None else Recognition.__table__
    statement = (
        select(calendar.c.year, EnterpriseTown.town_id, asked.c.item, func.count(held.c.enterprise_id.distinct()))
        .select_from(held)
        .join(asked, and_(asked.c.title_code == held.c.title_code, asked.c.level == held.c.level))
        .join(calendar, ladder.valid_on(calendar.c.day, held.c))
        .where(known(held.c, known_on))
        .group_by(calendar.c.year, EnterpriseTown.town_id, asked.c.item)
    )
    return _placed(statement, held.c.enterprise_id, calendar.c.day, private, known_on, towns)


def _calendar(days: dict[int, date]) -> CTE:
    return values(column("year", Integer), column("day", Date), name="calendar").data(list(days.items())).cte("calendar_rows")


def _held_in(towns: Collection[int]) -> CTE:
    """Recognitions of the firms that were ever in these towns, found first: a change of one firm must not read everybody's."""
    firms = select(EnterpriseTown.enterprise_id).where(EnterpriseTown.town_id.in_(sorted(towns)))
    return select(Recognition.__table__).where(Recognition.enterprise_id.in_(firms)).cte("held").prefix_with("MATERIALIZED")


def _by_revenue(key: str, recipe: Recipe, days: dict[int, date], known_on: date | None, towns: Collection[int] | None) -> Select[Any]:
    calendar = _calendar(days)
    statement = (
        select(calendar.c.year, EnterpriseTown.town_id, literal(key).label("item"), func.count(EnterpriseYear.enterprise_id.distinct()))
        .select_from(EnterpriseYear)
        .join(calendar, calendar.c.year == EnterpriseYear.year)
        .where(*_revenue_reached(recipe.minimum_yuan or 0, known_on))
        .group_by(calendar.c.year, EnterpriseTown.town_id)
    )
    return _placed(statement, EnterpriseYear.enterprise_id, calendar.c.day, recipe.private, known_on, towns)


def _placed(
    statement: Select[Any], enterprise_id: Any, day: Any, private: bool, known_on: date | None, towns: Collection[int] | None,
) -> Select[Any]:
    """Join the found enterprises to their town on each day, leave out merged, cancelled and (where asked) not private ones."""
    off = select(EnterpriseEvent.enterprise_id, func.min(EnterpriseEvent.happened_on).label("on_day")).where(EnterpriseEvent.kind == "cancelled")
    if known_on is not None:
        off = off.where(EnterpriseEvent.recorded_at <= clock.end_of_day(known_on))
    gone = off.group_by(EnterpriseEvent.enterprise_id).subquery("gone")
    in_town = and_(EnterpriseTown.enterprise_id == enterprise_id, ladder.covers(EnterpriseTown, day), known(EnterpriseTown, known_on))
    statement = (
        statement.join(EnterpriseTown, in_town).join(gone, gone.c.enterprise_id == enterprise_id, isouter=True)
        .where(or_(gone.c.on_day.is_(None), gone.c.on_day > day), enterprise_id.not_in(merged_ids(known_on)))
    )
    if private:
        statement = statement.join(Enterprise, and_(Enterprise.id == enterprise_id, Enterprise.control_type == "private"))
    return statement if towns is None else statement.where(EnterpriseTown.town_id.in_(sorted(towns)))


__all__ = [
    "ColumnKind", "RecipeCount", "Row", "Table", "city_places", "city_table", "count_statements", "counts_stamp",
    "definition", "last_data_year", "live_values", "members",
    "members_statement", "rows_in_scope", "stored_values", "stored_years", "table_columns", "year_end",
]
