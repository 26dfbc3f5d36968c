"""The board: every enterprise in exactly one column, columns paged, the head's number is the list's; a move is a dialog and changes nothing."""

from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra import changes, clock
from app.infra.db import db
from app.kernel.scope import ALL, Scope
from app.ladder import queries
from app.ladder.models import Recognition
from app.ladder.queries import NO_FILTERS, Filters, durations
from app.ladder.queries import kanban as cards
from app.ladder.queries.kanban import Board
from app.ladder.rules.durations import duration
from app.ladder.rules.transitions import NO_RUNG
from tests.architecture import raw_counts
from tests.factories import histories
from tests.factories import ladder as make
from tests.factories.histories import TODAY
from tests.pages import PageBrowser

Pages = Callable[[str], PageBrowser]
RUNGS = [["scale_up"], ["srdi_city", "srdi", "little_giant"], ["gazelle"], ["single_champion_province", "single_champion"], ["unicorn"]]
LONG = {"valid_from": date(2022, 1, 1), "valid_to": date(2030, 12, 31)}


@pytest.fixture
def world(prepared: Callable[..., None]) -> Random:
    clock.freeze(histories.NOW)
    prepared(histories.fill, 3)
    return Random(3)


def everybody(scope: Scope, board: Board, place: int, size: int = 7) -> list[int]:
    """All pages of a column."""
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = cards.column(scope, board, place, cursor, size)
        seen += [row.enterprise_id for row in page.rows]
        if page.next is None:
            return seen
        cursor = page.next


@pytest.mark.parametrize(("day", "known_on"), [(TODAY, None), (date(2024, 6, 30), None), (TODAY, date(2024, 12, 31))])
def test_every_enterprise_stands_in_exactly_one_column(world: Random, day: date, known_on: date | None) -> None:
    board = Board(RUNGS, day, known_on, NO_FILTERS)
    columns = {place: everybody(ALL, board, place) for place in (*range(len(RUNGS)), NO_RUNG)}
    ids = [id_ for column in columns.values() for id_ in column]
    assert len(ids) == len(set(ids))
    plain = {place: sum(towns.values()) for place, towns in raw_counts.rungs(RUNGS, day, known_on).items()}
    assert {place: len(columns[place]) for place in range(len(RUNGS))} == plain
    assert cards.count_off(ALL, board, None, 0) == (len(columns[NO_RUNG]), False)


@pytest.mark.parametrize("unit", [None, "371502", "3715Z1"])
def test_the_stored_board_of_today_is_the_counted_one(world: Random, unit: str | None) -> None:
    stored = dict(enumerate(["scale_up", "srdi", "gazelle", "single_champion", "unicorn"]))
    towns = None if unit is None else frozenset(p.town_id for p in queries.places(TODAY).values() if p.unit_code == unit)
    city = Scope(city_ids=frozenset({make.area("371500").id}))
    live, kept = Board(RUNGS, TODAY, None, Filters(towns)), Board(RUNGS, TODAY, None, Filters(towns), stored)
    for place in (*stored, NO_RUNG):
        assert everybody(city, live, place) == everybody(city, kept, place), place
    firsts = [cards.first_pages(city, board, [*stored, NO_RUNG], 5) for board in (live, kept)]
    shown = [{place: [row.enterprise_id for row in page.rows] for place, page in found.items()} for found in firsts]
    assert shown[0] == shown[1]
    numbers = queries.stored_counts(city, queries.current_pack(), TODAY)
    assert numbers is not None
    def total(subject: str) -> int:
        return sum(n for town, n in numbers.get(subject, {}).items() if towns is None or town in towns)
    standing = sum(total(f"rung:{place}") for place in stored)
    assert cards.count_off(city, kept, total("all"), standing)[0] == len(everybody(city, live, NO_RUNG))


def test_the_empty_board_says_what_to_do(app: Flask, pages: Pages) -> None:
    page = pages("bureau").get("/ladder/", statements=14)
    assert "去导入中心" in page.text and "还没有独角兽企业" in page.text


def test_heads_of_columns_lead_to_as_many_enterprises(world: Random, pages: Pages) -> None:
    browser = pages("bureau")
    for query in ("", "?unit=371502", "?as_of=2024-06-30", "?ladder=technology", "?ladder=opinions&known_on=2024-12-31", "?industry=C"):
        page = browser.get(f"/ladder/{query}", statements=16)
        heads = [e for e in page.all("a") if e.attributes.get("aria-label", "").endswith("查看名单") and "/ladder/holders" in e.attributes["href"]]
        assert heads or "没有符合条件" in page.text
        for head in heads:
            shown = head.text.replace("家", "").strip()
            assert f"{shown} 家" in browser.get(head.attributes["href"], statements=16).text


