"""What a cell parser may answer besides a plain value: nothing (``None``), ``CLEAR``, ``Bad`` or ``Cleaned``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from app.exchange.rules.cells import Cell


class Clear:
    """The type of ``CLEAR``: the cell says （清空）, so the stored value goes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "CLEAR"


CLEAR: Final = Clear()


class Bad(NamedTuple):
    """The cell is refused: stable ``code``, ``message_zh`` says what is wrong and what to do."""

    code: str
    message_zh: str


class Cleaned(NamedTuple):
    """The cell is accepted as ``value`` after something was changed or assumed, said in ``note_zh``."""

    value: Any
    note_zh: str


Outcome: TypeAlias = Any  # value | None | CLEAR | Bad | Cleaned
Parser: TypeAlias = Callable[[Cell], Outcome]


def shown(text: str, limit: int = 30) -> str:
    """A cell's text inside a message: one line, cut with an ellipsis, nothing invisible."""
    text = "".join(c if c.isprintable() else "�" for c in text[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "…"
