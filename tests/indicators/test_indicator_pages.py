"""The tables people open: numbers open their firms for every role, nothing of another county shows, the workbook says the same."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from app.indicators import actions
from app.infra import clock
from app.infra.db import db
from tests.factories import ladder as make

Pages = Callable[[str], Any]
BUDGET = 20


@pytest.fixture
def firms(app: Flask) -> list[Any]:
    clock.freeze(datetime(2024, 6, 1, 4, tzinfo=UTC))
    codes = ("371502001", "371502001", "371502002", "371581107", "3715Z1000", "370602001")
    rows = [make.firm(make.area(code), name=f"{name}字号有限公司") for code, name in zip(codes, "甲乙丙丁戊己", strict=True)]
    for row in rows:
        make.recognition(row, "high_tech")
    make.recognition(rows[0], "srdi")
    make.recognition(rows[0], "scale_up", valid_to=None, open_ended=True)
    make.figures(rows[0], 2023, 150_000_000)
    actions.rebuild()
    db.session.commit()
    return rows


def number_links(page: Any) -> list[tuple[int, str]]:
    return [
        (int(e.text.replace(",", "")), e.attributes["href"]) for e in page.all("a")
        if re.match(r"/indicators/\d{4}/", e.attributes.get("href", "")) and e.text.strip()
    ]


@pytest.mark.parametrize("persona", ["bureau", "leader", "county", "zone", "stranger", "stranger_city"])
@pytest.mark.parametrize("address", [
    "/indicators/", "/indicators/counties", "/indicators/city", "/indicators/ranking?item=15", "/indicators/?unit=371502&sort=-15",
    "/indicators/?as_of=2023-07-01", "/indicators/?known_on=2024-05-31", "/indicators/counties?year=2024",
])
def test_every_number_opens_exactly_its_enterprises(firms: list[Any], pages: Pages, persona: str, address: str) -> None:
    browser = pages(persona)
    for number, link in number_links(browser.get(address, statements=BUDGET)):
        opened = browser.get(link, statements=BUDGET)
        said = int(re.search(r"([\d,]+) 家，数据截至", opened.text)[1])  # type: ignore[index]
        assert (number, number) == (said, len(opened.all("tr")) - 1), link


def test_the_city_sees_136_towns_and_the_sums(firms: list[Any], pages: Pages) -> None:
    page = pages("bureau").get("/indicators/?year=2023", statements=BUDGET)
    assert "135 个乡镇（街道）" in page.text and len(page.all("tr")) == 2 + 135 + 1
    assert "待报" in page.text and page.html.count("hatched") == 16 * 136
    assert (5, "/indicators/2023/371500/15") in number_links(page)
    assert "136 个乡镇" in pages("bureau").get("/indicators/?year=2025", statements=BUDGET).text


def test_a_county_sees_its_own_towns_only(firms: list[Any], pages: Pages) -> None:
    page = pages("county").get("/indicators/", statements=BUDGET)
    assert "古楼街道" in page.text and "临清市" not in page.text
    assert (3, "/indicators/2023/371502/15") in number_links(page)
    assert "丁字号" not in pages("county").get("/indicators/2023/371502/15", statements=BUDGET).text


def test_a_town_sees_its_own_numbers_the_mean_and_no_links(firms: list[Any], pages: Pages) -> None:
    table, city = (pages("town").get(path, statements=BUDGET) for path in ("/indicators/", "/indicators/city"))
    assert "柳园街道" in table.text and "古楼街道" not in table.text and not number_links(table) and not number_links(city)
    assert "镇街平均" in city.text
    order = pages("town").get("/indicators/ranking?item=15", statements=BUDGET)
    assert "古楼街道" not in order.text and "公布后可见" in order.text


def test_another_city_has_no_rows_here(firms: list[Any], pages: Pages) -> None:
    page = pages("stranger_city").get("/indicators/", statements=BUDGET)
    assert "烟台市没有镇街指标体系" in page.text and "柳园" not in page.text


def test_reference_values_are_marked(firms: list[Any], pages: Pages) -> None:
    page = pages("bureau").get("/indicators/2023/371502001/3", statements=BUDGET)
    assert "系统参考值" in page.text and "甲字号" in page.text
    assert "系统参考值" in pages("bureau").get("/indicators/", statements=BUDGET).text


@pytest.mark.parametrize("path", [f"/indicators/2023/{cell}" for cell in ("371502001/1", "371502001/26", "000000/15", "371502001/x")])
def test_what_has_no_list_is_not_found(firms: list[Any], as_: Any, path: str) -> None:
    assert as_("bureau").get(path).status_code == 404


@pytest.mark.parametrize("query", ["year=abcd", "year=1800", "year=9999", "as_of=2023-02-30", "known_on=x"])
def test_a_year_or_day_that_is_none_is_refused(app: Flask, as_: Any, query: str) -> None:
    assert as_("bureau").get(f"/indicators/?{query}").status_code == 422


def test_ranking_shares_ranks_and_orders_by_code(firms: list[Any], pages: Pages) -> None:
    page = pages("bureau").get("/indicators/ranking?item=15&year=2023", statements=BUDGET)
    cells = [e.text for e in page.all("td")]
    assert "不是强镇综合得分" in page.text and {"1", "2", "4"} <= set(cells) and "3" not in [c for c in cells if c.isdigit()][::2]


def test_the_button_counts_a_year_anew(firms: list[Any], as_: Any, pages: Pages) -> None:
    make.recognition(firms[1], "srdi")
    db.session.commit()
    assert (1, "/indicators/2023/371502001/10") in number_links(pages("bureau").get("/indicators/?year=2023", statements=BUDGET))
    assert as_("bureau").post("/indicators/compute", data={"year": "2023"}).status_code == 303
    assert (2, "/indicators/2023/371502001/10") in number_links(pages("bureau").get("/indicators/?year=2023", statements=BUDGET))
    assert as_("county").post("/indicators/compute", data={"year": "2023"}).status_code == 403


def _sheets(response: Any) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(response.data))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def test_the_workbook_has_the_layout_of_the_annex(firms: list[Any], as_: Any) -> None:
    response = as_("bureau").post("/indicators/export", data={"year": "2023"})
    assert response.status_code == 200 and "xlsx" in response.headers["Content-Disposition"]
    sheets = _sheets(response)
    assert list(sheets) == ["镇街汇总表", "县区汇总表", "指标说明"]
    towns = sheets["镇街汇总表"]
    assert towns[0][0] == "聊城市2023年度民营经济高质量发展强镇建设指标汇总表"
    assert towns[1][0].startswith("填报单位（盖章）：聊城市") and any("数据截至 2023-12-31" in str(c) for c in towns[1])
    assert towns[2][:4] == ["序号", "县（市、区）", "乡镇（街道）", "综合实力"] and "9. 创新型中小企业数量" in towns[3][3 + 8]
    assert towns[4][3] == "定量" and towns[5][3] == "5%"
    total = next(row for row in towns if str(row[0]).startswith("合计"))
    assert towns.index(total) == 6 + 135 and total[3 + 14] == 5 and total[3] == "待报"
    assert any(str(row[0]).startswith("制表人：市局经办甲") for row in towns)
    assert len(sheets["指标说明"]) == 2 + 26


def test_exports_stay_in_reach(firms: list[Any], as_: Any) -> None:
    towns = _sheets(as_("county").post("/indicators/export", data={"year": "2023"}))["镇街汇总表"]
    assert {row[1] for row in towns[6:] if row[2]} == {"东昌府区"}
    mine = _sheets(as_("town").post("/indicators/export", data={"year": "2023"}))["镇街汇总表"]
    assert [row[2] for row in mine[6:] if row[2]] == ["柳园街道"] and "东昌府区柳园街道" in mine[1][0]
    assert as_("department").post("/indicators/export", data={"year": "2023"}).status_code == 403


def test_command_prints_only_json_in_the_agreed_shape(app: Flask, firms: list[Any]) -> None:
    result = app.test_cli_runner().invoke(args=["indicators", "compute", "--year", "2023", "--json"])
    answer = json.loads(result.stdout)
    assert result.exit_code == 0 and (answer["year"], answer["as_of"], len(answer["towns"])) == (2023, "2023-12-31", 135)
    town = next(t for t in answer["towns"] if t["code"] == "371502001")
    assert town == {"code": "371502001", "name": "古楼街道", "values": {"9": 0, "10": 1, "11": 0, "12": 0, "14": 0, "15": 2, "17": 0, "22": 0}}


def test_command_takes_a_day_and_a_knowledge_date(app: Flask, firms: list[Any]) -> None:
    def total(*args: str) -> int:
        result = app.test_cli_runner().invoke(args=["indicators", "compute", "--year", "2023", "--json", *args])
        return sum(t["values"]["15"] for t in json.loads(result.stdout)["towns"])
    assert (total(), total("--as-of", "2023-06-30"), total("--known-on", "2024-05-31"), total("--known-on", "2024-06-01")) == (4, 0, 0, 4)
    assert app.test_cli_runner().invoke(args=["indicators", "compute", "--year", "2023", "--as-of", "gestern"]).exit_code == 2


def test_rebuild_command_tells_its_time(app: Flask, firms: list[Any]) -> None:
    result = app.test_cli_runner().invoke(args=["indicators", "rebuild", "--time", "--json"])
    assert json.loads(result.stdout)["seconds_per_year"] > 0


def test_changes_reach_the_stored_table_in_their_own_transaction(firms: list[Any], pages: Pages) -> None:
    from app.infra import changes

    make.move(firms[1], make.area("371502002"), date(2023, 6, 1))
    changes.tell("enterprise.moved", [firms[1].id])
    db.session.commit()
    links = number_links(pages("bureau").get("/indicators/?year=2023", statements=BUDGET))
    assert (1, "/indicators/2023/371502001/15") in links and (2, "/indicators/2023/371502002/15") in links
