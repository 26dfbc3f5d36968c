"""Working days and office hours, without a database."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infra.holidays import announced_years
from app.kernel.worktime import SHANGHAI, AnnouncedYear, WorkCalendar, parse_hours

CALENDAR = WorkCalendar(announced_years())
PLAIN = WorkCalendar()


def at(*parts: int) -> datetime:
    """A Shanghai time."""
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(("last", "workdays", "first"), [
    ((2026, 10, 9), 1, (2026, 10, 9)),
    ((2026, 10, 9), 3, (2026, 9, 30)),  # the National Day week lies between
    ((2026, 10, 10), 2, (2026, 10, 9)),  # Saturday 10 October is made up for
    ((2026, 10, 11), 1, (2026, 10, 10)),  # a Sunday: the working day before it
    ((2026, 2, 24), 2, (2026, 2, 14)),  # spring festival 15-23 February; Saturday the 14th is worked
])
def test_counting_back_skips_holidays_and_knows_make_up_days(last: tuple[int, int, int], workdays: int, first: tuple[int, int, int]) -> None:
    assert CALENDAR.back(date(*last), workdays) == date(*first)


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(1, 60))
def test_the_span_counted_back_holds_exactly_those_working_days(last: date, workdays: int) -> None:
    first = CALENDAR.back(last, workdays)
    assert CALENDAR.count(first, last) == workdays and CALENDAR.is_workday(first)


def test_a_year_nobody_has_announced_is_said_and_counted_by_weekends() -> None:
    assert CALENDAR.known(2026) and not CALENDAR.known(2027)
    assert CALENDAR.unknown_years(date(2026, 12, 1), date(2027, 2, 1)) == [2027]
    assert CALENDAR.is_workday(date(2027, 1, 1)) and not CALENDAR.is_workday(date(2027, 1, 2))


@pytest.mark.parametrize(("start", "hours", "end"), [
    ((2026, 11, 20, 9, 0), 2, (2026, 11, 20, 11, 0)),
    ((2026, 11, 20, 11, 0), 2, (2026, 11, 20, 14, 30)),  # the noon break does not count
    ((2026, 11, 20, 17, 0), 2, (2026, 11, 23, 10, 0)),  # Friday evening to Monday
    ((2026, 11, 21, 15, 0), 2, (2026, 11, 23, 10, 30)),  # Saturday: begins when the office opens
    ((2026, 9, 30, 16, 30), 2, (2026, 10, 8, 9, 30)),  # the National Day week
    ((2026, 10, 10, 17, 0), 1, (2026, 10, 12, 9, 0)),  # the make-up Saturday is worked, the Sunday is not
    ((2025, 12, 31, 17, 0), 1, (2026, 1, 4, 9, 0)),  # across the year end; Sunday 4 January 2026 is worked
    ((2026, 11, 20, 9, 0), 0.25, (2026, 11, 20, 9, 15)),
])
def test_hours_run_only_while_the_office_is_open(start: tuple[int, ...], hours: float, end: tuple[int, ...]) -> None:
    assert CALENDAR.add_work_hours(at(*start), hours) == at(*end)


@pytest.mark.parametrize(("day", "n", "end"), [
    ((2026, 11, 20), 1, (2026, 11, 23)), ((2026, 11, 21), 1, (2026, 11, 23)), ((2026, 9, 30), 1, (2026, 10, 8)), ((2026, 11, 22), 0, (2026, 11, 23)),
    ((2026, 11, 20), 0, (2026, 11, 20)), ((2026, 12, 30), 2, (2027, 1, 1)),  # 2027 is not announced: New Year's Day is an ordinary Friday there
])
def test_a_deadline_of_days_does_not_count_the_day_it_begins(day: tuple[int, int, int], n: int, end: tuple[int, int, int]) -> None:
    assert CALENDAR.add_workdays(date(*day), n) == date(*end)


def test_a_deadline_of_days_ends_when_the_office_closes() -> None:
    assert CALENDAR.due_after(at(2026, 11, 20, 23, 50), 1) == at(2026, 11, 23, 17, 30)


def test_an_override_beats_the_announced_year() -> None:
    own = WorkCalendar(announced_years(), {date(2026, 11, 20): False, date(2026, 11, 21): True})
    assert not own.is_workday(date(2026, 11, 20)) and own.is_workday(date(2026, 11, 21))


def test_an_announced_year_knows_days_off_and_make_up_days() -> None:
    own = WorkCalendar({2027: AnnouncedYear(frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 3)}))})
    assert not own.is_workday(date(2027, 1, 1)) and own.is_workday(date(2027, 1, 3)) and own.unknown_years(date(2027, 1, 1), date(2027, 12, 31)) == []


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)).map(lambda m: m.replace(second=0, microsecond=0))


@given(MOMENTS, st.integers(1, 5000))
def test_the_minutes_added_are_the_minutes_between(moment: datetime, minutes: int) -> None:
    end = CALENDAR.add_work_minutes(moment, minutes)
    assert end > moment and CALENDAR.work_minutes_between(moment, end) == minutes


@given(MOMENTS, st.integers(1, 2000), st.integers(1, 2000))
def test_adding_twice_is_adding_once(moment: datetime, first: int, second: int) -> None:
    assert CALENDAR.add_work_minutes(CALENDAR.add_work_minutes(moment, first), second) == CALENDAR.add_work_minutes(moment, first + second)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_minutes_between_add_up_and_never_run_backwards(a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert CALENDAR.work_minutes_between(a, b) + CALENDAR.work_minutes_between(b, c) == CALENDAR.work_minutes_between(a, c)
    assert CALENDAR.work_minutes_between(b, a) == 0


@given(MOMENTS, st.integers(1, 60))
def test_a_deadline_falls_on_a_working_day_at_closing_time(moment: datetime, workdays: int) -> None:
    due = CALENDAR.due_after(moment, workdays).astimezone(SHANGHAI)
    received = moment.astimezone(SHANGHAI).date()
    assert CALENDAR.is_workday(due.date()) and due.time() == time(17, 30)
    assert CALENDAR.count(received + timedelta(days=1), due.date()) == workdays


def test_office_hours_are_read_or_refused() -> None:
    assert parse_hours("09:00-12:00 14:00-18:00") == ((time(9), time(12)), (time(14), time(18)))
    for bad in ("", "9-12", "12:00-09:00", "08:00-12:00 11:00-17:00", "08:00"):
        with pytest.raises(ValueError, match=r".*"):
            parse_hours(bad)
