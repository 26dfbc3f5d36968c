"""《统计上大中小微型企业划分办法（2017）》: every limit of the table, one step below and exactly on it; in Python and in SQL."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.enterprises import actions
from app.enterprises.models import EnterpriseSummary
from app.enterprises.rules import size_class
from app.enterprises.rules.size_class import (
    ASSETS,
    CODES,
    EMPLOYEES,
    REVENUE,
    RULES,
    classify,
    is_not_covered,
    rule_of,
    stored_limit,
)
from app.infra import changes
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from tests.factories.enterprises import make_enterprise

# 国统字〔2017〕213号, printed once more by hand: industry code -> metric -> 大 中 小 (人, 万元)
PRINTED = {
    "0111": {REVENUE: (20000, 500, 50)},
    "0610": {EMPLOYEES: (1000, 300, 20), REVENUE: (40000, 2000, 300)},
    "3451": {EMPLOYEES: (1000, 300, 20), REVENUE: (40000, 2000, 300)},
    "4620": {EMPLOYEES: (1000, 300, 20), REVENUE: (40000, 2000, 300)},
    "4710": {REVENUE: (80000, 6000, 300), ASSETS: (80000, 5000, 300)},
    "5011": {REVENUE: (80000, 6000, 300), ASSETS: (80000, 5000, 300)},
    "5111": {EMPLOYEES: (200, 20, 5), REVENUE: (40000, 5000, 1000)},
    "5211": {EMPLOYEES: (300, 50, 10), REVENUE: (20000, 500, 100)},
    "5430": {EMPLOYEES: (1000, 300, 20), REVENUE: (30000, 3000, 200)},
    "5910": {EMPLOYEES: (1000, 300, 20), REVENUE: (30000, 3000, 200)},
    "5921": {EMPLOYEES: (200, 100, 20), REVENUE: (30000, 1000, 100)},
    "5990": {EMPLOYEES: (200, 100, 20), REVENUE: (30000, 1000, 100)},
    "6010": {EMPLOYEES: (1000, 300, 20), REVENUE: (30000, 2000, 100)},
    "6110": {EMPLOYEES: (300, 100, 10), REVENUE: (10000, 2000, 100)},
    "6210": {EMPLOYEES: (300, 100, 10), REVENUE: (10000, 2000, 100)},
    "6311": {EMPLOYEES: (2000, 100, 10), REVENUE: (100000, 1000, 100)},
    "6420": {EMPLOYEES: (2000, 100, 10), REVENUE: (100000, 1000, 100)},
    "6510": {EMPLOYEES: (300, 100, 10), REVENUE: (10000, 1000, 50)},
    "7010": {REVENUE: (200000, 1000, 100), ASSETS: (10000, 5000, 2000)},
    "7020": {EMPLOYEES: (1000, 300, 100), REVENUE: (5000, 1000, 500)},
    "7110": {EMPLOYEES: (300, 100, 10), ASSETS: (120000, 8000, 100)},
    "7310": {EMPLOYEES: (300, 100, 10)},
    "7030": {EMPLOYEES: (300, 100, 10)},
    "7090": {EMPLOYEES: (300, 100, 10)},
    "8511": {EMPLOYEES: (300, 100, 10)},
    "9010": {EMPLOYEES: (300, 100, 10)},
}
EDGES = [
    (code, metric, index, delta)
    for code, limits in PRINTED.items() for metric, values in limits.items() for index in range(3) for delta in (-1, 0)
]  # fmt: skip


def judged(code: str, values: dict[str, int | Decimal | None]) -> size_class.SizeVerdict:
    return classify(code, employees=values.get(EMPLOYEES), revenue_yuan=values.get(REVENUE), assets_yuan=values.get(ASSETS))  # type: ignore[arg-type]


def at_edge(code: str, metric: str, index: int, delta: int) -> tuple[dict[str, Decimal], str]:
    """One metric at its limit (or a person or a fen below), the others beyond every limit."""
    step = 1 if metric == EMPLOYEES else Decimal("0.01")
    values = {m: Decimal(10) ** 12 for m in PRINTED[code]}
    values[metric] = stored_limit(metric, PRINTED[code][metric][index]) + delta * step
    return values, CODES[3 - index] if delta == 0 else CODES[2 - index]


@pytest.mark.parametrize(("code", "metric", "index", "delta"), EDGES)
def test_every_edge(code: str, metric: str, index: int, delta: int) -> None:
    values, expected = at_edge(code, metric, index, delta)
    assert judged(code, values).code == expected


@pytest.mark.parametrize("code", PRINTED)
def test_the_table_is_the_printed_one(code: str) -> None:
    rule = rule_of(code)
    assert rule is not None and rule.limits == PRINTED[code]


@pytest.mark.parametrize("code", ["5310", "6610", "6990", "8310", "8411", "7040", "9110", "9610", "9700"])
def test_industries_the_method_does_not_cover(code: str) -> None:
    verdict = judged(code, {EMPLOYEES: 5000, REVENUE: Decimal(10) ** 12})
    assert verdict.code == "na" and verdict.is_sme is None and is_not_covered(code)


@pytest.mark.parametrize("code", [None, "", "59", "70", "98", "00"])
def test_an_unknown_or_too_short_code_decides_nothing(code: str | None) -> None:
    verdict = judged(code or "", {EMPLOYEES: 5, REVENUE: Decimal(1)})
    assert verdict.code is None and verdict.is_sme is None and verdict.applies


def test_every_division_is_either_covered_or_named_as_outside() -> None:
    from app.enterprises.rules.industry import divisions

    for code in divisions():
        inside = [r for r in RULES if any(p.startswith(code) for p in r.prefixes)]
        assert inside or is_not_covered(code), code


@pytest.mark.parametrize(
    ("values", "code", "sme"),
    [
        ({EMPLOYEES: 19}, "micro", True),  # below a small limit: nothing can lift it
        ({EMPLOYEES: 999}, None, True),  # at most medium
        ({EMPLOYEES: 1000}, None, None),  # could still be large
        ({REVENUE: Decimal(0)}, "micro", True),  # 0 is a value
        ({REVENUE: Decimal(3_000_000)}, None, True),
        ({}, None, None),
        ({EMPLOYEES: 1000, REVENUE: Decimal(400_000_000)}, "large", False),
    ],
)
def test_a_missing_metric_bounds_the_class(values: dict[str, int | Decimal | None], code: str | None, sme: bool | None) -> None:
    verdict = judged("3451", values)
    assert (verdict.code, verdict.is_sme) == (code, sme)


def test_the_stored_class_agrees_with_the_rule_at_every_edge(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_listeners", {})  # hundreds of firms: what upper parts keep of each is not asked here
    expected = {}
    for code, metric, index, delta in EDGES:
        values, _ = at_edge(code, metric, index, delta)
        figures = {key: int(v) if key == EMPLOYEES else v for key, v in values.items()}
        if figures.get(EMPLOYEES, 0) > 10**8:
            figures[EMPLOYEES] = 10**8
        if figures.get(EMPLOYEES, 0) < 0:
            continue
        row = make_enterprise(industry_code=code)
        actions.add_figures(scope=ALL, enterprise_id=row.id, year=2024, source="department", values=figures, by=SYSTEM)
        expected[row.id] = judged(code, figures).code
    for code in ("5310", "59", None, "3451"):
        row = make_enterprise(industry_code=code)
        actions.add_figures(scope=ALL, enterprise_id=row.id, year=2024, source="department", values={EMPLOYEES: 30}, by=SYSTEM)
        expected[row.id] = judged(code or "", {EMPLOYEES: 30}).code
    actions.refresh_all_summaries()
    stored = dict(db.session.execute(select(EnterpriseSummary.enterprise_id, EnterpriseSummary.size_class)).all())
    assert {i: stored[i] for i in expected} == expected
