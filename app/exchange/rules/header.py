"""Finding the table in a sheet: header row under titles and unit lines, two- and three-level headers, units, years, column meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.exchange.rules import captions
from app.exchange.rules.captions import Captions, Match, is_unit_text, money_unit, read_caption
from app.exchange.rules.cells import cell_text
from app.exchange.rules.fields import Field, Kind
from app.exchange.rules.grid import Block, Grid, Merge, Row, blocks
from app.kernel.text import squeeze

__all__ = [
    "IGNORED",
    "Column",
    "HeaderMap",
    "Merge",
    "Remark",
    "Row",
    "SheetChoice",
    "SheetPreview",
    "choose_sheet",
    "column_letters",
    "find_header",
    "missing_required",
    "normal_header",
]
IGNORED = ""  # remembered mapping of a column the user chose to leave out
SEARCHED_ROWS = 60
_UNIT_LINE = re.compile(
    r"(?:金额)?(?:计量)?单位[:：](?:人民币)?(亿元|千万元|百万元|万元|千元|元)(?![一-鿿])|^[(]?(?:人民币)?(亿元|百万元|万元|千元)[)]?$"
)
_UNIT_AND_MORE = re.compile(r"(?<!报)单\s?位\s?[:：]\s*(?:人民币)?\s?(亿\s?元|千\s?万\s?元|百\s?万\s?元|万\s?元|千\s?元|元)\s")
"""The unit with more behind a blank: 单位：千元   填报日期：…"""
_TITLE_YEAR = re.compile(
    r"(?<!\d)(?<!\d[-~–—－至到])(20\d\d)年(?!度?(?:\d{1,2}(?:[-~–—－至到]\d{1,2})?月|第?[一二三四1-4](?:[-至][二三四2-4])?季|[上下]半年|前[\d一二三四五六七八九十]))"
)
"""A year in a title; a span of years (2021-2023年), a day, a month or some months of a year (填报日期, 2023年1-6月) say nothing of yearly figures."""
_NUMBER_LINE = re.compile(r"[1-9]\d?|[甲乙丙丁戊己庚辛壬癸]|[a-z]|栏次|序号|\([1-9]\d?\)|[①-⑳]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the sheet. ``field`` is None when unknown or ignored. ``slot`` is the key of the value: ``revenue`` or ``revenue@2023``."""

    index: int
    header: str
    field: Field | None
    year: int | None = None
    unit: str = ""
    unit_assumed: bool = False
    how: str = "unknown"  # exact | remembered | loose | unknown | duplicate | ignored | ordinal (序号)

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
    """The recognised table. ``columns`` covers every non-empty column, left to right; sheet rows count from 1 as Excel shows them.

    ``merges``: vertically merged ranges in the data, whose first cell holds for all their rows. ``width``: columns of the header where more
    cells in a row mean a shift (delimited text), else 0.
    """

    header_row: int
    first_data_row: int
    columns: tuple[Column, ...]
    title: str = ""
    unit: str = ""  # of a 单位：万元 line
    year: int | None = None  # of the title (2023年度…), a hint only
    remarks: tuple[Remark, ...] = ()
    merges: tuple[Merge, ...] = ()
    width: int = 0

    @property
    def mapped(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.field is not None)

    @property
    def unknown(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.field is None and c.how in ("unknown", "duplicate"))

    def to_remember(self) -> dict[str, str]:
        """``{normal header: field key or ""}``: store it and pass it back as ``remembered``."""
        known = {
            normal_header(c.header): (c.field.key if c.field else IGNORED) for c in self.columns if c.field or c.how == "ignored"
        }
        return {base: key for base, key in known.items() if base}


@dataclass(frozen=True, slots=True)
class SheetPreview:
    """The first rows of one sheet (80 are enough) and its merged ranges. ``delimited``: a text file, where surplus cells mean a shift."""

    index: int
    name: str
    rows: Sequence[Row]
    merges: Sequence[Merge] = ()
    hidden: bool = False
    delimited: bool = False


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """The chosen sheet; ``others``: names of all sheets left out; ``also_tables``: those of them that look like the same kind of table."""

    sheet: SheetPreview
    header: HeaderMap
    others: tuple[str, ...]
    also_tables: tuple[str, ...] = ()


def normal_header(text: str) -> str:
    """The comparable form of a header: half width, no spaces, stars, line breaks, unit, year or explaining brackets, lower case."""
    return read_caption(text).base


def missing_required(header: HeaderMap, fields: Sequence[Field]) -> tuple[Field, ...]:
    """Required fields without a column."""
    present = {c.field.key for c in header.mapped if c.field}
    return tuple(f for f in fields if f.required and f.key not in present)


