"""A county officer opens an enterprise, reads what it lacks for the next rung, enters the unknown fact, and the card changes."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, Site, axe_violations


def open_a_card(page: Page, url: str) -> None:
    """From the list of enterprises to the dossier and on to the card."""
    page.goto(f"{url}/enterprises/")
    page.locator("table.grid-table tbody .row-title a").first.click()
    summary = page.locator("#gaps")
    expect(summary).to_contain_text("升级还差什么")
    expect(summary).to_contain_text("不作为认定依据")
    summary.get_by_role("link", name="打开差距卡").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("升级差距")


def read_and_answer(page: Page) -> str:
    """Read the first title, answer the question on the card; returns the question."""
    main = page.locator("main")
    expect(main).to_contain_text("能往哪里升")
    opened = page.locator("details.panel-fold[open]").first
    expect(opened.locator("table.gap-table")).to_be_visible()
    expect(opened).to_contain_text(re.compile("还差|缺数据|已达到"))
    panel = page.locator("#question")
    asked = panel.locator("b").first.inner_text()
    value = panel.locator("input[name=value][type=radio], input[name=value], select[name=value]").first
    kind = value.get_attribute("type")
    if kind == "radio":
        value.check()
    elif value.evaluate("node => node.tagName") == "SELECT":
        value.select_option(index=1)
    else:
        value.fill("12")
    panel.locator("input[name=evidence]").fill("现场查阅台账")
    panel.get_by_role("button", name="保存数据").click()
    return asked


def journey(page: Page, url: str) -> None:
    open_a_card(page, url)
    asked = read_and_answer(page)
    main = page.locator("main")
    expect(main).to_contain_text("已录入")
    expect(page.locator("#question b").first).not_to_have_text(asked)
    page.get_by_role("link", name="已录入的内容").click()
    expect(page.locator("main")).to_contain_text(re.compile("现场查阅台账|年度经营数据"))
    page.go_back()
    page.get_by_role("button", name="留存本次诊断").click()
    expect(page.locator("main")).to_contain_text("以后打开内容不变")
    page.get_by_role("link", name="与今天比较").click()
    expect(page.locator("main")).to_contain_text("没有变化")


def from_the_list_to_the_card(page: Page, url: str) -> None:
    """Who lacks one condition only, the condition in words, the card of the first."""
    page.goto(f"{url}/")
    page.locator("summary", has_text="梯度培育").click()
    page.get_by_role("link", name="差距清单").first.click()
    main = page.locator("main")
    expect(main).to_contain_text("只差一项")
    page.goto(f"{url}/ladder/gap-list?title=innovative_sme")
    expect(page.locator(".page-note")).to_contain_text("创新型中小企业")
    page.get_by_role("link", name=re.compile("^按缺的条件")).click()
    pill = page.locator("nav[aria-label=按缺的条件筛选] a", has_text=re.compile(r"\d+ 家缺")).first
    wanted = re.findall(r"[\d,]+", pill.inner_text())[0]
    pill.click()
    expect(page.locator(".page-note")).to_contain_text(f"{wanted} 家")
    page.locator("table.grid-table a", has_text="差距卡").first.click()
    expect(page.locator("details#title-innovative_sme")).to_have_attribute("open", "")


def test_from_the_gap_list_to_the_card(site: Site, sign_in: Callable[..., Page]) -> None:
    from_the_list_to_the_card(sign_in("county"), site.url)


def test_the_officer_reads_the_gap_and_enters_what_is_unknown(site: Site, sign_in: Callable[..., Page]) -> None:
    journey(sign_in("county"), site.url)


def test_the_card_works_on_a_phone_and_is_accessible(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in("county", viewport=PHONE, axe=True)
    open_a_card(page, site.url)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for fold in page.locator("details.panel-fold:not([open]) > summary").all()[:3]:
        fold.click()
    assert not axe_violations(page)
