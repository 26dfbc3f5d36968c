"""Targets of the pack against the register and entered values: by page, command and day."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.areas.models import Area
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.kernel.scope import ALL
from app.policies.queries import CityPack, packs_by_city
from app.targets import actions, queries
from app.targets.models import TargetValue
from app.targets.queries import Line
from tests.architecture import raw_counts
from tests.factories import histories
from tests.pages import PageBrowser

Pages = Callable[[str], PageBrowser]
OFFICER = Actor(1, "李科长")
DAYS = (date(2022, 6, 30), date(2023, 12, 31), date(2025, 3, 1))


@pytest.fixture
def city(app: Flask) -> CityPack:
    return next(one for one in packs_by_city() if one.code == "371500")


def line(city: CityPack, code: str, day: date, known_on: date | None = None) -> Line:
    return queries.find_line(city, code, day, known_on)


def enter(city: CityPack, code: str, day: date, value: str, source: str = "市统计局") -> TargetValue:
    metric = line(city, code, clock.today()).metric
    assert metric is not None
    return actions.enter_value(city=city, metric=metric, on_day=day, value=Decimal(value), state=None, source=source, evidence="", by=OFFICER)


@pytest.mark.parametrize("known_on", [None, date(2024, 6, 30)])
def test_every_counted_target_equals_raw_counts(prepared: Callable[..., None], city: CityPack, known_on: date | None) -> None:
    clock.freeze(histories.NOW)
    prepared(histories.fill, 5)
    towns = set(db.session.scalars(select(Area.id).where(Area.city_id == city.id)))
    seen = 0
    for day in DAYS:
        for one in queries.lines(city, day, known_on):
            if one.ask is None or one.ask.window is not None:
                continue
            raw = (raw_counts.stock if one.ask.kind.value == "stock" else raw_counts.cumulative)(one.ask.titles, day, known_on)
            assert one.fact.value == sum(count for town, count in raw.items() if town in towns), (one.target.code, day)
            seen += bool(one.fact.value)
    assert seen > 5


def test_a_number_opens_exactly_its_enterprises(prepared: Callable[..., None], city: CityPack, pages: Pages) -> None:
    clock.freeze(histories.NOW)
    prepared(histories.fill, 5)
    for one in queries.lines(city, date(2023, 6, 30)):
        for kind, ask in one.by_kind.items():
            count = queries.counts(city.id, [ask], None)[ask]
            assert queries.members(ALL, city.id, ask, None, None, 200).total == count, (one.target.code, kind)
    said = line(city, "OP-T04", date(2023, 6, 30))
    page = pages("bureau").get("/targets/OP-T04/enterprises?as_of=2023-06-30")
    assert f"{said.fact.value} 家" in page.text


def test_a_new_in_period_window_stays_after_its_end(city: CityPack) -> None:
    late = line(city, "YM-T03", date(2026, 1, 1)).ask
    assert late is not None and late.window == (2021, 2023)
    early = line(city, "YM-T03", date(2022, 5, 1)).ask
    assert early is not None and early.window == (2021, 2023)


def test_entered_values_hold_from_their_day_until_the_next_one(city: CityPack) -> None:
    enter(city, "ST-T01", date(2023, 12, 31), "76.2")
    enter(city, "ST-T01", date(2024, 12, 31), "88")
    assert line(city, "ST-T01", date(2023, 12, 30)).progress.status == "unknown"
    assert line(city, "ST-T01", date(2024, 6, 1)).fact.value == Decimal("76.2")
    assert line(city, "ST-T01", date(2025, 1, 1)).fact.value == 88


def test_a_per_year_target_is_asked_year_by_year(city: CityPack) -> None:
    enter(city, "OP-T14", date(2023, 12, 31), "120")
    enter(city, "OP-T14", date(2024, 12, 31), "60")
    said = line(city, "OP-T14", date(2025, 2, 1))
    assert [(one.year, one.value, one.reached) for one in said.years] == [(2022, None, None), (2023, 120, True), (2024, 60, False), (2025, None, None)]
    assert said.progress.status == "unknown" and line(city, "OP-T14", date(2023, 12, 31)).progress.status == "reached"


def test_a_correction_keeps_what_was_known(city: CityPack) -> None:
    first = clock.now().replace(year=2024, month=1, day=5)
    clock.freeze(first)
    enter(city, "ST-T01", date(2023, 12, 31), "70")
    clock.freeze(first.replace(month=3))
    enter(city, "ST-T01", date(2023, 12, 31), "71")
    db.session.commit()
    assert line(city, "ST-T01", date(2023, 12, 31)).fact.value == 71
    assert line(city, "ST-T01", date(2023, 12, 31), date(2024, 2, 1)).fact.value == 70
    enter(city, "ST-T01", date(2023, 12, 31), "71")
    assert db.session.scalar(select(func.count()).select_from(TargetValue)) == 2, "the same again is no new version"


@pytest.mark.parametrize(
    ("code", "day", "value", "error"),
    [
        ("ST-T01", date(2099, 1, 1), "1", "day_future"), ("ST-T01", date(2023, 12, 31), "-1", "value_invalid"),
        ("ST-T01", date(2023, 12, 31), "1.23456", "value_invalid"), ("ST-T01", date(2023, 12, 31), "NaN", "value_invalid"),
        ("ST-T02", date(2023, 12, 31), "5", "metric_counted"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(city: CityPack, code: str, day: date, value: str, error: str) -> None:
    with pytest.raises(Invalid) as refused:
        enter(city, code, day, value)
    assert refused.value.code == error


def test_the_officer_enters_a_value_and_an_error_loses_nothing(city: CityPack, pages: Pages) -> None:
    browser = pages("bureau")
    kept = browser.post("/targets/ST-T01/value", {"on_day": "2023-12-31", "value": "", "source": "市市场监管局年报", "evidence": "第 3 页"}, status=422)
    assert "请填写数值" in kept.text and "市市场监管局年报" in kept.html and "第 3 页" in kept.html
    browser.post("/targets/ST-T01/value", {"on_day": "2023-12-31", "value": "76.5", "source": "市市场监管局年报", "evidence": ""}, status=303)
    page = browser.get("/targets/ST-T01?as_of=2024-01-01")
    assert "76.5" in page.text and "市市场监管局年报" in page.text


def test_a_county_sees_the_city_number_without_its_rows(city: CityPack, pages: Pages) -> None:
    page = pages("county").get("/targets/")
    assert "省级以上专精特新企业" in page.text and not [link for link in page.links if "/enterprises" in link and link.startswith("/targets")]
    pages("county").get("/targets/OP-T04/enterprises", status=404)
    pages("county").get("/targets/ST-T01/value", status=403)


def test_the_command_says_the_same(app: Flask, city: CityPack) -> None:
    enter(city, "ST-T01", date(2023, 12, 31), "76.2")
    db.session.commit()
    done: Any = app.test_cli_runner().invoke(args=["targets", "progress", "--as-of", "2024-06-01", "--json"])
    said = json.loads(done.stdout)
    found = {one["code"]: one for one in said["targets"]}
    assert said["as_of"] == "2024-06-01" and len(found) == len(queries.lines(city, date(2024, 6, 1)))
    assert (found["ST-T01"]["actual"], found["ST-T01"]["source"], found["ST-T01"]["entered_on"]) == ("76.2", "entered", "2023-12-31")
    assert found["OP-T04"]["source"] == "register" and found["OP-T04"]["actual"] == "0" and found["ST-T03"]["governing"] is True
    assert app.test_cli_runner().invoke(args=["targets", "progress", "--city", "nowhere"]).exit_code == 2
