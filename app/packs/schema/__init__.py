"""Shape of a pack, as pydantic models: frozen, unknown keys refused, one module per subject."""

from app.packs.schema.base import CONFIDENCE_LABELS, Entry, Model
from app.packs.schema.content import SECTIONS, PackContent, Section
from app.packs.schema.criteria import Condition, ConditionGroup, Criterion, ExtraFact, LocalScore, ScoreItem, ScorePart
from app.packs.schema.indicators import Indicator, IndicatorItem, IndicatorSystem, Measure
from app.packs.schema.lifecycle import CALENDAR_KINDS, STEPS, CalendarEntry, Consequence, HolidayYear, Material
from app.packs.schema.plans import Document, Duty, Metric, Programme, Reward, Target, Unit
from app.packs.schema.pools import Pool, PoolStage
from app.packs.schema.reminders import AUDIENCES, PLACEHOLDERS, Escalation, ReminderRule, template_fault
from app.packs.schema.scoring import ScoringScheme
from app.packs.schema.services import ServiceCriterion, ServiceScheme
from app.packs.schema.support import (
    DemandDomain,
    Department,
    DiagnosisTemplate,
    GlossaryTerm,
    Remedy,
    Role,
    Setting,
    SupportAction,
    TrainingKind,
)
from app.packs.schema.titles import CarrierKind, Ladder, Rung, Title, TitleFamily, Track

__all__ = [
    "AUDIENCES",
    "CALENDAR_KINDS",
    "CONFIDENCE_LABELS",
    "PLACEHOLDERS",
    "SECTIONS",
    "STEPS",
    "CalendarEntry",
    "CarrierKind",
    "Condition",
    "ConditionGroup",
    "Consequence",
    "Criterion",
    "DemandDomain",
    "Department",
    "DiagnosisTemplate",
    "Document",
    "Duty",
    "Entry",
    "Escalation",
    "ExtraFact",
    "GlossaryTerm",
    "HolidayYear",
    "Indicator",
    "IndicatorItem",
    "IndicatorSystem",
    "Ladder",
    "LocalScore",
    "Material",
    "Measure",
    "Metric",
    "Model",
    "PackContent",
    "Pool",
    "PoolStage",
    "Programme",
    "Remedy",
    "ReminderRule",
    "Reward",
    "Role",
    "Rung",
    "ScoreItem",
    "ScorePart",
    "ScoringScheme",
    "Section",
    "ServiceCriterion",
    "ServiceScheme",
    "Setting",
    "SupportAction",
    "Target",
    "Title",
    "TitleFamily",
    "Track",
    "TrainingKind",
    "Unit",
    "template_fault",
]
