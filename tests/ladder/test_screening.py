"""准四上 screening: exact lines and tiers of every industry, who is left out, always in step, numbers that open their rows."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.enterprises import actions as enterprises
from app.infra import city, clock
from app.infra.db import db
from app.infra.jobs import Job
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL, Scope
from app.ladder import actions as ladder
from app.ladder.actions import screening as actions
from app.ladder.models import NearScale
from app.ladder.queries import screening as queries
from app.ladder.rules import Draft
from app.ladder.rules import screening as rules
from app.packs import read_pack
from app.policies.queries import current_pack
from tests.factories import enterprises as real
from tests.factories import ladder as make

TODAY = datetime(2026, 6, 1, 4, tzinfo=UTC)
WAN = 10_000


@pytest.fixture
def world(app: Flask) -> None:
    clock.freeze(TODAY)
    city.forget()


def firm(code: str | None, main: Any = None, revenue: Any = None, *, source: str = "enterprise", year: int = 2025, town: str = "371502001", **more: Any) -> Any:
    """A firm with last year's figures in 元."""
    row = make.firm(make.area(town), industry_code=code, **more)
    if main is not None or revenue is not None:
        make.figures(row, year, revenue, source, main_revenue_yuan=main, reported_on=date(2026, 3, 5))
    return row


def tiers() -> dict[int, int]:
    """Enterprise id -> tier."""
    actions.refresh_all_near_scale()
    db.session.commit()
    return {key: tier for key, tier in db.session.execute(select(NearScale.enterprise_id, NearScale.tier))}  # noqa: C416


def lines() -> queries.Lines:
    return queries.lines_of(read_pack("liaocheng", None), date(2026, 6, 1))


@pytest.mark.parametrize(("industry", "metric", "threshold"), [
    ("3451", "main_revenue", 2000), ("0610", "main_revenue", 2000), ("4411", "main_revenue", 2000), ("5162", "main_revenue", 2000),
    ("5212", "main_revenue", 500), ("6110", "main_revenue", 200), ("6210", "main_revenue", 200), ("5430", "revenue", 2000), ("6510", "revenue", 2000),
    ("7299", "revenue", 1000), ("7030", "revenue", 1000), ("8010", "revenue", 500), ("8521", "revenue", 500), ("8411", "revenue", 2000),
])
def test_the_line_of_every_industry_comes_from_the_criterion(industry: str, metric: str, threshold: int) -> None:
    band = rules.band_of(lines().bands, industry)
    assert band is not None and (band.metric, band.threshold_yuan) == (metric, Decimal(threshold * WAN))


@pytest.mark.parametrize("industry", ["4711", "7010", "0111", "6620", None, ""])
def test_what_enters_by_other_means_has_no_line(industry: str | None) -> None:
    assert rules.band_of(lines().bands, industry) is None


def test_only_trade_lodging_and_meals_count_individuals() -> None:
    assert {band.code for band in lines().bands if band.individuals} == {"whl", "ret", "hot", "cat"}


@pytest.mark.parametrize(("amount", "tier"), [
    ("20000000", 100), ("20000000.01", 100), ("19999999.99", 80), ("16000000", 80), ("15999999.99", 60), ("12000000", 60), ("11999999.99", 40),
    ("8000000", 40), ("7999999.99", None), ("0", None), ("-5", None),
])
def test_edges_are_exact(world: None, amount: str, tier: int | None) -> None:
    row = firm("3451", Decimal(amount))
    assert tiers().get(row.id) == tier
    found = rules.tier_of(lines().tiers, Decimal(amount), Decimal(20_000_000))
    assert (found.pct if found else None) == tier


def test_who_cannot_enter_is_left_out(world: None) -> None:
    big = 30_000_000
    member = firm("3451", big)
    make.recognition(member, "scale_up", valid_to=None, open_ended=True)
    lapsed = firm("3451", big)
    make.recognition(lapsed, "scale_up", valid_to=date(2025, 12, 31))
    left = [
        member, firm("3451", big, status="cancelled"), firm("3451", big, status="moved_out"), firm("3451", big, name="聊城试验有限公司东阿分公司"),
        firm("4711", big), firm(None, big), firm("3451"), firm("3451", big, year=2024),
    ]
    shop, plant = firm("5212", 6_000_000), firm("3451", big)
    shop.credit_code, plant.credit_code = "92371502MA3C0A0A0X", "92371502MA3C0B0B0X"
    found = tiers()
    assert set(found) == {lapsed.id, shop.id} and plant.id not in found and not {row.id for row in left} & set(found)


def test_the_strongest_source_decides_and_is_named(world: None) -> None:
    row = firm("3451", 10_000_000)
    make.figures(row, 2025, None, "department", main_revenue_yuan=21_000_000, reported_on=date(2026, 4, 1))
    other = firm("3451", None, 17_000_000)
    service = firm("7299", 9_000_000, 8_500_000)
    tiers()
    one, two, three = (db.session.get(NearScale, r.id) for r in (row, other, service))
    assert one and (one.tier, one.source, one.reported_on, one.metric) == (100, "department", date(2026, 4, 1), "main_revenue")
    assert two and (two.tier, two.metric, two.amount_yuan) == (80, "revenue", Decimal(17_000_000))
    assert three and (three.metric, three.amount_yuan, three.tier) == ("revenue", Decimal(8_500_000), 80)


