"""The published example is what the second calculation says, and the engine says the same: every score, point, total, rank, by every method."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from app.indicators.rules.explain import sentence
from app.indicators.rules.scheme import Method, Scheme, scheme_of
from app.indicators.rules.scoring import Outcome, TownFacts, Veto, panel, score
from app.packs import read_pack
from tests.indicators import by_hand

PAGE = Path(__file__).parents[2] / "docs" / "manual" / "scoring-example.md"


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    pack = read_pack("liaocheng")
    made = scheme_of(pack.scoring_schemes()[0], pack.indicators())
    items = tuple(replace(item, target=Fraction(by_hand.TARGETS[item.key]) if item.key in by_hand.TARGETS else None) for item in made.items)
    return replace(made, items=items)


def outcome(scheme: Scheme, method: Method) -> Outcome:
    towns = []
    for place, code in enumerate(by_hand.CODES):
        values, away = {}, set()
        for key in by_hand.WEIGHTS:
            text = (by_hand.MARKS if key in by_hand.MARKS else by_hand.VALUES)[key].split()[place]
            if text == "不适用":
                away.add(key)
            elif text != "缺":
                mean = panel(scheme, text) if key in by_hand.MARKS else Fraction(text)
                assert mean is not None
                values[key] = mean
        veto = Veto.POSITIVE if by_hand.TOWNS[place] in by_hand.VETO else Veto.CLEAR
        towns.append(TownFacts(code, values, not_applicable=frozenset(away), veto=veto))
    return score(scheme, towns, method)


def test_the_published_page_is_the_second_calculation() -> None:
    assert PAGE.read_text(encoding="utf-8") == "\n".join(by_hand.page()) + "\n"


def test_weights_are_those_of_the_annex(scheme: Scheme) -> None:
    assert {item.key: Fraction(item.weight, 100) for item in scheme.items} == by_hand.WEIGHTS
    assert sum(item.weight for item in scheme.items) == 100_00


@pytest.mark.parametrize("method", list(Method))
def test_the_engine_equals_the_calculation_by_hand(scheme: Scheme, method: Method) -> None:
    made = outcome(scheme, method)
    totals, ranks = by_hand.totals(method.value), by_hand.ranks(method.value)
    for place, code in enumerate(by_hand.CODES):
        town, own = made.town(code), by_hand.weights(place)
        assert town is not None
        for key in by_hand.WEIGHTS:
            exact, cell = by_hand.scored(method.value, key)[place], town.cells[key]
            if exact is None:
                assert cell.raw is None, (code, key)
                continue
            assert Fraction(cell.score, cell.over) == exact, (code, key)
            assert (str(cell.shown_score), str(cell.shown_points)) == (by_hand.cents(exact), by_hand.cents(exact * own[key] / 100)), (code, key)
            assert f"得 {cell.shown_points} 分" in sentence(made, code, key) and str(cell.shown_score) in sentence(made, code, key)
        total = totals[place]
        assert (None if town.total is None else str(town.total)) == (None if total is None else by_hand.cents(total)), code
        assert town.rank == ranks[place], code


def test_references_equal_the_table(scheme: Scheme) -> None:
    found = outcome(scheme, Method.HYBRID).references
    for key in by_hand.VALUES:
        ordered = by_hand.known(key)
        said = (found[key].n, found[key].minimum, found[key].maximum, found[key].low, found[key].high, found[key].count)
        assert said == (len(ordered), ordered[0], ordered[-1], *(by_hand.percentile(key, p) for p in (5, 95, 90))), key
