"""How numbers, money, dates and phones look. Missing is always —, never 0."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask, render_template_string

from app.infra.web import filters as f

TODAY = date(2023, 8, 26)
NUMBER_FILTERS = (f.number, f.plain_number, f.wan, f.yi_or_wan, f.pct1, f.signed, f.points, f.count_zh)
DATE_FILTERS = (f.ymd, f.ymd_hm, f.zh_date, f.zh_weekday, f.quarter_zh)


@pytest.mark.parametrize("show", NUMBER_FILTERS)
@pytest.mark.parametrize("missing", [None, "", "无", Decimal("NaN"), float("inf"), True])
def test_what_is_not_a_number_shows_as_missing(show, missing):
    assert show(missing) == "—"


@pytest.mark.parametrize("show", DATE_FILTERS)
def test_a_missing_date_shows_as_missing(show):
    assert show(None) == "—"


@pytest.mark.parametrize("value", [0, "0", Decimal("0.00"), False])
def test_zero_is_a_value_and_not_missing(value):
    assert f.dash(value) == value
    assert f.dash(None) == f.dash("") == "—"


@pytest.mark.parametrize(
    ("yuan", "shown"),
    [
        (Decimal("12345678"), "1,234.57"),
        (Decimal("12345650"), "1,234.57"),  # half up, as official tables round
        (Decimal("-12345678.00"), "-1,234.57"),
        (0, "0.00"),
        (Decimal("49.99"), "0.00"),
        (Decimal("-49.99"), "0.00"),  # no negative zero
        ("9999999999999999", "1,000,000,000,000.00"),
        (1e6, "100.00"),
    ],
)
def test_wan_shows_yuan_as_ten_thousands(yuan, shown):
    assert f.wan(yuan) == shown


@pytest.mark.parametrize(
    ("yuan", "shown"),
    [
        (Decimal("124000000"), "1.24亿元"),
        (Decimal("100000000"), "1.00亿元"),
        (Decimal("99999999.99"), "1.00亿元"),  # never 10,000.00万元 after rounding
        (Decimal("99999900"), "9,999.99万元"),
        (Decimal("12345678"), "1,234.57万元"),
        (Decimal("-250000000"), "-2.50亿元"),
        (0, "0.00万元"),
    ],
)
def test_headlines_change_to_yi_at_ten_thousand_wan(yuan, shown):
    assert f.yi_or_wan(yuan) == shown


@pytest.mark.parametrize(
    ("show", "value", "shown"),
    [
        (f.number, 1234567, "1,234,567"),
        (f.number, Decimal("0.5"), "1"),
        (f.plain_number, Decimal("3.50"), "3.5"),
        (f.plain_number, Decimal("3.00"), "3"),
        (f.plain_number, Decimal("1E+3"), "1,000"),
        (f.plain_number, 100, "100"),
        (f.pct1, Decimal("16.95"), "17.0%"),
        (f.pct1, 0, "0.0%"),
        (f.signed, Decimal("13.44"), "+13.4"),
        (f.signed, Decimal("-4.5"), "-4.5"),
        (f.signed, 0, "0.0"),
        (f.signed, Decimal("0.04"), "0.0"),
        (f.signed, Decimal("-0.04"), "0.0"),
        (f.points, Decimal("3.1"), "+3.1 个百分点"),
        (f.count_zh, 1036, "1,036 家"),
        (f.count_zh, 0, "0 家"),
    ],
)
def test_numbers(show, value, shown):
    assert show(value) == shown


def test_a_count_takes_its_measure_word():
    assert f.count_zh(31, "件") == "31 件"


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(6000, 9000, "6,000～9,000万元"), (None, 9000, "不超过 9,000万元"), (6000, None, "不低于 6,000万元"), (None, None, "—")],
)
def test_ranges(low, high, shown):
    assert f.between(low, high, "万元") == shown


def test_dates_for_tables_and_sentences():
    day = date(2023, 8, 4)
    assert f.ymd(day) == "2023-08-04"
    assert f.zh_date(day) == "2023年8月4日"
    assert f.zh_weekday(day) == "星期五"
    assert f.quarter_zh(day) == "2023年三季度"


def test_stored_utc_moments_show_shanghai_time():
    late = datetime(2023, 8, 14, 17, 30, tzinfo=UTC)
    assert f.ymd(late) == "2023-08-15"
    assert f.ymd_hm(late) == "2023-08-15 01:30"
    assert f.zh_date(late.replace(tzinfo=None)) == "2023年8月15日"


@pytest.mark.parametrize(
    ("due", "shown", "tone"),
    [
        (date(2023, 8, 29), "还剩 3 天", "warn"),
        (date(2023, 8, 26), "今天", "warn"),
        (date(2023, 8, 20), "逾期 6 天", "bad"),
        (date(2023, 9, 26), "还剩 31 天", "info"),
        (None, "—", ""),
    ],
)
def test_deadlines_in_words(due, shown, tone):
    assert f.remaining(due, TODAY) == shown
    assert f.deadline_tone(due, TODAY) == tone


@pytest.mark.parametrize(
    ("then", "shown"),
    [(TODAY, "今天"), (date(2023, 8, 25), "昨天"), (date(2023, 8, 14), "12 天前"), (date(2023, 8, 28), "2 天后"), (None, "—")],
)
def test_how_long_ago(then, shown):
    assert f.ago(then, TODAY) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("0635-8212345", "0635****45"),
        ("12345", "*****"),
        ("无", "****"),
        ("", "—"),
        (None, "—"),
    ],
)
def test_phones_are_masked(phone, shown):
    assert f.masked_phone(phone) == shown


@pytest.mark.parametrize("phone", ["13812345678", "0635-8212345", "8212345", "110"])
def test_a_masked_phone_never_holds_the_whole_number(phone):
    assert "".join(c for c in phone if c.isdigit()) not in f.masked_phone(phone)


def test_names_are_masked():
    assert f.masked_name("王建国") == "王**"
    assert f.masked_name("陈明") == f.masked_name("陈") == "陈*"
    assert f.masked_name(None) == "—"


def test_every_filter_is_there_in_templates():
    app = Flask(__name__)
    f.init_app(app)
    with app.app_context():
        assert render_template_string("{{ 124000000|yi_or_wan }} {{ none|wan }} {{ 1036|count_zh }}") == "1.24亿元 — 1,036 家"
    assert {function.__name__ for function in f.FILTERS} <= set(app.jinja_env.filters)
