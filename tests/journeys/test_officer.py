"""The officer's journey: sign in, import a messy workbook, see the enterprises on the ladder, open the town table down to its firms.

``YUMIAO_PICTURES=docs/pictures`` keeps a picture of each station for the README.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from app.demo.generator import credit_code
from tests.journeys.conftest import PHONE, WIDE, Site, axe_violations

PICTURES = os.environ.get("YUMIAO_PICTURES")
FIRST = 900_000
NEW = [credit_code(FIRST + n) for n in range(6)]


def picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(400)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def enterprises_workbook(path: Path) -> Path:
    """As a county sends it: title and unit lines, merged county cells, odd headers, codes as they come, a total and a signature."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("明细")
    sheet.merge_range("A1:H1", "东昌府区重点培育企业情况表")
    sheet.write_row("A2", ["填报单位：东昌府区工信局", "", "", "", "", "单位：万元"])
    sheet.write_row("A3", ["序号", "企业（单位）名称", "统一社会\n信用代码", "所属镇街", "成立时间", "行业代码", "法定代表人", "联系电话"])
    rows = [
        (1, "聊城旅程轴承有限公司", NEW[0], "柳园街道", "2012.3.5", "3451", "张三丰", "13812345678"),
        (2, "聊城旅程铝业有限公司", f"'{NEW[1]}", "柳园", "2015年6月1日", "3252", "李四光", "13912345678"),
        (3, "聊城旅程数控有限公司", NEW[2].lower(), "沙镇", 42005, "3421", "王五一", "１３７１２３４５６７８"),
        (4, "聊城旅程食品有限公司", NEW[3][:-1] + ("0" if NEW[3][-1] != "0" else "1"), "侯营镇", "2018/8/8", "1371", "赵六合", ""),
        (5, "聊城旅程电子有限公司", NEW[4], "没有这个镇", "2019-09-09", "3989", "钱七宝", ""),
        (6, "", NEW[5], "古楼街道", "2020-01-01", "6513", "孙八斗", ""),
    ]
    for index, row in enumerate(rows):
        sheet.write_row(3 + index, 0, row)
    sheet.write_row(9, 0, ["合计", "6 家"])
    sheet.write_row(10, 0, ["制表人：王主任", "", "", "审核人：李科长"])
    book.close()
    return path


def recognitions_workbook(path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row("A1", ["企业名称", "统一社会信用代码", "称号", "级别", "批次年度", "公布日期", "有效期起", "有效期止", "文号"])
    sheet.write_row("A2", ["聊城旅程轴承有限公司", NEW[0], "专精特新中小企业", "省级", 2024, "2024年7月1日", "2024-07-01", "2027-06-30", "演示〔2024〕1号"])
    sheet.write_row("A3", ["聊城旅程铝业有限公司", NEW[1], "专精特新“小巨人”", "国家级", 2024, "2024年7月1日", "2024-07-01", "2027-06-30", "演示〔2024〕2号"])
    book.close()
    return path


def upload(page: Page, site: Site, kind: str, file: Path) -> None:
    page.goto(f"{site.url}/exchange/{kind}/new")
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile("待导入|确认"), timeout=60_000)


def apply(page: Page) -> None:
    page.get_by_role("button", name="确认导入").first.click()
    dialog = page.locator("#confirm.show")
    if dialog.count():
        dialog.get_by_role("button").last.click()
    expect(page.locator("main")).to_contain_text("已导入", timeout=60_000)


