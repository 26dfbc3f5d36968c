"""Self-tests of a pack: codes, periods, references, words, ladders and targets. The indicator system has `lint_indicators`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from app.packs import vocabulary
from app.packs.lint_calendar import lint_calendar
from app.packs.lint_criteria import declared_facts, lint_criteria
from app.packs.lint_indicators import lint_indicators
from app.packs.lint_ladders import lint_ladders
from app.packs.lint_references import lint_references
from app.packs.matching import title_key
from app.packs.problems import Problem
from app.packs.schema import SECTIONS, Document, Entry, PackContent, Target

Fault = tuple[str, int, str, tuple[str | None, str]]
Places = Mapping[tuple[str, int], tuple[str, int | None]]


def lint(content: PackContent, places: Places | None = None) -> list[Problem]:
    """Every fault of a pack whose entries have the right shape. ``places``: (section, position) -> file and line, when known."""
    found = [
        *_periods(content), *lint_references(content), *_aliases(content), *_documents(content), *_targets(content), *_remedies(content),
        *lint_ladders(content), *lint_indicators(content), *lint_criteria(content), *lint_calendar(content),
    ]
    return [_located(fault, places or {}) for fault in found]


def _located(fault: Fault, places: Places) -> Problem:
    section, position, code, message = fault
    files = {one.key: one.file for one in SECTIONS}
    file, line = places.get((section, position), (files[section], None))
    return Problem(code, file, message[1], message[0], line)




def _periods(content: PackContent) -> Iterator[Fault]:
    for section in SECTIONS:
        rows: tuple[Entry, ...] = getattr(content, section.key)
        editions: dict[str, list[tuple[int, Entry]]] = defaultdict(list)
        for position, row in enumerate(rows):
            if row.effective_to is not None and row.effective_to < row.effective_from:
                yield section.key, position, "dates_reversed", (row.code, "effective_to 早于 effective_from，请核对两个日期。")
            editions[row.code].append((position, row))
        for code, same in editions.items():
            same.sort(key=lambda item: item[1].effective_from)
            for (_, earlier), (position, later) in pairwise(same):
                if later.effective_from <= (earlier.effective_to or date.max):
                    text = f"代码“{code}”重复，且有效期重叠（{_period(earlier)} 与 {_period(later)}），请改代码，或让两段有效期前后相接。"
                    yield section.key, position, "duplicate_code", (code, text)


def _period(entry: Entry) -> str:
    return f"{entry.effective_from}～{entry.effective_to or '长期'}"


def _aliases(content: PackContent) -> Iterator[Fault]:
    """One word, one meaning: among titles and families together."""
    owners: dict[str, tuple[str, str]] = {}
    for section in ("title_families", "titles"):
        for position, row in enumerate(getattr(content, section)):
            words = row.aliases if section == "title_families" else (row.code, row.label, *row.aliases)
            for word in words:
                other = owners.setdefault(title_key(word), (section, row.code))
                if other != (section, row.code):
                    yield section, position, "duplicate_alias", (row.code, f"别名“{word}”已属于“{other[1]}”，同一个词只能指一个称号。")
    for position, kind in enumerate(content.carriers):
        for word in (kind.code, kind.label, *kind.aliases):
            other = owners.setdefault("carrier:" + title_key(word), ("carriers", kind.code))
            if other != ("carriers", kind.code):
                yield "carriers", position, "duplicate_alias", (kind.code, f"别名“{word}”已属于“{other[1]}”，同一个词只能指一类载体。")


def _documents(content: PackContent) -> Iterator[Fault]:
    for position, document in enumerate(content.documents):
        problem = _document_fault(document)
        if problem:
            yield "documents", position, problem[0], (document.code, problem[1])


def _document_fault(document: Document) -> tuple[str, str] | None:
    if document.document != document.code:
        return "bad_reference", f"文件条目的 document 应写自己的代码“{document.code}”。"
    if document.period_from and document.period_to and document.period_to < document.period_from:
        return "dates_reversed", "period_to 早于 period_from，请核对。"
    if document.issued_on and document.effective_from < document.issued_on and document.kind == "basis":
        return "dates_reversed", "effective_from 早于印发日期 issued_on，请核对。"
    return None


def _targets(content: PackContent) -> Iterator[Fault]:
    by_code = {target.code: target for target in content.targets}
    units = {unit.code: unit for unit in content.units}
    metrics = {metric.code: metric for metric in content.metrics}
    for position, target in enumerate(content.targets):
        if target.period_from and target.period_to and target.period_to < target.period_from:
            yield "targets", position, "dates_reversed", (target.code, "period_to 早于 period_from，请核对。")
        other = by_code.get(target.conflicts_with or "")
        if other is not None and target.governing and other.governing:
            text = f"与“{other.code}”都标成了执行口径，只能有一个 governing: true。"
            yield "targets", position, "two_governing", (target.code, text)
        metric = metrics.get(target.metric)
        if metric and target.unit in units and metric.unit in units and not _same_dimension(target, units, metric.unit):
            text = f"单位“{target.unit}”与统计口径“{metric.label}”的单位“{metric.unit}”不是同一类量。"
            yield "targets", position, "unit_mismatch", (target.code, text)


def _remedies(content: PackContent) -> Iterator[Fault]:
    declared = declared_facts(content)
    for position, remedy in enumerate(content.remedies):
        for code in remedy.facts:
            if vocabulary.find(code, declared) is None:
                yield "remedies", position, "bad_reference", (remedy.code, f"字段“facts”里的数据项“{code}”不存在，请核对代码。")


def _same_dimension(target: Target, units: Mapping[str, object], metric_unit: str) -> bool:
    """A multiple (倍) and a state may stand beside any unit."""
    if target.comparison == "state" or target.basis == "multiple":
        return True
    return getattr(units[target.unit], "dimension", None) == getattr(units[metric_unit], "dimension", None)
