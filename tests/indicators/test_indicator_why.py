"""Why a number of the town table changed: the reasons add up to the difference of two plain counts, for towns, units and the city."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from flask import Flask

from app.indicators import actions
from app.infra import clock
from app.infra.db import db
from tests.architecture import raw_counts
from tests.factories import histories
from tests.factories import ladder as make
from tests.factories.histories import Histories
from tests.pages import PageBrowser

Pages = Callable[[str], PageBrowser]


@pytest.fixture
def world(app: Flask) -> Iterator[Random]:
    clock.freeze(histories.NOW)
    Histories(21).fill()
    actions.rebuild()
    db.session.commit()
    yield Random(21)


def numbers(text: str) -> tuple[int, int]:
    return tuple(int(re.search(rf"{side} ([\d,]+)家", text)[1].replace(",", "")) for side in ("甲", "乙"))  # type: ignore[index, return-value]


def test_reasons_add_up_in_the_city_a_unit_and_a_town(world: Random, pages: Pages) -> None:
    browser = pages("bureau")
    for code in ("371500", "371502", "3715Z1", "371502001"):
        for item in ("2", "3", "10", "15", "22"):
            days = (date(2024, 12, 31), world.choice([None, date(2025, 6, 30)])), (date(2025, 12, 31), None)
            query = f"before_as_of={days[0][0]}&as_of={days[1][0]}" + (f"&before_known_on={days[0][1]}" if days[0][1] else "")
            page = browser.get(f"/indicators/2024/{code}/{item}/why?{query}", statements=40)
            shown = numbers(page.text)
            for number, (day, known_on) in zip(shown, days, strict=True):
                raw, units, codes = raw_counts.indicator(item, 2024, day, known_on), raw_counts.units(day, known_on), raw_counts.town_codes()
                names = {id_: text for text, id_ in codes.items()}
                mine = [t for t in raw if code in (names[t], units.get(t, (0, ""))[1]) or (code == "371500" and names[t].startswith("3715"))]
                assert number == sum(raw[t] for t in mine), (code, item, day, known_on)
            lines = re.findall(r"(增加|减少) ([\d,]+) 家，查看名单", page.html)
            assert shown[1] - shown[0] == sum(int(n.replace(",", "")) * (1 if side == "增加" else -1) for side, n in lines)
            assert "未能归入以上原因" not in page.text


def test_a_revenue_entered_late_is_a_late_entry(app: Flask, pages: Pages) -> None:
    clock.freeze(histories.NOW)
    firm = make.firm(make.area("371502001"), recorded_at=histories.BEGINNING)
    make.figures(firm, 2024, Decimal(200_000_000))
    db.session.commit()
    page = pages("bureau").get("/indicators/2024/371502001/3/why?before_as_of=2024-12-31&before_known_on=2025-06-30", statements=30)
    assert numbers(page.text) == (0, 1) and "补录" in page.text


def test_the_list_leads_to_the_explanation(app: Flask, pages: Pages) -> None:
    make.recognition(make.firm(make.area("371502001")), "high_tech")
    db.session.commit()
    page = pages("county").get("/indicators/2023/371502001/15")
    link = next(e.attributes["href"] for e in page.all("a") if e.text.strip() == "为什么变了")
    assert pages("county").get(link, statements=26).h1.startswith("为什么变了")
    pages("county").get("/indicators/2023/371500/15/why", status=404)
    pages("bureau").get("/indicators/2023/371502001/1/why", status=404)
