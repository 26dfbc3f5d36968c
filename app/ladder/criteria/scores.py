"""Score tables: every row gives an interval of points, one point when everything is known.

An edge shared by two bands belongs to the band with more points. Unknown facts open the interval to what is still possible; rows a jury fills
(ranges of points) stay open until their points are recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.ladder.criteria.facts import Key, Number, exact
from app.ladder.criteria.look import Look
from app.ladder.criteria.tree import MET, UNMET, Finding, Node, period_backs
from app.packs.schema.criteria import ScoreItem, ScorePart
from app.packs.vocabulary import MONEY_UNITS

Interval = tuple[Number, Number]


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one row: ``low`` to ``high``. ``missing``: facts that would narrow it; ``jury``: a person gives the points."""

    item: ScoreItem
    low: Number
    high: Number
    missing: tuple[Key, ...] = ()
    value: Any = None
    year: int | None = None
    jury: bool = False
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class PartScore:
    """Points of one part."""

    part: ScorePart
    low: Number
    high: Number
    items: tuple[Points, ...]

    @property
    def missing(self) -> tuple[Key, ...]:
        return tuple(dict.fromkeys(key for item in self.items for key in item.missing))


@dataclass(frozen=True, slots=True)
class Row:
    """A row ready to be asked."""

    item: ScoreItem
    judge: Callable[[Look], Points]


@dataclass(frozen=True, slots=True)
class Table:
    """A score table ready to be asked."""

    parts: tuple[tuple[ScorePart, tuple[Row, ...]], ...]

    def judge(self, look: Look) -> tuple[PartScore, ...]:
        """Points of every part; leaves the sums where score leaves look for them."""
        found = tuple(_part(part, rows, look) for part, rows in self.parts)
        for one in found:
            look.scores[one.part.code] = (one.low, one.high, one.missing)
        missing = tuple(dict.fromkeys(key for one in found for key in one.missing))
        look.scores["total"] = (sum(one.low for one in found), sum(one.high for one in found), missing)
        return found


def _part(part: ScorePart, rows: Sequence[Row], look: Look) -> PartScore:
    items = tuple(_with_judgement(row.judge(look), look) for row in rows)
    if not rows:  # a local part no province has filled in
        return PartScore(part, 0, exact(part.max), ())
    top = exact(part.max)
    return PartScore(part, min(top, sum(item.low for item in items)), min(top, sum(item.high for item in items)), items)


def _with_judgement(points: Points, look: Look) -> Points:
    """Recorded points of a jury, never outside what the facts leave open."""
    given = look.judgements.get(points.item.id)
    if given is None or isinstance(given, bool) or points.low == points.high:
        return points
    value = min(max(exact(given), points.low), points.high)
    return Points(points.item, value, value, (), points.value, points.year, False, points.findings)


def compile_row(item: ScoreItem, node_of: Callable[..., Node], scale: int) -> Row:
    """``node_of``: turns a condition of the row into a node; ``scale``: base units (元) per printed unit of the bands."""
    if item.bands:
        return Row(item, _bands(item, scale))
    if item.per is not None:
        return Row(item, _steps(item, scale))
    if item.cases:
        return Row(item, _cases(item, [node_of(case.when) for case in item.cases]))
    if item.sum_of:
        return Row(item, _sum_of(item, [node_of(case.when) for case in item.sum_of]))
    if item.better_of:
        return Row(item, _better_of(item, [compile_row(inner, node_of, scale_of(inner)) for inner in item.better_of]))
    return Row(item, lambda look: Points(item, 0, exact(item.max), jury=True))


def scale_of(item: ScoreItem) -> int:
    """元 per printed unit; 1 for anything but money."""
    return MONEY_UNITS.get(item.unit or "", 1)


def _span(points: Any) -> Interval:
    low = exact(points.points)
    return low, low if points.points_to is None else exact(points.points_to)


