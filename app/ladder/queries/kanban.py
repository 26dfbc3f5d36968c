"""Columns of the board: the rungs of a ladder and 未上梯, each read page by page. Counts and lists use the same statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, exists, func, literal, select, union_all

from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseSummary
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Cursor, Page, decode, encode
from app.kernel.scope import Scope
from app.ladder import criteria
from app.ladder.models import Recognition
from app.ladder.queries import diagnoses
from app.ladder.queries.counting import (
    Filters,
    MemberRow,
    attributed,
    board_rows,
    member_rows,
    rung_statement,
    struck_off,
    valid_on,
)
from app.ladder.queries.facts import known_of
from app.ladder.queries.places import known
from app.ladder.rules.transitions import NO_RUNG, Rungs

NOBODY_YET = "none"
"""Code of the column 未上梯 in addresses."""


@dataclass(frozen=True)
class Board:
    """What a board shows. ``stored``: code of every rung, when today's summaries answer the question; None = counted live."""

    rungs: Rungs
    day: date
    known_on: date | None
    filters: Filters
    stored: Mapping[int, str] | None = None


def column(scope: Scope, board: Board, place: int, cursor: str | None, size: int) -> Page[MemberRow]:
    """One page of a column by enterprise id, without its total. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (int,))
    after = edge.values[0] if edge else None
    if board.stored is not None:
        return _page(_stored(scope, board, [place], after, size + 1).get(place, []), size)
    return _page(member_rows(scope, statement(scope, board, place), after, size + 1), size)


def statement(scope: Scope, board: Board, place: int) -> Select[Any]:
    """The enterprises of a column, for ``member_page`` and ``member_rows``."""
    if place == NO_RUNG:
        return off_statement(scope, board.rungs, board.day, board.known_on, board.filters)
    return rung_statement(scope, board.rungs, place, board.day, board.known_on, board.filters)


def off_statement(scope: Scope, rungs: Rungs, day: date, known_on: date | None, filters: Filters) -> Select[Any]:
    """Enterprises there on the day, not struck off, that hold no title of the ladder."""
    found = select(Enterprise.id.label("enterprise_id")).where(
        ~holds_any(Enterprise.id, rungs, day, known_on), ~struck_off(Enterprise.id, day, known_on),
    )
    return attributed(scope, found.subquery("without"), day, known_on, filters)


def holds_any(enterprise_id: Any, rungs: Rungs, day: date, known_on: date | None) -> ColumnElement[bool]:
    """The enterprise holds a title of the ladder on the day."""
    titles = sorted({title for rung in rungs for title in rung})
    return exists().where(Recognition.enterprise_id == enterprise_id, Recognition.title_code.in_(titles), known(Recognition, known_on), valid_on(day))


def first_pages(scope: Scope, board: Board, places: Sequence[int], size: int) -> dict[int, Page[MemberRow]]:
    """The first page of several columns, one statement for those of the summaries."""
    if board.stored is None:
        found = board_rows(scope, board.rungs, board.day, known_on=board.known_on, filters=board.filters, each=size + 1)
        if NO_RUNG in places:
            found[NO_RUNG] = member_rows(scope, statement(scope, board, NO_RUNG), None, size + 1)
    else:
        found = _stored(scope, board, places, None, size + 1)
    return {place: _page(found.get(place, []), size) for place in places}


def _page(rows: Sequence[MemberRow], size: int) -> Page[MemberRow]:
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, encode(Cursor((rows[-1].enterprise_id,))) if more else None, None, size)


def _stored(scope: Scope, board: Board, places: Sequence[int], after: int | None, limit: int) -> dict[int, list[MemberRow]]:
    """The same from today's summaries: the index of each rung is entered at the right place."""
    parts = [select(_stored_column(scope, board, place, after, limit).subquery(f"column_{n}")) for n, place in enumerate(places)]
    answer: dict[int, list[MemberRow]] = {}
    for place, id_, name, code, town_id in db.session.execute(union_all(*parts)) if parts else ():
        answer.setdefault(place, []).append(MemberRow(id_, name, code, town_id, True))
    return {place: sorted(rows, key=lambda row: row.enterprise_id) for place, rows in answer.items()}


