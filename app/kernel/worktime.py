"""Working time: which days are worked, and clocks that run only in office hours. Pure: who knows the days hands them in.

A day is decided by what is said first: an override, else the announced days of its year (days off, make-up days 调休), else by the weekday. A year nobody has
announced is never an error: weekdays count, and ``known`` says so, so that a page can warn (待核).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE_HOURS = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))
"""Stands in where a city's pack names no office hours (setting ``office_hours``)."""
Span = tuple[time, time]


@dataclass(frozen=True)
class AnnouncedYear:
    """Public holidays of one year: ``off`` are not worked (weekends need not stand there), ``worked`` are make-up days."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


def parse_hours(text: str) -> tuple[Span, ...]:
    """``08:30-12:00 13:30-17:30`` as spans. Raises ValueError unless they are in order and do not touch."""
    spans = []
    for part in text.split():
        start, _, end = part.partition("-")
        spans.append((time.fromisoformat(start), time.fromisoformat(end)))
    edges = [edge for span in spans for edge in span]
    if not spans or any(a >= b for a, b in pairwise(edges)):
        raise ValueError(text)
    return tuple(spans)


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and office hours of one city. ``days``: overrides, day -> worked or not. Moments are aware; answers are UTC."""

    years: Mapping[int, AnnouncedYear] = field(default_factory=dict)
    days: Mapping[date, bool] = field(default_factory=dict)
    hours: tuple[Span, ...] = OFFICE_HOURS

    def known(self, year: int) -> bool:
        """Whether the public holidays of the year are announced."""
        return year in self.years

    def unknown_years(self, first: date, last: date) -> list[int]:
        """Years of the span whose holidays nobody has announced."""
        return [year for year in range(first.year, last.year + 1) if not self.known(year)]

    def is_workday(self, day: date) -> bool:
        """A day people work on; by weekends alone where the holidays are not known."""
        if day in self.days:
            return self.days[day]
        year = self.years.get(day.year)
        if year is not None and day in year.worked:
            return True
        return day.weekday() < 5 and (year is None or day not in year.off)

    def at_or_before(self, day: date) -> date:
        """The last working day not after ``day``."""
        while not self.is_workday(day):
            day -= timedelta(days=1)
        return day

    def at_or_after(self, day: date) -> date:
        """The first working day not before ``day``."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def before(self, day: date) -> date:
        """The last working day before ``day``."""
        return self.at_or_before(day - timedelta(days=1))

    def back(self, day: date, workdays: int) -> date:
        """The first of ``workdays`` working days that end with ``day`` (or the last working day before it); 0 and 1 = that day."""
        day = self.at_or_before(day)
        for _ in range(max(workdays, 1) - 1):
            day = self.before(day)
        return day

    def add_workdays(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day`` (which is not counted itself, as deadlines are read); 0 = the first one not before it."""
        day = self.at_or_after(day) if n == 0 else day
        for _ in range(n):
            day = self.at_or_after(day + timedelta(days=1))
        return day

    def count(self, first: date, last: date) -> int:
        """Working days from ``first`` to ``last``, both included."""
        return sum(self.is_workday(first + timedelta(days=n)) for n in range((last - first).days + 1))

    def closing(self, day: date) -> datetime:
        """When the office closes on a day: the moment a deadline in days ends."""
        return _moment(day, self.hours[-1][1])

    def due_after(self, moment: datetime, workdays: int) -> datetime:
        """Closing time of the ``workdays``-th working day after the day of ``moment``."""
        return self.closing(self.add_workdays(moment.astimezone(SHANGHAI).date(), workdays))

    def add_work_minutes(self, moment: datetime, minutes: int) -> datetime:
        """The moment at which ``minutes`` of office time have passed; outside office hours the clock begins when the office opens."""
        left = timedelta(minutes=minutes)
        for start, end in self._spans_from(moment):
            begin = max(start, moment)
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise AssertionError("the spans of a calendar never end")

    def add_work_hours(self, moment: datetime, hours: float) -> datetime:
        """As ``add_work_minutes``, in hours of office time."""
        return self.add_work_minutes(moment, round(hours * 60))

    def work_minutes_between(self, a: datetime, b: datetime) -> int:
        """Whole minutes of office time from ``a`` to ``b``; 0 when ``b`` is not later."""
        passed = timedelta()
        for start, end in self._spans_from(a):
            if start >= b:
                break
            passed += min(end, b) - max(start, a)
        return passed // timedelta(minutes=1)

    def _spans_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Spans of office time that end after ``moment``, in order, without end."""
        day = moment.astimezone(SHANGHAI).date()
        while True:
            if self.is_workday(day):
                for opens, closes in self.hours:
                    end = _moment(day, closes)
                    if end > moment:
                        yield _moment(day, opens), end
            day += timedelta(days=1)


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)
