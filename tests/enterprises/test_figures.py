"""Whose number counts, what a ratio may say, and that nothing said before is lost."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.enterprises import actions
from app.enterprises.models import EnterpriseSummary, EnterpriseYear
from app.enterprises.queries import records
from app.enterprises.rules.figures import FIELDS, doubts, effective, growth_pct, ratio_pct
from app.infra import clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.scope import ALL, NOTHING
from tests.factories.enterprises import OFFICER, make_enterprise

WAN = Decimal(10_000)


def version(source: str, **values: object) -> dict[str, object]:
    return {f.code: values.get(f.code) for f in FIELDS} | {"source": source}


def test_each_field_comes_from_the_strongest_source_that_knows_it() -> None:
    found = effective([
        version("visit", revenue_yuan=Decimal(1), employee_count=5, rd_staff_count=1),
        version("enterprise", revenue_yuan=Decimal(2), employee_count=6),
        version("platform", revenue_yuan=Decimal(3)),
        version("department", tax_yuan=Decimal(0)),
    ])
    assert {code: (e.value, e.source) for code, e in found.items()} == {
        "revenue_yuan": (3, "platform"), "employee_count": (6, "enterprise"), "rd_staff_count": (1, "visit"), "tax_yuan": (0, "department"),
    }
    assert found["revenue_yuan"].others == (("enterprise", Decimal(2)), ("visit", Decimal(1)))


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 4, Decimal(25)), (0, 4, Decimal(0)), (None, 4, None), (1, None, None), (1, 0, None), (1, -4, None), (-1, 4, Decimal(-25))],
)
def test_a_ratio_without_a_positive_base_is_unknown(part: int | None, whole: int | None, expected: Decimal | None) -> None:
    assert ratio_pct(part, whole) == expected


def test_growth() -> None:
    assert growth_pct(Decimal(120), Decimal(100)) == 20
    assert growth_pct(Decimal(0), Decimal(100)) == -100
    assert growth_pct(Decimal(5), Decimal(0)) is None and growth_pct(None, Decimal(1)) is None


def test_likely_slips_are_named() -> None:
    assert [f for f, _ in doubts({"rd_expense_yuan": Decimal(5), "revenue_yuan": Decimal(4)})] == ["rd_expense_yuan"]
    assert doubts({"rd_expense_yuan": Decimal(4), "revenue_yuan": Decimal(4)}) == []
    assert doubts({}) == []


def record(enterprise_id: int, year: int = 2024, source: str = "department", **values: object) -> EnterpriseYear:
    return actions.add_figures(scope=ALL, enterprise_id=enterprise_id, year=year, source=source, values=values, by=OFFICER)


def summary(enterprise_id: int) -> EnterpriseSummary:
    db.session.flush()
    found = records.summary_of(enterprise_id)
    assert found is not None
    return found


def test_the_summary_shows_the_newest_effective_year(app: Flask) -> None:
    row = make_enterprise(industry_code="3451")
    record(row.id, 2023, revenue_yuan=100 * WAN)
    record(row.id, 2024, "enterprise", revenue_yuan=999 * WAN, rd_expense_yuan=6 * WAN, employee_count=19)
    record(row.id, 2024, "department", revenue_yuan=120 * WAN)
    found = summary(row.id)
    assert (found.figures_year, found.revenue_yuan, found.growth_pct, found.rd_ratio_pct) == (2024, 120 * WAN, Decimal(20), Decimal(5))
    assert (found.employee_count, found.size_class) == (19, "micro")


def test_a_year_without_revenue_does_not_hide_the_year_that_has_one(app: Flask) -> None:
    row = make_enterprise()
    record(row.id, 2023, revenue_yuan=100 * WAN)
    record(row.id, 2024, ip_class1_count=3)
    assert summary(row.id).figures_year == 2023


def test_growth_needs_the_year_just_before(app: Flask) -> None:
    row = make_enterprise()
    record(row.id, 2021, revenue_yuan=100 * WAN)
    record(row.id, 2023, revenue_yuan=150 * WAN)
    assert summary(row.id).growth_pct is None
    record(row.id, 2022, revenue_yuan=Decimal(0))
    assert summary(row.id).growth_pct is None
    record(row.id, 2022, revenue_yuan=300 * WAN)
    assert summary(row.id).growth_pct == Decimal(-50)


@pytest.mark.parametrize(("now", "before"), [("333.33", "300.00"), ("1.005", "1.00"), ("123456789012.34", "98765432109.87"), ("0", "7"), ("1", "3")])
def test_stored_growth_is_rounded_half_away_from_zero(app: Flask, now: str, before: str) -> None:
    row = make_enterprise()
    record(row.id, 2023, revenue_yuan=Decimal(before))
    record(row.id, 2024, revenue_yuan=Decimal(now))
    a, b = Decimal(now).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP"), Decimal(before)
    assert summary(row.id).growth_pct == ((a - b) * 100 / b).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")


def test_a_correction_adds_a_version_and_the_past_stays_askable(app: Flask) -> None:
    clock.freeze(datetime(2025, 3, 1, 4, tzinfo=UTC))
    row = make_enterprise()
    first = record(row.id, revenue_yuan=100 * WAN)
    clock.freeze(datetime(2025, 6, 1, 4, tzinfo=UTC))
    second = record(row.id, revenue_yuan=110 * WAN)
    assert first.superseded_at is not None and second.superseded_at is None
    now = records.figures(row.id)
    then = records.figures(row.id, known_on=date(2025, 5, 31))
    assert now[0].value("revenue_yuan") == 110 * WAN and then[0].value("revenue_yuan") == 100 * WAN
    assert records.figures(row.id, known_on=date(2025, 2, 28)) == []
    assert records.figures(row.id, until=2023) == []
    assert [v.id for v in records.figure_versions(row.id, 2024)] == [second.id, first.id]


def test_the_same_figures_again_change_nothing(app: Flask) -> None:
    row = make_enterprise()
    first = record(row.id, revenue_yuan=100 * WAN)
    before = db.session.scalar(select(func.count()).select_from(AuditRow))
    assert record(row.id, revenue_yuan=100 * WAN).id == first.id
    assert db.session.scalar(select(func.count()).select_from(AuditRow)) == before


def test_two_editors_of_the_same_figures(app: Flask) -> None:
    row = make_enterprise()
    record(row.id, revenue_yuan=100 * WAN)
    with pytest.raises(actions.Stale):
        actions.add_figures(
            scope=ALL, enterprise_id=row.id, year=2024, source="department", values={"revenue_yuan": Decimal(1)}, by=OFFICER,
            check_expected=True, expected_id=None,
        )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"year": 1989}, "year"), ({"year": 2200}, "year"), ({"source": "guess"}, "source"), ({"values": {"revenue_yuan": Decimal(-1)}}, "revenue_yuan"),
        ({"values": {"employee_count": -1}}, "employee_count"), ({"values": {"market_share_pct": Decimal("100.01")}}, "market_share_pct"),
        ({"values": {"revenue_yuan": Decimal(10) ** 15}}, "revenue_yuan"), ({"values": {"version": 3}}, None),
    ],
)
def test_impossible_figures_are_refused_with_the_field(app: Flask, changes: dict[str, object], field: str | None) -> None:
    row = make_enterprise()
    asked = {"year": 2024, "source": "department", "values": {}} | changes
    with pytest.raises(Invalid) as refused:
        actions.add_figures(scope=ALL, enterprise_id=row.id, by=OFFICER, **asked)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_loss_is_a_value(app: Flask) -> None:
    row = make_enterprise()
    assert record(row.id, net_profit_yuan=Decimal("-5.55")).net_profit_yuan == Decimal("-5.55")


def test_nobody_writes_outside_his_scope(app: Flask) -> None:
    row = make_enterprise()
    with pytest.raises(NotFound):
        actions.add_figures(scope=NOTHING, enterprise_id=row.id, year=2024, source="visit", values={}, by=OFFICER)


@given(st.decimals(min_value=0, max_value=10**13, places=2), st.decimals(min_value=Decimal("0.01"), max_value=10**13, places=2))
def test_growth_and_its_base_give_the_value_back(now: Decimal, before: Decimal) -> None:
    found = growth_pct(now, before)
    assert found is not None and abs(before * (found + 100) / 100 - now) < Decimal("0.001")
