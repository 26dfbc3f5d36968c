"""Reading one header text: its meaning without ornaments, its unit, its year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from app.exchange.rules.fields import Field, Kind
from app.kernel.text import squeeze

_MONEY_UNITS = {
    "元": "元", "千元": "千元", "千": "千元", "万元": "万元", "万": "万元", "百万元": "百万元", "百万": "百万元", "千万元": "千万元",
    "亿元": "亿元", "亿": "亿元", "人民币元": "元", "人民币万元": "万元", "rmb": "元", "cny": "元",
}  # fmt: skip
_OTHER_UNITS = frozenset(
    [
        "%",
        "‰",
        "人",
        "家",
        "个",
        "户",
        "名",
        "项",
        "件",
        "次",
        "台",
        "套",
        "年",
        "月",
        "日",
        "年月",
        "年月日",
        "人次",
        "平方米",
        "㎡",
        "亩",
        "期",
        "岁",
        "分",
        "位",
        "条",
        "种",
        "公里",
        "吨",
    ]
)
_BRACKETS = re.compile(r"[(\[【〔<《{「]([^()\[\]【】〔〕<>《》{}「」]*)[)\]】〕>》}」]")
_ORNAMENTS = re.compile(r"[*★☆※▲△●◆■□✱]|\(?(?:必填项?|选填项?|可选|必录)\)?$|^\(?(?:必填|选填)\)?")
_ORDINAL = re.compile(r"^(?:\(?\d{1,2}\)|\d{1,2}[.、)](?!\d)|[①-⑳]|[一二三四五六七八九十]{1,3}、)")
_PUNCTUATION = re.compile(r"[:：,，、/\\_\-—·.。;；'\"“”‘’|+&?？!！]")
_LEADING_YEAR = re.compile(r"^((?:19|20)\d\d)(?:年度|年末|年底|年|度)?(?!\d|[-~至]\d|\.)")
_TRAILING_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年度|年末|年底|年|度)?$")
_WHOLE_YEAR = re.compile(r"(?<!\d)0?1月?(?:份)?[-~–—－至到]12月(?:份)?(?:累计)?")
"""January to December is the year; any other span of months is none and stays in the caption."""
_UNIT_TAIL = re.compile(r"(?:[/:：,，_\-]|单位|金额单位)*(亿元|千万元|百万元|万元|千元|元)$")
_COMMAS = re.compile("[,，、;；]")
_UNIT_WORD = re.compile(r"^(?:金额)?(?:计量)?(?:单位)?[:：]?(.+)$")
_SIGNIFICANT = re.compile(
    r"上年|去年|上期|上一|同期|前年|前一|次年|下年|增长|增速|增幅|增加|同比|环比|占|比重|比例|率|预计|预期|预测|计划|目标|其中|\d月|月份|季|半年|累计|本月|当月|平均|人均|排名|原|曾用|旧|变更前|变更后|是否|有无"
)
_LOOSE_PREFIX = re.compile(r"^(?:本?企业|本?单位|本?公司|本年度?|当年|年度|全年|所在|所属)+")
_LOOSE_SUFFIX = re.compile(r"(?:年月日|年月|情况|信息|金额|数额|总额|数量|合计|数|的)+$")
EXACT, REMEMBERED, LOOSE, IGNORED_BY_USER, UNKNOWN, ORDINAL = "exact", "remembered", "loose", "ignored", "unknown", "ordinal"
_ALTERNATIVES = re.compile(r"[/、\\|]|或者?|及|和|与")
_PARTS_OF_DATE = frozenset("年月日")  # three columns of one date: none of them is the date
_ORDINALS = frozenset(["序号", "行号", "顺序号", "no", "排序"])


@dataclass(frozen=True, slots=True)
class Caption:
    """``base``: comparable meaning; ``unit``: a key of ``kernel.money.UNITS``, another unit such as %, or ""; ``year``: a data year."""

    base: str
    unit: str = ""
    year: int | None = None

    @property
    def significant(self) -> bool:
        """Contains a word that changes what a matching inner word means (上年, 同比, 1-6月 …)."""
        return _SIGNIFICANT.search(self.base) is not None


def without_whole_year(plain: str) -> str:
    """A squeezed text without 1-12月, which adds nothing to its year."""
    return _WHOLE_YEAR.sub("", plain)


@lru_cache(maxsize=4096)
def read_caption(text: str) -> Caption:
    """Any header text taken apart. A text of more than 200 characters is a remark: it stands for its first 80."""
    if len(text) > 200:
        return Caption(squeeze(text[:80]))
    plain = _ORDINAL.sub("", _ORNAMENTS.sub("", squeeze(text)))
    plain, unit, year = _open_brackets(without_whole_year(plain))
    if plain in _OTHER_UNITS or plain in _MONEY_UNITS:
        return Caption("", _MONEY_UNITS.get(plain, plain), year)
    for pattern in (_LEADING_YEAR, _TRAILING_YEAR):
        if year is None and (found := pattern.search(plain)):
            year, plain = int(found[1]), plain[: found.start()] + plain[found.end() :]
    if tail := _UNIT_TAIL.search(plain):
        unit, plain = unit or tail[1], plain[: tail.start()]
    return Caption(_PUNCTUATION.sub("", _ORNAMENTS.sub("", plain)), unit, year)


def _open_brackets(plain: str) -> tuple[str, str, int | None]:
    unit, year = "", None
    for _ in range(6):
        found = _BRACKETS.search(plain)
        if found is None:
            break
        kept = ""
        for inner in _COMMAS.split(found[1]):
            word = _UNIT_WORD.match(inner)
            said = word[1] if word else ""
            if said in _MONEY_UNITS or said in _OTHER_UNITS:
                unit = unit or _MONEY_UNITS.get(said, said)
            elif found_year := re.fullmatch(r"((?:19|20)\d\d)(?:年度|年末|年底|年)?", inner):
                year = year or int(found_year[1])
            elif _SIGNIFICANT.search(inner):
                kept += inner
        plain = plain[: found.start()] + kept + plain[found.end() :]
    return plain, unit, year


def loosened(base: str) -> str:
    """The base without words that carry no meaning of their own; "" when nothing meaningful is left."""
    short = _LOOSE_SUFFIX.sub("", _LOOSE_PREFIX.sub("", base))
    return short if len(short) >= 2 else ""


@dataclass(frozen=True, slots=True)
class Match:
    field: Field | None
    how: str
    caption: Caption


class Captions:
    """The names under which each field of an importer is known."""

    def __init__(self, fields: Sequence[Field], remembered: Mapping[str, str] | None = None) -> None:
        self._remembered = dict(remembered or {})
        self._by_key = {f.key: f for f in fields}
        self._exact: dict[str, Field] = {}
        loose: dict[str, set[str]] = {}
        for field in fields:
            for name in (field.label, *field.synonyms):
                base = read_caption(name).base or squeeze(name)
                self._exact.setdefault(base, field)
                loose.setdefault(loosened(base), set()).add(field.key)
        self._loose = {base: self._by_key[next(iter(keys))] for base, keys in loose.items() if base and len(keys) == 1}

    def match(self, path: Sequence[str]) -> Match:
        """What a column is, given its header texts from top to bottom (one for a simple header)."""
        if len(path) > 1 and is_unit_text(path[-1]) and squeeze(path[-1]) not in _PARTS_OF_DATE:  # a line of units under the names
            path, unit = path[:-1], read_caption(path[-1]).unit
        else:
            unit = ""
        whole = _with_unit(read_caption("".join(path)), unit)
        leaf = _with_unit(read_caption(path[-1]), unit) if path else whole
        upper = [read_caption(part) for part in path[:-1]]
        if found := self._from_memory(whole, leaf):
            return found
        candidates = [whole]
        if leaf.base and not any(part.significant for part in upper):
            candidates += [_inherit(leaf, upper, with_year=True), _inherit(leaf, upper, with_year=False)]
        for how, lookup in ((EXACT, self._find_exact), (LOOSE, self._find_loose)):
            for caption in candidates:
                field = lookup(caption.base)
                if field is not None and _fits(field, caption):
                    return Match(field, how, caption)
        if field := self._one_of_several(path[-1] if path else "", leaf):
            return Match(field, LOOSE, leaf)
        return Match(None, ORDINAL if whole.base in _ORDINALS else UNKNOWN, whole)

    def _from_memory(self, whole: Caption, leaf: Caption) -> Match | None:
        key = self._remembered.get(whole.base, self._remembered.get(leaf.base) if leaf.base else None)
        if key == "":
            return Match(None, IGNORED_BY_USER, whole)
        field = self._by_key.get(key) if key else None
        return Match(field, REMEMBERED, whole) if field else None

    def _one_of_several(self, text: str, leaf: Caption) -> Field | None:
        """统一社会信用代码/注册号: a caption with alternatives, for a field whose cells prove themselves."""
        if leaf.significant or leaf.year is not None or len(text) > 60:
            return None
        found = (self._exact.get(read_caption(part).base) for part in _ALTERNATIVES.split(squeeze(text)))
        return next((field for field in found if field is not None and field.kind is Kind.CREDIT_CODE), None)

    def _find_exact(self, base: str) -> Field | None:
        return self._exact.get(base)

    def _find_loose(self, base: str) -> Field | None:
        return self._loose.get(loosened(base)) if base and not _SIGNIFICANT.search(base) else None


def _with_unit(caption: Caption, unit: str) -> Caption:
    return replace(caption, unit=unit) if unit and not caption.unit else caption


def _inherit(leaf: Caption, upper: Sequence[Caption], *, with_year: bool) -> Caption:
    """Unit and year of a leaf, taken from above where it has none of its own. A group's year is nothing to a field without years."""
    unit = leaf.unit or next((part.unit for part in reversed(upper) if part.unit), "")
    year = leaf.year or (next((part.year for part in reversed(upper) if part.year), None) if with_year else None)
    return Caption(leaf.base, unit, year)


def _fits(field: Field, caption: Caption) -> bool:
    """A year needs a field that has years; a percentage is no money and money no count."""
    if caption.year is not None and not field.by_year:
        return False
    money = caption.unit in _MONEY_VALUES
    if field.kind is Kind.MONEY:
        return money or not caption.unit
    return not (money and field.kind in (Kind.PERCENT, Kind.COUNT, Kind.YEAR, Kind.DATE))


_MONEY_VALUES: Final = frozenset(_MONEY_UNITS.values())


def money_unit(caption: Caption) -> str:
    return caption.unit if caption.unit in _MONEY_VALUES else ""


def is_unit_text(text: str) -> bool:
    """A cell that holds only a unit, such as the line of units under a header."""
    caption = read_caption(text)
    return not caption.base and bool(caption.unit)
