"""The journeys of an officer through the pages, as his browser sees them."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import python_calamine
from sqlalchemy import select

from app.enterprises import exports
from app.enterprises.models import Enterprise, SavedView
from app.enterprises.queries import TimelineItem, hooks, records, register_timeline
from app.infra import jobs
from app.infra.audit import AuditRow
from app.infra.db import db
from tests.enterprises.samples import enterprise
from tests.factories.enterprises import make_credit_code, make_enterprise, town_id
from tests.pages import PageBrowser

Pages = Callable[[str | None], PageBrowser]


def hidden(page: Any, name: str) -> str:
    return next(e.attributes.get("value", "") for e in page.elements if e.tag == "input" and e.attributes.get("name") == name)


def form_values(page: Any) -> dict[str, str]:
    """What a browser would send back unchanged from the page's record form."""
    found = {}
    for e in page.elements:
        if e.tag == "input" and e.attributes.get("type") not in ("checkbox", "radio", "search", "submit") and e.attributes.get("name"):
            found[e.attributes["name"]] = e.attributes.get("value", "")
    return {k: v for k, v in found.items() if k != "csrf_token"}


def _sixty() -> None:
    for i in range(60):
        make_enterprise(f"聊城机械{i}厂", figures={2024: {"revenue_yuan": Decimal(i)}})


@pytest.mark.parametrize("address", ["/enterprises/", "/enterprises/?sort=-revenue", "/enterprises/?q=%E6%9C%BA%E6%A2%B0&col=code&col=founded&size=20"])
def test_the_list_costs_few_statements(prepared: Any, pages: Pages, app: Any, address: str) -> None:
    prepared(_sixty)
    page = pages("county").get(address, statements=9)
    assert "聊城机械" in page.text


def test_an_empty_register_says_what_to_do(pages: Pages) -> None:
    page = pages("bureau").get("/enterprises/")
    assert "还没有企业" in page.text and "/enterprises/new" in page.links


def test_no_match_offers_to_clear(pages: Pages) -> None:
    make_enterprise()
    page = pages("bureau").get("/enterprises/?q=毫无此名&scale=large")
    assert "没有符合条件的企业" in page.text and page.links.count("/enterprises/") >= 1


def test_filters_stand_in_the_address_and_as_chips(pages: Pages) -> None:
    make_enterprise("聊城甲厂", figures={2024: {"revenue_yuan": Decimal(50_000_000)}}, tags=("链主",))
    make_enterprise("聊城乙厂")
    page = pages("bureau").get("/enterprises/?tag=链主&revenue_from=4,000&revenue_to=1亿")
    assert "聊城甲厂" in page.text and "聊城乙厂" not in page.text
    assert "营业收入 ≥ 4,000 万元" in page.text and "营业收入 ≤ 10,000 万元" in page.text
    removers = [link for link in page.links if "revenue_from" not in link and "revenue_to" in link]
    assert removers and "tag" in parse_qs(urlsplit(removers[0]).query)


def test_what_cannot_be_understood_is_said(pages: Pages) -> None:
    make_enterprise()
    page = pages("bureau").get("/enterprises/?unit=abc&revenue_from=很多&status=gone&no_year=1")
    assert "有 4 个筛选条件无法识别" in page.text
    assert pages("bureau").get("/enterprises/?cursor=zzz", status=422)
    assert "至少需要两个字" in pages("bureau").get("/enterprises/?q=机").text


def test_who_may_not_see_figures_neither_sees_nor_sorts_nor_filters_by_them(pages: Pages) -> None:
    make_enterprise("聊城少厂", figures={2024: {"revenue_yuan": Decimal("77770000")}})
    row = make_enterprise("聊城多厂", figures={2024: {"revenue_yuan": Decimal("88880000")}})
    page = pages("trainer").get("/enterprises/?sort=-revenue&col=revenue&col=town&revenue_from=8000")
    assert "7,777.00" not in page.text and "8,888.00" not in page.text and "营业收入" not in page.text
    assert page.text.index("聊城少厂") < page.text.index("聊城多厂")
    dossier = pages("trainer").get(f"/enterprises/{row.id}", statements=22)
    assert "8,888" not in dossier.text and "年度经营数据" not in dossier.text


def test_a_saved_view_is_private_until_shared(pages: Pages) -> None:
    make_enterprise()
    county = pages("county")
    county.post("/enterprises/views", {"name": "规上", "query": "scale=small&cursor=abc"})
    assert "规上" in county.get("/enterprises/").text
    row = db.session.scalars(select(SavedView)).one()
    assert row.query == "scale=small"
    assert "规上" not in pages("zone").get("/enterprises/").text
    county.post("/enterprises/views", {"name": "规上", "query": "scale=medium", "shared": "1"})
    db.session.expire_all()
    assert (row.query, row.shared) == ("scale=medium", True)
    assert "规上" not in pages("zone").get("/enterprises/").text
    county.post("/enterprises/views", {"name": " ", "query": ""}, status=422)


