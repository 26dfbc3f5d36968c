"""The three rates: their definitions, the minimum number of cases, and that every count is exactly the list it opens."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape

import pytest
from flask import Flask

from app.demands import actions
from app.demands.rules.rates import rate
from app.demo import demands as demo
from app.infra import clock
from app.infra.db import db
from tests.factories.demands import make_demand
from tests.factories.enterprises import OFFICER, make_enterprise
from tests.pages import PageBrowser

Pages = Callable[[str | None], PageBrowser]


@pytest.mark.parametrize(("part", "whole", "pct", "shown"), [(2, 3, None, False), (4, 5, "80.0", True), (5, 6, "83.3", True), (0, 0, None, False), (1, 8, "12.5", True)])
def test_a_share_of_few_cases_is_not_shown(part: int, whole: int, pct: str | None, shown: bool) -> None:
    found = rate("response", {"in_time": part, "answerable": whole}, 5)
    assert (found.pct, found.shown) == (Decimal(pct) if pct else None, shown)


def test_every_number_opens_exactly_its_demands(app: Flask, pages: Pages) -> None:
    """Over the demo's every state: the numbers by department, by county and by person against the rows behind them."""
    clock.freeze(datetime(2026, 11, 20, 8, tzinfo=UTC))
    towns = ("371502002", "371581002", "371522101", "371502108")
    for n in range(len(demo.COURSES)):
        make_enterprise(town=towns[n % len(towns)])
    demo.load("371500")
    db.session.commit()
    browser, seen = pages("bureau").browser, 0
    for address in ("/demands/rates?first=2026-01-01&last=2026-12-31", "/demands/rates?by=unit&first=2026-01-01&last=2026-12-31", "/demands/people"):
        page = browser.get(address).text
        for link, shown in re.findall(r'<a class="count-link" href="([^"]+)"[^>]*>([\d,]+)</a>', page):
            listed = browser.get(unescape(link) + "&size=200").text
            assert listed.count('class="freeze-first row-title') == int(shown), (address, link)
            seen += 1
    assert seen > 60


def test_what_is_not_due_yet_counts_in_no_rate(app: Flask, pages: Pages) -> None:
    clock.freeze(datetime(2026, 11, 16, 2, tzinfo=UTC))
    rows = [make_demand(text=f"第 {n} 件诉求，请协调处理。") for n in range(6)]
    page = pages("bureau").get("/demands/rates?first=2026-01-01")
    assert "共 6 件" in page.text and "0 / 0 件" in page.text
    for row in rows:
        actions.take_demand(demand=row, version=row.version, by=OFFICER)
        actions.log_reply(demand=row, text="今天就办。", by=OFFICER)
    clock.freeze(datetime(2026, 11, 17, 2, tzinfo=UTC))
    assert "100.0% 6 / 6 件" in pages("bureau").get("/demands/rates?first=2026-01-01").text


def test_withdrawn_and_rejected_demands_are_left_out(app: Flask, pages: Pages) -> None:
    clock.freeze(datetime(2026, 11, 16, 2, tzinfo=UTC))
    gone, kept = make_demand(text="撤回的诉求，不再需要。"), make_demand(text="照常办理的诉求，请协调。")
    actions.withdraw_demand(demand=gone, reason=None, version=gone.version, by=OFFICER)
    page = pages("bureau").get("/demands/rates?first=2026-01-01")
    assert kept.id and "共 1 件" in page.text


def test_a_department_sees_the_rates_of_what_was_routed_to_it(app: Flask, pages: Pages) -> None:
    make_demand()
    assert "共 0 件" in pages("department").get("/demands/rates?first=2026-01-01&last=2026-12-31").text
