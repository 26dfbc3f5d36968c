"""Workbooks for ``flask enterprises import`` as other bureaus keep them, with what should come of each and why."""

from datetime import date, datetime
from typing import Any

from .case import Case, Outcome, Reject
from .codes import code, name, only_digits
from .files import Sheet, book, simple, surgery, swap

# fmt: off
NAME, CODE, TOWN = "企业名称", "统一社会信用代码", "所属镇街"
HEAD = ("序号", NAME, CODE, TOWN)


def firm(number: int, town: Any = "侯营镇", *more: Any) -> tuple[Any, ...]:
    return (name(number), code(number), town, *more)


def listed(*numbers: int, town: str = "侯营镇") -> list[tuple[Any, ...]]:
    return [(place, *firm(number, town)) for place, number in enumerate(numbers, 1)]


def created(count: int, *rejected: Reject, **more: Any) -> Outcome:
    return Outcome(created=count, rejected=rejected, **more)


# ---- Exports of other systems

ZJTX = (
    ("序号", NAME, CODE, "所属省", "所属市", "所属区县", "所在乡镇（街道）", "注册时间", "所属行业", "法定代表人", "联系人", "手机号码", "企业规模",
        "企业状态"),
    (1, name(1), code(1), "山东省", "聊城市", "东昌府区", "侯营镇", "2015-06-18 00:00:00", "通用设备制造业", "张三", "李四", "13800138000", "小型", "正常"),
    (2, name(2), code(2), "山东省", "聊城市", "临清市", "康庄镇", "2018-11-02 00:00:00", "C35 专用设备制造业", "王五", "赵六", "13900139001", "微型", "正常"),
    (3, name(3), code(3), "山东省", "聊城市", "莘县", "古云镇", "2009-01-31 00:00:00", "橡胶和塑料制品业", "孙七", "周八", 13700137002, "中型", "正常"),
)

TAX = (
    ("序号", "纳税人识别号", "纳税人名称", "法定代表人姓名", "注册地址", "街道乡镇", "登记日期", "纳税人状态", "主管税务所（科、分局）", "登记注册类型"),
    (1, code(4), name(4), "张三", "山东省聊城市茌平区乐平铺镇工业园", "茌平区乐平铺镇", "20150618", "正常",
        "国家税务总局聊城市茌平区税务局第二税务分局", "私营有限责任公司"),
    (2, code(5), name(5), "李四", "山东省聊城市阳谷县石佛镇", "阳谷县石佛镇", "20031231", "正常", "国家税务总局阳谷县税务局石佛税务分局", "私营有限责任公司"),
    (3, "371522690123456", name(6), "王五", "山东省聊城市莘县", "莘县朝城镇", "20090131", "正常", "国家税务总局莘县税务局", "私营有限责任公司"),
)

STATISTICS = (
    ("统一社会\n信用代码", "组织机构代码", "单位详细名称", "行政区划代码", "详细地址", "行业代码\n（GB/T4754-2017）", "主要业务活动",
        "开业（成立）时间\n年月"),
    (code(7), code(7)[8:17], name(7), 371502100000, "山东省聊城市东昌府区侯营镇", 3441, "泵制造", "201506"),
    (code(8), code(8)[8:17], name(8), "371581103201", "山东省聊城市临清市康庄镇", "3451", "轴承制造", "200312"),
    (code(9), code(9)[8:17], name(9), 371522106, "山东省聊城市莘县古云镇", 2919, "其他橡胶制品制造", "200901"),
)


