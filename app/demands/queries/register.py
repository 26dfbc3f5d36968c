"""The register (诉求台账): one condition for tabs, filters and measures, so that every count is exactly its list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.demands.models import Demand, DemandExtension
from app.demands.queries.scope import demand_in_scope
from app.demands.rules.policy import DemandPolicy
from app.demands.rules.rates import MEASURES
from app.demands.rules.states import OPEN_TABS, OUTCOMES, SOURCES, STATES, TABS
from app.enterprises.models import Enterprise
from app.enterprises.queries import search
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.scope import Scope
from app.kernel.text import clean

OVERDUE, EVERY, OPEN_ONES = "overdue", "all", "open"
ALL_TABS = {**TABS, OVERDUE: "逾期", OPEN_ONES: "在办", EVERY: "全部"}
"""``OPEN_ONES``: what the numbers by person open; no tab of its own until then."""
NEWEST_FIRST = ("done", EVERY)
ALWAYS_INDEX = 2.0
"""Share of the firms above which a name search would walk the list of firms instead: never, this list is not theirs."""
_Other = aliased(Demand)


@dataclass(frozen=True)
class DemandFilters:
    """What narrows the register. Empty = does not narrow. ``first`` / ``last``: days on which the demand was raised; ``measure``: code of
    ``rules.rates.MEASURES``; ``handler``: user id, 0 = nobody yet; ``organisation``: 0 = none."""

    tab: str = "intake"
    text: str = ""
    domain: str = ""
    source: str = ""
    state: str = ""
    outcome: str = ""
    organisation: int | None = None
    unit: int | None = None
    handler: int | None = None
    enterprise: int | None = None
    fast: bool = False
    ruling: bool = False
    extension: bool = False
    unmatched: bool = False
    low: bool = False
    lamp: str = ""
    first: date | None = None
    last: date | None = None
    measure: str = ""


@dataclass(frozen=True)
class DemandRow:
    """One line: columns, no entity."""

    id: int
    number: str
    title: str
    enterprise_id: int | None
    name: str | None
    claimed_name: str | None
    unit_id: int | None
    town_id: int | None
    city_id: int
    domain: str
    source: str
    state: str
    outcome: str | None
    rating: int | None
    organisation_id: int | None
    handler_name: str | None
    fast: bool
    needs_ruling: bool
    reopen_count: int
    bounce_count: int
    raised_at: datetime
    due_step: str | None
    due_at: datetime | None
    yellow_at: datetime | None
    paused_at: datetime | None
    instructed_at: datetime | None
    closed_at: datetime | None
    sort_at: datetime


_COLUMNS = (
    Demand.id, Demand.number, Demand.title, Demand.enterprise_id, Enterprise.name, Demand.claimed_name, Demand.unit_id, Demand.town_id, Demand.city_id,
    Demand.domain, Demand.source, Demand.state, Demand.outcome, Demand.rating, Demand.organisation_id, Demand.handler_name, Demand.fast, Demand.needs_ruling,
    Demand.reopen_count, Demand.bounce_count, Demand.raised_at, Demand.due_step, Demand.due_at, Demand.yellow_at, Demand.paused_at, Demand.instructed_at,
    Demand.closed_at, Demand.sort_at,
)


def in_tab(tab: str, now: datetime) -> ColumnElement[bool] | None:
    """SQL condition of a tab; None = every demand."""
    if tab == OVERDUE:
        return Demand.tab.in_(OPEN_TABS) & (Demand.sort_at < now)
    if tab == OPEN_ONES:
        return Demand.tab.in_(OPEN_TABS)
    return Demand.tab == tab if tab in TABS else None


def counted() -> ColumnElement[bool]:
    """Demands the rates speak of."""
    return Demand.state.not_in(("rejected", "withdrawn")) & Demand.duplicate_of_id.is_(None)


def measured(measure: str, now: datetime, satisfied_from: int) -> ColumnElement[bool]:
    """SQL condition of one count of the rates: used by the counts and by the lists they open."""
    answerable = counted() & Demand.contact_due_at.is_not(None) & or_(Demand.contacted_at.is_not(None), Demand.contact_due_at < now)
    due = counted() & Demand.solve_due_at.is_not(None) & or_(Demand.solved_at.is_not(None), (Demand.solve_due_at < now) & Demand.paused_at.is_(None))
    rated = counted() & Demand.rating.is_not(None)
    return {
        "counted": counted(), "answerable": answerable, "in_time": answerable & (Demand.contacted_at <= Demand.contact_due_at), "due": due,
        "done": due & Demand.solved_at.is_not(None), "done_in_time": due & (Demand.solved_at <= Demand.solve_due_at), "rated": rated,
        "satisfied": rated & (Demand.rating >= satisfied_from),
    }[measure]


def raised_between(first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    """SQL conditions of a period, both days included."""
    found: list[ColumnElement[bool]] = []
    if first is not None:
        found.append(Demand.raised_at >= clock.start_of_day(first))
    if last is not None:
        found.append(Demand.raised_at <= clock.end_of_day(last))
    return found


def conditions(scope: Scope, filters: DemandFilters, policy: DemandPolicy, now: datetime, *, tab: bool = True) -> list[ColumnElement[bool]]:
    """Everything a list of the register is narrowed by."""
    found = [demand_in_scope(scope), *raised_between(filters.first, filters.last), *_said(filters)]
    inside = in_tab(filters.tab, now) if tab else None
    if inside is not None:
        found.append(inside)
    if filters.measure in MEASURES:
        found.append(measured(filters.measure, now, policy.satisfied_from))
    if filters.low:
        found.append(Demand.rating <= policy.low_rating)
    if filters.lamp in ("red", "yellow", "green"):
        running = Demand.tab.in_(OPEN_TABS) & Demand.paused_at.is_(None)
        in_time = Demand.due_at >= now
        lamps = {"red": Demand.due_at < now, "yellow": in_time & (Demand.yellow_at <= now), "green": in_time & (Demand.yellow_at > now)}
        found.append(running & lamps[filters.lamp])
    return found


def _said(filters: DemandFilters) -> Iterator[ColumnElement[bool]]:
    for column, value in (
        (Demand.domain, filters.domain), (Demand.source, filters.source if filters.source in SOURCES else ""),
        (Demand.state, filters.state if filters.state in STATES else ""), (Demand.outcome, filters.outcome if filters.outcome in OUTCOMES else ""),
        (Demand.unit_id, filters.unit), (Demand.enterprise_id, filters.enterprise),
    ):
        if value:
            yield column == value
    for column, number in ((Demand.organisation_id, filters.organisation), (Demand.handler_id, filters.handler)):
        if number is not None:
            yield column.is_(None) if number == 0 else column == number
    for column, wanted in ((Demand.fast, filters.fast), (Demand.needs_ruling, filters.ruling)):
        if wanted:
            yield column.is_(True)
    if filters.unmatched:
        yield Demand.enterprise_id.is_(None)
    if filters.extension:
        yield Demand.id.in_(select(DemandExtension.demand_id).where(DemandExtension.state == "asked"))
    if filters.text:
        yield _matches(filters.text)


def _matches(text: str) -> ColumnElement[bool]:
    """Number, title or name of the enterprise contains the words. Each part is looked up by an index of its own, so that the rest stays small."""
    words = clean(text)[:60]
    if words.upper().startswith("SQ"):
        return Demand.number.startswith(words.upper(), autoescape=True)
    titled = select(_Other.id).where(_Other.title.contains(words, autoescape=True))
    claimed = select(_Other.id).where(_Other.enterprise_id.is_(None), _Other.claimed_name.contains(words, autoescape=True))
    found = [Demand.id.in_(titled), Demand.id.in_(claimed)]
    if not search.too_short(words):
        found.append(Demand.enterprise_id.in_(select(Enterprise.id).where(search.plan(words).condition(ALWAYS_INDEX))))
    return or_(*found)


def count_tabs(scope: Scope, filters: DemandFilters, policy: DemandPolicy, now: datetime) -> dict[str, int]:
    """Tab -> demands under it with the other filters, each counted up to the cap + 1, in one statement."""
    rest = conditions(scope, filters, policy, now, tab=False)
    parts = []
    for tab in (*TABS, OVERDUE):
        rows = select(literal(1)).select_from(Demand).where(in_tab(tab, now), *rest).limit(COUNT_CAP + 1).subquery()
        parts.append(select(func.count()).select_from(rows).scalar_subquery().label(tab))
    row = db.session.execute(select(*parts)).one()
    return {tab: int(getattr(row, tab)) for tab in (*TABS, OVERDUE)}


def _statement(scope: Scope, filters: DemandFilters, policy: DemandPolicy, now: datetime) -> Select[Any]:
    return select(*_COLUMNS).outerjoin(Enterprise, Enterprise.id == Demand.enterprise_id).where(*conditions(scope, filters, policy, now))


def page_demands(
    scope: Scope, filters: DemandFilters, policy: DemandPolicy, cursor: str | None, size: int, *, now: datetime, total: int | None = None,
) -> Page[DemandRow]:
    """A page: open ones by what is due next, ended ones newest first. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (datetime, int))
    statement, down = _statement(scope, filters, policy, now), filters.tab in NEWEST_FIRST
    sort = Demand.raised_at if filters.tab == EVERY else Demand.sort_at
    backwards = bool(edge and edge.backwards)
    ascending = down == backwards
    if edge:
        place, key = tuple_(sort, Demand.id), tuple_(literal(edge.values[0], sort.type), literal(edge.values[1]))
        statement = statement.where(place > key if ascending else place < key)
    order = (sort.asc(), Demand.id.asc()) if ascending else (sort.desc(), Demand.id.desc())
    rows = [DemandRow(*row) for row in db.session.execute(statement.order_by(*order).limit(size + 1))]
    key_of = (lambda row: (row.raised_at, row.id)) if filters.tab == EVERY else (lambda row: (row.sort_at, row.id))
    if total is None:
        capped = _statement(scope, filters, policy, now).with_only_columns(Demand.id, maintain_column_froms=True).limit(COUNT_CAP + 1).subquery()
        total = db.session.scalar(select(func.count()).select_from(capped)) or 0
    return cut(rows, size, edge, key_of, total)


