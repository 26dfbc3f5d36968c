"""Look-alikes: how near an enterprise is to those promoted, and why, in words. Pure; numpy only where many are compared.

Distance: mean square of the differences in standard deviations of the promoted ones over the features both know, plus a fixed step for
another industry. ``score`` = 100 / (1 + mean distance to the nearest): nearness, never a probability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NEIGHBOURS = 5
LEAST = 5
"""Promoted enterprises with usable figures; below this nothing is compared."""
FEW = 20
"""Below this the list says that the sample is small."""
LEAST_KNOWN = 3
"""Features both sides must know."""
FARTHEST = 4.0
"""A single feature counts at most this many standard deviations."""
OTHER_CLASS, OTHER_DIVISION = 0.15, 0.6
"""Steps added for another four-digit class of the same division, and for another division."""


@dataclass(frozen=True)
class Feature:
    """One thing compared. ``log``: sizes are compared as multiples. ``unit`` and ``digits`` for words."""

    code: str
    label: str
    log: bool = False
    unit: str = ""
    digits: int = 0
    divisor: int = 1


FEATURES: tuple[Feature, ...] = (
    Feature("revenue", "营业收入", True, "万元", 0, 10_000), Feature("growth", "营收增速", False, "%", 1), Feature("rd_ratio", "研发占比", False, "%", 1),
    Feature("employees", "从业人员", True, "人"), Feature("ip1", "Ⅰ类知识产权", True, "件"), Feature("age", "成立年限", False, "年"),
)
Known = Mapping[str, float | None]


def transformed(feature: Feature, value: float | None) -> float:
    """On the scale of comparison; NaN when unknown. Sizes as logarithms (0 and negatives count as the smallest)."""
    if value is None or not math.isfinite(value):
        return math.nan
    return math.log1p(max(value, 0.0) / feature.divisor) if feature.log else value


def industry_step(mine: str | None, other: str | None) -> float:
    """What another industry adds to the distance."""
    if not mine or not other or mine[:2] != other[:2]:
        return OTHER_DIVISION
    return 0.0 if mine == other else OTHER_CLASS


def score_of(distance: float) -> float:
    """100 = the same, falling with the distance."""
    return round(100.0 / (1.0 + distance), 1)


@dataclass(frozen=True)
class Neighbour:
    """A promoted enterprise near the candidate, with its figures of the year before its promotion."""

    enterprise_id: int
    industry: str | None
    unit_id: int
    town_id: int
    values: Known


def words(
    candidate: Known, industry: str | None, unit_id: int, town_id: int, near: Sequence[Neighbour], trade: str,
) -> tuple[list[str], list[str]]:
    """(what they have in common, in what they differ) as sentences. ``trade``: name of the candidate's division."""
    count = len(near)
    same = sum(1 for n in near if industry and n.industry and n.industry[:2] == industry[:2])
    together = [f"与近三年晋级的 {count} 家最接近，其中 {same} 家同行业（{trade}）" if same and trade else f"与近三年晋级的 {count} 家最接近，但行业不同"]
    here = sum(1 for n in near if n.town_id == town_id)
    around = sum(1 for n in near if n.unit_id == unit_id)
    if here:
        together.append(f"{here} 家在同一镇街")
    elif around:
        together.append(f"{around} 家在同一县（市、区）")
    apart: list[str] = []
    for feature in FEATURES:
        mine = candidate.get(feature.code)
        theirs = sorted(v for n in near if (v := n.values.get(feature.code)) is not None)
        if mine is None:
            apart.append(f"{feature.label}：本企业没有数据")
            continue
        if len(theirs) < 2:
            continue
        low, high = theirs[0], theirs[-1]
        range_zh = shown(feature, low) if low == high else f"{shown(feature, low)}～{shown(feature, high)}"
        sentence = f"{feature.label} {shown(feature, mine)}{feature.unit}，这些企业晋级前为 {range_zh}{feature.unit}"
        if low <= mine <= high:
            together.append(f"{sentence}，相近")
        else:
            apart.append(f"{sentence}，{'低于' if mine < low else '高于'}它们")
    return [f"{text}。" for text in together], [f"{text}。" for text in apart]


def shown(feature: Feature, value: float) -> str:
    return f"{value / feature.divisor:,.{feature.digits}f}"


def note_of(promoted: int, samples: int) -> str | None:
    """What has to be said about the sample, or None."""
    if samples < LEAST:
        usable = "" if samples == promoted else f"，其中有上年数据可比的 {samples} 家"
        return f"近三年晋级的企业只有 {promoted} 家{usable}；至少 {LEAST} 家才比较，没有生成推荐。补录这些企业晋级前一年的数据后可以再试。"
    if samples < FEW:
        return f"近三年晋级且有数据可比的企业只有 {samples} 家，样本少，推荐仅供参考。"
    return None


def nearest(candidates: Any, samples: Any, mine: Any, theirs: Any, spread: Any) -> tuple[Any, Any]:
    """Indices and distances of the ``NEIGHBOURS`` nearest samples of every candidate, nearest first (inf = not comparable).

    ``candidates`` (n, f) and ``samples`` (m, f): transformed features with NaN for unknown; ``mine`` (n,) and ``theirs`` (m,): industry codes as
    integers (class of four digits, 0 unknown); ``spread`` (f,): standard deviations.
    """
    import numpy as np

    total = np.zeros((len(candidates), len(samples)))
    known = np.zeros_like(total)
    for place in range(candidates.shape[1]):
        gap = np.abs(candidates[:, place : place + 1] - samples[None, :, place]) / spread[place]
        both = ~np.isnan(gap)
        total += np.where(both, np.minimum(gap, FARTHEST) ** 2, 0.0)
        known += both
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.sqrt(total / known)
    distance[known < LEAST_KNOWN] = np.inf
    division, other = mine // 100, theirs // 100
    same = (division[:, None] == other[None, :]) & (mine[:, None] > 0) & (theirs[None, :] > 0)
    distance += np.where(same, np.where(mine[:, None] == theirs[None, :], 0.0, OTHER_CLASS), OTHER_DIVISION)
    count = min(NEIGHBOURS, len(samples))
    picked = np.argpartition(distance, count - 1, axis=1)[:, :count]
    rows = np.arange(len(candidates))[:, None]
    order = np.argsort(distance[rows, picked], axis=1, kind="stable")
    picked = picked[rows, order]
    return picked, distance[rows, picked]


def industry_number(code: str | None) -> int:
    """3451 -> 3451, 34 -> 3400, unknown -> 0."""
    return int(code.ljust(4, "0")[:4]) if code and code.isdigit() else 0