def _two_level(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1")
    sheet.ws.merge_range(0, 0, 0, 7, "聊城市重点培育民营企业台账（2023年）", sheet.style)
    sheet.ws.merge_range(1, 0, 1, 7, "填报单位：东昌府区工业和信息化局（盖章）        填报日期：2023年8月30日        单位：万元", sheet.style)
    for first, last, caption in ((1, 4, "企业基本情况"), (5, 6, "经营情况")):
        sheet.ws.merge_range(2, first, 2, last, caption, sheet.style)
    for column, caption in ((0, "序号"), (7, "备注")):
        sheet.ws.merge_range(2, column, 3, column, caption, sheet.style)
    sheet.rows([(NAME, CODE, "所在镇街", "法定代表人", "营业收入", "税收")], 3, 1)
    sheet.rows([(1, *firm(10, "沙镇镇", "张三", 1234.5, 12)), (2, *firm(11, "堂邑", "李四", 800, 9.5)), (3, name(12), code(12)[:-1], "柳园街道",
        "王五", 1, 1)], 4)
    sheet.rows([("合计", None, None, None, None, 2035.5, 22.5)], 7)
    sheet.rows([("填表人：张三", None, None, "审核人：李四", None, "联系电话：0635-8321234")], 9)


def _county_merged(workbook: Any) -> None:
    sheet = Sheet(workbook, "各县区名单")
    sheet.rows([("县（市、区）", "序号", NAME, CODE, "乡镇")])
    sheet.ws.merge_range(1, 0, 3, 0, "莘县", sheet.style)
    sheet.ws.merge_range(4, 0, 5, 0, "东阿县", sheet.style)
    sheet.rows([(1, *firm(13, "城关镇")), (2, *firm(14, "古云")), (3, *firm(15, "城关镇"))], 1, 1)
    sheet.rows([(1, *firm(16, "城关镇")), (2, *firm(17, "鱼山镇"))], 4, 1)
    sheet.rows([("冠县", 1, *firm(18, "贾镇"))], 6)


def old_county_seats() -> None:
    """城关镇 was the name of the county seat in several counties: an alias of two towns of today."""
    from app.areas.models import AreaAlias
    from app.infra.db import db
    from tests.factories.enterprises import town_id

    db.session.add_all([AreaAlias(area_id=town_id(town), alias="城关镇") for town in ("371522001", "371524001")])
    db.session.commit()


# ---- Codes

EVERY_CODE = [
    HEAD,
    (1, name(20), "'" + code(20), "侯营镇"),
    (2, name(21), "’" + code(21).lower(), "侯营镇"),
    (3, name(22), " ".join((code(22)[:8], code(22)[8:])) + "　", "侯营镇"),
    (4, name(23), code(23).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}), "侯营镇"),
    (5, name(24), "\u200b" + code(24) + "\xa0\t", "侯营镇"),
    (6, name(25), "\ufeff" + code(25) + "\n", "侯营镇"),
    (7, name(26), code(26).replace("0", "O", 1), "侯营镇"),
    (8, name(27), code(27)[:9] + "I" + code(27)[10:], "侯营镇"),
    (9, name(28), code(28)[:15] + code(28)[16] + code(28)[15] + code(28)[17] if code(28)[15] != code(28)[16] else code(28)[:-1] + "Y", "侯营镇"),
    (10, name(29), code(29)[:-1], "侯营镇"),
    (11, name(30), "371522690123456", "侯营镇"),
    (12, name(31), "9.13716E+17", "侯营镇"),
    (13, name(32), "无", "侯营镇"),
    (14, name(33), None, "侯营镇"),
    (15, name(34), "正在办理", "侯营镇"),
    (16, name(35), code(35) + "、" + code(36), "侯营镇"),
]
ROUND, WHOLE = only_digits("000"), only_digits()