def test_a_new_enterprise(pages: Pages) -> None:
    county = pages("county")
    county.get("/enterprises/new")
    data = {
        "credit_code": make_credit_code(42), "name": "聊城新设制造有限公司", "town_id": str(town_id()), "industry_code": "C3451", "status": "active",
        "founded_on": "2020-05-01",
    }
    page = county.post("/enterprises/new", data | {"credit_code": make_credit_code(42)[:-1] + "?"}, status=422)
    assert "统一社会信用代码" in page.text and "聊城新设制造有限公司" in page.html
    page = county.post("/enterprises/new", data | {"industry_code": "9999"}, status=422)
    assert "没有这个行业代码" in page.text
    page = county.post("/enterprises/new", data | {"town_id": str(town_id("371522001"))}, status=422)
    county.post("/enterprises/new", data)
    row = db.session.scalars(select(Enterprise)).one()
    assert (row.industry_code, row.created_by is not None) == ("3451", True)
    page = county.post("/enterprises/new", data | {"credit_code": make_credit_code(43)}, status=422)
    assert "可能已经登记过" in page.text and hidden(page, "confirmed") == "1"
    county.post("/enterprises/new", data | {"credit_code": make_credit_code(43), "confirmed": "1"})
    assert len(db.session.scalars(select(Enterprise)).all()) == 2


def test_two_tabs_the_second_is_asked_field_by_field(pages: Pages) -> None:
    row = enterprise()
    first, second = pages("bureau"), pages("county")
    address = f"/enterprises/{row.id}/edit"
    start = form_values(first.get(address)) | {"status": "active", "control_type": "private"}
    first.post(address, start | {"address": "甲路 1 号", "legal_person": "甲某"})
    page = second.post(address, start | {"address": "乙路 2 号", "park": "高新园"}, status=409)
    assert "已被他人修改" in page.text and "甲路 1 号" in page.text and "乙路 2 号" in page.text
    assert "甲某" in page.text and "（将保留）" in page.text and "高新园" in page.text
    db.session.expire_all()
    assert row.address == "甲路 1 号"
    values = form_values(page)
    second.post(address, values | {"address": "乙路 2 号"})
    db.session.expire_all()
    assert (row.address, row.legal_person, row.park, row.status) == ("乙路 2 号", "甲某", "高新园", "active")


def test_figures_are_typed_in_wan_and_kept_in_yuan(pages: Pages) -> None:
    row = enterprise()
    county, address = pages("county"), f"/enterprises/{row.id}/figures?year=2023&source=department"
    start = form_values(county.get(address)) | {"source": "department"}
    assert start["revenue_yuan"] == "10000" and start["employee_count"] == "30" and start["tax_yuan"] == ""
    county.post(address, start | {"revenue_yuan": "１２,３４５.６７", "tax_yuan": "0"})
    year = next(y for y in records.figures(row.id) if y.year == 2023)
    assert (year.value("revenue_yuan"), year.value("tax_yuan"), year.value("employee_count")) == (Decimal("123456700.00"), 0, 30)
    page = county.post(address, start, status=409)
    assert "12,345.67" in page.text
    page = county.post(address, start | {"revenue_yuan": "一百", "employee_count": "3.5"}, status=422)
    assert "一百" in page.html
    history = county.get(f"/enterprises/{row.id}/figures/2023")
    assert history.text.count("现用") == 1 and "已更新" in history.text


def test_the_dossier_shows_the_past_as_it_was_known(pages: Pages) -> None:
    row = enterprise()
    county = pages("county")
    page = county.get(f"/enterprises/{row.id}", statements=22)
    assert page.h1 == "聊城范例机械有限公司" and "2024 年营业收入" in page.text and "1.20亿元" in page.text and "138****1234" in page.text
    past = county.get(f"/enterprises/{row.id}?as_of=2020-06-01", statements=22)
    assert past.h1 == "聊城样例机械有限公司" and "修改信息" not in past.text and "回到今天" in past.text
    unknown = county.get(f"/enterprises/{row.id}?as_of=2024-12-31&known_on=2020-01-01", statements=22)
    assert "还没有年度数据" in unknown.text and "2024 年营业收入" not in unknown.text
    for impossible in ("as_of=0001-01-01", "as_of=2024-02-30", "known_on=nonsense", "known_on=2999-01-01"):
        refused = county.get(f"/enterprises/{row.id}?{impossible}", status=422, statements=18)
        assert "请修改后重试" in refused.text or "日期" in refused.text or "不能晚于今天" in refused.text


def test_upper_capabilities_add_to_the_timeline(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "_timelines", dict(hooks._timelines))
    row = enterprise()

    def provider(enterprise_id: int, day: date, known_on: date | None) -> list[TimelineItem]:
        return [TimelineItem(date(2023, 3, 3), "获得称号", f"试验称号 {enterprise_id == row.id}", "ok", "试验来源")]

    register_timeline(provider)
    register_timeline(provider)
    text = pages("county").get(f"/enterprises/{row.id}", statements=22).text
    assert text.count("试验称号 True") == 1


