"""工作日历: who keeps it, the warning of a year without data, and that nothing typed is lost."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from app.infra import clock
from tests.pages import PageBrowser

Pages = Callable[[str | None], PageBrowser]
LIST = {"year": "2027", "document": "国务院办公厅关于2027年部分节假日安排的通知", "rows": "2027-01-01 放假 元旦\n2027-02-14 上班 春节调休"}


def test_a_year_without_data_warns_until_its_list_is_entered(app: Flask, pages: Pages) -> None:
    clock.freeze(datetime(2026, 11, 20, 2, tzinfo=UTC))
    assert "2027 年的放假安排还没有登记" in pages("system").get("/policies/workdays/").text
    pages("bureau").post("/policies/workdays/list", LIST)
    page = pages("bureau").get("/policies/workdays/?year=2027")
    assert "还没有登记" not in page.text and "元旦" in page.text and "春节调休" in page.text


def test_a_list_with_a_bad_line_is_kept_on_the_page_and_nothing_is_stored(app: Flask, pages: Pages) -> None:
    answer = pages("bureau").browser.post("/policies/workdays/list", data=LIST | {"rows": "2027-01-01 放假 元旦\n后天放假"})
    assert answer.status_code == 422 and "后天放假" in answer.text and "2027-01-01 放假 元旦" in answer.text
    assert "该年没有登记放假和调休" in pages("bureau").get("/policies/workdays/?year=2027").text


def test_one_day_is_corrected_and_restored(app: Flask, pages: Pages) -> None:
    pages("bureau").post("/policies/workdays/day", {"day": "2026-11-20", "worked": "0", "label": "停电", "document": "通知"})
    assert "停电" in pages("bureau").get("/policies/workdays/?year=2026").text
    pages("bureau").post("/policies/workdays/forget", {"day": "2026-11-20"})
    assert "停电" not in pages("bureau").get("/policies/workdays/?year=2026").text


def test_a_county_officer_does_not_keep_the_calendar(app: Flask, as_: Callable[..., object]) -> None:
    assert as_("county").get("/policies/workdays/").status_code == 403  # type: ignore[attr-defined]
