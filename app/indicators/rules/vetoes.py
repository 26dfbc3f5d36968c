"""Number 26: which event bars a town from the round of a data year.

Window: 1 January of the first of the statistical years to the day of decision. 统计数据不实 counts by the date of the finding, everything else by
the day it happened. Below the grade the annex names (较大 for accidents and environment, 重大 for products) an event is kept and bars nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.indicators.rules.scoring import Veto

ACCIDENT, PRODUCT, ENVIRONMENT, STATISTICS = "accident", "product", "environment", "statistics"
KINDS = {ACCIDENT: "生产安全责任事故", PRODUCT: "产品质量事件", ENVIRONMENT: "突发环境事件", STATISTICS: "统计数据不实"}
GRADES = {"general": "一般", "larger": "较大", "major": "重大", "extreme": "特别重大", "none": "不分等级"}
LEAST = {ACCIDENT: "larger", PRODUCT: "major", ENVIRONMENT: "larger"}
"""Lowest grade that bars; 统计数据不实 has none."""
PENDING, POSITIVE, DISMISSED = "pending", "positive", "dismissed"
STATES = {PENDING: "待核查", POSITIVE: "属实", DISMISSED: "不属实"}
_ORDER = list(GRADES)


@dataclass(frozen=True)
class Event:
    """One entry of the register."""

    kind: str
    grade: str
    state: str
    happened_on: date
    found_on: date | None = None

    @property
    def counts_on(self) -> date | None:
        """The day that decides the window; None: a finding that is still to come."""
        return self.found_on if self.kind == STATISTICS else self.happened_on

    @property
    def grave(self) -> bool:
        """Reaches the grade the annex names."""
        return self.kind == STATISTICS or (self.grade in _ORDER[:4] and _ORDER.index(self.grade) >= _ORDER.index(LEAST[self.kind]))

    def last_year(self, window_years: int) -> int | None:
        """The last data year it can bar."""
        day = self.counts_on
        return None if day is None else day.year + window_years - 1


def window(year: int, window_years: int, decided_on: date) -> tuple[date, date]:
    """Both ends included."""
    return date(year - window_years + 1, 1, 1), decided_on


def bars(event: Event, year: int, window_years: int, decided_on: date) -> Veto:
    """What one event does to the round. A finding of bad statistics that is not dated yet is pending."""
    if event.state == DISMISSED or not event.grave:
        return Veto.CLEAR
    day = event.counts_on
    first, last = window(year, window_years, decided_on)
    if day is None:
        return Veto.PENDING if event.happened_on <= last else Veto.CLEAR
    if not first <= day <= last:
        return Veto.CLEAR
    return Veto.POSITIVE if event.state == POSITIVE else Veto.PENDING


def worst(found: Iterable[Veto]) -> Veto:
    """Positive before pending before clear."""
    seen = set(found)
    return next((veto for veto in (Veto.POSITIVE, Veto.PENDING) if veto in seen), Veto.CLEAR)
