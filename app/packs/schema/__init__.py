"""Shape of a pack, as pydantic models: frozen, unknown keys refused, one module per subject."""

from app.packs.schema.base import CONFIDENCE_LABELS, Entry, Model
from app.packs.schema.content import SECTIONS, PackContent, Section
from app.packs.schema.indicators import Indicator, IndicatorItem, IndicatorSystem, Measure
from app.packs.schema.plans import Document, Duty, Metric, Programme, Reward, Target, Unit
from app.packs.schema.support import CalendarEntry, Department, GlossaryTerm, Pool, Role, Setting, SupportAction, TrainingKind
from app.packs.schema.titles import CarrierKind, Ladder, Rung, Title, TitleFamily, Track

__all__ = [
    "CONFIDENCE_LABELS", "SECTIONS", "CalendarEntry", "CarrierKind", "Department", "Document", "Duty", "Entry", "GlossaryTerm", "Indicator",
    "IndicatorItem", "IndicatorSystem", "Ladder", "Measure", "Metric", "Model", "PackContent", "Pool", "Programme", "Reward", "Role", "Rung",
    "Section", "Setting", "SupportAction", "Target", "Title", "TitleFamily", "Track", "TrainingKind", "Unit",
]
