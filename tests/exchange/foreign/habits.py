"""Second round: habits of offices that trap a reader which looks for words only (other columns with like names, parts of years, …)."""

from datetime import date
from typing import Any

from .case import REFUSED, Case, Outcome, Reject
from .codes import code, name
from .enterprises import CODE, HEAD, NAME, TOWN, firm, listed
from .figures import REVENUE, STAFF, TAX
from .files import Sheet, book, lines, simple, surgery, text


def created(count: int, *rejected: Reject, **more: Any) -> Outcome:
    return Outcome(created=count, rejected=rejected, **more)


# ---- Firms

# fmt: off
COUNTIES = [
    ("县区", *HEAD[1:]),
    ("市直", *firm(1, "侯营镇")),
    ("聊城市", *firm(2, "侯营镇")),
    ("高新区", *firm(3, "许营镇")),
    ("东昌府区", *firm(4, "许营镇")),
    ("东昌府", *firm(5, "许营")),
    ("临清市", *firm(6, "侯营镇")),
    ("聊城高新技术产业开发区", *firm(7, "许营镇")),
    (None, *firm(8, "许营镇")),
]
TWO_AREAS = [
    (NAME, CODE, "行政区划代码", "所在乡镇"),
    (name(1), code(1), 371502, "侯营镇"),
    (name(2), code(2), "371581", "康庄镇"),
    (name(3), code(3), "371502100", "侯营镇"),
]
LIKE_NAMES = [
    ("上级单位名称", "曾用名", "企业名称（盖章）", "统一社会信用代码/注册号", "镇街联系人", "镇街联系电话", "所属乡镇（街道）名称",
        "法定代表人联系电话", "法定代表人姓名"),
    ("聊城集团有限公司", "旧名有限公司", name(1), code(1), "王五", 13800138000, "侯营镇", "13900139000", "张三"),
]
TOP_TOTAL = [("企业名单",), (*HEAD, "注册资本（万元）"), ("合计", None, None, None, 300), *[(*row, 100) for row in listed(1, 2, 3)]]
NUMBER_LINE = [(*HEAD, "地址"), ("甲", "乙", "丙", "丁", "戊"), *[(*row, "某路1号") for row in listed(1, 2)]]
CONTINUED = [(NAME, CODE, TOWN), firm(1), firm(2), ("聊城市企业名单（续）", None, None), (NAME, CODE, TOWN), firm(3)]


def _two_products(workbook: Any) -> None:
    """One firm over two lines, one per product: name and code merged downwards."""
    sheet = Sheet(workbook, "Sheet1").rows([(NAME, CODE, TOWN, "主要产品")])
    for column, value in enumerate(firm(1)):
        sheet.ws.merge_range(1, column, 2, column, value, sheet.style)
    sheet.rows([("轴承",), ("保持架",)], 1, 3)
    sheet.rows([(*firm(2), "纺织品")], 3)


def _chart_first(workbook: Any) -> None:
    chart = workbook.add_chart({"type": "column"})
    workbook.add_chartsheet("图表").set_chart(chart)
    Sheet(workbook, "名单").rows([HEAD, *listed(1, 2)])
    chart.add_series({"values": "=名单!$A$2:$A$3"})


def _protected(workbook: Any) -> None:
    Sheet(workbook, "名单").rows([HEAD, *listed(1, 2)]).ws.protect("secret")


def _looked_up(workbook: Any) -> None:
    sheet = Sheet(workbook, "名单").rows([HEAD])
    for row, number in enumerate((1, 2), 1):
        sheet.cell(row, 0, row)
        sheet.ws.write_formula(row, 1, f"=VLOOKUP(C{row + 1},Sheet9!A:B,2,0)", None, name(number) if number == 1 else "#N/A")
        sheet.rows([(code(number), "侯营镇")], row, 2)


