"""Sheets, layouts, towns, rows that are no firms, rules of updating and text files for ``flask enterprises import``."""

from datetime import date
from typing import Any

from .case import REFUSED, Outcome, Reject
from .codes import code, name
from .enterprises import CODE, HEAD, NAME, TOWN, created, firm, listed, old_county_seats, workbook
from .files import Sheet, book, simple, surgery, swap
from .texts import RARE

# fmt: off
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
]
BAD_TOWNS = [("城关镇", "town_ambiguous"), ("王家庄镇", "town_unknown"), ("371599100", "town_unknown"), (None, None), ("—", None), ("莘县", None),
    ("聊城市", None),
             ("临清市侯营镇", None), ("侯营镇、沙镇镇", None)]


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
]
REPEATED = [HEAD, *listed(203, 204), HEAD, (3, *firm(205))]
DEEP = [
    ("附件3",), (), ("聊城市民营企业入库培育名单",), ("（共2家，排名不分先后）",), (), ("各县（市、区）工信局，市属开发区经发局：",),
    ("现将2023年企业名称、统一社会信用代码、所属镇街等信息汇总如下，请认真核对。",), ("联系人：张三",), ("联系电话：0635-8321234",), (), HEAD,
        *listed(206, 207),
]

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


# fmt: on
CASES = [
    workbook(
        "e-dates-1904",
        simple([(NAME, CODE, TOWN, "成立日期"), firm(170, "侯营镇", date(2015, 6, 18))], date_1904=True),
        "a workbook from an old Mac counts from 1904",
        created(1),
        firms={code(170): {"founded_on": date(2015, 6, 18)}},
    ),
    workbook(
        "e-three-sheets",
        lambda p: book(p, _three_sheets),
        "notes, a summary by county and the list: the list is meant",
        created(3),
        firms={code(62): {"town": "371581103"}},
    ),
    workbook(
        "e-sheet-per-county",
        lambda p: book(p, _sheet_per_county),
        "two lists in one workbook: both, or say that the second was not read; never silently half",
        created(4),
        Outcome(refused=True, says=("临清市",)),
        created(2, says=("临清市",)),
    ),
    workbook(
        "e-hidden",
        lambda p: book(p, _hidden),
        "hidden columns and filtered rows are part of the list; a hidden sheet is not asked for",
        created(3),
        firms={code(68): {"name": name(68)}, code(70): None},
    ),
    workbook(
        "e-decorated",
        lambda p: book(p, _decorated),
        "links, bold parts, comments, text boxes and validation do not change what a cell says",
        created(3),
        firms={code(71): {"name": name(71)}, code(72): {"name": name(72)}},
    ),
    workbook(
        "e-thousands-of-formatted-blanks",
        lambda p: book(p, _blank_thousands),
        "blank rows count nothing, and a firm below them is still found",
        created(3),
        firms={code(76): {"name": name(76)}},
    ),
    workbook(
        "e-lying-dimension",
        surgery(simple([HEAD, *listed(79)]), swap("xl/worksheets/sheet1.xml", LYING, '<dimension ref="A1:XFD1048576"/>')),
        "the dimension is a claim, not a fact",
        created(1),
    ),
    workbook(
        "e-no-dimension",
        surgery(simple([HEAD, *listed(79)]), swap("xl/worksheets/sheet1.xml", LYING, "")),
        "an exporter that writes no dimension",
        created(1),
    ),
    workbook("e-phonetic", PHONETIC, "a phonetic guide is not part of the name", created(1), firms={code(77): {"name": name(77)}}),
    workbook(
        "e-java-inline",
        surgery(simple([("x",)]), _inline),
        "inline strings, cells without addresses: as written by reporting tools",
        created(1),
        firms={code(78): {"name": name(78)}},
    ),
    workbook(
        "e-prefixed-xml",
        surgery(simple([HEAD, *listed(79)]), _prefixed),
        "name space prefixes are legal XML: read, or refuse with what to do",
        created(1),
        REFUSED,
    ),
    workbook(
        "e-header-breaks",
        simple(HEADER_BREAKS),
        "line breaks, blanks, stars and bracketed remarks in captions",
        created(1, Reject(3, "所属乡镇", "town_unknown")),
        firms={code(80): {"founded_on": date(2015, 6, 18)}},
    ),
    workbook(
        "e-synonyms",
        simple(SYNONYMS),
        "the captions of statistics and county offices",
        created(2),
        firms={code(82): {"town": "371525109", "legal_person": "张三", "main_product": "轴承保持架"}},
    ),
    workbook(
        "e-towns",
        simple(_towns(120, GOOD_TOWNS)),
        "towns by name, short name, full path, former office name or code",
        created(len(GOOD_TOWNS)),
        firms={code(120 + place): {"town": town} for place, (_, town) in enumerate(GOOD_TOWNS)},
    ),
    workbook(
        "e-towns-wrong",
        simple(_towns(160, BAD_TOWNS)),
        "unknown, ambiguous, missing, a county or two towns: refused, never guessed; a town of another county contradicts itself",
        created(0, *[Reject(place + 2, TOWN, expected) for place, (_, expected) in enumerate(BAD_TOWNS)]),
        seeds=old_county_seats,
    ),
    workbook("e-totals-and-notes", simple(TOTALS), "sub-totals, totals, notes and signatures are no firms and are not counted", created(3)),
    workbook(
        "e-names-like-totals",
        simple(LIKE_TOTALS),
        "a row with a valid code is a firm whatever its name sounds like",
        created(6),
        firms={code(190): {"name": "聊城合计商贸有限公司"}},
    ),
    workbook(
        "e-sections",
        simple(SECTIONS),
        "a line that heads a section is no firm: left out, or refused in words; the firms are read",
        created(3),
        created(3, Reject(3, None), Reject(6, None)),
    ),
    workbook("e-repeated-header", simple(REPEATED), "the head printed again on the next page is no firm", created(3), created(3, Reject(4, None))),
    workbook("e-deep-header", simple(DEEP), "ten lines of letter text that mention the captions stand above the head", created(2)),
    workbook("e-no-names", simple(NO_NAMES), "a new firm needs a name", created(1, *[Reject(row, NAME, "name_missing") for row in (2, 3, 4)])),
    workbook(
        "e-updates",
        simple(UPDATES),
        "a blank never clears, （清空） does, another name is a rename, name and town are needed for a new firm only",
        Outcome(updated=2, unchanged=1, rejected=(Reject(5, NAME, "name_missing"), Reject(6, TOWN))),
        seeds=_before_updates,
        firms={
            code(210): {"name": "聊城新名科技有限公司", "legal_person": "老法人", "main_product": "轴承", "former": name(210)},
            code(211): {"name": name(211), "legal_person": "新法人", "main_product": None},
            code(212): {"legal_person": "老法人"},
            code(213): None,
        },
    ),
    workbook(
        "e-twins",
        simple(TWINS),
        "a twin that says the same changes nothing, one that says something else is refused",
        Outcome(created=3, unchanged=1, rejected=(Reject(5, None, "duplicate_in_file"), Reject(7, None, "duplicate_in_file"))),
        firms={code(221): {"name": name(221)}, code(222): {"town": "371502100"}},
    ),
    workbook(
        "e-status-words",
        simple(STATUS),
        "the words of the business register for what a firm's state is",
        created(7),
        firms={
            code(230): {"status": "active"},
            code(232): {"status": "cancelled"},
            code(233): {"status": "revoked"},
            code(234): {"status": "moved_out"},
            code(236): {"status": "active"},
        },
    ),
    workbook("e-shifted", simple(SHIFTED), "the table begins in C4", created(2)),
    workbook(
        "e-two-blocks",
        simple(TWO_BLOCKS),
        "two columns of firms side by side for printing: all, or refused; never the left half only",
        created(4),
        REFUSED,
        created(2, says=("重复",)),
        created(2, says=("相同",)),
    ),
    workbook(
        "e-long-cells",
        simple(LONG),
        "too long is refused in words, never cut; an unused remark may be as long as it likes",
        created(1, Reject(2, NAME), Reject(3, "地址"), Reject(5, TOWN), Reject(6, CODE, "credit_code_invalid")),
        firms={code(256): None, code(257): None},
    ),
    workbook(
        "e-hostile-text",
        simple(HOSTILE),
        "text is text: kept as written, but blanks at the ends are taken off and brackets of names are full width, as registers write them",
        created(5),
        created(4, Reject(2, NAME)),
        firms={code(262): {"name": "<script>alert（1）</script>有限公司"}, code(264): {"name": RARE}},
    ),
    workbook(
        "e-merged-across",
        lambda p: book(p, _merged_across),
        "the name spans two columns",
        created(2),
        firms={code(270): {"name": name(270), "town": "371502100"}},
    ),
    workbook("e-one-row", simple([(NAME, CODE, TOWN), firm(272)]), "one firm", created(1)),
    workbook("e-header-only", simple([("企业名单",), HEAD]), "no firm: nothing happens, or the office is told so", created(0), REFUSED),
    workbook(
        "e-no-code-column",
        simple([("序号", NAME, TOWN), (1, name(273), "侯营镇")]),
        "without codes nothing can be kept apart",
        REFUSED,
        created(0, Reject(2, None, "credit_code_invalid")),
    ),
    workbook("e-no-header", simple([firm(274), firm(275)]), "no captions at all", REFUSED),
]
