"""The parts of the face in a real browser, without the application: content policy, accessibility, behaviour.

One small site draws every part with the project's macros under the product's content policy; no database, no sign-in.
"""

import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, make_response, render_template, request
from jinja2 import FileSystemLoader
from markupsafe import Markup
from werkzeug.serving import make_server
from wtforms import DecimalField, FileField, Form, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired

from app.infra.web import filters, templating
from app.infra.web.frame import Frame
from app.infra.web.navigation import NavLink
from app.infra.web.pagination import Page as RowPage
from tests.browsers import CHROMIUM

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-x'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'"
)
VIEWPORTS = {"desk": (1366, 768), "wide": (1920, 1080), "phone": (390, 844)}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (set YUMIAO_CHROMIUM)"),
    pytest.mark.skipif(not (ROOT / "static/dist/manifest.json").exists(), reason="the front end is not built: python3 scripts/build.py"),
]


class EnterpriseForm(Form):
    name = StringField("企业名称", [DataRequired("请填写企业名称。")], description="与营业执照一致")
    town = SelectField("镇街", choices=[("", "请选择"), ("1", "烟店镇"), ("2", "柳园街道")], validate_choice=False)
    kind = RadioField("类型", choices=[("1", "工业"), ("2", "服务业")], validate_choice=False)
    ways = RadioField("方向", choices=[("a", "融资"), ("b", "用地")], validate_choice=False)
    revenue = DecimalField("营业收入")
    secret = PasswordField("密码")
    file = FileField("工作簿")


def _charts() -> list[dict]:
    steps = [{"name": "入库", "value": Decimal(9), "href": "/list"}, {"name": "独角兽", "value": 0}]
    years = [{"name": "甲", "values": [1, 2]}, {"name": "乙", "values": [2, None]}]
    towns = [{"name": "家数", "values": [3, None], "target": 9}]
    six = [{"name": str(i), "max": 9} for i in range(6)]
    return [
        {"kind": "funnel", "label": "梯队", "unit": "家", "items": steps},
        {"kind": "bar", "label": "镇街", "horizontal": True, "categories": ["甲", "乙"], "series": towns},
        {"kind": "line", "label": "历年", "categories": ["2021", "2022"], "series": years},
        {"kind": "radar", "label": "维度", "axes": six, "series": [{"name": "甲", "values": [1, 2, 3, 4, 5, 6]}]},
        {"kind": "heatmap", "label": "热力", "columns": ["a", "b"], "rows": ["c"], "cells": [[0, 0, 1], [1, 0, None]]},
        {"kind": "sankey", "label": "流向", "nodes": [{"name": "a"}, {"name": "b"}], "links": [{"source": "a", "target": "b", "value": 2}]},
    ]


def _site() -> Flask:
    app = Flask(__name__, static_folder=str(ROOT / "static"), static_url_path="/static")
    app.jinja_loader = FileSystemLoader([ROOT / "templates", Path(__file__).with_name("face_pages")])  # type: ignore[assignment]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    templating.init_app(app)
    filters.init_app(app)
    def parts(text_size: str | None) -> dict[str, Markup]:
        """The frame as the product draws it, not kept."""
        said = {"menu": navigation(), "text_size": text_size, "form_token": "token", "viewer_name": "李科长"}
        return {name: Markup(render_template(f"_layout/{name}.html", **said)) for name in Frame.__annotations__}

    def navigation() -> list[Any]:
        return [("日常", [NavLink(text, url, symbol, request.path == url, True) for text, url, symbol in entries])]

    entries = (("工作台", "/", "home"), ("企业库", "/list", "building-factory-2"), ("新增", "/form", "plus"))
    app.jinja_env.globals.update(
        csrf_token=lambda: "token",
        current_user=SimpleNamespace(name="李科长", large_type=False),
        frame=parts, city_choice=lambda: None, keep_city=lambda: "",
    )
    app.config["SENT"] = []

    @app.after_request
    def policy(response):
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/")
    def figures():
        return render_template("figures.html", charts=_charts())

    @app.get("/list")
    def rows():
        return render_template("list.html", page=RowPage(rows=[1], next="n", previous="p", size=50, total=1000, more=True))

    @app.get("/form")
    def form():
        bad = EnterpriseForm()
        bad.validate()
        return render_template("form.html", form=bad)

    @app.post("/sent")
    def sent():
        app.config["SENT"].append(request.form.to_dict())
        return '<link rel="icon" href="data:,">sent'

    @app.get("/search", endpoint="workbench.search")
    def search():
        if request.args.get("q") == "busy":
            return make_response('<p class="error-message">数据库正忙，请几秒后重试。</p>', 503)
        return '<li role="option" data-href="/list">企业库</li><li role="option" data-href="/form">新增企业</li>'

    return app


@pytest.fixture(scope="module")
def app_and_url() -> Iterator[tuple[Flask, str]]:
    app = _site()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield app, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def open_page(chromium, app_and_url):
    """Opens a path at a viewport; at the end the browser must have had nothing to complain about."""
    contexts, complaints = [], []

    def open_it(path: str, viewport: str = "desk", **options):
        width, height = VIEWPORTS[viewport]
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints
        page.goto(app_and_url[1] + path)
        if options.get("java_script_enabled", True):
            page.locator("html[data-scripts=ready]").wait_for(state="attached")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


def _violations(page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    script = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(r => r.violations)"
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in page.evaluate(script)]


