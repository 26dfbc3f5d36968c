"""Quarters and half-years ahead of a day."""

from __future__ import annotations

from datetime import date, timedelta

QUARTER, HALF = 3, 6


def next_periods(day: date, months: int, count: int) -> list[tuple[str, date, date]]:
    """(label, first, last) of the period the day lies in (from the day after it on) and the ones after it. ``months``: 3 or 6."""
    found, first = [], day + timedelta(days=1)
    while len(found) < count:
        part = (first.month - 1) // months
        end_month = (part + 1) * months
        last = date(first.year + end_month // 12, end_month % 12 + 1, 1) - timedelta(days=1)
        found.append((_label(first.year, part, months), first, last))
        first = last + timedelta(days=1)
    return found


def _label(year: int, part: int, months: int) -> str:
    return f"{year}年{'一二三四'[part]}季度" if months == QUARTER else f"{year}年{'上下'[part]}半年"
