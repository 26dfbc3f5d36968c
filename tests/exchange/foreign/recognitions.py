"""Workbooks for ``flask recognitions import``: lists of departments and announcements."""

from datetime import date
from typing import Any

from .case import REFUSED, Case, Outcome, Reject
from .codes import code, name
from .files import Sheet, book, lines, simple, text

# fmt: off
HEAD = ("企业名称", "统一社会信用代码", "称号", "级别", "批次年度", "公布日期", "有效期起", "有效期止", "文号")
NAME, CODE, TITLE, LEVEL, BATCH, SEEN, FROM, TO, PAPER = HEAD
Y22, Y25 = date(2023, 1, 1), date(2025, 12, 31)


def firm(number: int, *more: Any) -> tuple[Any, ...]:
    return (name(number), code(number), *more)


def created(count: int, *rejected: Reject, **more: Any) -> Outcome:
    return Outcome(created=count, rejected=rejected, **more)


PLAIN = [
    ("聊城市优质中小企业认定情况表",),
    HEAD,
    firm(1, "专精特新中小企业", "省级", 2022, "2022.12.30", "2023年1月1日", "2025-12-31", "鲁工信创〔2022〕200号"),
    firm(2, "专精特新“小巨人”企业", "国家级", "2023年", date(2023, 7, 14), date(2023, 7, 1), "2026年6月30日", "工信部企业函〔2023〕198号"),
    firm(3, "创新型中小企业", "省", "2022年度", 44925, 44927, 46022, None),
    firm(4, "高新技术企业", None, 2021, "2021-12-07", "2021-12-07", "2024-12-06", "GR202137001234"),
    firm(5, "瞪羚企业", "省级", 2023, None, "2023.11", "2026.10", None),
    firm(99, "瞪羚企业", "省级", 2023, None, None, None, None),
    ("合计", None, None, 6, None, None, None, None, None),
]
WORDS = [
    ("专精特新小巨人", "国家级", "little_giant"), ("国家级专精特新“小巨人”企业", None, "little_giant"), ("省级专精特新中小企业", None, "srdi"),
        ("专精特新", "省级", "srdi"),
    ("专精特新", "市级", "srdi_city"), ("市级专精特新", None, "srdi_city"), ("高企", None, "high_tech"), ("科技型中小企业", None, "tech_sme"),
        ("国家高新技术企业", "国家级", "high_tech"),
    ("制造业单项冠军企业", "省级", "single_champion_province"), ("单项冠军", "国家级", "single_champion"), ("瞪羚", None, "gazelle"),
        ("山东省瞪羚企业", None, "gazelle"),
    ("绿色工厂", "省级", "green_factory"), ("创新型", None, "innovative_sme"), ("规上工业企业", None, "scale_up"), ("DCMM贯标", None, "dcmm"),
        ("2023年度山东省专精特新中小企业", None, "srdi"),
    ("两化融合管理体系贯标", None, "iii_standard"), ("专精特新\n中小企业", "省  级", "srdi"), ("“专精特新”企业", "省级", "srdi"),
        ("第五批国家级专精特新“小巨人”", None, "little_giant"),
]
WRONG = [("文明单位", "市级", TITLE), ("单项冠军", None, None), ("专精特新", None, None), ("瞪羚企业", "AAA级", LEVEL), (None, "省级", TITLE),
    ("小巨人", "省级", None)]


def _words(rows: list[Any]) -> list[tuple[Any, ...]]:
    return [(CODE, TITLE, LEVEL, BATCH), *[(code(place), title, level, 2023) for place, (title, level, _) in enumerate(rows, 1)]]


def _merged_title(workbook: Any) -> None:
    sheet = Sheet(workbook, "名单")
    sheet.rows([("称号", "级别", "批次年度", "序号", "企业名称", "统一社会信用代码", "有效期至")])
    for first, last, title in ((1, 3, "专精特新中小企业"), (4, 5, "瞪羚企业")):
        for column, value in enumerate((title, "省级", "2023年")):
            sheet.ws.merge_range(first, column, last, column, value, sheet.style)
    sheet.rows([(place, *firm(number), "2026年6月30日") for place, number in enumerate((1, 2, 3, 1, 4), 1)], 1, 3)