def find_header(
    rows: Sequence[Row],
    fields: Sequence[Field],
    *,
    merges: Sequence[Merge] = (),
    remembered: Mapping[str, str] | None = None,
    header_row: int | None = None,
    delimited: bool = False,
) -> HeaderMap | None:
    """The header among the first rows, or None when no row names at least two fields (one, if the importer has only one).

    ``header_row`` forces the sheet row a user picked on the mapping page.
    """
    names, grid = Captions(fields, remembered), Grid(rows[:SEARCHED_ROWS], merges)
    best: tuple[float, Block] | None = None
    speaking = _speaking_rows(grid, names)
    for block in blocks(grid, header_row):
        if header_row is None and not speaking.intersection(range(block.start, block.start + block.height)):
            continue
        score = _score(_matches(grid, block, names), block)
        if best is None or score > best[0]:
            best = (score, block)
    needed = 0.0 if header_row is not None else (3.0 if len(fields) > 1 else 1.5)
    if best is None or best[0] < needed:
        return None
    return _describe(grid, best[1], names, merges, delimited)


def choose_sheet(
    sheets: Sequence[SheetPreview], fields: Sequence[Field], *, remembered: Mapping[str, str] | None = None
) -> SheetChoice | None:
    """The sheet whose header maps best (visible before hidden, filled before empty, then workbook order); None when none has a header."""
    found = []
    for sheet in sheets:
        header = find_header(sheet.rows, fields, merges=sheet.merges, remembered=remembered, delimited=sheet.delimited)
        if header is not None:
            found.append((_sheet_rank(sheet, header), sheet, header))
    if not found:
        return None
    found.sort(key=lambda entry: entry[0])
    _, chosen, header = found[0]
    also = tuple(s.name for _, s, h in found[1:] if not s.hidden and _filled(s, h) and 2 * len(h.mapped) >= len(header.mapped))
    others = tuple(s.name for s in sheets if s.index != chosen.index)
    return SheetChoice(chosen, replace(header, remarks=header.remarks + _sheet_remarks(chosen, others, also)), others, also)


def _filled(sheet: SheetPreview, header: HeaderMap) -> bool:
    return any(number >= header.first_data_row for number, _ in sheet.rows)


def _sheet_rank(sheet: SheetPreview, header: HeaderMap) -> tuple[bool, float, int]:
    return sheet.hidden, -len(header.mapped) * (1.0 if _filled(sheet, header) else 0.5), sheet.index


def _sheet_remarks(chosen: SheetPreview, others: Sequence[str], also: Sequence[str]) -> tuple[Remark, ...]:
    remarks = [Remark("hidden_sheet", f"读取的工作表“{chosen.name}”是隐藏的")] if chosen.hidden else []
    if also:
        remarks.append(
            Remark("other_tables", f"只读取了工作表“{chosen.name}”；{_quoted(also)}也像同类表格，请另存为单独文件再导入")
        )
    elif others:
        remarks.append(Remark("other_sheets", f"读取工作表“{chosen.name}”，未读取：{_quoted(others)}"))
    return tuple(remarks)


def _quoted(names: Sequence[str], limit: int = 8) -> str:
    listed = "、".join(f"“{name}”" for name in names[:limit])
    return listed + (f"等 {len(names)} 项" if len(names) > limit else "")


def _speaking_rows(grid: Grid, names: Captions) -> set[int]:
    """Positions of rows where at least one text names a field: only blocks with such a row are looked at closely."""
    return {
        at
        for at, texts in enumerate(grid.texts)
        if any(text and names.match([text]).how not in _MUTE for text in dict.fromkeys(texts))
    }


def _matches(grid: Grid, block: Block, names: Captions) -> list[tuple[int, str, Match]]:
    found = []
    for column in range(grid.width):
        path = grid.path(block, column)
        if path:
            found.append((column, " ".join(path), names.match(path)))
    return found


_MUTE = (captions.UNKNOWN, captions.ORDINAL)
_WORTH = {captions.EXACT: 2.0, captions.REMEMBERED: 2.0, captions.LOOSE: 1.5}


def _score(matches: Sequence[tuple[int, str, Match]], block: Block) -> float:
    best: dict[tuple[str, int | None], float] = {}
    for _, _, match in matches:
        if match.field is not None:
            slot = (match.field.key, match.caption.year)
            best[slot] = max(best.get(slot, 0.0), _WORTH[match.how])
    return sum(best.values()) - 0.3 * (block.height - 1) * bool(best)


