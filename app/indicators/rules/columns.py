"""What each column of the strong-town table holds, and small figures over towns (强镇建设方案 附件).

Columns come from the policy pack. This part computes those whose register is the recognitions; 2 and 3 have our own count beside the
department's figure (系统参考值); everything else is 待报 and never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from app.kernel.level import Level
from app.ladder.rules import Metric, Part, any_level, at_least
from app.packs import Pack
from app.packs.schema import Indicator, Measure

Key = TypeVar("Key")


class ColumnKind(StrEnum):
    """Where the number of a column comes from today."""

    COMPUTED = "computed"
    REFERENCE = "reference"
    PENDING = "pending"
    VETO = "veto"

    @property
    def label(self) -> str:
        return {"computed": "系统计算", "reference": "系统参考值", "pending": "待报", "veto": "否决核查"}[self.value]

    @property
    def basis(self) -> str:
        """口径 common to all columns of the kind."""
        return _BASES[self]


@dataclass(frozen=True)
class Recipe:
    """How a number is made. ``metric``: stock of recognitions on the day. ``minimum_yuan``: firms whose revenue of the data year reaches it."""

    metric: Metric | None = None
    minimum_yuan: int | None = None
    private: bool = False


@dataclass(frozen=True)
class Column:
    """One of the 26 rows of the annex, as a column of the town table. ``key`` is its number as text; weight in percent, None for the veto."""

    key: str
    seq: int
    label: str
    group: str
    unit: str
    nature: str
    direction: str
    weight: int | None
    kind: ColumnKind
    owner: str
    document: str
    clause: str
    note: str
    recipe: Recipe | None = None

    @property
    def counted(self) -> bool:
        """Has numbers that open a list of enterprises."""
        return self.recipe is not None

    @property
    def basis(self) -> str:
        """口径: how the number is counted, with document and clause."""
        source = f"依据：《{self.document}》{self.clause}。"
        return f"{self.kind.basis}{self.note + ('' if self.note.endswith('。') else '。') if self.note else ''}{source}"


_BASES = {
    ColumnKind.COMPUTED: "数据年度 12 月 31 日（或所选截止日）仍在有效期内的企业数，首尾两日均计入，已撤销、作废或企业已注销的不计，一家企业只计一次。",
    ColumnKind.REFERENCE: "系统参考值，由本系统台账统计，不代替部门提供的数据。",
    ColumnKind.PENDING: "待相关部门或镇街填报，未填报不按 0 计。",
    ColumnKind.VETO: "近三个统计年度的否决事项，由四个部门逐镇核查，未核查不作结论。",
}


def columns(pack: Pack, rows: Sequence[Indicator]) -> list[Column]:
    """The columns of the table in printed order."""
    return [_column(pack, row) for row in rows]


def _column(pack: Pack, row: Indicator) -> Column:
    recipe = recipe_of(pack, row.measure or row.reference)
    kind = ColumnKind.VETO if row.nature == "veto" else ColumnKind.PENDING
    if recipe is not None:
        kind = ColumnKind.COMPUTED if row.measure is not None else ColumnKind.REFERENCE
    direction = {"positive": "正向", "inverse": "逆向"}.get(row.direction or "", "—")
    return Column(
        str(row.seq), row.seq, row.label, row.group, row.unit, row.nature_label, direction, row.weight, kind, row.owner,
        pack.document(row.document).label, row.clause, row.note or "", recipe,
    )


def recipe_of(pack: Pack, measure: Measure | None) -> Recipe | None:
    """How to compute a measure from what this system holds today; None = not yet (carriers, trainees)."""
    if measure is None:
        return None
    if measure.ledger == "recognitions":
        return Recipe(metric_of(pack, measure))
    if measure.ledger == "above_scale":
        return Recipe(metric_of(pack, measure), private=True)
    if measure.ledger == "figures":
        return Recipe(minimum_yuan=measure.minimum_yuan or 0, private=True)
    return None


def metric_of(pack: Pack, measure: Measure) -> Metric:
    """The titles of a measure, from its minimum level up."""
    titles = pack.measure_titles(measure)
    if measure.min_level is None:
        return any_level(*titles)
    return Metric(tuple(_part(pack, code, measure.min_level) for code in titles))


def _part(pack: Pack, code: str, minimum: Level) -> Part:
    title = pack.find_title(code)
    return at_least(code, minimum) if title is None else at_least(code, minimum, allowed=title.levels, default=title.default_level)


@dataclass(frozen=True)
class Spread:
    """How a number lies over the ranked towns of the city."""

    mean: Decimal
    quarter: Decimal
    median: Decimal
    three_quarters: Decimal
    highest: int
    towns: int


def spread(values: Sequence[int]) -> Spread | None:
    """Mean and percentiles (linear, type 7); None without towns."""
    if not values:
        return None
    mean = Decimal(sum(values)) / len(values)
    return Spread(mean, *(percentile(values, Decimal(p)) for p in (25, 50, 75)), max(values), len(values))


def percentile(values: Sequence[int], p: Decimal) -> Decimal:
    """Linear interpolation between order statistics (type 7)."""
    ordered = sorted(values)
    position = (len(ordered) - 1) * p / 100
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def ranks(values: Mapping[Key, int]) -> dict[Key, int]:
    """Competition ranks, the largest first: 1, 2, 2, 4."""
    ordered = sorted(values.values(), reverse=True)
    first = {value: ordered.index(value) + 1 for value in set(ordered)}
    return {key: first[value] for key, value in values.items()}
