"""A situation written by hand: names, years, units, and what is refused; and the command that reads it."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.kernel.errors import Invalid
from app.ladder import criteria
from app.packs import vocabulary
from tests.ladder.criteria_cases import pack

TODAY = date(2026, 6, 1)
TITLES = {title.code: title.label for title in pack("liaocheng").content.titles}


def read(**data: Any) -> criteria.Facts:
    return criteria.read_facts(data, as_of=TODAY, title_codes=TITLES).facts


@pytest.mark.parametrize(("written", "yuan"), [
    (1500, 15_000_000), ("1500万元", 15_000_000), ("0.15亿元", 15_000_000), ("1,500 万元", 15_000_000), ("15000000元", 15_000_000), (0, 0),
])
def test_money_is_wan_yuan_unless_it_says_otherwise(written: Any, yuan: int) -> None:
    assert read(revenue=written).values["revenue", 2025] == yuan


@pytest.mark.parametrize("data", [
    {"revenue": {2025: 300, 2024: 200}}, {"revenue": [200, 300]}, {"revenue": {"last_year": 300, "two_years_ago": 200}},
    {"years": {2025: {"revenue": 300}, 2024: {"revenue": 200}}}, {"revenue_2025": 300, "revenue_2024": 200},
    {"revenue_yuan": {2025: 3_000_000, 2024: 2_000_000}}, {"revenue": {"Y-1": 300, "Y-2": 200}},
])
def test_years_may_be_written_in_several_ways(data: dict[str, Any]) -> None:
    assert read(**data).values == {("revenue", 2025): 3_000_000, ("revenue", 2024): 2_000_000}


def test_percent_keeps_every_digit() -> None:
    from decimal import Decimal

    assert read(rd_ratio=Decimal("2.999999999")).values["rd_ratio", 2025] == Fraction(2999999999, 10**9)


def test_zero_and_no_are_answers_and_null_is_none() -> None:
    facts = read(revenue=0, own_brand=False, class1_ip=None)
    assert facts.values == {("revenue", 2025): 0, ("own_brand", None): False}


def test_a_list_of_titles_says_what_is_not_held() -> None:
    facts = read(titles=["innovative_sme"])
    assert facts.values["title.innovative_sme", None] is True
    assert facts.values["title.srdi", None] is False
    assert read(titles={"srdi": False}).values == {("title.srdi", None): False}
    assert read(srdi=True).values == {("title.srdi", None): True}


def test_the_platform_score_is_this_years_when_applying_and_last_years_at_review() -> None:
    assert ("platform_score", 2026) in read(platform_score=50).values
    assert ("platform_score", 2025) in read(platform_score=50, application="review").values


def test_a_state_written_by_years_counts_with_the_latest() -> None:
    assert read(class1_ip={2024: 3, 2025: 4, 2027: 9}).values == {("class1_ip", None): 4}


def test_origin_is_kept_and_told() -> None:
    facts = read(revenue={"value": 1499, "source": "部门提供", "on": date(2026, 3, 1)})
    version = criteria.get_version(pack("liaocheng"), "srdi_2026")
    leaf = next(leaf for leaf in criteria.diagnose(facts, version).leaves if leaf.id == "P3.revenue")
    assert "部门提供，2026-03-01" in leaf.reason
    assert (leaf.value, leaf.threshold, leaf.distance, leaf.unit, leaf.year) == (1499, 1500, 1, "万元", 2025)


@pytest.mark.parametrize(("data", "words"), [
    ({"revenu": 1}, "是否指：revenue"), ({"revenue": "很多"}, "应为数字"), ({"revenue": True}, "应为数字"), ({"revenue": -1}, "不能是负数"),
    ({"own_brand": 3}, "true 或 false"), ({"titles": ["golden_ox"]}, "golden_ox"), ({"titles": "srdi"}, "titles 应是列表"),
    ({"founded_on": "去年"}, "应为日期"), ({"rd_institution_level": "很高"}, "province（省部级）"), ({"revenue": {"去年": 1}}, "看不懂"),
    ({"application": "renewal"}, "new（新申报）"), ({"judgements": {"P9": "maybe"}}, "true、false"), ({"as_of": "今天"}, "应为日期"),
    ({"revenue": 1.5}, None), ({"revenue": "1500吨"}, "应为数字"), ({"years": 3}, "years 应是"), ({"years": {2025: 3}}, "years 下的 2025"),
])
def test_what_cannot_be_read_is_refused_in_words(data: dict[str, Any], words: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        read(**data)
    if words is not None:
        assert words in refused.value.message_zh


@pytest.mark.parametrize("data", [None, 3, "x", [1]])
def test_a_file_that_is_no_list_of_facts_is_refused(data: Any) -> None:
    with pytest.raises(Invalid, match="数据项"):
        criteria.read_facts(data, as_of=TODAY)


def test_every_name_of_the_vocabulary_is_unique_and_its_derivation_known() -> None:
    names = [one.code for one in vocabulary.BUILT_IN] + list(vocabulary.ALIASES)
    assert sorted(names) == sorted(set(names))
    for one in vocabulary.BUILT_IN:
        assert all(vocabulary.find(part) for part in vocabulary.sources_of(one.code))
        assert one.below is None or vocabulary.find(one.below)


def test_columns_are_columns_of_the_yearly_figures() -> None:
    from app.enterprises.models import EnterpriseYear

    columns = set(EnterpriseYear.__table__.columns.keys())
    assert {one.column for one in vocabulary.BUILT_IN if one.column} <= columns


# --- the command


@pytest.fixture
def ask(app: Flask, tmp_path: Path):  # type: ignore[no-untyped-def]
    def invoke(text: str, *words: str) -> Any:
        path = tmp_path / "facts.yaml"
        path.write_text(text, "utf-8")
        return app.test_cli_runner().invoke(args=["ladder", "diagnose", "--facts", str(path), *words])

    return invoke


ENOUGH = """
as_of: 2026-06-01
titles: [innovative_sme]
niche_market_years: 3
revenue: {2025: 1200, 2024: 1100}
equity_financing: {2025: 0, 2024: 0}
main_rev_ratio: 80
debt_ratio: 80
rd_expense: {2025: 100, 2024: 100}
rd_ratio: {2025: 3, 2024: 3}
class1_ip: 1
platform_score: 50
lead_product_revenue_ratio: 60
"""


def test_json_has_the_promised_keys(ask) -> None:  # type: ignore[no-untyped-def]
    result = ask(ENOUGH, "--title", "srdi", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert {"title", "rule", "verdict", "leaves", "score"} <= set(found)
    assert (found["title"], found["rule"], found["verdict"], found["score"]) == ("srdi", "srdi_2026", "暂不满足", None)
    leaf = next(leaf for leaf in found["leaves"] if leaf["id"] == "P3.revenue")
    assert {"id", "result", "value", "threshold", "distance", "reason"} <= set(leaf)
    assert (leaf["result"], leaf["value"], leaf["threshold"], leaf["distance"]) == ("near", 1200, 1500, 300)
    assert found["disclaimer"].endswith("不作为认定依据。")


def test_score_is_an_interval(ask) -> None:  # type: ignore[no-untyped-def]
    found = json.loads(ask("as_of: 2026-06-01\nrd_ratio: 5\n", "--title", "innovative_sme", "--json").stdout)
    assert (found["score"]["low"], found["score"]["high"]) == (25, 100)
    assert found["verdict"] == "待补数据"


def test_date_and_type_choose_the_version(ask) -> None:  # type: ignore[no-untyped-def]
    def rule(*words: str) -> Any:
        return json.loads(ask("revenue: 1\n", "--title", "little_giant", "--json", *words).stdout)["rule"]

    assert rule("--as-of", "2026-05-01") == "lg_2026"
    assert rule("--as-of", "2026-05-01", "--type", "review") == "lg_2022"
    assert rule("--as-of", "2027-05-01", "--type", "review") == "lg_2026"
    assert rule("--as-of", "2025-05-01") == "lg_2022"
    assert rule("--as-of", "2022-07-31") is None


def test_without_a_title_every_title_is_answered(ask) -> None:  # type: ignore[no-untyped-def]
    found = json.loads(ask(ENOUGH, "--json").stdout)
    assert {one["title"] for one in found} >= {"srdi", "little_giant", "innovative_sme", "tech_sme", "high_tech", "scale_up", "gazelle"}


def test_words_are_for_people(ask) -> None:  # type: ignore[no-untyped-def]
    text = ask(ENOUGH, "--title", "专精特新中小企业").output
    assert "暂不满足" in text and "还差 300 万元" in text and "不作为认定依据" in text


@pytest.mark.parametrize(("text", "words"), [
    ("revenu: 1\n", ("--title", "srdi")), ("- 1\n", ("--title", "srdi")), ("revenue: [\n", ("--title", "srdi")), ("revenue: 1\n", ("--title", "golden_ox")),
    ("revenue: 1\n", ("--title", "srdi", "--city", "atlantis")), ("revenue: 1\n", ("--rule", "srdi_1999")),
    ("parameters: {pass_mark: high}\n", ("--rule", "srdi_2022")), ("", ("--title", "srdi")),
])
def test_what_cannot_be_answered_ends_with_2_and_words(ask, text: str, words: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    result = ask(text, *words, "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]


def test_a_local_pass_mark_and_another_city(ask) -> None:  # type: ignore[no-untyped-def]
    found = json.loads(ask("city: yantai\nrevenue: 999\n", "--title", "gazelle", "--json", "--as-of", "2026-09-01").stdout)
    assert found["rule"] == "gazelle_yantai"
    marked = json.loads(ask("pass_mark: 70\nrd_ratio: 3\n", "--rule", "srdi_2022", "--as-of", "2025-06-01", "--json").stdout)
    assert next(leaf for leaf in marked["leaves"] if leaf["id"] == "S")["threshold"] == 70
    assert json.loads(ask("revenue: 1\n", "--title", "gazelle", "--region", "370000", "--json").stdout)["rule"] == "gazelle_shandong_2020"


def test_one_enterprise_takes_no_longer_than_a_millisecond() -> None:
    """Generous for slow machines: the median of many is far below."""
    from time import perf_counter

    version, facts = criteria.get_version(pack("liaocheng"), "srdi_2022"), read(**{"revenue": 1500, "rd_expense": 100, "class1_ip": 1})
    criteria.quick_verdict(facts, version)
    times = []
    for _ in range(60):
        start = perf_counter()
        criteria.quick_verdict(facts, version)
        times.append(perf_counter() - start)
    assert sorted(times)[30] < 0.003
