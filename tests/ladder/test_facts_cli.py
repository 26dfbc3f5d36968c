"""``flask ladder diagnose CODE``: the same answer as on the page, in words and as JSON; what cannot be answered says why."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

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


# --- everybody


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_everybody_and_every_title_as_lines_of_json(app: Flask, firm: Any, tmp_path: Path) -> None:
    make.firm(make.area("371502001"), name="另一家有限公司")
    db.session.commit()
    out = tmp_path / "all.jsonl"
    result = run(app, "--all", "--out", str(out))
    assert result.exit_code == 0, result.output
    found = rows_of(out)
    assert {row["name"] for row in found} == {firm.name, "另一家有限公司"}
    mine = {row["title"]: row for row in found if row["credit_code"] == firm.credit_code}
    for title, row in mine.items():
        one = json.loads(run(app, firm.credit_code, "--title", title, "--json").output)
        assert (row["rule"], row["verdict"], row["application"]) == (one["rule"], one["verdict"], one["application"])
        assert row["open"] == min(len(one["open"]), 2) and (row["score"] is None) == (one["score"] is None)
        open_leaves = {leaf["id"]: leaf["result"].replace("near", "unmet") for leaf in one["leaves"] if leaf["decides"] and leaf["result"] != "met"}
        assert {leaf["id"]: leaf["result"] for leaf in row["leaves"]} == open_leaves
    assert not list(tmp_path.glob("*.part"))


def test_everybody_as_a_sheet_and_as_a_table_for_one_title_on_another_day(app: Flask, firm: Any, tmp_path: Path) -> None:
    firm.name = "=1+1有限公司"
    db.session.commit()
    for name in ("all.xlsx", "all.csv"):
        result = run(app, "--all", "--out", str(tmp_path / name), "--title", "srdi", "--as-of", "2026-03-31", "--type", "review")
        assert result.exit_code == 0 and "1 行" in result.output
    values = CalamineWorkbook.from_path(tmp_path / "all.xlsx").get_sheet_by_index(0).to_python()[2]
    assert values[1] == "=1+1有限公司" and values[5] == "srdi_2022" and values[4] == "复核"
    table = list(csv.reader((tmp_path / "all.csv").open(encoding="utf-8-sig")))
    assert len(table) == 2 and table[1][1] == "'=1+1有限公司" and table[1][13] == "2026-03-31"


@pytest.mark.parametrize(("words", "said"), [
    (("--out", "{}/all.pdf"), "扩展名"), (("--out", "{}/no/where/all.csv"), "不存在"), (("--out", "{}/a.csv", "--title", "moon"), "不认识称号"),
    (("--out", "{}/a.csv", "--as-of", "1990-01-01"), "没有适用的认定条件版本"),
])
def test_a_file_that_cannot_be_written_is_refused_and_nothing_stays(app: Flask, firm: Any, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    result = run(app, "--all", *(word.format(tmp_path) for word in words))
    assert result.exit_code == 2 and said in result.output and not list(tmp_path.iterdir())


def test_nobody_there_still_gives_a_file_with_its_head(app: Flask, tmp_path: Path) -> None:
    for name in ("none.xlsx", "none.csv"):
        assert run(app, "--all", "--out", str(tmp_path / name)).exit_code == 0
    assert "统一社会信用代码" in (tmp_path / "none.csv").read_text(encoding="utf-8-sig")


def test_the_stored_verdicts_are_worked_out_by_a_command(app: Flask, firm: Any) -> None:
    clock.freeze(datetime(2026, 6, 2, 4, tzinfo=UTC))
    assert "最新" not in run_verdicts(app, "--state")
    assert "1 家企业" in run_verdicts(app) and "最新" in run_verdicts(app, "--state")


def run_verdicts(app: Flask, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["ladder", "verdicts", *words])
    assert result.exit_code == 0, result.output
    return str(result.output)
