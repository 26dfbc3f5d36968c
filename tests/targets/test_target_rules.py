"""Attainment, pace and status of a target, on exact numbers (domain rules, "Targets")."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.rules.periods import Period, period_of, years_of
from app.targets.rules.progress import Fact, Goal, elapsed, is_reached, progress, rounded

YEAR = (date(2023, 1, 1), date(2023, 12, 31))
NEAR = Decimal(90)


def goal(comparison: str = ">=", value: str | None = "100", basis: str = "new_in_period", **more: object) -> Goal:
    return Goal(comparison, basis, None if value is None else Decimal(value), begins=YEAR[0], ends=YEAR[1], **more)  # type: ignore[arg-type]


def fact(value: str | None, **more: object) -> Fact:
    return Fact(None if value is None else Decimal(value), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("comparison", "actual", "reached"),
    [
        (">=", "99.9999", False), (">=", "100", True), (">", "100", False), (">", "100.0001", True), ("about", "94.9999", False), ("about", "95", True),
        ("about", "1000", True), (">=", None, None),
    ],
)  # fmt: skip
def test_comparisons_are_decided_on_exact_numbers(comparison: str, actual: str | None, reached: bool | None) -> None:
    assert is_reached(goal(comparison), fact(actual)) is reached


def test_a_range_counts_from_its_lower_end() -> None:
    between = goal("range", "2", "stock", value_max=Decimal(3))
    assert is_reached(between, fact("1")) is False and is_reached(between, fact("2")) is True and is_reached(between, fact("5")) is True


@pytest.mark.parametrize(("state", "reached"), [("良好", True), ("优秀", True), ("未达良好", False), ("别的", False), (None, None)])
def test_a_better_state_also_meets(state: str | None, reached: bool | None) -> None:
    wanted = goal("state", None, "state", state="良好", states=("未达良好", "良好", "优秀"))
    assert is_reached(wanted, Fact(state=state)) is reached


def test_the_pace_is_a_straight_line_by_days_the_day_included() -> None:
    assert elapsed(goal(), date(2023, 1, 1)) == elapsed(goal(), date(2023, 1, 1)) and elapsed(goal(), date(2022, 12, 31)) == 0
    first = progress(goal(value="365"), fact("1"), date(2023, 1, 1), near_pct=NEAR)
    assert (first.expected, first.pace_pct, first.status) == (Decimal("1.00"), Decimal("0.27"), "ahead")
    half = progress(goal(value="365"), fact("150"), date(2023, 7, 1), near_pct=NEAR)  # the 182nd day
    assert (half.expected, half.status) == (Decimal("182.00"), "behind")
    assert progress(goal(value="365"), fact("163.8"), date(2023, 7, 1), near_pct=NEAR).status == "near", "exactly 90 % of 182"


def test_a_stock_grows_from_what_was_there_before_the_period() -> None:
    said = progress(goal(basis="stock", value="465"), fact("300", before=Decimal(100)), date(2023, 7, 1), near_pct=NEAR)
    assert said.expected == Decimal("282.00") and said.status == "ahead" and said.attainment_pct == Decimal("64.52")


@pytest.mark.parametrize("basis", ["per_year", "one_off", "ratio", "multiple", "state"])
def test_other_bases_have_no_pace(basis: str) -> None:
    said = progress(goal(basis=basis), fact("10"), date(2023, 7, 1), near_pct=NEAR)
    assert said.expected is None and said.status == "open"


def test_entered_values_have_no_pace() -> None:
    said = progress(goal(basis="stock"), fact("10", entered=True), date(2023, 7, 1), near_pct=NEAR)
    assert said.expected is None and said.status == "open"


@pytest.mark.parametrize(
    ("day", "actual", "status"),
    [(date(2022, 6, 1), "0", "waiting"), (date(2023, 6, 1), None, "unknown"), (date(2023, 12, 31), "99", "missed"), (date(2024, 5, 1), "100", "reached")],
)
def test_before_and_after_the_period(day: date, actual: str | None, status: str) -> None:
    assert progress(goal(), fact(actual), day, near_pct=NEAR).status == status


def test_what_is_lacking_is_what_would_reach_it() -> None:
    assert progress(goal("about"), fact("90"), date(2023, 6, 1), near_pct=NEAR).lacking == Decimal("5.00")
    assert progress(goal(), fact("100"), date(2023, 6, 1), near_pct=NEAR).lacking == 0


@given(st.decimals(-10**9, 10**9, places=4))
def test_rounding_is_half_up_away_from_zero(number: Decimal) -> None:
    shown = rounded(number)
    assert abs(shown - number) <= Decimal("0.005") and shown == -rounded(-number)


def test_periods_come_from_years_deadline_and_document() -> None:
    since = date(2022, 12, 1)
    assert period_of(2021, 2023, 2023, since) == Period(date(2021, 1, 1), date(2023, 12, 31))
    assert period_of(None, None, 2025, since) == Period(since, date(2025, 12, 31))
    assert period_of(None, None, None, since) == Period(since, None)
    assert years_of(Period(since, None), date(2024, 3, 1)) == [2022, 2023, 2024]
    assert years_of(Period(since, date(2023, 12, 31)), date(2026, 3, 1)) == [2022, 2023]
    assert years_of(Period(since, None), date(2022, 1, 1)) == []
