"""Working days, the backward calendar and yearly duties, as rules without a database."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infra.holidays import announced_years
from app.kernel.worktime import WorkCalendar
from app.ladder.rules.calendar import Deadlines, Need, plan
from app.ladder.rules.duties import due_in, owed, state_of, warnings
from app.ladder.rules.periods import HALF, QUARTER, next_periods
from app.packs import read_pack
from app.packs.schema import CalendarEntry

CALENDAR = WorkCalendar(announced_years())
COMMON = {"document": "system-defaults", "clause": "x", "confidence": "待核"}


def deadlines(**more: object) -> Deadlines:
    values = {
        "opens_on": date(2026, 4, 25), "closes_on": date(2026, 5, 25), "county_due_on": date(2026, 6, 10), "city_due_on": date(2026, 6, 25),
        "county_workdays": 10, "city_workdays": 10, "notice_workdays": 5,
    }
    return Deadlines(**(values | more))  # type: ignore[arg-type]


def test_each_step_ends_before_the_next_begins() -> None:
    found = plan(deadlines(), [Need("审计报告", 20)], date(2026, 3, 2), CALENDAR)
    by_label = {row.label: row for row in found.milestones}
    city, county, submit = (by_label[name] for name in ("市级审核、公示和推荐", "县级审核", "企业提交县级审核"))
    assert county.due_on < city.start_on and submit.due_on < county.start_on and found.submit_by == submit.due_on  # type: ignore[operator]
    assert by_label["审计报告"].start_on == CALENDAR.back(found.submit_by, 20) and found.verdict == "ok"


def test_too_late_is_said_as_it_is() -> None:
    late = plan(deadlines(), [Need("审计报告", 20)], date(2026, 5, 18), CALENDAR)
    assert late.verdict == "late" and "只剩" in late.reasons[0]
    closed = plan(deadlines(), [Need("研发费用", None, closed="2025 年度已经结束")], date(2026, 3, 2), CALENDAR)
    assert closed.verdict == "impossible" and closed.reasons == ("研发费用：2025 年度已经结束",)
    over = plan(deadlines(), [], date(2026, 7, 1), CALENDAR)
    assert over.verdict == "impossible" and "已过" in over.reasons[0]


def test_what_nobody_can_time_gets_no_date() -> None:
    row = plan(deadlines(), [Need("发明专利", None)], date(2026, 3, 2), CALENDAR).milestones
    assert next(one for one in row if one.label == "发明专利").start_on is None


def test_a_window_without_office_dates_ends_with_itself() -> None:
    found = plan(deadlines(county_due_on=None, city_due_on=None), [], date(2026, 3, 2), CALENDAR)
    assert found.submit_by == date(2026, 5, 25) and len(found.milestones) == 1


# --- yearly duties: 30 April under 63号, 31 May since 2号


def editions() -> list[CalendarEntry]:
    return [entry for entry in read_pack("liaocheng").content.calendar if entry.code == "quality_sme_update"]


@pytest.mark.parametrize(("year", "due"), [(2021, None), (2023, (2023, 4, 30)), (2025, (2025, 4, 30)), (2026, (2026, 5, 31)), (2027, (2027, 5, 31))])
def test_the_last_day_of_the_update_moved_in_2026(year: int, due: tuple[int, int, int] | None) -> None:
    found = due_in(editions(), year)
    assert (found.due_on if found else None) == (date(*due) if due else None)


def test_a_grant_owes_an_update_in_every_later_year_of_its_validity() -> None:
    years = [one.year for one in owed(editions(), date(2023, 12, 1), date(2026, 11, 30), date(2026, 11, 20))]
    assert years == [2024, 2025, 2026]
    assert not owed(editions(), date(2026, 1, 5), date(2026, 4, 1), date(2026, 12, 31))


@pytest.mark.parametrize(("outcome", "done_on", "today", "state"), [
    ("done", (2026, 5, 31), (2026, 6, 1), "done"), ("done", (2026, 6, 1), (2026, 6, 2), "late_done"), ("missed", None, (2026, 6, 1), "missed"),
    (None, None, (2026, 5, 31), "open"), (None, None, (2026, 6, 1), "overdue"),
])
def test_the_state_of_one_year(outcome: str | None, done_on: tuple[int, int, int] | None, today: tuple[int, int, int], state: str) -> None:
    one = due_in(editions(), 2026)
    assert one is not None and state_of(one, outcome, date(*done_on) if done_on else None, date(*today)) == state


def test_silence_is_no_miss_but_is_counted_as_a_question() -> None:
    certain = warnings({2025: "missed", 2026: "missed"}, editions())
    assert any(one.consequence.misses == 2 and one.certain for one in certain)
    asked = warnings({2025: "missed", 2026: "overdue"}, editions())
    assert any(one.consequence.misses == 2 and not one.certain and "请先核实" in one.sentence for one in asked)
    assert not warnings({2025: "done", 2026: "open"}, editions())


# --- periods


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.sampled_from([QUARTER, HALF]))
def test_periods_follow_each_other_without_a_gap(day: date, months: int) -> None:
    found = next_periods(day, months, 6)
    assert found[0][1] == day + timedelta(days=1)
    assert all(before[2] + timedelta(days=1) == after[1] for before, after in pairwise(found))
    assert len({label for label, _, _ in found}) == 6


def test_the_last_day_of_a_year_begins_with_the_next_quarter() -> None:
    assert next_periods(date(2026, 12, 31), QUARTER, 1) == [("2027年一季度", date(2027, 1, 1), date(2027, 3, 31))]
