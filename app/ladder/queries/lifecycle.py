"""到期与复核: titles that run out or have lapsed, and how the stock will fall if nothing is renewed. Scope first, town of the day asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.enterprises.models import Enterprise, EnterpriseTown
from app.enterprises.queries import in_scope, standing, within
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.queries.counting import Filters, attributed, seen, struck_off, valid_on
from app.ladder.queries.expiring import lapsed, runs_out
from app.ladder.queries.places import covers, known

TABS = {"180": 180, "90": 90, "30": 30}
"""Days ahead, by the code of the tab (T-180, T-90, T-30 of the reminder calendar)."""


@dataclass(frozen=True)
class LifeRow:
    """One recognition in a list. ``visible`` False: the firm has moved out of the viewer's reach; no name is shown."""

    recognition: Recognition
    enterprise_id: int
    name: str
    credit_code: str
    town_id: int
    visible: bool


@dataclass(frozen=True)
class LifeAsked:
    """What a list is asked: on a day, as known on another, of a place, of one title (empty = all of ``titles``)."""

    day: date
    known_on: date | None
    filters: Filters
    title: str = ""

    @property
    def present(self) -> bool:
        return self.day == clock.today() and self.known_on is None


def expiring_statement(scope: Scope, asked: LifeAsked, days: int) -> Select[Any]:
    """In stock on the day, last day within ``days``, not renewed."""
    return _listed(scope, asked, runs_out(asked.day, asked.day + timedelta(days=days), asked.known_on))


def lapsed_statement(scope: Scope, asked: LifeAsked, since: date) -> Select[Any]:
    """Ran out since ``since`` and not renewed until the day."""
    return _listed(scope, asked, lapsed(since, asked.day, asked.known_on))


def ending_statement(scope: Scope, asked: LifeAsked, first: date, last: date) -> Select[Any]:
    """In stock on the day, last day in [first, last], not renewed: the rows behind one period of the forecast."""
    return _listed(scope, asked, and_(runs_out(asked.day, last, asked.known_on), Recognition.valid_to >= first))


def _listed(scope: Scope, asked: LifeAsked, which: ColumnElement[bool]) -> Select[Any]:
    if asked.present:
        town, statement = Enterprise.town_id, select(Recognition).join(Enterprise, Enterprise.id == Recognition.enterprise_id).where(in_scope(scope))
        visible: ColumnElement[Any] = literal(1)
    else:
        town, visible = EnterpriseTown.town_id, case((within(scope), literal(1)), else_=literal(0))
        of_the_day = and_(
            EnterpriseTown.enterprise_id == Enterprise.id, covers(EnterpriseTown, asked.day), known(EnterpriseTown, asked.known_on)
        )
        statement = (
            select(Recognition).join(Enterprise, Enterprise.id == Recognition.enterprise_id).join(EnterpriseTown, of_the_day)
            .where(standing(asked.known_on), seen(scope, asked.day, asked.known_on))
        )
    statement = statement.add_columns(Enterprise.id, Enterprise.name, Enterprise.credit_code, town, visible).where(which)
    if asked.filters.town_ids is not None:
        statement = statement.where(town.in_(sorted(asked.filters.town_ids)))
    return statement.where(Recognition.title_code == asked.title) if asked.title else statement


def count_listed(statement: Select[Any], cap: int = COUNT_CAP) -> int:
    """Rows up to the cap + 1."""
    return db.session.scalar(select(func.count()).select_from(statement.with_only_columns(Recognition.id).limit(cap + 1).subquery())) or 0


