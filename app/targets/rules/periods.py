"""The period of a target, and the years a per-year target is asked for. Pure."""

from dataclasses import dataclass
from datetime import date

FIRST_MONTH, LAST_MONTH, LAST_DAY = 1, 12, 31


@dataclass(frozen=True)
class Period:
    """Both days belong to it; ``ends`` None: the text names no end."""

    begins: date
    ends: date | None


def period_of(period_from: int | None, period_to: int | None, deadline: int | None, since: date) -> Period:
    """From the first day of the named year, or from the day the document took effect; to the last day of the deadline, or of the last named year."""
    begins = since if period_from is None else date(period_from, FIRST_MONTH, 1)
    last = deadline if deadline is not None else period_to
    return Period(begins, None if last is None else date(last, LAST_MONTH, LAST_DAY))


def years_of(period: Period, day: date) -> list[int]:
    """The calendar years a per-year target has been asked for by ``day``, the running one included."""
    last = min(day, period.ends or day).year
    return list(range(period.begins.year, last + 1)) if day >= period.begins else []


def year_end(year: int) -> date:
    return date(year, LAST_MONTH, LAST_DAY)