GAPS = [(TITLE, LEVEL, BATCH, NAME, CODE), ("瞪羚企业", "省级", 2023, *firm(1)), (None, None, None, *firm(2))]
DATES = [
    HEAD,
    firm(1, "瞪羚企业", "省级", 2023, None, "2023-07-01", "2020-06-30", None),
    firm(2, "瞪羚企业", "省级", 2023, "2023-02-30", None, None, None),
    firm(3, "瞪羚企业", "省级", "第五批", None, None, None, None),
    firm(4, "瞪羚企业", "省级", 2023, None, "2023-07-01", "长期", None),
    firm(5, "瞪羚企业", "省级", 2032, None, None, None, None),
]
ANNOUNCED = [
    ("附件",), ("2023年度山东省专精特新中小企业公示名单（聊城市）",), ("序号", "企业名称", "统一社会信用代码", "县（市、区）"), (1, *firm(1),
        "东昌府区"), (2, *firm(2), "临清市"),
]
ANNOUNCED_NAMES = [("第五批国家级专精特新“小巨人”企业公示名单",), ("序号", "省市", "企业名称"), (1, "山东省聊城市", name(1)), (2, "山东省聊城市", name(2))]
BY_NAME = [(NAME, TITLE, LEVEL, BATCH), (name(1), "瞪羚企业", "省级", 2023), ("没有这家有限公司", "瞪羚企业", "省级", 2023)]
MATRIX = [
    (NAME, CODE, "创新型中小企业", "专精特新中小企业", "小巨人"), firm(1, "√", "√", None), firm(2, "2022", None, None),
]
SPAN = [(NAME, CODE, TITLE, LEVEL, BATCH, "有效期"), firm(1, "瞪羚企业", "省级", 2023, "2023.7.1-2026.6.30"), firm(2, "瞪羚企业", "省级", 2023, "三年")]
HIGH_TECH = [
    ("序号", "企业名称", "统一社会信用代码", "荣誉名称", "证书编号", "发证日期", "有效期至", "认定年份"), (1, *firm(1), "高新技术企业",
        "GR202337001234", "2023/12/7", "2026/12/6", "2023"),
]


def _before_update() -> None:
    from app.infra.db import db
    from tests.factories.enterprises import make_enterprise
    from tests.factories.ladder import recognition

    for number in (1, 2):
        row = make_enterprise(name(number), code=code(number))
        recognition(row, "gazelle", level="province", batch_year=2023, valid_from=date(2023, 7, 1), valid_to=date(2026, 6, 30))
    db.session.commit()


UPDATE = [
    HEAD,
    firm(1, "瞪羚企业", "省级", 2023, None, None, "2025-12-31", None),
    firm(2, "瞪羚企业", "省级", 2023, None, "2023-07-01", "2026-06-30", None),
    firm(2, "瞪羚", "省", 2023, None, "2023-07-01", "2026-06-30", None),
    firm(1, "瞪羚企业", "省级", 2023, None, None, "2024-12-31", None),
    firm(1, "瞪羚企业", "省级", 2024, None, "2024-07-01", "2027-06-30", None),
]


def _case(label: str, build: Any, why: str, *outcomes: Outcome, known: tuple[int, ...] = (1, 2, 3, 4, 5), **more: Any) -> Case:
    return Case(label, "recognitions", build, outcomes, why, known=known, **more)

