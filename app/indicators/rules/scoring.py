"""Points, totals, status and rank of every town of a round (domain rules of scoring; exact arithmetic, no inner rounding).

Raw values enter capped; missing is never 0: a town that lacks a scored item has points where it has values, and neither total nor rank. A
positive veto takes the rank and leaves the total; a pending one leaves the rank provisional.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from app.indicators.rules.methods import scores
from app.indicators.rules.references import Reference, references
from app.indicators.rules.scheme import ItemKind, Method, Scheme, ScoredItem

UNIT = 10_000
"""Hundredths of a point times hundredths of a score: what numerators of points stand over, beside the item's denominator."""


class Status(StrEnum):
    """Standing of a town in a round."""

    RANKED = "ranked"
    PROVISIONAL = "provisional"
    UNRANKED = "unranked"
    VETOED = "vetoed"

    @property
    def label(self) -> str:
        return {"ranked": "已排名", "provisional": "名次待定（否决待核查）", "unranked": "暂不排名（缺数据）", "vetoed": "一票否决"}[self.value]


class Veto(StrEnum):
    """What is known of number 26."""

    CLEAR = "clear"
    PENDING = "pending"
    POSITIVE = "positive"

    @property
    def label(self) -> str:
        return {"clear": "无", "pending": "待核查", "positive": "有"}[self.value]


@dataclass(frozen=True)
class TownFacts:
    """A town as scoring sees it. ``values``: item -> raw value (graded items: the panel's mean); ``substitutes``: approved ones, used where no
    value is, and no part of the references; ``not_applicable``: growth items that do not apply."""

    code: str
    values: Mapping[str, Fraction]
    substitutes: Mapping[str, Fraction] = field(default_factory=dict)
    not_applicable: frozenset[str] = frozenset()
    veto: Veto = Veto.CLEAR


class Cell(NamedTuple):
    """One value with its points. ``score`` / ``over``: 0 to 100 as a fraction; ``weight`` in hundredths of a point, after what moved."""

    raw: Fraction | None
    score: int
    over: int
    weight: int
    substitute: bool = False
    not_applicable: bool = False

    @property
    def missing(self) -> bool:
        return self.raw is None and not self.not_applicable

    @property
    def shown_score(self) -> Decimal | None:
        return None if self.raw is None else half_up(self.score, self.over)

    @property
    def shown_points(self) -> Decimal | None:
        return None if self.raw is None else half_up(self.weight * self.score, UNIT * self.over)


@dataclass(frozen=True)
class TownScore:
    """``total`` None: something is missing. ``parts``: shown points of the indicators that decide ties."""

    code: str
    status: Status
    total: Decimal | None
    rank: int | None
    cells: Mapping[str, Cell]
    missing: tuple[str, ...]
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Towns by rank, then those without, by code."""

    scheme: Scheme
    method: Method
    references: Mapping[str, Reference]
    towns: tuple[TownScore, ...]

    def town(self, code: str) -> TownScore | None:
        return next((town for town in self.towns if town.code == code), None)


def panel(scheme: Scheme, marks: Sequence[str]) -> Fraction | None:
    """Mean of the reviewers' grades: None below the minimum number, without the highest and lowest from five on."""
    points = sorted(scheme.marks[mark] for mark in marks)
    if len(points) < scheme.graders_min:
        return None
    kept = points[1:-1] if len(points) >= scheme.trim_from else points
    return Fraction(sum(kept), len(kept))


def improvement(before: Fraction | None, now: Fraction | None) -> Fraction | None:
    """Number 21 from two years of number 20, in percent and unrounded; None without an earlier year."""
    return None if before is None or now is None or before <= 0 else (before - now) * 100 / before


def score(scheme: Scheme, towns: Sequence[TownFacts], method: Method | None = None, frozen: Mapping[str, Reference] | None = None) -> Outcome:
    """Score and rank. ``frozen``: references of the locked round; without them those of these towns. Raises ``Invalid`` when targets are lacking."""
    method = scheme.checked(method or scheme.method)
    entered = [_entered(scheme, town.values) for town in towns]
    found = references(scheme, entered) if frozen is None else frozen
    table = Table(scheme, method, towns, entered, found)
    return Outcome(scheme, method, found, ranked(table))


def _entered(scheme: Scheme, values: Mapping[str, Fraction]) -> dict[str, Fraction]:
    by_key = scheme.by_key
    return {key: by_key[key].entered(value) for key, value in values.items() if key in by_key}


class Column(NamedTuple):
    """One item of all towns that have it: place of the town -> numerator, over one denominator."""

    scores: Mapping[int, int]
    over: int


