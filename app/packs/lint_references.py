"""Every code an entry names exists in the pack."""

from __future__ import annotations

from collections.abc import Iterator

from app.packs.schema import (
    SECTIONS,
    Entry,
    Indicator,
    Ladder,
    Measure,
    Metric,
    PackContent,
    Pool,
    Target,
    Title,
    TitleFamily,
    TrainingKind,
)
from app.packs.schema.lifecycle import CalendarEntry, Material
from app.packs.schema.plans import Baseline
from app.packs.schema.reminders import ReminderRule
from app.packs.schema.scoring import ScoringScheme
from app.packs.schema.support import DemandDomain, DiagnosisTemplate, Remedy, ServiceDomain

Reference = tuple[str, str, str]
Fault = tuple[str, int, str, tuple[str | None, str]]


def lint_references(content: PackContent) -> Iterator[Fault]:
    """One fault per dangling reference; codes of disabled entries count as existing."""
    known = {section.key: {row.code for row in getattr(content, section.key)} for section in SECTIONS}
    labels = {section.key: section.label for section in SECTIONS}
    for section in SECTIONS:
        for position, row in enumerate(getattr(content, section.key)):
            for field, target, code in _references(row):
                if code not in known[target]:
                    text = f"字段“{field}”引用的{labels[target]}“{code}”不存在，请核对代码，或先补上该条目。"
                    yield section.key, position, "bad_reference", (row.code, text)


def _references(row: Entry) -> Iterator[Reference]:
    yield "document", "documents", row.document
    if isinstance(row, Title):
        yield "track", "tracks", row.track
        yield from (("basis", "documents", code) for code in row.basis)
        if row.renewal_due:
            yield "renewal_due", "calendar", row.renewal_due
    elif isinstance(row, TitleFamily):
        yield from (("members", "titles", code) for code in row.members.values())
    elif isinstance(row, Ladder):
        for rung in row.rungs:
            yield from ((f"rungs.{rung.code}", "titles", code) for code in (*rung.titles, *rung.approach))
    elif isinstance(row, Indicator):
        yield "system", "indicator_systems", row.system
        yield from (("items.metric", "metrics", item.metric) for item in row.items if item.metric)
        for name, measure in (("measure", row.measure), ("reference", row.reference)):
            if measure is not None:
                yield from _of_measure(name, measure)
    elif isinstance(row, ScoringScheme):
        yield "system", "indicator_systems", row.system
    elif isinstance(row, ReminderRule):
        if row.lead_setting:
            yield "lead_setting", "settings", row.lead_setting
    elif isinstance(row, Metric):
        yield "unit", "units", row.unit
        yield from (("titles", "titles", code) for code in row.titles)
    elif isinstance(row, Target):
        yield from _of_target(row)
    elif isinstance(row, Baseline):
        yield "metric", "metrics", row.metric
        yield "unit", "units", row.unit
    elif isinstance(row, TrainingKind) and row.metric:
        yield "metric", "metrics", row.metric
    elif isinstance(row, ServiceDomain):
        yield from (("documents", "documents", code) for code in row.documents)
    elif isinstance(row, (CalendarEntry, Material)):
        yield from (("titles", "titles", code) for code in row.titles)
    elif isinstance(row, Pool):
        yield from (("titles", "titles", code) for code in row.titles)
        yield from (("leaves_out", "titles", code) for code in row.leaves_out)
    elif isinstance(row, Remedy):
        yield from _of_remedy(row)
    elif isinstance(row, DiagnosisTemplate):
        yield from (("checks.stage", "service_stages", check.stage) for check in row.checks if check.stage)
        yield from (("checks.action", "actions", check.action) for check in row.checks if check.action)
    elif isinstance(row, DemandDomain):
        yield from (("departments", "departments", code) for code in row.departments)


def _of_measure(name: str, measure: Measure) -> Iterator[Reference]:
    yield from ((f"{name}.titles", "titles", code) for code in measure.titles)
    for title, setting in measure.optional_titles.items():
        yield f"{name}.optional_titles", "titles", title
        yield f"{name}.optional_titles", "settings", setting
    yield from ((f"{name}.carriers", "carriers", code) for code in measure.carriers)
    yield from ((f"{name}.trainings", "trainings", code) for code in measure.trainings)


def _of_remedy(remedy: Remedy) -> Iterator[Reference]:
    for field in ("titles", "actions", "domains", "trainings", "rewards", "programmes"):
        section = "service_domains" if field == "domains" else field
        yield from ((field, section, code) for code in getattr(remedy, field))


def _of_target(target: Target) -> Iterator[Reference]:
    yield "metric", "metrics", target.metric
    yield "unit", "units", target.unit
    if target.conflicts_with:
        yield "conflicts_with", "targets", target.conflicts_with
