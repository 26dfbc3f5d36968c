"""What stands in the cells of a gap card: a condition's value, line and distance as a person reads them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.ladder.criteria import Facts, Leaf, Origin, words
from app.packs import vocabulary
from app.packs.schema.criteria import OP_LABELS
from app.packs.vocabulary import TITLE_PREFIX, FactField

TONES = {"met": "ok", "near": "warn", "unmet": "bad", "unknown": "open", "manual": "info"}
UPWARD = (">=", ">")


@dataclass(frozen=True)
class Names:
    """Labels of titles and of the facts a pack declares itself."""

    titles: Mapping[str, str]
    declared: Mapping[str, FactField]

    def field(self, code: str | None) -> FactField | None:
        return None if code is None else vocabulary.find(code, dict(self.declared))

    def title(self, code: str) -> str:
        code = code.removeprefix(TITLE_PREFIX)
        return self.titles.get(code, code)

    def key(self, code: str, year: int | None) -> str:
        """2025年研发费用; 有效的“专精特新”称号."""
        if code.startswith(TITLE_PREFIX):
            return f"有效的“{self.title(code)}”称号"
        known = self.field(code)
        label = code if known is None else known.label
        return label if year is None else f"{year}年{label}"


def shown(value: Decimal, unit: str) -> str:
    """1,380.00 万元; 3.2%; 5 年. Money has two decimals, other numbers as many as they need."""
    text = f"{value:,.2f}" if unit in vocabulary.MONEY_UNITS else _grouped(value)
    return words.with_unit(text, unit)


def _grouped(value: Decimal) -> str:
    whole, _, part = words.number(value).partition(".")
    return f"{int(whole):,}{'.' + part if part else ''}" if whole not in ("-0", "-") else words.number(value)


def value_of(leaf: Leaf, names: Names) -> str | None:
    """The value in words; None = not known."""
    value, known = leaf.value, names.field(leaf.field)
    if leaf.high is not None and isinstance(value, Decimal) and leaf.high != value:
        return f"{shown(value, '').strip()}～{shown(leaf.high, leaf.unit)}"
    if value is None:
        return None
    if isinstance(value, tuple):
        return "、".join(names.title(code) for code in value) or "没有"
    if isinstance(value, bool):
        return _flag(value, leaf)
    if isinstance(value, str):
        return value if known is None else known.choice_label(value)
    return shown(value, leaf.unit)


def _flag(value: bool, leaf: Leaf) -> str:
    if (leaf.field or "").startswith(TITLE_PREFIX):
        return "持有" if value else "未持有"
    if leaf.field is None:
        return "人工核验符合" if value else "人工核验不符合"
    return "是" if value else "否"


def by_year(leaf: Leaf) -> list[str]:
    """Every year behind the value, when there are several."""
    if len(leaf.values) < 2:
        return []
    return [f"{year}年 {'—' if value is None else shown(value, leaf.unit) if isinstance(value, Decimal) else value}" for year, value in leaf.values]


def line_of(leaf: Leaf, names: Names) -> str:
    """What is asked for, in words."""
    line, known = leaf.threshold, names.field(leaf.field)
    if leaf.op is not None and isinstance(line, Decimal):
        return f"{OP_LABELS[leaf.op]} {words.with_unit(_grouped(line), leaf.unit)}"
    if isinstance(line, bool):
        return "是" if line else "否"
    if isinstance(line, str):
        return f"不低于{line if known is None else known.choice_label(line)}"
    if isinstance(line, tuple):
        return _choices(line, known, leaf, names)
    return "人工核验" if leaf.result == "manual" or leaf.field is None else "—"


def _choices(line: tuple[str, ...], known: FactField | None, leaf: Leaf, names: Names) -> str:
    if (leaf.field or "").startswith(TITLE_PREFIX):
        return f"持有{'、'.join(names.title(code) for code in line)}{'之一' if len(line) > 1 else ''}"
    if known is not None and known.choices:
        return "、".join(known.choice_label(code) for code in line)
    return f"行业 {'、'.join(line)}"


def lack_of(leaf: Leaf) -> str:
    """还差 120.00 万元."""
    if leaf.result == "met":
        return "已达到"
    if leaf.result in ("unknown", "manual"):
        return {"unknown": "缺数据", "manual": "待人工核验"}[leaf.result]
    if leaf.distance is None or leaf.op is None:
        return "未达到"
    if leaf.distance == 0:
        return f"须{OP_LABELS[leaf.op]}该值"
    unit = "个百分点" if leaf.unit == "%" else leaf.unit
    exact = words.number(leaf.distance, Decimal(0))
    text = f"{leaf.distance:,.2f}" if leaf.unit in vocabulary.MONEY_UNITS and leaf.distance >= Decimal("0.01") else exact
    return f"{'还差' if leaf.op in UPWARD else '超出'} {text} {unit}".rstrip()


def rate_of(leaf: Leaf) -> int | None:
    """How far along, 0-100, rounded down so that only what is met is full; None = nothing to draw."""
    if leaf.result == "met":
        return 100
    if leaf.result in ("unknown", "manual"):
        return None
    value, line = leaf.value if leaf.high is None else leaf.high, leaf.threshold
    if not isinstance(value, Decimal) or not isinstance(line, Decimal) or value <= 0 or line <= 0 or leaf.op is None:
        return 0
    part = value / line if leaf.op in UPWARD else line / value
    return max(0, min(99, int(part * 100)))


def origins_of(leaf: Leaf, facts: Facts, names: Names) -> Iterator[str]:
    """Where the numbers behind a condition come from: 2025年营业收入：部门提供，2026-03-01，审计报告."""
    if leaf.field is None or leaf.field.startswith(TITLE_PREFIX):
        return
    known = names.field(leaf.field)
    years: list[int | None] = [year for year, _ in leaf.values] or [leaf.year]
    backs = _BACKS.get(known.derivation.how, 0) if known is not None and known.derivation is not None else 0
    for code in dict.fromkeys((leaf.field, *vocabulary.sources_of(leaf.field, dict(names.declared)))):
        for key in _keys(code, years, backs, facts):
            origin = facts.origins.get(key)
            if origin is not None:
                yield f"{names.key(*key)}：{said(origin)}"


def said(origin: Origin) -> str:
    """部门提供，2026-03-01，审计报告."""
    return "，".join(part for part in (origin.source, origin.on.isoformat() if origin.on else "", origin.evidence or "") if part)


_BACKS = {"growth": 1, "mean_growth": 2, "compound": 3, "ratio_3y": 2, "high_tech_growth": 2}
"""Years before the one asked for that a derivation looks at, at most."""


def _keys(code: str, years: list[int | None], backs: int, facts: Facts) -> list[tuple[str, int | None]]:
    """The years asked for, and for a growth the years before that the base knows."""
    wanted = {year for year in years if year is not None}
    span = range(min(wanted) - backs, max(wanted) + 1) if wanted else ()
    if (code, None) in facts.origins:
        return [(code, None)]
    return [(code, year) for year in sorted(span, reverse=True) if (code, year) in facts.origins]
