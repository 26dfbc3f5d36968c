"""Who is counted and how many, by town. Every query takes the viewer's scope first.

The town and its managing unit are those of the day asked for, so a firm that has moved since is still counted where it was then. Its
name is shown only to those who may see the firm today (``MemberRow.visible``); the number stays the same for everybody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, extract, false, func, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseSummary, EnterpriseTown
from app.enterprises.queries import in_scope, standing, within
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import Cursor, Page, decode, encode
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.queries.places import covers, known, places, towns_in_scope
from app.ladder.rules import CountKind, Metric, rung_by_title


def seen(scope: Scope, day: date, known_on: date | None) -> ColumnElement[bool]:
    """Enterprises that count for this viewer: by their town on the day, or by name (own enterprise, own team)."""
    if scope.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if scope.city_ids or scope.unit_ids or scope.town_ids:
        towns = towns_in_scope(scope, places(day, known_on).values())
        parts.append(EnterpriseTown.town_id.in_([place.town_id for place in towns]))
    if scope.by_name:
        parts.append(within(scope.named))
    return or_(*parts) if parts else false()


def started(day: date) -> ColumnElement[bool]:
    """``rules.Grant.started`` in SQL."""
    return and_(Recognition.voided.is_(False), func.coalesce(Recognition.valid_from, Recognition.announced_on) <= day)


def undated() -> ColumnElement[bool]:
    """``rules.Grant.undated`` in SQL."""
    return and_(
        Recognition.voided.is_(False), Recognition.valid_from.is_(None), Recognition.announced_on.is_(None), Recognition.batch_year != 0,
    )


def valid_on(day: date | ColumnElement[date], row: Any = Recognition) -> ColumnElement[bool]:
    """``rules.Grant.state(day) is VALID`` in SQL; ``day`` may be a column, for several days at once. ``row``: where the columns come from."""
    return and_(
        row.voided.is_(False),
        func.coalesce(row.valid_from, row.announced_on) <= day,
        or_(row.valid_to >= day, and_(row.valid_to.is_(None), row.open_ended)),
        or_(row.revoked_on.is_(None), row.revoked_on > day),
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
    begun, before = started(day), and_(undated(), Recognition.batch_year < first)
    return base.where(or_(begun, before)).having(
        func.min(case((begun, batch_year()))).between(first, last), func.max(case((before, 1), else_=0)) == 0,
    )


def attributed(scope: Scope, found: Subquery, day: date, known_on: date | None, filters: Filters) -> Select[Any]:
    """``(enterprise id, town id)`` of the found enterprises the viewer may count, by the town of that day."""
    statement = (
        select(Enterprise.id, EnterpriseTown.town_id)
        .join(found, found.c.enterprise_id == Enterprise.id)
        .join(EnterpriseTown, and_(EnterpriseTown.enterprise_id == Enterprise.id, covers(EnterpriseTown, day), known(EnterpriseTown, known_on)))
        .where(standing(known_on), seen(scope, day, known_on))
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


def member_rows(
    scope: Scope, statement: Select[Any], after: int | None = None, limit: int | None = None, *, before: int | None = None,
) -> list[MemberRow]:
    """Run a statement made by ``attributed``: rows by id, those after (or the last ones before) an id."""
    visible = case((within(scope), literal(1)), else_=literal(0))
    rows = statement.with_only_columns(Enterprise.id, Enterprise.name, Enterprise.credit_code, EnterpriseTown.town_id, visible).limit(limit)
    if after is not None:
        rows = rows.where(Enterprise.id > after)
    if before is not None:
        rows = rows.where(Enterprise.id < before)
    found = db.session.execute(rows.order_by(Enterprise.id.desc() if before is not None else Enterprise.id))
    answer = [MemberRow(id_, name, code, town_id, bool(seen)) for id_, name, code, town_id, seen in found]
    return answer[::-1] if before is not None else answer


def member_page(scope: Scope, statement: Select[Any], cursor: str | None, size: int) -> Page[MemberRow]:
    """One page of a statement made by ``attributed``, with its whole count. Raises ``Invalid`` for a cursor that is none."""
    place = decode(cursor, (int,))
    edge = place.values[0] if place else None
    backwards = bool(place and place.backwards)
    rows = member_rows(scope, statement, None if backwards else edge, size + 1, before=edge if backwards else None)
    more = len(rows) > size
    rows = rows[-size:] if backwards else rows[:size]
    total = sum(count for *_, count in by_town(statement))
    following = encode(Cursor((rows[-1].enterprise_id,))) if rows and (more or backwards) else None
    previous = encode(Cursor((rows[0].enterprise_id,), True)) if rows and ((more and backwards) or (edge is not None and not backwards)) else None
    return Page(rows, following, previous, size, total)


def grouped(statement: Select[Any], *keys: ColumnElement[Any]) -> Select[Any]:
    """``(*keys, town id, enterprises)``."""
    return statement.with_only_columns(*keys, EnterpriseTown.town_id, func.count()).group_by(*keys, EnterpriseTown.town_id)


def by_town(statement: Select[Any], *keys: ColumnElement[Any]) -> list[Any]:
    """Run ``grouped``."""
    return list(db.session.execute(grouped(statement, *keys)))


def members_statement(
    scope: Scope, metric: Metric, kind: CountKind, day: date, known_on: date | None = None, window: tuple[int, int] | None = None,
    filters: Filters = NO_FILTERS,
) -> Select[Any]:
    """The enterprises behind a number, as a statement for ``member_page`` and ``by_town``."""
    found = counted(and_(of_metric(metric), near(filters)), kind, day, known_on, window).subquery("counted")
    return attributed(scope, found, day, known_on, filters)


def near(filters: Filters) -> ColumnElement[bool]:
    """Recognitions of firms that were ever in the towns asked for: a list of one town must not read everybody's."""
    if filters.town_ids is None:
        return true()
    return Recognition.enterprise_id.in_(select(EnterpriseTown.enterprise_id).where(EnterpriseTown.town_id.in_(sorted(filters.town_ids))))