class Table:
    """Scores by item; totals are exact sums over one denominator. Kept apart from ranking so that one item can be exchanged and ranked anew."""

    def __init__(
        self, scheme: Scheme, method: Method, towns: Sequence[TownFacts], entered: Sequence[Mapping[str, Fraction]], found: Mapping[str, Reference],
    ) -> None:
        self.scheme, self.method, self.towns, self.entered = scheme, method, towns, entered
        self.spare = [_entered(scheme, town.substitutes) if town.substitutes else {} for town in towns]
        self.columns = {item.key: self.column(item, found.get(item.key)) for item in scheme.items}
        self.moved = {place: _moved(scheme, town) for place, town in enumerate(towns) if town.not_applicable}

    def column(self, item: ScoredItem, found: Reference | None, entered: Sequence[Mapping[str, Fraction]] | None = None) -> Column:
        """Scores of one item, of the given values instead of its own if there are any."""
        key, rows = item.key, self.entered if entered is None else entered
        places, values = [], []
        for place, row in enumerate(rows):
            value = row.get(key)
            if value is None and self.spare[place]:
                value = self.spare[place].get(key)
            if value is not None and not (item.amount and key in self.towns[place].not_applicable):
                places.append(place)
                values.append(value)
        if values and found is None and item.kind is not ItemKind.GRADED:
            return Column({}, 1)  # only substitutes, and nothing to measure them against
        numbers, over = scores(self.scheme, item, self.method, values, found)
        return Column(dict(zip(places, numbers, strict=True)), over)

    def weight(self, place: int, item: ScoredItem) -> int:
        return self.moved[place].get(item.key, item.weight) if place in self.moved else item.weight

    def missing(self, place: int) -> tuple[str, ...]:
        """Scored items of a town without a value."""
        gone = self.towns[place].not_applicable
        return tuple(i.key for i in self.scheme.items if i.weight and place not in self.columns[i.key].scores and not (i.amount and i.key in gone))

    def cell(self, place: int, item: ScoredItem) -> Cell:
        town, column = self.towns[place], self.columns[item.key]
        weight = self.weight(place, item)
        if place not in column.scores:
            return Cell(None, 0, 1, weight, not_applicable=bool(item.amount) and item.key in town.not_applicable)
        own = town.values.get(item.key)
        return Cell(town.substitutes.get(item.key) if own is None else own, column.scores[place], column.over, weight, substitute=own is None)

    def sums(self) -> tuple[list[int | None], int]:
        """Exact total of every complete town (None: something is missing) over a common denominator."""
        whole = lcm(*{column.over for column in self.columns.values()})
        lines = [(item, self.columns[item.key].scores, whole // self.columns[item.key].over) for item in self.scheme.items]
        totals: list[int | None] = []
        for place in range(len(self.towns)):
            if self.missing(place):
                totals.append(None)
            elif place in self.moved:
                totals.append(sum(self.weight(place, item) * by * numbers[place] for item, numbers, by in lines if place in numbers))
            else:
                totals.append(sum(item.weight * by * numbers[place] for item, numbers, by in lines if item.weight))
        return totals, whole * UNIT

    def parts(self, place: int) -> tuple[int, ...]:
        """Shown points of the indicators that decide ties, in hundredths."""
        found = []
        for seq in self.scheme.ties:
            over, exact = 1, 0
            for item in self.scheme.items:
                column = self.columns[item.key]
                if item.seq == seq and place in column.scores:
                    exact, over = exact * column.over + self.weight(place, item) * column.scores[place] * over, over * column.over
            found.append(hundredths(exact, over * UNIT))
        return tuple(found)


def _moved(scheme: Scheme, town: TownFacts) -> dict[str, int]:
    """Weights of a town where growth does not apply: the amount takes them."""
    weights: dict[str, int] = {}
    for item in scheme.items:
        if item.amount and item.key in town.not_applicable:
            weights[item.key] = 0
            weights[item.amount] = weights.get(item.amount, scheme.by_key[item.amount].weight) + item.weight
    return weights


def ranked(table: Table) -> tuple[TownScore, ...]:
    """Standing of every town: by shown total, then the shown points of the tie indicators, then a shared rank listed by code."""
    sums, over = table.sums()
    towns = table.towns
    shown = [None if total is None else hundredths(total, over) for total in sums]
    parts = [table.parts(place) for place in range(len(towns))]
    rank = order(shown, parts, [town.veto is Veto.POSITIVE for town in towns])
    made = [
        TownScore(
            town.code, _status(town, shown[place]), _decimal(shown[place]), rank.get(place),
            {item.key: table.cell(place, item) for item in table.scheme.items}, table.missing(place), parts[place],
        )
        for place, town in enumerate(towns)
    ]
    return tuple(sorted(made, key=lambda one: (one.rank is None, one.rank or 0, one.total is None, one.code)))


def order(shown: Sequence[int | None], parts: Sequence[tuple[int, ...]], barred: Sequence[bool]) -> dict[int, int]:
    """Place of a town -> rank (1, 2, 2, 4); towns without a total and barred ones have none, the others close up."""
    keys = sorted(
        (-total, *(-part for part in parts[place]), place) for place, total in enumerate(shown) if total is not None and not barred[place]
    )
    rank: dict[int, int] = {}
    last: tuple[int, ...] = ()
    for number, (*key, place) in enumerate(keys, 1):
        rank[place] = rank[keys[number - 2][-1]] if tuple(key) == last else number
        last = tuple(key)
    return rank


def _status(town: TownFacts, total: int | None) -> Status:
    if town.veto is Veto.POSITIVE:
        return Status.VETOED
    if total is None:
        return Status.UNRANKED
    return Status.PROVISIONAL if town.veto is Veto.PENDING else Status.RANKED


def hundredths(number: int, over: int) -> int:
    """Half up (scores are never negative)."""
    return (200 * number + over) // (2 * over)


def half_up(number: int, over: int) -> Decimal:
    """Two places, half up."""
    return Decimal(hundredths(number, over)).scaleb(-2)


def _decimal(shown: int | None) -> Decimal | None:
    return None if shown is None else Decimal(shown).scaleb(-2)
