"""Cells as offices fill them: accepted exactly, accepted cleaned with a note, or refused with a reason. Never guessed, never an exception."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.rules.fields import Choice, Field, Kind
from app.exchange.rules.values import CLEAR, parse_cell
from app.kernel.credit_code import ALPHABET, check_character

NAME = Field("name", "企业名称", Kind.NAME)
TEXT = Field("remark", "备注", max_length=100)
CODE = Field("credit_code", "统一社会信用代码", Kind.CREDIT_CODE)
INDUSTRY = Field("industry", "行业代码", Kind.CODE)
FOUNDED = Field("founded_on", "成立日期", Kind.DATE)
ENDS = Field("valid_to", "有效期止", Kind.DATE, month_end=True, open_ended=True)
REVENUE = Field("revenue", "营业收入", Kind.MONEY)
SIGNED = Field("assets", "资产", Kind.MONEY, minimum=0)
STAFF = Field("staff", "从业人员", Kind.COUNT)
RATIO = Field("ratio", "市场占有率", Kind.PERCENT, maximum=100)
YEAR = Field("year", "年度", Kind.YEAR)
LEVEL = Field(
    "level",
    "级别",
    Kind.CHOICE,
    choices=(Choice("national", "国家级"), Choice("province", "省级", ("山东省级",)), Choice("none", "无")),
)
ABOVE = Field("above", "是否规上", Kind.YES_NO)
PHONE = Field("phone", "联系电话", Kind.PHONE)
NUMBER = Field("index", "指数", Kind.NUMBER)
EVERY = (NAME, TEXT, CODE, INDUSTRY, FOUNDED, ENDS, REVENUE, STAFF, RATIO, YEAR, LEVEL, ABOVE, PHONE, NUMBER)


def value(field: Field, cell: Any, **options: Any) -> Any:
    row = parse_cell(field, cell, **options)
    assert not row.problems, row.problems
    return row.values.get(field.key)


def note(field: Field, cell: Any, **options: Any) -> str:
    return "；".join(n.message_zh for n in parse_cell(field, cell, **options).notes)


def refusal(field: Field, cell: Any, **options: Any) -> str:
    row = parse_cell(field, cell, **options)
    assert not row.values
    return row.problems[0].code


# --- blank, clearing, error cells -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", EVERY, ids=lambda f: f.key)
@pytest.mark.parametrize("cell", [None, "", "   ", "\u3000", "\u200b", "—", "-", "/", "\xa0", "N/A", "null"])
def test_a_blank_is_no_value_and_never_zero(field: Field, cell: Any) -> None:
    row = parse_cell(field, cell)
    assert not row.values
    assert not row.problems


@pytest.mark.parametrize("field", [f for f in EVERY if f not in (LEVEL, ABOVE)], ids=lambda f: f.key)
def test_wu_is_blank_except_where_it_is_an_answer(field: Field) -> None:
    assert value(field, "无") is None
    assert value(LEVEL, "无") == "none"
    assert value(ABOVE, "无") is False


@pytest.mark.parametrize("field", EVERY, ids=lambda f: f.key)
@pytest.mark.parametrize("cell", ["（清空）", "(清空)", " （清空） ", "（ 清空 ）"])
def test_the_clearing_word_is_its_own_answer(field: Field, cell: str) -> None:
    assert value(field, cell) is CLEAR


def test_a_field_that_must_not_be_emptied_refuses_the_clearing_word() -> None:
    assert refusal(Field("name", "企业名称", Kind.NAME, clearable=False), "（清空）") == "cannot_clear"


@pytest.mark.parametrize("field", EVERY, ids=lambda f: f.key)
def test_error_cells_and_formulas_without_result_are_refused(field: Field) -> None:
    assert refusal(field, ["e", "#REF!"]) == "error_value"
    assert refusal(field, ["f", ""]) == "formula_without_value"


@pytest.mark.parametrize("field", [REVENUE, STAFF, RATIO, FOUNDED, NUMBER, NAME, TEXT], ids=lambda f: f.key)
def test_error_words_in_text_files_are_refused(field: Field) -> None:
    assert refusal(field, "#DIV/0!") == "error_value"


@pytest.mark.parametrize("field", [REVENUE, NUMBER], ids=lambda f: f.key)
def test_nan_is_no_number(field: Field) -> None:
    assert refusal(field, "NaN") == "error_value"
    assert refusal(field, float("nan")) == "error_value"
    assert refusal(field, float("inf")) == "error_value"


# --- credit codes ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "91379999MA0000023E",
        "91379999ma0000023e",
        "'91379999MA0000023E",
        "９１３７９９９９ＭＡ０００００２３Ｅ",
        '="91379999MA0000023E"',
    ],
)
def test_codes_are_normalised(cell: str) -> None:
    assert value(CODE, cell) == "91379999MA0000023E"


@pytest.mark.parametrize("cell", [9.1371500123456e17, "9.1371E+17", "9.1371500123456e17", 913715001234567800.0])
def test_a_code_stored_as_a_number_has_lost_digits(cell: Any) -> None:
    row = parse_cell(CODE, cell)
    assert row.problems[0].code == "credit_code_invalid"
    assert "丢失" in row.problems[0].message_zh


def test_a_swap_is_refused_with_the_likely_code() -> None:
    assert "91110000600037341L" in parse_cell(CODE, "91110000600037314L").problems[0].message_zh


@given(
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
    st.sampled_from(["", " ", "'", "\u200b"]),
)
def test_every_valid_code_survives_its_way_through_a_sheet(area: str, body: str, noise: str) -> None:
    first = "91" + area + body
    code = first + check_character(first)
    assert value(CODE, noise + code.lower() + noise) == code


def test_other_codes_keep_their_digits() -> None:
    assert value(INDUSTRY, 3421.0) == "3421"
    assert value(INDUSTRY, "'0151") == "0151"
    assert value(INDUSTRY, "Ｃ３４２１") == "C3421"
    assert refusal(INDUSTRY, 3.7150012345678e17) == "digits_lost"


# --- dates ----------------------------------------------------------------------------------------------------------------------------

FIFTH = date(2023, 1, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "2023-01-05",
        "2023.1.5",
        "2023/1/5",
        "2023年1月5日",
        "2023年01月05号",
        "20230105",
        20230105.0,
        "二〇二三年一月五日",
        "二零二三年一月五日",
        "2023 年 1 月 5 日",
        "２０２３．１．５",
        "2023-01-05 00:00:00",
        "2023/1/5 8:30",
        "2023年1月5日 上午8:30",
        ["d", "2023-01-05"],
        ["d", "2023-01-05T08:30:00"],
        "2023\\1\\5",
        " 2023-1-5 ",
        "5-Jan-2023",
        "Jan 5, 2023",
        "2023-01-05T08:00:00",
        "'2023-01-05",
        "2023、1、5",
    ],
)
def test_dates_in_every_form(cell: Any) -> None:
    assert value(FOUNDED, cell) == FIFTH


@pytest.mark.parametrize("cell", ["二〇二三年十二月三十一日", "2023年12月31日", "31/12/2023", "2023-12-31T15:59:59Z"])
def test_the_last_day_of_a_year(cell: str) -> None:
    assert value(FOUNDED, cell) == date(2023, 12, 31)


def test_a_time_with_zone_is_read_in_beijing_time() -> None:
    assert value(FOUNDED, "2023-01-04T16:00:00.000Z") == FIFTH
    assert "北京时间" in note(FOUNDED, "2023-01-04T16:00:00.000Z")


@pytest.mark.parametrize("cell", ["2023年1月", "2023.01", "2023-1", "202301", 202301.0, "2023/01", "二〇二三年一月", 2023.01])
def test_a_month_is_its_first_or_last_day_and_says_so(cell: Any) -> None:
    assert value(FOUNDED, cell) == date(2023, 1, 1)
    assert value(ENDS, cell) == date(2023, 1, 31)
    assert "2023-01-01" in note(FOUNDED, cell)


def test_the_last_day_of_february_follows_the_year() -> None:
    assert value(ENDS, "2024年2月") == date(2024, 2, 29)
    assert value(ENDS, "2023年2月") == date(2023, 2, 28)


@pytest.mark.parametrize("cell", [44931.0, "44931", 44931.75])
def test_excel_day_numbers(cell: Any) -> None:
    assert value(FOUNDED, cell) == FIFTH
    assert "序号" in note(FOUNDED, cell)


def test_day_numbers_of_the_1904_system() -> None:
    assert value(FOUNDED, 43469.0, date_1904=True) == FIFTH


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("23.1.5", "date_ambiguous"),
        ("23年1月5日", "date_ambiguous"),
        ("3/4/2023", "date_ambiguous"),
        ("5-Jan-23", "date_ambiguous"),
        (2023.1, "date_ambiguous"),
        ("2023-02-30", "date_impossible"),
        ("2023年13月1日", "date_impossible"),
        ("2023-1-32", "date_impossible"),
        ("20231301", "date_impossible"),
        ("2023-13", "date_impossible"),
        ("1023-01-05", "date_out_of_range"),
        ("2923-01-05", "date_out_of_range"),
        (["d", "1905-07-15"], "date_out_of_range"),
        ("2023", "date_incomplete"),
        (2023.0, "date_incomplete"),
        ("2023年", "date_incomplete"),
        ("2023.1.5-2026.1.4", "date_range"),
        ("2023年1月5日至2026年1月4日", "date_range"),
        ("去年", "date_invalid"),
        (12.0, "date_invalid"),
        (1e300, "date_invalid"),
        (["t", "08:30:00"], "date_invalid"),
        (True, "date_invalid"),
        ("9" * 300, "date_invalid"),
        ("长期", "date_invalid"),
    ],
)
def test_no_date_is_guessed(cell: Any, code: str) -> None:
    assert refusal(FOUNDED, cell) == code


def test_an_open_end_is_an_answer_where_the_field_says_so() -> None:
    assert value(ENDS, "长期") == date(9999, 12, 31)


@given(
    st.dates(date(1910, 1, 1), date(2100, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]),
)
def test_every_day_is_read_back_in_every_form(day: date, form: str) -> None:
    assert value(FOUNDED, day.strftime(form)) == day
    assert value(FOUNDED, ["d", day.isoformat()]) == day


# --- amounts --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "unit", "yuan"),
    [
        (1234.5, "万元", "12345000.00"),
        ("1,234.5", "万元", "12345000.00"),
        ("１，２３４．５", "万元", "12345000.00"),
        ("1 234.5", "元", "1234.50"),
        (0.0, "万元", "0.00"),
        ("0", "元", "0.00"),
        ("1234万", "万元", "12340000.00"),
        ("1.2亿", "万元", "120000000.00"),
        ("1.2亿元", "元", "120000000.00"),
        ("1亿2000万", "元", "120000000.00"),
        ("500元", "万元", "500.00"),
        (1.5, "亿元", "150000000.00"),
        ("（1,234.5）", "元", "-1234.50"),
        ("(3万元)", "元", "-30000.00"),
        ("-5", "万元", "-50000.00"),
        ("－５", "万元", "-50000.00"),
        ("¥1,000", "元", "1000.00"),
        ("人民币 100 万元整", "元", "1000000.00"),
        ("1.2E+05", "元", "120000.00"),
        (0.1 + 0.2, "万元", "3000.00"),
        ("+3", "元", "3.00"),
        (123456789012.34, "元", "123456789012.34"),
        ("'88", "元", "88.00"),
        (0.000001, "万元", "0.01"),
    ],
)
def test_amounts_become_yuan(cell: Any, unit: str, yuan: str) -> None:
    assert value(REVENUE, cell, unit=unit) == Decimal(yuan)


def test_a_unit_in_the_cell_beats_the_header_and_is_reported() -> None:
    assert "亿元" in note(REVENUE, "1.2亿", unit="万元")
    assert note(REVENUE, "1234万", unit="万元") == ""


def test_rounding_to_fen_is_reported_but_binary_noise_is_not() -> None:
    assert value(REVENUE, "1.235") == Decimal("1.24")
    assert "四舍五入" in note(REVENUE, "1.235")
    assert note(REVENUE, 0.1 + 0.2, unit="万元") == ""


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("约500", "money_invalid"),
        ("500以上", "money_invalid"),
        ("1,23", "money_invalid"),
        ("1.2.3", "money_invalid"),
        ("壹佰万元", "money_invalid"),
        ("$500", "currency"),
        ("500万美元", "currency"),
        ("1e99", "out_of_range"),
        (1e30, "out_of_range"),
        ("9" * 59, "out_of_range"),
        ("9" * 100, "money_invalid"),
        (True, "money_invalid"),
        (["d", "2023-01-05"], "money_invalid"),
        ("12 34", "money_invalid"),
        (".", "money_invalid"),
        ("e5", "money_invalid"),
        (".e5", "money_invalid"),
        ("()", "money_invalid"),
        ("٣", "money_invalid"),
    ],
)
def test_what_is_no_amount_is_refused(cell: Any, code: str) -> None:
    assert refusal(REVENUE, cell) == code


def test_a_minimum_holds_for_numbers_and_texts() -> None:
    assert refusal(SIGNED, -1.0) == "below_minimum"
    assert refusal(SIGNED, "(1)") == "below_minimum"
    assert refusal(RATIO, 101.0) == "above_maximum"


@given(st.decimals(-(10**11), 10**11, places=2, allow_nan=False, allow_infinity=False))
def test_every_amount_is_read_back_to_the_cent(amount: Decimal) -> None:
    assert value(REVENUE, f"{amount:,.2f}") == amount
    if abs(amount) < 10**9:
        assert value(REVENUE, float(amount)) == amount
        assert value(REVENUE, float(amount / 10_000), unit="万元") == amount


@pytest.mark.parametrize(
    ("cell", "number"),
    [(120.0, 120), ("1,200", 1200), ("120人", 120), ("１２０", 120), ("1.2万", 12000), (0.0, 0), ("0", 0), ("约", None)],
)
def test_counts(cell: Any, number: int | None) -> None:
    if number is None:
        assert refusal(STAFF, cell) == "number_invalid"
    else:
        assert value(STAFF, cell) == number


@pytest.mark.parametrize("cell", [12.5, "12.5", -1.0, "-3"])
def test_a_count_is_a_whole_number_from_zero(cell: Any) -> None:
    assert refusal(STAFF, cell) == "count_invalid"


@pytest.mark.parametrize(
    ("cell", "percent"),
    [
        (5.0, "5"),
        ("5%", "5"),
        ("5％", "5"),
        (["p", 0.05], "5"),
        (0.05, "0.05"),
        ("0.05", "0.05"),
        ("3.5 %", "3.5"),
        ("5‰", "0.5"),
        (["p", 0.155], "15.5"),
    ],
)
def test_percent_is_scaled_only_when_the_cell_says_so(cell: Any, percent: str) -> None:
    assert value(RATIO, cell) == Decimal(percent)


# --- years, choices, yes and no, phones -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", [2023.0, "2023", "2023年", "2023年度", "二〇二三", "二〇二三年", " 2023 ", "２０２３", ["d", "2023-12-31"]]
)
def test_years(cell: Any) -> None:
    assert value(YEAR, cell) == 2023


@pytest.mark.parametrize("cell", ["23", "23年", "2022-2024", 1.0, "第五批", 20235.0])
def test_a_year_has_four_digits(cell: Any) -> None:
    assert refusal(YEAR, cell) == "year_invalid"


@pytest.mark.parametrize(
    ("cell", "code"), [("国家级", "national"), (" 国家级 ", "national"), ("山东省级", "province"), ("NATIONAL", "national")]
)
def test_choices_by_label_alias_and_code(cell: str, code: str) -> None:
    assert value(LEVEL, cell) == code


def test_an_unknown_choice_lists_what_can_be_filled_in() -> None:
    problem = parse_cell(LEVEL, "县级").problems[0]
    assert problem.code == "choice_unknown"
    assert "省级" in problem.message_zh


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("是", True),
        ("否", False),
        ("Y", True),
        (1.0, True),
        (0.0, False),
        (True, True),
        ("√", True),
        ("×", False),
        ("有", True),
        ("没有", False),
    ],
)
def test_yes_and_no(cell: Any, answer: bool) -> None:
    assert value(ABOVE, cell) is answer


def test_maybe_is_refused() -> None:
    assert refusal(ABOVE, "部分") == "yes_no_invalid"


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("13800138000", "13800138000"),
        (13800138000.0, "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("+86-138-0013-8000", "13800138000"),
        ("0635-8212345", "0635-8212345"),
        ("（0635）8212345", "06358212345"),
        ("400-123-4567", "400-123-4567"),
        ("8212345", "8212345"),
        ("'13800138000", "13800138000"),
    ],
)
def test_phones(cell: Any, phone: str) -> None:
    assert value(PHONE, cell) == phone


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("138****8000", "phone_masked"),
        ("1380013800", "phone_invalid"),
        ("13800138000、13900139000", "phone_invalid"),
        ("见名片", "phone_invalid"),
    ],
)
def test_doubtful_phones_are_refused(cell: str, code: str) -> None:
    assert refusal(PHONE, cell) == code


# --- text -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "kept", "said"),
    [
        ("=cmd|'/C calc'!A0", "=cmd|'/C calc'!A0", "公式符号"),
        ("+1+1", "+1+1", "公式符号"),
        ("@SUM(A1)", "@SUM(A1)", "公式符号"),
        ("-5", "-5", ""),
        ("\u202e倒", "倒", "方向"),
        ("名\u200b称", "名称", "看不见"),
        ("好\U0001f600", "好\U0001f600", "表情"),
        ("\ue000厂", "\ue000厂", "自造字"),
        ("行\x00一", "行一", "看不见"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>", ""),
        ("' OR 1=1 --", "' OR 1=1 --", ""),
        ("𬭊矿", "𬭊矿", ""),
        ("e\u0301", "é", ""),
    ],
)
def test_odd_text_is_kept_as_text_and_pointed_out(cell: str, kept: str, said: str) -> None:
    assert value(TEXT, cell) == kept
    assert said in note(TEXT, cell)
    assert bool(said) == bool(note(TEXT, cell))


def test_too_long_text_is_refused_not_cut() -> None:
    assert value(TEXT, "字" * 100) == "字" * 100
    assert refusal(TEXT, "字" * 101) == "too_long"
    assert len(parse_cell(TEXT, "字" * 100_000).problems[0].message_zh) < 100


@pytest.mark.parametrize(
    ("cell", "name"),
    [("聊城 某某(集团)有限公司", "聊城某某（集团）有限公司"), ("\u200b聊城厂\xa0", "聊城厂"), ("ABC Ltd.", "ABC Ltd.")],
)
def test_names(cell: str, name: str) -> None:
    assert value(NAME, cell) == name


@pytest.mark.parametrize("cell", [123.0, "123", "！！", ["d", "2023-01-05"], True])
def test_a_name_is_more_than_digits(cell: Any) -> None:
    assert refusal(NAME, cell) == "name_invalid"


cells = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.text(max_size=80),
    st.text("0123456789年月日.-/万亿元%()（） eE+至~", max_size=24),
    st.builds(list, st.tuples(st.sampled_from("dpeft"), st.one_of(st.text(max_size=12), st.floats()))),
)


@pytest.mark.parametrize("field", EVERY, ids=lambda f: f.key)
@given(cell=cells)
def test_no_cell_raises_and_every_answer_is_one_of_four(field: Field, cell: Any) -> None:
    row = parse_cell(field, cell)
    assert len(row.values) + len(row.problems) <= 1
    for entry in (*row.problems, *row.notes):
        assert entry.message_zh.isprintable()
        assert len(entry.message_zh) < 200
    for found in row.values.values():
        if isinstance(found, str):
            found.encode("utf-8")
            assert "\x00" not in found
