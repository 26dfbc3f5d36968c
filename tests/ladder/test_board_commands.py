"""``flask board`` answers like the pages."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.infra import clock
from tests.architecture import raw_counts
from tests.factories import histories
from tests.factories.histories import TODAY


@pytest.fixture
def run(app: Flask, prepared: Callable[..., None]) -> Iterator[Any]:
    clock.freeze(histories.NOW)
    prepared(histories.fill, 6)

    def go(*arguments: str) -> Any:
        return app.test_cli_runner().invoke(args=["board", *arguments])

    yield go


def test_flows_and_medians(run: Any) -> None:
    answer = json.loads(run("transitions", "--since", "2023-12-31", "--as-of", "2024-12-31", "--json").output)
    assert answer["ladder"] == "yumiao" and sum(row["count"] for row in answer["flows"]) > 0
    assert "→" in run("transitions", "--since", "2023-12-31", "--ladder", "technology").output
    found = json.loads(run("durations", "--json").output)
    assert found["min_sample"] == 5 and all(row["median_months"] is None for row in found["durations"] if row["count"] < 5)


def test_the_explanation_adds_up(run: Any) -> None:
    answer = json.loads(run("explain", "--title", "srdi", "--before-as-of", "2023-12-31", "--before-known-on", "2024-06-30", "--json").output)
    towns = {id_ for code, id_ in raw_counts.town_codes().items() if code.startswith("3715")}
    assert answer["after"] == sum(n for town, n in raw_counts.stock(("srdi",), TODAY).items() if town in towns)
    assert answer["after"] - answer["before"] == sum(r["came"] - r["left"] for r in answer["reasons"])
    assert len(answer["enterprises"]) == sum(r["came"] + r["left"] for r in answer["reasons"])
    assert "相差" in run("explain", "--rung", "srdi", "--before-as-of", "2023-12-31").output


@pytest.mark.parametrize("arguments", [
    ("transitions", "--since", "2999-01-01"), ("transitions", "--since", "2023-12-31", "--ladder", "nonsense"),
    ("explain", "--title", "nonsense", "--before-as-of", "2023-12-31"), ("explain", "--before-as-of", "2023-12-31"), ("transitions", "--since", "yesterday"),
])
def test_questions_that_make_no_sense_are_refused(run: Any, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code != 0 and "Traceback" not in result.output and ("Error" in result.output)
