"""The disturbance ledger (004 一: 非请勿扰): what a contact costs, the cap of a quarter, quiet days. Pure; all numbers are settings of the pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

KINDS = {"visit": "走访", "call": "电话", "form": "填表", "training": "培训邀请"}
"""Kinds of contact an enterprise is asked to make time for."""


@dataclass(frozen=True)
class QuietDays:
    """Days on which nobody comes unasked. ``spans``: first and last day of a year as ``MM-DD``; ``non_workdays``: weekends and holidays."""

    non_workdays: bool = False
    weekdays: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    spans: tuple[tuple[str, str], ...] = ()
    days: frozenset[date] = frozenset()

    @property
    def is_set(self) -> bool:
        return bool(self.non_workdays or self.weekdays or self.month_days or self.spans or self.days)

    def reason(self, day: date, workday: bool) -> str:
        """Why the day is quiet, "" when it is not."""
        if self.non_workdays and not workday:
            return "休息日或法定节假日"
        if day.isoweekday() in self.weekdays or day.day in self.month_days or day in self.days:
            return "宁静日"
        text = f"{day:%m-%d}"
        return "宁静日" if any(first <= text <= last for first, last in self.spans) else ""


@dataclass(frozen=True)
class Policy:
    """What the city has settled. ``cap`` None = the bureau has not decided: nothing is over it. ``confirmed`` False: 待核."""

    points: Mapping[str, int] = field(default_factory=dict)
    cap: int | None = None
    quiet: QuietDays = QuietDays()
    confirmed: bool = False

    def cost(self, kind: str, *, invited: bool) -> int:
        """Points of one contact; an invited one is free."""
        return 0 if invited else self.points.get(kind, 1)


@dataclass(frozen=True)
class Decision:
    """Whether one more contact may be planned without asking: ``over_cap`` or a ``quiet`` day needs an invitation or an approval."""

    cost: int
    used: int
    cap: int | None
    quiet: str = ""

    @property
    def over_cap(self) -> bool:
        return self.cost > 0 and self.cap is not None and self.used + self.cost > self.cap

    @property
    def needs_approval(self) -> bool:
        return self.cost > 0 and (self.over_cap or bool(self.quiet))

    @property
    def reasons(self) -> list[str]:
        """In words, for the planner."""
        found = []
        if self.over_cap:
            found.append(f"本季度已打扰 {self.used} 次，加上这次 {self.used + self.cost} 次，超过上限 {self.cap} 次")
        if self.quiet and self.cost > 0:
            found.append(f"当天是{self.quiet}")
        return found


def policy_of(points: Any, cap: Any, quiet: Any, *, confirmed: bool) -> Policy:
    """The settings as the pack holds them (JSON); a shape that is not understood counts as not set."""
    values = {str(kind): int(value) for kind, value in points.items() if isinstance(value, int)} if isinstance(points, dict) else {}
    return Policy(values, cap if isinstance(cap, int) and not isinstance(cap, bool) else None, _quiet(quiet), confirmed)


def _quiet(value: Any) -> QuietDays:
    if not isinstance(value, dict):
        return QuietDays()
    spans = tuple((str(pair[0]), str(pair[1])) for pair in value.get("spans", ()) if len(pair) == 2)
    days = frozenset(date.fromisoformat(str(day)) for day in value.get("days", ()))
    return QuietDays(
        value.get("non_workdays") is True, frozenset(value.get("weekdays", ())), frozenset(value.get("month_days", ())), spans, days,
    )


def quarter_of(day: date) -> tuple[date, date]:
    """First and last day of the quarter."""
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    following = date(first.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)
    return first, date.fromordinal(following.toordinal() - 1)