def _value(item: ScoreItem, look: Look) -> tuple[Any, int | None, tuple[Key, ...]]:
    """The number a row looks at: one year, a state, or a sum or mean of years."""
    assert item.field is not None
    backs = period_backs(item.period)
    if len(backs) <= 1:
        year = look.year - backs[0] if backs else None
        return look.value(item.field, year), year, look.missing(item.field, year)
    years = [look.year - back for back in backs]
    values = [look.value(item.field, year) for year in years]
    missing = tuple(dict.fromkeys(key for year in years for key in look.missing(item.field, year)))
    if None in values:
        return None, None, missing
    total = Fraction(sum(values)) / (len(values) if item.span == "mean" else 1)
    return exact(total), None, ()


def _bands(item: ScoreItem, scale: int) -> Callable[[Look], Points]:
    rows = [
        (None if band.start is None else exact(band.start) * scale, band.above is not None, None if band.to is None else exact(band.to) * scale, _span(band))
        for band in item.bands
    ]
    worst, best = min(row[3][0] for row in rows), max(row[3][1] for row in rows)

    def judge(look: Look) -> Points:
        value, year, missing = _value(item, look)
        if not isinstance(value, (int, Fraction)):
            return Points(item, worst, best, missing, None, year)
        fitting = [
            span for start, strict, end, span in rows
            if (start is None or value > start or (value == start and not strict)) and (end is None or value <= end)
        ]
        low, high = max(fitting, key=lambda span: (span[1], span[0]))
        return Points(item, low, high, (), value, year, low != high)

    return judge


def _steps(item: ScoreItem, scale: int) -> Callable[[Look], Points]:
    assert item.per is not None and item.points is not None
    per, points, top = exact(item.per) * scale, exact(item.points), exact(item.max)

    def judge(look: Look) -> Points:
        value, year, missing = _value(item, look)
        if not isinstance(value, (int, Fraction)):
            return Points(item, 0, top, missing, None, year)
        got = max(0, min(top, (Fraction(value) / per).__floor__() * points))
        return Points(item, got, got, (), value, year)

    return judge


def _cases(item: ScoreItem, nodes: list[Node]) -> Callable[[Look], Points]:
    """The best case that holds."""
    spans, floor = [_span(case) for case in item.cases], exact(item.otherwise)

    def judge(look: Look) -> Points:
        findings = tuple(node.judge(look) for node in nodes)
        sure = [span for span, one in zip(spans, findings, strict=True) if one.result == MET]
        open_ = [(span, one) for span, one in zip(spans, findings, strict=True) if one.result not in (MET, UNMET)]
        low, high = max((span[0] for span in sure), default=floor), max((span[1] for span in sure), default=floor)
        top = max((span[1] for span, _ in open_), default=floor)
        better = [one for span, one in open_ if span[1] > low]
        missing = tuple(dict.fromkeys(key for one in better for key in one.missing))
        return Points(item, low, max(high, top), missing, None, None, low != max(high, top) and not missing, findings)

    return judge


def _sum_of(item: ScoreItem, nodes: list[Node]) -> Callable[[Look], Points]:
    """Points of all cases that hold, capped at the row's maximum."""
    spans, top = [_span(case) for case in item.sum_of], exact(item.max)

    def judge(look: Look) -> Points:
        findings = tuple(node.judge(look) for node in nodes)
        low = min(top, sum(span[0] for span, one in zip(spans, findings, strict=True) if one.result == MET))
        high = min(top, sum(span[1] for span, one in zip(spans, findings, strict=True) if one.result != UNMET))
        missing = tuple(dict.fromkeys(key for one in findings for key in one.missing)) if low != high else ()
        return Points(item, low, high, missing, None, None, low != high and not missing, findings)

    return judge


def _better_of(item: ScoreItem, rows: list[Row]) -> Callable[[Look], Points]:
    def judge(look: Look) -> Points:
        found = [row.judge(look) for row in rows]
        low, high = max(one.low for one in found), max(one.high for one in found)
        best = max(found, key=lambda one: (one.low, one.high))
        missing = tuple(dict.fromkeys(key for one in found if one.high > low for key in one.missing)) if low != high else ()
        return Points(item, low, high, missing, best.value, best.year, low != high and not missing)

    return judge
