"""The table inside a sheet: header under titles, two levels, units, years, synonyms; what is not data is recognised and counted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.rules.fields import Field, Kind
from app.exchange.rules.header import (
    HeaderMap,
    Merge,
    Row,
    SheetPreview,
    choose_sheet,
    column_letters,
    find_header,
    missing_required,
    normal_header,
)
from app.exchange.rules.values import read_table
from app.kernel.errors import Invalid

NAME = Field("name", "企业名称", Kind.NAME, ("单位名称", "公司名称", "名称"), required=True)
CODE = Field("credit_code", "统一社会信用代码", Kind.CREDIT_CODE, ("信用代码", "社会信用代码"), required=True)
TOWN = Field("town", "所在乡镇", Kind.TEXT, ("乡镇", "乡镇街道", "镇街", "所属镇办"))
REVENUE = Field("revenue", "营业收入", Kind.MONEY, ("销售收入",), by_year=True, unit="万元")
RD = Field("rd_expense", "研发费用", Kind.MONEY, ("研发投入",))
RATIO = Field("rd_ratio", "研发占比", Kind.PERCENT, ("研发费用占营业收入比重",))
STAFF = Field("staff", "从业人员", Kind.COUNT, ("职工人数",))
FOUNDED = Field("founded_on", "成立日期", Kind.DATE, ("成立时间",))
LEGAL = Field("legal", "法定代表人", Kind.NAME, ("法定代表人姓名", "法人"))
PHONE = Field("phone", "联系电话", Kind.PHONE, ("联系人电话", "电话"))
FIELDS = (NAME, CODE, TOWN, REVENUE, RD, RATIO, STAFF, FOUNDED, LEGAL, PHONE)
A, B = "91379999MA0000015K", "91379999MA0000023E"


def rows(*lines: Sequence[Any]) -> list[Row]:
    return [(number, list(cells)) for number, cells in enumerate(lines, 1) if any(c is not None for c in cells)]


def header(
    *lines: Sequence[Any], merges: Sequence[Merge] = (), remembered: Mapping[str, str] | None = None, **options: Any
) -> HeaderMap:
    found = find_header(rows(*lines), FIELDS, merges=merges, remembered=remembered, **options)
    assert found is not None
    return found


def slots(found: HeaderMap) -> dict[str, int]:
    return {column.slot: column.index for column in found.mapped}


def codes(found: HeaderMap) -> set[str]:
    return {remark.code for remark in found.remarks}


def test_header_under_title_and_unit_line() -> None:
    found = header(
        ["聊城市2023年度民营企业基本情况表", None, None, None],
        ["填报单位：茌平区工信局", None, None, "单位：万元"],
        ["序号", "企业名称", "统一社会信用代码", "研发费用"],
        [1.0, "聊城甲公司", A, 12.0],
    )
    assert (found.header_row, found.first_data_row, found.year, found.unit) == (3, 4, 2023, "万元")
    assert found.title.startswith("聊城市2023年度")
    assert slots(found) == {"name": 1, "credit_code": 2, "rd_expense": 3}
    assert found.mapped[2].unit == "万元"
    assert "unit_assumed" not in codes(found)


@pytest.mark.parametrize("word", ["填报单位：万元镇政府", "单位：个"])
def test_a_reporting_unit_is_no_money_unit(word: str) -> None:
    found = header([word, None, None], ["企业名称", "统一社会信用代码", "研发费用"], ["甲公司", A, 1.0])
    assert found.unit == ""
    assert codes(found) == {"unit_assumed"}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("营业收入（万元）", "万元"),
        ("营业收入(亿元)", "亿元"),
        ("营业收入\n（单位：元）", "元"),
        ("营业收入【千元】", "千元"),
        ("营业收入:万元", "万元"),
        ("营业收入/亿元", "亿元"),
        ("＊营业收入 ( 万 元 )", "万元"),
        ("营业收入（人民币万元）", "万元"),
    ],
)
def test_units_in_headers(text: str, unit: str) -> None:
    found = header(["企业名称", "信用代码", text], ["甲公司", A, 1.0])
    assert found.mapped[2].unit == unit
    assert not found.mapped[2].unit_assumed


@pytest.mark.parametrize(
    "text",
    [
        "企业名称",
        "*企业名称",
        "企 业 名 称",
        "企业\n名称",
        "企业名称（必填）",
        "企业名称（全称）",
        "1.企业名称",
        "（1）企业名称",
        "单位名称",
        "★ 公司名称：",
        "企业名称＊",
        "①企业名称",
    ],
)
def test_variants_of_one_header(text: str) -> None:
    assert slots(header([text, "统一社会信用代码（18位）"], ["甲公司", A])) == {"name": 0, "credit_code": 1}


def test_near_names_are_taken_and_reported() -> None:
    found = header(["企业名称", "信用代码", "企业所在乡镇（街道）", "企业从业人员数（人）"], ["甲公司", A, "冯官屯镇", 5.0])
    assert slots(found) == {"name": 0, "credit_code": 1, "town": 2, "staff": 3}
    assert "column_loose" in codes(found)


@pytest.mark.parametrize(
    "text",
    [
        "营业收入增长率（%）",
        "上年营业收入",
        "1-6月营业收入",
        "营业收入同比增长",
        "其中：营业收入",
        "预计营业收入",
        "营业收入（上年）",
        "原企业名称",
        "2023年1-9月营业收入",
    ],
)
def test_a_header_that_says_something_else_is_not_taken(text: str) -> None:
    found = header(["企业名称", "信用代码", text], ["甲公司", A, 1.0])
    assert set(slots(found)) == {"name", "credit_code"}
    assert found.unknown[0].header == text


def test_a_percentage_is_no_money() -> None:
    assert "revenue" not in slots(header(["企业名称", "信用代码", "营业收入（%）"], ["甲公司", A, 1.0]))


def test_years_side_by_side() -> None:
    found = header(
        ["企业名称", "信用代码", "2022年营业收入（万元）", "营业收入（2023年）", "2024年度营业收入"], ["甲公司", A, 1.0, 2.0, 3.0]
    )
    assert set(slots(found)) == {"name", "credit_code", "revenue@2022", "revenue@2023", "revenue@2024"}


def test_a_year_on_a_field_without_years_is_unknown() -> None:
    assert "founded_on" not in slots(header(["企业名称", "信用代码", "2023年成立日期"], ["甲公司", A, "x"]))


TWO_LEVELS = (
    ["序号", "企业名称", "统一社会信用代码", "营业收入（万元）", None, "法定代表人", None, "上年", None],
    [None, None, None, 2022.0, 2023.0, "姓名", "电话", "营业收入", "职工人数"],
    [1.0, "聊城甲公司", A, 12.0, 13.0, "张三", "13800138000", 5.0, 6.0],
)
MERGES = ((1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4), (1, 5, 1, 6), (1, 7, 1, 8))


@pytest.mark.parametrize("merges", [MERGES, ()], ids=["merged", "unmerged"])
def test_two_level_headers(merges: Sequence[Merge]) -> None:
    found = header(*TWO_LEVELS, merges=merges)
    assert slots(found) == {"name": 1, "credit_code": 2, "revenue@2022": 3, "revenue@2023": 4, "legal": 5, "phone": 6}
    assert found.first_data_row == 3
    assert {c.unit for c in found.mapped if c.field is REVENUE} == {"万元"}


def test_vertical_merges_hold_the_header_together_even_when_the_lower_level_is_unknown() -> None:
    found = header(
        ["企业名称", "信用代码", "走访", None],
        [None, None, "首次", "末次"],
        ["甲公司", A, "1", "2"],
        merges=((1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 3)),
    )
    assert found.first_data_row == 3


def test_the_year_of_a_group_holds_for_its_columns() -> None:
    lines = (["企业名称", "信用代码", "2023年主要指标", None], [None, None, "营业收入", "研发费用"], ["甲公司", A, 1.0, 2.0])
    found = header(*lines, merges=((1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 3)))
    assert slots(found) == {"name": 0, "credit_code": 1, "revenue@2023": 2, "rd_expense": 3}


def test_lines_of_units_and_column_numbers_belong_to_the_header() -> None:
    found = header(
        ["企业名称", "信用代码", "研发费用", "从业人员"],
        [None, None, "万元", "人"],
        ["甲", "乙", "1", "2"],
        ["甲公司", A, 1.0, 2.0],
    )
    assert found.first_data_row == 4
    assert found.mapped[2].unit == "万元"


def test_reordered_duplicate_and_unknown_columns() -> None:
    found = header(["备用", "信用代码", "单位名称", "企业名称", None], ["x", A, "甲公司", "乙公司", "零散"])
    assert slots(found) == {"credit_code": 1, "name": 2}
    assert {"column_duplicate", "column_unknown", "column_headless"} == codes(found)
    assert [c.how for c in found.columns] == ["unknown", "exact", "exact", "duplicate", "unknown"]


def test_missing_columns_are_named() -> None:
    found = header(["企业名称", "所在乡镇"], ["甲公司", "乡"])
    assert missing_required(found, FIELDS) == (CODE,)


def test_remembered_mapping_wins_and_can_leave_a_column_out() -> None:
    memory = {normal_header("户名"): "name", normal_header("企业名称"): ""}
    found = header(["户名", "信用代码", "企业名称"], ["甲公司", A, "x"], remembered=memory)
    assert slots(found) == {"name": 0, "credit_code": 1}
    assert found.to_remember() == {"户名": "name", "信用代码": "credit_code", "企业名称": ""}


@given(st.sampled_from(["2023年营业收入（万元）", "营业收入(2022)", "＊户  名（必填）", "a b", "①统一社会信用代码\n（18位）"]))
def test_what_is_remembered_is_found_again(text: str) -> None:
    assert normal_header(normal_header(text)) == normal_header(text)


def test_no_header_is_no_header() -> None:
    assert find_header(rows(["一", "二"], [1.0, 2.0]), FIELDS) is None
    assert find_header([], FIELDS) is None
    assert find_header(rows(["甲公司", A, 1.0]), FIELDS) is None


def test_a_row_picked_by_hand_is_taken() -> None:
    found = find_header(rows(["户名", "编码"], ["甲公司", A]), FIELDS, header_row=1)
    assert found is not None
    assert [c.header for c in found.unknown] == ["户名", "编码"]


@given(st.lists(st.lists(st.one_of(st.none(), st.text(max_size=12), st.floats(), st.booleans()), max_size=8), max_size=12))
def test_no_sheet_breaks_the_search(lines: list[list[Any]]) -> None:
    found = find_header(rows(*lines), FIELDS, merges=((1, 0, 3, 2), (2, 1, 9, 1)))
    if found:
        list(read_table(rows(*lines), found))


# --- sheets ---------------------------------------------------------------------------------------------------------------------------

TABLE = (["企业名称", "信用代码", "乡镇"], ["甲公司", A, "镇"])


def sheet(index: int, name: str, *lines: Sequence[Any], hidden: bool = False) -> SheetPreview:
    return SheetPreview(index, name, rows(*lines), hidden=hidden)


def test_the_sheet_that_maps_best_is_chosen_and_the_others_are_named() -> None:
    choice = choose_sheet(
        [sheet(0, "说明", ["填写说明"]), sheet(1, "简表", ["企业名称", "信用代码"], ["x公司", B]), sheet(2, "数据", *TABLE)],
        FIELDS,
    )
    assert choice is not None
    assert choice.sheet.name == "数据"
    assert choice.others == ("说明", "简表")
    assert choice.also_tables == ("简表",)
    assert "other_tables" in codes(choice.header)


def test_visible_before_hidden_and_filled_before_empty() -> None:
    choice = choose_sheet([sheet(0, "备份", *TABLE, hidden=True), sheet(1, "空表", TABLE[0]), sheet(2, "数据", *TABLE)], FIELDS)
    assert choice is not None and choice.sheet.name == "数据"
    only = choose_sheet([sheet(0, "备份", *TABLE, hidden=True)], FIELDS)
    assert only is not None and "hidden_sheet" in codes(only.header)


def test_no_sheet_with_a_header() -> None:
    assert choose_sheet([sheet(0, "空")], FIELDS) is None


# --- rows that are not data -----------------------------------------------------------------------------------------------------------

HEAD = ["序号", "企业名称", "统一社会信用代码", "所在乡镇", "研发费用（万元）"]


def read(*lines: Sequence[Any], merges: Sequence[Merge] = (), **options: Any) -> tuple[list[Any], dict[str, int]]:
    found = find_header(rows(HEAD, *lines), FIELDS, merges=merges, delimited=options.pop("delimited", False))
    assert found is not None
    table = read_table(rows(HEAD, *lines), found, **options)
    return list(table), dict(table.skipped)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (["合计", None, None, None, 100.0], "total"),
        ([None, "合 计", None, None, 5.0], "total"),
        ([None, "总计：", None, None, 1.0], "total"),
        ([None, "冯官屯镇小计", None, None, 1.0], "total"),
        (["共计12家"], "total"),
        ([2.0, "合计（家）", None, None, 3.0], "total"),
        (["填表人：张三", None, "审核人：李四", None, "日期：2023.1.5"], "signature"),
        (["制表人", "张三"], "signature"),
        (["备注：金额含税"], "signature"),
        (["注：1. 口径见文件"], "signature"),
        (["单位负责人（签字）：", None, "填报日期：", None, None], "signature"),
        (["说明：本表一式两份"], "signature"),
        (["（盖章）"], "signature"),
        (["  ", "\u3000", None, None, None], "blank"),
        ([7.0, None, None, None, None], "blank"),
        (HEAD, "header"),
        ([None, "（示例）聊城某某机械有限公司", A, "冯官屯镇", 1.0], "sample"),
    ],
)
def test_rows_that_are_not_data_are_counted_apart(line: Sequence[Any], kind: str) -> None:
    data, skipped = read([1.0, "甲公司", A, "镇", 1.0], line, [3.0, "乙公司", B, "镇", 2.0])
    assert [row.row for row in data] == [2, 4]
    assert skipped == {kind: 1}


@pytest.mark.parametrize(
    "line",
    [
        [None, "合计食品有限公司", A, "镇", 1.0],
        [None, "备注传媒有限公司", None, "镇", 1.0],
        [None, "说明书印刷厂", None, None, None],
        [None, None, None, "冯官屯镇", None],
        [None, None, "123", None, None],
        [None, "总计划装饰公司", None, "镇", None],
        [None, "示例网络科技公司", None, "镇", None],
        [None, "合计", A, "镇", 1.0],
    ],
)
def test_firms_with_odd_names_stay_data(line: Sequence[Any]) -> None:
    data, _ = read(line, [3.0, "乙公司", B, "镇", 2.0])
    assert len(data) == 2


def test_vertically_merged_cells_hold_for_all_their_rows() -> None:
    lines = [
        [1.0, "甲公司", A, "冯官屯镇", 1.0],
        [2.0, "乙公司", B, None, 2.0],
        [None, None, None, None, None],
        [3.0, "丙公司", None, "贾寨镇", 3.0],
    ]
    data, _ = read(*lines, merges=((2, 3, 4, 3),))
    assert [row.values.get("town") for row in data] == ["冯官屯镇", "冯官屯镇", "贾寨镇"]


def test_overlapping_merges_cost_no_more_than_the_columns_they_touch() -> None:
    lines = [[float(n), "甲公司", A, "镇", 1.0] for n in range(2000)]
    data, _ = read(*lines, merges=tuple((2, n % 5, 2000 + n, n % 5) for n in range(5000)))
    assert len(data) == 2000


def test_values_problems_and_notes_stand_with_their_sheet_row_and_header() -> None:
    data, _ = read([1.0, "甲公司", "91379999MA0000015L", "镇", "1.2亿"])
    assert data[0].row == 2
    assert data[0].values == {"name": "甲公司", "town": "镇", "rd_expense": Decimal("120000000.00")}
    assert (data[0].problems[0].code, data[0].problems[0].header) == ("credit_code_invalid", "统一社会信用代码")
    assert data[0].notes[0].header == "研发费用（万元）"


def test_a_shifted_line_of_a_text_file_is_refused() -> None:
    data, _ = read(["1", "甲公司", A, "镇", "1", "234.5"], delimited=True)
    assert data[0].problems[-1].code == "row_shifted"


def test_more_rows_than_allowed_are_refused_not_cut() -> None:
    with pytest.raises(Invalid) as caught:
        read(*([1.0, "甲公司", A, "镇", 1.0] for _ in range(4)), limit=3)
    assert caught.value.code == "too_many_rows"


def test_columns_are_named_as_in_excel() -> None:
    assert [column_letters(i) for i in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
