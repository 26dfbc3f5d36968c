"""Staged values as text and back: JSON in which an amount is ["m", "12.50"] and a date is ["d", "2023-01-05"].

One encoder is kept: a file of 100,000 rows packs a few hundred thousand values.
"""

import json
from datetime import date
from decimal import Decimal
from typing import Any


def _special(value: object) -> list[str]:
    if isinstance(value, Decimal):
        return ["m", format(value, "f")]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    raise TypeError(f"{type(value).__name__} cannot be staged")


pack = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_special).encode
"""Values (None, str, int, bool, Decimal, date, tuples and dicts of them) as one line of text."""


def _plain(value: Any) -> Any:
    if type(value) is list:
        if len(value) == 2 and type(value[1]) is str:
            if value[0] == "m":
                return Decimal(value[1])
            if value[0] == "d":
                return date.fromisoformat(value[1])
        return [_plain(v) for v in value]
    return {k: _plain(v) for k, v in value.items()} if type(value) is dict else value


def unpack(text: str | None) -> Any:
    """The packed value; None for None."""
    return None if text is None else _plain(json.loads(text))
