"""Forms of the service: shape only; the rules decide in the actions and come back to their fields."""

from collections.abc import Iterable, Mapping
from typing import Any


def offered(entries: Mapping[str, str] | Iterable[tuple[Any, str]], first: str = "请选择") -> list[tuple[str, str]]:
    """Choices of a select with a blank entry before them."""
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    return [("", first), *((str(value), label) for value, label in pairs)]


def labels(pack: Any, section: str) -> dict[str, str]:
    """Code -> label of a section of the pack."""
    return {entry.code: entry.label for entry in pack.entries(section)}
