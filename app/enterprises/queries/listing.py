"""The list of enterprises: one statement a page, keyset paging in every order, counts capped."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from app.enterprises.models import HIGHEST, LOWEST, Enterprise, EnterpriseSummary, EnterpriseTag, EnterpriseYear
from app.enterprises.queries import hooks, search
from app.enterprises.queries.scope import in_scope
from app.enterprises.rules.industry import section_range
from app.infra import clock
from app.infra.db import ExactDecimal, Yuan, db
from app.infra.web.pagination import COUNT_CAP, Cursor, Page, decode, encode
from app.kernel.scope import Scope


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; None and "" mean "all". Money in 元. ``extra``: a condition of a higher capability on ``Enterprise``."""

    text: str = ""
    unit_id: int | None = None
    town_id: int | None = None
    section: str | None = None
    division: str | None = None
    rung: str | None = None
    title: str | None = None
    size: str | None = None
    status: str | None = None
    control: str | None = None
    revenue_min: Decimal | None = None
    revenue_max: Decimal | None = None
    tag: str | None = None
    no_year: int | None = None
    ids: tuple[int, ...] | None = None
    extra: ColumnElement[bool] | None = field(default=None, compare=False)

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, f.name) in (None, "") for f in fields(self) if f.name != "extra") and self.extra is None


class Sort(NamedTuple):
    """One order. ``key`` as in the address (``revenue``), ``down`` = descending."""

    key: str
    down: bool = False

    @classmethod
    def parse(cls, text: str | None) -> "Sort":
        """``-revenue`` -> revenue, descending; anything unknown -> the list's own order."""
        key = (text or "").removeprefix("-")
        return cls(key, (text or "").startswith("-")) if key in SORTS else cls("id")

    @property
    def code(self) -> str:
        return f"-{self.key}" if self.down else self.key


SORTS: dict[str, tuple[str, type[Any] | None]] = {
    "id": ("编号", None), "name": ("名称", str), "revenue": ("营业收入", Decimal), "growth": ("增速", Decimal), "updated": ("更新时间", datetime),
}  # fmt: skip
FIGURE_SORTS = frozenset({"revenue", "growth"})


def _unknown_last(column: str, down: bool, kind: TypeEngine[Any], *, sorted_here: bool = False) -> ColumnElement[Any]:
    """The sort key of a summary figure exactly as its index is written (see ``EnterpriseSummary``).

    ``sorted_here``: written differently on purpose, so that few rows are sorted instead of the whole index being walked to find them.
    """
    return literal_column(f"coalesce(enterprise_summary.{column}, {LOWEST if down else HIGHEST}){' + 0' if sorted_here else ''}", kind)


def _sort_key(sort: Sort, few: bool) -> ColumnElement[Any] | None:
    if sort.key == "name":
        return Enterprise.initials  # type: ignore[return-value]
    if sort.key == "updated":
        return Enterprise.updated_at  # type: ignore[return-value]
    if sort.key == "revenue":
        return _unknown_last("revenue_yuan", sort.down, Yuan(), sorted_here=few)
    return _unknown_last("growth_pct", sort.down, ExactDecimal(2), sorted_here=few) if sort.key == "growth" else None


def _is_few(scope: Scope, filters: Filters) -> bool:
    """Whether scope or filters leave at most some thousand rows: a town, named enterprises, a team."""
    narrow = not (scope.everything or scope.city_ids or scope.unit_ids)
    return narrow or filters.town_id is not None or filters.ids is not None or filters.extra is not None


_COLUMNS = (
    Enterprise.id, Enterprise.credit_code, Enterprise.name, Enterprise.short_name, Enterprise.town_id, Enterprise.unit_id,
    Enterprise.industry_code, Enterprise.control_type, Enterprise.status, Enterprise.founded_on, Enterprise.legal_person,
    Enterprise.main_product, Enterprise.updated_at, EnterpriseSummary.titles, EnterpriseSummary.rung, EnterpriseSummary.figures_year,
    EnterpriseSummary.revenue_yuan, EnterpriseSummary.growth_pct, EnterpriseSummary.rd_ratio_pct, EnterpriseSummary.employee_count,
    EnterpriseSummary.size_class, EnterpriseSummary.last_visit_on, EnterpriseSummary.team_id,
)  # fmt: skip


