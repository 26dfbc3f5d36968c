"""Reading recognitions: who is counted, where he stood that day, and how many. Every query takes the viewer's scope first.

The town and its managing unit are those of the day asked for, so a firm that has moved since is still counted where it was then. Its
name is shown only to those who may see the firm today (``MemberRow.visible``); the number stays the same for everybody.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, extract, false, func, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.areas.models import TOWN_KINDS, Area, AreaMembership
from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseTown
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.rules import CountKind, Grant, Metric, rung_by_title

# --- when


def known(model: type[Any], known_on: date | None) -> ColumnElement[bool]:
    """Versions we go by: today's knowledge, or what was recorded by the end of ``known_on`` in Shanghai and not yet superseded then."""
    if known_on is None:
        return model.superseded_at.is_(None)
    moment = clock.end_of_day(known_on)
    return and_(model.recorded_at <= moment, or_(model.superseded_at.is_(None), model.superseded_at > moment))


def covers(model: type[Any], day: date) -> ColumnElement[bool]:
    """``day`` lies in the validity of the row, both ends included."""
    return and_(model.valid_from <= day, or_(model.valid_to.is_(None), model.valid_to >= day))


# --- where


@dataclass(frozen=True)
class Place:
    """A town (or 区直, functional area) with its managing unit on a day. ``ranked``: a real town that existed on the day."""

    town_id: int
    code: str
    name: str
    kind: str
    ranked: bool
    city_id: int | None
    unit_id: int | None
    unit_name: str
    unit_code: str


def places(day: date, known_on: date | None = None) -> dict[int, Place]:
    """Every town-level area by id, in order of unit and code, with the unit that managed it on ``day``."""
    unit = Area.__table__.alias("unit")
    rows = db.session.execute(
        select(Area, unit.c.id, unit.c.name, unit.c.code)
        .join(AreaMembership, and_(AreaMembership.town_id == Area.id, covers(AreaMembership, day), known(AreaMembership, known_on)), isouter=True)
        .join(unit, unit.c.id == AreaMembership.unit_id, isouter=True)
        .where(Area.kind.in_((*TOWN_KINDS, "functional_area", "direct")))
        .order_by(unit.c.code, Area.code, Area.id)
    )
    return {
        area.id: Place(area.id, area.code, area.name, area.kind, area.is_town and _exists_on(area, day), area.city_id, unit_id, name or "", code or "")
        for area, unit_id, name, code in rows
    }


def _exists_on(area: Area, day: date) -> bool:
    return (area.valid_from is None or area.valid_from <= day) and (area.valid_to is None or day <= area.valid_to)


def towns_in_scope(scope: Scope, where: Iterable[Place]) -> list[Place]:
    """The places a viewer answers for on that day: his city's, his unit's, his own town."""
    return [
        place for place in where
        if scope.everything or place.city_id in scope.city_ids or place.unit_id in scope.unit_ids or place.town_id in scope.town_ids
    ]


def _seen(scope: Scope, day: date, known_on: date | None) -> ColumnElement[bool]:
    """Enterprises that count for this viewer: by their town on the day, or by name (own enterprise, own team)."""
    if scope.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if scope.city_ids or scope.unit_ids or scope.town_ids:
        towns = towns_in_scope(scope, places(day, known_on).values())
        parts.append(EnterpriseTown.town_id.in_([place.town_id for place in towns]))
    if scope.enterprise_ids or scope.team_ids:
        parts.append(in_scope(Scope(enterprise_ids=scope.enterprise_ids, team_ids=scope.team_ids)))
    return or_(*parts) if parts else false()


# --- what is counted


def started(day: date) -> ColumnElement[bool]:
    """``rules.Grant.started`` in SQL."""
    return and_(Recognition.voided.is_(False), func.coalesce(Recognition.valid_from, Recognition.announced_on) <= day)


