"""Staged values as text and back.

``pack`` / ``unpack`` keep the type of every value: an amount is ["m", "12.50"], a date ["d", "2023-01-05"]. ``pack_plain`` is the cheaper
way for the content of a record: dates and amounts become text, and the importer, who knows the places, turns them back.
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


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} cannot be staged")


pack = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_special).encode
"""Values (None, str, int, bool, Decimal, date, tuples and dicts of them) as one line of text that ``unpack`` gives back."""
pack_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_text).encode
"""The same with dates and amounts as plain text."""
unpack_plain = json.JSONDecoder().decode


def _typed(value: Any) -> Any:
    if type(value) is list:
        if len(value) == 2 and type(value[1]) is str:
            if value[0] == "m":
                return Decimal(value[1])
            if value[0] == "d":
                return date.fromisoformat(value[1])
        return [_typed(v) for v in value]
    return {k: _typed(v) for k, v in value.items()} if type(value) is dict else value


def unpack(text: str | None) -> Any:
    """The packed value; None for None."""
    return None if text is None else _typed(json.loads(text))


def dates_back(content: list[Any], places: tuple[int, ...]) -> list[Any]:
    """Turn the texts at these places of a plainly packed content into dates again (in place)."""
    for place in places:
        if content[place] is not None:
            content[place] = date.fromisoformat(content[place])
    return content


def amounts_back(content: list[Any], places: tuple[int, ...]) -> list[Any]:
    """The same for amounts."""
    for place in places:
        if content[place] is not None:
            content[place] = Decimal(content[place])
    return content