def strict(found: dict[str, bytes]) -> None:
    """Excel's Strict Open XML: other name spaces, the same content."""
    for part, content in found.items():
        if part.endswith((".xml", ".rels")):
            content = content.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            found[part] = content.replace(b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships")


MONTHS = [(NAME, CODE, TOWN, "成立时间（年月）"), firm(1, "侯营镇", "2015.6"), firm(2, "侯营镇", "2015-06"), firm(3, "侯营镇", "201506"), firm(4,
    "侯营镇", "2015年6月份")]
INDUSTRIES = [
    (NAME, CODE, TOWN, "所属行业"),
    *[firm(place, "侯营镇", word) for place, word in enumerate(("C3451", "3451 滚动轴承制造", "通用设备制造业（34）", "制造业-通用设备制造业", "C34",
        34, "通用设备制造"), 1)],
]
MANY = [HEAD, *[(n, name(n), code(n) if n % 7 else code(n)[:-1], "侯营镇" if n % 11 else "某某镇") for n in range(1, 1501)]]
MANY_BAD = tuple(Reject(n + 1, None) for n in range(1, 1501) if not (n % 7 and n % 11))

# ---- Figures

PART_TITLES = ("2023年1-6月规上工业企业主要经济指标", "2023年上半年企业经营情况", "2023年前三季度企业经营情况", "2023年6月企业经营情况",
    "2023年第一季度企业运行表", "二〇二三年上半年企业经营情况")


def part_of_year(title: str) -> list[tuple[Any, ...]]:
    return [(title,), ("填报日期：2023年7月10日",), (NAME, CODE, "营业收入（万元）"), (name(1), code(1), 60)]


def _part_of_year_group(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1")
    for column, caption in enumerate((NAME, CODE)):
        sheet.ws.merge_range(0, column, 1, column, caption, sheet.style)
    sheet.ws.merge_range(0, 2, 0, 3, "2022年", sheet.style)
    sheet.ws.merge_range(0, 4, 0, 5, "2023年1-6月", sheet.style)
    sheet.rows([("营业收入（万元）", "税收（万元）") * 2], 1, 2)
    sheet.rows([(name(1), code(1), 100, 10, 60, 6)], 2)


BARE_YEARS = [("近三年营业收入情况表（单位：万元）",), (NAME, CODE, "2021年", "2022年", "2023年"), (name(1), code(1), 100, 200, 300)]
YEAR_PLACES = [
    (NAME, CODE, "营业收入（万元）2021年", "2022营业收入（万元）", "营业收入（2023年，万元）", "2023 年度\n税收 / 万元", "2023年末从业人数",
        "24年营业收入（万元）"),
    (name(1), code(1), 100, 200, 300, 30, 35, 400),
]


def _unit_row(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1")
    sheet.ws.merge_range(0, 0, 0, 5, "2023年度企业情况", sheet.style)
    sheet.rows([(NAME, CODE, "营业收入", "资产总额", "从业人员", "市场占有率"), (None, None, "万元", "亿元", "人", "%"), (name(1), code(1), 100, 1.2,
        35, 12.5)], 1)


UNIT_WORDS = [
    (("金额单位：人民币万元",), "1000000"), (("2023年度", None, None, "（单位：万元、人、%）"), "1000000"), (("单位:元",), "100"), (("单 位：千 元",),
        "100000"), (("计量单位：亿元、人",), "10000000000"),
]


def unit_words(line: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [line, (NAME, CODE, "年度", "营业收入", "从业人数"), (name(1), code(1), 2023, 100, 35)]


LIKE_ITEMS = [
    (NAME, CODE, "年度", "利润总额（万元）", "营业利润（万元）", "应交增值税（万元）", "资产负债率（%）", "人均营业收入（万元）", "研发人员占比（%）",
        "营业收入（万元）",
     "其中：主营业务收入（万元）", "其中：出口额（万元）", "流动资产合计（万元）", "流动负债合计（万元）", "营业成本（万元）", "女职工人数"),
    (name(1), code(1), 2023, 1, 2, 3, 4, 5, 6, 700, 8, 9, 10, 11, 12, 13),
]
WORDS = [(NAME, CODE, "年度", "营业收入（万元）"), *[(name(n), code(n), 2023, v) for n, v in enumerate(("3,500万", "0.35亿元", "三千五百万", "3 500",
    "3500.00 万元 ", "３５００"), 1)]]
LONG_FORM = [(NAME, CODE, "年份", "营业收入(万元)"), *[(name(1), code(1), year, value) for year, value in ((2021, 100), (2022, 200), (2023, 300))]]
TWO_HEADS = [(NAME, CODE, "年度", "从业人员期末人数", "从业人员平均人数"), (name(1), code(1), 2023, 35, 33)]

UNIT_THEN_DATE = [("单位：千元        填报日期：2024年1月10日",), (NAME, CODE, "年度", "营业收入"), (name(1), code(1), 2023, 100)]
SPAN_TITLE = [("2021-2023年企业经营情况",), (NAME, CODE, "营业收入（万元）"), (name(1), code(1), 100)]


def _split_date(workbook: Any) -> None:
    """年, 月 and 日 in three columns under one caption."""
    sheet = Sheet(workbook, "Sheet1")
    for column, caption in enumerate((NAME, CODE, TOWN)):
        sheet.ws.merge_range(0, column, 1, column, caption, sheet.style)
    sheet.ws.merge_range(0, 3, 0, 5, "成立日期", sheet.style)
    sheet.rows([("年", "月", "日"), (2015, 6, 18)], 1, 3)
    sheet.rows([firm(1)], 2)


def _painted(workbook: Any) -> None:
    """Somebody painted the head to the last column and a thousand rows below the list."""
    sheet = Sheet(workbook, "Sheet1").rows([HEAD, *listed(1, 2)])
    for column in range(4, 16_384):
        sheet.cell(0, column, None)
    for row in range(3, 1003):
        sheet.cell(row, 300, None)


def _brackets() -> None:
    from app.infra.db import db
    from tests.factories.enterprises import make_enterprise

    make_enterprise("聊城（外来）有限公司", code=code(1), town="371502100")
    db.session.commit()


# ---- Recognitions

R_HEAD = ("序号", NAME, CODE, "称号", "级别")
BATCHES = [(*R_HEAD, "批次", "认定年度", "有效期至"), (1, name(1), code(1), "专精特新“小巨人”企业", "国家级", "第五批", "2023年", "2026.6.30"), (2,
    name(2), code(2), "瞪羚企业", "省级", "2023年第一批", 2023, None)]
BATCH_ONLY = [(*R_HEAD, "批次"), (1, name(1), code(1), "瞪羚企业", "省级", "2023年第一批"), (2, name(2), code(2), "瞪羚企业", "省级", "2022年度"), (3,
    name(3), code(3), "瞪羚企业", "省级", "第三批")]
YEAR_AS_DATE = [(*R_HEAD, "认定时间"), (1, name(1), code(1), "瞪羚企业", "省级", "2022年"), (2, name(2), code(2), "瞪羚企业", "省级", 2022), (3,
    name(3), code(3), "瞪羚企业", "省级", "2022.12")]


def _sheet_per_title(workbook: Any) -> None:
    for title, number in (("专精特新中小企业", 1), ("瞪羚企业", 2)):
        Sheet(workbook, title).rows([(*R_HEAD, "批次年度"), (1, name(number), code(number), title, "省级", 2023)])


def _case(label: str, command: str, build: Any, why: str, *outcomes: Outcome, **more: Any) -> Case:
    return Case(label, command, build, outcomes, why, **more)


def _e(label: str, build: Any, why: str, *outcomes: Outcome, **more: Any) -> Case:
    return _case(label, "enterprises", build, why, *outcomes, **more)


def _f(label: str, build: Any, why: str, *outcomes: Outcome, **more: Any) -> Case:
    return _case(label, "figures", build, why, *outcomes, **({"known": (1, 2, 3)} | more))


def _r(label: str, build: Any, why: str, *outcomes: Outcome, **more: Any) -> Case:
    return _case(label, "recognitions", build, why, *outcomes, **({"known": (1, 2, 3)} | more))

# fmt: on
CASES = [
    _e(
        "h-split-date",
        lambda p: book(p, _split_date),
        "a date over three columns: put together, or left out and said; the firm is read",
        created(1, says=("成立日期",)),
    ),
    _e(
        "h-brackets",
        simple([(NAME, CODE, TOWN), ("聊城(外来)有限公司", code(1), "侯营")]),
        "the width of brackets is no new name",
        Outcome(unchanged=1),
        seeds=_brackets,
    ),
    _e("h-painted", lambda p: book(p, _painted), "colour is no content, however far it goes", created(2)),
    _f(
        "h-unit-then-date",
        simple(UNIT_THEN_DATE),
        "unit and day of filling in one cell",
        created(1),
        figures={(code(1), 2023): {REVENUE: "100000"}},
    ),
    _f(
        "h-span-title",
        simple(SPAN_TITLE),
        "a title about several years names none",
        REFUSED,
        created(0, Reject(3, None)),
        figures={(code(1), 2023): None, (code(1), 2021): None},
    ),
    _e(
        "h-counties",
        simple(COUNTIES),
        "statistical county, managing zone, city or 市直 beside a town that is clear; another county contradicts it",
        created(7, Reject(7, None)),
        created(6, Reject(2, None), Reject(7, None)),
    ),
    _e(
        "h-two-area-columns",
        simple(TWO_AREAS),
        "a code of the county beside the name of the town: the name of the town is meant",
        created(3),
        firms={code(1): {"town": "371502100"}, code(2): {"town": "371581103"}},
    ),
    _e(
        "h-like-names",
        simple(LIKE_NAMES),
        "the parent, the former name, the telephone of the town are other things",
        created(1),
        firms={code(1): {"name": name(1), "town": "371502100", "legal_person": "张三"}},
    ),
    _e("h-total-on-top", simple(TOP_TOTAL), "statistics puts the total first", created(3)),
    _e("h-number-line", simple(NUMBER_LINE), "甲 乙 丙 under the head", created(2)),
    _e(
        "h-continued",
        simple(CONTINUED),
        "the title of the next page inside the table: left out or refused, the firms read",
        created(3),
        created(3, Reject(4, None)),
        created(3, Reject(4, None), Reject(5, None)),
    ),
    _e(
        "h-two-products",
        lambda p: book(p, _two_products),
        "one firm over two merged lines with two products: the second contradicts the first",
        created(2, Reject(3, None, "duplicate_in_file")),
    ),
    _e("h-chart-first", lambda p: book(p, _chart_first), "a chart is no sheet of rows", created(2)),
    _e("h-protected", lambda p: book(p, _protected), "a protected sheet can be read by everybody", created(2)),
    _e(
        "h-looked-up",
        lambda p: book(p, _looked_up),
        "names that a formula looked up; #N/A is no name",
        created(1, Reject(3, NAME)),
        firms={code(1): {"name": name(1)}},
    ),
    _e("h-strict", surgery(simple([HEAD, *listed(1, 2)]), strict), "Strict Open XML: read, or refused with what to do", created(2), REFUSED),
    _e(
        "h-months",
        simple(MONTHS),
        "months stand for their first day",
        created(4),
        firms={code(n): {"founded_on": date(2015, 6, 1)} for n in range(1, 5)},
    ),
    _e("h-industries", simple(INDUSTRIES), "industries by code, name or both", created(7), firms={code(n): {"industry": "34"} for n in range(1, 8)}),
    _e("h-many", simple(MANY), "1,500 rows, some bad: exactly those are refused", created(1500 - len(MANY_BAD), *MANY_BAD)),
    _e(
        "h-csv-semicolon",
        text(lines([(NAME, CODE, TOWN, "地址"), (*firm(1), "a,b"), (*firm(2), "c")], ";"), "gbk"),
        "semicolons, commas inside",
        created(2),
        suffix=".csv",
    ),
    _e("h-csv-bar", text(lines([(NAME, CODE, TOWN), firm(1), firm(2)], "|"), "gbk"), "bars: read or refused", created(2), REFUSED, suffix=".csv"),
    _e(
        "h-csv-title",
        text("聊城市企业名单,,,\r\n单位：万元,,,\r\n" + lines([HEAD, ("1", *firm(1)), ("2", *firm(2)), ("合计", "2", "", "")]) + ",,,\r\n", "gbk"),
        "title and total in a text file",
        created(2),
        suffix=".csv",
    ),
    _e(
        "h-csv-trailing",
        text(lines([(*HEAD, "", ""), ("1", *firm(1), "", ""), ("2", *firm(2), "", "")])),
        "commas at the ends of lines",
        created(2),
        suffix=".csv",
    ),
    *[
        _f(
            f"h-part-of-year-{n}",
            simple(part_of_year(title)),
            "some months in the title: never the year's figure",
            REFUSED,
            created(0, Reject(4, None)),
            figures={(code(1), 2023): None},
        )
        for n, title in enumerate(PART_TITLES)
    ],
    _f(
        "h-part-of-year-group",
        lambda p: book(p, _part_of_year_group),
        "half a year as a group of columns is left out",
        created(1),
        figures={(code(1), 2022): {REVENUE: "1000000", TAX: "100000"}, (code(1), 2023): None},
    ),
    _f("h-bare-years", simple(BARE_YEARS), "the item stands in the title only: read it, or refuse", created(1), REFUSED, created(0, Reject(3, None))),
    _f(
        "h-year-places",
        simple(YEAR_PLACES),
        "the year before, behind or in brackets; of two digits it is no year",
        created(1),
        figures={
            (code(1), 2021): {REVENUE: "1000000"},
            (code(1), 2022): {REVENUE: "2000000"},
            (code(1), 2023): {REVENUE: "3000000", TAX: "300000", STAFF: 35},
            (code(1), 2024): None,
        },
    ),
    _f(
        "h-unit-row",
        lambda p: book(p, _unit_row),
        "units in a line of their own under the head, the year in the title",
        created(1),
        figures={(code(1), 2023): {REVENUE: "1000000", "assets_yuan": "120000000", STAFF: 35, "market_share_pct": "12.5"}},
    ),
    *[
        _f(
            f"h-unit-words-{n}",
            simple(unit_words(line)),
            "how the unit line may be written",
            created(1),
            figures={(code(1), 2023): {REVENUE: amount, STAFF: 35}},
        )
        for n, (line, amount) in enumerate(UNIT_WORDS)
    ],
    _f(
        "h-like-items",
        simple(LIKE_ITEMS),
        "items that sound like ours and are others",
        created(1),
        figures={
            (code(1), 2023): {
                "net_profit_yuan": None,
                TAX: None,
                "assets_yuan": None,
                "debt_yuan": None,
                REVENUE: "7000000",
                STAFF: None,
                "rd_staff_count": None,
            }
        },
    ),
    _f(
        "h-amount-words",
        simple(WORDS),
        "thousands, blanks and units in cells; a number in words is refused",
        created(5, Reject(4, "营业收入")),
        created(4, Reject(4, "营业收入"), Reject(5, "营业收入")),
        created(6),
        known=tuple(range(1, 7)),
        figures={(code(1), 2023): {REVENUE: "35000000"}, (code(2), 2023): {REVENUE: "35000000"}, (code(6), 2023): {REVENUE: "35000000"}},
    ),
    _f(
        "h-long-form",
        simple(LONG_FORM),
        "one line per year",
        created(3),
        figures={(code(1), year): {REVENUE: f"{year - 2020}000000"} for year in (2021, 2022, 2023)},
    ),
    _f(
        "h-two-heads",
        simple(TWO_HEADS),
        "two counts of heads: one of them, and say so",
        created(1, says=("重复",)),
        figures={(code(1), 2023): {STAFF: 35}},
    ),
    _r(
        "h-batches",
        simple(BATCHES),
        "第五批 beside the year: the year counts",
        created(2),
        titles={code(1): {("little_giant", 2023): {"valid_to": date(2026, 6, 30)}}, code(2): {("gazelle", 2023): {}}},
    ),
    _r(
        "h-batch-only",
        simple(BATCH_ONLY),
        "2023年第一批 names its year, 第三批 none",
        created(2, Reject(4, "批次")),
        created(1, Reject(2, "批次"), Reject(4, "批次")),
    ),
    _r(
        "h-year-as-date",
        simple(YEAR_AS_DATE),
        "a year where a day is asked: refused, or kept as the year only",
        created(3),
        created(1, Reject(2, "认定时间"), Reject(3, "认定时间")),
    ),
    _r(
        "h-sheet-per-title",
        lambda p: book(p, _sheet_per_title),
        "one sheet per title: all, or say which was left out",
        created(2),
        created(1, says=("瞪羚企业",)),
    ),
]
