"""How far ranks move: between the methods, and when a single value is an outlier.

The outlier: the best value of one quantitative item is tripled (a third of it for an inverse item), references are taken anew and everybody is
ranked again; the town that holds the value is left out of its own range. One item after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.indicators.rules.references import reference, references
from app.indicators.rules.scheme import ItemKind, Method, Scheme, ScoredItem
from app.indicators.rules.scoring import Table, TownFacts, Veto, _entered, hundredths, order

FACTOR = 3


@dataclass(frozen=True)
class Stability:
    """Ranks of one town. ``methods``: by every method that can be used; ``outlier``: best and worst under one outlier."""

    code: str
    methods: Mapping[Method, int]
    outlier: tuple[int, int]

    @property
    def range(self) -> tuple[int, int]:
        """Best and worst between the methods."""
        return min(self.methods.values()), max(self.methods.values())


def stability(scheme: Scheme, towns: Sequence[TownFacts]) -> dict[str, Stability]:
    """Of every town that has a rank."""
    entered = [_entered(scheme, town.values) for town in towns]
    found = references(scheme, entered)
    barred = [town.veto is Veto.POSITIVE for town in towns]
    by_method = {}
    tables = {method: Table(scheme, method, towns, entered, found) for method in scheme.methods}
    for method, table in tables.items():
        by_method[method] = _ranks(table, barred)
    base = by_method[scheme.method]
    low, high = dict(base), dict(base)
    for item in scheme.items:
        if item.kind is not ItemKind.GRADED and (moved := _outlier(item, entered)) is not None:
            place, rows = moved
            for other, rank in _exchanged(tables[scheme.method], item, rows, barred).items():
                if other != place:
                    low[other], high[other] = min(low[other], rank), max(high[other], rank)
    return {
        town.code: Stability(town.code, {m: ranks[place] for m, ranks in by_method.items()}, (low[place], high[place]))
        for place, town in enumerate(towns) if place in base
    }


def _ranks(table: Table, barred: Sequence[bool]) -> dict[int, int]:
    sums, over = table.sums()
    shown = [None if total is None else hundredths(total, over) for total in sums]
    return order(shown, [table.parts(place) for place in range(len(sums))], barred)


def _outlier(item: ScoredItem, entered: Sequence[Mapping[str, Fraction]]) -> tuple[int, list[Mapping[str, Fraction]]] | None:
    """The town with the best value and all rows with that value out of the ordinary; None when nobody has one above 0."""
    places = [place for place, row in enumerate(entered) if item.key in row]
    if not places:
        return None
    best = (min if item.inverse else max)(places, key=lambda place: entered[place][item.key])
    value = entered[best][item.key]
    if value <= 0:
        return None
    rows = list(entered)
    rows[best] = {**rows[best], item.key: item.entered(value / FACTOR if item.inverse else value * FACTOR)}
    return best, rows


def _exchanged(table: Table, item: ScoredItem, rows: Sequence[Mapping[str, Fraction]], barred: Sequence[bool]) -> dict[int, int]:
    """Ranks with one item's scores taken from other values."""
    kept = table.columns[item.key]
    changed = reference(table.scheme, item, [row[item.key] for row in rows if item.key in row])
    table.columns[item.key] = table.column(item, changed, rows)
    try:
        return _ranks(table, barred)
    finally:
        table.columns[item.key] = kept
