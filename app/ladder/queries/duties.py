"""年度更新: which holders owe the update of a year, and who has done it. Scope first; population and records of the day asked for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.enterprises.models import Enterprise
from app.enterprises.queries import standing, within
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.scope import Scope
from app.ladder.models import Recognition, YearlyDuty
from app.ladder.queries.counting import struck_off, valid_on
from app.ladder.queries.lifecycle import LifeAsked
from app.ladder.queries.places import known
from app.ladder.rules.duties import STATES, Owed, Warning_, due_in, owed, state_of, warnings
from app.packs import Pack
from app.packs.schema import CalendarEntry


def editions_of(pack: Pack, title: str) -> list[CalendarEntry]:
    """Every edition of the yearly duty of a title, by the day it came into force."""
    found = pack.find_title(title)
    rows = [entry for entry in pack.content.calendar if found is not None and entry.code == found.renewal_due]
    return sorted(rows, key=lambda entry: entry.effective_from)


def duties_of_year(pack: Pack, year: int) -> dict[str, Owed]:
    """Title code -> what is owed in the year, for titles with a yearly duty."""
    found = {title.code: due_in(editions_of(pack, title.code), year) for title in pack.titles() if title.renewal_due}
    return {code: one for code, one in found.items() if one is not None}


@dataclass(frozen=True)
class DutyRow:
    """One title of one enterprise in one year. ``state``: code of ``rules.duties.STATES``; ``since`` / ``until``: the validity it falls into."""

    enterprise_id: int
    name: str
    credit_code: str
    town_id: int | None
    title: str
    since: date
    until: date | None
    state: str
    done_on: date | None
    evidence: str | None


def _owes(row: Any, asked: LifeAsked, duties: dict[str, Owed]) -> ColumnElement[bool]:
    """SQL condition on a recognition: valid on the last day of its year's update, and granted in an earlier year."""
    start, grouped = func.coalesce(row.valid_from, row.announced_on), dict[tuple[date, date], list[str]]()
    for title, one in duties.items():
        if asked.title in ("", title):
            grouped.setdefault((one.due_on, date(one.year - one.entry.owed_after + 1, 1, 1)), []).append(title)
    walked = row.title_code.concat("")  # an expression: the rows are to be walked in the order of the list, not gathered by title and sorted
    parts = [and_(walked.in_(titles), valid_on(due_on, row), start < first_free) for (due_on, first_free), titles in grouped.items()]
    return and_(or_(*parts) if parts else false(), known(row, asked.known_on))


def _state(duties: dict[str, Owed], title: Any, record: Any, day: date) -> ColumnElement[str]:
    """``rules.duties.state_of`` in SQL."""
    due = case({code: one.due_on for code, one in duties.items()}, value=title) if duties else literal(day)
    waiting = case({code: "open" if day <= one.due_on else "overdue" for code, one in duties.items()}, value=title) if duties else literal("")
    return case((record.outcome == "missed", "missed"), (and_(record.outcome == "done", record.done_on > due), "late_done"),
                (record.outcome == "done", "done"), else_=waiting)


def duty_statement(scope: Scope, asked: LifeAsked, duties: dict[str, Owed], year: int, state: str = "") -> Select[Any]:
    """The rows of ``page_duties``, one per enterprise and title (of two grants the one recorded first); ``state`` empty = all."""
    record, earlier = aliased(YearlyDuty), aliased(Recognition)
    state_now = _state(duties, Recognition.title_code, record, asked.day)
    match = and_(
        record.enterprise_id == Recognition.enterprise_id, record.title_code == Recognition.title_code, record.year == year,
        known(record, asked.known_on),
    )
    twin = select(earlier.id).where(
        earlier.enterprise_id == Recognition.enterprise_id, earlier.title_code == Recognition.title_code, earlier.id < Recognition.id,
        _owes(earlier, asked, duties),
    )
    statement: Any = (
        select(Recognition.enterprise_id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id, Recognition.title_code,
               func.coalesce(Recognition.valid_from, Recognition.announced_on).label("since"), Recognition.valid_to.label("until"),
               state_now.label("state"), record.done_on, record.evidence)
        .join(Enterprise, Enterprise.id == Recognition.enterprise_id).join(record, match, isouter=state not in RECORDED)
        .where(
            _owes(Recognition, asked, duties), within(scope), standing(asked.known_on), ~twin.exists(),
            ~struck_off(Recognition.enterprise_id, asked.day, asked.known_on),
        )
    )
    if asked.filters.town_ids is not None:
        statement = statement.where(Enterprise.town_id.in_(sorted(asked.filters.town_ids)))
    if state in RECORDED:
        statement = statement.where(record.outcome == ("missed" if state == "missed" else "done"))
    return statement.where(state_now == state) if state else statement  # type: ignore[no-any-return]