def test_from_a_messy_workbook_to_the_town_table(site: Site, sign_in: Callable[..., Page], tmp_path: Path) -> None:
    page = sign_in("bureau")
    picture(page, "home")
    upload(page, site, "enterprises", enterprises_workbook(tmp_path / "东昌府区企业.xlsx"))
    main = page.locator("main")
    expect(main).to_contain_text("没有这个镇")
    picture(page, "import-preview")
    main.get_by_role("link", name=re.compile("^新增")).first.click()
    expect(main).to_contain_text("聊城旅程轴承有限公司")
    apply(page)
    upload(page, site, "recognitions", recognitions_workbook(tmp_path / "认定名单.xlsx"))
    apply(page)

    page.goto(f"{site.url}/enterprises/?q=旅程轴承")
    page.get_by_role("link", name="聊城旅程轴承有限公司").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("聊城旅程轴承有限公司")
    expect(page.locator("main")).to_contain_text("专精特新")
    picture(page, "enterprise")

    page.goto(f"{site.url}/ladder/")
    picture(page, "ladder")
    page.goto(f"{site.url}/indicators/?year=2025")
    picture(page, "towns")
    link = page.locator("a[href$='/indicators/2025/371502002/10']").first
    number = int(re.search(r"\d+", link.inner_text())[0])  # type: ignore[index]
    assert number >= 2
    link.click()
    expect(page.locator("main")).to_contain_text("聊城旅程轴承有限公司")
    expect(page.locator("main")).to_contain_text("聊城旅程铝业有限公司")
    assert page.locator("main tbody tr").count() == number
    if PICTURES:
        page.set_viewport_size(PHONE)
        page.goto(f"{site.url}/enterprises/")
        picture(page, "phone")


def test_refused_rows_come_back_with_their_reasons(site: Site, sign_in: Callable[..., Page], tmp_path: Path) -> None:
    page = sign_in("bureau")
    upload(page, site, "enterprises", enterprises_workbook(tmp_path / "再来一次.xlsx"))
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("下载退回")).first.click()
    target = tmp_path / "back.xlsx"
    download.value.save_as(target)
    from python_calamine import load_workbook

    text = str(load_workbook(str(target)).get_sheet_by_index(0).to_python())
    assert "没有这个镇" in text and "退回原因" in text


PAGES = ("/", "/enterprises/", "/enterprises/1", "/ladder/", "/ladder/funnel", "/ladder/titles", "/indicators/", "/indicators/counties", "/indicators/city",
         "/exchange/", "/exchange/enterprises/new", "/areas/", "/policies/", "/search?q=轴承", "/expiring")


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_no_page_violates_accessibility_a_or_aa(site: Site, sign_in: Callable[..., Page], viewport: dict[str, int] | None) -> None:
    page = sign_in("bureau", viewport, axe=True)
    found = {}
    for path in PAGES:
        page.goto(site.url + path)
        page.wait_for_timeout(300)
        if violations := axe_violations(page):
            found[path] = violations
    assert not found, found


@pytest.mark.parametrize("viewport", [None, WIDE, PHONE], ids=["1366", "1920", "390"])
def test_no_page_scrolls_sideways(site: Site, sign_in: Callable[..., Page], viewport: dict[str, int] | None) -> None:
    page = sign_in("bureau", viewport)
    wide = []
    for path in PAGES:
        page.goto(site.url + path)
        if page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            wide.append(path)
    assert not wide


def test_the_palette_opens_an_enterprise_from_the_keyboard_alone(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in("bureau")
    page.keyboard.press("Control+k")
    page.keyboard.type("轴承")
    expect(page.locator("#palette-list [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/enterprises/\d+"))


def test_an_expired_sign_in_leads_back_to_the_page(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in("county")
    page.context.clear_cookies()
    page.goto(f"{site.url}/indicators/?year=2025")
    assert "/login" in page.url
    from app.demo.accounts import PASSWORD

    page.fill("input[name=login]", "county")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button[type=submit]")
    page.wait_for_url(re.compile(r"/indicators/\?year=2025"))


LADDER_PAGES = (
    "/ladder/pools/", "/ladder/pools/above_scale_pipeline", "/ladder/pools/screening", "/ladder/applications/", "/ladder/applications/waiting?state=submitted",
    "/ladder/impact", "/policies/liaocheng/criteria", "/policies/liaocheng/criteria/srdi_2026", "/ladder/gaps?as_of=2025-12-31", "/ladder/gap-list", "/ladder/lifecycle/", "/ladder/batches", "/?as_of=2025-12-31",
    "/enterprises/?as_of=2025-12-31&sort=-revenue",
)


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_no_page_of_the_ladder_violates_accessibility_a_or_aa(site: Site, sign_in: Callable[..., Page], viewport: dict[str, int] | None) -> None:
    page = sign_in("bureau", viewport, axe=True)
    found = {}
    for path in LADDER_PAGES:
        answer = page.goto(site.url + path)
        assert answer is not None and answer.status == 200, path
        page.wait_for_timeout(200)
        if violations := axe_violations(page):
            found[path] = violations
    assert not found, found
