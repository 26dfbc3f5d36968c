"""Conditions of a rule version, ready to be asked: groups, cases and leaves, each with ``judge(look) -> Finding``.

Three-valued logic: ``all``: unmet > unknown > manual > met; ``any``: met > unknown > manual > unmet. "Near" is for the eye only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as hidden
from fractions import Fraction
from typing import Any, Protocol

from app.ladder.criteria.facts import HUMAN, Compound, Key, Number, exact
from app.ladder.criteria.look import Look
from app.packs.schema.criteria import PERIOD_OFFSETS, Condition

MET, MANUAL, UNKNOWN, UNMET = 0, 1, 2, 3
"""In the order of ``all``: the largest decides."""
RESULT_CODES = ("met", "manual", "unknown", "unmet")
_ANY_ORDER = (0, 2, 1, 3)
"""Rank of met, manual, unknown, unmet inside ``any``: the smallest decides."""


@dataclass(slots=True)
class Finding:
    """What became of one node. ``value`` / ``threshold`` in the base unit (元, %); ``year``: the year that decided; ``values``: all years."""

    node: Any
    result: int
    near: bool = False
    value: Any = None
    threshold: Any = None
    year: int | None = None
    values: tuple[tuple[int, Any], ...] = ()
    missing: tuple[Key, ...] = ()
    children: tuple[Finding, ...] = ()
    chosen: str | None = None
    judged: bool = False
    high: Any = None


class Node(Protocol):
    """Anything that can be asked."""

    @property
    def source(self) -> Condition: ...

    def judge(self, look: Look) -> Finding: ...


def asked(node: Node, look: Look) -> bool:
    """Whether the node is asked at this application, and not switched off by a parameter."""
    applications = node.source.applications
    if applications and look.application not in applications:
        return False
    return not isinstance(node, Choice) or node.parameter is None or node.branch(look.parameters.get(node.parameter)) is not None


def _counts(finding: Finding) -> bool:
    source = finding.node.source
    return not source.advisory and not (source.veto and finding.result == UNKNOWN)


def combine_all(findings: Sequence[Finding]) -> int:
    """unmet > unknown > manual > met; nothing to ask = met."""
    return max((one.result for one in findings if _counts(one)), default=MET)


def combine_any(findings: Sequence[Finding]) -> int:
    """met > unknown > manual > unmet; nothing to ask = met."""
    return min((one.result for one in findings if _counts(one)), key=_ANY_ORDER.__getitem__, default=MET)


@dataclass(frozen=True, slots=True)
class Group:
    """``all`` or ``any`` of its children."""

    source: Condition
    children: tuple[Node, ...]
    combine: Callable[[Sequence[Finding]], int]

    def judge(self, look: Look) -> Finding:
        found = tuple(child.judge(look) for child in self.children if asked(child, look))
        return Finding(self, self.combine(found), children=found)


@dataclass(frozen=True, slots=True)
class Branch:
    """One case of ``choose``."""

    holds: Callable[[Any], bool]
    label: str | None
    then: Node
    starts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The case that applies decides. While the fact is unknown, only what all cases agree on is known."""

    source: Condition
    field: str | None
    back: int | None
    parameter: str | None
    branches: tuple[Branch, ...]

    def judge(self, look: Look) -> Finding:
        year = None if self.back is None else look.year - self.back
        value = look.parameters.get(self.parameter or "") if self.field is None else look.value(self.field, year)
        if value is None or value is HUMAN:
            return self._undecided(look, year, value)
        branch = self.branch(value)
        if branch is not None:
            inner = branch.then.judge(look)
            return Finding(self, inner.result, value=value, year=year, children=(inner,), chosen=branch.label)
        if isinstance(value, str) and any(start.startswith(value) for branch in self.branches for start in branch.starts):
            return self._undecided(look, year, value)  # 70 without its third digit may be any of 701 to 709
        return Finding(self, _OTHERWISE[self.source.otherwise], value=value, year=year)

    def branch(self, value: Any) -> Branch | None:
        """The case that applies to a value."""
        return next((branch for branch in self.branches if branch.holds(value)), None)

    def _undecided(self, look: Look, year: int | None, value: Any) -> Finding:
        results = {branch.then.judge(look).result for branch in self.branches} | {_OTHERWISE[self.source.otherwise]}
        missing = () if self.field is None or value is HUMAN else look.missing(self.field, year) or ((self.field, year),)
        return Finding(self, results.pop() if len(results) == 1 else UNKNOWN, year=year, missing=missing)