def test_a_column_is_read_on_without_the_page(app: Flask, pages: Pages) -> None:
    ids = []
    for _ in range(30):
        firm = make.firm(make.area("371502001"))
        make.recognition(firm, "gazelle", **LONG)
        ids.append(firm.id)
    changes.tell("bulk", ())
    db.session.commit()
    browser = pages("bureau")
    page = browser.get("/ladder/", statements=16)
    seen = [e.attributes["id"] for e in page.all("li") if e.attributes.get("id", "").startswith("card-")]
    assert len(seen) == 12
    more = next(e.attributes["hx-get"] for e in page.all("a") if "/ladder/column" in e.attributes.get("hx-get", ""))
    while more:
        part = browser.get(more, fragment=True, statements=16)
        seen += [e.attributes["id"] for e in part.all("li") if e.attributes.get("id", "").startswith("card-")]
        more = next((e.attributes["hx-get"] for e in part.all("a") if "/ladder/column" in e.attributes.get("hx-get", "")), "")
    assert seen == [f"card-{id_}" for id_ in ids]
    assert browser.get("/ladder/column?rung=gazelle", status=302).response.location.endswith("rung=gazelle")


def test_what_a_card_lacks_is_said_for_its_next_rung_only_within_reach(app: Flask, pages: Pages) -> None:
    mine, other = make.firm(make.area("371502001")), make.firm(make.area("371581107"))
    db.session.commit()
    part = pages("county").get(f"/ladder/column/gaps?ladder=yumiao&rung=none&ids={mine.id},{other.id},x,99999999999999999999", fragment=True, statements=20)
    assert f'id="gap-{mine.id}"' in part.html and f'id="gap-{other.id}"' not in part.html and "小升规：" in part.html


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    row = make.firm(make.area("371502001"), name="看板试验有限公司")
    make.recognition(row, "srdi", level="province", **LONG)
    db.session.commit()
    return row


def recognitions() -> int:
    return db.session.scalar(select(func.count()).select_from(Recognition)) or 0


def test_opening_the_dialog_changes_nothing_and_preselects_the_title(firm: Enterprise, pages: Pages) -> None:
    before = recognitions()
    for fragment in (True, False):
        part = pages("bureau").get(f"/ladder/enterprises/{firm.id}/move?ladder=yumiao&to=gazelle", fragment=fragment, statements=18)
        chosen = next(e for e in part.all("option") if "selected" in e.attributes and e.attributes["value"])
        assert chosen.attributes["value"] == "gazelle"
        assert "专精特新 → 瞪羚" in part.html and "公示不是认定" in part.html
    assert recognitions() == before


def test_the_dialog_records_through_the_one_action_and_leads_back(firm: Enterprise, pages: Pages) -> None:
    data = {"title_code": "gazelle", "level": "province", "batch_year": "2025", "valid_from": "2025-01-01", "valid_to": "2027-12-31", "then": "board",
            "ladder": "yumiao"}  # fmt: skip
    page = pages("bureau").post(f"/ladder/enterprises/{firm.id}/new", data)
    assert page.response.location.endswith("/ladder/?ladder=yumiao") and recognitions() == 2
    refused = pages("bureau").post(f"/ladder/enterprises/{firm.id}/new", data, status=422)
    assert "已有" in refused.text and 'name="then"' in refused.html and recognitions() == 2


@pytest.mark.parametrize(("to", "said"), [("scale_up", "登记撤销"), ("none", "层级不能直接下调"), ("srdi", "现在就在这一层")])
def test_down_and_nowhere_are_explained(firm: Enterprise, pages: Pages, to: str, said: str) -> None:
    assert said in pages("bureau").get(f"/ladder/enterprises/{firm.id}/move?ladder=yumiao&to={to}", fragment=True, statements=18).html


def test_readers_get_no_form_and_strangers_no_enterprise(firm: Enterprise, pages: Pages) -> None:
    leader = pages("leader").get(f"/ladder/enterprises/{firm.id}/move?ladder=yumiao&to=gazelle", fragment=True, statements=18)
    assert not leader.all("form")
    pages("stranger").get(f"/ladder/enterprises/{firm.id}/move?ladder=yumiao", status=404)
    pages("bureau").get(f"/ladder/enterprises/{firm.id}/move?to=nonsense", status=404)
    assert not [e for e in pages("leader").get("/ladder/", statements=16).all("li") if "draggable" in e.attributes]


