"""Workbooks for ``flask enterprises import`` as other bureaus keep them, with what should come of each and why."""

from datetime import date, datetime
from typing import Any

from .case import REFUSED, Case, Outcome, Reject
from .codes import code, name, only_digits
from .files import Sheet, book, lines, simple, surgery, swap, text

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
    ("序号", NAME, CODE, "所属省", "所属市", "所属区县", "所在乡镇（街道）", "注册时间", "所属行业", "法定代表人", "联系人", "手机号码", "企业规模", "企业状态"),
    (1, name(1), code(1), "山东省", "聊城市", "东昌府区", "侯营镇", "2015-06-18 00:00:00", "通用设备制造业", "张三", "李四", "13800138000", "小型", "正常"),
    (2, name(2), code(2), "山东省", "聊城市", "临清市", "康庄镇", "2018-11-02 00:00:00", "C35 专用设备制造业", "王五", "赵六", "13900139001", "微型", "正常"),
    (3, name(3), code(3), "山东省", "聊城市", "莘县", "古云镇", "2009-01-31 00:00:00", "橡胶和塑料制品业", "孙七", "周八", 13700137002, "中型", "正常"),
)

TAX = (
    ("序号", "纳税人识别号", "纳税人名称", "法定代表人姓名", "注册地址", "街道乡镇", "登记日期", "纳税人状态", "主管税务所（科、分局）", "登记注册类型"),
    (1, code(4), name(4), "张三", "山东省聊城市茌平区乐平铺镇工业园", "茌平区乐平铺镇", "20150618", "正常", "国家税务总局聊城市茌平区税务局第二税务分局", "私营有限责任公司"),
    (2, code(5), name(5), "李四", "山东省聊城市阳谷县石佛镇", "阳谷县石佛镇", "20031231", "正常", "国家税务总局阳谷县税务局石佛税务分局", "私营有限责任公司"),
    (3, "371522690123456", name(6), "王五", "山东省聊城市莘县", "莘县朝城镇", "20090131", "正常", "国家税务总局莘县税务局", "私营有限责任公司"),
)

STATISTICS = (
    ("统一社会\n信用代码", "组织机构代码", "单位详细名称", "行政区划代码", "详细地址", "行业代码\n（GB/T4754-2017）", "主要业务活动", "开业（成立）时间\n年月"),
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
    sheet.rows([(1, *firm(10, "沙镇镇", "张三", 1234.5, 12)), (2, *firm(11, "堂邑", "李四", 800, 9.5)), (3, name(12), code(12)[:-1], "柳园街道", "王五", 1, 1)], 4)
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


def _old_county_seats() -> None:
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
    sheet.rows([HEAD, (1, name(40), float(WHOLE), "侯营镇"), (2, name(41), float(ROUND), "侯营镇"), (3, name(42), code(42), 371502100), (4, name(43), 371522690123456, "侯营镇")])


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
]  # fmt: skip
UNREAD = ["2023-13-45", "2023年2月30日", "不详，约2010年", "5月18日", "2032.5.1", 3.14]


