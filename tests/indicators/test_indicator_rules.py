"""Percentiles, ranks and the words of a column."""

from decimal import Decimal

from app.indicators.rules import percentile, ranks, spread


def test_percentile_is_linear_type_7() -> None:
    values = [1, 2, 3, 4]
    assert [percentile(values, Decimal(p)) for p in (0, 25, 50, 75, 100)] == [1, Decimal("1.75"), Decimal("2.5"), Decimal("3.25"), 4]
    assert percentile([7], Decimal(95)) == 7


def test_spread_of_no_towns_is_unknown() -> None:
    assert spread([]) is None
    found = spread([0, 0, 1, 3])
    assert found is not None and (found.mean, found.median, found.highest, found.towns) == (1, Decimal("0.5"), 3, 4)


def test_ranks_leave_a_gap_after_equals() -> None:
    assert ranks({"a": 5, "b": 3, "c": 3, "d": 1}) == {"a": 1, "b": 2, "c": 2, "d": 4}
    assert ranks({}) == {}