_OTHERWISE = {"met": MET, "manual": MANUAL, "unknown": UNKNOWN, "unmet": UNMET}


def _reaches(op: str) -> Callable[[Any, Number], bool]:
    def test(value: Any, line: Number) -> bool:
        if isinstance(value, Compound):
            value, line = value.compare(line), 0
        if op == ">=":
            return bool(value >= line)
        if op == "<=":
            return bool(value <= line)
        return bool(value > line if op == ">" else value < line if op == "<" else value == line)

    return test


@dataclass(frozen=True, slots=True)
class NumberLeaf:
    """A number against a line. ``backs``: years before the year of the question; empty for a state. ``scale``: base units per printed unit."""

    source: Condition
    field: str
    backs: tuple[int, ...]
    span: str | None
    line: Number | None
    scale: int
    reaches: Callable[[Any, Number], bool] = hidden(repr=False)

    def judge(self, look: Look) -> Finding:
        line = self.line
        if line is None:
            line = look.parameters[self.source.parameter or ""] * self.scale
        if self.span is None:
            return self._single(look, look.year - self.backs[0] if self.backs else None, line)
        if self.span in ("each", "any"):
            singles = [self._single(look, look.year - back, line) for back in self.backs]
            return self._of_years(singles, line)
        return self._total(look, line)

    def _single(self, look: Look, year: int | None, line: Number) -> Finding:
        value = look.value(self.field, year)
        if value is None:
            return self._bounded(look, look.ends(self.field, year), line, look.missing(self.field, year), year)
        if value is HUMAN:
            return Finding(self, MANUAL, threshold=line, year=year)
        met = self.reaches(value, line)
        return Finding(self, MET if met else UNMET, not met and self._near(value, line, look.near), value, line, year)

    def _bounded(self, look: Look, ends: tuple[Any, Any], line: Number, missing: tuple[Key, ...], year: int | None) -> Finding:
        """Unknown, unless even the best or the worst it can be decides."""
        low, high = ends
        up = self.source.op in (">=", ">")
        best, worst = (high, low) if up else (low, high)
        if self.source.op != "==" and best is not None and not self.reaches(best, line):
            return Finding(self, UNMET, threshold=line, year=year, missing=missing, high=best)
        if self.source.op != "==" and worst is not None and self.reaches(worst, line):
            return Finding(self, MET, threshold=line, year=year, missing=missing, high=worst)
        return Finding(self, UNKNOWN, threshold=line, year=year, missing=missing)

    def _near(self, value: Any, line: Number, pct: int) -> bool:
        """Within ``pct`` percent of the line, on the wrong side (domain.md 5; 待核)."""
        if self.source.op in (">=", ">"):
            edge = line * Fraction(100 - pct, 100)
            return line > 0 and (value.compare(edge) >= 0 if isinstance(value, Compound) else value >= edge)
        return line > 0 and not isinstance(value, Compound) and value <= line * Fraction(100 + pct, 100)

    def _of_years(self, singles: list[Finding], line: Number) -> Finding:
        each = self.span == "each"
        results = [one.result for one in singles]
        result = max(results) if each else min(results, key=_ANY_ORDER.__getitem__)
        deciding = next(one for one in singles if one.result == result)
        if each and result == UNMET:
            deciding = min((one for one in singles if one.result == UNMET), key=lambda one: self._badness(one, line))
        values = tuple((one.year or 0, one.value) for one in singles)
        missing = tuple(dict.fromkeys(key for one in singles for key in one.missing))
        return Finding(self, result, deciding.near, deciding.value, line, deciding.year, values, missing)

    def _badness(self, one: Finding, line: Number) -> Fraction:
        """Smallest first: how far on the good side (never positive here)."""
        value = one.value
        if isinstance(value, Compound) or value is None:
            return Fraction(0)
        return Fraction(value - line if self.source.op in (">=", ">") else line - value)

    def _total(self, look: Look, line: Number) -> Finding:
        years = [look.year - back for back in self.backs]
        values = tuple((year, look.value(self.field, year)) for year in years)
        known = [value for _, value in values if isinstance(value, (int, Fraction))]
        missing = tuple(dict.fromkeys(key for year, value in values if value is None for key in look.missing(self.field, year)))
        divisor = len(years) if self.span == "mean" else 1
        if len(known) == len(years):
            total = exact(Fraction(sum(known)) / divisor)
            met = self.reaches(total, line)
            return Finding(self, MET if met else UNMET, not met and self._near(total, line, look.near), total, line, None, values)
        ends = [look.ends(self.field, year) for year in years]
        lows, highs = [low for low, _ in ends], [high for _, high in ends]
        low = None if None in lows else exact(Fraction(sum(lows)) / divisor)  # type: ignore[arg-type]
        high = None if None in highs else exact(Fraction(sum(highs)) / divisor)  # type: ignore[arg-type]
        found = self._bounded(look, (low, high), line, missing, None)
        found.values = values
        return found


