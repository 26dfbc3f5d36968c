"""Measures behind the gap card: every one names a document and clause of the pack, and the linter refuses what does not exist."""

from datetime import date
from typing import Any

import pytest
import yaml

from app.packs import read_pack
from app.packs.lint import lint
from app.packs.lint_criteria import declared_facts
from app.packs.schema import PackContent
from app.workbench.remedies import Remedies

TODAY = date(2026, 6, 1)


def with_remedy(**changes: Any) -> PackContent:
    content = read_pack("liaocheng").content
    row = content.remedies[0].model_copy(update=changes)
    return content.model_copy(update={"remedies": (row, *content.remedies[1:])})


@pytest.mark.parametrize("city", ["liaocheng", "yantai", "yingkou"])
def test_every_measure_names_document_and_clause(city: str) -> None:
    pack = read_pack(city)
    remedies = Remedies(pack, TODAY, declared_facts(pack.content))
    helps = [remedies._help(row) for row in pack.content.remedies]
    assert helps and all(one.measures for one in helps)
    assert all(" " in measure.source and measure.label for one in helps for measure in one.measures)


def test_an_amount_comes_from_the_reward_and_nothing_else() -> None:
    pack = read_pack("liaocheng")
    remedies = Remedies(pack, TODAY, {})
    (scale_up,) = remedies.for_title("scale_up")
    assert [one.amount for one in scale_up.measures] == ["最高 10 万元"] and scale_up.confirmed
    assert not remedies.for_title("unicorn")


@pytest.mark.parametrize("changes", [{"facts": ("no_such_fact",)}, {"actions": ("action99",)}, {"rewards": ("OP-R99",)}, {"titles": ("nobility",)}, {"domains": ("x",)}])
def test_the_linter_names_what_does_not_exist(changes: dict[str, Any]) -> None:
    problems = lint(with_remedy(**changes))
    assert [one.code for one in problems] == ["bad_reference"] and problems[0].file == "remedies.yaml"


@pytest.mark.parametrize("text", ["facts: [rd_expense]", "actions: [action5]", "facts: [rd_expense]\nactions: [action5]\nextra: 1"])
def test_a_remedy_says_both_sides_and_nothing_else(text: str) -> None:
    from app.packs.schema import Remedy

    head = {"code": "x", "label": "x", "document": "d", "clause": "c", "effective_from": TODAY, "confidence": "待核"}
    with pytest.raises(ValueError, match=r"至少|extra|Extra"):
        Remedy.model_validate(head | yaml.safe_load(text))