# --- medians


def test_medians_are_of_first_grants(app: Flask) -> None:
    town = make.area("371502001")
    for months in (6, 12, 18):
        firm = make.firm(town)
        make.recognition(firm, "scale_up", valid_from=date(2020, 1, 1), valid_to=None, open_ended=True)
        make.recognition(firm, "srdi", valid_from=date(2020 + months // 12, 1 + months % 12, 1), valid_to=date(2029, 1, 1))
        make.recognition(firm, "srdi", batch_year=2026, valid_from=date(2026, 1, 1), valid_to=date(2029, 1, 1))
    turned = make.firm(town)
    make.recognition(turned, "srdi", valid_from=date(2019, 1, 1), valid_to=date(2022, 1, 1))
    make.recognition(turned, "scale_up", valid_from=date(2020, 1, 1))
    voided = make.firm(town)
    make.recognition(voided, "scale_up", valid_from=date(2020, 1, 1))
    make.recognition(voided, "srdi", valid_from=date(2021, 1, 1), voided=True)
    found = durations.durations(ALL, RUNGS, date(2026, 6, 1), None, NO_FILTERS)[0, 1]
    assert (found.count, found.reversed_count, round(found.median or 0)) == (3, 1, 12)
    assert found.enough(3) and not found.enough(4)
    listed = queries.member_rows(ALL, durations.statement(ALL, RUNGS, (0, 1), date(2026, 6, 1), None, NO_FILTERS))
    assert len(listed) == 3
    assert durations.durations(ALL, RUNGS, date(2020, 6, 1), None, NO_FILTERS)[0, 1].count == 0


def test_a_median_of_nothing_and_of_one() -> None:
    assert (duration({}).count, duration({}).median) == (0, None)
    assert duration({(date(2024, 1, 1), date(2024, 1, 1)): 1}).median == 0
    weighted = duration({(date(2024, 1, 1), date(2025, 1, 1)): 3, (date(2024, 1, 1), date(2030, 1, 1)): 1})
    assert weighted.count == 4 and round(weighted.median or 0) == 12


def test_medians_of_random_worlds_open_their_lists(world: Random, pages: Pages) -> None:
    for query in ("ladder=yumiao", "ladder=technology&unit=371502", "ladder=national&as_of=2024-12-31&known_on=2024-12-31"):
        browser = pages("bureau")
        page = browser.get(f"/ladder/durations?{query}", statements=14)
        for element in [e for e in page.all("a") if "/durations/firms" in e.attributes.get("href", "")][:5]:
            assert f"{element.text.strip()} 家" in browser.get(element.attributes["href"], statements=16).text


def test_too_few_are_said_in_words(firm: Enterprise, pages: Pages) -> None:
    make.recognition(firm, "scale_up", valid_from=date(2020, 1, 1), valid_to=None, open_ended=True)
    db.session.commit()
    page = pages("bureau").get("/ladder/durations", statements=14)
    assert "样本不足" in page.text and "样本不足 5 家的不显示中位数" in page.text


def test_ladders_of_the_city_can_all_be_chosen(app: Flask, pages: Pages) -> None:
    wanted = {"yumiao", "opinions", "technology", "national", "high_growth"}
    for path in ("/ladder/", "/ladder/funnel", "/ladder/transitions", "/ladder/durations"):
        for ladder in wanted:
            page = pages("bureau").get(f"{path}?ladder={ladder}", statements=18)
            offered = {e.attributes["value"] for e in page.all("option")}
            assert wanted <= offered
            assert [e for e in page.all("option") if "selected" in e.attributes and e.attributes["value"] == ladder]


def test_titles_of_an_enterprise_can_be_asked_for_any_day_and_ladder(firm: Enterprise, pages: Pages) -> None:
    browser = pages("bureau")
    before = browser.get(f"/ladder/enterprises/{firm.id}?as_of=2021-12-31", statements=18)
    assert "未生效" in before.text and "回到今天" in before.text and "登记认定" not in before.text
    assert "还没有称号认定" in browser.get(f"/ladder/enterprises/{firm.id}?known_on=2020-01-01", statements=18).text
    technology = browser.get(f"/ladder/enterprises/{firm.id}?ladder=technology", statements=18)
    assert "高新技术企业" in technology.text and "有效" in technology.text