@dataclass(frozen=True, slots=True)
class WordLeaf:
    """A flag, a choice, an industry, or titles held: ``test(value)`` on each of ``fields``."""

    source: Condition
    fields: tuple[str, ...]
    back: int | None
    test: Callable[[Any], bool]
    every: bool = False

    def judge(self, look: Look) -> Finding:
        year = None if self.back is None else look.year - self.back
        if len(self.fields) == 1:
            return self._one(look, self.fields[0], year)
        values = [look.value(name, year) for name in self.fields]
        results = [MANUAL if value is HUMAN else UNKNOWN if value is None else MET if self.test(value) else UNMET for value in values]
        result = max(results) if self.every else min(results, key=_ANY_ORDER.__getitem__)
        value = tuple(name for name, one in zip(self.fields, values, strict=True) if one is True)
        missing = () if result in (MET, UNMET) else tuple(
            key for name, one in zip(self.fields, values, strict=True) if one is None for key in look.missing(name, year)
        )
        if result == MANUAL:
            return _by_person(self, look, value)
        return Finding(self, result, value=value, year=year, missing=missing)

    def _one(self, look: Look, name: str, year: int | None) -> Finding:
        value = look.value(name, year)
        if value is None:
            return Finding(self, UNKNOWN, year=year, missing=look.missing(name, year))
        if value is HUMAN:
            return _by_person(self, look, None)
        return Finding(self, MET if self.test(value) else UNMET, value=value, year=year)


@dataclass(frozen=True, slots=True)
class ManualLeaf:
    """A person judges; the recorded judgement counts as met or unmet."""

    source: Condition

    def judge(self, look: Look) -> Finding:
        return _by_person(self, look, None)


def _by_person(node: Node, look: Look, value: Any) -> Finding:
    said = look.judgements.get(node.source.id or "")
    if said is None:
        return Finding(node, MANUAL)
    return Finding(node, MET if said else UNMET, value=bool(said), judged=True)


@dataclass(frozen=True, slots=True)
class ScoreLeaf:
    """A score against its line. It decides only when both ends of the interval agree."""

    source: Condition
    part: str
    line: Number | None
    reaches: Callable[[Any, Number], bool] = hidden(repr=False)

    def judge(self, look: Look) -> Finding:
        line = look.parameters[self.source.parameter or ""] if self.line is None else self.line
        low, high, missing = look.scores[self.part]
        if self.reaches(low, line):
            result = MET
        elif not self.reaches(high, line):
            result = UNMET
        else:
            result = UNKNOWN if missing else MANUAL
        near = result == UNMET and line > 0 and high >= line * Fraction(100 - look.near, 100)
        return Finding(self, result, near, low, line, missing=missing if result == UNKNOWN else (), high=high)


def period_backs(period: str | None) -> tuple[int, ...]:
    """Years before the year of the question."""
    return () if period is None else PERIOD_OFFSETS[period]


def reaches(op: str) -> Callable[[Any, Number], bool]:
    """The comparison of an operator; compound growth is compared by powers."""
    return _reaches(op)
