"""The answer for one enterprise and one rule version: verdict, every leaf with value, line and distance, score, what to ask next.

A diagnosis is a snapshot: it names the version and holds the facts it used. It never is a ground for recognition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.ladder.criteria import words
from app.ladder.criteria.facts import Facts, Key, to_decimal
from app.ladder.criteria.look import Look
from app.ladder.criteria.questions import Question, next_question
from app.ladder.criteria.scores import PartScore
from app.ladder.criteria.tree import MANUAL, MET, UNKNOWN, UNMET, Choice, Finding, Group, NumberLeaf, WordLeaf
from app.ladder.criteria.versions import Version
from app.packs.schema.criteria import APPLICATION_LABELS

DISCLAIMER = "本结果按系统内数据和所列条款初步比对，仅供参考，不作为认定依据。"
RESULT_LABELS = {"met": "符合", "near": "接近", "unmet": "不符合", "unknown": "缺数据", "manual": "待人工核验"}


class Verdict(StrEnum):
    """The four answers."""

    LIKELY = "likely"
    BY_PERSON = "by_person"
    DATA_MISSING = "data_missing"
    NOT_YET = "not_yet"

    @property
    def label(self) -> str:
        return {"likely": "初步符合", "by_person": "待人工核验", "data_missing": "待补数据", "not_yet": "暂不满足"}[self.value]


_VERDICTS = {MET: Verdict.LIKELY, MANUAL: Verdict.BY_PERSON, UNKNOWN: Verdict.DATA_MISSING, UNMET: Verdict.NOT_YET}


@dataclass(frozen=True)
class Leaf:
    """One condition. Numbers in ``unit``. ``path``: labels of the groups above; ``decides``: False for advice and things to check beforehand;
    ``field``: the fact it looks at (None: a score or a judgement); ``high``: the best a score or an incomplete sum can still reach."""

    id: str
    label: str
    result: str
    reason: str
    clause: str
    confirmed: bool
    value: Any
    threshold: Any
    distance: Decimal | None
    unit: str
    op: str | None
    year: int | None
    values: tuple[tuple[int, Any], ...]
    missing: tuple[Key, ...]
    path: tuple[str, ...]
    decides: bool
    todo: bool
    note: str | None
    source: str | None
    source_on: date | None
    field: str | None = None
    high: Any = None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "result": self.result, "value": plain(self.value), "threshold": plain(self.threshold), "distance": plain(self.distance),
            "reason": self.reason, "label": self.label, "unit": self.unit, "op": self.op, "year": self.year,
            "values": {str(year): plain(value) for year, value in self.values}, "clause": self.clause, "confirmed": self.confirmed,
            "path": list(self.path), "decides": self.decides, "source": self.source, "source_on": plain(self.source_on),
        }


@dataclass(frozen=True)
class ScoreReport:
    """Total as an interval, and every part and row."""

    low: Decimal
    high: Decimal
    parts: tuple[PartScore, ...]

    def as_json(self) -> dict[str, Any]:
        parts = [
            {
                "code": part.part.code, "label": part.part.label, "max": plain(part.part.max), "low": plain(to_decimal(part.low)),
                "high": plain(to_decimal(part.high)),
                "items": [
                    {"id": item.item.id, "label": item.item.label, "max": plain(item.item.max), "low": plain(to_decimal(item.low)),
                     "high": plain(to_decimal(item.high))} for item in part.items
                ],
            }
            for part in self.parts
        ]
        return {"low": plain(self.low), "high": plain(self.high), "parts": parts}


@dataclass(frozen=True)
class Diagnosis:
    """``verdict`` None: no version, ``reasons`` say why. ``open_units``: machine-checkable conditions not met on the shortest way (全满足 = none,
    只差一项 = one); ``todo``: what a person or an outside platform still has to settle, and what to check before applying."""

    title: str
    title_label: str
    application: str
    as_of: date
    version: Version | None
    verdict: Verdict | None
    reasons: tuple[str, ...]
    leaves: tuple[Leaf, ...] = ()
    score: ScoreReport | None = None
    open_units: tuple[str, ...] = ()
    todo: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    question: Question | None = None
    facts: Facts | None = None

    @property
    def all_met(self) -> bool:
        """全满足: every machine-checkable leaf met."""
        return self.verdict is not None and not self.open_units

    @property
    def one_short(self) -> bool:
        """只差一项."""
        return len(self.open_units) == 1

    def as_json(self) -> dict[str, Any]:
        """For the command line and for storing; stable keys."""
        version = self.version
        return {
            "title": self.title, "rule": None if version is None else version.code, "verdict": None if self.verdict is None else self.verdict.label,
            "leaves": [leaf.as_json() for leaf in self.leaves], "score": None if self.score is None else self.score.as_json(),
            "title_label": self.title_label, "application": self.application, "application_label": APPLICATION_LABELS[self.application],
            "as_of": self.as_of.isoformat(), "verdict_code": None if self.verdict is None else self.verdict.value,
            "rule_label": None if version is None else version.criterion.label, "confirmed": None if version is None else version.confirmed,
            "document": None if version is None or version.document is None else version.document.label,
            "document_number": None if version is None or version.document is None else version.document.number,
            "reasons": list(self.reasons), "all_met": self.all_met, "one_short": self.one_short, "open": list(self.open_units),
            "todo": list(self.todo), "warnings": list(self.warnings),
            "question": None if self.question is None else self.question.as_json(), "disclaimer": DISCLAIMER,
        }


def plain(value: Any) -> Any:
    """JSON: whole numbers as int, others as float of at most six decimals; dates as text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def judge(
    facts: Facts, version: Version, *, application: str, judgements: Mapping[str, Any], near_pct: int, seen: Look | None = None,
) -> tuple[Look, Finding, tuple[PartScore, ...]]:
    """Ask a version: the findings without any words. ``seen``: an earlier reading of the same facts."""
    look = Look(
        facts, application=application, parameters=version.parameters, judgements=judgements, near_pct=near_pct, declared=version.declared, seen=seen,
    )
    parts = version.table.judge(look) if version.table is not None else ()
    return look, version.root.judge(look), parts