# fmt: on
CASES = [
    _case(
        "r-plain",
        simple(PLAIN),
        "the columns as promised, dates in five ways; a firm that is not in the base is refused",
        created(5, Reject(8, CODE)),
        titles={
            code(1): {("srdi", 2022): {"announced_on": date(2022, 12, 30), "valid_from": Y22, "valid_to": Y25, "document": "鲁工信创〔2022〕200号"}},
            code(2): {("little_giant", 2023): {"announced_on": date(2023, 7, 14), "valid_to": date(2026, 6, 30)}},
            code(3): {("innovative_sme", 2022): {"announced_on": date(2022, 12, 30), "valid_from": Y22, "valid_to": date(2025, 12, 31)}},
            code(4): {("high_tech", 2021): {"valid_to": date(2024, 12, 6)}},
            code(5): {("gazelle", 2023): {"valid_from": date(2023, 11, 1), "valid_to": date(2026, 10, 31)}},
        },
    ),
    _case(
        "r-words",
        simple(_words(WORDS)),
        "how offices write the same titles",
        created(len(WORDS)),
        known=tuple(range(1, len(WORDS) + 1)),
        titles={code(place): {(title, 2023): {}} for place, (_, _, title) in enumerate(WORDS, 1)},
    ),
    _case(
        "r-words-wrong",
        simple(_words(WRONG)),
        "a title we do not know, or that cannot be told without its level, or at a level it does not have",
        created(0, *[Reject(place, column) for place, (_, _, column) in enumerate(WRONG, 2)]),
        known=tuple(range(1, 7)),
    ),
    _case(
        "r-merged-title",
        lambda p: book(p, _merged_title),
        "title, level and year merged downwards over their firms",
        created(5),
        titles={
            code(1): {("srdi", 2023): {"valid_to": date(2026, 6, 30)}, ("gazelle", 2023): {}},
            code(3): {("srdi", 2023): {}},
            code(4): {("gazelle", 2023): {}},
        },
    ),
    _case(
        "r-gaps-not-merged",
        simple(GAPS),
        "a blank that is not merged is a blank: nothing is carried down",
        created(1, Reject(3, TITLE)),
        titles={code(2): {}},
    ),
    _case(
        "r-dates-wrong",
        simple(DATES),
        "an end before the beginning, a day that does not exist, a batch without a year, a year to come",
        created(1, Reject(2, TO), Reject(3, SEEN), Reject(4, BATCH), Reject(6, BATCH)),
        created(0, Reject(2, TO), Reject(3, SEEN), Reject(4, BATCH), Reject(5, TO), Reject(6, BATCH)),
    ),
    _case(
        "r-announced",
        simple(ANNOUNCED),
        "the title stands above the list, and 公示 is not 认定: ask for the column, or refuse the rows; never a silent grant",
        REFUSED,
        created(0, Reject(4, None), Reject(5, None)),
        created(2, says=("公示",)),
    ),
    _case(
        "r-announced-names",
        simple(ANNOUNCED_NAMES),
        "neither codes nor a title column",
        REFUSED,
        created(0, Reject(3, None), Reject(4, None)),
        created(2, says=("公示",)),
    ),
    _case(
        "r-by-name",
        simple(BY_NAME),
        "without codes: refused, or found by the full name when exactly one firm has it",
        REFUSED,
        created(0, Reject(2, None), Reject(3, None)),
        created(1, Reject(3, None)),
        titles={code(2): {}},
    ),
    _case(
        "r-matrix",
        simple(MATRIX),
        "one column per title: not promised; refused rather than guessed",
        REFUSED,
        created(0, Reject(2, None), Reject(3, None)),
        titles={code(1): {}, code(2): {}},
    ),
    _case(
        "r-span",
        simple(SPAN),
        "one column for the whole term: read it or say so; a term is never lost in silence",
        created(1, Reject(3, "有效期")),
        created(2, says=("有效期",)),
        REFUSED,
        created(0, Reject(2, "有效期"), Reject(3, "有效期")),
    ),
    _case(
        "r-high-tech-list",
        simple(HIGH_TECH),
        "the science office's list: 发证日期, 有效期至, 认定年份, 荣誉名称",
        created(1),
        titles={code(1): {("high_tech", 2023): {"valid_to": date(2026, 12, 6)}}},
    ),
    _case(
        "r-update",
        simple(UPDATE),
        "another end is an update of the same grant, another batch is another grant, twins as everywhere",
        Outcome(created=1, updated=1, unchanged=2, rejected=(Reject(5, None, "duplicate_in_file"),)),
        known=(),
        seeds=_before_update,
        titles={
            code(1): {("gazelle", 2023): {"valid_from": date(2023, 7, 1), "valid_to": date(2025, 12, 31)}, ("gazelle", 2024): {}},
            code(2): {("gazelle", 2023): {}},
        },
    ),
    _case(
        "r-csv-gbk",
        text(lines([HEAD, [str(v) if v else "" for v in PLAIN[2]]]), "gbk"),
        "the same from an old system",
        created(1),
        suffix=".csv",
        titles={code(1): {("srdi", 2022): {"valid_to": Y25}}},
    ),
]
