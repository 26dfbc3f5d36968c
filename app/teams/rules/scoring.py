"""Yearly scoring: criteria of the pack against facts and marks; an interval while something is missing; a proposal with its reason. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

KEEP, WARN, LEAVE, FEW, OPEN = "keep", "warn", "leave", "few", "open"
WORDS = {KEEP: "建议保留", WARN: "建议警示", LEAVE: "建议清退"}
MARK = "mark"
FACTS = {
    "firms": ("服务企业", "家"), "visits": ("服务次数", "次"), "units": ("覆盖县区", "个"), "projects": ("服务项目", "个"),
    "resources": ("资源池中的资源", "项"),
    "accepted_pct": ("项目验收率", "%"), "on_time_pct": ("按期交付率", "%"), "closed_pct": ("问题办结率", "%"), "kept_pct": ("承诺兑现率", "%"),
    "rating": ("企业评价", "分"), "results": ("有前后对比的成效", "项"),
}
"""What a criterion may be measured by: label and unit."""
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Criterion:
    """``source``: one of ``FACTS`` or ``mark`` (a person's mark from 0 to 100). Between ``zero`` (no points) and ``full`` (all) straight."""

    code: str
    label: str
    weight: int
    source: str
    zero: Decimal = Decimal(0)
    full: Decimal = HUNDRED


@dataclass(frozen=True)
class Scheme:
    """``min_cases``: with fewer nothing is scored. Below ``warn_below`` a warning is proposed, below ``leave_below`` to leave."""

    label: str
    case_label: str
    min_cases: int
    warn_below: Decimal
    leave_below: Decimal
    criteria: Sequence[Criterion]


@dataclass(frozen=True)
class Given:
    """What one subject did in the year: cases, facts by name, marks by criterion with their reason."""

    cases: int
    facts: Mapping[str, Decimal]
    marks: Mapping[str, tuple[int, str]]


@dataclass(frozen=True)
class Part:
    """One criterion: what was found, the points (0-100) or None, what they are worth, in words."""

    code: str
    label: str
    weight: int
    points: Decimal | None
    words: str


@dataclass(frozen=True)
class Result:
    """``score`` is exact only if nothing is missing (``low`` = ``high``). ``proposal`` of keep, warn, leave, few, open."""

    score: Decimal | None
    low: Decimal
    high: Decimal
    parts: tuple[Part, ...]
    proposal: str
    reason: str


def score(scheme: Scheme, given: Given) -> Result:
    """The decision with its reasons. Nothing missing is guessed: the ends of the interval decide only if both say the same."""
    parts = tuple(_part(criterion, given) for criterion in scheme.criteria)
    whole = Decimal(sum(criterion.weight for criterion in scheme.criteria)) or Decimal(1)
    low = _round(sum(((p.points or Decimal(0)) * p.weight for p in parts), Decimal(0)) / whole)
    high = _round(sum(((HUNDRED if p.points is None else p.points) * p.weight for p in parts), Decimal(0)) / whole)
    if given.cases < scheme.min_cases:
        return Result(None, low, high, parts, FEW, f"{scheme.case_label} {given.cases} 个，不足 {scheme.min_cases} 个，不评分。")
    worst, best = _verdict(scheme, low), _verdict(scheme, high)
    missing = [p.label for p in parts if p.points is None]
    if worst != best:
        return Result(None, low, high, parts, OPEN, f"缺“{'、'.join(missing)}”，得分在 {low} 至 {high} 之间，不能作结论。")
    if missing:
        return Result(None, low, high, parts, worst, f"{WORDS[worst]}：缺“{'、'.join(missing)}”，但得分在 {low} 至 {high} 之间，结论不变。{_weak(parts)}")
    return Result(low, low, low, parts, worst, f"{WORDS[worst]}：{low} 分，{_line(scheme, worst)}。{_weak(parts)}")


def _verdict(scheme: Scheme, points: Decimal) -> str:
    return LEAVE if points < scheme.leave_below else WARN if points < scheme.warn_below else KEEP


def _line(scheme: Scheme, verdict: str) -> str:
    if verdict == LEAVE:
        return f"低于清退线 {scheme.leave_below} 分"
    return f"低于警示线 {scheme.warn_below} 分" if verdict == WARN else f"不低于警示线 {scheme.warn_below} 分"


def _weak(parts: Sequence[Part]) -> str:
    """The weakest criterion, where one stands out."""
    known = [p for p in parts if p.points is not None]
    lowest = min(known, key=lambda p: (p.points, p.code), default=None)
    return f"最弱的一项：{lowest.label}（{lowest.words}）。" if lowest is not None and lowest.points is not None and lowest.points < 60 else ""


def _part(criterion: Criterion, given: Given) -> Part:
    if criterion.source == MARK:
        mark = given.marks.get(criterion.code)
        words = "还没有评分" if mark is None else f"评 {mark[0]} 分：{mark[1]}"
        return Part(criterion.code, criterion.label, criterion.weight, None if mark is None else Decimal(mark[0]), words)
    label, unit = FACTS[criterion.source]
    value = given.facts.get(criterion.source)
    if value is None:
        return Part(criterion.code, criterion.label, criterion.weight, None, f"没有“{label}”的数据")
    share = (value - criterion.zero) / (criterion.full - criterion.zero) * HUNDRED
    points = _round(min(max(share, Decimal(0)), HUNDRED))
    shown, full = f"{_round(value).normalize():f}", f"{criterion.full.normalize():f}"
    return Part(criterion.code, criterion.label, criterion.weight, points, f"{label} {shown} {unit}，满分值 {full} {unit}，得 {points} 分")


def _round(value: Decimal) -> Decimal:
    """Half up, two places."""
    return Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