def _dates(start: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [(NAME, CODE, TOWN, "成立日期")]
    rows += [firm(start + place, "侯营镇", value) for place, (value, _) in enumerate(SEEN)]
    rows += [firm(start + 50 + place, "侯营镇", value) for place, value in enumerate(UNREAD)]
    return rows


# ---- Sheets, styles, structure


def _three_sheets(workbook: Any) -> None:
    Sheet(workbook, "填表说明").rows([("填表说明",), ("1. 企业名称须与营业执照一致；统一社会信用代码为18位。",), ("2. 所属镇街填全称。",)])
    Sheet(workbook, "汇总").rows([("县市区", "企业数量", "备注"), ("东昌府区", 2, None), ("临清市", 1, None), ("合计", 3, None)])
    Sheet(workbook, "明细").rows([("附件2",), ("企业明细表",), HEAD, *listed(60, 61), (3, *firm(62, "康庄镇"))])


def _sheet_per_county(workbook: Any) -> None:
    Sheet(workbook, "东昌府区").rows([HEAD, *listed(63, 64)])
    Sheet(workbook, "临清市").rows([HEAD, *listed(65, 66, town="康庄镇")])


def _hidden(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1")
    sheet.rows([("序号", "原名称", NAME, CODE, TOWN), *[(n, "旧名" + name(n), *firm(n)) for n in (67, 68, 69)]])
    sheet.ws.set_column(1, 1, None, None, {"hidden": True})
    sheet.ws.set_row(2, None, None, {"hidden": True})
    sheet.ws.autofilter(0, 0, 3, 4)
    hidden = Sheet(workbook, "Sheet2").rows([HEAD, *listed(70)])
    hidden.ws.hide()


def _link(ws: Any, r: int, c: int, sheet: Sheet) -> None:
    ws.write_url(r, c, "https://example.invalid/company/71", None, name(71))


def _rich(ws: Any, r: int, c: int, sheet: Sheet) -> None:
    bold = sheet.book.add_format({"bold": True})
    ws.write_rich_string(r, c, "聊城外来", bold, "72号", "机械有限公司")


def _decorated(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1")
    sheet.rows([HEAD, (1, _link, code(71), "侯营镇"), (2, _rich, code(72), "侯营镇"), (3, *firm(73))])
    sheet.ws.write_comment(1, 1, "已核实：91370000000000000X")
    sheet.ws.insert_textbox(8, 1, "联系电话 0635-8321234")
    sheet.ws.data_validation(1, 3, 5000, 3, {"validate": "list", "source": ["侯营镇", "沙镇镇"]})
    sheet.ws.conditional_format(0, 0, 99, 3, {"type": "duplicate", "format": sheet.style})
    sheet.ws.freeze_panes(1, 0)


def _blank_thousands(workbook: Any) -> None:
    sheet = Sheet(workbook, "Sheet1").rows([HEAD, *listed(74, 75)])
    for row in range(3, 6003):
        for column in range(8):
            sheet.cell(row, column, None)
    sheet.rows([listed(76)[0]], 3003)


LYING = r'<dimension ref="[^"]*"/>'
PHONETIC = surgery(
    simple([HEAD, *listed(77)]),
    swap("xl/sharedStrings.xml", f"<t>{name(77)}</t>", f'<t>{name(77)}</t><rPh sb="0" eb="2"><t>liaocheng</t></rPh><phoneticPr fontId="1"/>'),
)


def _inline(parts: dict[str, bytes]) -> None:
    """What a Java exporter writes: inline strings, cells and rows without addresses, no shared strings, no styles."""
    cells = "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{v}</t></is></c>' for v in ("序号", NAME, CODE, TOWN))
    data = "".join(f'<c t="inlineStr"><is><t>{v}</t></is></c>' for v in ("1", name(78), code(78), "侯营镇"))
    parts["xl/worksheets/sheet1.xml"] = (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"<row>{cells}</row><row>{data}</row></sheetData></worksheet>"
    ).encode()


def _prefixed(parts: dict[str, bytes]) -> None:
    """Elements with a name space prefix, as some .NET writers do."""
    import re

    part = "xl/worksheets/sheet1.xml"
    body = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", parts[part].decode())
    parts[part] = body.replace("xmlns=", "xmlns:x=", 1).encode()


HEADER_BREAKS = [
    ("*序\n号", "企 业 名 称\n（全称）", "统一社会\r\n信用代码\n（18位）*", "所属乡镇\n(街道)【必填】", "成立 时间"),
    (1, *firm(80, "侯营镇", "2015.6.18")),
    (2, *firm(81, "没有这个镇", "2015.6.18")),
]
SYNONYMS = [
    ("序号", "企业（单位）名称", "社会信用代码", "所属乡镇（街道）", "法人代表", "注册资本（万元）", "从业人数（人）", "主要产品"),
    (1, *firm(82, "辛集镇", "张三", 500, 35, "轴承保持架")),
    (2, *firm(83, "甘官屯", "李四", "1000万元", "120人", "纺织品")),
]

# ---- Towns

GOOD_TOWNS = [
    ("侯营", "371502100"), ("东昌府区侯营镇", "371502100"), ("聊城市东昌府区侯营镇", "371502100"), ("山东省聊城市东昌府区侯营镇", "371502100"),
    ("侯营 镇", "371502100"), ("沙镇", "371502101"), ("沙镇镇", "371502101"), ("梁水镇", "371502103"), ("梁水镇镇", "371502103"),
    ("九州街道", "371502P01"), ("柳园街道办事处", "371502002"), ("柳园办事处", "371502002"), ("柳园", "371502002"), ("新区", "371502003"),
    ("古城", "371522104"), ("东古城", "371525105"), ("371502100", "371502100"), (371581103, "371581103"), ("贾镇", "371525101"),
    ("兰沃", "371525206"), ("青年路街道", "371581001"), ("三十里铺镇 ", "371526105"), ("冠县/辛集镇", "371525109"), ("莘县-古云镇", "371522106"),
]  # fmt: skip
BAD_TOWNS = [("城关镇", "town_ambiguous"), ("王家庄镇", "town_unknown"), ("371599100", "town_unknown"), (None, None), ("—", None), ("莘县", None), ("聊城市", None),
             ("临清市侯营镇", None), ("侯营镇、沙镇镇", None)]  # fmt: skip


def _towns(start: int, towns: list[Any]) -> list[tuple[Any, ...]]:
    return [HEAD, *[(place, *firm(start + place, town)) for place, (town, _) in enumerate(towns)]]


# ---- Rows that are no firms

TOTALS = [
    ("2023年企业名单",),
    HEAD,
    (1, *firm(180)),
    (2, *firm(181)),
    (None, "小　计", 2, None),
    (1, *firm(182, "康庄镇")),
    (None, "小计：1家", None, None),
    ("合  计", None, 3, None),
    (),
    ("注：1. 本表所列企业均为民营企业；", None, None, None),
    ("    2. 数据截至2023年8月。", None, None, None),
    ("说明：本表由各县（市、区）填报。",),
    ("填表人：张三", None, "联系电话：0635-8321234", "填报日期：2023年8月30日"),
    ("单位负责人（签字）：", None, "分管领导：", None),
]
LIKE_TOTALS = [
    HEAD,
    (1, "聊城合计商贸有限公司", code(190), "侯营镇"),
    (2, "总计信息科技（聊城）有限公司", code(191), "侯营镇"),
    (3, "小计（山东）食品有限公司", code(192), "侯营镇"),
    (4, "合计", code(193), "侯营镇"),
    (5, "注册人力资源有限公司", code(194), "侯营镇"),
    (6, "制表人文化传媒有限公司", code(195), "侯营镇"),
]
SECTIONS = [
    ("优质企业名单",), HEAD, ("一、东昌府区（2家）",), *listed(200, 201), ("二、临清市（1家）",), (1, *firm(202, "康庄镇")),
]  # fmt: skip
REPEATED = [HEAD, *listed(203, 204), HEAD, (3, *firm(205))]
DEEP = [
    ("附件3",), (), ("聊城市民营企业入库培育名单",), ("（共2家，排名不分先后）",), (), ("各县（市、区）工信局，市属开发区经发局：",),
    ("现将2023年企业名称、统一社会信用代码、所属镇街等信息汇总如下，请认真核对。",), ("联系人：张三",), ("联系电话：0635-8321234",), (), HEAD, *listed(206, 207),
]  # fmt: skip

# ---- Update rules

UPDATES = [
    (NAME, CODE, TOWN, "法定代表人", "主要产品"),
    ("聊城新名科技有限公司", code(210), "侯营镇", None, None),
    (None, code(211), None, "新法人", "（清空）"),
    (name(212), code(212), None, None, None),
    (None, code(213), "侯营镇", "张三", None),
    (name(214), code(214), None, "张三", None),
]


def _before_updates() -> None:
    from app.infra.db import db
    from tests.factories.enterprises import make_enterprise

    for number in (210, 211, 212):
        make_enterprise(name(number), code=code(number), town="371502100", legal_person="老法人", main_product="轴承")
    db.session.commit()


TWINS = [
    HEAD,
    (1, *firm(220)),
    (2, *firm(220)),
    (3, *firm(221)),
    (4, "另一个名字有限公司", code(221), "侯营镇"),
    (5, name(222), code(222).lower(), "侯营镇"),
    (6, name(222), " " + code(222), "沙镇镇"),
]
STATUS = [
    (NAME, CODE, TOWN, "登记状态"),
    *[
        firm(230 + place, "侯营镇", word)
        for place, word in enumerate(("存续（在营、开业、在册）", "在业", "注销", "吊销，未注销", "迁出", "正常", "开业"))
    ],
]

# ---- Text files

PLAIN = [("序号", NAME, CODE, TOWN, "成立日期"), ("1", name(240), code(240), "侯营镇", "2015-06-18"), ("2", name(241), code(241), "王家庄镇", "2015-06-18")]
PLAIN_OUT = created(1, Reject(3, TOWN, "town_unknown"))
PLAIN_FIRM = {code(240): {"name": name(240), "town": "371502100", "founded_on": date(2015, 6, 18)}, code(241): None}
QUOTED = (
    f'{NAME},{CODE},{TOWN},"地址"\r\n'
    f'"{name(242)}",{code(242)}\t,侯营镇,"聊城市东昌府区\r\n侯营镇工业园, 1号"\r\n'
    f',,,\r\n"聊城""外来""商贸有限公司","{code(243)}\t",侯营镇,"a,b"\r\n"{name(244)}",{code(244)}X,侯营镇,\r\n'
)
PROTECTED = "".join(f'="{a}",="{b}",="{c}"\r\n' for a, b, c in ((NAME, CODE, TOWN), firm(245)))
RARE = "聊城𬭊䶮𠮷材料有限公司"
TABBED = lines([(NAME, CODE, TOWN, "备注"), (f"{name(246)}\t", f"\t{code(246)}", "侯营镇\t", "有\t制表符")])

# ---- Odd but honest

SHIFTED = [(None, None, *row) for row in ((), (), ("企业名单",), HEAD, *listed(250, 251))]
TWO_BLOCKS = [
    (*HEAD, None, *HEAD),
    (1, *firm(252), None, 3, *firm(254)),
    (2, *firm(253), None, 4, *firm(255)),
]
LONG = [
    (NAME, CODE, TOWN, "地址", "备注"),
    ("长" * 2000, code(256), "侯营镇", None, None),
    (name(257), code(257), "侯营镇", "址" * 2000, None),
    (name(258), code(258), "侯营镇", None, "注" * 2000),
    (name(259), code(259), "侯" * 2000, None, None),
    (name(260), "9" * 2000, "侯营镇", None, None),
]
HOSTILE = [
    HEAD,
    (1, "=HYPERLINK(\"http://example.invalid\")", code(261), "侯营镇"),
    (2, "<script>alert(1)</script>有限公司", code(262), "侯营镇"),
    (3, "聊城{{7*7}}有限公司", code(263), "侯营镇"),
    (4, RARE, code(264), "侯营镇"),
    (5, "  聊城　外来265号\xa0有限公司 ", code(265), "侯营镇"),
]
NO_NAMES = [HEAD, (1, None, code(266), "侯营镇"), (2, "—", code(267), "侯营镇"), (3, "　", code(268), "侯营镇"), (4, *firm(269))]


def _merged_across(workbook: Any) -> None:
    """The name spans two columns in head and body, as in forms drawn for printing."""
    sheet = Sheet(workbook, "Sheet1")
    for row, (number, caption, credit, town) in enumerate([HEAD, *listed(270, 271)]):
        sheet.rows([(number,)], row)
        sheet.ws.merge_range(row, 1, row, 2, caption, sheet.style)
        sheet.rows([(credit, town)], row, 3)


def _xlsx(label: str, build: Any, why: str, *outcomes: Outcome, **more: Any) -> Case:
    return Case(label, "enterprises", build, outcomes, why, **more)


def _csv(label: str, build: Any, why: str, *outcomes: Outcome, **more: Any) -> Case:
    return Case(label, "enterprises", build, outcomes, why, suffix=".csv", **more)


CASES = [
    _xlsx("e-zjtx-export", simple(ZJTX, "企业列表"), "the national platform's list: every column known, times at midnight, phones as text and number", created(3),
          firms={code(1): {"town": "371502100", "founded_on": date(2015, 6, 18), "legal_person": "张三", "industry": "34"},
                 code(2): {"town": "371581103", "industry": "35"}, code(3): {"town": "371522106", "industry": "29"}}),
    _xlsx("e-tax-export", simple(TAX, "Sheet0"), "a 15-digit tax number is no credit code: that row only is refused", created(2, Reject(4, "纳税人识别号", "credit_code_invalid")),
          firms={code(4): {"town": "371503101", "founded_on": date(2015, 6, 18), "legal_person": "张三"}, code(5): {"town": "371521107"}}),
    _xlsx("e-statistics-export", simple(STATISTICS, "601"), "statistics writes areas as 12 digits (9 of the town, 3 of the village), months as 201506, industries as numbers", created(3),
          firms={code(7): {"town": "371502100", "industry": "3441", "founded_on": date(2015, 6, 1)}, code(8): {"town": "371581103"}, code(9): {"town": "371522106"}}),
    _xlsx("e-two-level-header", lambda p: book(p, _two_level), "title, unit line, head of two lines, total and signatures: three firms, one with a code of 17 characters",
          created(2, Reject(7, CODE, "credit_code_invalid")), firms={code(10): {"town": "371502101"}, code(11): {"town": "371502102", "legal_person": "李四"}}),
    _xlsx("e-county-merged", lambda p: book(p, _county_merged), "the county stands once per block, merged downwards, and decides which 城关镇 is meant", created(6), seeds=_old_county_seats,
          firms={code(13): {"town": "371522001"}, code(15): {"town": "371522001"}, code(16): {"town": "371524001"}, code(18): {"town": "371525101"}}),
    _xlsx("e-codes-every-shape", simple(EVERY_CODE), "blanks, width, case, apostrophes and invisible signs are cleaned; look-alikes, slips and wrong lengths are refused, never guessed",
          created(6, *[Reject(row, CODE, "credit_code_invalid") for row in range(8, 18)])),
    _xlsx("e-codes-as-numbers", lambda p: book(p, _as_numbers), "Excel keeps 15 digits: the rest of the code is lost, also where the zeros happen to verify; a town code as number is whole",
          created(1, Reject(2, CODE, "credit_code_invalid"), Reject(3, CODE, "credit_code_invalid"), Reject(5, CODE, "credit_code_invalid")),
          firms={ROUND: None, code(42): {"town": "371502100"}}),
    _xlsx("e-code-eighteen-digits-in-xml", digits_in_xml(WHOLE), "all digits are in the file: read them exactly, or refuse the row; never another code",
          created(1), created(0, Reject(2, CODE, "credit_code_invalid"))),
    _xlsx("e-dates", simple(_dates(100)), "every way to write a day; a day that does not exist, has no year or lies in the future is refused",
          created(len(SEEN), *[Reject(len(SEEN) + 2 + place, "成立日期") for place in range(len(UNREAD))]),
          firms={code(100 + place): {"founded_on": day} for place, (_, day) in enumerate(SEEN)}),
    _xlsx("e-dates-1904", simple([(NAME, CODE, TOWN, "成立日期"), firm(170, "侯营镇", date(2015, 6, 18))], date_1904=True), "a workbook from an old Mac counts from 1904", created(1),
          firms={code(170): {"founded_on": date(2015, 6, 18)}}),
    _xlsx("e-three-sheets", lambda p: book(p, _three_sheets), "notes, a summary by county and the list: the list is meant", created(3), firms={code(62): {"town": "371581103"}}),
    _xlsx("e-sheet-per-county", lambda p: book(p, _sheet_per_county), "two lists in one workbook: both, or say that the second was not read; never silently half", created(4),
          Outcome(refused=True, says=("临清市",)), created(2, says=("临清市",))),
    _xlsx("e-hidden", lambda p: book(p, _hidden), "hidden columns and filtered rows are part of the list; a hidden sheet is not asked for", created(3),
          firms={code(68): {"name": name(68)}, code(70): None}),
    _xlsx("e-decorated", lambda p: book(p, _decorated), "links, bold parts, comments, text boxes and validation do not change what a cell says", created(3),
          firms={code(71): {"name": name(71)}, code(72): {"name": name(72)}}),
    _xlsx("e-thousands-of-formatted-blanks", lambda p: book(p, _blank_thousands), "blank rows count nothing, and a firm below them is still found", created(3), firms={code(76): {"name": name(76)}}),
    _xlsx("e-lying-dimension", surgery(simple([HEAD, *listed(79)]), swap("xl/worksheets/sheet1.xml", LYING, '<dimension ref="A1:XFD1048576"/>')), "the dimension is a claim, not a fact", created(1)),
    _xlsx("e-no-dimension", surgery(simple([HEAD, *listed(79)]), swap("xl/worksheets/sheet1.xml", LYING, "")), "an exporter that writes no dimension", created(1)),
    _xlsx("e-phonetic", PHONETIC, "a phonetic guide is not part of the name", created(1), firms={code(77): {"name": name(77)}}),
    _xlsx("e-java-inline", surgery(simple([("x",)]), _inline), "inline strings, cells without addresses: as written by reporting tools", created(1), firms={code(78): {"name": name(78)}}),
    _xlsx("e-prefixed-xml", surgery(simple([HEAD, *listed(79)]), _prefixed), "name space prefixes are legal XML: read, or refuse with what to do", created(1), REFUSED),
    _xlsx("e-header-breaks", simple(HEADER_BREAKS), "line breaks, blanks, stars and bracketed remarks in captions", created(1, Reject(3, "所属乡镇", "town_unknown")),
          firms={code(80): {"founded_on": date(2015, 6, 18)}}),
    _xlsx("e-synonyms", simple(SYNONYMS), "the captions of statistics and county offices", created(2), firms={code(82): {"town": "371525109", "legal_person": "张三", "main_product": "轴承保持架"}}),
    _xlsx("e-towns", simple(_towns(120, GOOD_TOWNS)), "towns by name, short name, full path, former office name or code", created(len(GOOD_TOWNS)),
          firms={code(120 + place): {"town": town} for place, (_, town) in enumerate(GOOD_TOWNS)}),
    _xlsx("e-towns-wrong", simple(_towns(160, BAD_TOWNS)), "unknown, ambiguous, missing, a county or two towns: refused, never guessed; a town of another county contradicts itself",
          created(0, *[Reject(place + 2, TOWN, expected) for place, (_, expected) in enumerate(BAD_TOWNS)]), seeds=_old_county_seats),
    _xlsx("e-totals-and-notes", simple(TOTALS), "sub-totals, totals, notes and signatures are no firms and are not counted", created(3)),
    _xlsx("e-names-like-totals", simple(LIKE_TOTALS), "a row with a valid code is a firm whatever its name sounds like", created(6), firms={code(190): {"name": "聊城合计商贸有限公司"}}),
    _xlsx("e-sections", simple(SECTIONS), "a line that heads a section is no firm: left out, or refused in words; the firms are read", created(3), created(3, Reject(3, None), Reject(6, None))),
    _xlsx("e-repeated-header", simple(REPEATED), "the head printed again on the next page is no firm", created(3), created(3, Reject(4, None))),
    _xlsx("e-deep-header", simple(DEEP), "ten lines of letter text that mention the captions stand above the head", created(2)),
    _xlsx("e-no-names", simple(NO_NAMES), "a new firm needs a name", created(1, *[Reject(row, NAME, "name_missing") for row in (2, 3, 4)])),
    _xlsx("e-updates", simple(UPDATES), "a blank never clears, （清空） does, another name is a rename, name and town are needed for a new firm only",
          Outcome(updated=2, unchanged=1, rejected=(Reject(5, NAME, "name_missing"), Reject(6, TOWN))), seeds=_before_updates,
          firms={code(210): {"name": "聊城新名科技有限公司", "legal_person": "老法人", "main_product": "轴承", "former": name(210)},
                 code(211): {"name": name(211), "legal_person": "新法人", "main_product": None}, code(212): {"legal_person": "老法人"}, code(213): None}),
    _xlsx("e-twins", simple(TWINS), "a twin that says the same changes nothing, one that says something else is refused",
          Outcome(created=3, unchanged=1, rejected=(Reject(5, None, "duplicate_in_file"), Reject(7, None, "duplicate_in_file"))), firms={code(221): {"name": name(221)}, code(222): {"town": "371502100"}}),
    _xlsx("e-status-words", simple(STATUS), "the words of the business register for what a firm's state is", created(7),
          firms={code(230): {"status": "active"}, code(232): {"status": "cancelled"}, code(233): {"status": "revoked"}, code(234): {"status": "moved_out"}, code(236): {"status": "active"}}),
    _csv("e-csv-utf8", text(lines(PLAIN)), "plain", PLAIN_OUT, firms=PLAIN_FIRM),
    _csv("e-csv-bom", text(lines(PLAIN), before=b"\xef\xbb\xbf"), "Excel's CSV UTF-8", PLAIN_OUT, firms=PLAIN_FIRM),
    _csv("e-csv-gbk", text(lines(PLAIN), "gbk"), "Excel's CSV in China", PLAIN_OUT, firms=PLAIN_FIRM),
    _csv("e-csv-gb18030", text(lines([(NAME, CODE, TOWN), (RARE, code(247), "侯营镇")]), "gb18030"), "four-byte characters in names of firms", created(1), firms={code(247): {"name": RARE}}),
    _csv("e-csv-utf16", text(lines(PLAIN, "\t"), "utf-16"), "Excel's Unicode text, tabs", PLAIN_OUT, firms=PLAIN_FIRM),
    _csv("e-csv-cr-only", text(lines(PLAIN, end="\r"), "gbk"), "an old Mac", PLAIN_OUT, firms=PLAIN_FIRM),
    _csv("e-csv-sep", text("sep=;\r\n" + lines(PLAIN, ";")), "Excel's hint line takes the first row", created(1, Reject(4, TOWN, "town_unknown")), created(1, Reject(3, TOWN, "town_unknown")), firms=PLAIN_FIRM),
    _csv("e-csv-quotes", text(QUOTED), "line breaks and commas in quotes: rows are those Excel shows, not lines of text", created(2, Reject(5, CODE, "credit_code_invalid")),
         firms={code(243): {"name": '聊城"外来"商贸有限公司'}}),
    _csv("e-csv-protected", text(PROTECTED, "gbk"), 'codes kept from Excel as ="…"', created(1), firms={code(245): {"name": name(245)}}),
    _csv("e-csv-tabs-inside", text(TABBED, "gbk"), "old systems put a tab before numbers so that Excel keeps them as text", created(1), firms={code(246): {"name": name(246), "town": "371502100"}}),
    _xlsx("e-shifted", simple(SHIFTED), "the table begins in C4", created(2)),
    _xlsx("e-two-blocks", simple(TWO_BLOCKS), "two columns of firms side by side for printing: all, or refused; never the left half only", created(4), REFUSED,
          created(2, says=("重复",)), created(2, says=("相同",))),
    _xlsx("e-long-cells", simple(LONG), "too long is refused in words, never cut; an unused remark may be as long as it likes",
          created(1, Reject(2, NAME), Reject(3, "地址"), Reject(5, TOWN), Reject(6, CODE, "credit_code_invalid")), firms={code(256): None, code(257): None}),
    _xlsx("e-hostile-text", simple(HOSTILE), "text is text: kept as written, but blanks at the ends are taken off and brackets of names are full width, as registers write them", created(5), created(4, Reject(2, NAME)),
          firms={code(262): {"name": "<script>alert（1）</script>有限公司"}, code(264): {"name": RARE}}),
    _xlsx("e-merged-across", lambda p: book(p, _merged_across), "the name spans two columns", created(2), firms={code(270): {"name": name(270), "town": "371502100"}}),
    _xlsx("e-one-row", simple([(NAME, CODE, TOWN), firm(272)]), "one firm", created(1)),
    _xlsx("e-header-only", simple([("企业名单",), HEAD]), "no firm: nothing happens, or the office is told so", created(0), REFUSED),
    _xlsx("e-no-code-column", simple([("序号", NAME, TOWN), (1, name(273), "侯营镇")]), "without codes nothing can be kept apart", REFUSED, created(0, Reject(2, None, "credit_code_invalid"))),
    _xlsx("e-no-header", simple([firm(274), firm(275)]), "no captions at all", REFUSED),
]  # fmt: skip