def valid_on(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """``rules.Grant.state(day) is VALID`` in SQL; ``day`` may be a column, for several days at once."""
    return and_(
        Recognition.voided.is_(False),
        func.coalesce(Recognition.valid_from, Recognition.announced_on) <= day,
        or_(Recognition.valid_to >= day, and_(Recognition.valid_to.is_(None), Recognition.open_ended)),
        or_(Recognition.revoked_on.is_(None), Recognition.revoked_on > day),
    )


def struck_off(
    enterprise_id: InstrumentedAttribute[int] | ColumnElement[int], day: date | ColumnElement[date], known_on: date | None,
) -> ColumnElement[bool]:
    """The enterprise was cancelled (注销) on or before ``day``."""
    wanted = [EnterpriseEvent.enterprise_id == enterprise_id, EnterpriseEvent.kind == "cancelled", EnterpriseEvent.happened_on <= day]
    if known_on is not None:
        wanted.append(EnterpriseEvent.recorded_at <= clock.end_of_day(known_on))
    return exists().where(*wanted)


def batch_year() -> ColumnElement[int]:
    """``rules.Grant.year`` in SQL."""
    return case(
        (Recognition.batch_year != 0, Recognition.batch_year),
        else_=extract("year", func.coalesce(Recognition.announced_on, Recognition.valid_from)),
    )


def of_metric(metric: Metric) -> ColumnElement[bool]:
    """Recognitions of the metric."""
    parts = [
        Recognition.title_code == part.title_code if part.levels is None
        else and_(Recognition.title_code == part.title_code, Recognition.level.in_(sorted(part.levels)))
        for part in metric.parts
    ]
    return or_(*parts) if parts else false()


@dataclass(frozen=True)
class Filters:
    """Narrowing of a count: ``town_ids`` None = all; ``industry`` = 2-digit divisions of GB/T 4754; ``private``: 民营 only."""

    town_ids: frozenset[int] | None = None
    industry: tuple[str, ...] = ()
    private: bool = False


NO_FILTERS = Filters()


def counted(
    which: ColumnElement[bool], kind: CountKind, day: date, known_on: date | None, window: tuple[int, int] | None, *keys: ColumnElement[Any],
) -> Select[Any]:
    """Ids of the enterprises counted among the recognitions ``which``, each once (once per value of ``keys``), wherever they are."""
    base = select(Recognition.enterprise_id, *keys).where(which, known(Recognition, known_on)).group_by(Recognition.enterprise_id, *keys)
    if kind is CountKind.STOCK:
        return base.where(valid_on(day), ~struck_off(Recognition.enterprise_id, day, known_on))
    if kind is CountKind.CUMULATIVE:
        return base.where(started(day))
    first, last = window or (day.year, day.year)
    return base.where(started(day)).having(func.min(batch_year()).between(first, last))


def _attributed(scope: Scope, found: Subquery, day: date, known_on: date | None, filters: Filters) -> Select[Any]:
    """``(enterprise id, town id)`` of the found enterprises the viewer may count, by the town of that day."""
    statement = (
        select(Enterprise.id, EnterpriseTown.town_id)
        .join(found, found.c.enterprise_id == Enterprise.id)
        .join(EnterpriseTown, and_(EnterpriseTown.enterprise_id == Enterprise.id, covers(EnterpriseTown, day), known(EnterpriseTown, known_on)))
        .where(Enterprise.merged_into_id.is_(None), _seen(scope, day, known_on))
    )
    if filters.town_ids is not None:
        statement = statement.where(EnterpriseTown.town_id.in_(sorted(filters.town_ids)))
    if filters.industry:
        statement = statement.where(func.substr(Enterprise.industry_code, 1, 2).in_(filters.industry))
    if filters.private:
        statement = statement.where(Enterprise.control_type == "private")
    return statement


@dataclass(frozen=True)
class MemberRow:
    """One counted enterprise. ``visible`` False: it is out of the viewer's reach today (moved away); show the row without its name."""

    enterprise_id: int
    name: str
    credit_code: str
    town_id: int
    visible: bool


def _rows(scope: Scope, statement: Select[Any], after: int | None, limit: int | None) -> list[MemberRow]:
    visible = case((in_scope(scope), literal(1)), else_=literal(0))
    rows = statement.with_only_columns(Enterprise.id, Enterprise.name, Enterprise.credit_code, EnterpriseTown.town_id, visible)
    rows = rows.order_by(Enterprise.id).limit(limit)
    if after is not None:
        rows = rows.where(Enterprise.id > after)
    return [MemberRow(id_, name, code, town_id, bool(seen)) for id_, name, code, town_id, seen in db.session.execute(rows)]


def _by_town(statement: Select[Any], *keys: ColumnElement[Any]) -> list[Any]:
    """Rows ``(*keys, town id, enterprises)``."""
    grouped = statement.with_only_columns(*keys, EnterpriseTown.town_id, func.count()).group_by(*keys, EnterpriseTown.town_id)
    return list(db.session.execute(grouped))


def members(
    scope: Scope, metric: Metric, kind: CountKind, day: date, *, known_on: date | None = None, window: tuple[int, int] | None = None,
    filters: Filters = NO_FILTERS, after: int | None = None, limit: int | None = None,
) -> list[MemberRow]:
    """The enterprises behind a number, by id; ``after`` and ``limit`` page through them."""
    found = counted(of_metric(metric), kind, day, known_on, window).subquery("counted")
    return _rows(scope, _attributed(scope, found, day, known_on, filters), after, limit)


def count_by_town(
    scope: Scope, metric: Metric, kind: CountKind, day: date, *, known_on: date | None = None, window: tuple[int, int] | None = None,
    filters: Filters = NO_FILTERS,
) -> dict[int, int]:
    """Enterprises per town id of that day (towns with none are absent). The sum over towns is the length of ``members``."""
    found = counted(of_metric(metric), kind, day, known_on, window).subquery("counted")
    return {town_id: count for town_id, count in _by_town(_attributed(scope, found, day, known_on, filters))}


def titles_by_town(
    scope: Scope, title_codes: Sequence[str], kind: CountKind, day: date, *, known_on: date | None = None, window: tuple[int, int] | None = None,
    filters: Filters = NO_FILTERS,
) -> dict[str, dict[int, int]]:
    """``count_by_town`` of several titles at any level in one statement: title code -> town id -> enterprises."""
    which = Recognition.title_code.in_(title_codes)
    found = counted(which, kind, day, known_on, window, Recognition.title_code).subquery("counted")
    answer: dict[str, dict[int, int]] = {code: {} for code in title_codes}
    for code, town_id, count in _by_town(_attributed(scope, found, day, known_on, filters), found.c.title_code):
        answer[code][town_id] = count
    return answer


# --- rungs


def _highest(rungs: Sequence[Collection[str]], day: date, known_on: date | None) -> Subquery:
    """Enterprise id and position of its highest rung on the day (``rules.highest_rung`` in SQL)."""
    position = rung_by_title(rungs)
    rung = func.max(case(position, value=Recognition.title_code)).label("rung")
    held = counted(Recognition.title_code.in_(list(position)), CountKind.STOCK, day, known_on, None)
    return held.add_columns(rung).subquery("highest")


def rungs_by_town(
    scope: Scope, rungs: Sequence[Collection[str]], day: date, *, known_on: date | None = None, filters: Filters = NO_FILTERS,
) -> dict[int, dict[int, int]]:
    """Position of the highest rung -> town id -> enterprises standing on it on the day."""
    found = _highest(rungs, day, known_on)
    answer: dict[int, dict[int, int]] = {}
    for rung, town_id, count in _by_town(_attributed(scope, found, day, known_on, filters), found.c.rung):
        answer.setdefault(rung, {})[town_id] = count
    return answer


def rung_members(
    scope: Scope, rungs: Sequence[Collection[str]], rung: int, day: date, *, or_above: bool = False, known_on: date | None = None,
    filters: Filters = NO_FILTERS, after: int | None = None, limit: int | None = None,
) -> list[MemberRow]:
    """Enterprises whose highest rung is ``rung`` (``or_above``: or a higher one)."""
    found = _highest(rungs, day, known_on)
    statement = _attributed(scope, found, day, known_on, filters)
    return _rows(scope, statement.where(found.c.rung >= rung if or_above else found.c.rung == rung), after, limit)


def held_titles(enterprise_ids: Collection[int], day: date, known_on: date | None = None) -> dict[int, set[str]]:
    """Title codes in stock on the day per enterprise (all given ids are keys)."""
    held: dict[int, set[str]] = {id_: set() for id_ in enterprise_ids}
    for chunk in _chunks(sorted(held)):
        rows = db.session.execute(
            select(Recognition.enterprise_id, Recognition.title_code).where(
                Recognition.enterprise_id.in_(chunk), known(Recognition, known_on), valid_on(day),
                ~struck_off(Recognition.enterprise_id, day, known_on),
            ).distinct()
        )
        for enterprise_id, title_code in rows:
            held[enterprise_id].add(title_code)
    return held


def _chunks(ids: Sequence[int], size: int = 900) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), size):
        yield ids[first:first + size]


