"""Yearly figures: which source counts, ratios that say "unknown" instead of guessing, checks that ask before a likely slip is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

PRECEDENCE = ("department", "platform", "enterprise", "visit")
"""部门提供 > 平台导出 > 企业填报 > 走访, decided field by field."""

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Field:
    """One figure. ``kind``: money (元), count, pct, text."""

    code: str
    label: str
    kind: str
    unit: str = ""


FIELDS: tuple[Field, ...] = (
    Field("revenue_yuan", "营业收入", "money", "万元"),
    Field("main_revenue_yuan", "主营业务收入", "money", "万元"),
    Field("net_profit_yuan", "净利润", "money", "万元"),
    Field("assets_yuan", "资产总额", "money", "万元"),
    Field("debt_yuan", "负债总额", "money", "万元"),
    Field("rd_expense_yuan", "研发费用", "money", "万元"),
    Field("tax_yuan", "纳税总额", "money", "万元"),
    Field("renovation_yuan", "技改投入", "money", "万元"),
    Field("equity_financing_yuan", "股权融资额", "money", "万元"),
    Field("exports_yuan", "出口额", "money", "万元"),
    Field("employee_count", "从业人员", "count", "人"),
    Field("rd_staff_count", "研发人员", "count", "人"),
    Field("ip_class1_count", "Ⅰ类知识产权", "count", "件"),
    Field("ip_class2_count", "Ⅱ类知识产权", "count", "件"),
    Field("ip_high_value_count", "Ⅰ类高价值知识产权", "count", "件"),
    Field("digital_grade", "数字化水平等级", "count", "级"),
    Field("digital_edition", "数字化测评版本", "text"),
    Field("market_share_pct", "细分市场占有率", "pct", "%"),
    Field("market_rank", "细分市场排名", "count", "名"),
    Field("niche_years", "从事细分市场年限", "count", "年"),
)
BY_CODE = {f.code: f for f in FIELDS}
MAY_BE_NEGATIVE = frozenset({"net_profit_yuan"})


@dataclass(frozen=True)
class Effective:
    """A value with its origin. ``others``: what weaker sources say differently, as (source, value)."""

    value: Any
    source: str
    others: tuple[tuple[str, Any], ...] = ()


def effective(versions: Iterable[Mapping[str, Any]]) -> dict[str, Effective]:
    """From the current versions of one enterprise and year (mappings with ``source`` and the fields): per field the strongest that knows it."""
    ordered = sorted(versions, key=lambda row: PRECEDENCE.index(row["source"]))
    found: dict[str, Effective] = {}
    for field in FIELDS:
        known = [(row["source"], row[field.code]) for row in ordered if row[field.code] is not None]
        if known:
            source, value = known[0]
            found[field.code] = Effective(value, source, tuple((s, v) for s, v in known[1:] if v != value))
    return found


def ratio_pct(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """part / whole in percent, unrounded; None when either is unknown or the base is not positive."""
    if part is None or whole is None or whole <= 0:
        return None
    return Decimal(part) * HUNDRED / Decimal(whole)


def growth_pct(now: Decimal | int | None, before: Decimal | int | None) -> Decimal | None:
    """Growth over the year before in percent, unrounded; None without a positive base."""
    share = ratio_pct(now, before)
    return None if share is None else share - HUNDRED


def doubts(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What looks like a slip in one set of figures, as (field, Chinese sentence). They warn, they never refuse."""
    found = []
    for part, whole in (("rd_expense_yuan", "revenue_yuan"), ("main_revenue_yuan", "revenue_yuan"), ("rd_staff_count", "employee_count")):
        a, b = values.get(part), values.get(whole)
        if a is not None and b is not None and a > b:
            found.append((part, f"{BY_CODE[part].label}大于{BY_CODE[whole].label}，请核对单位和数值。"))
    revenue = values.get("revenue_yuan")
    if revenue is not None and revenue >= Decimal(10) ** 12:
        found.append(("revenue_yuan", "营业收入超过 1 万亿元，请核对单位（应填万元）。"))
    return found