def page_listed(statement: Select[Any], cursor: str | None, size: int, *, latest_first: bool = False) -> Page[LifeRow]:
    """One page by last day. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (date, int))
    keys, total = (Recognition.valid_to, Recognition.id), count_listed(statement)
    downwards = latest_first != bool(edge and edge.backwards)
    if edge:
        place = tuple_(*(literal(value, key.type) for value, key in zip(edge.values, keys, strict=True)))
        statement = statement.where(tuple_(*keys) < place if downwards else tuple_(*keys) > place)
    rows = db.session.execute(statement.order_by(*(key.desc() if downwards else key.asc() for key in keys)).limit(size + 1))
    found = [_life_row(row) for row in rows]
    return cut(found, size, edge, lambda row: (row.recognition.valid_to, row.recognition.id), total)


def _life_row(row: Any) -> LifeRow:
    recognition, enterprise_id, name, code, town_id, visible = row
    return LifeRow(recognition, enterprise_id, name, code, town_id, bool(visible))


def every_listed(statement: Select[Any], *, limit: int) -> list[LifeRow]:
    """All rows up to the limit, for exports."""
    return [_life_row(row) for row in db.session.execute(statement.order_by(Recognition.valid_to, Recognition.id).limit(limit))]


# --- forecast


@dataclass(frozen=True)
class Period:
    """One quarter or half-year ahead: ``first`` to ``last`` inclusive."""

    label: str
    first: date
    last: date


@dataclass(frozen=True)
class ForecastRow:
    """One title. ``stock``: enterprises today; per period: ``leaving`` (enterprises whose last valid grant ends in it, unless renewed),
    ``joining`` (grants already announced that begin in it and bring an enterprise back or in), ``left`` = stock at its end."""

    title: str
    stock: int
    leaving: tuple[int, ...]
    joining: tuple[int, ...]
    left: tuple[int, ...]


def forecast(scope: Scope, asked: LifeAsked, titles: Sequence[str], periods: Sequence[Period]) -> list[ForecastRow]:
    """Net stock per title if nothing further is granted: counted from the recorded dates, nothing assumed."""
    days = [asked.day, *(period.last for period in periods)]
    start = func.coalesce(Recognition.valid_from, Recognition.announced_on)
    flags = [func.max(case((_still(start, day), literal(1)), else_=literal(0))).label(f"d{place}") for place, day in enumerate(days)]
    held = (
        select(Recognition.enterprise_id, Recognition.title_code, *flags)
        .where(
            Recognition.title_code.in_(titles), known(Recognition, asked.known_on), Recognition.voided.is_(False), start <= days[-1],
            or_(Recognition.valid_to >= asked.day, and_(Recognition.valid_to.is_(None), Recognition.open_ended)),
            ~struck_off(Recognition.enterprise_id, asked.day, asked.known_on),
        )
        .group_by(Recognition.enterprise_id, Recognition.title_code).subquery("held")
    )
    marks = [held.c[f"d{place}"] for place in range(len(days))]
    sums: list[ColumnElement[Any]] = [func.sum(mark) for mark in marks]
    sums += [func.sum(case((and_(before == 1, after == 0), 1), else_=0)) for before, after in pairwise(marks)]
    sums += [func.sum(case((and_(before == 0, after == 1), 1), else_=0)) for before, after in pairwise(marks)]
    rows = db.session.execute(_of_reach(scope, held, asked).with_only_columns(held.c.title_code, *sums).group_by(held.c.title_code))
    count = len(periods)
    found = {row[0]: [int(value or 0) for value in row[1:]] for row in rows}
    return [
        ForecastRow(
            title, values[0], tuple(values[count + 1 : 2 * count + 1]), tuple(values[2 * count + 1 :]), tuple(values[1 : count + 1])
        )
        for title in titles if (values := found.get(title)) and any(values)
    ]


def _still(start: ColumnElement[Any], day: date) -> ColumnElement[bool]:
    """``valid_on(day)`` for rows that have not run out before the first of the days."""
    return and_(
        start <= day, or_(Recognition.valid_to.is_(None), Recognition.valid_to >= day),
        or_(Recognition.revoked_on.is_(None), Recognition.revoked_on > day),
    )


def _of_reach(scope: Scope, found: Any, asked: LifeAsked) -> Select[Any]:
    """The found enterprises the viewer may count; today their present town stands in for the history of towns."""
    if not asked.present:
        return attributed(scope, found, asked.day, asked.known_on, asked.filters)
    statement: Select[Any] = select(Enterprise.id).join(found, found.c.enterprise_id == Enterprise.id).where(in_scope(scope))
    return statement if asked.filters.town_ids is None else statement.where(Enterprise.town_id.in_(sorted(asked.filters.town_ids)))


def leaving_statement(scope: Scope, asked: LifeAsked, title: str, before: date, after: date) -> Select[Any]:
    """Enterprises in stock of the title on ``before`` and not on ``after`` by what is recorded: for ``member_page``; the rows behind ``leaving``."""
    at_end = aliased(Recognition)
    kept = select(at_end.id).where(
        at_end.enterprise_id == Recognition.enterprise_id, at_end.title_code == title, known(at_end, asked.known_on), valid_on(after, at_end)
    )
    found = (
        select(Recognition.enterprise_id).where(
            Recognition.title_code == title, known(Recognition, asked.known_on), valid_on(before), ~kept.exists(),
            ~struck_off(Recognition.enterprise_id, asked.day, asked.known_on),
        ).group_by(Recognition.enterprise_id).subquery("leaving")
    )
    return attributed(scope, found, asked.day, asked.known_on, asked.filters)


__all__ = [
    "TABS", "ForecastRow", "LifeAsked", "LifeRow", "Period", "count_listed", "ending_statement", "every_listed",
    "expiring_statement", "forecast", "lapsed_statement", "leaving_statement", "page_listed",
]