# --- single records


def recognitions_of(scope: Scope, enterprise_ids: Collection[int], known_on: date | None = None) -> dict[int, list[Recognition]]:
    """Recognitions of enterprises the viewer may see today, oldest first; voided ones included (they are shown struck through)."""
    found: dict[int, list[Recognition]] = {id_: [] for id_ in enterprise_ids}
    start = func.coalesce(Recognition.valid_from, Recognition.announced_on)
    rows = db.session.scalars(
        select(Recognition).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(Recognition.enterprise_id.in_(sorted(found)), in_scope(scope), known(Recognition, known_on))
        .order_by(Recognition.enterprise_id, start, Recognition.id)
    )
    for row in rows:
        found[row.enterprise_id].append(row)
    return found


def get_recognition(scope: Scope, recognition_id: int) -> tuple[Recognition, Enterprise]:
    """A recognition in force (not superseded) with its enterprise. Raises NotFound, also when it is out of scope."""
    row = db.session.execute(
        select(Recognition, Enterprise).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(Recognition.id == recognition_id, Recognition.superseded_at.is_(None), in_scope(scope))
    ).first()
    if row is None:
        raise NotFound("没有找到这条认定记录：可能已被更正，或不在您的管辖范围内。请从企业档案重新进入。")
    return row[0], row[1]


