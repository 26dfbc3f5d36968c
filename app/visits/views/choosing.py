"""Choices of selects out of the pack and the registers, and numbers that come back from them."""

from collections.abc import Iterable, Mapping
from typing import Any


def offered(entries: Mapping[str, str] | Iterable[tuple[Any, str]], first: str = "请选择") -> list[tuple[str, str]]:
    """Choices of a select with a blank entry before them."""
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    return [("", first), *((str(value), label) for value, label in pairs)]


def labels(pack: Any, section: str) -> dict[str, str]:
    """Code -> label of a section of the pack."""
    return {entry.code: entry.label for entry in pack.entries(section)}


def whole(text: str | None) -> int | None:
    """The id a select sends, None when nothing was chosen."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
