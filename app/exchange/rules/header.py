"""Finding the table in a sheet: header row, units, column meaning. Interface below; see the functions for what is recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.exchange.rules.cells import Cell
from app.exchange.rules.fields import Field

Row = tuple[int, list[Cell]]
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column; sheet rows from 1, columns from 0, inclusive
IGNORED = ""  # remembered mapping of a column the user chose to leave out


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the sheet. ``field`` is None when unknown or ignored. ``slot`` is the key of the value: ``revenue`` or ``revenue@2023``."""

    index: int
    header: str
    field: Field | None
    year: int | None = None
    unit: str = ""
    unit_assumed: bool = False
    how: str = "unknown"  # exact | remembered | loose | unknown | duplicate | ignored

    @property
    def slot(self) -> str:
        if self.field is None:
            return ""
        return f"{self.field.key}@{self.year}" if self.year else self.field.key


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the preview page should say about the file: stable ``code``, Chinese ``message_zh``."""

    code: str
    message_zh: str


@dataclass(frozen=True, slots=True)
class HeaderMap:
    """The recognised table. ``columns`` covers every non-empty column, left to right; sheet rows count from 1 as Excel shows them."""

    header_row: int
    first_data_row: int
    columns: tuple[Column, ...]
    title: str = ""
    unit: str = ""  # of a 单位：万元 line
    year: int | None = None  # of the title (2023年度…), a hint only
    remarks: tuple[Remark, ...] = ()

    @property
    def mapped(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.field is not None)

    @property
    def unknown(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.field is None and c.how in ("unknown", "duplicate"))

    def to_remember(self) -> dict[str, str]:
        """``{normal header: field key or ""}``: store it and pass it back as ``remembered``."""
        return {normal_header(c.header): (c.field.key if c.field else IGNORED) for c in self.columns if c.field or c.how == "ignored"}


@dataclass(frozen=True, slots=True)
class SheetPreview:
    """The first rows of one sheet (80 are enough) and its merged ranges."""

    index: int
    name: str
    rows: Sequence[Row]
    merges: Sequence[Merge] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class SheetChoice:
    sheet: SheetPreview
    header: HeaderMap
    others: tuple[str, ...]  # names of the sheets left out, to be shown


def normal_header(text: str) -> str:
    """The comparable form of a header: half width, no spaces, line breaks, stars, brackets' content kept out, lower case."""
    raise NotImplementedError


def find_header(
    rows: Sequence[Row], fields: Sequence[Field], *, merges: Sequence[Merge] = (), remembered: Mapping[str, str] | None = None
) -> HeaderMap | None:
    """The header among the first rows, or None when no row names at least two fields (or the only required one)."""
    raise NotImplementedError


def choose_sheet(
    sheets: Sequence[SheetPreview], fields: Sequence[Field], *, remembered: Mapping[str, str] | None = None
) -> SheetChoice | None:
    """The sheet whose header maps best (visible before hidden, then workbook order); None when none has a header."""
    raise NotImplementedError


def missing_required(header: HeaderMap, fields: Sequence[Field]) -> tuple[Field, ...]:
    """Required fields without a column."""
    present = {c.field.key for c in header.mapped if c.field}
    return tuple(f for f in fields if f.required and f.key not in present)
