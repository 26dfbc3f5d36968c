"""Names made comparable and searchable: comparable form, pinyin initials, pieces of the search index.

A piece is two neighbouring letters of a name (or of its initials) or three of a credit code; any part of a name from two characters, and
any part of a code from four, then contains at least one piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from operator import add

from app.kernel.text import squeeze

SHORTEST_TEXT, SHORTEST_CODE = 2, 4
UNINDEXED = frozenset(
    {"有限", "限公", "公司", "限责", "责任", "任公", "份有", "股份", "yx", "xg", "gs", "xz", "zr", "rg", "fy", "gf"}
)
"""Pieces of the legal forms: in nearly every name, so the index would only grow by them."""

# Characters of company names whose first usual reading begins differently from another usual one: (usual, other).
_POLYPHONES = {
    "长": "cz", "重": "zc", "行": "xh", "乐": "ly", "厦": "xs", "朝": "cz", "参": "sc", "传": "cz", "调": "dt", "藏": "cz", "系": "xj", "校": "xj",
    "单": "ds", "曾": "zc", "解": "jx", "查": "cz", "仇": "qc", "尉": "wy", "种": "zc", "弹": "dt", "降": "jx", "会": "hk", "茄": "qj", "莘": "sx",
    "阿": "ae", "盛": "sc", "翟": "zd", "缪": "mj", "区": "qo", "车": "cj",
    "贾": "jg", "覃": "qt", "召": "zs", "蔚": "wy", "嵊": "sc",
}  # fmt: skip
_POLYPHONIC = frozenset(_POLYPHONES)


def search_key(text: str) -> str:
    """Letters and digits only, half width, lower case: 聊城（东阿）TCL 制造 -> 聊城东阿tcl制造."""
    key = squeeze(text)
    return key if key.isalnum() else "".join(c for c in key if c.isalnum())


class _Initials(dict[int, str]):
    """Character code -> first pinyin letter, filled as names come by; ``str.translate`` reads it at C speed."""

    def __init__(self, reading: int) -> None:
        super().__init__()
        self.reading = reading

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isascii():
            letter = character.lower() if character.isalnum() else ""
        elif character in _POLYPHONES:
            letter = _POLYPHONES[character][self.reading]
        else:
            letter = _first_letter(code)
        self[code] = letter
        return letter


def _first_letter(code: int) -> str:
    """First letter of the usual reading; "" for what has none."""
    return unicodedata.normalize("NFD", _readings().get(code, ""))[:1]


@cache
def _readings() -> dict[int, str]:
    """40,000 entries, loaded with the first name and not at start-up; without the package around them, which trains a segmenter when imported."""
    package = find_spec("pypinyin")
    assert package is not None and package.submodule_search_locations
    spec = spec_from_file_location("pypinyin_readings", f"{package.submodule_search_locations[0]}/pinyin_dict.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.pinyin_dict)


_USUAL, _OTHER = _Initials(0), _Initials(1)


def initials(name: str) -> str:
    """Pinyin initials of a name in lower case, at most 120: 聊城启岳轴承 -> lcqyzc. The usual reading counts."""
    return search_key(name).translate(_USUAL)[:120]


def content(names: Iterable[str | None]) -> str:
    """What a search compares with: comparable names and their initials, one a line, each once, the first name first.

    A name with a character of two usual readings is listed under both: 长城 is found by cc and by zc.
    """
    lines: dict[str, None] = {}
    for name in names:
        if name:
            key = search_key(name)
            lines[key] = lines[key.translate(_USUAL)[:120]] = None
            if not _POLYPHONIC.isdisjoint(key):
                lines[key.translate(_OTHER)[:120]] = None
    lines.pop("", None)
    return "\n".join(lines)


_USUAL[10] = "\n"  # line ends stay: they part the names of a batch
# Names whose comparable form is themselves without signs in lower case (nothing composes, folds or is half width).
_SIMPLE = re.compile("[0-9A-Za-z \n（）()·、，。；：—\u3007\u3400-\u4dbf\u4e00-\u9fff-]*+\\Z")
_SIGNS = re.compile("[ （）()·、，。；：—-]+")
_POLYPHONE = re.compile("[" + "".join(_POLYPHONES) + "]")


def contents(names: Sequence[str], shorts: Sequence[str | None]) -> tuple[list[str], list[str]]:
    """``initials`` of many names and their ``content`` with the short name: character by character for all names at once."""
    first, second = "\n".join(names), "\n".join([short or "" for short in shorts])
    if _SIMPLE.match(first) is None or _SIMPLE.match(second) is None or not first.count("\n") == second.count("\n") == len(names) - 1:
        return [initials(name) for name in names], [content(pair) for pair in zip(names, shorts, strict=True)]
    lines: list[Sequence[str]] = []
    for text in (first, second):
        keys = _SIGNS.sub("", text).lower()
        usual = [line[:120] for line in keys.translate(_USUAL).split("\n")]
        rows = keys.split("\n")
        other = [row.translate(_OTHER)[:120] if _POLYPHONE.search(row) else "" for row in rows] if _POLYPHONE.search(keys) else [""] * len(rows)
        lines += [rows, usual, other]
    return list(lines[1]), ["\n".join(filter(None, dict.fromkeys(row))) for row in zip(*lines, strict=True)]


def pieces(content: str, code: str) -> set[str]:
    """Index pieces of a ``content`` and a credit code in lower case."""
    found = {code[i : i + 3] for i in range(0, len(code) - 2, 2)}
    for line in content.split("\n"):
        found.update(map(add, line, line[1:]))
    return found - UNINDEXED


def query_words(text: str) -> list[str]:
    """Comparable words of a typed query; a row must hold every one of them. At most six: the rest would only slow the search."""
    words = (search_key(part) for part in text.split())
    return list(dict.fromkeys(word[:60] for word in words if word))[:6]


def query_pieces(word: str) -> list[list[str]]:
    """Alternatives of pieces, one of which every row holding ``word`` has: as part of a name, or from four characters of a code.

    A code holds windows at even places only; a fragment may begin at an odd one, hence two alternatives.
    """
    alternatives = [sorted({word[i : i + 2] for i in range(len(word) - 1)})]
    if is_code_fragment(word):
        alternatives += [[word[i : i + 3] for i in range(start, len(word) - 2, 2)] for start in (0, 1)]
    return [a for a in alternatives if a]


def is_code_fragment(word: str) -> bool:
    """Whether the word could be a part of a credit code."""
    return word.isascii() and SHORTEST_CODE <= len(word) <= 18


_FORMS = (
    "股份有限责任公司", "有限责任公司", "股份有限公司", "集团有限公司", "集团股份有限公司", "有限公司", "总公司", "分公司", "公司", "集团", "厂", "合作社",
)  # fmt: skip


def core_name(name: str) -> str:
    """The comparable name without its legal form: 聊城启岳轴承有限责任公司 -> 聊城启岳轴承."""
    key = search_key(name)
    for form in sorted(_FORMS, key=len, reverse=True):
        if key.endswith(form) and len(key) > len(form) + 1:
            return key.removesuffix(form)
    return key


def likeness(first: str, second: str) -> float:
    """How alike two comparable names are by shared neighbouring pairs, 0 to 1 (Dice)."""
    a, b = ({k[i : i + 2] for i in range(len(k) - 1)} for k in (first, second))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else float(first == second)