def conditions(scope: Scope, filters: Filters, *, plan: search.SearchPlan | None, share: float) -> list[ColumnElement[bool]]:
    """All conditions of a list on ``Enterprise`` and ``EnterpriseSummary``, the scope first."""
    return [in_scope(scope), *narrowing(filters, plan=plan, share=share)]


def narrowing(filters: Filters, *, plan: search.SearchPlan | None, share: float) -> list[ColumnElement[bool]]:
    """``conditions`` without the scope."""
    found = [*_place(filters), *_kind(filters), *_summary(filters), *_related(filters)]
    if plan is not None:
        found.append(plan.condition(share))
    if filters.ids is not None:
        found.append(Enterprise.id.in_(filters.ids) if filters.ids else false())
    if filters.extra is not None:
        found.append(filters.extra)
    return found


def _place(filters: Filters) -> list[ColumnElement[bool]]:
    pairs = ((Enterprise.unit_id, filters.unit_id), (Enterprise.town_id, filters.town_id))
    return [column == value for column, value in pairs if value is not None]


def _kind(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.section:
        span = section_range(filters.section)
        found.append(and_(Enterprise.industry_code >= span[0], Enterprise.industry_code < span[1]) if span else false())
    if filters.division:
        after = filters.division[:-1] + chr(ord(filters.division[-1]) + 1)
        found.append(and_(Enterprise.industry_code >= filters.division, Enterprise.industry_code < after))
    if filters.status:
        found.append(Enterprise.status == filters.status)
    if filters.control:
        found.append(Enterprise.control_type.is_(None) if filters.control == "unknown" else Enterprise.control_type == filters.control)
    return found


def _summary(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.rung:
        found.append(EnterpriseSummary.rung.is_(None) if filters.rung == "none" else EnterpriseSummary.rung == filters.rung)
    if filters.title:
        held = EnterpriseSummary.titles.like(f"%,{search.escape_like(filters.title)},%", escape="\\")
        found += [literal_column("enterprise_summary.titles <> ','"), held]  # the first one as the partial index is written
    if filters.size:
        found.append(EnterpriseSummary.size_class.is_(None) if filters.size == "unknown" else EnterpriseSummary.size_class == filters.size)
    if filters.revenue_min is not None:
        found.append(_unknown_last("revenue_yuan", True, Yuan()) >= literal(filters.revenue_min, Yuan()))
    if filters.revenue_max is not None:
        found.append(_unknown_last("revenue_yuan", False, Yuan()) <= literal(filters.revenue_max, Yuan()))
    return found


def _related(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.tag:
        found.append(exists().where(EnterpriseTag.enterprise_id == Enterprise.id, EnterpriseTag.tag == filters.tag))
    if filters.no_year is not None:
        known = exists().where(
            EnterpriseYear.enterprise_id == Enterprise.id, EnterpriseYear.year == filters.no_year, EnterpriseYear.superseded_at.is_(None)
        )
        found.append(~known)
    return found


def _needs_summary(filters: Filters) -> bool:
    return any(v is not None and v != "" for v in (filters.rung, filters.title, filters.size, filters.revenue_min, filters.revenue_max))


def _from(query: Select[Any], *, inner: bool, after: ColumnElement[bool] | None = None) -> Select[Any]:
    """A figure's order is driven by the summary's index, which an outer join would forbid. ``after``: where the summaries begin as well, or
    PostgreSQL merges them with the page from the very first one on."""
    on = EnterpriseSummary.enterprise_id == Enterprise.id
    if after is not None:
        on &= after
    return query.select_from(Enterprise).join(EnterpriseSummary, on, isouter=not inner)


def _key_columns(sort: Sort, few: bool) -> tuple[ColumnElement[Any], ...]:
    """The order's columns. With a summary figure the id is the summary's own: both stand in one index."""
    key = _sort_key(sort, few)
    if key is None:
        return (Enterprise.id,)  # type: ignore[return-value]
    return (key, EnterpriseSummary.enterprise_id if sort.key in FIGURE_SORTS else Enterprise.id)  # type: ignore[return-value]


def _beyond(keys: tuple[ColumnElement[Any], ...], *, greater: bool) -> ColumnElement[bool]:
    """Rows after (or before) the edge row, as one row comparison: the index is entered at the right place. The edge's values are bound
    at execution, so that one statement serves every page."""
    edge = [bindparam(f"edge_{i}", type_=key.type) for i, key in enumerate(keys)]
    if len(keys) == 1:
        return keys[0] > edge[0] if greater else keys[0] < edge[0]
    return tuple_(*keys) > tuple_(*edge) if greater else tuple_(*keys) < tuple_(*edge)


def _summaries_beyond(keys: tuple[ColumnElement[Any], ...], *, greater: bool) -> ColumnElement[bool] | None:
    """The same of the summaries, where the order is that of the ids."""
    return _beyond((EnterpriseSummary.enterprise_id,), greater=greater) if len(keys) == 1 else None  # type: ignore[arg-type]


def cursor_kinds(sort: Sort) -> tuple[type, ...]:
    """Types of the values a cursor of this order carries."""
    kind = SORTS[sort.key][1]
    return (int,) if kind is None else (kind, int)


def list_enterprises(
    scope: Scope, filters: Filters = Filters(), sort: Sort = Sort("id"), cursor: str | None = None, size: int = 50, *, counted: bool = True
) -> Page[Row[Any]]:
    """One page of column rows (``_COLUMNS``). ``cursor``: from the page before; raises ``Invalid`` when it does not fit the order."""
    edge = decode(cursor, cursor_kinds(sort))
    plan = search.plan(filters.text) if filters.text.strip() else None
    rows = _page_rows(scope, filters, sort, edge, size, plan)
    known = hooks.stored_total(scope) if counted and filters.is_empty else None
    total = count_enterprises(scope, filters, plan=plan) if counted and known is None else None
    backwards = edge is not None and edge.backwards
    further, rows = len(rows) > size, rows[:size]
    if backwards:
        rows = rows[::-1]
    width = len(cursor_kinds(sort))

    def at(row: Row[Any], *, back: bool) -> str:
        return encode(Cursor(tuple(row[len(_COLUMNS) :][:width]), back))

    has_next, has_previous = (True, further) if backwards else (further, edge is not None)
    return Page(
        rows, at(rows[-1], back=False) if rows and has_next else None, at(rows[0], back=True) if rows and has_previous else None, size,
        known if total is None else min(total, COUNT_CAP), total is not None and total > COUNT_CAP,
    )


def _page_rows(
    scope: Scope, filters: Filters, sort: Sort, edge: Cursor | None, size: int, plan: search.SearchPlan | None
) -> list[Row[Any]]:
    """One row more than asked for, in reading direction of the cursor."""
    backwards = edge.backwards if edge is not None else None
    if plan is None and filters.extra is None:
        statement = _plain_statement(scope, filters, sort, backwards, size, clock.today())
    else:
        statement = _statement(scope, filters, sort, backwards, size, plan)
    values = {f"edge_{i}": value for i, value in enumerate(edge.values)} if edge is not None else None
    return list(db.session.execute(statement, values).all())


@lru_cache(maxsize=512)
def _plain_statement(scope: Scope, filters: Filters, sort: Sort, backwards: bool | None, size: int, _day: date) -> Select[Any]:
    """Kept: putting a statement together costs more than running it. ``_day``: posts of teams are valid by day."""
    return _statement(scope, filters, sort, backwards, size, None)


def _statement(
    scope: Scope, filters: Filters, sort: Sort, backwards: bool | None, size: int, plan: search.SearchPlan | None
) -> Select[Any]:
    """``backwards`` None = the first page, else the page after or before the edge row bound at execution."""
    keys = _key_columns(sort, _is_few(scope, filters))
    greater = sort.down == bool(backwards)
    query = select(*_COLUMNS, *(key.label(f"sort_{i}") for i, key in enumerate(keys)))
    after = _summaries_beyond(keys, greater=greater) if backwards is not None else None
    query = _from(query, inner=sort.key in FIGURE_SORTS or _needs_summary(filters), after=after)
    query = query.where(*conditions(scope, filters, plan=plan, share=search.WALK_SHARE_FIRST_PAGE))
    if backwards is not None:
        query = query.where(_beyond(keys, greater=greater))
    return query.order_by(*(key.asc() if greater else key.desc() for key in keys)).limit(size + 1)


def count_enterprises(
    scope: Scope, filters: Filters = Filters(), *, cap: int | None = COUNT_CAP, plan: search.SearchPlan | None = None
) -> int:
    """How many rows the list has, counted up to ``cap`` + 1 (None = all of them)."""
    if plan is None and filters.text.strip():
        plan = search.plan(filters.text)
    wide = scope.everything or bool(scope.city_ids)
    only_text = Filters(text=filters.text) == filters and filters.extra is None
    if cap is not None and wide and only_text and plan is not None and plan.certainly_more_than(cap * (1 if scope.everything else 2)):
        return cap + 1
    query = select(Enterprise.id).select_from(Enterprise)
    if _needs_summary(filters):
        query = _from(query, inner=True)
    query = query.where(*conditions(scope, filters, plan=plan, share=search.WALK_SHARE_COUNT))
    if cap is not None:
        query = query.limit(cap + 1)
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def list_tags(scope: Scope, limit: int = 200) -> list[str]:
    """Tags in use on enterprises of the scope, by alphabet."""
    query = select(EnterpriseTag.tag).distinct().order_by(EnterpriseTag.tag).limit(limit)
    if not scope.everything:
        query = query.where(EnterpriseTag.enterprise_id.in_(select(Enterprise.id).where(in_scope(scope))))
    return list(db.session.scalars(query))


def list_names(scope: Scope, ids: Sequence[int]) -> list[Row[tuple[int, str, str]]]:
    """Id, name and credit code of chosen enterprises inside the scope, in the order of their ids."""
    chosen = or_(Enterprise.id.in_(list(ids)[:1000])) if ids else false()
    return list(db.session.execute(select(Enterprise.id, Enterprise.name, Enterprise.credit_code).where(in_scope(scope), chosen).order_by(Enterprise.id)))


def data_date(scope: Scope) -> date | None:
    """Day of the newest change of any enterprise of the scope (the data date a list or export prints)."""
    newest = db.session.scalar(select(Enterprise.updated_at).where(in_scope(scope)).order_by(Enterprise.updated_at.desc(), Enterprise.id.desc()).limit(1))
    return clock.local(newest).date() if newest else None


def each_row(scope: Scope, filters: Filters, sort: Sort, batch: int = 5_000) -> Iterator[Row[Any]]:
    """Every row of the list in its order, page after page: memory stays small, no long-lived cursor is held."""
    cursor: str | None = None
    while True:
        page = list_enterprises(scope, filters, sort, cursor, batch, counted=False)
        yield from page.rows
        cursor = page.next
        if cursor is None:
            return


def each_value(
    scope: Scope, filters: Filters, sort: Sort, columns: Sequence[ColumnElement[Any]], batch: int = 20_000
) -> Iterator[Sequence[Row[Any]]]:
    """The same for an export: batches of rows with just these columns, followed by the order's own."""
    plan = search.plan(filters.text) if filters.text.strip() else None
    keys = _key_columns(sort, _is_few(scope, filters))
    query = select(*columns, *(key.label(f"sort_{i}") for i, key in enumerate(keys)))
    narrowed = conditions(scope, filters, plan=plan, share=search.WALK_SHARE_COUNT)

    def ordered(after: ColumnElement[bool] | None, *beyond: ColumnElement[bool]) -> Select[Any]:
        rows = _from(query, inner=sort.key in FIGURE_SORTS or _needs_summary(filters), after=after).where(*narrowed, *beyond)
        return rows.order_by(*(key.desc() if sort.down else key.asc() for key in keys)).limit(batch)

    first = ordered(None)
    further = ordered(_summaries_beyond(keys, greater=not sort.down), _beyond(keys, greater=not sort.down))
    connection = db.session.connection()  # plain rows: the session's loading would cost as much again

    def read(edge: Sequence[Any] | None) -> Sequence[Row[Any]]:
        if edge is None:
            return connection.execute(first).all()
        return connection.execute(further, {f"edge_{i}": value for i, value in enumerate(edge)}).all()

    with ThreadPoolExecutor(1) as ahead:  # the next batch is read while the present one is written
        rows = read(None)
        while rows:
            more = ahead.submit(read, tuple(rows[-1])[len(columns) :]) if len(rows) == batch else None
            yield rows
            rows = more.result() if more else []