@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize("path", ["/", "/list", "/form"])
def test_every_part_is_accessible_and_fits_the_screen(open_page, path, viewport):
    if not AXE.exists():
        pytest.skip("axe-core is not installed (node_modules)")
    page = open_page(path, viewport, bypass_csp=True)
    if path == "/":
        page.locator("figure.chart[data-ready] svg").nth(5).wait_for()
    assert _violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("path", ["/", "/list", "/form"])
def test_the_content_policy_has_nothing_to_block(open_page, path):
    page = open_page(path)
    page.wait_for_timeout(600)
    assert page.complaints == []


def test_all_charts_draw_and_a_click_follows_the_link(open_page):
    page = open_page("/")
    page.locator("figure.chart[data-ready] svg").nth(5).wait_for()
    assert page.locator("figure.chart details[open]").count() == 0
    page.locator("figure.chart").first.get_by_text("入库　9 家").first.click()
    page.wait_for_url(re.compile("/list$"))


def test_without_scripts_the_tables_of_the_charts_are_open(open_page):
    page = open_page("/", java_script_enabled=False)
    assert page.locator("figure.chart details[open] table").count() == 6
    assert page.locator(".chart-canvas").first.is_hidden()


def test_search_palette_by_keyboard(open_page):
    page = open_page("/")
    page.keyboard.press("Control+k")
    page.locator("#palette input").wait_for()
    page.locator("#palette input:focus").wait_for()
    page.keyboard.type("新增")
    page.locator("#palette [role=option][aria-selected=true]").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/form$"))


def test_a_destructive_button_asks_and_sends_only_after_the_answer(open_page, app_and_url):
    app, _ = app_and_url
    app.config["SENT"].clear()
    page = open_page("/list")
    button = page.get_by_role("button", name="撤回导入")
    button.click()
    dialog = page.locator("#confirm.show")
    dialog.wait_for()
    assert "撤回“8月导入”？" in dialog.inner_text() and "210 家将被移除。" in dialog.inner_text()
    dialog.get_by_role("button", name="返回").click()
    page.locator("#confirm").wait_for(state="hidden")
    assert app.config["SENT"] == []
    button.click()
    page.locator("#confirm.show").get_by_role("button", name="撤回导入").click()
    page.wait_for_url(re.compile("/sent$"))
    assert app.config["SENT"] == [{"csrf_token": "token"}]


def test_a_form_is_sent_once_however_often_the_button_is_pressed(open_page, app_and_url):
    app, _ = app_and_url
    app.config["SENT"].clear()
    page = open_page("/form")
    page.fill("#name", "聊城某某机械有限公司")
    page.evaluate("() => { const b = document.querySelector('.form-actions button'); b.click(); b.click(); b.click(); }")
    page.wait_for_url(re.compile("/sent$"))
    assert len(app.config["SENT"]) == 1


def test_ticking_rows_shows_the_bulk_bar_also_on_a_phone(open_page):
    for viewport in ("desk", "phone"):
        page = open_page("/list", viewport)
        bar = page.locator("[data-bulk]")
        assert bar.is_hidden()
        page.locator("[data-row]").first.check()
        page.locator("[data-row]").nth(1).check()
        assert bar.is_visible() and "已选 2 家企业" in bar.inner_text()
        page.locator("[data-row]").first.uncheck()
        page.locator("[data-row]").nth(1).uncheck()
        assert bar.is_hidden()


def test_large_type_is_remembered_and_fits(open_page, app_and_url):
    page = open_page("/list")
    page.locator(".user-menu button").first.click()
    page.get_by_role("button", name="大字版").click()
    page.goto(app_and_url[1] + "/list")
    assert page.locator("html").get_attribute("data-size") == "large"
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") > 18
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_block_from_a_spreadsheet_fills_right_and_down(open_page):
    page = open_page("/list")
    page.locator("[data-paste] input").nth(2).focus()
    page.evaluate("""() => {
      const data = new DataTransfer();
      data.setData('text/plain', '1,234.5\\t二\\r\\n-3\\t\\r\\n多出的行\\r\\n');
      document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
    }""")
    values = page.evaluate("Array.from(document.querySelectorAll('[data-paste] input')).map(i => i.value)")
    assert values == ["", "", "1234.5", "二", "-3", ""]
    assert "已粘贴 4 格" in page.locator("#toasts").inner_text()


def test_a_wrong_file_is_named_before_it_travels(open_page):
    page = open_page("/form")
    page.set_input_files("#file", {"name": "名单.docx", "mimeType": "application/x", "buffer": b"x"})
    assert "不是支持的格式" in page.locator(".drop-name").inner_text()
    page.set_input_files("#file", {"name": "名单.xlsx", "mimeType": "application/x", "buffer": b"x" * 1_200_000})
    assert "超过 1 MB 上限" in page.locator(".drop-name").inner_text()
    page.set_input_files("#file", {"name": "名单.xlsx", "mimeType": "application/x", "buffer": b"x" * 2048})
    assert "已选择：名单.xlsx（2.0 KB）" in page.locator(".drop-name").inner_text()


def test_a_filter_goes_at_once_by_mouse_but_waits_for_keyboard_users(open_page):
    page = open_page("/list")
    county = page.locator("#filter-county")
    county.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(400)
    assert "county" not in page.url
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/list\?county=1$"))  # empty fields stay out of the address


def test_a_failed_part_says_the_servers_sentence(open_page):
    page = open_page("/list")
    page.keyboard.press("Control+k")
    page.locator("#palette input:focus").wait_for()
    page.keyboard.type("busy")
    page.locator(".toast-line").wait_for()
    assert page.locator(".toast-line").inner_text() == "数据库正忙，请几秒后重试。"
    page.complaints.clear()  # the browser itself logs the 503