def quick_verdict(
    facts: Facts, version: Version, *, application: str = "new", judgements: Mapping[str, Any] | None = None,
) -> Verdict:
    """The verdict alone, for many enterprises."""
    return _VERDICTS[judge(facts, version, application=application, judgements=judgements or {}, near_pct=20)[1].result]


def diagnose(
    facts: Facts, version: Version, *, application: str = "new", judgements: Mapping[str, Any] | None = None, near_pct: int = 20,
) -> Diagnosis:
    """``judgements``: id of a manual leaf -> True/False, id of a jury's score row -> points. Pure: the same input gives the same answer."""
    look, root, parts = judge(facts, version, application=application, judgements=judgements or {}, near_pct=near_pct)
    teller = _Teller(look, version, facts)
    leaves = tuple(teller.leaves(root, (), True))
    score = None
    if parts:
        low, high, _ = look.scores["total"]
        score = ScoreReport(to_decimal(low), to_decimal(high), parts)
    criterion = version.criterion
    return Diagnosis(
        title=criterion.title, title_label=version.title_labels.get(criterion.title, criterion.title), application=application, as_of=facts.as_of,
        version=version, verdict=_VERDICTS[root.result], reasons=tuple(teller.reasons(root)), leaves=leaves, score=score,
        open_units=tuple(open_units(root)), todo=tuple(teller.todo(leaves)), warnings=tuple(_warnings(version, leaves)),
        question=next_question(root, parts, look, version.title_labels), facts=facts,
    )


def no_verdict(title: str, title_label: str, application: str, as_of: date, reason: str) -> Diagnosis:
    """No version was in force."""
    return Diagnosis(title, title_label, application, as_of, None, None, (reason,))


def is_leaf(finding: Finding) -> bool:
    """A condition of its own: a leaf, or a choice in which no case applies or the fact is unknown."""
    return not isinstance(finding.node, Group) and not (isinstance(finding.node, Choice) and finding.children)