def _as_numbers(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1")
    sheet.rows([HEAD, (1, name(40), float(WHOLE), "侯营镇"), (2, name(41), float(ROUND), "侯营镇"), (3, name(42), code(42), 371502100), (4, name(43),
        371522690123456, "侯营镇")])


def digits_in_xml(digits: str) -> Any:
    """A cell that holds all eighteen digits as a number: Excel never does, exports written by programs do."""
    rows = [HEAD, (1, name(44), 4711, "侯营镇")]
    return surgery(simple(rows), swap("xl/worksheets/sheet1.xml", r"<v>4711</v>", f"<v>{digits}</v>"))


# ---- Dates

SEEN = [
    ("2023.1.5", date(2023, 1, 5)), ("2023年1月5日", date(2023, 1, 5)), ("2023/1/5", date(2023, 1, 5)), ("20230105", date(2023, 1, 5)),
    (20230105, date(2023, 1, 5)), (44931, date(2023, 1, 5)), (date(2023, 1, 5), date(2023, 1, 5)), (datetime(2023, 1, 5, 13, 30), date(2023, 1, 5)),
    ("2023-01-05 00:00:00", date(2023, 1, 5)), ("２０２３年１月５日", date(2023, 1, 5)), ("二〇二三年一月五日", date(2023, 1, 5)),
    ("2023 年 1 月 5 日", date(2023, 1, 5)), ("2023.01.05 ", date(2023, 1, 5)), ("2023-1-5T00:00:00", date(2023, 1, 5)), ("2023年1月", date(2023, 1, 1)),
]
UNREAD = ["2023-13-45", "2023年2月30日", "不详，约2010年", "5月18日", "2032.5.1", 3.14]


def _dates(start: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [(NAME, CODE, TOWN, "成立日期")]
    rows += [firm(start + place, "侯营镇", value) for place, (value, _) in enumerate(SEEN)]
    rows += [firm(start + 50 + place, "侯营镇", value) for place, value in enumerate(UNREAD)]
    return rows


# fmt: on
def workbook(label: str, build: Any, why: str, *outcomes: Outcome, **more: Any) -> Case:
    return Case(label, "enterprises", build, outcomes, why, **more)


CASES = [
    workbook(
        "e-zjtx-export",
        simple(ZJTX, "企业列表"),
        "the national platform's list: every column known, times at midnight, phones as text and number",
        created(3),
        firms={
            code(1): {"town": "371502100", "founded_on": date(2015, 6, 18), "legal_person": "张三", "industry": "34"},
            code(2): {"town": "371581103", "industry": "35"},
            code(3): {"town": "371522106", "industry": "29"},
        },
    ),
    workbook(
        "e-tax-export",
        simple(TAX, "Sheet0"),
        "a 15-digit tax number is no credit code: that row only is refused",
        created(2, Reject(4, "纳税人识别号", "credit_code_invalid")),
        firms={code(4): {"town": "371503101", "founded_on": date(2015, 6, 18), "legal_person": "张三"}, code(5): {"town": "371521107"}},
    ),
    workbook(
        "e-statistics-export",
        simple(STATISTICS, "601"),
        "statistics writes areas as 12 digits (9 of the town, 3 of the village), months as 201506, industries as numbers",
        created(3),
        firms={
            code(7): {"town": "371502100", "industry": "3441", "founded_on": date(2015, 6, 1)},
            code(8): {"town": "371581103"},
            code(9): {"town": "371522106"},
        },
    ),
    workbook(
        "e-two-level-header",
        lambda p: book(p, _two_level),
        "title, unit line, head of two lines, total and signatures: three firms, one with a code of 17 characters",
        created(2, Reject(7, CODE, "credit_code_invalid")),
        firms={code(10): {"town": "371502101"}, code(11): {"town": "371502102", "legal_person": "李四"}},
    ),
    workbook(
        "e-county-merged",
        lambda p: book(p, _county_merged),
        "the county stands once per block, merged downwards, and decides which 城关镇 is meant",
        created(6),
        seeds=old_county_seats,
        firms={code(13): {"town": "371522001"}, code(15): {"town": "371522001"}, code(16): {"town": "371524001"}, code(18): {"town": "371525101"}},
    ),
    workbook(
        "e-codes-every-shape",
        simple(EVERY_CODE),
        "blanks, width, case, apostrophes and invisible signs are cleaned; look-alikes, slips and wrong lengths are refused, never guessed",
        created(6, *[Reject(row, CODE, "credit_code_invalid") for row in range(8, 18)]),
    ),
    workbook(
        "e-codes-as-numbers",
        lambda p: book(p, _as_numbers),
        "Excel keeps 15 digits: the rest of the code is lost, also where the zeros happen to verify; a town code as number is whole",
        created(1, Reject(2, CODE, "credit_code_invalid"), Reject(3, CODE, "credit_code_invalid"), Reject(5, CODE, "credit_code_invalid")),
        firms={ROUND: None, code(42): {"town": "371502100"}},
    ),
    workbook(
        "e-code-eighteen-digits-in-xml",
        digits_in_xml(WHOLE),
        "all digits are in the file: read them exactly, or refuse the row; never another code",
        created(1),
        created(0, Reject(2, CODE, "credit_code_invalid")),
    ),
    workbook(
        "e-dates",
        simple(_dates(100)),
        "every way to write a day; a day that does not exist, has no year or lies in the future is refused",
        created(len(SEEN), *[Reject(len(SEEN) + 2 + place, "成立日期") for place in range(len(UNREAD))]),
        firms={code(100 + place): {"founded_on": day} for place, (_, day) in enumerate(SEEN)},
    ),
]
