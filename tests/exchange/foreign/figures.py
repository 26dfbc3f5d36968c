"""Workbooks for ``flask figures import``: units, years side by side, what is missing, what only looks like a yearly figure."""

import math
from datetime import date
from typing import Any

from .case import REFUSED, Case, Outcome, Reject
from .codes import code, name
from .files import Sheet, book, lines, simple, surgery, swap, text

# fmt: off
NAME, CODE = "企业名称", "统一社会信用代码"
REVENUE, TAX, PROFIT, STAFF = "revenue_yuan", "tax_yuan", "net_profit_yuan", "employee_count"


def firm(number: int, *more: Any) -> tuple[Any, ...]:
    return (name(number), code(number), *more)


def created(count: int, *rejected: Reject, **more: Any) -> Outcome:
    return Outcome(created=count, rejected=rejected, **more)


YUAN = [
    (NAME, CODE, "年度", "营业收入（元）", "净利润（元）", "从业人员（人）", "研发费用（元）"),
    firm(1, 2023, 12345678.90, -1234.56, 120, 0),
    firm(2, "2023年", "12,345,678.90", "（1,234.56）", "１２０人", "0.00"),
    firm(3, "２０２３年度", "12345678.9元", "－1,234.56", "1,200", None),
    firm(4, date(2023, 12, 31), "￥1,234,567.8", "-0.5", 35.0, "—"),
    firm(99, 2023, 1, 1, 1, 1),
]
UNIT_LINE = [
    ("规模以上工业企业主要经济指标",),
    ("填报单位：临清市统计局", None, None, None, "计量单位：万元、人"),
    ("序号", NAME, CODE, "年份", "营业收入", "利润总额", "从业人员平均人数", "资产总计"),
    (1, *firm(1, 2023, 1234.56789, 12, 35, 0.1 + 0.2)),
    (2, *firm(2, 2023, "1.2亿", 12, 35, "1234万")),
    (3, *firm(3, 2023, "1,234.5", 12, "35人", "800万元")),
    (4, *firm(4, 2023, "2,000,000元", 12, 0, 0)),
    ("合计", None, None, None, 99999, 48, 105, 999),
]
THOUSAND = [(NAME, CODE, "年份", "营业收入（千元）", "应交增值税(千元)"), firm(1, 2023, 12345.678, 12)]
THOUSAND_LINE = [("单位：千元",), (NAME, CODE, "年份", "营业收入"), firm(1, 2023, 12345.678)]
ABOVE = [("单位：亿元",), (NAME, CODE, "年份", "营业收入", "研发费用（万元）"), firm(1, 2023, 1.5, 300)]
SIDE_BY_SIDE = [
    (NAME, CODE, "2021年营业收入（万元）", "2022年营业收入（万元）", "2023年营业收入（万元）", "2023年从业人数（人）"),
    firm(1, 100, 200, 1234.5, 35),
    firm(2, "—", None, 300, "无"),
    firm(3, "100万", "错误值", 300, 1),
]


