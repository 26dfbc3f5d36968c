"""Browsing and correcting areas."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import Flask
from sqlalchemy import select

from app.areas import actions, queries
from app.areas.models import Area, AreaMembership, AreaPopulation
from app.infra import changes, clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.actor import SYSTEM
from tests.areas.samples import area
from tests.pages import PageBrowser

Pages = Callable[[str | None], PageBrowser]


def city_id() -> int:
    return area("371500").id


def test_the_tree_shows_136_towns_and_marks_what_is_not_confirmed(app: Flask, pages: Pages) -> None:
    page = pages("bureau").get("/areas/", statements=8)
    assert "参加排名镇街 136 个，待核 12 个" in page.text
    assert "临时代码" in page.text


def test_before_its_foundation_the_new_town_is_not_there(app: Flask, pages: Pages) -> None:
    page = pages("bureau").get("/areas/?on=2025-05-17")
    assert "参加排名镇街 135 个" in page.text
    assert "九州街道" not in page.text


def test_ranked_towns_are_135_up_to_2024_and_136_from_2025(app: Flask) -> None:
    assert [len(queries.ranked_towns(city_id(), year)) for year in (2021, 2024, 2025, 2026)] == [135, 135, 136, 136]


def test_a_town_user_sees_the_tree_but_no_way_to_change_it(app: Flask, pages: Pages) -> None:
    page = pages("town").get(f"/areas/{area('371502108').id}")
    assert "更正管理单位" not in page.text
    assert "录入人口" not in page.text


def test_bad_dates_and_huge_numbers_show_the_tree_of_today(app: Flask, pages: Pages) -> None:
    for query in ("on=2025-13-40", "year=99999999999999999999", "on=%00"):
        assert pages("bureau").browser.get(f"/areas/?{query}").status_code in (200, 400)
    for city in ("abc", "370600", "1"):
        assert pages("bureau").browser.get(f"/areas/?city={city}").status_code == 404


def test_moving_a_town_leaves_earlier_years_and_earlier_knowledge_alone(app: Flask, pages: Pages) -> None:
    clock.freeze(datetime(2026, 3, 1, 4, tzinfo=UTC))
    town, county, zone = area("371502108"), area("371502"), area("3715Z2")
    pages("bureau").post(f"/areas/{town.id}/move", {
        "unit_id": county.id, "since": "2024-07-01", "document": "聊政字〔2024〕9号", "confirmed": "y", "version": town.version,
    })
    assert queries.units_as_of(date(2024, 6, 30))[town.id] == zone.id
    assert queries.units_as_of(date(2024, 7, 1))[town.id] == county.id
    assert queries.units_as_of(date(2026, 3, 1))[town.id] == county.id
    assert len(queries.units_as_of(date(2026, 3, 1))) == len({t.id for t in db.session.scalars(
        select(Area).where(Area.kind.in_(queries.LEAF_KINDS)))})
    assert db.session.scalars(select(AuditRow).where(AuditRow.type == "area.moved")).one().new["unit"] == "东昌府区"


def test_what_was_known_earlier_can_be_asked(app: Flask) -> None:
    town, county, zone = area("371502108"), area("371502"), area("3715Z2")
    loaded = db.session.scalars(select(AreaMembership.recorded_at).where(AreaMembership.town_id == town.id)).one()
    clock.freeze(loaded.replace(year=loaded.year + 1))
    actions.move_town(town, unit_id=county.id, since=date(2020, 1, 1), document="x", confirmed=True, version=1, by=SYSTEM)
    day = date(2024, 12, 31)
    assert queries.units_as_of(day)[town.id] == county.id
    assert queries.units_as_of(day, known_on=clock.local(loaded).date())[town.id] == zone.id


def test_enterprises_follow_at_once_or_on_the_first_day(app: Flask) -> None:
    told: list[list[int]] = []
    changes.listen("area.unit_changed", lambda ids: told.append(list(ids)))
    try:
        town, county = area("371502108"), area("371502")
        today = clock.today()
        actions.move_town(town, unit_id=county.id, since=today, document="x", confirmed=True, version=1, by=SYSTEM)
        assert told == [[town.id]]
        later = date(today.year + 1, 1, 1)
        actions.move_town(town, unit_id=area("3715Z1").id, since=later, document="x", confirmed=True, version=2, by=SYSTEM)
        assert len(told) == 1
        actions.refresh_moved(later)
        assert told[1] == [town.id]
    finally:
        changes._listeners["area.unit_changed"].pop()


def test_the_second_of_two_editors_is_told_and_changes_nothing(app: Flask, pages: Pages) -> None:
    town = area("371502108")
    form = {"unit_id": area("371502").id, "since": "2024-07-01", "document": "甲", "version": town.version}
    browser = pages("bureau")
    browser.post(f"/areas/{town.id}/move", form)
    page = browser.post(f"/areas/{town.id}/move", {**form, "document": "乙"}, status=409)
    assert "刚被别人修改过" in page.text
    assert db.session.scalars(select(AreaMembership).where(AreaMembership.document == "乙")).first() is None


def test_a_refused_correction_keeps_the_input_and_says_why(app: Flask, pages: Pages) -> None:
    town = area("371502P01")
    page = pages("bureau").post(f"/areas/{town.id}/move", {
        "unit_id": area("371502").id, "since": "2025-05-01", "document": "某文件", "version": town.version,
    }, status=422)
    assert "归属不能早于这一天" in page.text
    assert "某文件" in page.html
    assert db.session.scalars(select(AreaMembership).where(AreaMembership.town_id == town.id)).one().superseded_at is None


def test_confirmed_needs_a_document(app: Flask, pages: Pages) -> None:
    town = area("371502108")
    page = pages("bureau").post(f"/areas/{town.id}/move", {
        "unit_id": area("371502").id, "since": "2024-07-01", "confirmed": "y", "version": town.version,
    }, status=422)
    assert "须写明依据文件" in page.text


def test_confirming_keeps_unit_and_dates(app: Flask, pages: Pages) -> None:
    town = area("371502108")
    row = db.session.scalars(select(AreaMembership).where(AreaMembership.town_id == town.id)).one()
    pages("bureau").post(f"/areas/{town.id}/memberships/{row.id}/confirm", {"document": "聊政字〔2010〕3号", "version": town.version})
    now = [r.row for r in queries.list_memberships(town.id) if r.row.superseded_at is None]
    assert [(r.unit_id, r.valid_from, r.confirmed, r.document) for r in now] == [(row.unit_id, row.valid_from, True, "聊政字〔2010〕3号")]
    assert queries.count_unconfirmed(city_id()) == 11


def test_a_provisional_code_becomes_official_once(app: Flask, pages: Pages) -> None:
    town, browser = area("371502P01"), pages("bureau")
    form = {"name": "九州街道", "note": "", "version": town.version}
    assert "9 位数字" in browser.post(f"/areas/{town.id}/edit", {**form, "code": "12"}, status=422).text
    assert "已被其他单位使用" in browser.post(f"/areas/{town.id}/edit", {**form, "code": "371502002"}, status=422).text
    browser.post(f"/areas/{town.id}/edit", {**form, "code": "371502012"})
    town = area("371502012")
    assert not town.provisional
    page = browser.post(f"/areas/{town.id}/edit", {**form, "code": "371502013", "version": town.version}, status=422)
    assert "正式区划代码不能修改" in page.text


def test_a_renamed_town_is_still_found_by_its_former_name(app: Flask, pages: Pages) -> None:
    town = area("371502108")
    pages("bureau").post(f"/areas/{town.id}/edit", {"name": "许营街道", "code": town.code, "version": town.version})
    resolver = queries.Resolver([city_id()])
    assert resolver.resolve("许营镇").town.id == resolver.resolve("许营街道").town.id == town.id


def test_a_new_town_gets_the_next_provisional_code_and_is_ranked_from_its_year(app: Flask, pages: Pages) -> None:
    pages("bureau").post("/areas/new", {
        "name": "新河街道", "kind": "subdistrict", "county_id": area("371502").id, "unit_id": area("3715Z1").id, "code": "",
        "founded": "2026-02-01", "document": "测试文件",
    })
    town = area("371502P02")
    assert queries.units_as_of(date(2026, 12, 31))[town.id] == area("3715Z1").id
    assert [len(queries.ranked_towns(city_id(), y)) for y in (2025, 2026)] == [136, 137]


def test_an_abolished_town_stays_in_its_years(app: Flask, pages: Pages) -> None:
    town = area("371502116")
    pages("bureau").post(f"/areas/{town.id}/close", {"last_day": "2025-06-30", "document": "撤并文件", "version": town.version})
    assert [len(queries.ranked_towns(city_id(), y)) for y in (2024, 2025)] == [135, 135]
    assert queries.Resolver([city_id()]).resolve("广平镇").status == "none"


POPULATION = {"year": "2023", "basis": "sample", "source": "市统计局"}


def test_pasted_population_is_stored_by_year_and_basis(app: Flask, pages: Pages) -> None:
    rows = "镇街\t人口\n柳园街道\t45,210\n东昌府区\t古楼街道\t38000\n371522002 1.5万\n\n合计\t98210"
    pages("bureau").post("/areas/population", {**POPULATION, "rows": rows})
    figures = queries.population(city_id(), 2023)
    assert figures[area("371502002").id] == (45210, "sample")
    assert figures[area("371502001").id] == (38000, "sample")
    assert figures[area("371522002").id] == (15000, "sample")
    assert "45,210" in pages("bureau").get("/areas/?year=2023").text


def test_one_line_not_understood_stores_nothing(app: Flask, pages: Pages) -> None:
    page = pages("bureau").post("/areas/population", {**POPULATION, "rows": "柳园街道 45210\n不存在镇 100\n古楼 abc\n新区街道 -5"}, status=422)
    assert "没有找到这个镇街" in page.text
    assert "“abc”不是人数" in page.text
    assert db.session.scalars(select(AreaPopulation)).first() is None


def test_the_same_population_again_changes_nothing_and_a_correction_keeps_the_old(app: Flask, pages: Pages) -> None:
    browser = pages("bureau")
    browser.post("/areas/population", {**POPULATION, "rows": "柳园 45210"})
    browser.post("/areas/population", {**POPULATION, "rows": "柳园 45210"})
    assert len(db.session.scalars(select(AreaPopulation)).all()) == 1
    browser.post("/areas/population", {**POPULATION, "rows": "柳园 45211"})
    rows = db.session.scalars(select(AreaPopulation).order_by(AreaPopulation.id)).all()
    assert [(r.persons, r.superseded_at is None) for r in rows] == [(45210, False), (45211, True)]


def test_a_sum_with_a_missing_town_is_missing(app: Flask, pages: Pages) -> None:
    pages("bureau").post("/areas/population", {**POPULATION, "rows": "柳园 45210"})
    nodes = queries.tree(city_id(), date(2023, 12, 31), year=2023)
    assert [n.persons for n in nodes] == [None] * 11
