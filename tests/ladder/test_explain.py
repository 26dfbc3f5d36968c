"""Why 76 became 79: the enterprises that came in and left, one reason each; the reasons add up to the difference of two independent counts."""

import io
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from flask import Flask
from python_calamine import load_workbook

from app.areas import actions as areas
from app.enterprises import actions as enterprises
from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL, Scope
from app.ladder import actions, queries
from app.ladder.queries import NO_FILTERS, Filters
from app.ladder.queries import explain as why
from app.ladder.queries.explain import Change, RungCount, Side, TitleCount
from app.ladder.rules import CountKind, Draft, any_level
from app.ladder.rules.explain import Reason, sums
from app.policies import models as policies
from tests.architecture import raw_counts
from tests.factories import histories
from tests.factories import ladder as make
from tests.factories.histories import TODAY
from tests.pages import PageBrowser
from tests.personas import Browser

Pages = Callable[[str], PageBrowser]

SRDI = TitleCount(any_level("srdi"), CountKind.STOCK)
RUNGS = (frozenset({"scale_up"}), frozenset({"srdi_city", "srdi", "little_giant"}), frozenset({"gazelle"}))
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def at(day: date, hour: int = 2) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def side(day: date, known_on: date | None = None, count: Any = SRDI, filters: Filters = NO_FILTERS) -> Side:
    return Side(count, day, known_on, filters, why.counted_towns(ALL, day, known_on, filters))


def compared(start: Side, goal: Side, scope: Scope = ALL) -> list[Change]:
    if scope != ALL:
        start, goal = (replace(one, towns=why.counted_towns(scope, one.day, one.known_on, one.filters)) for one in (start, goal))
    between = why.counted_towns(scope, start.day, goal.known_on, start.filters)
    found = why.changes(scope, start, goal, between)
    difference = why.total(scope, goal) - why.total(scope, start)
    assert difference == sum(1 if change.came else -1 for change in found)
    return found


def reasons(found: list[Change]) -> list[tuple[str, bool]]:
    return sorted((change.cause.reason.value, change.came) for change in found)


# --- random worlds: nothing is left unexplained and the sums are those of plain SQL


@pytest.fixture(params=[11, 12])
def world(prepared: Callable[..., None], request: pytest.FixtureRequest) -> Random:
    clock.freeze(histories.NOW)
    prepared(histories.fill, request.param)
    return Random(request.param)


DAYS = [TODAY, date(2022, 12, 31), date(2023, 12, 31), date(2024, 6, 30), date(2024, 7, 1), date(2025, 3, 1), date(2025, 12, 31)]
KNOWN = [None, None, date(2022, 12, 31), date(2023, 12, 31), date(2024, 12, 31), date(2025, 6, 30)]


def test_the_reasons_add_up_to_the_difference_of_plain_counts(world: Random) -> None:
    seen: Counter[Reason] = Counter()
    for _ in range(40):
        (day_a, day_b), (known_a, known_b) = world.sample(DAYS, 2), (world.choice(KNOWN), world.choice(KNOWN))
        titles = tuple(world.sample(histories.TITLES, world.choice([1, 1, 2, 17])))
        kind, window = world.choice(list(CountKind)), (world.choice([2022, 2023, 2024]),) * 2
        count = TitleCount(any_level(*titles), kind, window)
        found = compared(side(day_a, known_a, count), side(day_b, known_b, count))
        plain = {
            CountKind.STOCK: lambda day, known, t=titles: raw_counts.stock(t, day, known),
            CountKind.CUMULATIVE: lambda day, known, t=titles: raw_counts.cumulative(t, day, known),
            CountKind.NEW: lambda day, known, t=titles, y=window[0]: raw_counts.new(t, day, y, known),
        }[kind]
        by_reason = sums((change.cause.reason, change.came) for change in found)
        assert sum(came - left for came, left in by_reason.values()) == sum(plain(day_b, known_b).values()) - sum(plain(day_a, known_a).values())
        seen.update(change.cause.reason for change in found)
        assert Reason.OTHER not in seen, [c for c in found if c.cause.reason is Reason.OTHER][:2]
    assert {Reason.LATE, Reason.GRANTED} <= set(seen)


