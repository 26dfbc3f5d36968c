"""Cells to values. Interface below.

``read_table`` yields one ``ParsedRow`` per data row; blank, total and signature rows are counted in ``TableReader.skipped`` and not yielded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.exchange.rules.header import HeaderMap, Row


class Clear:
    """The value of a cell that says （清空）: remove what is stored. Use the singleton ``CLEAR``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "CLEAR"


CLEAR = Clear()


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
    """Iterates over the data rows of a table once; ``skipped`` then holds {"blank": n, "total": n, "signature": n, "header": n}."""

    skipped: dict[str, int]

    def __init__(self, rows: Iterable[Row], header: HeaderMap, *, date_1904: bool = False) -> None:
        raise NotImplementedError

    def __iter__(self) -> Iterator[ParsedRow]:
        raise NotImplementedError


def read_table(rows: Iterable[Row], header: HeaderMap, *, date_1904: bool = False) -> TableReader:
    """All data rows below ``header`` as typed values. Never raises for a cell: what cannot be read is a ``Problem``."""
    return TableReader(rows, header, date_1904=date_1904)


def parse_cell(field_: Any, cell: Any, *, unit: str = "", date_1904: bool = False) -> ParsedRow:
    """One cell alone (forms, tests): a ParsedRow with at most one value under ``field_.key``."""
    raise NotImplementedError
