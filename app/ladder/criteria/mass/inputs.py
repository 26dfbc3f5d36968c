"""What a statement reads of each enterprise. Names stand for columns; whoever runs the statement knows where they come from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

ANSWER_SCALE = 10_000
"""Answers other than money are read in ten-thousandths; money in fen like the yearly figures."""
AnswerKey = tuple[str, str, str, int]
"""kind, rule, subject, year (0 = none)."""


@dataclass(frozen=True)
class Known:
    """What exists at all, so that the text leaves out what nobody has: years with figures, recorded answers."""

    years: frozenset[int] = frozenset()
    answers: frozenset[AnswerKey] = frozenset()


@dataclass(frozen=True)
class Want:
    """One input. ``kind``: figure (column, year), state (column), title (code), answer (key; ``form`` money, number or word), head (column)."""

    kind: str
    name: str
    year: int = 0
    key: AnswerKey | None = None
    form: str = ""


@dataclass
class Inputs:
    """Inputs by name, in the order they were first wanted."""

    as_of: date
    known: Known
    wants: dict[Want, str] = field(default_factory=dict)

    def _name(self, want: Want) -> str:
        return self.wants.setdefault(want, f"i{len(self.wants)}")

    def figure(self, column: str, year: int) -> str | None:
        """A yearly figure; None when nobody has figures of that year."""
        return self._name(Want("figure", column, year)) if year in self.known.years else None

    def state(self, column: str) -> str | None:
        """The latest figure of the column that is known."""
        return self._name(Want("state", column)) if any(year <= self.as_of.year for year in self.known.years) else None

    def title(self, code: str) -> str:
        """1 when the title is held on the day, else 0."""
        return self._name(Want("title", code))

    def head(self, column: str) -> str:
        """industry_code, founded_on or credit_code."""
        return self._name(Want("head", column))

    def answer(self, subject: str, year: int | None, form: str) -> str | None:
        """A recorded fact: ``money`` in fen, ``number`` in ten-thousandths, ``flag`` 1 or 0, ``word`` as text. None when nobody has one."""
        return self._answer(("fact", "", subject, year or 0), form)

    def judgement(self, rule: str, subject: str, form: str) -> str | None:
        """``flag``: 1 met, 0 unmet; ``number``: points of a jury in ten-thousandths."""
        return self._answer(("judgement", rule, subject, 0), form)

    def _answer(self, key: AnswerKey, form: str) -> str | None:
        return self._name(Want("answer", key[2], key[3], key, form)) if key in self.known.answers else None

    def titles(self) -> Collection[str]:
        return [want.name for want in self.wants if want.kind == "title"]
