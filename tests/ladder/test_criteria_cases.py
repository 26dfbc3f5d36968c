"""The cases of tests/ladder/cases, each a situation an official can read; and that every edge of every rule has its pair of cases."""

import pytest

from app.packs.lint_cases import lint_cases
from tests.ladder.criteria_cases import CASES, CriteriaCase, cases, pack, problems

ALL = list(cases())


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_case(case: CriteriaCase) -> None:
    assert problems(case) == []


def test_there_are_enough_cases_written_by_hand_and_made() -> None:
    made = [case for case in ALL if "edge" in case.data]
    assert len(ALL) >= 300
    assert len(ALL) - len(made) >= 100


@pytest.mark.parametrize("city", ["liaocheng", "yantai", "yingkou"])
def test_every_edge_has_a_case_on_both_sides(city: str) -> None:
    assert [str(problem) for problem in lint_cases(pack(city).content, CASES)] == []
