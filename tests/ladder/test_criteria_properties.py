"""What holds for every situation: more never hurts, an answer never contradicts a decided verdict, intervals contain the truth."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.ladder import criteria
from app.ladder.criteria.facts import Facts, exact
from app.packs import vocabulary
from app.packs.criteria_tree import items
from app.packs.schema.criteria import Condition
from tests.ladder.criteria_cases import pack

TODAY = date(2026, 6, 1)
PACK = pack("liaocheng")
VERSIONS = {criterion.code: criteria.get_version(PACK, criterion.code) for criterion in PACK.content.criteria}
CODES = sorted(VERSIONS)
MONEY = ("revenue", "main_revenue", "rd_expense", "equity_financing", "net_profit", "assets", "debt", "lead_product_revenue", "total_profit")
PCTS = ("main_rev_ratio", "debt_ratio", "rd_ratio", "tech_staff_ratio", "rd_staff_ratio", "main_rev_growth", "lead_product_revenue_ratio")
COUNTS = ("class1_ip", "class2_ip", "high_value_ip", "self_class1_ip", "niche_market_years", "market_rank", "invention_patents", "digital_grade")
FLAGS = tuple(one.code for one in vocabulary.FLAGS if one.derivation is None)
TITLES = ("title.innovative_sme", "title.tech_sme", "title.srdi", "title.little_giant", "title.high_tech")


@st.composite
def situations(draw: st.DrawFn) -> Facts:
    """Facts with holes, money on and around the lines, consistent in itself (parts are not larger than the whole)."""
    values: dict[Any, Any] = {}
    for year in (2026, 2025, 2024, 2023, 2022):
        whole = draw(st.one_of(st.none(), st.sampled_from([0, 1000, 1500, 5000, 10000, 12000, 40000]), st.integers(0, 60000)))
        if whole is not None:
            values["revenue", year] = whole * 10_000
            if draw(st.booleans()):
                values["main_revenue", year] = whole * 10_000 * draw(st.integers(0, 20)) // 20
        for name in ("rd_expense", "equity_financing", "net_profit", "assets", "debt"):
            if draw(st.booleans()):
                low = -5000 if name == "net_profit" else 0
                values[name, year] = draw(st.one_of(st.sampled_from([100, 1200, 2000]), st.integers(low, 9000))) * 10_000
        for name in PCTS:
            if draw(st.integers(0, 3)) == 0:
                values[name, year] = exact(Decimal(draw(st.integers(0, 12000))) / 100)
    own = draw(st.one_of(st.none(), st.integers(0, 6)))
    if own is not None:
        values["class1_ip", None] = own
        if draw(st.booleans()):
            values["high_value_ip", None] = draw(st.integers(0, own))
    for name in ("class2_ip", "niche_market_years", "market_rank", "digital_grade", "market_share", "credit_score"):
        if draw(st.booleans()):
            values[name, None] = draw(st.integers(0, 12))
    for name in (*draw(st.lists(st.sampled_from(FLAGS), max_size=12)), *draw(st.lists(st.sampled_from(TITLES), max_size=5))):
        values[name, None] = draw(st.booleans())
    if draw(st.booleans()):
        values["industry", None] = draw(st.sampled_from(["3451", "5211", "6513", "70", "8391", "0111"]))
    if draw(st.booleans()):
        values["founded_on", None] = draw(st.dates(date(2005, 1, 1), TODAY))
    return Facts(TODAY, values, "371500")


def answered(draw: st.DrawFn, facts: Facts, keys: list[Any]) -> Facts:
    """One more answer that fits what is known already."""
    key = draw(st.sampled_from(keys))
    name, year = key
    field = vocabulary.find(name)
    assert field is not None
    if field.kind == "flag":
        return facts.with_value(key, draw(st.booleans()))
    if field.kind == "choice":
        return facts.with_value(key, draw(st.sampled_from([code for code, _ in field.choices])))
    if field.kind == "code":
        return facts.with_value(key, draw(st.sampled_from(["3451", "5211", "8010"])) if name == "industry" else "91379999MA0000015K")
    if field.kind == "day":
        return facts.with_value(key, draw(st.dates(date(2000, 1, 1), TODAY)))
    top = facts.values.get((field.below, year)) if field.below else None
    if name == "revenue" and ("main_revenue", year) in facts.values:
        return facts.with_value(key, facts.values["main_revenue", year] + draw(st.integers(0, 10**9)))
    if name == "class1_ip":
        return facts.with_value(key, max(int(facts.values.get(("high_value_ip", None), 0)), draw(st.integers(0, 6))))
    number = draw(st.integers(0, 6 * 10**8 if field.kind == "money" else 100))
    return facts.with_value(key, number if top is None else min(number, int(top)))


def missing(found: criteria.Diagnosis) -> list[Any]:
    keys = {key for leaf in found.leaves for key in leaf.missing}
    keys |= {key for part in (found.score.parts if found.score else ()) for key in part.missing}
    return sorted((key for key in keys if vocabulary.find(key[0]) is not None), key=str)


DECIDED = {criteria.Verdict.LIKELY, criteria.Verdict.NOT_YET}
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize("code", CODES)
@slow
@given(data=st.data())
def test_an_answer_never_contradicts_what_is_decided(code: str, data: st.DataObject) -> None:
    facts = data.draw(situations())
    found = criteria.diagnose(facts, VERSIONS[code])
    keys = missing(found)
    if not keys:
        return
    more = criteria.diagnose(data.draw(st.composite(lambda draw: answered(draw, facts, keys))()), VERSIONS[code])
    vetoed = [leaf for leaf in more.leaves if leaf.decides and leaf.result in ("unmet", "near", "manual") and not _decided_before(found, leaf.id)]
    if found.verdict in DECIDED and not (found.verdict is criteria.Verdict.LIKELY and vetoed):
        assert more.verdict is found.verdict, (found.reasons, more.reasons)
    results = {leaf.id: leaf for leaf in more.leaves}
    for leaf in found.leaves:
        later = results.get(leaf.id)
        if later is not None and leaf.result in ("met", "near", "unmet"):
            assert (leaf.result == "met") == (later.result == "met"), (leaf.reason, later.reason)
    if found.score is not None and more.score is not None:
        assert found.score.low <= more.score.low <= more.score.high <= found.score.high


def _decided_before(found: criteria.Diagnosis, name: str) -> bool:
    """Conditions to be checked before applying (veto) do not hold up a verdict while unknown: their answer may still turn it."""
    return any(leaf.id == name and leaf.decides for leaf in found.leaves)


def rising(node: Condition) -> bool:
    return node.op in (">=", ">")


@pytest.mark.parametrize("code", CODES)
@slow
@given(data=st.data())
def test_more_of_a_fact_never_turns_a_rising_condition_from_met_to_unmet(code: str, data: st.DataObject) -> None:
    facts = data.draw(situations())
    keys = [key for key, value in facts.values.items() if isinstance(value, (int, Fraction)) and not isinstance(value, bool)]
    if not keys:
        return
    name, year = data.draw(st.sampled_from(keys))
    higher = facts.with_value((name, year), facts.values[name, year] + data.draw(st.integers(1, 10**8)))
    before = {leaf.id: leaf for leaf in criteria.diagnose(facts, VERSIONS[code]).leaves}
    after = {leaf.id: leaf for leaf in criteria.diagnose(higher, VERSIONS[code]).leaves}
    for node in _plain_leaves(VERSIONS[code].criterion.rule, name):
        if node.id in before and node.id in after and before[node.id].result == "met" and rising(node):
            assert after[node.id].result == "met", (before[node.id].reason, after[node.id].reason)


def _plain_leaves(node: Condition, field: str) -> list[Condition]:
    """Leaves that ask this fact itself (not a ratio or growth of it)."""
    below = [*(node.all or ()), *(node.any or ()), *(case.then for case in node.cases)]
    own = [node] if node.field == field and node.op is not None else []
    return own + [leaf for child in below for leaf in _plain_leaves(child, field)]


@slow
@given(data=st.data())
def test_a_score_interval_holds_every_outcome(data: st.DataObject) -> None:
    """Filling every hole of a situation lands inside the interval told before."""
    version = VERSIONS["inn_2022"]
    facts = data.draw(situations())
    first = criteria.diagnose(facts, version)
    now, found = facts, first
    for _ in range(20):
        keys = missing(found)
        keys = [key for key in keys if (key[0], key[1]) not in now.values]
        if not keys:
            break
        now = data.draw(st.composite(lambda draw, known=now, open_=keys: answered(draw, known, open_))())
        found = criteria.diagnose(now, version)
    assert first.score is not None and found.score is not None
    assert first.score.low <= found.score.low <= found.score.high <= first.score.high


@slow
@given(data=st.data())
def test_nothing_known_is_data_missing_never_a_failure(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from([one for one in CODES if one != "champion_shandong_v2"]))
    found = criteria.diagnose(Facts(TODAY, {}, "371500"), VERSIONS[code])
    assert found.verdict is criteria.Verdict.DATA_MISSING
    assert found.question is not None


@slow
@given(data=st.data())
def test_the_words_never_fail_and_the_same_question_has_the_same_answer(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(CODES))
    facts = data.draw(situations())
    for application in ("new", "review"):
        found = criteria.diagnose(facts, VERSIONS[code], application=application)
        again = criteria.diagnose(facts, VERSIONS[code], application=application)
        assert found.as_json() == again.as_json()
        assert all(leaf.reason.endswith("。") and leaf.clause for leaf in found.leaves)
        assert (found.verdict is criteria.Verdict.LIKELY) == (found.reasons == ("各项条件均符合。",))
        assert criteria.quick_verdict(facts, VERSIONS[code], application=application) is found.verdict


def test_every_rule_is_covered_by_the_properties() -> None:
    assert {criterion.code for criterion in PACK.content.criteria} == set(CODES)
    assert all(item.id for criterion in PACK.content.criteria for item in items(criterion.parts))
