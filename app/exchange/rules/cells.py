"""What one stored cell looks like.

A cell is one JSON value: ``None`` (empty), ``str``, ``bool``, ``int`` / ``float`` (a number as Excel stored it), or a short list for what JSON
cannot say: ``["d", "2023-01-05"]`` a real date cell (time of day dropped when it is midnight, else ``"2023-01-05T08:30:00"``),
``["p", 0.05]`` a number in a percent-formatted cell, ``["e", "#REF!"]`` an error cell, ``["f", ""]`` a formula whose result the file does not
hold, ``["t", "08:30:00"]`` a time of day or a duration.
"""

from __future__ import annotations

from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | list[object] | None

DATE, PERCENT, ERROR, FORMULA, TIME = "d", "p", "e", "f", "t"


def number_text(value: float) -> str:
    """A number the way a person would type it: no ``.0``, no exponent below 10^15 (``repr`` beyond, digits are lost there anyway)."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    return repr(value)


def cell_text(cell: Cell) -> str:
    """The cell as text for echo and messages; never raises."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, (int, float)):
        return number_text(cell)
    return _special_text(cell)


def _special_text(cell: list[object]) -> str:
    tag, value = cell[0], cell[1] if len(cell) > 1 else ""
    if tag == PERCENT and isinstance(value, (int, float)):
        return f"{number_text(round(value * 100, 10))}%"
    if tag == DATE:
        return str(value).replace("T", " ")
    return str(value)
