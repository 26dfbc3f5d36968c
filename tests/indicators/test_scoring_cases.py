"""Cases an official can read (cases/scoring.yaml), and the rules about whole towns: missing, growth, substitutes, veto, ties, rounding, locking."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction as F
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import yaml

from app.indicators.rules.explain import explain, said
from app.indicators.rules.references import Reference, references
from app.indicators.rules.scheme import Method, Scheme, scheme_of
from app.indicators.rules.scoring import Status, TownFacts, Veto, improvement, order, panel, score
from app.indicators.rules.stability import stability
from app.kernel.errors import Invalid
from app.packs import read_pack

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "scoring.yaml").read_text(encoding="utf-8"))


@cache
def scheme() -> Scheme:
    pack = read_pack("liaocheng")
    return scheme_of(pack.scoring_schemes()[0], pack.indicators())


def town(code: str, changes: Mapping[str, Any] | None = None, **more: Any) -> TownFacts:
    """A town with 50 everywhere, apart from the changes; None takes a value away."""
    values = {item.key: F(50) for item in scheme().items} | {k: F(v) if v is not None else None for k, v in (changes or {}).items()}
    return TownFacts(code, {k: v for k, v in values.items() if v is not None}, **more)


@pytest.mark.parametrize("case", CASES, ids=[case["名称"] for case in CASES])
def test_readable_cases(case: dict[str, Any]) -> None:
    key, method = case["指标"], Method(case["方法"])
    goal = F(case["目标"]) if "目标" in case else F(50) if method is Method.TARGET else None
    items = tuple(replace(i, target=goal if i.key == key else F(1) if method is Method.TARGET else None) for i in scheme().items)
    towns = [
        town(f"{n}", {key: None if value in ("缺", "不适用") else str(value)}, not_applicable=frozenset([key] if value == "不适用" else []))
        for n, value in enumerate(case["原值"])
    ]
    made = score(replace(scheme(), items=items), towns, method)
    shown = []
    for one in towns:
        found = made.town(one.code)
        assert found is not None
        cell = found.cells[key]
        shown.append("—" if cell.shown_score is None else float(cell.shown_score))
        words = explain(made.scheme, method, made.scheme.by_key[key], cell, made.references.get(key))
        assert words.endswith("。") and (cell.raw is None or f"得 {cell.shown_points} 分" in words)
    assert shown == [one if one == "—" else float(one) for one in case["得分"]]


def test_missing_is_not_zero() -> None:
    made = score(scheme(), [town("1", {"3": None}), town("2"), town("3", {"3": 0})])
    first, third = made.town("1"), made.town("3")
    assert first is not None and third is not None
    assert (first.status, first.total, first.rank, first.missing) == (Status.UNRANKED, None, None, ("3",))
    assert third.status is Status.RANKED and third.total is not None
    assert made.references["3"].n == 2
    assert "不按 0 计" in explain(made.scheme, made.method, made.scheme.by_key["3"], first.cells["3"], made.references["3"])


def test_an_approved_substitute_scores_is_marked_and_moves_no_reference() -> None:
    made = score(scheme(), [town("1", {"3": None}, substitutes={"3": F(25)}), town("2"), town("3", {"3": 0})])
    first = made.town("1")
    assert first is not None and first.status is Status.RANKED and first.cells["3"].substitute
    assert made.references["3"].n == 2
    assert "批准的替代值 25" in explain(made.scheme, made.method, made.scheme.by_key["3"], first.cells["3"], made.references["3"])


def test_growth_that_does_not_apply_moves_its_weight_to_the_amount() -> None:
    towns = [town("1", {"5a": 10, "5b": None}, not_applicable=frozenset({"5b"})), town("2", {"5a": 0}), town("3", {"5a": 20})]
    first = score(scheme(), towns, Method.MINMAX).town("1")
    assert first is not None and first.total is not None
    assert (first.cells["5a"].weight, first.cells["5a"].shown_points, first.cells["5b"].shown_points) == (500, Decimal("2.50"), None)


def test_a_positive_veto_takes_the_rank_and_leaves_the_score_and_others_close_up() -> None:
    towns = [town("1", {"9": 90}, veto=Veto.POSITIVE), town("2", {"9": 80}, veto=Veto.PENDING), town("3", {"9": 70}), town("4", {"9": 0})]
    made = {one.code: one for one in score(scheme(), towns).towns}
    assert [(made[c].status, made[c].rank) for c in "1234"] == [
        (Status.VETOED, None), (Status.PROVISIONAL, 1), (Status.RANKED, 2), (Status.RANKED, 3),
    ]
    assert made["1"].total is not None and score(scheme(), towns).references["9"].n == 4


def test_ties_are_broken_by_shown_points_of_5_then_10_then_2_else_shared() -> None:
    shown = [8000, 8000, 8000, 8000, 7000]
    parts = [(300, 200, 100), (310, 0, 0), (300, 200, 100), (300, 210, 0), (0, 0, 0)]
    assert order(shown, parts, [False] * 5) == {1: 1, 3: 2, 0: 3, 2: 3, 4: 5}


def test_graders() -> None:
    assert panel(scheme(), ["优", "优"]) is None
    assert panel(scheme(), ["优", "良", "差"]) == 70
    assert panel(scheme(), ["优", "良", "中", "差"]) == F(270, 4)
    assert panel(scheme(), ["优", "优", "良", "中", "差"]) == 80


def test_improvement_needs_an_earlier_year() -> None:
    assert improvement(F(45), F(42)) == F(300, 45) and improvement(None, F(42)) is None and improvement(F(0), F(1)) is None


def test_later_values_are_scored_against_frozen_references() -> None:
    before = [town("1", {"1": 0}), town("2", {"1": 100})]
    frozen = references(scheme(), [one.values for one in before])
    plain = {key: Reference.from_plain(found.plain()) for key, found in frozen.items()}
    assert plain == frozen
    after = score(scheme(), [town("1", {"1": 0}), town("2", {"1": 1000}), town("3", {"1": 50})], Method.MINMAX, plain)
    assert [after.town(c).cells["1"].shown_score for c in "123"] == [Decimal("0.00"), Decimal("100.00"), Decimal("50.00")]  # type: ignore[union-attr]


def test_a_locked_scheme_is_read_back_exactly() -> None:
    assert Scheme.from_plain(scheme().plain()) == scheme()


def test_targets_are_refused_when_one_is_lacking() -> None:
    with pytest.raises(Invalid, match="第 1、2、3"):
        score(scheme(), [town("1")], Method.TARGET)
    assert Method.TARGET not in scheme().methods


def test_numbers_in_sentences() -> None:
    assert [said(F(n)) for n in ("0", "-3.5", "2/3", "1234.5678", "0.00001", "7")] == ["0", "－3.5", "≈0.6667", "1234.5678", "≈0", "7"]


def test_speed_of_136_towns() -> None:
    """One method within 20 ms, all methods and stability within 500 ms of processor time: other work on the machine does not count."""
    towns = [
        town(f"{n:03}", {item.key: F((n * (place + 7) * 7919) % (9 if place % 3 else 9973), 1 if place % 3 else 7) for place, item in enumerate(scheme().items)})
        for n in range(136)
    ]
    one = min(_seconds(lambda: score(scheme(), towns)) for _ in range(5))
    whole = min(_seconds(lambda: ([score(scheme(), towns, m) for m in scheme().methods], stability(scheme(), towns))) for _ in range(3))
    assert (one < 0.020, whole < 0.500) == (True, True), (one, whole)


def _seconds(work: Any) -> float:
    start = process_time()
    work()
    return process_time() - start
