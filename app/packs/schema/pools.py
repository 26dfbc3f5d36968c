"""Pools and registers (库, 名录, 名单) the documents name: who may be in one, through which stages he goes, who keeps it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.packs.schema.base import Code, Confidence, Entry, Model, Text

TERM_LABELS = {"permanent": "长期", "yearly": "按年度"}
ADMITTED_BY_LABELS = {"city": "市级", "county": "市级或县级"}


class PoolStage(Model):
    """One stage of a pool, lowest first. ``goal``: who stands here has reached what the pool is for (已纳统, 上市, 获评)."""

    code: Code
    label: Text
    goal: bool = Field(default=False, strict=True)
    confidence: Confidence = "待核"
    note: Text | None = None


class Pool(Entry):
    """A pool or register the documents name (培育库, 资源池, 联盟 …).

    The entry's own ``confidence`` is about the document naming the pool; stages, admission and capacity carry theirs, because the documents
    mostly leave them open. ``stages``: only pools of enterprises or towns that are kept here have them. ``titles``: what the pool works towards;
    who holds one of ``leaves_out`` does not belong in. ``screening``: firms near the 四上 line are offered to it. ``admitted_by``: who decides
    on a nomination. ``capacity``: about how many the document wants, never a lock.
    """

    member: Literal["enterprise", "provider", "expert", "team", "town", "project", "resource", "record"]
    term: Literal["permanent", "yearly"] = "permanent"
    stages: tuple[PoolStage, ...] = ()
    admission: Text | None = None
    admission_confidence: Confidence = "待核"
    admitted_by: Literal["city", "county"] = "county"
    titles: tuple[Code, ...] = ()
    leaves_out: tuple[Code, ...] = ()
    screening: bool = Field(default=False, strict=True)
    capacity: Annotated[int, Field(ge=1, strict=True)] | None = None
    capacity_confidence: Confidence = "待核"
    owners: tuple[Text, ...] = ()
    reasons: tuple[Text, ...] = ()
    release_reasons: tuple[Text, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether members are kept in this pool (others are only named)."""
        return bool(self.stages) and not self.disabled

    def stage(self, code: str | None) -> PoolStage | None:
        return next((stage for stage in self.stages if stage.code == code), None)

    def stage_label(self, code: str | None) -> str:
        """Label of a stage, or the code itself when the pack no longer knows it."""
        stage = self.stage(code)
        return stage.label if stage else code or ""

    @model_validator(mode="after")
    def _stages_fit(self) -> Pool:
        codes = [stage.code for stage in self.stages]
        if len(set(codes)) != len(codes):
            twice = next(code for code in codes if codes.count(code) > 1)
            raise ValueError(f"阶段代码“{twice}”重复")
        if self.stages and self.member not in ("enterprise", "town"):
            raise ValueError("只有成员是企业或乡镇（街道）的库可以写 stages")
        extra = self.admission or self.titles or self.leaves_out or self.screening or self.reasons or self.release_reasons
        if extra and not self.stages:
            raise ValueError("写了入库条件、称号、筛查或理由的库，要写 stages")
        if self.screening and self.member != "enterprise":
            raise ValueError("screening 只用于成员是企业的库")
        if (self.titles or self.leaves_out) and self.member != "enterprise":
            raise ValueError("titles、leaves_out 只用于成员是企业的库")
        return self
