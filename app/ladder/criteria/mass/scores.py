"""Score tables as SQL: every row, part and the total as an interval of whole points (times a scale). Mirrors `criteria.scores`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from app.ladder.criteria.facts import exact
from app.ladder.criteria.mass.inputs import ANSWER_SCALE
from app.ladder.criteria.mass.nodes import Made, Maker
from app.ladder.criteria.mass.sheet import Unsupported
from app.ladder.criteria.mass.values import FALSE, NEVER, Num, Value
from app.ladder.criteria.scores import scale_of
from app.ladder.criteria.tree import period_backs
from app.packs.criteria_tree import items
from app.packs.schema.criteria import ScoreItem, ScorePart

MOST_STEPS = 60
Span = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Points:
    """Texts: lowest and highest points (scaled), and 1 while facts are missing that would narrow them."""

    low: str
    high: str
    missing: str = "0"

    @property
    def fixed(self) -> bool:
        return self.low == self.high


def scale_for(parts: Sequence[ScorePart]) -> int:
    """The least number that makes all points of a table whole."""
    return lcm(1, *(Fraction(exact(one)).denominator for item in items(tuple(parts)) for one in _numbers(item)), *(
        Fraction(exact(part.max)).denominator for part in parts
    ))


def _numbers(item: ScoreItem) -> Iterable[Any]:
    yield from (item.max, item.otherwise, *([item.points] if item.points is not None else []))
    rows: tuple[Any, ...] = (*item.bands, *item.cases, *item.sum_of)
    for row in rows:
        yield row.points
        if row.points_to is not None:
            yield row.points_to


class Scorer:
    """Makes the score table of one version and leaves its sums with the maker, where score conditions find them."""

    def __init__(self, maker: Maker, node_of: Any, scale: int) -> None:
        self.maker, self.sheet, self.node_of, self.scale = maker, maker.sheet, node_of, scale

    def table(self, parts: Sequence[ScorePart]) -> None:
        totals = [self._part(part) for part in parts]
        for part, found in zip(parts, totals, strict=True):
            self.maker.scores[part.code] = (found.low, found.high, found.missing)
        self.maker.scores["total"] = (
            self._add([one.low for one in totals]), self._add([one.high for one in totals]), self._some([one.missing for one in totals]),
        )

    def _part(self, part: ScorePart) -> Points:
        top = self._whole(exact(part.max))
        if not part.items:
            return Points("0", str(top), "0")
        rows = [self._judged(item, self._item(item)) for item in part.items]
        most = sum(int(exact(item.max) * self.scale) for item in part.items)
        low, high = self._add([one.low for one in rows]), self._add([one.high for one in rows])
        if most > top or part.capped:
            low, high = self._capped(low, top), self._capped(high, top)
        return Points(low, high, self._some([one.missing for one in rows]))

    def _capped(self, text: str, top: int) -> str:
        return str(min(int(text), top)) if text.isdigit() else self.sheet.define(f"LEAST({text}, {top})")

    def _add(self, texts: list[str]) -> str:
        fixed, open_ = sum(int(one) for one in texts if one.isdigit()), [one for one in texts if not one.isdigit()]
        if not open_:
            return str(fixed)
        return self.sheet.define(" + ".join([*open_, *([str(fixed)] if fixed else [])]))

    def _some(self, flags: list[str]) -> str:
        if "1" in flags:
            return "1"
        open_ = list(dict.fromkeys(one for one in flags if one != "0"))
        return self.sheet.define(" | ".join(open_)) if open_ else "0"

    def _whole(self, points: Any) -> int:
        return int(Fraction(points) * self.scale)

    def _judged(self, item: ScoreItem, points: Points) -> Points:
        """Recorded points of a jury, never outside what the facts leave open."""
        given = self.maker.inputs.judgement(self.maker.rule, item.id, "number")
        if given is None or points.fixed:
            return points
        if self.scale % ANSWER_SCALE and ANSWER_SCALE % self.scale:
            raise Unsupported("points of a jury")
        if self.scale != 1:
            raise Unsupported("points of a jury in parts")
        low, high = self.sheet.define(points.low), self.sheet.define(points.high)
        said = self.sheet.define(f"CASE WHEN {given} * 1.0 / {ANSWER_SCALE} <> round({given} * 1.0 / {ANSWER_SCALE}) THEN 1 ELSE 0 END")
        self.sheet.doubt(f"{said} = 1")
        value = self.sheet.define(f"LEAST(GREATEST(CAST({given} / {ANSWER_SCALE} AS INTEGER), {low}), {high})")
        closed = f"{given} IS NOT NULL AND {low} <> {high}"
        return Points(
            self.sheet.define(f"CASE WHEN {closed} THEN {value} ELSE {low} END"), self.sheet.define(f"CASE WHEN {closed} THEN {value} ELSE {high} END"),
            points.missing if points.missing == "0" else self.sheet.define(f"CASE WHEN {closed} THEN 0 ELSE {points.missing} END"),
        )

    def _item(self, item: ScoreItem) -> Points:
        if item.bands:
            return self._bands(item)
        if item.per is not None:
            return self._steps(item)
        if item.cases:
            return self._cases(item)
        if item.sum_of:
            return self._sum_of(item)
        if item.better_of:
            return self._better_of(item)
        return Points("0", str(self._whole(exact(item.max))))

    def _value(self, item: ScoreItem) -> tuple[Value, int]:
        """The number a row looks at, and by how much its edges are multiplied (a mean is compared as a sum)."""
        backs, reader = period_backs(item.period), self.maker.reader
        if len(backs) <= 1:
            value = reader.number(item.field or "", reader.year - backs[0] if backs else None)
            if getattr(value, "powers", 0) > 1:
                raise Unsupported("bands over compound growth")
            return value, 1
        values = [reader.plain(item.field or "", reader.year - back) for back in backs]
        if any(one.sql is None for one in values):
            return NEVER, 1
        total = Num(self.sheet.define("(" + " + ".join(str(one.sql) for one in values) + ")"), values[0].scale)
        return total, len(values) if item.span == "mean" else 1

    def _bands(self, item: ScoreItem) -> Points:
        scale = scale_of(item)
        rows: list[tuple[Fraction | None, bool, Fraction | None, Span]] = [
            (None if band.start is None else Fraction(exact(band.start)) * scale, band.above is not None,
             None if band.to is None else Fraction(exact(band.to)) * scale, _span(band)) for band in item.bands
        ]
        worst, best = min(row[3][0] for row in rows), max(row[3][1] for row in rows)
        value, times = self._value(item)
        if value.known == FALSE:
            return Points(str(self._whole(worst)), str(self._whole(best)), "1")
        known = self.sheet.define(f"CASE WHEN {value.known} THEN 1 ELSE 0 END")
        tests = self._pieces(rows, value, times)

        def text(end: int, unknown: Fraction) -> str:
            cases = [f"WHEN {test} THEN {self._whole(span[end])}" for test, span in tests[:-1]]
            usual = f"CASE {' '.join(cases)} ELSE {self._whole(tests[-1][1][end])} END" if cases else str(self._whole(tests[-1][1][end]))
            return self.sheet.define(f"CASE WHEN {known} = 0 THEN {self._whole(unknown)} ELSE {usual} END")

        low = text(0, worst)
        if all(span[0] == span[1] for _, span in tests):
            return Points(low, self.sheet.define(f"CASE WHEN {known} = 0 THEN {self._whole(best)} ELSE {low} END"), self.sheet.define(f"1 - {known}"))
        return Points(low, text(1, best), self.sheet.define(f"1 - {known}"))

    def _pieces(self, rows: Sequence[tuple[Any, bool, Any, Span]], value: Value, times: int) -> list[tuple[str, Span]]:
        """(test, points) from the highest values down; the last one holds for the rest."""
        edges = sorted({edge for start, _, end, _ in rows for edge in (start, end) if edge is not None})
        found: list[tuple[str, Span]] = []

        def add(op: str, edge: Fraction, span: Span) -> None:
            test = value.test(self.sheet, op, edge * times)
            if found and found[-1][1] == span:
                found[-1] = (test, span)
            else:
                found.append((test, span))

        for place in range(len(edges) - 1, -1, -1):
            above = edges[place] + 1 if place == len(edges) - 1 else (edges[place] + edges[place + 1]) / 2
            add(">", edges[place], _fitting(rows, above))
            add(">=", edges[place], _fitting(rows, edges[place]))
        last = _fitting(rows, edges[0] - 1)
        if found and found[-1][1] == last:
            found.pop()
        return [*found, ("1 = 1", last)]

    def _steps(self, item: ScoreItem) -> Points:
        assert item.per is not None and item.points is not None
        per, points, top = Fraction(exact(item.per)) * scale_of(item), Fraction(exact(item.points)), Fraction(exact(item.max))
        value, times = self._value(item)
        if value.known == FALSE:
            return Points("0", str(self._whole(top)), "1")
        most = -(-top // points) if points > 0 else MOST_STEPS + 1
        if most > MOST_STEPS:
            raise Unsupported("too many steps")
        cases = [f"WHEN {value.test(self.sheet, '>=', per * step * times)} THEN {self._whole(min(top, step * points))}" for step in range(int(most), 0, -1)]
        usual = f"CASE {' '.join(cases)} ELSE 0 END"
        known = self.sheet.define(f"CASE WHEN {value.known} THEN 1 ELSE 0 END")
        return Points(
            self.sheet.define(f"CASE WHEN {known} = 0 THEN 0 ELSE {usual} END"),
            self.sheet.define(f"CASE WHEN {known} = 0 THEN {self._whole(top)} ELSE {usual} END"), self.sheet.define(f"1 - {known}"),
        )

    def _asked(self, item: ScoreItem, cases: Sequence[Any]) -> list[tuple[Made, Span]]:
        return [(self.maker.make(self.node_of(item, case.when)), _span(case)) for case in cases]

    def _cases(self, item: ScoreItem) -> Points:
        """The best case that holds."""
        asked, floor = self._asked(item, item.cases), Fraction(exact(item.otherwise))
        codes = [(self.sheet.named(made.code).sql, made.missing, span) for made, span in asked]
        low = self._first([(f"{code} = 0", span[0]) for code, _, span in sorted(codes, key=lambda one: -one[2][0])], floor)
        high = self._first([(f"{code} < 7", max(span[1], floor)) for code, _, span in sorted(codes, key=lambda one: -one[2][1])], floor)
        if low.isdigit() and high.isdigit() and low == high:
            return Points(low, high)
        open_ = [f"({code} IN (1, 3) AND {missing} AND {self._whole(span[1])} > {low})" for code, missing, span in codes if missing != FALSE]
        return Points(low, high, self.sheet.define(f"CASE WHEN {' OR '.join(open_)} THEN 1 ELSE 0 END") if open_ else "0")

    def _first(self, tests: list[tuple[str, Fraction]], floor: Fraction) -> str:
        cases, rest = [], self._whole(floor)
        for test, points in tests:
            left = test.split(" ")[0]
            if left.isdigit():
                if (int(left) == 0) if test.endswith("= 0") else (int(left) < 7):
                    rest = self._whole(points)
                    break
                continue
            cases.append(f"WHEN {test} THEN {self._whole(points)}")
        return self.sheet.define(f"CASE {' '.join(cases)} ELSE {rest} END") if cases else str(rest)

    def _sum_of(self, item: ScoreItem) -> Points:
        """Points of all cases that hold, capped at the row's maximum."""
        asked, top = self._asked(item, item.sum_of), self._whole(exact(item.max))
        codes = [(self.sheet.named(made.code).sql, made.missing, span) for made, span in asked]
        low = self._capped(self._add([self._first([(f"{code} = 0", span[0])], Fraction(0)) for code, _, span in codes]), top)
        high = self._capped(self._add([self._first([(f"{code} < 7", span[1])], Fraction(0)) for code, _, span in codes]), top)
        missing = [one for _, one, _ in codes if one != FALSE]
        if low == high or not missing:
            return Points(low, high)
        return Points(low, high, self.sheet.define(f"CASE WHEN {low} <> {high} AND ({' OR '.join(missing)}) THEN 1 ELSE 0 END"))

    def _better_of(self, item: ScoreItem) -> Points:
        rows = [self._item(inner) for inner in item.better_of]
        low, high = self._best([one.low for one in rows]), self._best([one.high for one in rows])
        open_ = [f"({one.missing} = 1 AND {one.high} > {low})" for one in rows if one.missing != "0"]
        if low == high or not open_:
            return Points(low, high)
        return Points(low, high, self.sheet.define(f"CASE WHEN {low} <> {high} AND ({' OR '.join(open_)}) THEN 1 ELSE 0 END"))

    def _best(self, texts: list[str]) -> str:
        unique = list(dict.fromkeys(texts))
        if all(one.isdigit() for one in unique):
            return str(max(int(one) for one in unique))
        return unique[0] if len(unique) == 1 else self.sheet.define(f"GREATEST({', '.join(unique)})")


def _span(points: Any) -> Span:
    low = Fraction(exact(points.points))
    return low, low if points.points_to is None else Fraction(exact(points.points_to))


def _fitting(rows: Sequence[tuple[Any, bool, Any, Span]], value: Fraction) -> Span:
    fitting = [
        span for start, strict, end, span in rows
        if (start is None or value > start or (value == start and not strict)) and (end is None or value <= end)
    ]
    if not fitting:
        raise Unsupported("a gap between bands")
    return max(fitting, key=lambda span: (span[1], span[0]))
