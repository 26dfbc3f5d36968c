"""How an indicator system is turned into points: the annex prints weights only, so the method is data a city confirms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.packs.schema.base import Code, Entry, Text
from app.packs.schema.plans import Exact

METHOD_LABELS = {"hybrid": "推荐方案", "minmax": "极差法", "efficacy": "功效系数法", "rank": "位次法", "target": "目标完成率法"}
ScoringMethod = Literal["hybrid", "minmax", "efficacy", "rank", "target"]
ItemKey = Annotated[str, Field(pattern=r"^[0-9]{1,2}[a-z]?$")]
Percent = Annotated[int, Field(ge=0, le=100, strict=True)]


class ScoringScheme(Entry):
    """One way of scoring a system's items. The first scheme of a system is the one a round opens with.

    ``continuous``: items scored between two percentiles; every other quantitative item is a count. ``growth``: growth item -> item of the
    amount that takes its weight where growth does not apply. ``never_negative``: items whose negative value enters as 0. ``ties``: indicator
    numbers compared in this order when totals are equal. ``targets``: published target per town, needed in full by the method of targets.
    """

    system: Code
    method: ScoringMethod
    floor: Annotated[int, Field(ge=0, le=99, strict=True)]
    percentiles: tuple[Percent, Percent]
    count_percentile: Percent
    sparse_below: int = Field(ge=0, strict=True)
    sparse_steps: tuple[Percent, ...] = Field(min_length=2)
    efficacy_floor: Annotated[int, Field(ge=0, le=99, strict=True)]
    continuous: tuple[ItemKey, ...]
    growth: dict[ItemKey, ItemKey] = Field(default_factory=dict)
    growth_cap: tuple[int, int]
    never_negative: tuple[ItemKey, ...] = ()
    grades: dict[Text, Percent]
    graders_min: int = Field(ge=1, le=20, strict=True)
    graders_trim_from: int = Field(ge=3, le=20, strict=True)
    ties: tuple[int, ...] = ()
    targets: dict[ItemKey, Exact] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _in_order(self) -> ScoringScheme:
        if self.percentiles[0] >= self.percentiles[1]:
            raise ValueError("percentiles 应先写低位、再写高位")
        if self.growth_cap[0] >= self.growth_cap[1]:
            raise ValueError("growth_cap 应先写下限、再写上限")
        if list(self.sparse_steps) != sorted(self.sparse_steps):
            raise ValueError("sparse_steps 应从低到高")
        if any(target <= 0 for target in self.targets.values()):
            raise ValueError("targets 的目标值应大于 0")
        return self
