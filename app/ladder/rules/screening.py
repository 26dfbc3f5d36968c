"""准四上 screening: the line of every industry and the tiers below it, read from the 四上 criteria of the pack (facts of the statistics bureau).

Nothing here invents a number: lines come from the criterion in force, tiers from the setting ``near_scale_tiers_pct`` (待核).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.packs.schema.criteria import Case, Condition, Criterion

METRICS = {"main_revenue": "主营业务收入", "revenue": "营业收入"}
OVER = 100
TIER_LABELS = {0: "准规上", 1: "后备", 2: "种子"}
"""By place in the setting: at or above 80, 60, 40 percent by default."""
BRANCH_ENDINGS = ("分公司", "分店", "分厂", "分行", "分社", "分理处", "办事处", "代表处", "营业部")
"""Names that end so are branches: their code (91…) does not tell, and a branch never counts."""
INDIVIDUAL_CODE = "92"
_YUAN = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10_000), "百万元": Decimal(1_000_000), "亿元": Decimal(100_000_000)}


@dataclass(frozen=True)
class Band:
    """The line of some industries: ``prefixes`` of industry codes, ``metric``, ``threshold_yuan``; ``individuals``: a 个体户 counts, too."""

    code: str
    label: str
    prefixes: tuple[str, ...]
    metric: str
    threshold_yuan: Decimal
    individuals: bool
    clause: str


@dataclass(frozen=True)
class Tier:
    """``pct``: lower bound in percent of the line (included)."""

    pct: int
    label: str
    upper: int | None

    @property
    def range_zh(self) -> str:
        return f"≥ {self.pct}%" if self.upper is None else f"{self.pct}%～{self.upper}%（不含）"


def bands(criterion: Criterion, groups: Mapping[str, Condition]) -> tuple[Band, ...]:
    """Lines of the criterion that are an amount; industries that enter by qualification or activity (construction, real estate) have none."""
    return tuple(band for case in _cases(criterion.rule) if (band := _band(case, groups)) is not None)


def _cases(node: Condition) -> Iterator[Case]:
    if node.choose is not None and node.choose.field == "industry":
        yield from node.cases
    for below in (*(node.all or ()), *(node.any or ())):
        yield from _cases(below)


def _band(case: Case, groups: Mapping[str, Condition]) -> Band | None:
    leaves = list(_leaves(case.then, groups))
    line = next((leaf for leaf in leaves if leaf.field in METRICS and leaf.op == ">=" and leaf.value is not None), None)
    if line is None or line.value is None or not case.starts_with:
        return None
    alone = any(leaf.field == "entity_kind" and "individual" not in leaf.one_of for leaf in leaves)
    return Band(
        line.id or "", case.label or line.label or "", case.starts_with, line.field or "", Decimal(line.value) * _YUAN[line.unit or "元"], not alone,
        line.clause or "",
    )


def _leaves(node: Condition, groups: Mapping[str, Condition]) -> Iterator[Condition]:
    if node.is_leaf:
        yield node
    elif node.use is not None:
        if node.use in groups:
            yield from _leaves(groups[node.use], groups)
    else:
        for below in (*(node.all or ()), *(node.any or ())):
            yield from _leaves(below, groups)


def tiers(shares: Sequence[object]) -> tuple[Tier, ...]:
    """达标未入库 and the tiers below it, highest first; shares that are no whole percent between 1 and 99 are left out."""
    wanted = sorted({share for share in shares if isinstance(share, int) and not isinstance(share, bool) and 0 < share < OVER}, reverse=True)
    uppers = (OVER, *wanted)
    below = [Tier(share, TIER_LABELS.get(place, f"第 {place + 1} 档"), uppers[place]) for place, share in enumerate(wanted)]
    return (Tier(OVER, "达标未入库", None), *below)


def band_of(found: Sequence[Band], industry: str | None) -> Band | None:
    """The line of an industry code: the longest prefix decides."""
    if not industry:
        return None
    fitting = [(len(prefix), band) for band in found for prefix in band.prefixes if industry.startswith(prefix)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def tier_of(found: Sequence[Tier], amount: Decimal, threshold: Decimal) -> Tier | None:
    """The tier an amount reaches, exact edges included; None below the lowest."""
    return next((tier for tier in found if amount * OVER >= threshold * tier.pct), None)


def undecided(found: Sequence[Band], all_prefixes: Sequence[str], industry: str | None) -> bool:
    """Whether the industry code says too little to know the line: missing, or shorter than the prefixes that would decide (70 房地产)."""
    if not industry:
        return True
    return band_of(found, industry) is None and any(prefix.startswith(industry) and prefix != industry for prefix in all_prefixes)


def definition(found: Sequence[Band], wanted: Sequence[Tier]) -> str:
    """Hash of lines and tiers: stored rows say which ones they were computed with."""
    said = [[[b.code, list(b.prefixes), b.metric, str(b.threshold_yuan), b.individuals] for b in found], [tier.pct for tier in wanted]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
