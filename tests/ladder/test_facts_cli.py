"""``flask ladder diagnose CODE``: the same answer as on the page, in words and as JSON; what cannot be answered says why."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from app.ladder import actions
from tests.factories import ladder as make

WAN = 10_000


@pytest.fixture
def firm(app: Flask) -> Any:
    clock.freeze(datetime(2026, 6, 1, 4, tzinfo=UTC))
    row = make.firm(make.area("371502001"), industry_code="3484", founded_on=date(2012, 5, 1))
    for year in (2023, 2024, 2025):
        make.figures(
            row, year, Decimal(2000 * WAN), main_revenue_yuan=Decimal(1900 * WAN), rd_expense_yuan=Decimal(120 * WAN), assets_yuan=Decimal(3000 * WAN),
            debt_yuan=Decimal(900 * WAN), ip_class1_count=2, niche_years=6, employee_count=80,
        )
    make.recognition(row, "innovative_sme", valid_from=date(2025, 1, 1), valid_to=date(2027, 12, 31))
    actions.record_answer(scope=ALL, enterprise_id=row.id, field="lead_product_revenue_ratio", value=Decimal(80), year=2025, by=SYSTEM)
    db.session.commit()
    return row


def run(app: Flask, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=["ladder", "diagnose", *words])


def test_one_title_is_one_object_with_every_condition(app: Flask, firm: Any) -> None:
    result = run(app, firm.credit_code, "--title", "srdi", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert (found["title"], found["rule"], found["verdict"], found["score"]) == ("srdi", "srdi_2026", "待补数据", None)
    assert found["all_met"] and {"id", "result", "value", "threshold", "distance", "reason"} <= set(found["leaves"][0])
    leaf = {one["id"]: one for one in found["leaves"]}
    assert leaf["P3.revenue"]["value"] == 2000 and leaf["P10"]["result"] == "unknown" and leaf["P1"]["result"] == "met"


def test_without_a_title_every_title_within_reach_is_answered_a_held_one_for_its_review(app: Flask, firm: Any) -> None:
    found = {one["title"]: one for one in json.loads(run(app, firm.credit_code.lower(), "--json").output)}
    assert found["innovative_sme"]["application"] == "review" and found["srdi"]["application"] == "new"
    assert found["innovative_sme"]["score"] is not None and "little_giant" in found


def test_the_day_decides_version_and_year(app: Flask, firm: Any) -> None:
    found = json.loads(run(app, firm.credit_code, "--title", "srdi", "--as-of", "2026-03-31", "--json").output)
    assert found["rule"] == "srdi_2022" and found["as_of"] == "2026-03-31"
    found = json.loads(run(app, firm.credit_code, "--title", "srdi", "--type", "review", "--rule", "srdi_2022", "--json").output)
    assert (found["rule"], found["application"]) == ("srdi_2022", "review")


def test_what_was_recorded_later_is_not_known_on_an_earlier_day(app: Flask, firm: Any) -> None:
    found = json.loads(run(app, firm.credit_code, "--title", "srdi", "--known-on", "2026-05-01", "--json").output)
    assert {one["id"]: one for one in found["leaves"]}["P3.revenue"]["result"] == "unknown"


def test_in_words_with_reasons_and_the_disclaimer(app: Flask, firm: Any) -> None:
    text = run(app, firm.credit_code, "--title", "专精特新中小企业").output
    assert "待补数据" in text and "不作为认定依据" in text and "营业收入" in text


@pytest.mark.parametrize(("words", "said"), [
    (("91379999MA0000015X",), "没有统一社会信用代码"), ((), "三者选一"), (("A", "--all"), "三者选一"), (("--all",), "--out"),
    (("--facts", "/nowhere/at/all.yaml"), ""),
])
def test_a_question_that_cannot_be_answered_is_refused(app: Flask, firm: Any, words: tuple[str, ...], said: str) -> None:
    result = run(app, *words)
    assert result.exit_code == 2 and said in result.output
    assert "error" in json.loads(run(app, *words, "--json").output)


def test_an_unknown_title_or_rule_is_named(app: Flask, firm: Any) -> None:
    assert "不认识称号" in run(app, firm.credit_code, "--title", "moon").output
    assert "没有认定条件版本" in run(app, firm.credit_code, "--rule", "moon_2026").output


def test_a_situation_from_a_file_needs_no_enterprise(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text("title: srdi\nas_of: 2026-06-01\nrevenue: {2025: 2000}\n", encoding="utf-8")
    assert json.loads(run(app, "--facts", str(file), "--json").output)["rule"] == "srdi_2026"