def versions_of(scope: Scope, recognition: Recognition) -> list[Recognition]:
    """Every version of the same grant (enterprise, title, level, batch year), newest first."""
    same = [getattr(Recognition, key) == getattr(recognition, key) for key in ("enterprise_id", "title_code", "level", "batch_year")]
    return list(db.session.scalars(
        select(Recognition).join(Enterprise, Enterprise.id == Recognition.enterprise_id).where(*same, in_scope(scope))
        .order_by(Recognition.recorded_at.desc(), Recognition.id.desc())
    ))


def grant_of(row: Recognition) -> Grant:
    """The countable part of a stored recognition."""
    return Grant(
        row.title_code, row.level, row.batch_year, row.announced_on, row.valid_from, row.valid_to, row.open_ended, row.revoked_on, row.voided,
    )


def to_complete(scope: Scope, day: date, *, limit: int = 200) -> list[tuple[Recognition, Enterprise]]:
    """待补: recognitions that leave the stock only because a date is missing (end without "open ended", or any beginning)."""
    no_start = and_(Recognition.valid_from.is_(None), Recognition.announced_on.is_(None))
    no_end = and_(Recognition.valid_to.is_(None), Recognition.open_ended.is_(False), or_(Recognition.revoked_on.is_(None), Recognition.revoked_on > day))
    rows = db.session.execute(
        select(Recognition, Enterprise).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(in_scope(scope), Recognition.superseded_at.is_(None), Recognition.voided.is_(False), or_(no_start, no_end))
        .order_by(Enterprise.id, Recognition.id).limit(limit)
    )
    return [(recognition, enterprise) for recognition, enterprise in rows]


def data_years() -> list[int]:
    """From the earliest recognition known to the current year, newest first; the current year alone when there is none."""
    this_year = clock.today().year
    first = db.session.scalar(select(func.min(func.coalesce(Recognition.valid_from, Recognition.announced_on))).where(Recognition.superseded_at.is_(None)))
    return list(range(this_year, min(max(first.year, 2000), this_year) - 1, -1)) if first else [this_year]
