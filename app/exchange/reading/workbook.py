"""Inside the child: one .xlsx to row files, sheet by sheet, with python-calamine and the marks it does not report."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

from app.exchange.reading import marks as marking
from app.exchange.reading.child import Stop
from app.exchange.reading.rowfile import RowWriter
from app.exchange.rules.cells import PERCENT

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
            sheets = [
                _read_sheet(archive, book, outline, index, meta, into, limits)
                for index, meta in enumerate(book.sheets_metadata)
                if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
            ]
    return {"kind": "xlsx", "date_1904": outline.date_1904, "sheets": sheets}


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
        self.date_1904, self.parts = False, {}
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

    def _parse(self, name: str) -> ElementTree.Element:
        with self._archive.open(self._names[name]) as part:  # no document type: refused before this process started
            return ElementTree.parse(part).getroot()  # noqa: S314

    def _targets(self) -> dict[str, str]:
        if "xl/_rels/workbook.xml.rels" not in self._names:
            return {}
        found = {}
        for element in self._parse("xl/_rels/workbook.xml.rels"):
            target = element.get("Target", "")
            found[element.get("Id", "")] = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        return found


def _read_sheet(
    archive: zipfile.ZipFile, book: Any, outline: _Outline, index: int, meta: Any, into: Path, limits: dict[str, int]
) -> dict[str, Any]:
    name, hidden = meta.name, str(meta.visible) != "SheetVisibleEnum.Visible"
    part = outline.parts.get(name, "")
    found = marking.Marks()
    if part:
        with archive.open(part) as content:
            found = marking.scan(content, outline.percent)
    target = into / f"sheet-{index:03d}.rows"
    info = {"index": index, "name": name, "hidden": hidden, "file": target.name, "hidden_rows": found.hidden_rows,
            "formulas": found.formulas, "errors": found.errors, "merges": [], "too_long": False}  # fmt: skip
    if part and found.row_tags > limits["data_rows"] + _SLACK:
        with archive.open(part) as content:
            rows = marking.filled_rows(content)
        if rows > limits["data_rows"] + _SLACK:
            return info | _left_out(name, hidden, rows, target, limits)
    sheet = book.get_sheet_by_name(name)
    if sheet.end is not None and sheet.end[1] >= limits["columns"]:
        if not hidden:
            raise Stop(
                "too_many_columns",
                f"工作表“{name}”有 {sheet.end[1] + 1:,} 列，超过 {limits['columns']} 列；请删去右侧多余的列（包括看似空白的列）后另存。",
            )
        return info | _left_out(name, hidden, 0, target, limits)
    info["merges"] = [(a[0] + 1, a[1], b[0] + 1, b[1]) for a, b in (sheet.merged_cell_ranges or [])[:_MERGES]]
    writer = _write_rows(sheet, found, target, limits["data_rows"] + _SLACK)
    if writer.rows > limits["data_rows"] + _SLACK:
        return info | _left_out(name, hidden, writer.rows, target, limits)
    return info | {"rows": writer.rows, "columns": writer.columns}


def _left_out(name: str, hidden: bool, rows: int, target: Path, limits: dict[str, int]) -> dict[str, Any]:
    """A hidden sheet too large to be the table is left out and said so; a visible one refuses the file."""
    if not hidden:
        raise Stop(
            "too_many_rows",
            f"工作表“{name}”有 {rows:,} 行，超过 {limits['data_rows']:,} 行；请拆成几个文件分别导入。本次没有导入任何一行。",
        )
    target.write_bytes(b"")
    return {"rows": 0, "columns": 0, "too_long": True}


def _write_rows(sheet: Any, found: marking.Marks, target: Path, limit: int) -> RowWriter:
    """All rows with content. The reader pads skipped rows at the top but not skipped columns at the left, and knows nothing of marked cells
    outside its range (a formula without result is empty to it)."""
    marked = found.by_row()
    indent: list[Any] = [None] * (sheet.start[1] if sheet.start else 0)
    with RowWriter(target) as writer:
        for number, row in enumerate(sheet.iter_rows(), 1):
            cells = [cell if cell != "" else None for cell in row]
            if indent:
                cells = indent + cells
            if number in marked:
                _apply(cells, marked.pop(number))
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                writer.write(number, cells)
                if writer.rows > limit:
                    return writer
        _write_beyond(writer, marked, limit)
    return writer


def _write_beyond(writer: RowWriter, marked: dict[int, list[tuple[int, list[object] | None]]], limit: int) -> None:
    """Rows below the reader's range that hold nothing but error cells or formulas without result."""
    for number in sorted(marked):
        cells: list[Any] = []
        _apply(cells, marked[number])
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
