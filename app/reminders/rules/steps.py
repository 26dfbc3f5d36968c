"""When a deadline speaks: in advance, on its day, overdue, to the next level. Steps that were missed are made up for once, not one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.kernel.worktime import WorkCalendar
from app.packs.schema import ReminderRule

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORE_THAN_A_YEAR = 400


@dataclass(frozen=True)
class Step:
    """One moment of one deadline. ``code`` is stable (``lead30``, ``hour2``, ``day``, ``over7``, ``up3-unit``); ``audience`` None = those who act
    and the copies, else the level that is told as well."""

    code: str
    at: datetime
    audience: str | None = None

    @property
    def escalates(self) -> bool:
        return self.audience is not None


def steps(rule: ReminderRule, due_on: date, due_at: datetime | None, lead_days: Iterable[int], at: time, calendar: WorkCalendar) -> list[Step]:
    """Every step of a deadline in order. ``lead_days``: those of the rule or of the setting it names; ``at``: the time of day of the rule or
    of the city. With ``due_at`` the hours before it count, and its day's own step is that moment."""
    def morning(day: date) -> datetime:
        return datetime.combine(day, at, SHANGHAI)

    def moved(day: date, back: bool) -> date:
        if not rule.workdays:
            return day
        return calendar.at_or_before(day) if back else calendar.at_or_after(day)

    found = [Step(f"lead{days}", morning(moved(due_on - timedelta(days=days), True))) for days in sorted(lead_days, reverse=True)]
    if due_at is not None:
        found += [Step(f"hour{hours}", due_at - timedelta(hours=hours)) for hours in sorted(rule.lead_hours, reverse=True)]
    if rule.on_day:
        found.append(Step("day", due_at if due_at is not None else morning(moved(due_on, True))))
    last = rule.stop_after_days or MORE_THAN_A_YEAR
    found += [Step(f"over{days}", morning(moved(due_on + timedelta(days=days), False))) for days in sorted(rule.overdue_days) if days <= last]
    found += [
        Step(f"up{one.after_days}-{one.to}", morning(moved(due_on + timedelta(days=one.after_days), False)), one.to)
        for one in rule.escalate if one.after_days <= last
    ]
    return sorted(found, key=lambda step: step.at)  # of two that fall on one working day the later one stands last


@dataclass(frozen=True)
class Turn:
    """What is to be done now: ``speak`` the steps whose moment has come, ``next_at`` when to look again (None = never)."""

    speak: tuple[Step, ...]
    next_at: datetime | None


def turn(planned: Iterable[Step], spoken_until: datetime | None, now: datetime) -> Turn:
    """Of the steps passed since ``spoken_until`` only the last one of each audience speaks: who was away for a month hears once."""
    rows = list(planned)
    last: dict[str | None, Step] = {}
    for step in rows:
        if (spoken_until is None or step.at > spoken_until) and step.at <= now:
            last[step.audience] = step
    ahead = [step.at for step in rows if step.at > now and (spoken_until is None or step.at > spoken_until)]
    return Turn(tuple(last.values()), min(ahead, default=None))


def put_off(planned: Iterable[Step], until: date | None, at: time) -> list[Step]:
    """The steps of an item that was put off to a day: those who act are told on that morning instead of before; the levels above still hear."""
    if until is None:
        return list(planned)
    wake = Step(f"wake{until:%Y%m%d}", datetime.combine(until, at, SHANGHAI))
    return sorted([wake, *(step for step in planned if step.escalates or step.at > wake.at)], key=lambda step: step.at)


def first_at(planned: Iterable[Step], spoken_until: datetime | None) -> datetime | None:
    """When the item has to be looked at next: its first step that has not spoken, also one that was missed."""
    return min((step.at for step in planned if spoken_until is None or step.at > spoken_until), default=None)
