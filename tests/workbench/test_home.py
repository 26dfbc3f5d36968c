"""The first page of every role, the search palette and the titles that run out."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from app.areas import queries as areas
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import ALL, Scope
from app.ladder import actions as ladder
from app.ladder.models import Recognition
from app.ladder.queries.expiring import count_expiring
from tests.architecture import raw_counts
from tests.factories import histories
from tests.factories import ladder as make
from tests.factories.enterprises import make_enterprise
from tests.factories.histories import Histories
from tests.personas import PERSONAS


def grant(enterprise_id: int, title: str, level: str, start: date, end: date | None, **more: Any) -> Recognition:
    row = Recognition(
        enterprise_id=enterprise_id, title_code=title, level=level, batch_year=start.year, announced_on=start, valid_from=start, valid_to=end,
        recorded_at=clock.now(), open_ended=more.pop("open_ended", False), voided=False, **more,
    )
    db.session.add(row)
    db.session.flush()
    ladder.refresh_some([enterprise_id])
    return row


@pytest.mark.parametrize("role", sorted(PERSONAS))
def test_every_role_has_a_first_page_on_an_empty_database(pages: Callable[..., Any], role: str) -> None:
    page = pages(role).get("/", statements=36 if role in ("installation", "province") else 20)  # a line and a ladder for each city
    assert page.h1.startswith("工作台")
    assert "暂时取不到" not in page.text


def test_the_rungs_on_the_home_page_open_the_same_number_of_enterprises(app: Flask, pages: Callable[..., Any]) -> None:
    today = clock.today()
    for number in range(3):
        firm = make_enterprise(town="371502002")
        grant(firm.id, "scale_up", "", today - timedelta(days=400), None, open_ended=True)
        if number:
            grant(firm.id, "srdi", "province", today - timedelta(days=400), today + timedelta(days=300))
    page = pages("bureau").get("/", statements=20)
    assert "小升规 3 家" in page.text and "专精特新 2 家" in page.text
    rung = next(link for link in page.links if "rung=srdi" in link)
    listed = pages("bureau").get(rung)
    assert listed.text.count("聊城试验") == 2


def test_an_expiring_title_is_due_and_listed_and_a_renewed_one_is_not(app: Flask, pages: Callable[..., Any]) -> None:
    today = clock.today()
    first, second = make_enterprise("聊城将到期轴承有限公司"), make_enterprise("聊城已续期轴承有限公司")
    for firm in (first, second):
        grant(firm.id, "srdi", "province", today - timedelta(days=1000), today + timedelta(days=30))
    grant(second.id, "srdi", "province", today - timedelta(days=5), today + timedelta(days=1000))
    assert "1 项" in pages("bureau").get("/", statements=20).text
    page = pages("bureau").get("/expiring")
    assert "聊城将到期轴承有限公司" in page.text and "聊城已续期轴承有限公司" not in page.text
    assert "还剩 30 天" in page.text


def test_search_finds_enterprises_inside_the_scope_only(app: Flask, pages: Callable[..., Any]) -> None:
    make_enterprise("聊城龘龘精密轴承有限公司", town="371502002")
    assert "龘龘精密" in pages("bureau").get("/search?q=龘龘").text
    assert "龘龘精密" not in pages("stranger").get("/search?q=龘龘").text
    assert "没有找到" in pages("stranger").get("/search?q=龘龘").text


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "<script>alert(1)</script>", "柳", "x" * 5000, "\u202e轴承"])
def test_search_survives_any_text(pages: Callable[..., Any], text: str) -> None:
    page = pages("bureau").get("/search?" + urlencode({"q": text}))
    assert page.status == 200


def test_town_reporters_see_numbers_without_links_to_enterprises(app: Flask, pages: Callable[..., Any]) -> None:
    firm = make_enterprise(town="371502002")
    grant(firm.id, "scale_up", "", clock.today() - timedelta(days=400), None, open_ended=True)
    page = pages("town").get("/", statements=20)
    assert "小升规 1 家" in page.text
    held = page.text.split("有效称号")[1].split()
    assert "小升规1家" in held
    assert not [link for link in page.links if "/ladder/holders" in link or "/enterprises/" in link]


def test_expiring_counts_only_what_the_scope_holds(app: Flask) -> None:
    today = clock.today()
    firm = make_enterprise(town="371502002")
    grant(firm.id, "srdi", "province", today - timedelta(days=1000), today)
    assert count_expiring(ALL, today, today) == 1
    assert count_expiring(Scope(unit_ids=frozenset({-1})), today, today) == 0


@pytest.mark.parametrize("role", ["bureau", "county", "town", "installation"])
def test_counts_of_another_day_and_knowledge_are_those_of_plain_sql(app: Flask, pages: Callable[..., Any], role: str) -> None:
    clock.freeze(histories.NOW)
    Histories(5).fill()
    db.session.commit()
    for query, day, known_on in (
        ("as_of=2024-06-30", date(2024, 6, 30), None), ("as_of=2025-12-31&known_on=2024-12-31", date(2025, 12, 31), date(2024, 12, 31)),
        ("known_on=2025-06-30", clock.today(), date(2025, 6, 30)),
    ):
        page = pages(role).get(f"/?{query}", statements=60)
        places = areas.units_as_of(day, known_on)
        codes = {id_: code for code, id_ in raw_counts.town_codes().items()}
        mine = {
            "bureau": {id_ for id_, code in codes.items() if code.startswith("3715")}, "installation": set(),
            "county": {id_ for id_, unit in places.items() if unit == make.area("371502").id}, "town": {make.area("371502002").id},
        }[role]
        held = sum(n for town, n in raw_counts.stock(("high_tech",), day, known_on).items() if town in mine)
        words = "".join(page.text.split("有效称号（存量")[1].split())
        if role == "installation":
            numbers = re.search(r"高新技术企业((?:\d+家?)+)", words)
            assert numbers and sum(map(int, re.findall(r"\d+", numbers[1]))) == sum(raw_counts.stock(("high_tech",), day, known_on).values())
        else:
            assert (f"高新技术企业{held}家" in words) == bool(held)
        for link in [link for link in page.links if "/ladder/holders" in link][:3]:
            assert all(part in link for part in query.split("&"))
    assert "看某一天" in pages(role).get("/", statements=36).text