def test_rungs_of_counties_are_explained_too(world: Random) -> None:
    seen: Counter[Reason] = Counter()
    units = {code: make.area(code).id for code in ("371502", "3715Z1", "3715Z3", "371522")}
    for _ in range(40):
        (day_a, day_b), (known_a, known_b) = world.sample(DAYS, 2), (world.choice(KNOWN), world.choice(KNOWN))
        unit = world.choice(list(units.values()))
        place, above = world.randrange(3), world.random() < 0.4
        count = RungCount(RUNGS, place, above)

        def of(day: date, known_on: date | None, unit: int = unit) -> Filters:
            return Filters(frozenset(p.town_id for p in queries.places(day, known_on).values() if p.unit_id == unit))

        start, goal = side(day_a, known_a, count, of(day_a, known_a)), side(day_b, known_b, count, of(day_b, known_b))
        found = why.changes(ALL, start, goal, why.counted_towns(ALL, day_a, known_b, of(day_a, known_b)))
        numbers = []
        for day, known_on in ((day_a, known_a), (day_b, known_b)):
            rungs, towns = raw_counts.rungs(RUNGS, day, known_on), of(day, known_on).town_ids or frozenset()
            shown = [p for p in rungs if p == place or (above and p > place)]
            numbers.append(sum(n for p in shown for town, n in rungs[p].items() if town in towns))
        assert sum(1 if change.came else -1 for change in found) == numbers[1] - numbers[0]
        seen.update(change.cause.reason for change in found)
        assert Reason.OTHER not in seen
    assert {Reason.UNIT, Reason.MOVED} & set(seen)


# --- every reason once, through the actions people use


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    clock.freeze(at(MONDAY))
    row = make.firm(make.area("371502001"), name="试验有限公司", recorded_at=at(date(2020, 1, 1)))
    db.session.commit()
    return row


def granted(firm: Enterprise, title: str = "srdi", **more: Any) -> Any:
    level = {"srdi": "province", "scale_up": "", "gazelle": "province", "little_giant": "nation"}[title]
    values = {"batch_year": 2023, "valid_from": date(2023, 7, 1), "valid_to": date(2026, 6, 30)} | more
    return actions.grant(enterprise=firm, draft=Draft(title, level, **values), by=SYSTEM)


def knowledge(day: date = TUESDAY) -> list[Change]:
    """What happened between the end of Monday and now, the day standing still."""
    return compared(side(day, MONDAY), side(day))


def test_a_late_entry(firm: Enterprise) -> None:
    clock.freeze(at(TUESDAY))
    granted(firm)
    assert reasons(knowledge()) == [("late", True)]


def test_a_correction_brings_in_and_takes_out(firm: Enterprise) -> None:
    row = granted(firm)
    clock.freeze(at(TUESDAY))
    actions.correct(recognition=row, enterprise=firm, draft=Draft("srdi", "province", 2023, valid_from=date(2023, 7, 1), valid_to=date(2025, 6, 30)), by=SYSTEM)
    assert reasons(knowledge()) == [("corrected", False)]
    assert reasons(compared(side(TUESDAY), side(TUESDAY, MONDAY))) == [("corrected", True)]


def test_a_void_and_a_late_revocation(firm: Enterprise) -> None:
    row = granted(firm)
    clock.freeze(at(TUESDAY))
    row = actions.revoke(recognition=row, enterprise=firm, on=date(2026, 1, 1), reason="鲁工信〔2026〕1号", by=SYSTEM)
    assert reasons(knowledge()) == [("revoked", False)]
    actions.void(recognition=row, enterprise=firm, reason="登记有误", by=SYSTEM)
    assert reasons(knowledge()) == [("voided", False)]


