"""Stored rows to typed values: ``read_table(rows, header)`` yields one ``ParsedRow`` per data row.

Blank, total, signature, repeated header and sample rows are counted in ``TableReader.skipped`` and not yielded. A cell never raises: what cannot
be read is a ``Problem`` of its row, what was changed on the way is a ``Note``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.exchange.rules.cells import Cell
from app.exchange.rules.fields import Field
from app.exchange.rules.header import HeaderMap, Merge, Row
from app.exchange.rules.outcome import CLEAR, Bad, Cleaned, Clear, Parser
from app.exchange.rules.parsers import compile_parser
from app.exchange.rules.rows import DATA, RowSorter
from app.kernel.errors import Invalid

MAX_DATA_ROWS = 100_000


class Problem(NamedTuple):
    """Why a cell is refused. ``header`` is the header text of the sheet, ``code`` stable ASCII, ``message_zh`` says what to do."""

    slot: str
    header: str
    code: str
    message_zh: str


class Note(NamedTuple):
    """A cell accepted after cleaning: what was done, in Chinese."""

    slot: str
    header: str
    message_zh: str


@dataclass(slots=True)
class ParsedRow:
    """``values``: slot -> typed value or ``CLEAR``; a blank cell has no entry. ``row`` is the sheet row as Excel shows it."""

    row: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class TableReader:
    """Iterates over the data rows of a table once; ``skipped`` then holds counts by kind (blank, total, signature, header, sample).

    Iterating raises ``Invalid`` (code ``too_many_rows``) when there are more than ``limit`` data rows: nothing is ever cut silently.
    """

    def __init__(self, rows: Iterable[Row], header: HeaderMap, *, date_1904: bool = False, limit: int = MAX_DATA_ROWS) -> None:
        self._rows = rows
        self._header = header
        self._limit = limit
        self._columns = [
            (c.index, c.slot, c.header, compile_parser(c.field, c.unit, date_1904)) for c in header.mapped if c.field is not None
        ]
        self.skipped: Counter[str] = Counter()

    def __iter__(self) -> Iterator[ParsedRow]:
        kind_of, first, count = RowSorter(self._header).kind_of, self._header.first_data_row, 0
        for number, cells in _filled_down(self._rows, self._header.merges):
            if number < first:
                continue
            kind = kind_of(cells)
            if kind is not DATA:
                self.skipped[kind] += 1
                continue
            count += 1
            if count > self._limit:
                raise too_many_rows(self._limit)
            yield self._parse(number, cells)

    def _parse(self, number: int, cells: list[Cell]) -> ParsedRow:
        values: dict[str, Any] = {}
        parsed, width = ParsedRow(number, values), len(cells)
        for index, slot, header, parser in self._columns:
            if index >= width:
                continue
            found = parser(cells[index])
            if found is None:
                continue
            kind = type(found)
            if kind is Bad:
                parsed.problems.append(Problem(slot, header, found.code, found.message_zh))
            elif kind is Cleaned:
                values[slot] = found.value
                parsed.notes.append(Note(slot, header, found.note_zh))
            else:
                values[slot] = found
        if self._header.width and width > self._header.width:
            _refuse_shifted(parsed, cells, self._header.width)
        return parsed


def too_many_rows(limit: int) -> Invalid:
    return Invalid("too_many_rows", f"数据超过 {limit:,} 行；请拆成几个文件分别导入。本次没有导入任何一行。")


def _refuse_shifted(parsed: ParsedRow, cells: list[Cell], width: int) -> None:
    if any(cell is not None for cell in cells[width:]):
        text = f"这一行比表头多出 {len(cells) - width} 格，后面的内容可能错位；请检查是否有未加引号的逗号"
        parsed.problems.append(Problem("", "", "row_shifted", text))


def _filled_down(rows: Iterable[Row], merges: tuple[Merge, ...]) -> Iterator[Row]:
    """Rows with vertically merged cells filled from their first cell; a row that is otherwise empty stays empty."""
    if not merges:
        yield from rows
        return
    starts: dict[int, list[Merge]] = {}
    for merge in merges:
        starts.setdefault(merge[0], []).append(merge)
    active: dict[int, tuple[Merge, Cell]] = {}  # by column: a hostile file may let ranges overlap
    order, at = sorted(starts), 0
    for number, cells in rows:
        active = {column: entry for column, entry in active.items() if entry[0][2] >= number} if active else active
        if active and any(cell is not None for cell in cells):
            cells = _fill(cells, active)
        while at < len(order) and order[at] <= number:
            for merge in starts[order[at]] if order[at] == number else ():
                if merge[1] < len(cells) and cells[merge[1]] is not None:
                    active[merge[1]] = (merge, cells[merge[1]])
            at += 1
        yield number, cells


def _fill(cells: list[Cell], active: dict[int, tuple[Merge, Cell]]) -> list[Cell]:
    filled = list(cells)
    for column, (_, value) in active.items():
        if column >= len(filled):
            filled.extend([None] * (column + 1 - len(filled)))
        if filled[column] is None:
            filled[column] = value
    return filled


def read_table(rows: Iterable[Row], header: HeaderMap, *, date_1904: bool = False, limit: int = MAX_DATA_ROWS) -> TableReader:
    """All data rows below ``header`` as typed values. Never raises for a cell: what cannot be read is a ``Problem``."""
    return TableReader(rows, header, date_1904=date_1904, limit=limit)


def parse_cell(field_: Field, cell: Cell, *, unit: str = "", date_1904: bool = False) -> ParsedRow:
    """One cell alone (forms, tests): a ParsedRow with at most one value under ``field_.key``."""
    parser: Parser = compile_parser(field_, unit, date_1904)
    found = parser(cell)
    parsed = ParsedRow(0, {})
    if type(found) is Bad:
        parsed.problems.append(Problem(field_.key, field_.label, found.code, found.message_zh))
    elif type(found) is Cleaned:
        parsed.values[field_.key] = found.value
        parsed.notes.append(Note(field_.key, field_.label, found.note_zh))
    elif found is not None:
        parsed.values[field_.key] = found
    return parsed


__all__ = ["CLEAR", "Clear", "Note", "ParsedRow", "Problem", "TableReader", "parse_cell", "read_table", "too_many_rows"]
