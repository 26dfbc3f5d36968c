"""Text is made comparable without losing what people wrote; money is shown in 万元 with two decimals and missing as a dash."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import money, text


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("聊城\u200b机械\ufeff厂", "聊城机械厂"),
        ("  两\u00a0端　空白 \n", "两 端 空白"),
        ("e\u0301", "é"),
        ("\u202e倒写", "倒写"),
        ("𬭊鼎新材料", "𬭊鼎新材料"),
        ("坏\ud800字\x00", "坏字"),
    ],
)
def test_clean_removes_only_what_cannot_be_seen(raw: str, cleaned: str) -> None:
    assert text.clean(raw) == cleaned


def test_line_breaks_survive_only_where_they_are_wanted() -> None:
    assert text.clean("一\r\n 二", multiline=True) == "一\n二"
    assert text.clean("一\r\n 二") == "一 二"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("聊城 某某 (集团) 有限公司", "聊城某某（集团）有限公司"),
        ("ＡＢＣ 科技（聊城）有限公司", "ABC科技（聊城）有限公司"),
        ("ABC Trading Ltd", "ABC Trading Ltd"),
    ],
)
def test_names_have_one_writing(raw: str, name: str) -> None:
    assert text.clean_name(raw) == name


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    for clean in (text.clean, text.clean_name, text.squeeze):
        once = clean(raw)
        assert clean(once) == once
    assert "\x00" not in text.clean(raw)
    text.clean(raw).encode("utf-8")


@given(st.text(max_size=30))
def test_plain_text_needs_no_cleaning(raw: str) -> None:
    if text.is_plain(raw):
        assert text.strip_invisible(raw) == raw == raw.strip()


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("二〇二三", 2023),
        ("二零二三", 2023),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("三十一", 31),
        ("五", 5),
        ("", None),
        ("百", None),
        ("十十", None),
    ],
)
def test_chinese_numerals(raw: str, number: int | None) -> None:
    assert text.chinese_number(raw) == number


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("12345678.00"), "1,234.57"),
        (Decimal(0), "0.00"),
        (None, "—"),
        (Decimal("-5000"), "-0.50"),
        (Decimal("50"), "0.01"),
    ],
)
def test_money_is_shown_in_wan(amount: Decimal | None, shown: str) -> None:
    assert money.format_money(amount) == shown


def test_large_amounts_read_in_yi() -> None:
    assert money.format_readable(Decimal("123456789012")) == "1,234.57 亿元"
    assert money.format_readable(Decimal("99999999")) == "10,000.00 万元"
    assert money.format_readable(None) == "—"