class _Teller:
    """Turns findings into leaves and sentences."""

    def __init__(self, look: Look, version: Version, facts: Facts) -> None:
        self._look, self._version, self._facts = look, version, facts

    def leaves(self, finding: Finding, path: tuple[str, ...], decides: bool) -> Iterator[Leaf]:
        source = finding.node.source
        counted = decides and not source.advisory and not (source.veto and finding.result == UNKNOWN)
        if is_leaf(finding):
            yield self._leaf(finding, path, counted)
            return
        label = finding.chosen or source.label
        inner = (*path, label) if label else path
        for child in finding.children:
            yield from self.leaves(child, inner, counted)

    def _leaf(self, finding: Finding, path: tuple[str, ...], decides: bool) -> Leaf:
        source, field = finding.node.source, self._field(finding)
        unit = words.unit_of(source, field) if isinstance(finding.node, NumberLeaf) or source.score is not None else ""
        code = "near" if finding.near else {MET: "met", MANUAL: "manual", UNKNOWN: "unknown", UNMET: "unmet"}[finding.result]
        origin = self._facts.origins.get((field.code, finding.year)) if field is not None else None
        return Leaf(
            id=source.id or "", label=source.label or (field.label if field else ""), result=code, reason=self.sentence(finding), clause=source.clause or "",
            confirmed=(source.confidence or self._version.criterion.confidence) == "confirmed", value=self._value(finding.value, unit),
            threshold=self._threshold(finding, unit), distance=words.distance(finding, unit), unit=unit, op=source.op, year=finding.year,
            values=tuple((year, self._value(value, unit)) for year, value in finding.values), missing=finding.missing, path=path, decides=decides,
            todo=source.entered or finding.result == MANUAL or finding.judged, note=source.note,
            source=origin.source if origin else None, source_on=origin.on if origin else None, field=field.code if field is not None else None,
            high=self._value(finding.high, unit),
        )

    def _field(self, finding: Finding) -> Any:
        node = finding.node
        if isinstance(node, NumberLeaf):
            return self._look.field(node.field)
        return self._look.field(node.fields[0]) if isinstance(node, WordLeaf) else None

    def _threshold(self, finding: Finding, unit: str) -> Any:
        source = finding.node.source
        if finding.threshold is not None:
            return words.in_unit(finding.threshold, unit)
        if source.is_ is not None:
            return source.is_
        return source.at_least or source.one_of or source.starts_with or source.holds_any or source.holds_all or None

    def _value(self, value: Any, unit: str) -> Any:
        if isinstance(value, tuple):
            return tuple(name.removeprefix("title.") for name in value)
        shown = words.in_unit(value, unit)
        return value if shown is None and isinstance(value, (bool, str)) else shown

    def sentence(self, finding: Finding) -> str:
        return words.reason(finding, self._look, self._version.title_labels, self._facts.origins)

    def reasons(self, root: Finding) -> Iterator[str]:
        """Why the verdict is what it is: the leaves that decided."""
        if root.result == MET:
            yield "各项条件均符合。"
            return
        yield from dict.fromkeys(self.sentence(one) for one in _deciding(root))

    def todo(self, leaves: tuple[Leaf, ...]) -> Iterator[str]:
        for leaf in leaves:
            if leaf.result == "manual" or (leaf.todo and leaf.result != "met"):
                yield leaf.reason
            elif not leaf.decides and leaf.result == "unknown" and self._is_veto(leaf):
                yield f"申报前核对：{leaf.label}。"

    def _is_veto(self, leaf: Leaf) -> bool:
        return leaf.id in self._vetoes

    @property
    def _vetoes(self) -> frozenset[str]:
        return frozenset(_veto_ids(self._version.root))


def _veto_ids(node: Any) -> Iterator[str]:
    if getattr(node, "children", None):
        for child in node.children:
            yield from _veto_ids(child)
    elif getattr(node, "branches", None):
        for branch in node.branches:
            yield from _veto_ids(branch.then)
    if node.source.veto and node.source.id:
        yield node.source.id


def counted(finding: Finding) -> bool:
    source = finding.node.source
    return not source.advisory and not (source.veto and finding.result == UNKNOWN)


def _deciding(finding: Finding) -> Iterator[Finding]:
    """The leaves that carry the result of their groups up to the top."""
    if is_leaf(finding):
        yield finding
        return
    for child in finding.children:
        if child.result == finding.result and counted(child):
            yield from _deciding(child)


def open_units(finding: Finding) -> list[str]:
    """Ids of the machine-checkable conditions still open on the shortest way."""
    source = finding.node.source
    if finding.result == MET or not counted(finding):
        return []
    if is_leaf(finding):
        settled_elsewhere = source.entered or finding.result == MANUAL or finding.judged
        return [] if settled_elsewhere else [source.id or source.label or ""]
    children = [child for child in finding.children if counted(child)]
    usual = [child for child in children if child.node.source.usual]
    ways = [open_units(child) for child in (usual if source.any is not None and usual else children)]
    if source.any is not None and ways:
        return min(ways, key=len)
    return [one for way in ways for one in way]


def _warnings(version: Version, leaves: tuple[Leaf, ...]) -> Iterator[str]:
    if version.applies is not None and version.applies.note:
        yield version.applies.note
    if not version.confirmed:
        yield f"本版认定条件（{version.criterion.label}）来源待核。"
    for leaf in leaves:
        if not leaf.decides and leaf.result in ("unmet", "near"):
            yield f"提示：{leaf.reason}"
