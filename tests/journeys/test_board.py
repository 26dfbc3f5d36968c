"""The board by mouse, by keyboard and on a phone: whatever moves a card opens one dialog, and nothing changes before its form is sent."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import PHONE, Site, axe_violations

SignIn = Callable[..., Page]


def board(page: Page, site: Site, query: str = "") -> Page:
    page.goto(f"{site.url}/ladder/{query}")
    expect(page.locator("[data-kanban] [data-card][tabindex='0']")).to_have_count(1)  # the scripts of the board have run
    return page


def column(page: Page, rung: str) -> Locator:
    return page.locator(f".board-column[data-rung={rung}]")


def numbers(page: Page) -> list[str]:
    return page.locator(".board-head b").all_inner_texts()


def test_a_dropped_card_opens_the_dialog_and_changes_nothing(site: Site, sign_in: SignIn) -> None:
    page = board(sign_in("bureau"), site)
    before, card = numbers(page), column(page, "none").locator("[data-card]").first
    name = card.locator("a").first.inner_text()
    card.drag_to(column(page, "gazelle"))
    dialog = page.locator("#move-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("#move-title")).to_have_text(f"{name}：未上梯 → 瞪羚")
    expect(dialog.locator("select[name=title_code]")).to_have_value("gazelle")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert numbers(board(page, site)) == before


def test_dropped_where_it_was_nothing_happens(site: Site, sign_in: SignIn) -> None:
    page = board(sign_in("bureau"), site)
    cards = column(page, "none").locator("[data-card]")
    cards.first.drag_to(cards.nth(1))
    page.wait_for_timeout(300)
    expect(page.locator("#move-dialog")).to_be_hidden()


def test_by_keyboard_alone_a_title_is_recorded_and_the_card_moves(site: Site, sign_in: SignIn) -> None:
    page = board(sign_in("bureau"), site)
    first = page.locator("[data-card][tabindex='0']")
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    card = column(page, "none").locator("[data-card]:focus")
    expect(card).to_have_count(1)
    outline = card.evaluate("e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth")
    assert outline == "solid3px", outline
    name = card.locator("a").first.inner_text()
    page.keyboard.press("Enter")
    dialog = page.locator("#move-dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_role("link", name="瞪羚").press("Enter")
    expect(dialog.locator("#move-title")).to_contain_text("→ 瞪羚")
    dialog.locator("select[name=level]").select_option("province")
    dialog.locator("input[name=batch_year]").fill("2025")
    dialog.locator("input[name=valid_from]").fill("2025-01-01")
    dialog.locator("input[name=valid_to]").fill("2030-12-31")
    dialog.get_by_role("button", name="登记认定").press("Enter")
    page.wait_for_url(re.compile(r"/ladder/\?ladder=yumiao"))
    expect(page.locator("main")).to_contain_text(f"已登记“{name}”")
    listed = page.goto(f"{site.url}/ladder/holders?ladder=yumiao&rung=gazelle&size=200")
    assert listed is not None and name in listed.text()


def test_shift_and_arrow_choose_the_rung_beside(site: Site, sign_in: SignIn) -> None:
    page = board(sign_in("bureau"), site)
    column(page, "srdi").locator("[data-card]").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#move-title")).to_contain_text("专精特新 → 瞪羚")
    page.keyboard.press("Escape")
    expect(page.locator("#move-dialog")).to_be_hidden()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#move-title")).to_contain_text("专精特新 → 小升规")
    expect(page.locator("#move-body")).to_contain_text("层级不能直接下调")


def test_a_phone_shows_one_column_and_its_menu_opens_the_same_dialog(site: Site, sign_in: SignIn) -> None:
    page = board(sign_in("bureau", PHONE, axe=True), site)
    expect(page.locator(".board-column:visible")).to_have_count(1)
    page.locator(".board-choice").get_by_role("link", name=re.compile("^专精特新")).click()
    expect(page.locator(".board-column:visible .board-head")).to_contain_text("专精特新")
    assert not page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    page.locator(".board-column:visible [data-move]").first.click()
    dialog = page.locator("#move-dialog")
    expect(dialog.locator("#move-title")).to_contain_text("→ 瞪羚")
    assert not axe_violations(page)
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog).to_be_hidden()


def test_more_cards_come_without_leaving_the_page(site: Site, sign_in: SignIn) -> None:
    page = board(sign_in("bureau"), site)
    cards = column(page, "none").locator(".board-card")
    expect(cards).to_have_count(12)
    column(page, "none").get_by_role("link", name="再显示").click()
    expect(cards).to_have_count(24)
    names = cards.locator("div:first-child a").all_inner_texts()
    assert len(set(names)) == 24
    expect(cards.last.locator(".card-gap")).to_contain_text("下一步")


@pytest.mark.parametrize("path", ["/ladder/", "/ladder/transitions", "/ladder/durations", "/ladder/explain?title=srdi&before_as_of=2024-12-31"])
@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_pages_of_the_board_are_accessible_and_fit(site: Site, sign_in: SignIn, viewport: dict[str, int] | None, path: str) -> None:
    page = sign_in("bureau", viewport, axe=True)
    page.goto(site.url + path)
    page.wait_for_timeout(600)
    assert not axe_violations(page)
    assert not page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")


def test_the_drawing_of_flows_comes_in_a_part_of_its_own(site: Site, sign_in: SignIn) -> None:
    """Only the page of flows fetches the code of the drawing; its numbers stand in the table, too."""
    page, scripts = sign_in("bureau"), []
    page.on("request", lambda request: scripts.append(request.url) if ".js" in request.url else None)
    page.goto(f"{site.url}/ladder/funnel")
    expect(page.locator("figure[data-ready] svg")).to_be_visible()
    assert not [url for url in scripts if "sankey" in url]
    page.goto(f"{site.url}/ladder/transitions")
    expect(page.locator("figure[data-ready] svg")).to_be_visible()
    assert [url for url in scripts if "sankey" in url]
    table = page.locator("table").last
    assert int(table.locator("tfoot td").last.inner_text().replace(",", "")) > 0