def members(
    scope: Scope, metric: Metric, kind: CountKind, day: date, *, known_on: date | None = None, window: tuple[int, int] | None = None,
    filters: Filters = NO_FILTERS, after: int | None = None, limit: int | None = None,
) -> list[MemberRow]:
    """The enterprises behind a number, by id; ``after`` and ``limit`` page through them."""
    return member_rows(scope, members_statement(scope, metric, kind, day, known_on, window, filters), after, limit)


def count_by_town(
    scope: Scope, metric: Metric, kind: CountKind, day: date, *, known_on: date | None = None, window: tuple[int, int] | None = None,
    filters: Filters = NO_FILTERS,
) -> dict[int, int]:
    """Enterprises per town id of that day (towns with none are absent). The sum over towns is the length of ``members``."""
    return {town_id: count for town_id, count in by_town(members_statement(scope, metric, kind, day, known_on, window, filters))}  # noqa: C416


def titles_by_town(
    scope: Scope, title_codes: Sequence[str], kind: CountKind, day: date, *, known_on: date | None = None, window: tuple[int, int] | None = None,
    filters: Filters = NO_FILTERS,
) -> dict[str, dict[int, int]]:
    """``count_by_town`` of several titles at any level in one statement: title code -> town id -> enterprises."""
    which = and_(Recognition.title_code.in_(title_codes), near(filters))
    found = counted(which, kind, day, known_on, window, Recognition.title_code).subquery("counted")
    answer: dict[str, dict[int, int]] = {code: {} for code in title_codes}
    for code, town_id, count in by_town(attributed(scope, found, day, known_on, filters), found.c.title_code):
        answer[code][town_id] = count
    return answer


