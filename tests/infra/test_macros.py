"""The macros that pages are made of: missing is not zero, a number opens its rows, nothing a person typed becomes markup."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask, flash, render_template_string
from wtforms import DecimalField, Form, RadioField, SelectField, StringField
from wtforms.validators import DataRequired

from app.infra.web import errors, filters, pagination, templating

ROOT = Path(__file__).resolve().parents[2]
EVIL = '"><script>alert(1)</script>\''


@pytest.fixture
def draw(tmp_path: Path):
    """Draws template text with the project's macros; the front end is a stub."""
    dist = tmp_path / "dist"
    dist.mkdir()
    icons = [line for line in (ROOT / "static/src/icons.txt").read_text().splitlines() if line and not line.startswith("#")]
    files = {name: name for name in ("app.css", "app.js", "favicon.svg", "icons.svg")}
    (dist / "manifest.json").write_text(json.dumps({"files": files, "icons": icons}))
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(tmp_path), static_url_path="/static")
    app.secret_key = "test"
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    templating.init_app(app)
    filters.init_app(app)
    app.jinja_env.globals["csrf_token"] = lambda: "token"

    def draw_it(text: str, address: str = "/list?q=a", **values: object) -> str:
        with app.test_request_context(address):
            for message in values.pop("flashed", ()):
                flash(*message)
            return re.sub(r"\s+", " ", render_template_string(text, **values)).strip()

    return draw_it


class EnterpriseForm(Form):
    name = StringField("企业名称", [DataRequired("请填写企业名称。")], description="与营业执照一致")
    town = SelectField("镇街", choices=[("", "请选择"), ("1", EVIL)], validate_choice=False)
    kind = RadioField("类型", choices=[("1", "工业"), ("2", "服务业")], validate_choice=False)
    revenue = DecimalField("营业收入")


NUMBERS = '{% from "_macros/tables.html" import number_link, heat_cell, number_cell %}'


@pytest.mark.parametrize(
    ("count", "drawn"),
    [
        (None, '<span class="missing">—</span>'),
        (0, '0<span class="unit">家</span>'),
        (1036, '<a class="count-link" href="/e?x=1&amp;y=2">1,036</a><span class="unit">家</span>'),
    ],
)
def test_a_count_opens_its_rows_and_missing_is_not_zero(draw, count, drawn):
    assert draw(NUMBERS + "{{ number_link(count, '/e?x=1&y=2', '家') }}", count=count) == drawn


def test_matrix_cells_tell_missing_zero_and_value_apart(draw):
    cell = NUMBERS + "{{ heat_cell(value, rate, '/e', '烟店镇 第10项') }}"
    assert draw(cell, value=None, rate=None) == '<td class="heat hatched">待报</td>'
    assert draw(cell, value=0, rate=None) == '<td class="heat">0</td>'
    assert draw(cell, value=Decimal("3.50"), rate=None) == '<td class="heat"><a href="/e" aria-label="烟店镇 第10项：3.5">3.5</a></td>'


@pytest.mark.parametrize(("rate", "step"), [(100, 5), (90, 5), (89.9, 4), (75, 4), (60, 3), (45, 2), (44.9, 1), (0, 1)])
def test_heat_steps(draw, rate, step):
    assert f"heat-{step}" in draw(NUMBERS + "{{ heat_cell(50, rate) }}", rate=rate)


FORMS = '{% from "_macros/forms.html" import field, error_summary, chips, post_button, filter_select, hidden_query %}'


def test_a_field_ties_label_help_and_error_to_its_control(draw):
    form = EnterpriseForm()
    form.validate()
    page = draw(FORMS + "{{ error_summary(form) }}{{ field(form.name) }}", form=form)
    assert '<label for="name">企业名称' in page and "（必填）" in page
    assert 'aria-describedby="name-help name-error"' in page and 'aria-invalid="true"' in page
    assert 'id="name-help">与营业执照一致' in page and "请填写企业名称。" in page
    assert 'href="#name">企业名称：请填写企业名称。' in page


def test_no_summary_without_errors(draw):
    assert draw(FORMS + "{{ error_summary(form) }}", form=EnterpriseForm()) == ""


def test_groups_of_choices_have_a_legend_and_unique_ids(draw):
    page = draw(FORMS + "{{ field(form.kind) }}{{ field(form.revenue, unit='万元') }}", form=EnterpriseForm())
    assert "<legend>类型" in page and "万元" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 3


def test_nothing_typed_becomes_markup(draw):
    form = EnterpriseForm(data={"name": EVIL})
    form.name.errors = [EVIL]
    page = draw(
        FORMS
        + '{% from "_macros/flow.html" import panel, tabs, ladder %}{% from "_macros/badges.html" import tag %}'
        + '{% from "_macros/stats.html" import stat %}{% from "_macros/empty.html" import empty %}'
        + '{% from "_macros/flash.html" import flashes %}'
        + "{{ error_summary(form) }}{{ field(form.name) }}{{ field(form.town) }}{{ flashes() }}"
        + "{{ post_button('/x', '删除', fields={'name': evil}, confirm='删除“' ~ evil ~ '”？', text=evil) }}"
        + "{{ filter_select('q', '县区', [(evil, evil)], evil) }}{{ hidden_query() }}{{ tag(evil, 'ok', evil) }}"
        + "{{ empty(evil, evil, evil, evil) }}"
        + "{% call panel(evil) %}{{ tabs([(evil, evil, True, 3)]) }}{{ ladder([(evil, evil, 'now')]) }}"
        + "{{ stat(evil, evil, evil, evil, evil) }}{% endcall %}",
        address="/list?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        form=form, evil=EVIL, flashed=[(EVIL, "bad")],
    )
    assert "<script" not in page


