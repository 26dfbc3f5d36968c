"""Inside the child: one .xlsx to row files, sheet by sheet, with python-calamine and the marks it does not report."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

from app.exchange.reading import marks as marking
from app.exchange.reading import recut
from app.exchange.reading.child import Stop
from app.exchange.reading.rowfile import RowWriter
from app.exchange.rules.cells import PERCENT

COMING = "coming.json"
"""Written before the rows of a large sheet: everything about the workbook but how many rows that sheet has."""
_SLACK = 300  # title, header, total and signature rows above the limit of data rows; the exact count is made later
_MERGES = 200_000
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REL_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def read_workbook(request: dict[str, Any]) -> dict[str, Any]:
    """Every worksheet to ``sheet-NNN.rows`` in ``into``."""
    import python_calamine

    path, into, limits = Path(request["path"]), Path(request["into"]), request["limits"]
    with zipfile.ZipFile(path) as archive:
        _verify_small_parts(archive)
        outline = _Outline(archive)
        if len(outline.parts) > limits["sheets"]:
            raise Stop(
                "too_many_sheets", f"工作簿有 {len(outline.parts)} 张工作表，超过 {limits['sheets']} 张；请只保留要导入的那一张。"
            )
        with python_calamine.load_workbook(path) as book:
            wanted = [(i, m) for i, m in enumerate(book.sheets_metadata) if m.typ == python_calamine.SheetTypeEnum.WorkSheet]
            largest = max(wanted, key=lambda sheet: outline.size(sheet[1].name), default=(-1, None))[0]
            sheets: dict[int, dict[str, Any]] = {}
            for index, meta in sorted(wanted, key=lambda sheet: sheet[0] == largest):  # the largest last: its rows are told as they come
                told = _teller(into, outline.date_1904, sheets) if index == largest else None
                sheets[index] = _read_sheet(archive, book, outline, index, meta, into, limits, told)
    return {"kind": "xlsx", "date_1904": outline.date_1904, "sheets": [sheets[index] for index in sorted(sheets)]}


def _teller(into: Path, date_1904: bool, sheets: dict[int, dict[str, Any]]) -> Callable[[dict[str, Any]], None]:
    """Says what is known of all sheets before the rows of the last one are written."""

    def tell(info: dict[str, Any]) -> None:
        known = sheets | {info["index"]: info | {"rows": 0, "columns": 0, "coming": True}}
        draft = into / "coming.tmp"
        draft.write_text(
            json.dumps({"kind": "xlsx", "date_1904": date_1904, "sheets": [known[i] for i in sorted(known)]}, ensure_ascii=False), encoding="utf-8",
        )
        draft.replace(into / COMING)

    return tell


def _verify_small_parts(archive: zipfile.ZipFile) -> None:
    """Read shared strings and styles once: their declared sizes and checksums must hold before another reader trusts them."""
    for info in archive.infolist():
        name = info.filename.lower()
        if name.endswith((".xml", ".rels")) and "worksheets/sheet" not in name:
            with archive.open(info) as part:
                while part.read(1 << 20):
                    pass


class _Outline:
    """Where the sheets of a workbook are, the date system and the percent formats."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._names = {name.lower(): name for name in archive.namelist()}
        self._archive = archive
        root = self._parse("xl/workbook.xml") if "xl/workbook.xml" in self._names else None
        self.date_1904, self.parts, self.usual_places = False, {}, True
        if root is None:
            return
        targets = self._targets()
        for element in root.iter():
            local = element.tag.rpartition("}")[2]
            if local == "workbookPr":
                self.date_1904 = element.get("date1904", "0") in ("1", "true", "on")
            if local == "sheet":
                target = targets.get(element.get(_REL) or element.get(_REL_STRICT) or "", "")
                self.parts[element.get("name", "")] = self._names.get(target.lower(), "")
        self.percent = marking.percent_styles(self._parse("xl/styles.xml") if "xl/styles.xml" in self._names else None)

    def size(self, sheet: str) -> int:
        """Unpacked bytes of a sheet's part."""
        part = self.parts.get(sheet, "")
        return self._archive.getinfo(part).file_size if part else 0

    @property
    def names(self) -> dict[str, str]:
        """Names of the parts by their lower case."""
        return self._names

    def _parse(self, name: str) -> ElementTree.Element:
        with self._archive.open(self._names[name]) as part:  # no document type: refused before this process started
            return ElementTree.parse(part).getroot()  # noqa: S314

    def _targets(self) -> dict[str, str]:
        if "xl/_rels/workbook.xml.rels" not in self._names:
            return {}
        found = {}
        for element in self._parse("xl/_rels/workbook.xml.rels"):
            target, kind = element.get("Target", ""), element.get("Type", "").rpartition("/")[2]
            path = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
            found[element.get("Id", "")] = path
            if kind in ("styles", "sharedStrings") and path.lower() != f"xl/{kind.lower()}.xml":
                self.usual_places = False
        return found


