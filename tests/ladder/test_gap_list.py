"""The gap list: candidates first, every count opens exactly its rows, filters, paging, export, who may see it."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.enterprises.models import Enterprise, EnterpriseAssignment
from app.infra import city, clock, jobs
from app.infra.db import db
from app.infra.jobs import Job
from app.kernel.actor import Actor
from app.ladder.actions.verdicts import rebuild_all
from tests.factories import ladder as make
from tests.pages import PageBrowser
from tests.personas import Browser

Pages = Callable[[str | None], PageBrowser]
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
LIST = "/ladder/gap-list"
YEARS = {"main_revenue_yuan": 0.95, "rd_expense_yuan": 0.08}


def ready_firm(place: str, name: str, revenue: int = 30_000_000, **more: object) -> Enterprise:
    """Meets everything a machine can check of 专精特新 2026 unless ``more`` takes something away (a column of the yearly figures, None)."""
    row = make.firm(make.area(place), name=name, industry_code="3451", founded_on=date(2015, 3, 2))
    make.recognition(row, "innovative_sme", level="province", batch_year=2025, valid_from=date(2025, 6, 1), valid_to=date(2028, 5, 31))
    values: dict[str, object] = {
        "main_revenue_yuan": Decimal(revenue) * 95 / 100, "rd_expense_yuan": Decimal(revenue) * 8 / 100, "employee_count": 80, "rd_staff_count": 20,
        "assets_yuan": Decimal(40_000_000), "debt_yuan": Decimal(10_000_000), "ip_class1_count": 3, "niche_years": 6,
    }
    for year in (2025, 2024):
        make.figures(row, year, Decimal(revenue), "department", **(values | more))
    return row


def lead(row: Enterprise) -> None:
    """The share of the lead product: the one condition no column knows."""
    from app.kernel.actor import SYSTEM
    from app.kernel.scope import ALL
    from app.ladder.actions.answers import record_answer

    record_answer(scope=ALL, enterprise_id=row.id, field="lead_product_revenue", year=2025, value=Decimal(25_000_000), by=SYSTEM)


@pytest.fixture
def firms(app: Flask) -> dict[str, Enterprise]:
    """One that meets everything, one short of revenue, one whose R&D nobody knows, one far away, one in another county."""
    clock.freeze(NOW)
    found = {
        "met": ready_firm("371502001", "全满足机械有限公司"),
        "short": ready_firm("371502002", "差营收机械有限公司", 14_000_000, rd_expense_yuan=Decimal(2_000_000)),
        "unknown": ready_firm("371502001", "缺资产机械有限公司", assets_yuan=None),
        "far": make.firm(make.area("371502001"), name="空白机械有限公司"),
        "elsewhere": ready_firm("371522001", "莘县全满足机械有限公司"),
    }
    for key in ("met", "short", "unknown", "elsewhere"):
        lead(found[key])
    db.session.flush()
    rebuild_all()
    db.session.commit()
    return found


def names(page: object) -> list[str]:
    return re.findall(r"[\u4e00-\u9fff]+机械有限公司(?=</a></th>)", page.html)  # type: ignore[attr-defined]


def counts_of(page: object) -> dict[str, int]:
    return {text: int(count) for text, count in re.findall(r"(全满足|只差一项) (\d+)</a>", page.html)}  # type: ignore[attr-defined]


def test_met_first_then_one_short_each_with_its_reason(pages: Pages, firms: dict[str, Enterprise]) -> None:
    browser = pages("county")
    met = browser.get(f"{LIST}?title=srdi&tab=all_met", statements=40)
    assert names(met) == ["全满足机械有限公司"] and counts_of(met) == {"全满足": 1, "只差一项": 2}
    short = browser.get(f"{LIST}?title=srdi&tab=one_short", statements=40)
    assert set(names(short)) == {"差营收机械有限公司", "缺资产机械有限公司"}
    assert "还差 100 万元" in short.text and "缺 2025年资产总额" in short.text


def test_every_count_of_a_condition_opens_exactly_its_rows(pages: Pages, firms: dict[str, Enterprise]) -> None:
    browser = pages("county")
    for tab in ("one_short", "reachable"):
        page = browser.get(f"{LIST}?title=srdi&tab={tab}", statements=40)
        pills = re.findall(r'<li><a href="([^"]*missing=[^"]*)"[^>]*>([^<]*)</a></li>', page.html)
        assert pills
        for address, text in pills:
            count = int(re.sub(r"\D", "", re.findall(r"^(\d+) 家缺|(\d+)$", text)[0][0] or re.findall(r"(\d+)$", text)[0]))
            opened = browser.get(address.replace("&amp;", "&"), statements=40)
            assert len(names(opened)) == count, (text, names(opened))


def test_filters_by_place_industry_and_team(pages: Pages, firms: dict[str, Enterprise]) -> None:
    browser = pages("bureau")
    everything = browser.get(f"{LIST}?title=srdi&tab=all_met", statements=40)
    assert set(names(everything)) == {"全满足机械有限公司", "莘县全满足机械有限公司"}
    met = firms["met"]
    assert names(browser.get(f"{LIST}?title=srdi&tab=all_met&unit={met.unit_id}", statements=40)) == ["全满足机械有限公司"]
    assert names(browser.get(f"{LIST}?title=srdi&tab=all_met&town={met.town_id}", statements=40)) == ["全满足机械有限公司"]
    assert len(names(browser.get(f"{LIST}?title=srdi&tab=all_met&section=C", statements=40))) == 2
    assert not names(browser.get(f"{LIST}?title=srdi&tab=all_met&section=F", statements=40))
    db.session.add(EnterpriseAssignment(enterprise_id=met.id, team_id=1, valid_from=date(2026, 1, 1)))
    db.session.commit()
    page = browser.get(f"{LIST}?title=srdi&tab=all_met&team=1", statements=40)
    assert names(page) == ["全满足机械有限公司"] and counts_of(page)["全满足"] == 1


def test_who_sees_what(pages: Pages, firms: dict[str, Enterprise]) -> None:
    assert names(pages("stranger").get(f"{LIST}?title=srdi&tab=all_met", statements=40)) == ["莘县全满足机械有限公司"]
    assert names(pages("leader").get(f"{LIST}?title=srdi&tab=all_met", statements=40))
    db.session.add(EnterpriseAssignment(enterprise_id=firms["short"].id, team_id=1, valid_from=date(2026, 1, 1)))
    db.session.commit()
    for persona in ("team_leader", "expert", "liaison"):
        assert names(pages(persona).get(f"{LIST}?title=srdi&tab=one_short", statements=40)) == ["差营收机械有限公司"]
    for persona in ("town", "department", "trainer", "system"):
        pages(persona).get(LIST, status=403)


def test_paging_goes_there_and_back(pages: Pages, app: Flask) -> None:
    clock.freeze(NOW)
    rows = [ready_firm("371502001", f"{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{'一二三'[n // 10]}机械有限公司") for n in range(25)]
    for row in rows:
        lead(row)
    rebuild_all()
    db.session.commit()
    browser = pages("county")
    first = browser.get(f"{LIST}?title=srdi&tab=all_met&size=20", statements=40)
    following = next(link for link in first.links if "cursor=" in link)
    second = browser.get(following, statements=40)
    assert len(names(first)) == 20 and len(names(second)) == 5 and not set(names(first)) & set(names(second))
    back = next(link for link in second.links if "cursor=" in link)
    assert names(browser.get(back, statements=40)) == names(first)
    browser.get(f"{LIST}?cursor=forged", status=422)


def test_the_export_is_the_filtered_list(as_: Callable[[str], Browser], firms: dict[str, Enterprise]) -> None:
    answer = as_("county").post(f"{LIST}/export?title=srdi&tab=one_short")
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert {row[1] for row in rows[3:]} == {"差营收机械有限公司", "缺资产机械有限公司"}
    assert any("还差 100 万元" in str(row[8]) for row in rows[3:])
    assert as_("leader").post(f"{LIST}/export").status_code == 403
    assert as_("town").post(f"{LIST}/export").status_code == 403


def test_a_changed_figure_moves_the_firm_at_once(pages: Pages, firms: dict[str, Enterprise]) -> None:
    browser = pages("county")
    address = f"/ladder/enterprises/{firms['unknown'].id}/answers/new?field=assets&year=2025"
    page = browser.get(address, statements=30)
    seen = next(e for e in page.all("input", name="seen")).attributes["value"]
    browser.post(address, {"value": "5000", "source": "department", "seen": seen, "opened_source": "department"})
    assert set(names(browser.get(f"{LIST}?title=srdi&tab=all_met", statements=40))) == {"全满足机械有限公司", "缺资产机械有限公司"}


def test_the_home_page_has_one_line_that_opens_its_rows(pages: Pages, firms: dict[str, Enterprise]) -> None:
    browser = pages("county")
    assert any("/ladder/gap-list/line" in e.attributes.get("hx-get", "") for e in browser.get("/", statements=40).all("div"))
    line = browser.get(f"{LIST}/line", fragment=True, statements=30)
    assert "只差一项 2 家" in line.html
    assert len(names(browser.get(line.links[0], statements=40))) == 2
    browser.get(f"{LIST}/line", status=302)


@pytest.mark.parametrize("query", ["title=nothing", "tab=nothing", "missing=nothing", "unit=abc", "unit=999999999999999999999", "section=ZZ", "team=x", "size=9999", "type=x"])
def test_unknown_words_narrow_nothing_or_find_nothing(pages: Pages, firms: dict[str, Enterprise], query: str) -> None:
    pages("county").get(f"{LIST}?{query}", statements=40)


def test_another_day_is_worked_out_live(pages: Pages, firms: dict[str, Enterprise]) -> None:
    page = pages("county").get(f"{LIST}?title=srdi&tab=all_met&as_of=2026-05-01", statements=60)
    assert "按所选日期逐家现算" in page.text and names(page) == ["全满足机械有限公司"]
    early = pages("county").get(f"{LIST}?title=srdi&tab=all_met&known_on=2026-05-01", statements=60)
    assert names(early) == []


def test_an_empty_installation_says_what_to_do(pages: Pages, app: Flask) -> None:
    assert "没有只差一项的企业" in pages("county").get(LIST, statements=40).text


def test_a_long_list_is_written_whole_in_the_background(as_: Callable[[str], Browser], firms: dict[str, Enterprise], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ladder.views.gap_list.AT_ONCE", 1)
    browser = as_("county")
    answer = browser.post(f"{LIST}/export?title=srdi&tab=one_short&unit={firms['unknown'].unit_id}")
    assert answer.status_code == 303 and "/enterprises/exports/" in answer.location
    job = db.session.scalars(select(Job).where(Job.kind == "ladder.export")).one()
    city.forget()
    done = jobs.run_inline(job.kind, job.payload, label=job.label, by=Actor(job.created_by, "经办"))
    assert done.state == "done" and (done.result or {})["rows"] == 2
    db.session.commit()
    page = browser.get(f"/enterprises/exports/{done.id}")
    assert "共 2 家" in page.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(browser.get(f"/enterprises/exports/{done.id}/file").data))
    assert {row[1] for row in book.get_sheet_by_index(0).to_python()[3:]} == {"差营收机械有限公司", "缺资产机械有限公司"}
    assert as_("bureau").get(f"/enterprises/exports/{done.id}").status_code == 404