def test_a_merged_record_leads_to_the_kept_one(pages: Pages) -> None:
    kept, gone = enterprise(), enterprise("聊城样例机械厂")
    county = pages("county")
    page = county.get(f"/enterprises/{kept.id}/merge/{gone.id}")
    data = {"reason": "同一企业", "kept_version": hidden(page, "kept_version"), "merged_version": hidden(page, "merged_version")}
    county.post(f"/enterprises/{kept.id}/merge/{gone.id}", data)
    assert county.get(f"/enterprises/{gone.id}", status=302).response.location == f"/enterprises/{kept.id}"
    assert county.get(f"/enterprises/by-code/{gone.credit_code}", status=302).response.location == f"/enterprises/{kept.id}"
    assert "撤销合并" in county.get(f"/enterprises/{kept.id}/twins", fragment=True, statements=14).html
    pages("stranger").get(f"/enterprises/{gone.id}", status=404)


def test_bulk_tags(pages: Pages) -> None:
    first, second, far = make_enterprise(), make_enterprise(), make_enterprise(town="371522001")
    county = pages("county")
    county.post("/enterprises/tags", {"ids": [first.id, second.id], "tag": "倍增", "what": "add", "query": "q=聊城"})
    assert len(county.get("/enterprises/?tag=倍增").all("td", class_="freeze row-title")) == 2
    county.post("/enterprises/tags", {"ids": [first.id, far.id], "tag": "越界", "what": "add"}, status=404)
    assert "没有符合条件" in county.get("/enterprises/?tag=越界").text
    county.post("/enterprises/tags", {"tag": "x"}, status=422)


def sheet(content: bytes) -> list[list[Any]]:
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_the_export_holds_exactly_the_filtered_rows(pages: Pages) -> None:
    make_enterprise("=1+1聊城公式有限公司", figures={2024: {"revenue_yuan": Decimal("123456789.01")}}, tags=("出",))
    make_enterprise("聊城乙有限公司", tags=("出",))
    make_enterprise("莘县别处有限公司", town="371522001", tags=("出",))
    make_enterprise("聊城未选有限公司")
    answer = pages("county").browser.post("/enterprises/export", data={"query": "tag=出&sort=-revenue&col=revenue&col=town"})
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    rows = sheet(answer.data)
    assert rows[0][0] == "企业名单" and "数据截至" in rows[1][0] and "标签：出" in rows[1][0]
    assert rows[2] == ["统一社会信用代码", "企业名称", "所在镇街", "营业收入（万元）"]
    assert [r[1] for r in rows[3:]] == ["=1+1聊城公式有限公司", "聊城乙有限公司"] and isinstance(rows[3][0], str)
    assert rows[3][3] == pytest.approx(12345.678901) and rows[4][3] in ("", None)
    audit = db.session.scalars(select(AuditRow).where(AuditRow.type == "enterprise.exported")).one()
    assert audit.new["rows"] == 2 and audit.actor_name == "东昌府经办甲"


def test_a_role_without_figures_exports_none(pages: Pages) -> None:
    make_enterprise(figures={2024: {"revenue_yuan": Decimal(5)}})
    assert pages("trainer").browser.post("/enterprises/export", data={"query": ""}).status_code == 403


def test_a_long_export_runs_in_the_background_for_its_owner_only(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 3)
    names = [make_enterprise().name for _ in range(7)]
    make_enterprise("莘县别处有限公司", town="371522001")
    county = pages("county")
    address = county.post("/enterprises/export", {"query": "sort=-id"}).response.location
    assert "排队中" in county.get(address).text
    job_id = int(address.rsplit("/", 1)[1])
    claimed = jobs.claim("test")
    assert claimed is not None and claimed.id == job_id
    jobs.run_claimed(claimed, "test")
    done = county.get(address)
    assert "共 7 家" in done.text and f"{address}/file" in done.links
    rows = sheet(county.browser.get(f"{address}/file").data)
    assert [r[1] for r in rows[3:]] == names[::-1]
    for other in ("bureau", "stranger"):
        assert pages(other).browser.get(f"{address}/file").status_code == 404
    fragment = county.get(address, fragment=True)
    assert "hx-get" not in fragment.html


def test_an_empty_export_still_has_its_head(pages: Pages) -> None:
    rows = sheet(pages("county").browser.post("/enterprises/export", data={"query": "q=毫无此名"}).data)
    assert rows[2][:2] == ["统一社会信用代码", "企业名称"]


def test_the_list_of_a_scope_knows_nothing_of_others(pages: Pages) -> None:
    make_enterprise("莘县秘密有限公司", town="371522001", figures={2024: {"revenue_yuan": Decimal(10**8)}}, tags=("秘密标签",))
    for address in ("/enterprises/", "/enterprises/?q=秘密", "/enterprises/?sort=-revenue", "/enterprises/duplicates", "/enterprises/?tag=秘密标签"):
        page = pages("county").get(address)
        assert "莘县秘密" not in page.text, address
    assert "莘县秘密" in pages("stranger").get("/enterprises/").text
