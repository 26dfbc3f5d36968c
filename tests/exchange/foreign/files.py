"""Writes foreign files: XlsxWriter for what Excel would write, surgery on the parts for what others write, bytes for text files."""

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

Row = Sequence[Any]
Parts = dict[str, bytes]


class Sheet:
    """One sheet that is written row by row from (``top``, ``left``); cells may be str, number, date, None or a callable(ws, r, c, formats)."""

    def __init__(self, book: Any, title: str) -> None:
        self.book, self.ws = book, book.add_worksheet(title)
        self.date = book.add_format({"num_format": "yyyy/m/d"})
        self.style = book.add_format({"border": 1, "font_name": "仿宋_GB2312", "font_size": 12, "align": "center", "text_wrap": True})

    def rows(self, rows: Sequence[Row], top: int = 0, left: int = 0) -> "Sheet":
        for r, row in enumerate(rows, top):
            for c, value in enumerate(row, left):
                self.cell(r, c, value)
        return self

    def cell(self, r: int, c: int, value: Any) -> None:
        if callable(value):
            value(self.ws, r, c, self)
        elif isinstance(value, (date, datetime)):
            self.ws.write_datetime(r, c, value, self.date)
        elif isinstance(value, bool):
            self.ws.write_boolean(r, c, value)
        elif isinstance(value, (int, float)):
            self.ws.write_number(r, c, value, self.style)
        elif value is None:
            self.ws.write_blank(r, c, None, self.style)
        else:
            self.ws.write_string(r, c, value, self.style)


def book(path: Path, fill: Callable[[Any], None], **options: Any) -> None:
    """A workbook; ``fill`` gets the XlsxWriter workbook."""
    with xlsxwriter.Workbook(str(path), options) as workbook:
        fill(workbook)


def simple(rows: Sequence[Row], title: str = "Sheet1", **options: Any) -> Callable[[Path], None]:
    """Builder of a workbook of one sheet with these rows from A1."""
    return lambda path: book(path, lambda workbook: Sheet(workbook, title).rows(rows), **options)


def surgery(build: Callable[[Path], None], change: Callable[[Parts], Parts | None]) -> Callable[[Path], None]:
    """Builder that rewrites the parts of what another one wrote."""

    def run(path: Path) -> None:
        build(path)
        with zipfile.ZipFile(path) as source:
            parts = {name: source.read(name) for name in source.namelist()}
        parts = change(parts) or parts
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for name, content in parts.items():
                target.writestr(name, content)

    return run


def swap(part: str, pattern: str, put: str) -> Callable[[Parts], None]:
    """Surgery on one part by regular expression; the pattern must be there."""

    def run(parts: Parts) -> None:
        text, found = re.subn(pattern, put, parts[part].decode(), flags=re.S)
        assert found, f"{pattern} is not in {part}"
        parts[part] = text.encode()

    return run


def text(content: str, encoding: str = "utf-8", before: bytes = b"") -> Callable[[Path], None]:
    """Builder of a text file."""
    return lambda path: void(path.write_bytes(before + content.encode(encoding)))


def raw(content: bytes) -> Callable[[Path], None]:
    """Builder of a file with these bytes."""
    return lambda path: void(path.write_bytes(content))


def lines(rows: Sequence[Sequence[str]], separator: str = ",", end: str = "\r\n") -> str:
    """Rows as plain text, nothing quoted."""
    return "".join(separator.join(row) + end for row in rows)


def void(_value: object) -> None:
    return None
