"""Keyset paging: page 1000 costs what page 1 costs. The cursor is the sort key of the last row, signed so that it cannot be forged.

A page knows whether there is a next and a previous one by asking for one row more; totals are counted separately (capped).
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from app.kernel.errors import Invalid

Row = TypeVar("Row")
PAGE_SIZES = (20, 50, 100, 200)
COUNT_CAP = 1000


@dataclass(frozen=True)
class Cursor:
    """Sort values of the edge row; ``backwards`` asks for the rows before it."""

    values: tuple[Any, ...]
    backwards: bool = False


def encode(cursor: Cursor) -> str:
    """Cursor as URL text; Decimals and dates keep their type (a float against a numeric column would lose the index)."""
    plain = [_pack(v) for v in cursor.values]
    return base64.urlsafe_b64encode(json.dumps([cursor.backwards, plain], ensure_ascii=False).encode()).decode().rstrip("=")


def decode(text: str | None, kinds: Sequence[type]) -> Cursor | None:
    """URL text as a cursor whose values have exactly the given types (None allowed). Raises ``Invalid`` on anything else."""
    if not text:
        return None
    try:
        backwards, plain = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        values = tuple(_unpack(v) for v in plain)
        fits = len(values) == len(kinds) and all(v is None or type(v) is k for v, k in zip(values, kinds, strict=True))
    except (ValueError, TypeError, ArithmeticError):
        fits, values, backwards = False, (), False
    if not fits or not isinstance(backwards, bool) or any(isinstance(v, int) and abs(v) >= 2**63 for v in values):
        raise Invalid("cursor", "翻页位置无效，请回到第一页重新查看。")
    return Cursor(values, backwards)


def _pack(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"d": str(value)}
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"y": value.isoformat()}
    return value


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    readers: dict[str, Callable[[str], Any]] = {"d": Decimal, "t": datetime.fromisoformat, "y": date.fromisoformat}
    return readers[kind](text)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows with the cursors of its neighbours (None = there is none). ``total`` may be capped: then ``more`` is set."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None
    size: int
    total: int | None = None
    more: bool = False

    @property
    def total_label(self) -> str:
        return "" if self.total is None else f"{self.total:,}{'+' if self.more else ''}"


def page_size(text: str | None, default: int = 50) -> int:
    """One of the offered sizes; anything else is the default."""
    return int(text) if text and text.isdigit() and int(text) in PAGE_SIZES else default