def _stored_column(scope: Scope, board: Board, place: int, after: int | None, limit: int) -> Select[Any]:
    summary, key = EnterpriseSummary, cast("Any", Enterprise.id)
    rows: Select[Any] = select(literal(place).label("place"), Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id).where(in_scope(scope))
    if place == NO_RUNG:
        rows = rows.outerjoin(summary, summary.enterprise_id == Enterprise.id)
        rows = rows.where(summary.rung.is_(None), ~struck_off(Enterprise.id, board.day, None))
    else:
        key, code = summary.enterprise_id, (board.stored or {})[place]
        rows = rows.join(summary, summary.enterprise_id == Enterprise.id).where(summary.rung == code, summary.rung.is_not(None))
    if board.filters.town_ids is not None:
        rows = rows.where(Enterprise.town_id.in_(sorted(board.filters.town_ids)))
    return (rows if after is None else rows.where(key > after)).order_by(key).limit(limit)


def count_off(scope: Scope, board: Board, everybody: int | None, standing: int) -> tuple[int, bool]:
    """(enterprises 未上梯, whether there are more). ``everybody``: stored number of enterprises of the place asked for, cancelled ones included,
    ``standing``: those on a rung; without a stored number they are counted up to the cap."""
    if everybody is not None:
        return everybody - standing - _struck_off(scope, board), False
    rows = off_statement(scope, board.rungs, board.day, board.known_on, board.filters).with_only_columns(Enterprise.id).limit(COUNT_CAP + 1)
    count = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    return min(count, COUNT_CAP), count > COUNT_CAP


def _struck_off(scope: Scope, board: Board) -> int:
    """Enterprises of the place cancelled by today."""
    gone = select(func.count(EnterpriseEvent.enterprise_id.distinct())).join(Enterprise, Enterprise.id == EnterpriseEvent.enterprise_id).where(
        EnterpriseEvent.kind == "cancelled", EnterpriseEvent.happened_on <= board.day, in_scope(scope),
    )
    if board.filters.town_ids is not None:
        gone = gone.where(Enterprise.town_id.in_(sorted(board.filters.town_ids)))
    return int(db.session.scalar(gone) or 0)


# --- the next gap on a card


@dataclass(frozen=True)
class NextGap:
    """How far an enterprise is from the easiest title of the next rung. ``open_units``: conditions missing on the shortest way."""

    title_code: str
    title_label: str
    verdict: str
    open_units: int

    @property
    def words(self) -> str:
        """专精特新中小企业：只差一项"""
        lacking = {0: "条件全满足", 1: "只差一项"}.get(self.open_units, f"还差 {self.open_units} 项")
        return f"{self.title_label}：{lacking}"


def next_gaps(scope: Scope, ids: Collection[int], titles: Sequence[str], day: date, known_on: date | None) -> dict[int, NextGap]:
    """The nearest of these titles for every enterprise of the scope; none where the pack has no criteria in force."""
    mine = list(db.session.scalars(select(Enterprise.id).where(Enterprise.id.in_(sorted(ids)), in_scope(scope))))
    answer: dict[int, NextGap] = {}
    for id_, facts in known_of(mine, as_of=day, known_on=known_on).items():
        found = [diagnoses.diagnose_title(facts, title, "new") for title in titles if title not in facts.held]
        gaps = [_gap(one) for one in found if one.verdict is not None]
        if gaps:
            answer[id_] = min(gaps, key=lambda gap: gap.open_units)
    return answer


def _gap(found: criteria.Diagnosis) -> NextGap:
    return NextGap(found.title, found.title_label, found.verdict.label if found.verdict else "", len(found.open_units))


__all__ = ["NOBODY_YET", "Board", "NextGap", "column", "count_off", "first_pages", "holds_any", "next_gaps", "off_statement", "statement"]