def test_every_change_is_followed(world: None) -> None:
    """Figures, recognition, town, industry, name, cancellation: what is stored is what a full computation gives."""
    row = real.make_enterprise("聊城随动有限公司", figures={2025: {"main_revenue_yuan": Decimal(17_000_000)}}, industry_code="3451")
    actions.refresh_all_near_scale()
    db.session.flush()

    def stored() -> tuple[Any, ...] | None:
        db.session.expire_all()
        found = db.session.get(NearScale, row.id)
        return (found.tier, found.town_id, found.band) if found else None

    assert stored() == (80, row.town_id, "ind")
    enterprises.add_figures(scope=ALL, enterprise_id=row.id, year=2025, source="department", values={"main_revenue_yuan": Decimal(25_000_000)}, by=SYSTEM)
    assert stored() == (100, row.town_id, "ind")
    enterprises.set_town(scope=ALL, enterprise_id=row.id, town_id=real.town_id("371502001"), since=date(2026, 1, 1), version=row.version, by=SYSTEM)
    assert stored() == (100, real.town_id("371502001"), "ind")
    enterprises.update_enterprise(scope=ALL, enterprise_id=row.id, values={"industry_code": "5212"}, version=row.version, by=SYSTEM)
    assert stored() == (100, real.town_id("371502001"), "ret")
    grant = ladder.grant(enterprise=row, draft=Draft("scale_up", valid_from=date(2026, 1, 1), batch_year=2026), by=SYSTEM)
    assert stored() is None
    ladder.void(recognition=grant, enterprise=row, reason="登记有误", by=SYSTEM)
    assert stored() is not None
    enterprises.add_event(scope=ALL, enterprise_id=row.id, kind="cancelled", happened_on=date(2026, 5, 1), note="", document="", by=SYSTEM)
    assert stored() is None


def test_partial_and_full_computation_agree(world: None) -> None:
    rows = [firm("3451", amount) for amount in range(5_000_000, 25_000_000, 1_000_000)]
    full = tiers()
    db.session.execute(NearScale.__table__.delete())
    actions.refresh_near_scale([row.id for row in rows])
    db.session.commit()
    assert {k: t for k, t in db.session.execute(select(NearScale.enterprise_id, NearScale.tier))} == full  # noqa: C416


def test_a_new_year_asks_for_new_figures(world: None) -> None:
    firm("3451", 30_000_000)
    assert len(tiers()) == 1 and queries.today_lines()[2]
    clock.freeze(datetime(2027, 1, 2, 4, tzinfo=UTC))
    assert not queries.today_lines()[2]
    assert actions.refresh_near_scale_day(date(2027, 1, 2)) == 0 and queries.today_lines()[2]


# --- pages


@pytest.fixture
def near(world: None) -> list[Any]:
    """Seven firms over all tiers in two counties, one of unknown industry, one below every tier."""
    rows = [
        firm("3451", 30_000_000, name="甲机械有限公司"), firm("3451", 17_000_000, name="乙机械有限公司"), firm("5212", 3_100_000, name="丙商贸有限公司"),
        firm("7299", None, 4_200_000, name="丁服务有限公司"), firm("3451", 19_000_000, name="戊机械有限公司", town="371581107"),
        firm(None, 9_000_000, name="己未知有限公司"), firm("3451", 1_000_000, name="庚小微有限公司"),
    ]
    enterprises.reindex_all()
    tiers()
    return rows


def tier_links(page: Any) -> list[tuple[int, str]]:
    found = []
    for element in page.all("a"):
        if "tier=" in element.attributes.get("href", "") and element.text.strip().isdigit():
            found.append((int(element.text), element.attributes["href"]))
    return found


@pytest.mark.parametrize(("persona", "total"), [("bureau", 5), ("leader", 5), ("county", 4), ("stranger", 0), ("expert", 0)])
def test_numbers_open_their_rows(near: list[Any], pages: Any, persona: str, total: int) -> None:
    browser = pages(persona)
    page = browser.get("/ladder/pools/screening", statements=20)
    links = tier_links(page)
    assert sum(n for n, _ in links) == total
    for number, link in links:
        opened = browser.get(link, statements=20)
        assert number == len(opened.all("tr")) - 1, link


def test_the_nearest_to_the_line_come_first(near: list[Any], pages: Any) -> None:
    page = pages("bureau").get("/ladder/pools/screening", statements=20)
    names = [e.text for e in page.all("th") if "有限公司" in e.text]
    assert [n[0] for n in names] == ["甲", "戊", "乙", "丙", "丁"]
    assert "95.0%" in page.text and "待核" in page.text and "2025 年" in page.text