def _describe(grid: Grid, block: Block, names: Captions, merges: Sequence[Merge], delimited: bool) -> HeaderMap:
    if _is_unit_row(grid, block.start + block.height):
        block = Block(block.start, block.height + 1)
    end = block.start + block.height
    while end < len(grid.rows) and _is_number_line(grid, end):
        end += 1
    first_data = grid.rows[end - 1][0] + 1
    above = [text for at in range(block.start) for text in dict.fromkeys(grid.texts[at]) if text]
    unit, year = _unit_line(above), _title_year(above)
    columns = _columns(_matches(grid, block, names), unit) + _headless(grid, block, first_data)
    data_merges = tuple(m for m in merges if m[0] >= first_data and m[2] > m[0])
    return HeaderMap(
        header_row=grid.rows[block.start][0],
        first_data_row=first_data,
        columns=tuple(sorted(columns, key=lambda c: c.index)),
        title=max((t for t in above if not _UNIT_LINE.search(squeeze(t))), key=len, default="")[:120],
        unit=unit,
        year=year,
        remarks=_remarks(columns, data_merges, delimited),
        merges=data_merges,
        width=max((c.index + 1 for c in columns if c.header), default=0) if delimited else 0,
    )


def _is_unit_row(grid: Grid, at: int) -> bool:
    texts = [t for t in grid.texts[at] if t] if at < len(grid.rows) else []
    return len(texts) >= 1 and all(is_unit_text(t) for t in texts)


def _is_number_line(grid: Grid, at: int) -> bool:
    texts = [squeeze(t) for t in grid.texts[at] if t]
    if len(texts) < 3 or not all(_NUMBER_LINE.fullmatch(t) for t in texts):
        return False
    numbers = [int(t.strip("()")) for t in texts if t.strip("()").isdecimal()]
    return not numbers or (numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] <= 2)


def _unit_line(texts: Sequence[str]) -> str:
    for text in texts:
        if found := _UNIT_LINE.search(squeeze(text)):
            return found[1] or found[2]
        if found := _UNIT_AND_MORE.search(text):
            return squeeze(found[1])
    return ""


def _title_year(texts: Sequence[str]) -> int | None:
    years = {int(y) for text in texts for y in _TITLE_YEAR.findall(captions.without_whole_year(squeeze(text)))}
    return years.pop() if len(years) == 1 else None


def _columns(matches: Sequence[tuple[int, str, Match]], unit_line: str) -> list[Column]:
    order = {captions.REMEMBERED: 0, captions.EXACT: 1, captions.LOOSE: 2}
    taken: dict[str, int] = {}
    for index, _, match in sorted(matches, key=lambda m: (order.get(m[2].how, 9), m[0])):
        if match.field is not None:
            taken.setdefault(Column(index, "", match.field, match.caption.year).slot, index)
    return [_column(index, header, match, unit_line, taken) for index, header, match in matches]


def _column(index: int, header: str, match: Match, unit_line: str, taken: Mapping[str, int]) -> Column:
    if match.field is None:
        return Column(index, header, None, how=match.how)
    column = Column(index, header, match.field, match.caption.year, how=match.how)
    if taken[column.slot] != index:
        return Column(index, header, None, how="duplicate")
    if match.field.kind is not Kind.MONEY:
        return column
    said = money_unit(match.caption) or unit_line
    return replace(column, unit=said or match.field.unit, unit_assumed=not said)


def _headless(grid: Grid, block: Block, first_data: int) -> list[Column]:
    """Columns that hold data but no header."""
    named = {column for column in range(grid.width) if grid.path(block, column)}
    used = {
        i
        for number, cells in grid.rows
        if number >= first_data
        for i, c in enumerate(cells)
        if c is not None and cell_text(c).strip()
    }
    return [Column(i, "", None) for i in sorted(used - named)]


def column_letters(index: int) -> str:
    """0 -> A, 26 -> AA: as Excel names the column."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _remarks(columns: Sequence[Column], merges: Sequence[Merge], delimited: bool) -> tuple[Remark, ...]:
    assumed = [f"{c.header}（按{c.unit}）" for c in columns if c.unit_assumed]
    listed = {
        "unit_assumed": ("没有写明金额单位的列：", assumed),
        "column_loose": (
            "按近似名称识别的列：",
            [f"{c.header}→{c.field.label}" for c in columns if c.how == "loose" and c.field],
        ),
        "column_unknown": ("没有识别、不会导入的列：", [c.header for c in columns if c.how == "unknown" and c.header]),
        "column_duplicate": (
            "重复、只用了最先一列的列：",
            [f"{c.header}（{column_letters(c.index)} 列）" for c in columns if c.how == "duplicate"],
        ),
        "column_headless": ("没有表头、不会导入的列：", [f"{column_letters(c.index)} 列" for c in columns if not c.header]),
    }
    remarks = [Remark(code, lead + _quoted(items, 12)) for code, (lead, items) in listed.items() if items]
    if merges:
        remarks.append(Remark("merged_cells", f"数据中有 {len(merges)} 处纵向合并的单元格，各行都按首格的内容读取"))
    return tuple(remarks)
