"""Raw values of one item to 0 … 100 by each method, as whole numbers over one denominator: exact, and fast enough for every what-if.

No spread (all towns equal) gives 100 in every method but that of targets; a count nobody has gives the floor. The method of targets looks at
no other town. Where the two percentiles fall together although towns differ, a value at least as good as them gets 100, a worse one the floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from app.indicators.rules.references import Reference, common
from app.indicators.rules.scheme import ItemKind, Method, Scheme, ScoredItem

Scores = tuple[list[int], int]
"""Numerators and their common denominator; the score of a hundred is one through the other."""


def scores(scheme: Scheme, item: ScoredItem, method: Method, values: Sequence[Fraction], found: Reference | None) -> Scores:
    """Scores of these values (as entered) in their order. ``found``: None only for graded items and when there are no values."""
    if item.kind is ItemKind.GRADED or found is None:
        return common(values) if values else ([], 1)
    if method is Method.TARGET:
        return _target(item, values)
    floor = floor_of(scheme, method)
    if method is Method.RANK:
        return _rank(item, values, floor)
    if method is Method.HYBRID and item.kind is ItemKind.COUNT:
        return _count(scheme, values, found, floor)
    low, high = (found.minimum, found.maximum) if method is Method.MINMAX else (found.low, found.high)
    return _between(item, values, low, high, floor)


def floor_of(scheme: Scheme, method: Method) -> int:
    """Lowest score of a quantitative item."""
    return {Method.HYBRID: scheme.floor, Method.EFFICACY: scheme.efficacy_floor}.get(method, 0)


def is_sparse(scheme: Scheme, found: Reference) -> bool:
    """Whether a count is scored by steps."""
    return found.count < scheme.sparse_below


def count_goal(found: Reference) -> Fraction:
    """What a count is measured against when it is not sparse."""
    return max(found.target or Fraction(0), found.count)


def _between(item: ScoredItem, values: Sequence[Fraction], low: Fraction, high: Fraction, floor: int) -> Scores:
    """Floor at the low bound, 100 at the high one, clipped; mirrored for an inverse item."""
    numbers, _ = common([*values, low, high])
    *numbers, bottom, top = numbers
    span = top - bottom
    if not span:
        worst = item.kind is ItemKind.COUNT and not bottom
        good = [(x > bottom or (x == bottom and not worst)) if not item.inverse else x <= bottom for x in numbers]
        return [100 if one else floor for one in good], 1
    base, rise = floor * span, 100 - floor
    if item.inverse:
        return [base + rise * min(max(top - x, 0), span) for x in numbers], span
    return [base + rise * min(max(x - bottom, 0), span) for x in numbers], span


def _count(scheme: Scheme, values: Sequence[Fraction], found: Reference, floor: int) -> Scores:
    rise = 100 - floor
    if found.flat and found.maximum > 0 and min(values) >= found.maximum:
        return [100] * len(values), 1
    if is_sparse(scheme, found):
        steps = scheme.sparse_steps
        return [100 * floor + rise * steps[min(max(int(value), 0), len(steps) - 1)] for value in values], 100
    numbers, _ = common([*values, count_goal(found)])
    *numbers, goal = numbers
    return [floor * goal + rise * min(max(x, 0), goal) for x in numbers], goal


def _rank(item: ScoredItem, values: Sequence[Fraction], floor: int) -> Scores:
    """100 (n - r) / (n - 1), equal values share the average of their ranks."""
    numbers, _ = common(values)
    n = len(numbers)
    if min(numbers) == max(numbers):
        return [floor if item.kind is ItemKind.COUNT and not numbers[0] else 100] * n, 1
    if item.inverse:
        numbers = [-x for x in numbers]
    ordered = sorted(numbers, reverse=True)
    first: dict[int, int] = {}
    times: dict[int, int] = {}
    for place, x in enumerate(ordered):
        first.setdefault(x, place)
        times[x] = times.get(x, 0) + 1
    return [100 * (2 * n - (2 * first[x] + times[x] + 1)) for x in numbers], 2 * (n - 1)


def _target(item: ScoredItem, values: Sequence[Fraction]) -> Scores:
    goal = item.target
    assert goal is not None  # ``Scheme.checked`` refused otherwise
    if item.inverse:
        return common([Fraction(100) if value <= goal else 100 * goal / value for value in values])
    return common([min(max(value, Fraction(0)) / goal, Fraction(1)) * 100 for value in values])
