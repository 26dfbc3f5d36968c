"""Score tables and cases leave no value without an answer and give none two: no gap, no overlap, points within their maximum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from app.packs.schema.criteria import Band, Case, PointCase, ScoreItem, ScorePart

Message = tuple[str, str, str]
"""Code of the fault, id of the row, Chinese sentence."""
_LOW, _HIGH = Decimal("-Infinity"), Decimal("Infinity")


def lint_parts(parts: Sequence[ScorePart]) -> Iterator[Message]:
    """Rows and sums of a score table."""
    for part in parts:
        if part.items and part.local:
            yield "score_local", part.code, "local 的部分由省定评分项填写（local_scores），这里不写 items。"
        if not part.items and not part.local:
            yield "score_empty", part.code, "没有评分项，请补上，或标明 local: true。"
        if part.items:
            yield from lint_sum(part.code, part.max, part.items, capped=part.capped)
        for item in part.items:
            yield from lint_item(item)


def lint_sum(code: str, maximum: Decimal, items: Sequence[ScoreItem], *, capped: bool = False) -> Iterator[Message]:
    """The rows of a part add up to its maximum (``capped``: or to more)."""
    total = sum((item.max for item in items), Decimal(0))
    if total != maximum and not (capped and total > maximum):
        yield "score_sum", code, f"各评分项满分合计 {total}，应等于这一部分的满分 {maximum}。"


def lint_item(item: ScoreItem, *, inner: bool = False) -> Iterator[Message]:
    """One row: clause, bands, points."""
    if not item.clause and not inner:
        yield "clause_missing", item.id, "没有写依据条款 clause，评分项必须写明出处。"
    for points in _points(item):
        if points > item.max or points < 0:
            yield "points_out_of_range", item.id, f"分值 {points} 不在 0 至满分 {item.max} 之间。"
    if item.bands:
        yield from (("band_gap", item.id, text) for text in _band_faults(item.bands))
    for choice in item.better_of:
        yield from lint_item(choice, inner=True)


def lint_cases(name: str, cases: Sequence[Case]) -> Iterator[Message]:
    """The numeric branches of a ``choose`` meet edge to edge, each edge in exactly one of them."""
    numeric = [case for case in cases if not case.starts_with and case.equals is None]
    if numeric and len(numeric) != len(cases):
        yield "cases_mixed", name, "同一组 cases 里数值范围不能与行业、选项混用。"
    ordered = sorted(numeric, key=lambda case: (_start(case), case.above is not None))
    for earlier, later in pairwise(ordered):
        end = earlier.to if earlier.to is not None else earlier.below
        start = later.from_ if later.from_ is not None else later.above
        if end is None or start is None or start < end:
            yield "band_overlap", name, f"两种情形的范围重叠（{_range(earlier)} 与 {_range(later)}）。"
        elif start > end:
            yield "band_gap", name, f"两种情形之间有空档（{end} 与 {start} 之间）。"
        elif (earlier.to is not None) == (later.from_ is not None):
            both = "都包含" if earlier.to is not None else "都不包含"
            yield "band_overlap" if earlier.to is not None else "band_gap", name, f"两种情形{both}边界值 {end}，请把其中一个改为 above 或 below。"
    yield from _prefix_faults(name, cases)


def _prefix_faults(name: str, cases: Sequence[Case]) -> Iterator[Message]:
    seen: set[str] = set()
    for case in cases:
        for prefix in case.starts_with:
            if prefix in seen:
                yield "band_overlap", name, f"行业 {prefix} 出现在两种情形里。"
            seen.add(prefix)
    equals = [case.equals for case in cases if case.equals is not None]
    for code in {code for code in equals if equals.count(code) > 1}:
        yield "band_overlap", name, f"选项 {code} 写了两次。"


def _start(case: Case) -> Decimal:
    return case.from_ if case.from_ is not None else case.above if case.above is not None else _LOW


def _range(case: Case) -> str:
    left = f"≥{case.from_}" if case.from_ is not None else f">{case.above}" if case.above is not None else ""
    right = f"≤{case.to}" if case.to is not None else f"<{case.below}" if case.below is not None else ""
    return "且".join(part for part in (left, right) if part)


def _points(item: ScoreItem) -> Iterator[Decimal]:
    rows: tuple[Band | PointCase, ...] = (*item.bands, *item.cases, *item.sum_of)
    for row in rows:
        yield row.points
        if row.points_to is not None:
            yield row.points_to
    for choice in item.better_of:
        yield choice.max
    yield item.otherwise


def _band_faults(bands: Sequence[Band]) -> Iterator[str]:
    ordered = sorted(bands, key=lambda band: _LOW if band.start is None else band.start)
    if ordered[0].start is not None:
        yield f"低于 {ordered[0].start} 的数没有对应的分值，最低一档不要写 from。"
    if ordered[-1].to is not None:
        yield f"高于 {ordered[-1].to} 的数没有对应的分值，最高一档不要写 to。"
    for earlier, later in pairwise(ordered):
        end, start = _HIGH if earlier.to is None else earlier.to, _LOW if later.start is None else later.start
        if end < start:
            yield f"{end} 与 {start} 之间有空档。"
        elif end > start:
            yield f"两档重叠（{start} 至 {'以上' if end == _HIGH else end}）。"
        elif earlier.points == later.points and earlier.points_to == later.points_to:
            yield f"边界值 {end} 两侧的分值相同，请合并成一档。"
