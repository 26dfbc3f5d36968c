"""What the sheet reader does not tell: error cells, formulas without a result, percent formats, hidden rows, and how many rows hold values.

One pass over the unpacked XML of a sheet, a megabyte at a time; a piece without the tell-tale bytes is only searched, not taken apart.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO
from xml.etree.ElementTree import Element

from app.exchange.reading.container import column_number
from app.exchange.rules.cells import ERROR, FORMULA, PERCENT

_PIECE = 1 << 20
_LONGEST_ROW = 64 << 20
_ERROR_TEXTS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#ERROR")
_KIND_PERCENT, _KIND_FORMULA, _KIND_ERROR = 0, 1, 2  # errors: 2 + index of the text
_HIDDEN = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=[\"'](?:1|true)[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_CELL = re.compile(rb"<(?:\w+:)?row\b([^>]*)>|<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.S)
_REF = re.compile(rb"\br=[\"']([A-Z]+)?(\d+)[\"']")
_TYPE = re.compile(rb"\bt=[\"'](\w+)[\"']")
_STYLE = re.compile(rb"\bs=[\"'](\d+)[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_TELLTALES = (b't="e"', b"t='e'", b"<f", b":f")
_QUICK_ERROR = re.compile(rb'<c r="([A-Z]++)(\d++)"([^>]*? t="e"[^>]*+)>(.*?)</c>', re.S)
_QUICK_FORMULA = re.compile(rb'<c r="([A-Z]++)(\d++)"([^>]*+)>(<f\b.*?)</c>', re.S)
_STYLE_LATE = re.compile(rb't="\w+" s="')
_FILLED = re.compile(rb"<(?:\w+:)?(?:v|t)\b[^>]*>[^<]")


@dataclass(slots=True)
class Marks:
    """``packed``: ``row << 24 | column << 8 | kind``, sheet rows from 1, columns from 0."""

    packed: array[int] = field(default_factory=lambda: array("Q"))
    hidden_rows: int = 0
    row_tags: int = 0
    formulas: int = 0
    errors: int = 0

    def by_row(self) -> dict[int, list[tuple[int, list[object] | None]]]:
        """Sheet row -> [(column, replacing cell; None keeps the number and makes it a percentage)]."""
        found: dict[int, list[tuple[int, list[object] | None]]] = {}
        for code in sorted(self.packed):
            kind = code & 0xFF
            cell: list[object] | None = (
                None
                if kind == _KIND_PERCENT
                else [FORMULA, ""]
                if kind == _KIND_FORMULA
                else [ERROR, _ERROR_TEXTS[kind - _KIND_ERROR]]
            )
            found.setdefault(code >> 24, []).append((code >> 8 & 0xFFFF, cell))
        return found


def scan(part: IO[bytes], percent_styles: frozenset[int], also: Callable[[bytes, int], None] | None = None) -> Marks:
    """Read a sheet part to its end (which also verifies its size and checksum). ``also`` gets every piece of it, ending with a
    whole row, and how many rows begin in it."""
    marks = Marks()
    numbers = b"|".join(b"%d" % style for style in sorted(percent_styles))
    percent = re.compile(rb'r="([A-Z]++)(\d++)" s="(?:' + numbers + rb')"') if percent_styles else None
    position, prefixed = [0], None
    for piece in _pieces(part):
        prefixed = b"<sheetData" not in piece if prefixed is None else prefixed
        rows = piece.count(b":row" if prefixed else b"<row")
        marks.row_tags += rows
        if also is not None:
            also(piece, -1 if prefixed else rows)
        if b"hidden=" in piece:
            marks.hidden_rows += len(_HIDDEN.findall(piece))
        told = any(mark in piece for mark in (_TELLTALES if prefixed else _TELLTALES[:3]))
        if (told or percent is not None) and (prefixed or not _plainly_written(piece)):
            _collect(piece, percent_styles, marks, position)
            continue
        if told:
            _collect_quickly(piece, marks)
        if percent is not None:
            marks.packed.extend(_pack(m[1], m[2], _KIND_PERCENT) for m in percent.finditer(piece))
        _advance(piece, position)
    return marks


def _plainly_written(piece: bytes) -> bool:
    """Every cell starts ``<c r=".." s=".."`` as nearly all programs write it; else the slower, positional way is taken."""
    return (
        b":c " not in piece
        and b"<c>" not in piece
        and piece.count(b'<c r="') == piece.count(b"<c ")
        and _STYLE_LATE.search(piece) is None
    )


def _collect_quickly(piece: bytes, marks: Marks) -> None:
    patterns = [_QUICK_ERROR] if b't="e"' in piece else []
    if not _all_formulas_have_results(piece):
        patterns.append(_QUICK_FORMULA)
    for pattern in patterns:
        for match in pattern.finditer(piece):
            if (b't="e"' in match[3]) != (pattern is _QUICK_ERROR):
                continue
            kind = _kind(match[3], match[4], frozenset(), marks)
            if kind is not None:
                marks.packed.append(_pack(match[1], match[2], kind))


def _all_formulas_have_results(piece: bytes) -> bool:
    """Counted, not looked at: as many formulas as formulas directly followed by a value, and no empty value."""
    formulas = piece.count(b"<f")
    with_value = piece.count(b"</f><v>") + piece.count(b'"/><v>')
    return formulas == with_value and not any(empty in piece for empty in (b"<v></v>", b"<v/>", b"<v />"))


@lru_cache(maxsize=1024)
def _column_bits(letters: bytes) -> int:
    return min(column_number(letters) - 1, 0xFFFF) << 8


def _pack(letters: bytes, row: bytes, kind: int) -> int:
    return min(int(row[:9]), 0xFFFFFF) << 24 | _column_bits(letters) | kind


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    """The part in pieces that end with a whole row."""
    carry: list[bytes] = []
    size = 0
    while block := part.read(_PIECE):
        cut = block.rfind(b"row>") + 4
        if cut < 4:
            cut = max((m.start() for m in _ROW.finditer(block)), default=0)
        if cut > 0:
            yield b"".join((*carry, block[:cut]))
            carry, size = [block[cut:]], len(block) - cut
        else:
            carry.append(block)
            size += len(block)
            if size > _LONGEST_ROW:
                raise ValueError("a row of more than 64 MB")
    yield b"".join(carry)


def _advance(piece: bytes, position: list[int]) -> None:
    """Keep the row counter right for sheets whose rows carry no number."""
    last = piece.rfind(b"<row")
    match = _REF.search(piece[last : last + 200]) if last >= 0 else None
    position[0] = int(match[2]) if match else position[0] + piece.count(b"<row")


def _collect(piece: bytes, percent_styles: frozenset[int], marks: Marks, position: list[int]) -> None:
    row, column = position[0], -1
    for match in _CELL.finditer(piece):
        attributes = match[2]
        if attributes is None:
            reference = _REF.search(match[1])
            row, column = (int(reference[2]) if reference else row + 1), -1
            continue
        reference = _REF.search(attributes)
        column = column_number(reference[1]) - 1 if reference and reference[1] else column + 1
        content = match[3]
        if (
            content
            and (kind := _kind(attributes, content, percent_styles, marks)) is not None
            and column < 0xFFFF
            and row < 1 << 24
        ):
            marks.packed.append(row << 24 | column << 8 | kind)
    position[0] = row


def _kind(attributes: bytes, content: bytes, percent_styles: frozenset[int], marks: Marks) -> int | None:
    said = _TYPE.search(attributes)
    kind = said[1] if said else b"n"
    if kind == b"e":
        marks.errors += 1
        value = _VALUE.search(content)
        text = value[1].decode("ascii", "replace") if value else ""
        return _KIND_ERROR + (_ERROR_TEXTS.index(text) if text in _ERROR_TEXTS else len(_ERROR_TEXTS) - 1)
    if _FORMULA.search(content) and kind not in (b"str", b"inlineStr") and not ((value := _VALUE.search(content)) and value[1]):
        marks.formulas += 1
        return _KIND_FORMULA
    style = _STYLE.search(attributes) if percent_styles and kind == b"n" else None
    return _KIND_PERCENT if style and int(style[1]) in percent_styles else None


def filled_rows(part: IO[bytes]) -> int:
    """How many rows hold at least one value (only asked when there are suspiciously many rows)."""
    return sum(1 for piece in _pieces(part) for row in piece.split(b"row>") if _FILLED.search(row))


def percent_styles(styles: Element | None) -> frozenset[int]:
    """Indexes of the cell formats that show a percentage."""
    if styles is None:
        return frozenset()
    formats = {int(e.get("numFmtId", "0")): e.get("formatCode", "") for e in styles.iter() if _local(e) == "numFmt"}
    percent = {9, 10} | {i for i, code in formats.items() if "%" in re.sub(r'"[^"]*"|\\.', "", code)}
    table = next((e for e in styles.iter() if _local(e) == "cellXfs"), None)
    entries = [e for e in table if _local(e) == "xf"] if table is not None else []
    return frozenset(i for i, e in enumerate(entries) if int(e.get("numFmtId", "0") or 0) in percent)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


__all__ = ["PERCENT", "Marks", "filled_rows", "percent_styles", "scan"]