@pytest.mark.parametrize(("query", "expected"), [
    ("tier=80", 2), ("tier=77", 5), ("section=F", 1), ("section=Z", 5), ("q=机械", 3), ("unit=abc", 5), ("inside=out", 5), ("inside=in", 0), ("town=999999", 0),
])
def test_filters(near: list[Any], as_: Any, query: str, expected: int) -> None:
    answer = as_("bureau").get(f"/ladder/pools/screening?{query}")
    assert answer.status_code == 200
    if expected:
        assert f"{expected} 家，2025 年数据" in answer.text
    else:
        assert "没有符合条件的企业" in answer.text


def test_unknown_industry_is_listed_to_complete(near: list[Any], pages: Any) -> None:
    page = pages("bureau").get("/ladder/pools/screening/unknown", statements=20)
    assert "己未知有限公司" in page.text and "甲机械有限公司" not in page.text and "1 家" in page.text
    assert "己未知有限公司" not in pages("stranger").get("/ladder/pools/screening/unknown").text


def test_one_some_and_all_go_into_the_pool(near: list[Any], as_: Any, pages: Any) -> None:
    browser = as_("bureau")
    form = {"pool": "above_scale_pipeline", "what": "admit", "on": "2026-05-30", "reason": "收入接近入统门槛"}
    link = next(e.attributes["href"] for e in pages("bureau").get("/ladder/pools/screening", statements=20).all("a") if e.text == "纳入")
    assert browser.post(link, data=form).status_code == 303
    assert "4 家" in browser.get("/ladder/pools/screening?inside=out").text
    assert "准四上筛查名单" in browser.get("/ladder/pools/collect?near=1&tier=80").text
    assert browser.post("/ladder/pools/collect?near=1&tier=80", data=form).status_code == 303
    assert re.search(r"3 家，2025", browser.get("/ladder/pools/screening?inside=in").text)
    assert browser.post("/ladder/pools/collect?near=1", data=form).status_code == 303
    assert re.search(r"5 家，2025", browser.get("/ladder/pools/screening?inside=in").text)


def test_a_county_takes_only_its_own(near: list[Any], as_: Any) -> None:
    form = {"pool": "above_scale_pipeline", "what": "admit", "on": "2026-05-30", "reason": "收入接近入统门槛"}
    assert as_("county").post("/ladder/pools/collect?near=1", data=form).status_code == 303
    inside = queries.Asked(pool="above_scale_pipeline", inside=True)
    assert sum(queries.by_tier(ALL, inside).values()) == 4


def test_the_export_is_the_list(near: list[Any], as_: Any, tmp_path: Any) -> None:
    from python_calamine import CalamineWorkbook

    answer = as_("bureau").post("/ladder/pools/screening/export?tier=80")
    assert answer.status_code == 200
    (tmp_path / "a.xlsx").write_bytes(answer.data)
    rows = CalamineWorkbook.from_path(str(tmp_path / "a.xlsx")).get_sheet_by_index(0).to_python()
    assert len(rows) == 3 + 2 and "准规上" in rows[1][0]


def test_a_long_list_is_written_whole_in_the_background(near: list[Any], as_: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from python_calamine import CalamineWorkbook

    from app.ladder.exports import long

    monkeypatch.setattr("app.ladder.views.screening.AT_ONCE", 1)
    answer = as_("bureau").post("/ladder/pools/screening/export?tier=80")
    assert answer.status_code == 303 and "/enterprises/exports/" in answer.location
    payload = db.session.scalars(select(Job).where(Job.kind == long.JOB)).one().payload
    assert long.write(tmp_path / "b.xlsx", payload, lambda done: None) == 2
    assert len(CalamineWorkbook.from_path(str(tmp_path / "b.xlsx")).get_sheet_by_index(0).to_python()) == 3 + 2


def test_paging_there_and_back(world: None, pages: Any) -> None:
    for number in range(45):
        firm("3451", 20_000_000 + number % 3)
    tiers()
    browser, address, seen = pages("bureau"), "/ladder/pools/screening?size=20", []
    while address:
        page = browser.get(address, statements=20)
        seen.append(len(page.all("tr")) - 1)
        address = next((e.attributes["href"] for e in page.all("a") if e.attributes.get("rel") == "next"), "")
    back = next(e.attributes["href"] for e in page.all("a") if e.attributes.get("rel") == "prev")
    assert seen == [20, 20, 5] and len(browser.get(back, statements=20).all("tr")) == 21


def test_counts_by_index_and_by_enterprise_agree(near: list[Any]) -> None:
    county = Scope(unit_ids=frozenset({make.area("371502").id}))
    for scope in (ALL, county, Scope(city_ids=frozenset({make.area("371500").id}))):
        whole = queries.by_tier(scope, queries.Asked())
        each = [row for rows in queries.each(scope, queries.Asked()) for row in rows]
        assert sum(whole.values()) == len(each)
    assert current_pack().setting("near_scale_tiers_pct") == [80, 60, 40]
