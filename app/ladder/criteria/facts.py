"""What is known about one enterprise on one day, by the names of `app.packs.vocabulary`.

Numbers are exact: an int where whole, a Fraction where not; money in 元, percentages as 0-100. Only absence is unknown: 0 and False are answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

Number = int | Fraction
Key = tuple[str, int | None]
"""A fact and its year; None for what holds on the day (states)."""


class _Human:
    """Marks a fact the rules leave to a person (SME status of an industry the size method does not cover)."""

    def __repr__(self) -> str:
        return "HUMAN"


HUMAN: Final = _Human()


@dataclass(frozen=True)
class Origin:
    """Where a value comes from: 部门提供, 企业填报 …, since when, and the evidence."""

    source: str
    on: date | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Compound:
    """A growth over several years, not yet a number: compared by powers so that no root is rounded. ``base`` is positive."""

    base: Number
    end: Number
    years: int

    def compare(self, pct: Number) -> int:
        """-1, 0 or 1: the compound yearly rate against ``pct`` percent."""
        line = self.base * Fraction(100 + pct, 100) ** self.years
        return (self.end > line) - (self.end < line)

    def shown(self) -> Decimal | None:
        """The rate in percent for the eye only; None when the end is not positive."""
        if self.end <= 0:
            return None
        ratio = Decimal(self.end.numerator * self.base.denominator) / Decimal(self.end.denominator * self.base.numerator)
        return (ratio ** (Decimal(1) / self.years) - 1) * 100


@dataclass(frozen=True)
class Facts:
    """``values``: (name, year) -> exact number, True/False, choice or text. ``region``: code of the city, e.g. 371500."""

    as_of: date
    values: Mapping[Key, Any]
    region: str = "000000"
    origins: Mapping[Key, Origin] = field(default_factory=dict)

    @property
    def year(self) -> int:
        """The year of the question; "last year" is the one before."""
        return self.as_of.year

    def with_value(self, key: Key, value: Any) -> Facts:
        """A copy with one more answer (None takes the answer away)."""
        values = {**self.values, key: exact(value)}
        if value is None:
            del values[key]
        return Facts(self.as_of, values, self.region, self.origins)


def exact(value: Any) -> Any:
    """A number without rounding: int where whole, else Fraction; anything else unchanged. A float is refused: it is rounded already."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, Fraction)):
        return value
    if isinstance(value, float):
        raise TypeError("用 Decimal 表示小数，不能用浮点数")
    fraction = Fraction(value)
    return fraction.numerator if fraction.denominator == 1 else fraction


def to_decimal(value: Number, places: int = 6) -> Decimal:
    """For output: exact when the decimals end, else rounded half up."""
    if isinstance(value, int):
        return Decimal(value)
    scaled = value * 10**places
    whole = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    number = Decimal(whole if value >= 0 else -whole).scaleb(-places)
    return number.normalize() if number else Decimal(0)