def _year_over_item(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1")
    sheet.ws.merge_range(0, 0, 0, 5, "企业经营情况表（单位：万元）", sheet.style)
    for column, caption in enumerate((NAME, CODE)):
        sheet.ws.merge_range(1, column, 2, column, caption, sheet.style)
    sheet.ws.merge_range(1, 2, 1, 3, "营业收入", sheet.style)
    sheet.ws.merge_range(1, 4, 1, 5, "税收", sheet.style)
    sheet.rows([("2022年", "2023年", "2022年", "2023年")], 2, 2)
    sheet.rows([firm(1, 100, 200, 10, 20), firm(2, 300, None, 0, 40)], 3)


def _item_under_year(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1")
    for column, caption in enumerate((NAME, CODE)):
        sheet.ws.merge_range(0, column, 1, column, caption, sheet.style)
    sheet.ws.merge_range(0, 2, 0, 3, "2022年度（万元）", sheet.style)
    sheet.ws.merge_range(0, 4, 0, 5, "2023年度（万元）", sheet.style)
    sheet.rows([("营业收入", "税收", "营业收入", "税收")], 1, 2)
    sheet.rows([firm(1, 100, 10, 200, 20)], 2)


TITLE_YEAR = [("2023年度规上企业主要指标",), (NAME, CODE, "营业收入（万元）", "实缴税金（万元）"), firm(1, 100, 10), firm(2, 200, 20)]
LAST_YEAR = [
    ("2023年度企业情况",),
    (NAME, CODE, "上年主营业务收入（万元）", "本年营业收入（万元）"),
    firm(1, 100, 200),
]
NOT_YEARLY = [
    (NAME, CODE, "年度", "营业收入（万元）", "营业收入同比增长（%）", "2023年1-6月营业收入（万元）", "上年同期营业收入（万元）",
        "2024年预计营业收入（万元）", "研发费用占营业收入比重（%）"),
    firm(1, 2022, 100, 12.5, 60, 90, 150, 3.5),
]
WHOLE_YEAR = [(NAME, CODE, "2023年1-12月营业收入（万元）"), firm(1, 100)]
HALF_YEAR = [(NAME, CODE, "2023年1-6月营业收入（万元）"), firm(1, 60)]
MISSING = [
    (NAME, CODE, "年度", "营业收入（万元）", "实缴税金（万元）", "从业人员（人）"),
    firm(1, 2023, "—", 10, 5),
    firm(2, 2023, None, 0, "/"),
    firm(3, 2023, "\xa0", "10\xa0", "-"),
    firm(4, 2023, "0", "0.00", 0),
    firm(5, 2023, "无", 10, "N/A"),
    firm(6, 2023, "停产", 10, 5),
    firm(7, 2023, "约1200", 10, 5),
    firm(8, 2023, "1000-2000", 10, 5),
    firm(9, 2023, 100, 10, 12.5),
    firm(10, 2023, 100, 10, -5),
    firm(11, 2023, "1.2.3", 10, 5),
    firm(12, 2023, "12，34", 10, 5),
]
YEARS = [
    (NAME, CODE, "年度", "营业收入（万元）"),
    firm(1, "2023年", 1),
    firm(2, 2032, 1),
    firm(3, 23, 1),
    firm(4, None, 1),
    firm(5, "2022-2023", 1),
    firm(6, 1023, 1),
]
ERRORS = [(NAME, CODE, "年度", "营业收入（万元）", "实缴税金（万元）"), firm(1, 2023, 111, 10), firm(2, 2023, 222, 10), firm(3, 2023, 333, 10)]


def _formulas(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1").rows(ERRORS[:1])
    for row, (number, put) in enumerate(((1, 333), (2, ""), (3, "#DIV/0!"), (4, "#REF!")), 1):
        sheet.rows([firm(number, 2023, None, 10)], row)
        sheet.ws.write_formula(row, 3, "=100+11*21+2" if number < 3 else "=1/0", None, put)


def _no_value(parts: dict[str, bytes]) -> None:
    swap("xl/worksheets/sheet1.xml", r'(<c r="D3"[^>]*?)(?: t="str")?(>)(<f>[^<]*</f>)<v></v>', r"\1\2\3")(parts)


SHARE = [(NAME, CODE, "年度", "市场占有率（%）", "营业收入（万元）"), firm(1, 2023, 35.5, 1), firm(2, 2023, "35.5%", 1), firm(3, 2023, "约三成", 1)]


def _percent(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1").rows([*SHARE, firm(4, 2023, None, 1)])
    sheet.ws.write_number(4, 3, 0.355, workbook.add_format({"num_format": "0.0%"}))


UPDATE = [
    (NAME, CODE, "年度", "营业收入（万元）", "实缴税金（万元）"),
    firm(1, 2022, 150, None),
    firm(1, 2023, 300, 30),
    firm(2, 2022, 100, None),
    firm(2, 2022, 100, None),
    firm(1, 2023, 301, 30),
]


def _before_update() -> None:
    from decimal import Decimal

    from app.infra.db import db
    from tests.factories.enterprises import make_enterprise

    for number in (1, 2):
        values = {2022: {REVENUE: Decimal(1_000_000), TAX: Decimal(50_000)}}
        make_enterprise(name(number), code=code(number), figures=values, source="enterprise")  # figures of another source are another record
    db.session.commit()


GBK = [("纳税人名称", "纳税人识别号", "所属年度", "营业收入(元)", "实缴税款(元)"), (name(1), code(1) + "\t", "2023", "1234567.80\t", "0"), (name(2),
    code(2) + "\t", "2023", "", "12.5")]
ARTEFACTS = [(NAME, CODE, "年度", "营业收入（万元）"), firm(1, 2023, 4711), firm(2, 2023, 4712), firm(3, 2023, 4713)]


def _artefacts(parts: dict[str, bytes]) -> None:
    """What sums in a spreadsheet leave behind, and the exponent notation that it uses."""
    for marker, written in (("4711", "1234.5678899999999"), ("4712", "1.2345678900000001E3"), ("4713", "1E-4")):
        swap("xl/worksheets/sheet1.xml", f"<v>{marker}</v>", f"<v>{written}</v>")(parts)


TWO_UNITS = [(NAME, CODE, "年度", "营业收入（元）", "营业收入（万元）"), firm(1, 2023, 1_000_000, 100), firm(2, 2023, 1_000_000, 200)]
NO_UNIT = [(NAME, CODE, "年度", "营业收入"), firm(1, 2023, 12345678.9)]
BIG = [(NAME, CODE, "年度", "营业收入（万元）"), firm(1, 2023, 1e30), firm(2, 2023, "1e5"), firm(3, 2023, 99999999.99), firm(4, 2023, math.pi)]


def _case(label: str, build: Any, why: str, *outcomes: Outcome, known: tuple[int, ...] = (1, 2, 3, 4), **more: Any) -> Case:
    return Case(label, "figures", build, outcomes, why, known=known, **more)

# fmt: on
CASES = [
    _case(
        "f-yuan",
        simple(YUAN),
        "元 with two decimals, accounting brackets, full width, persons with a unit; a firm that is not in the base is refused",
        created(4, Reject(6, CODE)),
        figures={
            (code(1), 2023): {REVENUE: "12345678.90", PROFIT: "-1234.56", STAFF: 120, "rd_expense_yuan": "0"},
            (code(2), 2023): {REVENUE: "12345678.90", PROFIT: "-1234.56", STAFF: 120, "rd_expense_yuan": "0"},
            (code(3), 2023): {REVENUE: "12345678.90", PROFIT: "-1234.56", STAFF: 1200, "rd_expense_yuan": None},
            (code(4), 2023): {REVENUE: "1234567.80", PROFIT: "-0.50", STAFF: 35, "rd_expense_yuan": None},
        },
    ),
    _case(
        "f-unit-line",
        simple(UNIT_LINE),
        "the unit stands above the table and is for money only; a unit in the cell goes first; float noise is not money",
        created(4),
        figures={
            (code(1), 2023): {REVENUE: "12345678.90", STAFF: 35, "assets_yuan": "3000"},
            (code(2), 2023): {REVENUE: "120000000", "assets_yuan": "12340000"},
            (code(3), 2023): {REVENUE: "12345000", "assets_yuan": "8000000"},
            (code(4), 2023): {REVENUE: "2000000", STAFF: 0, "assets_yuan": "0"},
        },
    ),
    _case("f-thousand", simple(THOUSAND), "千元 is the unit of statistical returns", created(1), figures={(code(1), 2023): {REVENUE: "12345678"}}),
    _case("f-thousand-line", simple(THOUSAND_LINE), "千元 in the line above", created(1), figures={(code(1), 2023): {REVENUE: "12345678"}}),
    _case(
        "f-unit-in-head-beats-line",
        simple(ABOVE),
        "the nearer unit holds",
        created(1),
        figures={(code(1), 2023): {REVENUE: "150000000", "rd_expense_yuan": "3000000"}},
    ),
    _case(
        "f-years-side-by-side",
        simple(SIDE_BY_SIDE),
        "each column belongs to its year; a wrong cell refuses its row with its column",
        created(2, Reject(4, "2022年营业收入")),
        figures={
            (code(1), 2021): {REVENUE: "1000000"},
            (code(1), 2022): {REVENUE: "2000000"},
            (code(1), 2023): {REVENUE: "12345000", STAFF: 35},
            (code(2), 2021): None,
            (code(2), 2022): None,
            (code(2), 2023): {REVENUE: "3000000", STAFF: None},
            (code(3), 2021): None,
        },
    ),
    _case(
        "f-year-under-item",
        lambda p: book(p, _year_over_item),
        "two lines of head: the item above, its years below",
        created(2),
        figures={
            (code(1), 2022): {REVENUE: "1000000", TAX: "100000"},
            (code(1), 2023): {REVENUE: "2000000", TAX: "200000"},
            (code(2), 2022): {REVENUE: "3000000", TAX: "0"},
            (code(2), 2023): {REVENUE: None, TAX: "400000"},
        },
    ),
    _case(
        "f-item-under-year",
        lambda p: book(p, _item_under_year),
        "two lines of head: the year above, its items below",
        created(1),
        figures={(code(1), 2022): {REVENUE: "1000000", TAX: "100000"}, (code(1), 2023): {REVENUE: "2000000", TAX: "200000"}},
    ),
    _case(
        "f-year-in-title",
        simple(TITLE_YEAR),
        "the year stands in the title only",
        created(2),
        figures={(code(1), 2023): {REVENUE: "1000000", TAX: "100000"}},
    ),
    _case(
        "f-last-year",
        simple(LAST_YEAR),
        "上年 in a table of 2023 is 2022 or not read; never 2023",
        created(1),
        REFUSED,
        created(0, Reject(3, None)),
        figures={(code(1), 2023): {"main_revenue_yuan": None}},
    ),
    _case(
        "f-not-yearly",
        simple(NOT_YEARLY),
        "growth, half years, the same period of last year, forecasts and shares are no yearly figures",
        created(1),
        figures={(code(1), 2022): {REVENUE: "1000000", "rd_expense_yuan": None}, (code(1), 2023): None, (code(1), 2024): None, (code(1), 2021): None},
    ),
    _case("f-whole-year", simple(WHOLE_YEAR), "1-12月 is the year", created(1), figures={(code(1), 2023): {REVENUE: "1000000"}}),
    _case(
        "f-half-year",
        simple(HALF_YEAR),
        "half a year must not become a year",
        REFUSED,
        created(0, Reject(2, None)),
        Outcome(unchanged=1),
        figures={(code(1), 2023): None},
    ),
    _case(
        "f-missing",
        simple(MISSING),
        "dashes and blanks are unknown, 0 is 0; words, ranges and guesses are refused; heads are whole and not negative",
        created(
            5,
            Reject(7, "营业收入"),
            Reject(8, "营业收入"),
            Reject(9, "营业收入"),
            Reject(10, "从业人员"),
            Reject(11, "从业人员"),
            Reject(12, "营业收入"),
            Reject(13, "营业收入"),
        ),
        created(
            4,
            Reject(6, "营业收入"),
            Reject(7, "营业收入"),
            Reject(8, "营业收入"),
            Reject(9, "营业收入"),
            Reject(10, "从业人员"),
            Reject(11, "从业人员"),
            Reject(12, "营业收入"),
            Reject(13, "营业收入"),
        ),
        known=tuple(range(1, 13)),
        figures={
            (code(1), 2023): {REVENUE: None, TAX: "100000", STAFF: 5},
            (code(2), 2023): {REVENUE: None, TAX: "0", STAFF: None},
            (code(3), 2023): {REVENUE: None, TAX: "100000", STAFF: None},
            (code(4), 2023): {REVENUE: "0", TAX: "0", STAFF: 0},
        },
    ),
    _case(
        "f-years-wrong",
        simple(YEARS),
        "a figure needs one year that has begun",
        created(1, *[Reject(row, "年度") for row in range(3, 8)]),
        known=tuple(range(1, 7)),
    ),
    _case(
        "f-formulas",
        surgery(lambda p: book(p, _formulas), _no_value),
        "a formula counts with its stored result; without one, or with an error, the figure is unknown or refused, never 0",
        created(4),
        created(1, Reject(3, "营业收入"), Reject(4, "营业收入"), Reject(5, "营业收入")),
        created(3, Reject(3, "营业收入")),
        created(2, Reject(4, "营业收入"), Reject(5, "营业收入")),
        figures={(code(1), 2023): {REVENUE: "3330000"}},
    ),
    _case(
        "f-percent",
        lambda p: book(p, _percent),
        "35.5 under %, 35.5% and a cell formatted as percent are the same share",
        created(3, Reject(4, "市场占有率")),
        figures={
            (code(1), 2023): {"market_share_pct": "35.5"},
            (code(2), 2023): {"market_share_pct": "35.5"},
            (code(4), 2023): {"market_share_pct": "35.5"},
        },
    ),
    _case(
        "f-update",
        simple(UPDATE),
        "a correction updates, a blank clears nothing, a twin changes nothing, a twin that differs is refused",
        Outcome(created=1, updated=1, unchanged=2, rejected=(Reject(6, None, "duplicate_in_file"),)),
        known=(),
        seeds=_before_update,
        figures={(code(1), 2022): {REVENUE: "1500000", TAX: "50000"}, (code(1), 2023): {REVENUE: "3000000", TAX: "300000"}},
    ),
    _case(
        "f-csv-tax",
        text(lines(GBK), "gbk"),
        "the tax system's CSV: GBK, tabs behind numbers",
        created(2),
        suffix=".csv",
        figures={(code(1), 2023): {REVENUE: "1234567.80", TAX: "0"}, (code(2), 2023): {REVENUE: None, TAX: "12.5"}},
    ),
    _case(
        "f-float-artefacts",
        surgery(simple(ARTEFACTS), _artefacts),
        "float noise and exponents give the amount meant",
        created(3),
        figures={(code(1), 2023): {REVENUE: "12345678.90"}, (code(2), 2023): {REVENUE: "12345678.90"}, (code(3), 2023): {REVENUE: "1"}},
    ),
    _case(
        "f-two-units",
        simple(TWO_UNITS),
        "the same item twice in two units: refused, or told; a contradiction is never settled silently",
        REFUSED,
        created(1, Reject(3, "营业收入")),
        created(2, says=("重复",)),
        created(2, says=("营业收入（万元）",)),
    ),
    _case(
        "f-no-unit",
        simple(NO_UNIT),
        "no unit anywhere: refuse, or take it as 元 (万元) and say so",
        created(1, says=("单位",)),
        REFUSED,
        created(0, Reject(2, "营业收入")),
        created(1, says=("元",)),
    ),
    _case(
        "f-too-big",
        simple(BIG),
        "more than a firm can earn is refused; more decimals than 分 are rounded or refused",
        created(3, Reject(2, "营业收入")),
        created(2, Reject(2, "营业收入"), Reject(3, "营业收入")),
        created(2, Reject(2, "营业收入"), Reject(5, "营业收入")),
        figures={(code(3), 2023): {REVENUE: "999999999900"}},
    ),
]
