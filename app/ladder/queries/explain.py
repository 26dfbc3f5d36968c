"""Why a number changed: the enterprises in one of two counts and not in the other, each with its reason (``rules.explain``).

The two sets come from the very statements that made the numbers, so the reasons add up to the difference whatever happened. Histories are read
only of the enterprises that differ.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Select, case, func, literal, or_, select

from app.areas.models import Area
from app.enterprises.models import SOURCES, Enterprise, EnterpriseEvent, EnterpriseMerge, EnterpriseTown, EnterpriseYear
from app.enterprises.queries import in_scope, within
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.queries.counting import Filters, members_statement, rung_statement
from app.ladder.queries.places import Place, places, towns_in_scope
from app.ladder.queries.records import grant_of
from app.ladder.rules import CountKind, Metric
from app.ladder.rules.explain import Cause, Reason, explain, way
from app.ladder.rules.explain_history import Amount, History, RevenueRule, Rule, RungRule, Setting, Span, Stay, TitleRule, Version

CHUNK = 900
"""Ids per statement: below every limit of bound values."""


class Count(Protocol):
    """What is counted: a statement of ``attributed`` shape, and its pure twin."""

    @property
    def rule(self) -> Rule: ...

    def statement(self, scope: Scope, day: date, known_on: date | None, filters: Filters) -> Select[Any]: ...


@dataclass(frozen=True)
class TitleCount:
    """Holders of a metric: stock, new or cumulative."""

    metric: Metric
    kind: CountKind
    window: tuple[int, int] | None = None

    @property
    def rule(self) -> Rule:
        return TitleRule(self.metric, self.kind, self.window)

    def statement(self, scope: Scope, day: date, known_on: date | None, filters: Filters) -> Select[Any]:
        return members_statement(scope, self.metric, self.kind, day, known_on, self.window, filters)


@dataclass(frozen=True)
class RungCount:
    """Enterprises on a rung (``or_above``: or a higher one)."""

    rungs: tuple[frozenset[str], ...]
    place: int
    or_above: bool = False

    @property
    def rule(self) -> Rule:
        return RungRule(self.rungs, self.place, self.or_above)

    def statement(self, scope: Scope, day: date, known_on: date | None, filters: Filters) -> Select[Any]:
        return rung_statement(scope, self.rungs, self.place, day, known_on, filters, or_above=self.or_above)


@dataclass(frozen=True)
class Side:
    """One of the two settings: what is counted by the rules of then, when, and in which places. ``filters`` holds the towns of that day;
    ``towns``: where the viewer counts on that day, narrowed by the place asked for (``counted_towns``)."""

    count: Count
    day: date
    known_on: date | None
    filters: Filters
    towns: frozenset[int]

    def statement(self, scope: Scope) -> Select[Any]:
        return self.count.statement(scope, self.day, self.known_on, self.filters)


@dataclass(frozen=True)
class Change:
    """One enterprise of the difference. ``came``: it is in the second count; ``town_id``: where it was counted."""

    enterprise_id: int
    town_id: int
    came: bool
    cause: Cause


def total(scope: Scope, side: Side) -> int:
    """The number of one side."""
    found = side.statement(scope).with_only_columns(Enterprise.id).subquery("counted_of_side")
    return int(db.session.scalar(select(func.count()).select_from(found)) or 0)


def changes(scope: Scope, start: Side, goal: Side, towns_between: frozenset[int]) -> list[Change]:
    """Everybody who came in or left, by id. ``towns_between``: places asked for, on the first day as known at the second setting."""
    came, left = _only(scope, goal, start), _only(scope, start, goal)
    path = way(_setting(start), _setting(goal), towns_between)
    histories = _histories(scope, sorted({*came, *left}), path)
    found = [Change(id_, town, True, explain(histories(id_), path)) for id_, town in came.items()]
    found += [Change(id_, town, False, explain(histories(id_), path)) for id_, town in left.items()]
    return sorted(found, key=lambda change: change.enterprise_id)


def _only(scope: Scope, side: Side, other: Side) -> dict[int, int]:
    """Id -> town of those in ``side`` and not in ``other``."""
    excluded = other.statement(scope).with_only_columns(Enterprise.id)
    statement = side.statement(scope).where(Enterprise.id.not_in(excluded.correlate(None)))
    return {id_: town_id for id_, town_id in db.session.execute(statement)}  # noqa: C416


def _setting(side: Side) -> Setting:
    moment = None if side.known_on is None else clock.end_of_day(side.known_on)
    return Setting(side.day, moment, side.count.rule, side.towns, side.filters.town_ids is not None)


def counted_towns(scope: Scope, day: date, known_on: date | None, filters: Filters) -> frozenset[int]:
    """Towns the viewer counts on the day, narrowed by the place asked for."""
    reach = frozenset(place.town_id for place in _reach(scope, day, known_on))
    return reach if filters.town_ids is None else reach & filters.town_ids


def _reach(scope: Scope, day: date, known_on: date | None) -> list[Place]:
    return towns_in_scope(scope, places(day, known_on).values())


# --- histories


def _histories(scope: Scope, ids: Sequence[int], path: Sequence[Setting]) -> Any:
    """``of(enterprise id)`` -> History."""
    titles = {title for setting in path for title in _titles(setting.rule)}
    years = {setting.rule.year for setting in path if isinstance(setting.rule, RevenueRule)}
    versions = _versions(ids, titles)
    stays, endings, amounts = _stays(ids), _endings(ids), _amounts(ids, years)
    named, merged, joined = _named(scope, ids), *_merges(ids)

    def of(id_: int) -> History:
        records = versions.get(id_, ()), stays.get(id_, ()), endings.get(id_, ()), amounts.get(id_, ())
        return History(*records, named=id_ in named, merged=merged.get(id_, ()), joined=joined.get(id_, frozenset()))

    return of


def _titles(rule: Rule) -> Iterable[str]:
    if isinstance(rule, TitleRule):
        return rule.metric.title_codes
    return {title for rung in rule.rungs for title in rung} if isinstance(rule, RungRule) else ()


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), CHUNK):
        yield ids[first : first + CHUNK]


def _versions(ids: Sequence[int], titles: Iterable[str]) -> dict[int, list[Version]]:
    """Every version of the titles, superseded ones included, in the order they were recorded."""
    found: dict[int, list[Version]] = defaultdict(list)
    wanted = sorted(titles)
    for chunk in _chunks(ids) if wanted else ():
        rows = db.session.scalars(
            select(Recognition).where(Recognition.enterprise_id.in_(chunk), Recognition.title_code.in_(wanted)).order_by(Recognition.id)
        )
        for row in rows:
            found[row.enterprise_id].append(Version(grant_of(row), Span(row.recorded_at, row.superseded_at)))
    return found


def _stays(ids: Sequence[int]) -> dict[int, list[Stay]]:
    found: dict[int, list[Stay]] = defaultdict(list)
    model = EnterpriseTown
    columns = (model.enterprise_id, model.town_id, model.valid_from, model.valid_to, model.recorded_at, model.superseded_at)
    for chunk in _chunks(ids):
        for id_, town_id, first, last, recorded, superseded in db.session.execute(select(*columns).where(model.enterprise_id.in_(chunk)).order_by(model.id)):
            found[id_].append(Stay(town_id, first, last, Span(recorded, superseded)))
    return found


def _endings(ids: Sequence[int]) -> dict[int, list[tuple[date, datetime]]]:
    found: dict[int, list[tuple[date, datetime]]] = defaultdict(list)
    model = EnterpriseEvent
    for chunk in _chunks(ids):
        statement = select(model.enterprise_id, model.happened_on, model.recorded_at).where(model.enterprise_id.in_(chunk), model.kind == "cancelled")
        for id_, on, recorded in db.session.execute(statement):
            found[id_].append((on, recorded))
    return found


def _merges(ids: Sequence[int]) -> tuple[dict[int, list[Span]], dict[int, frozenset[datetime]]]:
    """Spans in which an enterprise was merged away, and moments when others were merged into it or set apart again."""
    gone: dict[int, list[Span]] = defaultdict(list)
    came: dict[int, set[datetime]] = defaultdict(set)
    row = EnterpriseMerge
    for chunk in _chunks(ids):
        columns = select(row.kept_id, row.merged_id, row.merged_at, row.undone_at)
        for kept, merged, at, undone in db.session.execute(columns.where(or_(row.kept_id.in_(chunk), row.merged_id.in_(chunk)))):
            gone[merged].append(Span(at, undone))
            came[kept] |= {moment for moment in (at, undone) if moment is not None}
    return gone, {kept: frozenset(moments) for kept, moments in came.items()}


def _amounts(ids: Sequence[int], years: Iterable[int]) -> dict[int, list[Amount]]:
    found: dict[int, list[Amount]] = defaultdict(list)
    model, order, wanted = EnterpriseYear, list(SOURCES), sorted(years)
    columns = (model.enterprise_id, model.year, model.source, model.revenue_yuan, model.recorded_at, model.superseded_at)
    for chunk in _chunks(ids) if wanted else ():
        for id_, year, source, yuan, recorded, superseded in db.session.execute(
            select(*columns).where(model.enterprise_id.in_(chunk), model.year.in_(wanted)).order_by(model.id)
        ):
            found[id_].append(Amount(year, order.index(source), yuan, Span(recorded, superseded)))
    return found


def _named(scope: Scope, ids: Sequence[int]) -> set[int]:
    """Those the viewer sees by name (own enterprise, own team), wherever they stand."""
    if scope.everything or not scope.by_name:
        return set()
    mine = in_scope(scope.named)
    return {id_ for chunk in _chunks(ids) for id_ in db.session.scalars(select(Enterprise.id).where(Enterprise.id.in_(chunk), mine))}


# --- showing


@dataclass(frozen=True)
class ChangeRow:
    """A change with what a list shows of the enterprise; ``visible`` as in ``MemberRow``."""

    change: Change
    enterprise_id: int
    name: str
    credit_code: str
    visible: bool


def change_rows(scope: Scope, found: Sequence[Change]) -> list[ChangeRow]:
    """Names for some changes, in their order."""
    visible = case((within(scope), literal(1)), else_=literal(0))
    known: dict[int, tuple[str, str, bool]] = {}
    for chunk in _chunks([change.enterprise_id for change in found]):
        for id_, name, code, seen in db.session.execute(
            select(Enterprise.id, Enterprise.name, Enterprise.credit_code, visible).where(Enterprise.id.in_(chunk))
        ):
            known[id_] = (name, code, bool(seen))
    return [ChangeRow(change, change.enterprise_id, *known[change.enterprise_id]) for change in found]


def town_names(ids: Iterable[int]) -> dict[int, str]:
    """Names of towns a cause speaks of, in reach or not."""
    wanted = sorted(set(ids))
    return {id_: name for id_, name in db.session.execute(select(Area.id, Area.name).where(Area.id.in_(wanted)))} if wanted else {}  # noqa: C416


__all__ = [
    "Change", "ChangeRow", "Count", "Reason", "RungCount", "Side", "TitleCount", "change_rows", "changes", "counted_towns", "total", "town_names",
]
