"""The rows of the list. 50 rows x 9 cells are drawn here and not cell by cell in the template: ten times as fast, same markup."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from flask import url_for
from markupsafe import Markup

from app.enterprises.columns import Column, Words
from app.infra.web.filters import DASH, number, signed, wan, ymd

_NO_RUNG = '<span class="missing">未入梯队</span>'
_ANY = 4_242_424_242
"""Stands for an id in the address pattern of an enterprise."""
Cell = Callable[[Any], str]


def list_rows(rows: Sequence[Any], columns: Sequence[Column], words: Words, *, editing: bool) -> Markup:
    """One ``tr`` per enterprise; ``editing``: with a box to tick."""
    cells = [_cell(column, words) for column in columns]
    start, _, end = url_for("enterprises.show", enterprise_id=_ANY).partition(str(_ANY))
    title = f'<td class="{"freeze" if editing else "freeze-first"} row-title"><a href="{escape(start)}'
    lines = []
    for row in rows:
        name = escape(row.name)
        box = (
            '<td class="freeze-check"><input type="checkbox" class="form-check-input" data-row name="ids" '
            f'value="{row.id}" aria-label="选择{name}"></td>' if editing else ""
        )
        lines.append(f'<tr>{box}{title}{row.id}{end}">{name}</a></td>{"".join([cell(row) for cell in cells])}</tr>')
    return Markup("\n".join(lines))  # noqa: S704  (every text is escaped, every number formatted)


def _cell(column: Column, words: Words) -> Cell:
    """Draws one cell of a row; the caption is what phones show beside the value."""
    caption = f' data-l="{escape(column.heading)}">'
    if column.is_number:
        return _number(column, words, caption)
    if column.kind == "rung":
        return _rung(words, caption)
    if column.kind == "status":
        start = f'<td{caption}<span class="tag tag-'

        def status(row: Any) -> str:
            return f'{start}{"ok" if row.status == "active" else "warn"}">{escape(str(column.cell(row, words)))}</span></td>'

        return _once(_CODES["status"], status)
    if column.kind == "day":
        return lambda row: f"<td{caption}{ymd(column.cell(row, words))}</td>"
    start = ('<td class="wide"' if column.code == "town" else "<td") + caption

    def draw(row: Any) -> str:
        return f"{start}{escape(_dash(column.cell(row, words)))}</td>"

    return _once(_CODES[column.code], draw) if column.code in _CODES else draw


_CODES: dict[str, Callable[[Any], Any]] = {
    "status": lambda row: row.status, "town": lambda row: row.town_id, "unit": lambda row: row.unit_id, "scale": lambda row: row.size_class,
    "year": lambda row: row.figures_year, "control": lambda row: row.control_type, "industry": lambda row: row.industry_code,
}
"""What a cell depends on where many rows share it: drawn once per value."""


def _once(value_of: Callable[[Any], Any], draw: Cell) -> Cell:
    drawn: dict[Any, str] = {}

    def cell(row: Any) -> str:
        value = value_of(row)
        if value not in drawn:
            drawn[value] = draw(row)
        return drawn[value]

    return cell


def _dash(value: Any) -> str:
    return DASH if value is None or value == "" else str(value)


def _number(column: Column, words: Words, caption: str) -> Cell:
    look = "num wide" if column.kind == "wan" else "num"  # a caption with its unit and a long number: a line of its own on phones
    known, unknown = f'<td class="{look}"{caption}', f'<td class="{look} missing"{caption}{DASH}</td>'
    shapes: dict[str, tuple[Callable[[Any], Any], Callable[[Any], str]]] = {
        "wan": (lambda row: row.revenue_yuan, wan), "signed": (lambda row: row.growth_pct, signed),
        "pct": (lambda row: row.rd_ratio_pct, lambda value: number(value, 1)),
    }
    value_of, shape = shapes.get(column.kind, (lambda row: column.cell(row, words), number))

    def draw(row: Any) -> str:
        value = value_of(row)
        return unknown if value is None else f"{known}{shape(value)}</td>"

    return draw


def _rung(words: Words, caption: str) -> Cell:
    drawn: dict[Any, str] = {}

    def draw(row: Any) -> str:
        key = (row.rung, words.places.city_of(row.town_id) if words.ladder.cities else None)
        if key not in drawn:
            ladder = words.ladder.of(key[1])
            label, tone = ladder.rung_label(row.rung), min(ladder.rung_tone(row.rung), 5)
            mark = f" tag-rung-{tone}" if tone else ""
            drawn[key] = f'<td{caption}<span class="tag{mark}">{escape(label)}</span></td>' if label else f"<td{caption}{_NO_RUNG}</td>"
        return drawn[key]

    return draw
