"""The three counts and the computed rung, case by case (cases_counts.yaml is written for readers in the bureau)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.kernel.level import Level
from app.ladder.rules import (
    CountKind,
    Grant,
    Metric,
    State,
    StepState,
    any_level,
    at_least,
    at_or_above,
    counts,
    exactly,
    highest_rung,
    steps,
)

CASES = yaml.safe_load(Path(__file__).with_name("cases_counts.yaml").read_text(encoding="utf-8"))
KINDS = {"存量": CountKind.STOCK, "新增": CountKind.NEW, "累计": CountKind.CUMULATIVE}


def _yes(word: Any) -> bool:
    return word in ("是", True)


def _grant(words: dict[str, Any]) -> Grant:
    return Grant(
        words["称号"], words.get("级别", ""), words.get("批次", 0), words.get("公布"), words.get("起"), words.get("止"),
        _yes(words.get("长期")), words.get("撤销"), _yes(words.get("作废")),
    )


def _metric(case: dict[str, Any]) -> Metric:
    titles = case.get("称号组") or list(dict.fromkeys(g["称号"] for g in case["认定"])) or ["srdi"]
    if "最低级别" in case:
        return Metric(tuple(at_least(title, Level(case["最低级别"])) for title in titles))
    return any_level(*titles)


@pytest.mark.parametrize("case", CASES, ids=[case["案例"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    grants = [_grant(words) for words in case["认定"]]
    window = tuple(case["年度"]) if "年度" in case else None
    said = {
        word: counts(grants, _metric(case), kind, case["日期"], window=window, cancelled_on=case.get("企业注销")) for word, kind in KINDS.items()
    }
    assert said == {word: _yes(answer) for word, answer in case["结果"].items()}


def test_every_state_has_its_words() -> None:
    day = date(2024, 1, 1)
    start = date(2023, 1, 1)
    found = {
        Grant("srdi", voided=True).state(day), Grant("srdi").state(day), Grant("srdi", valid_from=date(2025, 1, 1)).state(day),
        Grant("srdi", valid_from=start, valid_to=day, revoked_on=day).state(day), Grant("srdi", valid_from=start).state(day),
        Grant("srdi", valid_from=start, valid_to=date(2023, 12, 31)).state(day), Grant("srdi", valid_from=start, valid_to=day).state(day),
    }
    assert found == set(State)
    assert all(state.label for state in State)


def test_minimum_level_includes_the_higher_ones_and_a_blank_only_by_default() -> None:
    part = at_least("green_factory", Level.CITY)
    assert [level for level in ("", "county", "city", "province", "nation") if part.matches("green_factory", level)] == ["city", "province", "nation"]
    assert at_least("srdi", Level.PROVINCE, allowed=[Level.PROVINCE]).matches("srdi", "")
    assert at_least("gazelle", Level.CITY, allowed=[Level.PROVINCE, Level.CITY], default=Level.PROVINCE).matches("gazelle", "")
    assert not at_least("srdi_city", Level.PROVINCE, allowed=[Level.CITY]).matches("srdi_city", "")


def test_exact_level_leaves_the_others_out() -> None:
    part = exactly("green_factory", Level.PROVINCE)
    assert part.matches("green_factory", "province") and not part.matches("green_factory", "nation") and not part.matches("green_factory", "")


def test_pairs_name_every_stored_level() -> None:
    assert any_level("srdi").pairs() == [("srdi", level) for level in ("", "county", "city", "province", "nation")]


RUNGS = [{"scale_up"}, {"srdi_city", "srdi", "little_giant"}, {"gazelle"}, {"single_champion"}, {"unicorn"}]


@pytest.mark.parametrize(("held", "rung"), [
    (set(), None), ({"high_tech"}, None), ({"scale_up"}, 0), ({"srdi", "little_giant"}, 1), ({"gazelle", "single_champion"}, 3), ({"unicorn"}, 4),
])
def test_the_highest_held_title_is_the_rung(held: set[str], rung: int | None) -> None:
    assert highest_rung(RUNGS, held) == rung


def test_stepper_shows_skipped_rungs_hollow() -> None:
    assert steps(RUNGS, {"scale_up", "gazelle"}) == [StepState.HELD, StepState.SKIPPED, StepState.HELD, StepState.NEXT, StepState.AHEAD]
    assert steps(RUNGS, set()) == [StepState.NEXT, *[StepState.AHEAD] * 4]
    assert steps(RUNGS, {"unicorn"})[-1] is StepState.HELD


def test_funnel_counts_a_rung_and_everything_above() -> None:
    assert at_or_above({0: 5, 1: 3, 3: 2}, 5) == [10, 5, 2, 2, 0]
    assert at_or_above({}, 3) == [0, 0, 0]