def _read_sheet(
    archive: zipfile.ZipFile, book: Any, outline: _Outline, index: int, meta: Any, into: Path, limits: dict[str, int],
    tell: Callable[[dict[str, Any]], None] | None,
) -> dict[str, Any]:
    name, hidden = meta.name, str(meta.visible) != "SheetVisibleEnum.Visible"
    part = outline.parts.get(name, "")
    found, cut = _scan(archive, outline, part, into / f"sheet-{index:03d}.cut", large=outline.usual_places and outline.size(name) >= recut.CUT_FROM)
    target = into / f"sheet-{index:03d}.rows"
    info = {"index": index, "name": name, "hidden": hidden, "file": target.name, "hidden_rows": found.hidden_rows,
            "formulas": found.formulas, "errors": found.errors, "merges": [], "too_long": False}  # fmt: skip
    try:
        if part and found.row_tags > limits["data_rows"] + _SLACK:
            with archive.open(part) as content:
                rows = marking.filled_rows(content)
            if rows > limits["data_rows"] + _SLACK:
                return info | _left_out(name, hidden, rows, target, limits)
        if cut is not None:
            info["merges"] = cut.merges()[:_MERGES]
            if tell is not None:
                target.write_bytes(b"")
                tell(info)
            pieces = recut.rows_of(cut.target)
        else:
            sheet = book.get_sheet_by_name(name)
            pieces = iter([(1, sheet.start[1] if sheet.start else 0, sheet.iter_rows(), sheet.end[1] if sheet.end else 0)])
            info["merges"] = [(a[0] + 1, a[1], b[0] + 1, b[1]) for a, b in (sheet.merged_cell_ranges or [])[:_MERGES]]
        writer = _write_rows(name, pieces, found, target, limits)
    finally:
        if cut is not None:
            cut.target.unlink(missing_ok=True)
    if isinstance(writer, TooWide):
        if not hidden:
            raise Stop("too_many_columns", writer.message)
        return info | _left_out(name, hidden, 0, target, limits)
    if writer.rows > limits["data_rows"] + _SLACK:
        return info | _left_out(name, hidden, writer.rows, target, limits)
    return info | {"rows": writer.rows, "columns": writer.columns}


def _scan(archive: zipfile.ZipFile, outline: _Outline, part: str, target: Path, *, large: bool) -> tuple[marking.Marks, recut.Recut | None]:
    """Marks of a sheet; a large one is cut into pieces on the way."""
    if not part:
        return marking.Marks(), None
    cut = recut.Recut(archive, outline.names, outline.date_1904, target) if large else None
    with archive.open(part) as content:
        found = marking.scan(content, outline.percent, cut.add if cut else None)
    if cut is not None and not cut.finish():
        target.unlink(missing_ok=True)
        cut = None
    return found, cut


def _left_out(name: str, hidden: bool, rows: int, target: Path, limits: dict[str, int]) -> dict[str, Any]:
    """A hidden sheet too large to be the table is left out and said so; a visible one refuses the file."""
    if not hidden:
        raise Stop(
            "too_many_rows",
            f"工作表“{name}”有 {rows:,} 行，超过 {limits['data_rows']:,} 行；请拆成几个文件分别导入。本次没有导入任何一行。",
        )
    target.write_bytes(b"")
    return {"rows": 0, "columns": 0, "too_long": True}


class TooWide:
    """The sheet reaches further to the right than any list does."""

    def __init__(self, name: str, columns: int, limit: int) -> None:
        self.message = f"工作表“{name}”有 {columns:,} 列，超过 {limit} 列；请删去右侧多余的列（包括看似空白的列）后另存。"


def _write_rows(name: str, pieces: Iterator[Any], found: marking.Marks, target: Path, limits: dict[str, int]) -> RowWriter | TooWide:
    """All rows with content. The reader pads skipped rows at the top of a whole sheet but not skipped columns at the left, and knows nothing of
    marked cells outside its range (a formula without result is empty to it)."""
    marked, limit = found.by_row(), limits["data_rows"] + _SLACK
    with RowWriter(target) as writer:
        for first, left, rows, last in pieces:
            if last >= limits["columns"]:
                return TooWide(name, last + 1, limits["columns"])
            _write_marked(writer, marked, first)
            indent: list[Any] = [None] * left
            for number, row in enumerate(rows, first):
                cells = [cell if cell != "" else None for cell in row]
                if indent:
                    cells = indent + cells
                if marked and number in marked:
                    _apply(cells, marked.pop(number))
                while cells and cells[-1] is None:
                    cells.pop()
                if cells:
                    writer.write(number, cells)
                    if writer.rows > limit:
                        return writer
        _write_marked(writer, marked, 1 << 30, limit)
    return writer


def _write_marked(writer: RowWriter, marked: dict[int, list[tuple[int, list[object] | None]]], before: int, limit: int = 1 << 30) -> None:
    """Rows outside the reader's range (above row ``before``) that hold nothing but error cells or formulas without result."""
    while marked and (number := next(iter(marked))) < before:
        cells: list[Any] = []
        _apply(cells, marked.pop(number))
        if any(cell is not None for cell in cells) and writer.rows <= limit:
            writer.write(number, cells)


def _apply(cells: list[Any], changes: list[tuple[int, list[object] | None]]) -> None:
    for column, cell in changes:
        if column >= len(cells):
            cells.extend([None] * (column + 1 - len(cells)))
        if cell is not None:
            cells[column] = cell
        elif isinstance(cells[column], int | float) and not isinstance(cells[column], bool):
            cells[column] = [PERCENT, cells[column]]
