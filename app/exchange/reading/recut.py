"""Inside the child: a large sheet cut into pieces at row ends, each a small sheet of one plain workbook beside the row files.

The reader builds a whole sheet in memory before it gives its first row. Of pieces it holds one at a time, and their rows can be planned while
the next ones are still read. Only sheets whose rows all say their number are cut; any other is read as it is.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CUT_FROM, PIECE = 4 << 20, 6 << 20
"""Bytes of unpacked XML: smaller sheets are not cut; size of a piece."""
_HEAD = re.compile(rb"<sheetData(?:\s[^>]*)?>")
_DIMENSION = re.compile(rb"<dimension\b[^>]*?(?:/>|>.*?</dimension>)", re.S)
_MERGE = re.compile(rb"<mergeCell\b[^>]*?\bref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']")
_SHARED = ("xl/sharedStrings.xml", "xl/styles.xml")
_NS = "http://schemas.openxmlformats.org"
_OFFICE, _PACKAGE = f"{_NS}/officeDocument/2006/relationships", f"{_NS}/package/2006"


class Recut:
    """Takes the pieces of a sheet part as they are unpacked (``add``). ``cut``: whether the pieces can stand for the sheet."""

    def __init__(self, archive: zipfile.ZipFile, names: dict[str, str], date_1904: bool, target: Path) -> None:
        self._book = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)
        self._archive, self._names, self._date_1904 = archive, names, date_1904
        self._head = b""
        self._waiting: list[bytes] = []
        self._size = 0
        self.target, self.sheets, self.cut, self.merges_at = target, 0, True, b""

    def add(self, piece: bytes, rows: int) -> None:
        """The next bytes of the part with the number of their rows, ending with a whole row (the last ones: with the end of the part)."""
        if not self.cut:
            return
        if not self._head:
            begins = _HEAD.search(piece)
            if begins is None or b"<row" in piece[: begins.start()]:
                self.cut = False
                return
            self._head, piece = _DIMENSION.sub(b"", piece[: begins.end()]), piece[begins.end() :]
        if b"</sheetData" in piece:
            piece, _, rest = piece.partition(b"</sheetData")
            self.merges_at += rest
        elif self.merges_at:
            self.merges_at += piece
            return
        if rows != piece.count(b'<row r="'):
            self.cut = False
            return
        self._waiting.append(piece)
        self._size += len(piece)
        if self._size >= PIECE:
            self._store()

    def _store(self) -> None:
        if self._waiting:
            self.sheets += 1
            content = b"".join((self._head, *self._waiting, b"</sheetData></worksheet>"))
            self._book.writestr(f"xl/worksheets/sheet{self.sheets}.xml", content)
            self._waiting, self._size = [], 0

    def finish(self) -> bool:
        """Close the workbook; False when it cannot stand for the sheet."""
        with self._book:
            if self.cut and self._head:
                self._store()
                self._write_outline()
        return self.cut and self.sheets > 0

    def _write_outline(self) -> None:
        parts = [name for name in _SHARED if name.lower() in self._names]
        for name in parts:
            self._book.writestr(name, self._archive.read(self._names[name.lower()]))
        links = "".join(f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in range(1, self.sheets + 1))
        links += "".join(f'<Relationship Id="{name[3:6]}" Type="{_OFFICE}/{name[3:-4]}" Target="{name[3:]}"/>' for name in parts)
        listed = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, self.sheets + 1))
        main = f"{_NS}/spreadsheetml/2006/main"
        start = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        texts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="b" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{_OFFICE}">'
            f'<workbookPr date1904="{int(self._date_1904)}"/><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        }
        for name, text in texts.items():
            self._book.writestr(name, start + text)

    def merges(self) -> list[tuple[int, int, int, int]]:
        """Merged ranges: first row, first column, last row, last column; rows from 1, columns from 0."""
        from app.exchange.reading.container import column_number

        return [
            (int(top), column_number(left) - 1, int(bottom), column_number(right) - 1)
            for left, top, right, bottom in _MERGE.findall(self.merges_at)
        ]


def rows_of(target: Path) -> Iterator[tuple[int, int, list[list[Any]], int]]:
    """Piece by piece: number of the first row, first column, the rows, last column."""
    import python_calamine

    with python_calamine.load_workbook(target) as book:
        for index in range(len(book.sheet_names)):
            sheet = book.get_sheet_by_index(index)
            if sheet.start is not None and sheet.end is not None:
                yield sheet.start[0] + 1, sheet.start[1], sheet.to_python(), sheet.end[1]