def test_a_new_grant_an_expiry_and_a_second_grant(firm: Enterprise) -> None:
    granted(firm, valid_to=date(2024, 6, 30))
    granted(firm, batch_year=2025, valid_from=date(2025, 7, 1), valid_to=date(2028, 6, 30))
    assert reasons(compared(side(date(2023, 6, 30)), side(date(2023, 7, 1)))) == [("granted", True)]
    assert reasons(compared(side(date(2024, 6, 30)), side(date(2024, 7, 1)))) == [("expired", False)]
    assert reasons(compared(side(date(2025, 6, 30)), side(date(2025, 7, 1)))) == [("again", True)]
    assert reasons(compared(side(date(2024, 7, 1)), side(date(2024, 6, 30)))) == [("expired", True)]


def test_a_revocation_between_the_days(firm: Enterprise) -> None:
    row = granted(firm)
    actions.revoke(recognition=row, enterprise=firm, on=date(2025, 1, 1), reason="鲁工信〔2025〕1号", by=SYSTEM)
    found = compared(side(date(2024, 12, 31)), side(date(2025, 1, 1)))
    assert reasons(found) == [("revoked", False)] and found[0].cause.on == date(2025, 1, 1)


def test_a_cancellation(firm: Enterprise) -> None:
    granted(firm)
    make.cancelled(firm, date(2025, 1, 1))
    assert reasons(compared(side(date(2024, 12, 31)), side(date(2025, 1, 1)))) == [("cancelled", False)]


def test_a_move_and_a_change_of_the_managing_unit(firm: Enterprise) -> None:
    granted(firm)
    here, there = make.area("371502001"), make.area("371502002")
    town = Filters(frozenset({here.id}))
    enterprises.set_town(scope=ALL, enterprise_id=firm.id, town_id=there.id, since=date(2024, 6, 1), version=firm.version, by=SYSTEM)
    found = compared(side(date(2024, 5, 31), filters=town), side(date(2024, 6, 1), filters=town))
    assert reasons(found) == [("moved", False)] and found[0].cause.towns == (here.id, there.id)
    areas.move_town(there, unit_id=make.area("3715Z3").id, since=date(2025, 1, 1), document="聊政字〔2024〕8号", confirmed=True, version=None, by=SYSTEM)
    county = Scope(unit_ids=frozenset({make.area("371502").id}))
    assert reasons(compared(side(date(2024, 12, 31)), side(date(2025, 1, 1)), county)) == [("unit", False)]


def test_a_firm_entered_late_is_a_late_entry(app: Flask) -> None:
    clock.freeze(at(TUESDAY))
    granted(make.firm(make.area("371502001"), recorded_at=at(TUESDAY)))
    assert reasons(knowledge()) == [("late", True)]


def test_a_higher_title_leads_out_of_the_rung_and_its_end_back(firm: Enterprise) -> None:
    granted(firm)
    granted(firm, "gazelle", valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31))
    rung, above = RungCount(RUNGS, 1), RungCount(RUNGS, 1, or_above=True)
    assert reasons(compared(side(date(2023, 12, 31), count=rung), side(date(2024, 1, 1), count=rung))) == [("promoted", False)]
    assert reasons(compared(side(date(2024, 12, 31), count=rung), side(date(2025, 1, 1), count=rung))) == [("expired", True)]
    assert compared(side(date(2023, 12, 31), count=above), side(date(2024, 1, 1), count=above)) == []


def test_other_rules_are_a_change_of_rules(firm: Enterprise) -> None:
    granted(firm)
    before, after = RungCount((frozenset({"scale_up"}), frozenset({"srdi_city"})), 1), RungCount((frozenset({"scale_up"}), frozenset({"srdi"})), 1)
    assert reasons(compared(side(TUESDAY, count=before), side(TUESDAY, count=after))) == [("rule", True)]


def test_the_same_setting_twice_is_no_difference(firm: Enterprise) -> None:
    granted(firm)
    assert compared(side(TUESDAY), side(TUESDAY)) == []


# --- the page


