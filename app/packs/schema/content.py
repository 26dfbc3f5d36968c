"""All sections of a pack and the file each stands in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from app.packs.schema.base import Code, Entry, Model, Text
from app.packs.schema.criteria import ConditionGroup, Criterion, ExtraFact, LocalScore, SizeClass
from app.packs.schema.indicators import Indicator, IndicatorSystem
from app.packs.schema.lifecycle import CalendarEntry, HolidayYear, Material
from app.packs.schema.plans import Baseline, Document, Duty, Metric, Programme, Reward, Target, Unit
from app.packs.schema.pools import Pool
from app.packs.schema.reminders import ReminderRule
from app.packs.schema.scoring import ScoringScheme
from app.packs.schema.services import ServiceScheme
from app.packs.schema.support import (
    DemandDomain,
    Department,
    DiagnosisTemplate,
    GlossaryTerm,
    Platform,
    Remedy,
    Role,
    ServiceDomain,
    ServiceStage,
    Setting,
    SupportAction,
    TrainingKind,
)
from app.packs.schema.titles import CarrierKind, Ladder, Title, TitleFamily, Track


class Manifest(Model):
    """Head of the pack (pack.yaml): which city, which format, which base packs (nation, province) it stands on."""

    format: Literal["yumiao-pack/1"]
    code: Code
    label: Text
    area_code: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="GB/T 2260 code of the city")]
    area_name: Text
    area_short: Text
    province_name: Text
    province_short: Text
    includes: tuple[Code, ...] = Field(default=(), description="base packs, lowest first; an entry of the city replaces theirs of the same code")


class BaseManifest(Model):
    """Head of a base pack (base.yaml): rules several cities share. It stands on nothing and is loaded with the cities that include it."""

    format: Literal["yumiao-base/1"]
    code: Code
    label: Text


@dataclass(frozen=True)
class Section:
    """One list of entries: its key, the file it stands in (``criteria/``: any file of that directory), its model and Chinese name."""

    key: str
    file: str
    model: type[Entry]
    label: str

    def stands_in(self, name: str) -> bool:
        """Whether the section may stand in the file of that name (relative to the pack)."""
        return name.startswith(self.file) if self.file.endswith("/") else name == self.file


SECTIONS: tuple[Section, ...] = (
    Section("documents", "documents.yaml", Document, "文件"),
    Section("departments", "departments.yaml", Department, "成员单位"),
    Section("tracks", "titles.yaml", Track, "赛道"),
    Section("titles", "titles.yaml", Title, "称号"),
    Section("title_families", "titles.yaml", TitleFamily, "称号合称"),
    Section("ladders", "ladders.yaml", Ladder, "梯度"),
    Section("criteria", "criteria/", Criterion, "认定条件"),
    Section("condition_groups", "criteria/", ConditionGroup, "共用条件"),
    Section("local_scores", "criteria/", LocalScore, "省定评分项"),
    Section("size_classes", "size_classes.yaml", SizeClass, "划型标准"),
    Section("facts", "criteria/", ExtraFact, "自定数据项"),
    Section("carriers", "carriers.yaml", CarrierKind, "载体"),
    Section("actions", "actions.yaml", SupportAction, "帮扶行动"),
    Section("service_domains", "actions.yaml", ServiceDomain, "服务领域"),
    Section("service_stages", "actions.yaml", ServiceStage, "经营环节"),
    Section("diagnosis_templates", "diagnoses.yaml", DiagnosisTemplate, "诊断模板"),
    Section("indicator_systems", "indicators.yaml", IndicatorSystem, "指标体系"),
    Section("indicators", "indicators.yaml", Indicator, "指标"),
    Section("scoring_schemes", "indicators.yaml", ScoringScheme, "计分方案"),
    Section("units", "metrics.yaml", Unit, "计量单位"),
    Section("metrics", "metrics.yaml", Metric, "统计口径"),
    Section("targets", "targets.yaml", Target, "目标"),
    Section("baselines", "baselines.yaml", Baseline, "基期数"),
    Section("rewards", "rewards.yaml", Reward, "奖励"),
    Section("duties", "duties.yaml", Duty, "职责"),
    Section("calendar", "calendar.yaml", CalendarEntry, "年度日程"),
    Section("materials", "materials.yaml", Material, "申报材料"),
    Section("holidays", "holidays.yaml", HolidayYear, "节假日"),
    Section("pools", "pools.yaml", Pool, "库与名录"),
    Section("trainings", "training.yaml", TrainingKind, "培训"),
    Section("programmes", "programmes.yaml", Programme, "行动与工程"),
    Section("remedies", "remedies.yaml", Remedy, "补短板措施"),
    Section("reminders", "reminders.yaml", ReminderRule, "提醒规则"),
    Section("service_schemes", "services.yaml", ServiceScheme, "年度评价办法"),
    Section("roles", "roles.yaml", Role, "角色"),
    Section("platforms", "roles.yaml", Platform, "平台"),
    Section("demand_domains", "demands.yaml", DemandDomain, "诉求类别"),
    Section("settings", "settings.yaml", Setting, "设置"),
    Section("glossary", "glossary.yaml", GlossaryTerm, "术语"),
)


class PackContent(Model):
    """Everything a pack says. Serialises to canonical JSON, so that comments and layout of the files do not change its hash."""

    manifest: Manifest
    documents: tuple[Document, ...]
    departments: tuple[Department, ...] = ()
    tracks: tuple[Track, ...] = ()
    titles: tuple[Title, ...] = ()
    title_families: tuple[TitleFamily, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    condition_groups: tuple[ConditionGroup, ...] = ()
    local_scores: tuple[LocalScore, ...] = ()
    size_classes: tuple[SizeClass, ...] = ()
    facts: tuple[ExtraFact, ...] = ()
    carriers: tuple[CarrierKind, ...] = ()
    actions: tuple[SupportAction, ...] = ()
    service_domains: tuple[ServiceDomain, ...] = ()
    service_stages: tuple[ServiceStage, ...] = ()
    diagnosis_templates: tuple[DiagnosisTemplate, ...] = ()
    indicator_systems: tuple[IndicatorSystem, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    scoring_schemes: tuple[ScoringScheme, ...] = ()
    units: tuple[Unit, ...] = ()
    metrics: tuple[Metric, ...] = ()
    targets: tuple[Target, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    rewards: tuple[Reward, ...] = ()
    duties: tuple[Duty, ...] = ()
    calendar: tuple[CalendarEntry, ...] = ()
    materials: tuple[Material, ...] = ()
    holidays: tuple[HolidayYear, ...] = ()
    pools: tuple[Pool, ...] = ()
    trainings: tuple[TrainingKind, ...] = ()
    programmes: tuple[Programme, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    reminders: tuple[ReminderRule, ...] = ()
    service_schemes: tuple[ServiceScheme, ...] = ()
    roles: tuple[Role, ...] = ()
    platforms: tuple[Platform, ...] = ()
    demand_domains: tuple[DemandDomain, ...] = ()
    settings: tuple[Setting, ...] = ()
    glossary: tuple[GlossaryTerm, ...] = ()

    def entries(self) -> Iterator[tuple[Section, Entry]]:
        """Every entry with its section, in file order."""
        for section in SECTIONS:
            for entry in getattr(self, section.key):
                yield section, entry

    def plain(self) -> dict[str, Any]:
        """JSON-ready data without the fields left at their defaults."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def hash(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
        text = json.dumps(self.plain(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