def highest(rungs: Sequence[Collection[str]], day: date, known_on: date | None, filters: Filters = NO_FILTERS) -> Subquery:
    """Enterprise id and position of its highest rung on the day (``rules.highest_rung`` in SQL)."""
    position = rung_by_title(rungs)
    rung = func.max(case(position, value=Recognition.title_code)).label("rung")
    held = counted(and_(Recognition.title_code.in_(list(position)), near(filters)), CountKind.STOCK, day, known_on, None)
    return held.add_columns(rung).subquery("highest")


def rungs_by_town(
    scope: Scope, rungs: Sequence[Collection[str]], day: date, *, known_on: date | None = None, filters: Filters = NO_FILTERS,
) -> dict[int, dict[int, int]]:
    """Position of the highest rung -> town id -> enterprises standing on it on the day."""
    found = highest(rungs, day, known_on, filters)
    answer: dict[int, dict[int, int]] = {}
    for rung, town_id, count in by_town(attributed(scope, found, day, known_on, filters), found.c.rung):
        answer.setdefault(rung, {})[town_id] = count
    return answer


def rung_statement(
    scope: Scope, rungs: Sequence[Collection[str]], rung: int, day: date, known_on: date | None = None, filters: Filters = NO_FILTERS, *,
    or_above: bool = False,
) -> Select[Any]:
    """Enterprises whose highest rung is ``rung`` (``or_above``: or a higher one), for ``member_page``."""
    found = highest(rungs, day, known_on, filters)
    return attributed(scope, found, day, known_on, filters).where(found.c.rung >= rung if or_above else found.c.rung == rung)


def rung_members(
    scope: Scope, rungs: Sequence[Collection[str]], rung: int, day: date, *, or_above: bool = False, known_on: date | None = None,
    filters: Filters = NO_FILTERS, after: int | None = None, limit: int | None = None,
) -> list[MemberRow]:
    """The rows of ``rung_statement``."""
    return member_rows(scope, rung_statement(scope, rungs, rung, day, known_on, filters, or_above=or_above), after, limit)


def board_rows(
    scope: Scope, rungs: Sequence[Collection[str]], day: date, *, known_on: date | None = None, filters: Filters = NO_FILTERS, each: int = 12,
) -> dict[int, list[MemberRow]]:
    """The first ``each`` enterprises of every rung, one statement: position -> rows."""
    found = highest(rungs, day, known_on, filters)
    visible = case((within(scope), literal(1)), else_=literal(0)).label("visible")
    place = func.row_number().over(partition_by=found.c.rung, order_by=Enterprise.id).label("place")
    numbered = attributed(scope, found, day, known_on, filters).with_only_columns(
        found.c.rung, Enterprise.id, Enterprise.name, Enterprise.credit_code, EnterpriseTown.town_id, visible, place,
    ).subquery("numbered")
    answer: dict[int, list[MemberRow]] = {}
    for rung, id_, name, code, town_id, seen, _ in db.session.execute(select(numbered).where(numbered.c.place <= each).order_by("rung", "place")):
        answer.setdefault(rung, []).append(MemberRow(id_, name, code, town_id, bool(seen)))
    return answer


def board_rows_today(
    scope: Scope, rungs: Mapping[int, str], *, filters: Filters = NO_FILTERS, each: int = 12,
) -> dict[int, list[MemberRow]]:
    """``board_rows`` of the main ladder today from the stored summaries: position -> rows. ``rungs``: codes of the rungs that are not empty."""
    answer: dict[int, list[MemberRow]] = {}
    for place, code in rungs.items():
        statement = (
            select(Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id)
            .join(EnterpriseSummary, EnterpriseSummary.enterprise_id == Enterprise.id)
            .where(EnterpriseSummary.rung == code, EnterpriseSummary.rung.is_not(None), in_scope(scope))
            .order_by(EnterpriseSummary.enterprise_id).limit(each)
        )
        if filters.town_ids is not None:
            statement = statement.where(Enterprise.town_id.in_(sorted(filters.town_ids)))
        answer[place] = [MemberRow(*row, True) for row in db.session.execute(statement)]
    return answer
