"""The visit form of a phone in a real browser: no network, a killed tab, a lost answer, a double tap, an expired login, a second user."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from app.demo.accounts import PASSWORD
from tests.browsers import ARGUMENTS, CHROMIUM
from tests.factories.visits import photo_bytes
from tests.journeys.conftest import AXE, PHONE, Site

TEXT = "看了新厂房，设备已到位，缺两名数控技工。"


def rows(site: Site, statement: str) -> list[Any]:
    with sqlite3.connect(f"file:{site.data}/yumiao.db?mode=ro", uri=True) as database:
        return database.execute(statement).fetchall()


def stored(site: Site, key: str) -> list[Any]:
    """(id, summary, photos) of the visits under a key of the device."""
    return rows(site, f"select v.id, v.summary, (select count(*) from visit_photo p where p.visit_id = v.id) from visit v where v.client_key = '{key}'")


class Phone:
    """One phone: a browser profile that survives its tabs."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site, self.context = site, context
        self.page: Page = context.new_page()

    def sign_in(self, login: str) -> None:
        self.page.goto(f"{self.site.url}/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("form:has(input[name=password]) button[type=submit]")
        self.page.wait_for_url(re.compile(r"^(?!.*/login).*$"))

    def open(self) -> Page:
        self.page.goto(f"{self.site.url}/visits/phone")
        expect(self.page.locator("html[data-phone=ready]")).to_have_count(1)
        return self.page

    def installed(self) -> None:
        """The form is open and the service worker has it."""
        self.open()
        self.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        expect(self.page.locator("[data-do=begin]").first).to_be_visible()
        self.open()

    def kill_tab(self) -> None:
        """The tab is gone without a word to it; another one is opened."""
        dead, self.page = self.page, self.context.new_page()
        dead.close(run_before_unload=False)

    def write(self, text: str = TEXT) -> str:
        """Begin a visit; returns the key the device gave it."""
        self.page.locator("[data-do=begin]").first.click()
        self.page.fill("#summary", text)
        expect(self.page.locator("[data-part=saved]")).to_contain_text("草稿已存本机")
        return self.kept("drafts")[-1]["key"]

    def kept(self, store: str) -> list[Any]:
        """Everything in one store of the phone, whoever wrote it."""
        found: list[Any] = self.page.evaluate(
            """(store) => new Promise((done, failed) => {
                const request = indexedDB.open('yumiao-phone');
                request.onsuccess = () => {
                    const all = request.result.transaction(store).objectStore(store).getAll();
                    all.onsuccess = () => { request.result.close(); done(all.result.map((row) => ({ ...row, data: undefined }))); };
                    all.onerror = () => failed(all.error);
                };
            })""",
            store,
        )
        return found

    def submit(self) -> None:
        self.page.click("[data-part=submit]")
        expect(self.page.locator("[data-view=form]")).to_be_hidden()

    def state(self) -> Any:
        return expect(self.page.locator("[data-part=state]"))


@pytest.fixture
def phone(site: Site, chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    contexts: list[BrowserContext] = []

    def make(login: str = "expert", **more: Any) -> Phone:
        context = chromium.browser_type.launch_persistent_context(
            str(tmp_path / f"profile{len(contexts)}"), executable_path=CHROMIUM, args=ARGUMENTS, viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai",
            **more,
        )
        contexts.append(context)
        made = Phone(site, context)
        made.sign_in(login)
        return made

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(autouse=True)
def served(site: Site) -> None:
    """Team 1 (expert and liaison of the demo) serves some firms."""
    with sqlite3.connect(f"{site.data}/yumiao.db", timeout=20) as database:
        database.execute(
            "insert into enterprise_assignment (enterprise_id, team_id, kind, valid_from) select e.id, 1, 'team', '2024-01-01' from enterprise e"
            " where e.status = 'active' and e.merged_into_id is null"
            " and not exists (select 1 from enterprise_assignment a where a.enterprise_id = e.id) order by e.id limit 10"
        )


def test_without_a_network_text_and_photos_outlive_the_killed_tab(phone: Callable[..., Phone], site: Site, tmp_path: Path) -> None:
    one = phone()
    one.installed()
    picture = tmp_path / "厂房.jpg"
    picture.write_bytes(photo_bytes(3000, 2000))
    one.context.set_offline(True)
    one.open()
    one.state().to_contain_text("当前离线，照常填写即可")
    key = one.write()
    one.page.set_input_files("#photos", str(picture))
    expect(one.page.locator("[data-part=photos] img")).to_have_count(1)
    one.page.locator("[data-add=promises]").click()
    one.page.locator("[data-rows=promises] [data-part=text]").fill("联系技改专家")
    expect(one.page.locator("[data-part=saved]")).to_contain_text("草稿已存本机")
    one.page.wait_for_timeout(700)
    one.kill_tab()
    one.open()
    one.page.click("[data-do=resume]")
    expect(one.page.locator("#summary")).to_have_value(TEXT)
    expect(one.page.locator("[data-rows=promises] [data-part=text]")).to_have_value("联系技改专家")
    expect(one.page.locator("[data-part=photos] img")).to_have_count(1)
    one.submit()
    one.state().to_contain_text("1 条待上传，联网后自动上传")
    assert stored(site, key) == []
    one.context.set_offline(False)
    one.state().to_contain_text("没有待上传的记录", timeout=15_000)
    assert [(text, photos) for _, text, photos in stored(site, key)] == [(TEXT, 1)]
    assert rows(site, "select count(*) from visit_promise where text = '联系技改专家'") == [(1,)]
    assert one.kept("outbox") == [] and one.kept("photos") == [] and one.kept("drafts") == []  # purged after the receipt


def test_other_pages_say_that_they_need_a_network(phone: Callable[..., Phone], site: Site) -> None:
    one = phone()
    one.installed()
    one.context.set_offline(True)
    one.page.goto(f"{site.url}/enterprises/")
    expect(one.page.locator("h1")).to_have_text("当前没有网络")


def test_a_lost_answer_and_a_double_tap_store_one_row(phone: Callable[..., Phone], site: Site) -> None:
    one = phone()
    one.installed()
    lost: list[int] = []

    def lose(route: Route) -> None:
        answer = route.fetch()
        lost.append(answer.status)
        route.abort()

    one.page.route("**/api/v1/visits", lose)
    key = one.write("答复丢在路上。")
    one.page.dblclick("[data-part=submit]")
    expect(one.page.locator("[data-part=rows]")).to_contain_text("网络不通")
    assert lost == [201] and len(stored(site, key)) == 1
    one.page.unroute("**/api/v1/visits")
    one.page.click("[data-part=upload]")
    one.state().to_contain_text("没有待上传的记录", timeout=15_000)
    expect(one.page.locator("[data-part=receipts]")).to_contain_text(f"回执编号 {stored(site, key)[0][0]}")
    assert len(stored(site, key)) == 1 and one.kept("outbox") == []


def test_two_tabs_send_one_row_and_do_not_overwrite_each_other(phone: Callable[..., Phone], site: Site) -> None:
    one = phone()
    one.installed()
    key = one.write("第一个页面写的。")
    first = one.page
    one.page = one.context.new_page()
    one.open()
    one.page.click("[data-do=resume]")
    one.page.fill("#summary", "第二个页面写的。")
    expect(one.page.locator("[data-part=saved]")).to_contain_text("草稿已存本机")
    first.fill("#summary", "第一个页面又写。")
    expect(first.locator("[data-part=saved]")).to_contain_text("正在另一个页面修改")
    one.submit()
    one.state().to_contain_text("没有待上传的记录", timeout=15_000)
    assert [text for _, text, _ in stored(site, key)] == ["第二个页面写的。"]


def test_an_expired_login_keeps_everything_and_goes_on_after_the_next(phone: Callable[..., Phone], site: Site) -> None:
    one = phone()
    one.installed()
    key = one.write("登录过期时写的。")
    one.context.clear_cookies()
    one.submit()
    one.state().to_contain_text("登录已过期")
    one.state().to_contain_text("1 条待上传")
    assert stored(site, key) == []
    one.sign_in("expert")
    one.open()
    one.state().to_contain_text("没有待上传的记录", timeout=15_000)
    assert len(stored(site, key)) == 1


def test_another_user_of_the_phone_sees_nothing_and_sends_nothing(phone: Callable[..., Phone], site: Site) -> None:
    one = phone()
    one.installed()
    key = one.write("吴专家写的，没有上传。")
    one.context.clear_cookies()
    one.submit()
    one.sign_in("liaison")
    one.open()
    expect(one.page.locator("[data-part=who]")).to_have_text("郑专员")
    one.state().to_contain_text("没有待上传的记录", timeout=15_000)
    assert "吴专家写的" not in one.page.locator("body").inner_text()
    assert stored(site, key) == [] and [row["key"] for row in one.kept("outbox")] == [key]
    one.context.clear_cookies()
    one.sign_in("expert")
    one.open()
    one.state().to_contain_text("没有待上传的记录", timeout=15_000)
    assert rows(site, f"select created_name from visit where client_key = '{key}'") == [("吴专家",)]


def test_a_refused_row_is_mended_alone_while_the_others_pass(phone: Callable[..., Phone], site: Site) -> None:
    one = phone()
    one.installed()
    one.context.set_offline(True)
    bad = one.write("日期写错的一条。")
    one.page.fill("#visited_on", "2035-01-01")
    one.page.wait_for_timeout(600)
    one.submit()
    good = one.write("没有问题的一条。")
    one.submit()
    one.state().to_contain_text("2 条待上传")
    one.context.set_offline(False)
    one.state().to_have_text("1 条被退回，请修改或删除", timeout=15_000)
    assert len(stored(site, good)) == 1 and stored(site, bad) == []
    expect(one.page.locator("[data-part=rows]")).to_contain_text("走访日期在今天之后")
    one.page.click("[data-do=mend]")
    one.page.fill("#visited_on", "2026-05-06")
    one.submit()
    one.state().to_contain_text("没有待上传的记录", timeout=15_000)
    assert [text for _, text, _ in stored(site, bad)] == ["日期写错的一条。"]


def test_signing_out_asks_while_something_waits_and_wipes_the_enterprises(phone: Callable[..., Phone], site: Site) -> None:
    one = phone()
    one.installed()
    one.page.route("**/api/v1/visits", lambda route: route.abort())
    key = one.write("还没有上传。")
    one.submit()
    one.state().to_contain_text("1 条待上传")
    one.page.goto(f"{site.url}/visits/")
    one.page.click("button[aria-label$='的菜单']")
    one.page.click("form[action='/logout'] button")
    expect(one.page.locator("[data-view=leave]")).to_contain_text("还有 1 条走访没有上传")
    with one.page.expect_download() as download:
        one.page.click("[data-view=leave] [data-do=rescue]")
    assert "还没有上传。" in Path(download.value.path()).read_text(encoding="utf-8")
    one.page.click("[data-do=leave]")
    one.page.wait_for_url("**/login*")
    one.page.goto(f"{site.url}/visits/phone")
    expect(one.page.locator("[data-part=firms-note]")).to_contain_text("请先登录一次")
    assert [row["name"] for row in one.kept("meta")] == [] and [row["key"] for row in one.kept("outbox")] == [key]


def test_the_form_has_no_fault_of_access_and_no_script_error(phone: Callable[..., Phone], site: Site) -> None:
    one, problems = phone(bypass_csp=True), []
    one.page.on("pageerror", lambda error: problems.append(str(error)))
    one.installed()
    one.write()
    for rows_of in ("findings", "measures", "promises", "demands"):
        one.page.locator(f"[data-add={rows_of}]").click()
    one.page.add_script_tag(path=str(AXE))
    found = one.page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")["violations"]
    assert not [f"{v['id']}: {[n['target'] for n in v['nodes']][:3]}" for v in found] and not problems
