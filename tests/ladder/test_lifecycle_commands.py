"""``flask lifecycle``: one JSON object a line, all cities or one, by the policy of that city; impossible words are answered in Chinese."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from app.infra import city, clock
from app.infra.db import db
from tests.factories import ladder as make


@pytest.fixture
def world(app: Flask) -> Flask:
    clock.freeze(datetime(2026, 3, 2, 2, tzinfo=UTC))
    city.forget()
    for town, name in (("371502001", "聊城到期有限公司"), ("370602001", "烟台到期有限公司")):
        firm = make.firm(make.area(town), name=name)
        make.recognition(firm, "srdi", level="province", valid_to=date(2026, 6, 30))
        make.recognition(firm, "gazelle", level="province", valid_to=date(2026, 1, 31))
    db.session.commit()
    return app


def said(app: Flask, *words: str, code: int = 0) -> list[dict[str, Any]]:
    answer = app.test_cli_runner().invoke(args=["lifecycle", *words])
    assert answer.exit_code == code, answer.output
    return [json.loads(line) for line in answer.output.splitlines()] if code == 0 else [{"text": answer.output}]


def test_what_runs_out_and_what_lapsed(world: Flask) -> None:
    assert sorted(row["name"] for row in said(world, "expiring", "--days", "180")) == ["烟台到期有限公司", "聊城到期有限公司"]
    assert [row["name"] for row in said(world, "expiring", "--city", "yantai")] == ["烟台到期有限公司"]
    assert said(world, "expiring", "--days", "90", "--city", "371500") == []
    lapsed = said(world, "expiring", "--lapsed-since", "2026-01-01", "--city", "371500")
    assert [(row["title"], row["valid_to"]) for row in lapsed] == [("gazelle", "2026-01-31")]
    assert said(world, "expiring", "--known-on", "2026-03-01") == []


def test_the_stock_that_is_left(world: Flask) -> None:
    (row,) = said(world, "forecast", "--title", "srdi", "--periods", "2")
    assert row["stock"] == 2 and [period["stock"] for period in row["periods"]][-1] == 2 - sum(period["leaving"] for period in row["periods"])
    (row,) = said(world, "forecast", "--title", "srdi", "--periods", "4", "--city", "yantai")
    assert (row["stock"], row["periods"][-1]["stock"]) == (1, 0)


def test_everything_that_is_due(world: Flask) -> None:
    kinds = {(row["kind"], row["enterprise_id"] is not None) for row in said(world, "due", "--until", "2026-12-31")}
    assert ("title_expires", True) in kinds or any("expires" in kind for kind, _ in kinds)
    everybody, one = said(world, "due"), said(world, "due", "--city", "yantai")
    assert 0 < len(one) < len(everybody)


def test_unknown_words_are_answered(world: Flask) -> None:
    assert "政策包里没有称号 golden_ox" in said(world, "expiring", "--title", "golden_ox", code=1)[0]["text"]
    assert "atlantis" in said(world, "expiring", "--city", "atlantis", code=1)[0]["text"]
