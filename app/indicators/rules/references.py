"""What values are measured against: the spread over the round's towns that have a value, frozen when the round is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from app.indicators.rules.scheme import ItemKind, Scheme, ScoredItem, number_of, text_of


@dataclass(frozen=True)
class Reference:
    """Of one item: how many towns have a value, and how the values lie. ``high`` is the percentile counts are measured against."""

    n: int
    minimum: Fraction
    maximum: Fraction
    low: Fraction
    high: Fraction
    count: Fraction
    target: Fraction | None = None

    @property
    def flat(self) -> bool:
        """All towns equal."""
        return self.minimum == self.maximum

    def plain(self) -> dict[str, Any]:
        return {name: self.n if name == "n" else text_of(getattr(self, name)) for name in self.__dataclass_fields__}

    @classmethod
    def from_plain(cls, said: Mapping[str, Any]) -> Reference:
        numbers: dict[str, Any] = {name: number_of(said[name]) for name in said if name != "n"}
        return cls(n=int(said["n"]), **numbers)


References = Mapping[str, Reference]


def reference(scheme: Scheme, item: ScoredItem, values: Sequence[Fraction]) -> Reference | None:
    """Of the values as entered (capped); None when no town has one."""
    if not values:
        return None
    numbers, whole = common(values)
    return reference_of(scheme, item, sorted(numbers), whole)


def reference_of(scheme: Scheme, item: ScoredItem, ordered: Sequence[int], whole: int) -> Reference:
    """The same of sorted whole numbers over one denominator."""
    low, high, count = (Fraction(type_7(ordered, p), 100 * whole) for p in (scheme.low_pct, scheme.high_pct, scheme.count_pct))
    return Reference(len(ordered), Fraction(ordered[0], whole), Fraction(ordered[-1], whole), low, high, count, item.target)


def references(scheme: Scheme, towns: Sequence[Mapping[str, Fraction]]) -> dict[str, Reference]:
    """Of every quantitative item; ``towns``: item -> value as entered, where there is one."""
    found = {}
    for item in scheme.items:
        if item.kind is not ItemKind.GRADED:
            made = reference(scheme, item, [town[item.key] for town in towns if item.key in town])
            if made is not None:
                found[item.key] = made
    return found


def type_7(ordered: Sequence[int], percent: int) -> int:
    """A hundred times the percentile: linear between order statistics."""
    low, rest = divmod((len(ordered) - 1) * percent, 100)
    above = ordered[low + 1] if rest else 0
    return ordered[low] * (100 - rest) + above * rest


def common(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """Whole numbers over one denominator: comparing and sorting fractions is slow."""
    whole = lcm(*{value.denominator for value in values})
    return [value.numerator * (whole // value.denominator) for value in values], whole
