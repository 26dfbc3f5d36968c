"""Keyset paging: page 1000 costs what page 1 costs. The cursor is the sort key of the last row, signed so that it cannot be forged.

A page knows whether there is a next and a previous one by asking for one row more; totals are counted separately (capped).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from app.kernel.errors import Invalid

Row = TypeVar("Row")
PAGE_SIZES = (20, 50, 100, 200)
COUNT_CAP = 1000


@dataclass(frozen=True)
class Cursor:
    """Sort values of the edge row; ``backwards`` asks for the rows before it."""

    values: tuple[Any, ...]
    backwards: bool = False


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="cursor")


def encode(cursor: Cursor) -> str:
    """Cursor as signed URL text; Decimals and dates keep their type (a float against a numeric column would lose the index)."""
    return str(_signer().dumps([cursor.backwards, [_pack(v) for v in cursor.values]]))


def decode(text: str | None, kinds: Sequence[type]) -> Cursor | None:
    """URL text as a cursor whose values have exactly the given types (None allowed). Raises ``Invalid`` on anything we did not write."""
    if not text:
        return None
    try:
        backwards, plain = _signer().loads(text)
    except BadData as error:
        raise _unknown_place() from error
    values = tuple(_unpack(v) for v in plain)
    if len(values) != len(kinds) or not all(v is None or type(v) is k for v, k in zip(values, kinds, strict=True)):
        raise _unknown_place()  # of a list in another order
    return Cursor(values, backwards)


def _unknown_place() -> Invalid:
    return Invalid("cursor", "翻页位置无效，请回到第一页重新查看。")


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


def cut(found: Sequence[Row], size: int, edge: Cursor | None, key: Callable[[Row], tuple[Any, ...]], total: int | None = None) -> Page[Row]:
    """The page of ``found``: ``size`` + 1 rows fetched from the edge on, in the direction the cursor reads. ``total``: counted up to the cap + 1."""
    backwards = bool(edge and edge.backwards)
    rows, further = list(found[:size]), len(found) > size
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, further) if backwards else (further, edge is not None)
    following = encode(Cursor(key(rows[-1]))) if rows and has_next else None
    previous = encode(Cursor(key(rows[0]), True)) if rows and has_previous else None
    return Page(rows, following, previous, size, None if total is None else min(total, COUNT_CAP), total is not None and total > COUNT_CAP)
