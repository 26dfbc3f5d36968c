"""Flows between two days: every firm on a rung on either day stands in exactly one flow, the sums are the boards', the lists are the numbers."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from flask import Flask

from app.infra import clock
from app.kernel.scope import ALL, Scope
from app.ladder import queries
from app.ladder.queries import NO_FILTERS, Filters
from app.ladder.queries import transitions as flow
from app.ladder.queries.transitions import Between
from app.ladder.rules.transitions import CANCELLED, FOUNDED, MOVED_IN, MOVED_OUT, NO_RUNG, moves
from tests.architecture import raw_counts
from tests.factories import histories
from tests.factories import ladder as make
from tests.factories.histories import TODAY
from tests.pages import PageBrowser

RUNGS = [["scale_up"], ["srdi_city", "srdi", "little_giant"], ["gazelle"]]
FIRST, LAST = date(2023, 12, 31), date(2024, 12, 31)


def between(first: date = FIRST, last: date = LAST, known_on: date | None = None, start: Filters = NO_FILTERS, end: Filters = NO_FILTERS) -> Between:
    return Between(first, last, known_on, start, end)


@pytest.fixture
def world(prepared: Callable[..., None]) -> Random:
    clock.freeze(histories.NOW)
    prepared(histories.fill, 7)
    return Random(7)


def test_nobody_on_the_ladder_is_no_flow(app: Flask) -> None:
    make.firm(make.area("371502001"))
    assert flow.flows(ALL, RUNGS, between()) == {}


def test_every_way_a_firm_can_go(app: Flask) -> None:
    """Up, down, stay, onto the ladder, off it by expiry, by cancellation, by moving away; in by moving and by being founded."""
    here, there = make.area("371502001"), make.area("371581107")
    firms = {name: make.firm(here, name=f"{name}有限公司") for name in ("升级", "降级", "不动", "上梯", "到期", "注销", "迁出")}
    early, late = {"valid_from": date(2022, 1, 1), "valid_to": date(2024, 6, 30)}, {"valid_from": date(2024, 3, 1), "valid_to": date(2027, 2, 28)}
    lasting = {"valid_from": date(2022, 1, 1), "valid_to": date(2026, 12, 31)}
    make.recognition(firms["升级"], "scale_up", **lasting)
    make.recognition(firms["升级"], "srdi", **late)
    make.recognition(firms["降级"], "gazelle", **early)
    make.recognition(firms["降级"], "srdi", **lasting)
    make.recognition(firms["不动"], "srdi", **lasting)
    make.recognition(firms["上梯"], "srdi", **late)
    make.recognition(firms["到期"], "srdi", **early)
    make.recognition(firms["注销"], "srdi", **lasting)
    make.cancelled(firms["注销"], date(2024, 5, 1))
    make.recognition(firms["迁出"], "srdi", **lasting)
    make.move(firms["迁出"], there, date(2024, 5, 1))
    mover, young = make.firm(there, name="迁入有限公司"), make.firm(here, name="新办有限公司", since=date(2024, 2, 1))
    make.recognition(mover, "gazelle", **lasting)
    make.move(mover, here, date(2024, 5, 1))
    make.recognition(young, "gazelle", **late)
    found = flow.flows(Scope(unit_ids=frozenset({make.unit_of(here)})), RUNGS, between())
    assert found == {
        (0, 1): 1, (2, 1): 1, (1, 1): 1, (NO_RUNG, 1): 1, (1, NO_RUNG): 1, (1, CANCELLED): 1, (1, MOVED_OUT): 1, (MOVED_IN, 2): 1, (FOUNDED, 2): 1,
    }
    said = moves(found)
    assert (said.up, said.down, said.stayed, said.entered, said.left) == (1, 1, 1, 3, 3)


@pytest.mark.parametrize("known_on", [None, date(2024, 6, 30)])
@pytest.mark.parametrize(("first", "last"), [(FIRST, LAST), (date(2022, 12, 31), TODAY), (date(2024, 6, 30), date(2024, 7, 1))])
def test_the_sums_are_the_boards_of_both_days(world: Random, first: date, last: date, known_on: date | None) -> None:
    found = flow.flows(ALL, RUNGS, between(first, last, known_on))
    for side, day in ((0, first), (1, last)):
        sums: Counter[int] = Counter()
        for pair, count in found.items():
            sums[pair[side]] += count
        board = {place: sum(towns.values()) for place, towns in raw_counts.rungs(RUNGS, day, known_on).items()}
        assert {place: sums[place] for place in range(len(RUNGS))} == board


def test_every_number_opens_exactly_its_enterprises(world: Random) -> None:
    for scope in (ALL, Scope(unit_ids=frozenset({make.area("371502").id})), Scope(town_ids=frozenset({make.area("371502001").id}))):
        question = between(date(2023, 6, 30), TODAY)
        seen: list[int] = []
        for pair, count in flow.flows(scope, RUNGS, question).items():
            page = flow.flow_page(flow.flow_statement(scope, RUNGS, question, frozenset({pair[0]}), frozenset({pair[1]})), count, None, 200)
            assert len(page.rows) == count and {(row.origin, row.goal) for row in page.rows} == {pair}
            seen += [row.enterprise_id for row in page.rows]
        assert len(seen) == len(set(seen))


def test_places_of_each_day_are_the_towns_of_that_day(world: Random) -> None:
    unit = make.area("371502")
    def of(day: date) -> Filters:
        return Filters(frozenset(p.town_id for p in queries.places(day).values() if p.unit_id == unit.id))
    narrowed = flow.flows(ALL, RUNGS, between(FIRST, LAST, None, of(FIRST), of(LAST)))
    assert narrowed == flow.flows(Scope(unit_ids=frozenset({unit.id})), RUNGS, between())


def test_the_page_says_what_to_do_when_there_is_nothing(pages: Callable[[str], PageBrowser]) -> None:
    page = pages("bureau").get("/ladder/transitions", statements=16)
    assert "两个日期都没有企业在这个梯度上" in page.text


def test_numbers_of_the_page_lead_to_their_lists(world: Random, pages: Callable[[str], PageBrowser]) -> None:
    for name in ("bureau", "county"):
        browser = pages(name)
        for ladder in ("yumiao", "opinions", "technology", "national"):
            page = browser.get(f"/ladder/transitions?ladder={ladder}&since=2023-06-30&as_of=2025-12-31&industry=C", statements=18)
            links = [e for e in page.all("a") if "/transitions/firms" in e.attributes.get("href", "")]
            for element in links[:6]:
                target = browser.get(element.attributes["href"], statements=18)
                assert f"{element.text.strip()} 家" in target.text
            assert links or "没有企业在这个梯度上" in page.text


@pytest.mark.parametrize(("query", "said"), [
    ("since=2024-12-31&as_of=2024-12-31", "应早于截止日"), ("since=2030-01-01", "应早于截止日"), ("since=x", "日期应写成"), ("known_on=2999-01-01", "不能晚于今天|日期应写成"),
])
def test_days_in_the_wrong_order_get_words(app: Flask, pages: Callable[[str], PageBrowser], query: str, said: str) -> None:
    page = pages("bureau").get(f"/ladder/transitions?{query}", status=422)
    assert any(part in page.text for part in said.split("|"))


def test_a_state_nobody_knows_is_not_found(app: Flask, pages: Callable[[str], PageBrowser]) -> None:
    assert "梯度里没有这一层" in pages("bureau").get("/ladder/transitions/firms?out=nonsense", status=404).text
