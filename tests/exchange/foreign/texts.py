"""Text files for ``flask enterprises import``: encodings, separators, quotes."""

from datetime import date
from typing import Any

from .case import Case, Outcome, Reject
from .codes import code, name
from .enterprises import CODE, NAME, TOWN, created, firm
from .files import lines, text

# fmt: off
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


# fmt: on
def csv(label: str, build: Any, why: str, *outcomes: Outcome, **more: Any) -> Case:
    return Case(label, "enterprises", build, outcomes, why, suffix=".csv", **more)


CASES = [
    csv("e-csv-utf8", text(lines(PLAIN)), "plain", PLAIN_OUT, firms=PLAIN_FIRM),
    csv("e-csv-bom", text(lines(PLAIN), before=b"\xef\xbb\xbf"), "Excel's CSV UTF-8", PLAIN_OUT, firms=PLAIN_FIRM),
    csv("e-csv-gbk", text(lines(PLAIN), "gbk"), "Excel's CSV in China", PLAIN_OUT, firms=PLAIN_FIRM),
    csv(
        "e-csv-gb18030",
        text(lines([(NAME, CODE, TOWN), (RARE, code(247), "侯营镇")]), "gb18030"),
        "four-byte characters in names of firms",
        created(1),
        firms={code(247): {"name": RARE}},
    ),
    csv("e-csv-utf16", text(lines(PLAIN, "\t"), "utf-16"), "Excel's Unicode text, tabs", PLAIN_OUT, firms=PLAIN_FIRM),
    csv("e-csv-cr-only", text(lines(PLAIN, end="\r"), "gbk"), "an old Mac", PLAIN_OUT, firms=PLAIN_FIRM),
    csv(
        "e-csv-sep",
        text("sep=;\r\n" + lines(PLAIN, ";")),
        "Excel's hint line takes the first row",
        created(1, Reject(4, TOWN, "town_unknown")),
        created(1, Reject(3, TOWN, "town_unknown")),
        firms=PLAIN_FIRM,
    ),
    csv(
        "e-csv-quotes",
        text(QUOTED),
        "line breaks and commas in quotes: rows are those Excel shows, not lines of text",
        created(2, Reject(5, CODE, "credit_code_invalid")),
        firms={code(243): {"name": '聊城"外来"商贸有限公司'}},
    ),
    csv("e-csv-protected", text(PROTECTED, "gbk"), 'codes kept from Excel as ="…"', created(1), firms={code(245): {"name": name(245)}}),
    csv(
        "e-csv-tabs-inside",
        text(TABBED, "gbk"),
        "old systems put a tab before numbers so that Excel keeps them as text",
        created(1),
        firms={code(246): {"name": name(246), "town": "371502100"}},
    ),
]
