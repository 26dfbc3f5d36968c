"""Size class by 《统计上大中小微型企业划分办法（2017）》 (国统字〔2017〕213号): one table, one comparison.

A class needs every lower limit of its industry; below 小型 is 微型. An unknown metric bounds the class instead of deciding it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

CODES = ("micro", "small", "medium", "large")
EMPLOYEES, REVENUE, ASSETS = "employee_count", "revenue_yuan", "assets_yuan"
_X, _Y, _Z = EMPLOYEES, REVENUE, ASSETS


@dataclass(frozen=True)
class SizeRule:
    """Limits of one group of industries. ``prefixes``: starts of GB/T 4754-2017 codes; ``limits``: metric -> (large, medium, small),
    persons or 万元."""

    key: str
    label: str
    prefixes: tuple[str, ...]
    limits: dict[str, tuple[int, int, int]]


def _span(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{i:02d}" for i in range(first, last + 1))


RULES: tuple[SizeRule, ...] = (
    SizeRule("A", "农、林、牧、渔业", _span(1, 5), {_Y: (20000, 500, 50)}),
    SizeRule("IND", "工业", _span(6, 46), {_X: (1000, 300, 20), _Y: (40000, 2000, 300)}),
    SizeRule("E", "建筑业", _span(47, 50), {_Y: (80000, 6000, 300), _Z: (80000, 5000, 300)}),
    SizeRule("51", "批发业", ("51",), {_X: (200, 20, 5), _Y: (40000, 5000, 1000)}),
    SizeRule("52", "零售业", ("52",), {_X: (300, 50, 10), _Y: (20000, 500, 100)}),
    SizeRule("TRA", "交通运输业", (*_span(54, 58), "591"), {_X: (1000, 300, 20), _Y: (30000, 3000, 200)}),
    SizeRule("STO", "仓储业", tuple(f"59{i}" for i in range(2, 10)), {_X: (200, 100, 20), _Y: (30000, 1000, 100)}),
    SizeRule("60", "邮政业", ("60",), {_X: (1000, 300, 20), _Y: (30000, 2000, 100)}),
    SizeRule("61", "住宿业", ("61",), {_X: (300, 100, 10), _Y: (10000, 2000, 100)}),
    SizeRule("62", "餐饮业", ("62",), {_X: (300, 100, 10), _Y: (10000, 2000, 100)}),
    SizeRule("INF", "信息传输业", ("63", "64"), {_X: (2000, 100, 10), _Y: (100000, 1000, 100)}),
    SizeRule("65", "软件和信息技术服务业", ("65",), {_X: (300, 100, 10), _Y: (10000, 1000, 50)}),
    SizeRule("701", "房地产开发经营", ("701",), {_Y: (200000, 1000, 100), _Z: (10000, 5000, 2000)}),
    SizeRule("702", "物业管理", ("702",), {_X: (1000, 300, 100), _Y: (5000, 1000, 500)}),
    SizeRule("L", "租赁和商务服务业", ("71", "72"), {_X: (300, 100, 10), _Z: (120000, 8000, 100)}),
    SizeRule("OTH", "其他未列明行业", (*_span(73, 82), "85", *_span(86, 90), "703", "709"), {_X: (300, 100, 10)}),
)
NOT_COVERED = ("53", *_span(66, 69), "83", "84", "704", *_span(91, 97))
"""铁路、金融、教育、卫生、自有房地产经营、公共管理、国际组织: the method does not apply (不适用)."""
_BY_PREFIX = {prefix: rule for rule in RULES for prefix in rule.prefixes}


@dataclass(frozen=True)
class SizeVerdict:
    """``low`` to ``high``: the classes still possible (indexes of ``CODES``). ``applies`` False: industry not covered.
    ``rule`` None with ``applies``: the industry is unknown or its code too short (59 and 70 need three digits)."""

    low: int = 0
    high: int = 3
    rule: SizeRule | None = None
    applies: bool = True

    @property
    def code(self) -> str | None:
        """The class when it is certain, ``na`` when the method does not apply, else None."""
        if not self.applies:
            return "na"
        return CODES[self.low] if self.rule and self.low == self.high else None

    @property
    def is_sme(self) -> bool | None:
        """中小企业 (not large): True or False when certain."""
        if not self.applies or self.rule is None:
            return None
        return True if self.high < 3 else False if self.low == 3 else None


def rule_of(industry_code: str | None) -> SizeRule | None:
    """The limits that apply to a GB/T 4754-2017 code; None when unknown, too short or not covered."""
    return (_BY_PREFIX.get(industry_code[:3]) or _BY_PREFIX.get(industry_code[:2])) if industry_code else None


def is_not_covered(industry_code: str | None) -> bool:
    """Whether the method names this industry as outside."""
    return bool(industry_code) and industry_code.startswith(NOT_COVERED)  # type: ignore[union-attr]


def classify(industry_code: str | None, *, employees: int | None, revenue_yuan: Decimal | None, assets_yuan: Decimal | None) -> SizeVerdict:
    """Judge one enterprise. Money in 元; None = unknown (0 is a value)."""
    if is_not_covered(industry_code):
        return SizeVerdict(applies=False)
    rule = rule_of(industry_code)
    if rule is None:
        return SizeVerdict()
    known = {_X: employees, _Y: revenue_yuan, _Z: assets_yuan}
    grades = [None if known[m] is None else _grade(m, known[m], limits) for m, limits in rule.limits.items()]
    high = min((g for g in grades if g is not None), default=3)
    return SizeVerdict(0 if None in grades else high, high, rule)


def stored_limit(metric: str, limit: int) -> int:
    """A limit in the unit of the stored metric: persons, or 元 for 万元."""
    return limit if metric == EMPLOYEES else limit * 10_000


def _grade(metric: str, value: Decimal | int | None, limits: tuple[int, int, int]) -> int:
    assert value is not None
    return sum(value >= stored_limit(metric, limit) for limit in limits)
