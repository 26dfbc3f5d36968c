"""What a foreign file is and what an honest office expects of it.

``Outcome`` is one right answer; a case with several is content with any of them (where the promise leaves room).
``row`` is the sheet row as Excel shows it, ``column`` a text contained in the header that is named (blanks do not matter),
``code`` the stable code; None = any, the promise names none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reject:
    row: int
    column: str | None
    code: str | None = None


@dataclass(frozen=True)
class Outcome:
    """Counts None = not looked at. ``refused``: the file as a whole, exit status 2."""

    created: int | None = 0
    updated: int | None = 0
    unchanged: int | None = 0
    rejected: tuple[Reject, ...] | None = ()
    refused: bool = False
    says: tuple[str, ...] = ()


REFUSED = Outcome(refused=True)


@dataclass(frozen=True)
class Case:
    """``known``: numbers of the firms that are there before. ``firms``: credit code -> values after the import, None = not there.

    ``figures``: (credit code, year) -> values, None = nothing stored for that year. ``titles``: credit code -> {(title, year): values},
    exactly these. ``seeds``: run before, inside the application context.
    """

    name: str
    command: str
    build: Callable[[Path], None]
    outcomes: tuple[Outcome, ...]
    why: str
    suffix: str = ".xlsx"
    known: tuple[int, ...] = ()
    firms: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    figures: Mapping[tuple[str, int], Mapping[str, Any] | None] = field(default_factory=dict)
    titles: Mapping[str, Mapping[tuple[str, int], Mapping[str, Any]]] = field(default_factory=dict)
    seeds: Callable[[], None] | None = None
    repeats: bool = True

    def __str__(self) -> str:
        return self.name