RECORDED = ("done", "late_done", "missed")
"""States somebody has recorded; the others are those without a record."""


def count_duties(scope: Scope, asked: LifeAsked, duties: dict[str, Owed], year: int) -> dict[str, int]:
    """State -> rows, each counted up to the cap + 1; states without rows are absent."""
    found = {}
    for state in STATES:
        rows = duty_statement(scope, asked, duties, year, state).with_only_columns(Recognition.id).limit(COUNT_CAP + 1).subquery()
        if count := db.session.scalar(select(func.count()).select_from(rows)) or 0:
            found[state] = count
    return found


def page_duties(statement: Select[Any], cursor: str | None, size: int, total: int) -> Page[DutyRow]:
    """One page by enterprise and title. ``total``: counted up to the cap + 1. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (int, str))
    keys, backwards = (Recognition.enterprise_id, Recognition.title_code), bool(edge and edge.backwards)
    if edge:
        place = tuple_(*(literal(value) for value in edge.values))
        statement = statement.where(tuple_(*keys) < place if backwards else tuple_(*keys) > place)
    found = db.session.execute(statement.order_by(*(key.desc() if backwards else key.asc() for key in keys)).limit(size + 1))
    return cut([DutyRow(*row) for row in found], size, edge, lambda row: (row.enterprise_id, row.title), total)


def every_duty(statement: Select[Any], *, limit: int) -> list[DutyRow]:
    """All rows up to the limit, for exports."""
    return [DutyRow(*row) for row in db.session.execute(statement.order_by(Recognition.enterprise_id, Recognition.title_code).limit(limit))]


def owing_pairs(scope: Scope, asked: LifeAsked, duties: dict[str, Owed], pairs: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Which of (enterprise id, title) owe the update; for checking what a form sends."""
    ids = sorted({enterprise_id for enterprise_id, _ in pairs})
    found: set[tuple[int, str]] = set()
    for first in range(0, len(ids), 900):
        rows = (
            select(Recognition.enterprise_id, Recognition.title_code).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
            .where(_owes(Recognition, asked, duties), within(scope), standing(asked.known_on), Recognition.enterprise_id.in_(ids[first : first + 900]))
        )
        found |= {(row[0], row[1]) for row in db.session.execute(rows)}
    return found & set(pairs)


def records_of(enterprise_ids: Collection[int], known_on: date | None = None) -> dict[tuple[int, str], dict[int, YearlyDuty]]:
    """(enterprise, title) -> year -> record. The caller has checked the scope."""
    found: dict[tuple[int, str], dict[int, YearlyDuty]] = {}
    ids = sorted(set(enterprise_ids))
    for first in range(0, len(ids), 900):
        for row in db.session.scalars(select(YearlyDuty).where(YearlyDuty.enterprise_id.in_(ids[first : first + 900]), known(YearlyDuty, known_on))):
            found.setdefault((row.enterprise_id, row.title_code), {})[row.year] = row
    return found


def warnings_of(
    pack: Pack, rows: Sequence[tuple[int, str, date, date | None]], day: date, known_on: date | None = None,
) -> dict[tuple[int, str], list[Warning_]]:
    """What missed updates lead to, for titles given as (enterprise, title, since, until): one statement."""
    records = records_of({row[0] for row in rows}, known_on) if rows else {}
    found: dict[tuple[int, str], list[Warning_]] = {}
    for enterprise_id, title, since, until in rows:
        editions = editions_of(pack, title)
        if not editions:
            continue
        said = records.get((enterprise_id, title), {})
        states = {
            one.year: state_of(one, getattr(said.get(one.year), "outcome", None), getattr(said.get(one.year), "done_on", None), day)
            for one in owed(editions, since, until, day)
        }
        if said_now := warnings(states, editions):
            found[enterprise_id, title] = said_now
    return found