def test_a_button_that_asks_first_carries_its_question_and_verb(draw):
    page = draw(FORMS + "{{ post_button('/x', '撤回导入', confirm='撤回“8月导入”？', text='210 家将被移除。') }}")
    assert 'data-confirm="撤回“8月导入”？"' in page and 'data-confirm-verb="撤回导入"' in page
    assert '<input type="hidden" name="csrf_token" value="token">' in page


CHARTS = '{% from "_macros/charts.html" import chart %}{{ chart(data) }}'


def test_a_chart_carries_its_numbers_as_a_table(draw):
    data = {
        "kind": "bar", "label": "镇街专精特新", "unit": "家", "categories": ["烟店镇", EVIL, "柳园街道"],
        "series": [{"name": "专精特新", "values": [32, None, 0], "links": ["/e?t=1", None, "/e?t=2"]}],
    }
    page = draw(CHARTS, data=data)
    assert '<a href="/e?t=1">32</a>' in page and '<td class="num">—</td>' in page and '<td class="num">0</td>' in page
    assert page.count("<script") == 1 == page.count("</script>")
    embedded = re.search(r'<script type="application/json">(.*?)</script>', page)
    assert embedded and json.loads(embedded[1]) == data


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "line", "categories": [], "series": [{"name": "无", "values": []}]},
        {"kind": "funnel", "items": [{"name": "入库", "value": Decimal("3"), "href": "/e"}, {"name": "独角兽", "value": 0}]},
        {"kind": "radar", "axes": [{"name": "规模", "max": 100}], "series": [{"name": "烟店镇", "values": [None]}]},
        {"kind": "heatmap", "columns": ["a"], "rows": ["b", "c"], "cells": [[0, 0, 5, "/e"]]},
        {"kind": "sankey", "nodes": [{"name": "a"}, {"name": "b"}], "links": [{"source": "a", "target": "b", "value": 2}]},
    ],
    ids=lambda data: data["kind"],
)
def test_every_kind_of_chart_has_its_table(draw, data):
    page = draw(CHARTS, data={"label": "示例", "unit": "家", **data})
    assert '<table class="t">' in page and "None" not in page and "Undefined" not in page


def test_the_pager_offers_only_neighbours_that_exist(draw):
    text = '{% from "_macros/pagination.html" import pager %}{{ pager(page, "家") }}'
    page = pagination.Page(rows=[1, 2], next="n+1", previous=None, size=50, total=1000, more=True)
    drawn = draw(text, "/list?q=a&cursor=old", page=page)
    assert "共 1,000+ 家" in drawn and 'rel="next" href="/list?q=a&amp;cursor=n%2B1"' in drawn
    assert 'rel="prev"' not in drawn and "cursor=old" not in drawn.replace("cursor=n%2B1", "")
    last = draw(text, page=pagination.Page(rows=[], next=None, previous="p", size=50))
    assert 'rel="prev"' in last and 'rel="next"' not in last and "共" not in last


SORTING = '{% from "_macros/tables.html" import sort_head %}{{ sort_head("营业收入", "revenue", sort, "万元", True, first="-") }}'


@pytest.mark.parametrize(
    ("sort", "following", "said"),
    [("name", "-revenue", None), ("-revenue", "revenue", "descending"), ("revenue", "-revenue", "ascending")],
)
def test_sorting_is_a_link_that_forgets_the_page(draw, sort, following, said):
    drawn = draw(SORTING, "/list?q=a&cursor=x", sort=sort)
    assert f'href="/list?q=a&amp;sort={following}"' in drawn and "营业收入（万元）" in drawn
    assert (f'aria-sort="{said}"' in drawn) if said else ("aria-sort" not in drawn)


def test_deadlines_rungs_and_progress_in_words(draw):
    text = (
        '{% from "_macros/badges.html" import deadline, rung, attainment %}{% from "_macros/stats.html" import progress, meter %}'
        "{{ deadline(day, today) }}|{{ deadline(none, today) }}|{{ rung('瞪羚', 3) }}|{{ rung(none) }}|"
        "{{ attainment(60, 89) }}|{{ attainment(none, 89) }}|{{ progress(0, 0, '正在读取') }}|{{ meter(150) }}"
    )
    drawn = draw(text, day=date(2023, 8, 20), today=date(2023, 8, 26)).split("|")
    assert "逾期 6 天" in drawn[0] and "tag-bad" in drawn[0] and drawn[1] == '<span class="missing">—</span>'
    assert "tag-rung-3" in drawn[2] and "未入梯队" in drawn[3] and "滞后" in drawn[4] and "缺数据" in drawn[5]
    assert 'aria-valuenow="0"' in drawn[6] and 'width="100"' in drawn[7]


@pytest.mark.parametrize("status", sorted(errors.TITLES))
def test_every_error_page_says_what_to_do_and_its_event_number(draw, status):
    message = errors.HINTS.get(status, EVIL)
    page = draw('{% extends "_errors/page.html" %}', status=status, title=errors.TITLES[status], message=message)
    assert "可以这样做" in page and "事件编号" in page and "回到工作台" in page and errors.TITLES[status] in page
    assert len(re.findall("<h1", page)) == 1 and "None" not in page and "alert(1)</" not in page


def test_an_error_inside_a_page_carries_the_sentence_the_script_shows(draw):
    part = draw('{% include "_errors/fragment.html" %}', status=503, title="暂时繁忙", message="请几秒后重试。")
    assert '<span class="error-message">请几秒后重试。</span>' in part and "<html" not in part
