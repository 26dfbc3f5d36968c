"""What must hold for any towns and any method."""

import itertools
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction as F
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.indicators.rules.explain import explain
from app.indicators.rules.scheme import ItemKind, Method, ScoredItem
from app.indicators.rules.scoring import Status, TownFacts, Veto, half_up, score
from app.indicators.rules.stability import stability
from tests.indicators.test_scoring_cases import scheme

METHODS = [Method.HYBRID, Method.MINMAX, Method.EFFICACY, Method.RANK]


def _value(item: ScoredItem) -> st.SearchStrategy[Any]:
    if item.kind is ItemKind.COUNT:
        known = st.integers(0, 12).map(F)
    elif item.kind is ItemKind.GRADED:
        known = st.sampled_from([F(30), F(60), F(80), F(100), F(260, 3)])
    else:
        known = st.decimals(-120, 900, places=2).map(F)
    return st.none() | known if item.key in ("3", "20") else known


@st.composite
def rounds(draw: st.DrawFn) -> list[TownFacts]:
    made = []
    for n in range(draw(st.integers(1, 6))):
        values = {item.key: draw(_value(item)) for item in scheme().items}
        away = frozenset(key for key in ("5b", "6b") if draw(st.integers(0, 5)) == 0)
        veto = draw(st.sampled_from([Veto.CLEAR, Veto.CLEAR, Veto.PENDING, Veto.POSITIVE]))
        made.append(TownFacts(f"{n}", {k: v for k, v in values.items() if v is not None and k not in away}, {}, away, veto))
    return made


@settings(max_examples=60, deadline=None)
@given(rounds(), st.sampled_from(METHODS))
def test_scores_stay_between_0_and_100_and_totals_are_the_exact_sum(towns: list[TownFacts], method: Method) -> None:
    for town in score(scheme(), towns, method).towns:
        exact = F(0)
        for key, cell in town.cells.items():
            assert 0 <= F(cell.score, cell.over) <= 100, key
            exact += F(cell.weight, 100) * F(cell.score, cell.over) / 100
            words = explain(scheme(), method, scheme().by_key[key], cell, score(scheme(), towns, method).references.get(key))
            assert cell.raw is None or f"得 {cell.shown_points} 分" in words
        assert sum(cell.weight for cell in town.cells.values()) == 100_00
        expected = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert (town.total is None) == bool(town.missing)
        assert town.total is None or town.total == expected


@settings(max_examples=60, deadline=None)
@given(rounds(), st.sampled_from(METHODS))
def test_better_is_never_worse_and_equal_is_equal(towns: list[TownFacts], method: Method) -> None:
    made = {town.code: town for town in score(scheme(), towns, method).towns}
    for item in scheme().items:
        have = [(town.values[item.key], F(cell.score, cell.over)) for town in towns if (cell := made[town.code].cells[item.key]).raw is not None]
        have.sort(key=lambda pair: -pair[0] if item.inverse else pair[0])
        for (low, less), (high, more) in itertools.pairwise(have):
            assert less <= more and (low != high or less == more), item.key


@settings(max_examples=60, deadline=None)
@given(rounds(), st.randoms())
def test_the_order_of_the_rows_does_not_matter(towns: list[TownFacts], chance: Any) -> None:
    other = list(towns)
    chance.shuffle(other)
    first, second = score(scheme(), towns), score(scheme(), other)
    assert first.references == second.references and first.towns == second.towns


@settings(max_examples=60, deadline=None)
@given(rounds())
def test_ranks_follow_totals_and_a_veto_has_none(towns: list[TownFacts]) -> None:
    made = score(scheme(), towns).towns
    ranked = [town for town in made if town.rank is not None]
    assert [town.rank for town in ranked] == sorted(town.rank for town in ranked if town.rank)
    assert all(a.total >= b.total for a, b in itertools.pairwise(ranked))  # type: ignore[operator]
    assert {town.status for town in ranked} <= {Status.RANKED, Status.PROVISIONAL}
    for town in ranked:
        assert town.rank == 1 + sum((-(o.total or 0), *(-p for p in o.parts)) < (-(town.total or 0), *(-p for p in town.parts)) for o in ranked)


@settings(max_examples=40, deadline=None)
@given(rounds())
def test_the_stable_view_ranks_as_the_methods_do(towns: list[TownFacts]) -> None:
    found = stability(scheme(), towns)
    for method in scheme().methods:
        ranks = {town.code: town.rank for town in score(scheme(), towns, method).towns if town.rank is not None}
        assert ranks == {code: one.methods[method] for code, one in found.items()}
    for code, one in found.items():
        assert one.outlier[0] <= one.methods[scheme().method] <= one.outlier[1], code


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_half_up(number: int, over: int) -> None:
    assert half_up(number, over) == (Decimal(number) / Decimal(over)).quantize(Decimal("0.01"), ROUND_HALF_UP)
