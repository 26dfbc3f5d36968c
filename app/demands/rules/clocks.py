"""Clocks of a demand: when each step is due, what a pause and an extension do to it, and which lamp is lit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demands.rules.policy import DemandPolicy, Limit
from app.kernel.worktime import WorkCalendar

LAMPS = {"green": "正常", "yellow": "临期", "red": "逾期", "still": "停表", "none": "不计时"}
LAMP_TONES = {"green": "ok", "yellow": "warn", "red": "bad", "still": "open", "none": ""}


@dataclass(frozen=True)
class Due:
    """One clock as it starts. ``yellow_at``: from when on the yellow lamp is lit."""

    step: str
    started_at: datetime
    due_at: datetime
    yellow_at: datetime
    limit: Limit


def start(step: str, at: datetime, limit: Limit | None, calendar: WorkCalendar, lamp_pct: int | None) -> Due | None:
    """The clock of a step that begins now; None where the policy gives no limit. Hours are office hours; days end when the office closes."""
    if limit is None:
        return None
    due = calendar.add_work_hours(at, limit.value) if limit.unit == "小时" else calendar.due_after(at, limit.value)
    return Due(step, at, due, yellow_from(at, due, calendar, lamp_pct), limit)


def yellow_from(at: datetime, due: datetime, calendar: WorkCalendar, lamp_pct: int | None) -> datetime:
    """When ``lamp_pct`` of the office time between start and deadline has passed; without a percentage never before the deadline."""
    if lamp_pct is None:
        return due
    total = calendar.work_minutes_between(at, due)
    return min(due, calendar.add_work_minutes(at, total * lamp_pct // 100)) if total else due


def first_round(at: datetime, policy: DemandPolicy, calendar: WorkCalendar, *, fast: bool) -> list[Due]:
    """The three clocks of a demand received at ``at``."""
    limits = (("contact", policy.contact), ("reply", policy.reply), ("solve", policy.solve_limit(fast)))
    found = (start(step, at, limit, calendar, policy.lamp_pct) for step, limit in limits)
    return [due for due in found if due is not None]


def again(at: datetime, policy: DemandPolicy, calendar: WorkCalendar, *, fast: bool) -> list[Due]:
    """The clocks of a reopened demand: it is answered and solved anew, the first contact has been made."""
    return [due for due in first_round(at, policy, calendar, fast=fast) if due.step != "contact"]


def shifted(due: datetime, paused_from: datetime, paused_to: datetime, calendar: WorkCalendar) -> datetime:
    """The deadline after a pause: later by the office time that stood still. A deadline missed before the pause stays missed."""
    if due <= paused_from:
        return due
    return calendar.add_work_minutes(due, minutes) if (minutes := calendar.work_minutes_between(paused_from, paused_to)) else due


def extended(due: datetime, workdays: int, calendar: WorkCalendar) -> datetime:
    """The deadline after an extension, counted from the deadline."""
    return calendar.due_after(due, workdays)


def lamp(due_at: datetime | None, yellow_at: datetime | None, now: datetime, *, paused: bool = False) -> str:
    """Code of ``LAMPS``. The moment of the deadline itself is still in time."""
    if paused:
        return "still"
    if due_at is None:
        return "none"
    if now > due_at:
        return "red"
    return "yellow" if yellow_at is not None and now >= yellow_at else "green"


def escalation_level(due_at: datetime, now: datetime, steps: Sequence[int], calendar: WorkCalendar) -> int:
    """How many steps of escalation an overdue demand has reached: one for each number of working days passed."""
    return sum(now > calendar.due_after(due_at, days) for days in steps)


def overdue_words(due_at: datetime, now: datetime) -> str:
    """How far off a deadline is, in words with hours where days say nothing."""
    gap = now - due_at if now > due_at else due_at - now
    days, hours = gap // timedelta(days=1), gap // timedelta(hours=1)
    said = f"{days} 天" if days else f"{hours} 小时" if hours else f"{max(gap // timedelta(minutes=1), 1)} 分钟"
    return f"逾期 {said}" if now > due_at else f"还剩 {said}"
