"""How service providers, experts and service projects are scored every year: criteria, weights, lines. Numbers no document gives are 待核."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.packs.schema.base import Code, Confidence, Entry, Model, Text

SUBJECT_LABELS = {"provider": "服务商", "expert": "专家", "project": "服务项目"}
SOURCE_LABELS = {
    "mark": "人工评分", "firms": "服务企业家数", "visits": "服务次数", "units": "覆盖县区", "projects": "服务项目个数", "resources": "资源池中的资源",
    "accepted_pct": "项目验收率", "on_time_pct": "按期交付率", "closed_pct": "问题办结率", "kept_pct": "承诺兑现率", "rating": "企业评价",
    "results": "有前后对比的成效",
}
Amount = Annotated[Decimal, Field(allow_inf_nan=False)]


class ServiceCriterion(Model):
    """One criterion. ``source``: a person's mark, or a fact the system counts; ``zero`` and ``full``: values for no and for all points."""

    code: Code
    label: Text
    weight: Annotated[int, Field(ge=1, le=100, strict=True)]
    source: Literal[
        "mark", "firms", "visits", "units", "projects", "resources", "accepted_pct", "on_time_pct", "closed_pct", "kept_pct", "rating", "results",
    ]
    zero: Amount = Decimal(0)
    full: Amount = Decimal(100)
    confidence: Confidence = "待核"
    note: Text | None = None

    @model_validator(mode="after")
    def _has_a_span(self) -> ServiceCriterion:
        if self.full == self.zero:
            raise ValueError("full 和 zero 不能相同")
        return self


class ServiceScheme(Entry):
    """How one kind of subject is scored. ``cases``: what is counted as a case; with fewer than ``min_cases`` nothing is scored."""

    subject: Literal["provider", "expert", "project"]
    cases: Text
    min_cases: Annotated[int, Field(ge=0, strict=True)]
    warn_below: Amount
    leave_below: Amount
    criteria: Annotated[tuple[ServiceCriterion, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _adds_up(self) -> ServiceScheme:
        if sum(criterion.weight for criterion in self.criteria) != 100:
            raise ValueError("criteria 的 weight 合计应为 100")
        codes = [criterion.code for criterion in self.criteria]
        if len(set(codes)) != len(codes):
            raise ValueError("criteria 的 code 重复")
        if not 0 <= self.leave_below <= self.warn_below <= 100:
            raise ValueError("应满足 0 ≤ leave_below ≤ warn_below ≤ 100")
        return self
