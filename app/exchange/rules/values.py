"""Stored rows to typed values: ``read_table(rows, header)`` yields one ``ParsedRow`` per data row.

Blank, total, signature, repeated header and sample rows are counted in ``TableReader.skipped`` and not yielded. A cell never raises: what cannot
be read is a ``Problem`` of its row, what was changed on the way is a ``Note``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Any, NamedTuple

from app.exchange.rules.cells import Cell
from app.exchange.rules.fields import Field
from app.exchange.rules.header import HeaderMap, Merge, Row
from app.exchange.rules.outcome import CLEAR, Bad, Cleaned, Clear, Parser
from app.exchange.rules.parsers import compile_column, compile_parser
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


@dataclass(slots=True)
class Chunk:
    """Some data rows of a table, column by column: ``columns`` holds what the parsers answered (slot -> one outcome a row), ``odd`` the
    places of rows with anything to say (a problem, a note). ``row(place)`` gives one as a ``ParsedRow``."""

    numbers: Sequence[int]
    columns: dict[str, Sequence[Any]]
    odd: set[int]
    headers: Mapping[str, str]
    shifted: dict[int, Problem]

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, slot: str) -> Sequence[Any]:
        """Outcomes of one column; nothing but None when the file has no such column."""
        return self.columns.get(slot) or [None] * len(self.numbers)

    def row(self, place: int) -> ParsedRow:
        parsed = ParsedRow(self.numbers[place], {})
        for slot, outcomes in self.columns.items():
            _take(parsed, slot, self.headers[slot], outcomes[place])
        if place in self.shifted:
            parsed.problems.append(self.shifted[place])
        return parsed


def _take(parsed: ParsedRow, slot: str, header: str, found: Any) -> None:
    """Sort one outcome into values, problems and notes."""
    if found is None:
        return
    kind = type(found)
    if kind is Bad:
        parsed.problems.append(Problem(slot, header, found.code, found.message_zh))
    elif kind is Cleaned:
        parsed.values[slot] = found.value
        parsed.notes.append(Note(slot, header, found.note_zh))
    else:
        parsed.values[slot] = found


class TableReader:
    """Iterates over the data rows of a table once; ``skipped`` then holds counts by kind (blank, total, signature, header, sample).

    Iterating raises ``Invalid`` (code ``too_many_rows``) when there are more than ``limit`` data rows: nothing is ever cut silently.
    """

    def __init__(self, rows: Iterable[Row], header: HeaderMap, *, date_1904: bool = False, limit: int = MAX_DATA_ROWS) -> None:
        self._rows = rows
        self._header = header
        self._limit = limit
        self._date_1904 = date_1904
        self._mapped = [(c.index, c.slot, c.header, c.field, c.unit) for c in header.mapped if c.field is not None]
        self._columns = [(i, slot, head, compile_parser(f, unit, date_1904)) for i, slot, head, f, unit in self._mapped]
        self.skipped: Counter[str] = Counter()

    def __iter__(self) -> Iterator[ParsedRow]:
        for number, cells in self._data_rows():
            yield self._parse(number, cells)

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The same rows, ``size`` at a time and column by column."""
        readers = [(i, slot, compile_column(f, unit, self._date_1904)) for i, slot, _, f, unit in self._mapped]
        headers = {slot: header for _, slot, header, _, _ in self._mapped}
        rows = self._data_rows()
        while batch := list(islice(rows, size)):
            columns = list(zip_longest(*(cells for _, cells in batch)))
            empty = (None,) * len(batch)
            found = {slot: read(columns[i] if i < len(columns) else empty) for i, slot, read in readers}
            shifted = {p: problem for p, (_, cells) in enumerate(batch) if (problem := self._shift(cells))} if self._header.width else {}
            yield Chunk([number for number, _ in batch], found, {*_odd(found.values()), *shifted}, headers, shifted)

    def _data_rows(self) -> Iterator[Row]:
        sorter, first, count = RowSorter(self._header), self._header.first_data_row, 0
        sure = sorter.data_at_sight() or (lambda cells: False)
        for row in _filled_down(self._rows, self._header.merges):
            if row[0] < first:
                continue
            if not sure(row[1]) and (kind := sorter.kind_of(row[1])) is not DATA:
                self.skipped[kind] += 1
                continue
            count += 1
            if count > self._limit:
                raise too_many_rows(self._limit)
            yield row

    def _parse(self, number: int, cells: list[Cell]) -> ParsedRow:
        parsed, width = ParsedRow(number, {}), len(cells)
        for index, slot, header, parser in self._columns:
            if index < width:
                _take(parsed, slot, header, parser(cells[index]))
        if problem := self._shift(cells):
            parsed.problems.append(problem)
        return parsed

    def _shift(self, cells: list[Cell]) -> Problem | None:
        """More cells than the header has, in delimited text: a missing quotation mark moved everything."""
        width = self._header.width
        if not width or len(cells) <= width or all(cell is None for cell in cells[width:]):
            return None
        text = f"这一行比表头多出 {len(cells) - width} 格，后面的内容可能错位；请检查是否有未加引号的逗号"
        return Problem("", "", "row_shifted", text)


def _odd(columns: Iterable[Sequence[Any]]) -> Iterator[int]:
    """Places where a parser had something to say."""
    for outcomes in columns:
        kinds = set(map(type, outcomes))
        if Bad in kinds or Cleaned in kinds:
            yield from (place for place, found in enumerate(outcomes) if type(found) in (Bad, Cleaned))


def too_many_rows(limit: int) -> Invalid:
    return Invalid("too_many_rows", f"数据超过 {limit:,} 行；请拆成几个文件分别导入。本次没有导入任何一行。")


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
    parsed = ParsedRow(0, {})
    _take(parsed, field_.key, field_.label, parser(cell))
    return parsed


__all__ = ["CLEAR", "Chunk", "Clear", "Note", "ParsedRow", "Problem", "TableReader", "parse_cell", "read_table", "too_many_rows"]