def test_the_page_shows_both_numbers_and_reasons_that_add_up(world: Random, pages: Pages) -> None:
    for name in ("bureau", "county", "leader"):
        browser = pages(name)
        for query in ("title=srdi&before_as_of=2023-12-31", "title=high_tech&count=new&year=2023&before_as_of=2026-03-15&before_known_on=2023-12-31",
                      "ladder=yumiao&rung=srdi&unit=371502&before_as_of=2023-12-31&before_known_on=2024-06-30", "ladder=yumiao&rung=scale_up&above=1"):
            page = browser.get(f"/ladder/explain?{query}", statements=32)
            before, after = (int(re.search(rf"{side} ([\d,]+)家", page.text)[1].replace(",", "")) for side in ("甲", "乙"))  # type: ignore[index]
            lines = re.findall(r"(增加|减少) ([\d,]+) 家，查看名单", page.html)
            assert after - before == sum(int(n.replace(",", "")) * (1 if side == "增加" else -1) for side, n in lines)
            for link in [e.attributes["href"] for e in page.all("a") if "reason=" in e.attributes.get("href", "")][:4]:
                part = browser.get(link, statements=32)
                said = re.search(r"共 ([\d,]+) 家", part.text)
                assert said and len(part.all("th", class_="freeze-first row-title")) == int(said[1])


def test_both_numbers_lead_to_lists_of_the_same_length(world: Random, pages: Pages) -> None:
    browser = pages("county")
    page = browser.get("/ladder/explain?title=srdi&unit=371502&before_as_of=2024-06-30&before_known_on=2024-12-31&as_of=2025-12-31", statements=32)
    heads = [e for e in page.all("a") if "/ladder/holders" in e.attributes.get("href", "") and e.text.strip().isdigit()]
    assert heads
    for head in heads:
        assert f"{head.text.strip()} 家" in browser.get(head.attributes["href"], statements=16).text


def test_the_export_holds_every_enterprise(world: Random, as_: Callable[[str], Browser]) -> None:
    browser = as_("bureau")
    data = {"title": "srdi", "before_as_of": "2023-12-31", "as_of": "2026-03-15"}
    answer = browser.post("/ladder/explain/export", data=data)
    rows = load_workbook(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    found = compared(side(date(2023, 12, 31)), side(TODAY))
    assert answer.status_code == 200 and len(rows) - 3 >= len(found) > 0 and "甲" not in rows[0]
    assert browser.post("/ladder/explain/export", data={"title": "nonsense"}).status_code == 404


@pytest.mark.parametrize(("query", "status"), [
    ("title=nonsense", 404), ("ladder=yumiao&rung=nonsense", 404), ("", 404), ("title=srdi&before_as_of=x", 422), ("title=srdi&before_known_on=2999-01-01", 422),
    ("title=srdi&unit=nowhere", 404), ("title=srdi&cursor=nonsense", 422), ("title=srdi&reason=nonsense&side=nonsense", 200),
])
def test_questions_that_make_no_sense_get_words(app: Flask, pages: Pages, query: str, status: int) -> None:
    page = pages("bureau").get(f"/ladder/explain?{query}", status=status, statements=26)
    assert status == 200 or "请" in page.text


def test_a_new_edition_of_the_ladder_is_named_as_the_reason(firm: Enterprise, pages: Pages) -> None:
    """Yesterday's board is made by yesterday's pack: what changed is said to be the rules."""
    granted(firm, "little_giant")
    db.session.commit()
    pack = queries.current_pack()
    content = pack.content.plain()
    first = policies.PackVersion(city=pack.code, number=1, origin="shipped", content_hash="a" * 64, content=content, loaded_at=at(date(2026, 1, 1)))
    changed = json.loads(json.dumps(content))
    for ladder in changed["ladders"]:
        if ladder["code"] == "yumiao":
            ladder["rungs"][1]["titles"] = ["srdi_city", "srdi"]
    second = policies.PackVersion(city=pack.code, number=2, origin="local", content_hash="b" * 64, content=changed, loaded_at=at(TUESDAY))
    db.session.add_all([first, second])
    db.session.commit()
    clock.freeze(at(TUESDAY, 9))
    page = pages("bureau").get(
        "/ladder/explain?ladder=yumiao&rung=srdi&before_as_of=2026-03-02&before_known_on=2026-03-02&as_of=2026-03-03", statements=32,
    )
    assert "口径变化" in page.text and re.search(r"甲 1家", page.text) and re.search(r"乙 0家", page.text)
