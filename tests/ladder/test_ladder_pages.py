"""Pages of the ladder: every number opens exactly its enterprises, in the reader's reach, on the day asked for."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask

from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.ladder import actions
from app.ladder.rules import Draft
from tests.factories import ladder as make

Pages = Callable[[str], Any]


@pytest.fixture
def firms(app: Flask) -> list[Any]:
    """Five firms: two in 东昌府, one each in 临清, 经开区区直 and Yantai; titles on several rungs."""
    clock.freeze(datetime(2024, 6, 1, 4, tzinfo=UTC))
    places = ("371502001", "371502001", "371581107", "3715Z1000", "370602001")
    rows = [make.firm(make.area(code), name=f"{name}有限公司") for code, name in zip(places, "甲乙丙丁戊", strict=True)]
    long = {"valid_from": date(2023, 7, 1), "valid_to": date(2026, 6, 30)}
    for number, titles in enumerate((("scale_up", "srdi"), ("scale_up",), ("gazelle", "srdi"), ("little_giant",), ("srdi",))):
        for title in titles:
            make.recognition(rows[number], title, **(long if title != "scale_up" else {"valid_to": None, "open_ended": True}))
    actions.refresh_all()
    db.session.commit()
    return rows


def count_links(page: Any) -> list[tuple[int, str]]:
    """(number, address) of every link to a list."""
    links = [e for e in page.all("a") if "/ladder/holders" in e.attributes.get("href", "") and e.text.strip().isdigit()]
    return [(int(e.text), e.attributes["href"]) for e in links]


def listed(page: Any) -> int:
    return int(re.search(r"([\d,]+) 家，数据截至", page.text)[1].replace(",", ""))  # type: ignore[index]


@pytest.mark.parametrize("persona", ["bureau", "county", "leader", "stranger_city"])
@pytest.mark.parametrize("address", [
    "/ladder/", "/ladder/funnel", "/ladder/titles", "/ladder/titles?count=new&year=2023", "/ladder/titles?count=cumulative", "/ladder/titles?unit=371502",
    "/ladder/?ladder=national", "/ladder/titles?as_of=2023-06-30", "/ladder/titles?known_on=2024-05-31", "/ladder/?as_of=2023-12-31&industry=C",
])
def test_every_number_opens_exactly_its_enterprises(firms: list[Any], pages: Pages, persona: str, address: str) -> None:
    browser = pages(persona)
    for number, link in count_links(browser.get(address, statements=20)):
        opened = browser.get(link, statements=20)
        rows = len(opened.all("tr")) - 1
        assert (number, number) == (listed(opened), rows), unquote(link)


def test_the_board_puts_each_firm_on_its_highest_rung(firms: list[Any], pages: Pages) -> None:
    page = pages("bureau").get("/ladder/")
    columns = {e.text.split("家")[0].strip() for e in page.all("section")}
    assert any(re.fullmatch(r"小升规\s*1", c) for c in columns) and any(re.fullmatch(r"专精特新\s*2", c) for c in columns)
    assert any(re.fullmatch(r"瞪羚\s*1", c) for c in columns)
    assert "还没有独角兽企业" in page.text


def test_the_funnel_counts_at_or_above(firms: list[Any], pages: Pages) -> None:
    page = pages("county").get("/ladder/funnel")
    assert count_links(page) and next(n for n, _ in count_links(page)) == 2


def test_town_reporters_see_counts_without_links(firms: list[Any], pages: Pages, as_: Any) -> None:
    reporter = pages("town").get("/ladder/titles")
    assert not count_links(reporter) and "甲有限公司" not in reporter.text
    assert as_("town").get("/ladder/holders?title=srdi").status_code == 403


def test_another_county_is_not_found(firms: list[Any], pages: Pages, as_: Any) -> None:
    assert as_("county").get("/ladder/holders?title=srdi&unit=371581").status_code == 404
    assert "丙有限公司" not in pages("county").get("/ladder/holders?title=srdi").text


def test_a_firm_that_left_keeps_the_number_and_hides_its_name(firms: list[Any], pages: Pages) -> None:
    make.move(firms[0], make.area("371581107"), date(2024, 3, 1))
    actions.refresh_all()
    db.session.commit()
    page = pages("county").get("/ladder/holders?title=srdi&as_of=2023-12-31")
    assert listed(page) == 1 and "甲有限公司" not in page.html and "已迁出本辖区" in page.text


def test_paging_by_twenties_and_back(firms: list[Any], pages: Pages) -> None:
    for _ in range(45):
        make.recognition(make.firm(make.area("371502002")), "high_tech")
    browser, address, seen = pages("bureau"), "/ladder/holders?title=high_tech&size=20", []
    while address:
        page = browser.get(address, statements=20)
        seen.append(len(page.all("tr")) - 1)
        address = next((e.attributes["href"] for e in page.all("a") if e.attributes.get("rel") == "next"), "")
    assert seen == [20, 20, 5]
    back = next(e.attributes["href"] for e in page.all("a") if e.attributes.get("rel") == "prev")
    assert len(browser.get(back, statements=20).all("tr")) == 21


@pytest.mark.parametrize("query", ["as_of=2023-13-01", "known_on=gestern", "as_of=9999-12-31", "as_of=0001-01-01"])
def test_a_date_that_is_none_is_refused_in_words(app: Flask, as_: Any, query: str) -> None:
    response = as_("bureau").get(f"/ladder/?{query}")
    assert response.status_code == 422 and "日期应写成" in response.text


@pytest.mark.parametrize("query", ["title=nothing", "ladder=yumiao&rung=nothing", "", "title=srdi&unit=000000"])
def test_an_unknown_subject_is_not_found(app: Flask, as_: Any, query: str) -> None:
    assert as_("bureau").get(f"/ladder/holders?{query}").status_code == 404


def test_recognitions_are_recorded_corrected_revoked_and_voided(firms: list[Any], as_: Any, pages: Pages) -> None:
    browser, home = as_("county"), f"/ladder/enterprises/{firms[1].id}"
    posted = browser.post(f"{home}/new", data={"title_code": "high_tech", "batch_year": "2023", "announced_on": "2023-11-29", "valid_to": "2026-11-28"})
    assert posted.status_code == 303 and posted.location == home
    page = pages("county").get(home, statements=20)
    assert "高新技术企业" in page.text and "有效" in page.text
    link = next(e.attributes["href"] for e in page.all("a") if e.text == "登记撤销" and "recognitions" in e.attributes["href"])
    assert "小升规" in page.text
    assert browser.post(link, data={"revoked_on": "2024-05-01", "revoked_reason": "退库"}).status_code == 303
    assert "已撤销" in pages("county").get(home, statements=20).text


@pytest.mark.parametrize(("data", "message"), [
    ({}, "请选择称号"), ({"title_code": "srdi"}, "至少填写一项"), ({"title_code": "srdi", "announced_on": "2024-12-01"}, "公示不是认定"),
    ({"title_code": "srdi", "valid_from": "2023-07-01", "valid_to": "2023-06-30"}, "早于起始日期"),
    ({"title_code": "gazelle", "level": "nation", "valid_from": "2023-07-01"}, "级别只能是"),
    ({"title_code": "srdi", "valid_from": "2023-02-30"}, "日期"), ({"title_code": "srdi", "valid_from": "2023-07-01", "batch_year": "1900"}, "批次年度应在"),
    ({"title_code": "scale_up", "valid_from": "2023-07-01", "batch_year": "2023"}, "已有2023年"),
])
def test_a_wrong_form_comes_back_with_its_reason(firms: list[Any], as_: Any, data: dict[str, str], message: str) -> None:
    response = as_("bureau").post(f"/ladder/enterprises/{firms[1].id}/new", data=data)
    assert response.status_code == 422 and message in response.text


def test_gaps_list_what_lacks_a_date(firms: list[Any], pages: Pages) -> None:
    make.recognition(firms[0], "tech_sme", valid_to=None)
    make.recognition(firms[2], "tech_sme", valid_to=None)
    page = pages("county").get("/ladder/gaps")
    assert "1 条" in page.text and "甲有限公司" in page.text and "丙有限公司" not in page.text


def test_gaps_of_another_day_and_knowledge(firms: list[Any], pages: Pages) -> None:
    """A gap counts from the day the title began, and only when it was recorded; filling it in does not reach back."""
    clock.freeze(datetime(2026, 3, 2, 2, tzinfo=UTC))
    row = make.recognition(firms[0], "tech_sme", level="nation", valid_from=date(2024, 5, 1), valid_to=None)
    db.session.commit()
    clock.freeze(datetime(2026, 3, 4, 2, tzinfo=UTC))
    actions.correct(recognition=row, enterprise=firms[0], draft=Draft("tech_sme", row.level, 2023, valid_from=date(2024, 5, 1), valid_to=date(2027, 4, 30)), by=SYSTEM)
    db.session.commit()
    for query, shown in (
        ("", False), ("?known_on=2026-03-03", True), ("?known_on=2026-03-04", False), ("?known_on=2026-03-01", False),
        ("?known_on=2026-03-03&as_of=2024-04-30", False), ("?known_on=2026-03-03&as_of=2024-05-01", True),
    ):
        page = pages("bureau").get(f"/ladder/gaps{query}", statements=14)
        assert ("甲有限公司" in page.text and "1 条" in page.text) == shown, query
        assert "补填" not in page.text.replace("请按认定文件补填", "")
    assert "甲有限公司" not in pages("stranger").get("/ladder/gaps?known_on=2026-03-03", statements=14).text