def every_demand(scope: Scope, filters: DemandFilters, policy: DemandPolicy, *, now: datetime, limit: int) -> Sequence[Any]:
    """All rows of a list for an export, with what only the sheet needs."""
    more = (
        Enterprise.credit_code, Demand.text, Demand.answer, Demand.contacted_at, Demand.contact_due_at, Demand.solved_at, Demand.solve_due_at,
        Demand.rated_at, Demand.rating_note,
    )
    statement = _statement(scope, filters, policy, now).add_columns(*more)
    return db.session.execute(statement.order_by(Demand.raised_at, Demand.id).limit(limit)).all()


@dataclass(frozen=True)
class PersonLoad:
    """Backlog of one handler. ``handler_id`` 0: nobody has taken it yet."""

    handler_id: int
    name: str
    organisation_id: int | None
    open: int
    overdue: int
    yellow: int
    waiting: int
    oldest: datetime | None


def backlog(scope: Scope, now: datetime, *, limit: int = 200) -> list[PersonLoad]:
    """Open demands by person (接办人), those with most overdue first: whom to ask, not only which paper."""
    person = func.coalesce(Demand.handler_id, 0)
    late, still = Demand.sort_at < now, Demand.paused_at.is_not(None)
    near = (Demand.due_at >= now) & (Demand.yellow_at <= now) & Demand.paused_at.is_(None)
    overdue = func.sum(case((late, 1), else_=0))
    statement = (
        select(
            person, func.max(Demand.handler_name), Demand.organisation_id, func.count(), overdue, func.sum(case((near, 1), else_=0)),
            func.sum(case((still, 1), else_=0)), func.min(Demand.raised_at),
        )
        .where(demand_in_scope(scope), Demand.tab.in_(OPEN_TABS)).group_by(person, Demand.organisation_id)
        .order_by(overdue.desc(), func.count().desc(), person).limit(limit)
    )
    return [
        PersonLoad(int(row[0]), row[1] or "", row[2], int(row[3]), int(row[4] or 0), int(row[5] or 0), int(row[6] or 0), row[7])
        for row in db.session.execute(statement)
    ]


def count_measures(
    scope: Scope, filters: DemandFilters, policy: DemandPolicy, now: datetime, *, by: str,
) -> dict[int | None, dict[str, int]]:
    """Counts of the rates by ``organisation`` or ``unit`` (key None = none) with the outcomes; one statement."""
    column = Demand.organisation_id if by == "organisation" else Demand.unit_id
    sums = [func.sum(case((measured(measure, now, policy.satisfied_from), 1), else_=0)) for measure in MEASURES]
    ends = [func.sum(case((counted() & (Demand.outcome == outcome) & Demand.solved_at.is_not(None), 1), else_=0)) for outcome in OUTCOMES]
    statement = select(column, *sums, *ends).where(*conditions(scope, filters, policy, now)).group_by(column)
    names = (*MEASURES, *OUTCOMES)
    return {row[0]: {name: int(value or 0) for name, value in zip(names, row[1:], strict=True)} for row in db.session.execute(statement)}


def domains_in_use() -> set[str]:
    """Codes of domains that demands have."""
    return set(db.session.scalars(select(Demand.domain).distinct()))
