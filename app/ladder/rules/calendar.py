"""The backward calendar of an application: when each thing must be begun at the latest, in working days.

For a year whose holidays nobody has announced only weekends are left out, and the answer says so (待核).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel.worktime import WorkCalendar


@dataclass(frozen=True)
class Need:
    """Something still to be done. ``workdays`` None = nobody has said how long it takes. ``closed``: cannot be done for this window any more, and why.
    ``due_on``: an earlier last day of its own (the end of a year). ``confirmed`` False = the time is an assumption, 待核."""

    label: str
    workdays: int | None
    step: str = "fill"
    confirmed: bool = False
    closed: str | None = None
    note: str = ""
    due_on: date | None = None
    key: str = ""


@dataclass(frozen=True)
class Milestone:
    """One line of the backward calendar. ``due_on``: ready by the end of that day; ``start_on`` None = the time it takes is not known.

    ``state``: ok, soon (begins within five working days), late (should have begun), impossible (also the last day has passed, or ``note`` says why).
    """

    label: str
    step: str
    start_on: date | None
    due_on: date
    workdays: int | None
    state: str
    note: str
    confirmed: bool
    key: str = ""


STATES = {"ok": "来得及", "soon": "近期须开始", "late": "按常规工期来不及", "impossible": "来不及", "open": "工期未定", "done": "已过"}
TONES = {"ok": "ok", "soon": "warn", "late": "bad", "impossible": "bad", "open": "open", "done": ""}
SOON_WORKDAYS = 5


@dataclass(frozen=True)
class Deadlines:
    """Dates of the window; the working days the offices need are settings of the pack (待核)."""

    opens_on: date
    closes_on: date
    county_due_on: date | None
    city_due_on: date | None
    county_workdays: int | None
    city_workdays: int | None
    notice_workdays: int | None


@dataclass(frozen=True)
class Plan:
    """The backward calendar. ``submit_by``: last day for the enterprise; ``verdict``: ok, late or impossible with ``reasons``; ``unknown_years``: 待核."""

    submit_by: date
    milestones: tuple[Milestone, ...]
    verdict: str
    reasons: tuple[str, ...]
    unknown_years: tuple[int, ...]


def plan(deadlines: Deadlines, needs: Sequence[Need], today: date, calendar: WorkCalendar, *, done: frozenset[str] = frozenset()) -> Plan:
    """Count back from the window. ``done``: steps (fill, county, city) that lie behind the application already."""
    city, county, county_end, submit_by = _office_dates(deadlines, calendar)
    rows = [_milestone(need, submit_by if need.step == "fill" else deadlines.closes_on, today, calendar) for need in needs]
    rows.append(_fixed("企业提交县级审核", "fill", deadlines.opens_on, submit_by, today, calendar, "fill" in done))
    if county is not None:
        rows.append(_office("县级审核", "county", county, county_end or submit_by, deadlines.county_workdays, today, calendar, "county" in done))
    if city is not None:
        rows.append(_office("市级审核、公示和推荐", "city", city, deadlines.city_due_on or submit_by, _sum(deadlines), today, calendar, "city" in done))
    rows.sort(key=lambda row: (row.due_on, row.start_on or row.due_on, row.label))
    reasons = tuple(f"{row.label}：{row.note}" for row in rows if row.state in ("impossible", "late"))
    verdict = "impossible" if any(row.state == "impossible" for row in rows) else "late" if reasons else "ok"
    first = min((row.start_on for row in rows if row.start_on), default=today)
    return Plan(submit_by, tuple(rows), verdict, reasons, tuple(calendar.unknown_years(min(first, today), max(row.due_on for row in rows))))


def _sum(deadlines: Deadlines) -> int | None:
    known = [days for days in (deadlines.city_workdays, deadlines.notice_workdays) if days is not None]
    return sum(known) if known else None


def _office_dates(deadlines: Deadlines, calendar: WorkCalendar) -> tuple[date | None, date | None, date | None, date]:
    """(city begins, county begins, county ends, last day of the enterprise): each step ends before the next one begins."""
    city_days = _sum(deadlines)
    city = calendar.back(deadlines.city_due_on, city_days) if deadlines.city_due_on and city_days is not None else deadlines.city_due_on
    county_end = deadlines.county_due_on
    if city is not None:
        county_end = min(county_end, calendar.before(city)) if county_end else calendar.before(city)
    county = None
    if county_end is not None:
        county = calendar.back(county_end, deadlines.county_workdays) if deadlines.county_workdays is not None else county_end
    submit_by = deadlines.closes_on if county is None else min(deadlines.closes_on, calendar.before(county))
    return city, county, county_end, submit_by


def _milestone(need: Need, due_on: date, today: date, calendar: WorkCalendar) -> Milestone:
    due_on = calendar.at_or_before(due_on) if need.due_on is None else min(need.due_on, due_on)
    if need.closed:
        return Milestone(need.label, need.step, None, due_on, need.workdays, "impossible", need.closed, need.confirmed, need.key)
    if need.workdays is None:
        past = due_on < today
        note = "截止日已过。" if past else need.note or "没有可靠的工期，请尽早开始。"
        return Milestone(need.label, need.step, None, due_on, None, "impossible" if past else "open", note, need.confirmed, need.key)
    start = calendar.back(due_on, need.workdays)
    state, note = _state(start, due_on, need.workdays, today, calendar)
    return Milestone(need.label, need.step, start, due_on, need.workdays, state, note + need.note, need.confirmed, need.key)


def _state(start: date, due_on: date, workdays: int, today: date, calendar: WorkCalendar) -> tuple[str, str]:
    if due_on < today:
        return "impossible", f"最迟应在 {due_on} 完成，已经过期。"
    if start < today:
        left = calendar.count(today, due_on)
        return "late", f"需要 {workdays} 个工作日，最迟应在 {start} 开始；到 {due_on} 只剩 {left} 个工作日。"
    if calendar.count(today, start) <= SOON_WORKDAYS:
        return "soon", f"需要 {workdays} 个工作日，最迟 {start} 开始。"
    return "ok", f"需要 {workdays} 个工作日，最迟 {start} 开始。"


def _fixed(label: str, step: str, start: date, due_on: date, today: date, calendar: WorkCalendar, behind: bool) -> Milestone:
    if behind:
        return Milestone(label, step, None, due_on, None, "done", "已办理。", True)
    if due_on < today:
        return Milestone(label, step, None, due_on, None, "impossible", f"截止日 {due_on} 已过。", True)
    if due_on < start:
        return Milestone(label, step, None, due_on, None, "impossible", f"窗口 {start} 才开放，按县级、市级所需时间 {due_on} 前就要提交，请核对日期。", True)
    soon = calendar.count(today, due_on) <= SOON_WORKDAYS
    return Milestone(label, step, start, due_on, None, "soon" if soon else "ok", f"{start} 起可以填报，最迟 {due_on} 提交。", True)


def _office(label: str, step: str, start: date, due_on: date, workdays: int | None, today: date, calendar: WorkCalendar, behind: bool) -> Milestone:
    if behind:
        return Milestone(label, step, None, due_on, workdays, "done", "已办理。", True)
    if workdays is None:
        return Milestone(label, step, None, due_on, None, "impossible" if due_on < today else "open", "没有设定所需工作日。", False)
    state, note = _state(start, due_on, workdays, today, calendar)
    return Milestone(label, step, start, due_on, workdays, state, note, False)
