"""How long the way from one rung to another takes: medians over enterprises, by their first grants (boards of domain.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

DAYS_OF_MONTH = 365.25 / 12
LEAST = 5
"""Sample below which no median is shown, until the pack in force says its own (setting ``duration_min_sample``, 待核)."""


@dataclass(frozen=True)
class Duration:
    """Months between the first grants of two rungs. ``reversed_count``: enterprises that had the higher rung first (not in the median)."""

    count: int
    quarter: float | None
    median: float | None
    three_quarters: float | None
    reversed_count: int

    def enough(self, minimum: int) -> bool:
        """Whether the sample may be shown as a number."""
        return self.count >= minimum


def duration(pairs: Mapping[tuple[date, date], int]) -> Duration:
    """``pairs``: (first grant of the lower rung, of the higher one) -> enterprises. The same day counts as 0 months."""
    months: list[tuple[float, int]] = sorted(((last - first).days / DAYS_OF_MONTH, n) for (first, last), n in pairs.items() if last >= first)
    count = sum(n for _, n in months)
    turned = sum(n for (first, last), n in pairs.items() if last < first)
    return Duration(count, _percentile(months, count, 25), _percentile(months, count, 50), _percentile(months, count, 75), turned)


def _percentile(months: list[tuple[float, int]], count: int, p: int) -> float | None:
    """Linear interpolation between order statistics (type 7), over values with weights."""
    if not count:
        return None
    position = (count - 1) * p / 100
    low, high = _at(months, int(position)), _at(months, min(int(position) + 1, count - 1))
    return low + (high - low) * (position - int(position))


def _at(months: list[tuple[float, int]], place: int) -> float:
    seen = 0
    for value, n in months:
        seen += n
        if place < seen:
            return value
    raise IndexError(place)
