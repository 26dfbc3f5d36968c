"""A scoring scheme made ready for arithmetic, and as plain data: a round locks its own copy, so later editions of the pack do not reach it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

from app.kernel.errors import Invalid
from app.packs.schema import Indicator, ScoringScheme
from app.packs.schema.scoring import METHOD_LABELS


class Method(StrEnum):
    """How raw values become 0 to 100. Graded items are the same in all."""

    HYBRID = "hybrid"
    MINMAX = "minmax"
    EFFICACY = "efficacy"
    RANK = "rank"
    TARGET = "target"

    @property
    def label(self) -> str:
        return METHOD_LABELS[self.value]


class ItemKind(StrEnum):
    """What a value is."""

    CONTINUOUS = "continuous"
    COUNT = "count"
    GRADED = "graded"

    @property
    def label(self) -> str:
        return {"continuous": "连续值", "count": "个数", "graded": "定性等次"}[self.value]


@dataclass(frozen=True)
class ScoredItem:
    """One value of the annex: ``weight`` in hundredths of a point (2.5 points = 250). ``amount``: where the weight goes when growth does not
    apply. ``cap``: bounds before anything else is done with the value."""

    key: str
    seq: int
    label: str
    group: str
    unit: str
    weight: int
    kind: ItemKind
    inverse: bool = False
    amount: str | None = None
    cap: tuple[int | None, int | None] = (None, None)
    target: Fraction | None = None

    def entered(self, value: Fraction) -> Fraction:
        """The value as it enters references and points."""
        low, high = self.cap
        if low is not None and value < low:
            return Fraction(low)
        return Fraction(high) if high is not None and value > high else value


@dataclass(frozen=True)
class Scheme:
    """Everything scoring needs to know; see ``packs.schema.scoring.ScoringScheme`` for the meaning of each."""

    code: str
    label: str
    method: Method
    items: tuple[ScoredItem, ...]
    floor: int
    low_pct: int
    high_pct: int
    count_pct: int
    sparse_below: int
    sparse_steps: tuple[int, ...]
    efficacy_floor: int
    grades: tuple[tuple[str, int], ...]
    graders_min: int
    trim_from: int
    ties: tuple[int, ...]

    @cached_property
    def by_key(self) -> dict[str, ScoredItem]:
        return {item.key: item for item in self.items}

    @cached_property
    def marks(self) -> dict[str, int]:
        """Grade -> points of a hundred."""
        return dict(self.grades)

    @cached_property
    def lacking_targets(self) -> tuple[str, ...]:
        """Items that keep the method of targets from being used."""
        return tuple(item.key for item in self.items if item.kind is not ItemKind.GRADED and item.target is None)

    @property
    def methods(self) -> tuple[Method, ...]:
        """Methods this scheme has everything for, its own first."""
        rest = [m for m in Method if m is not self.method and not (m is Method.TARGET and self.lacking_targets)]
        return (self.method, *rest)

    def checked(self, method: Method) -> Method:
        """Raises ``Invalid`` for the method of targets without all targets."""
        if method is Method.TARGET and self.lacking_targets:
            raise Invalid(
                "targets_missing",
                f"计分方案“{self.label}”没有写明第 {'、'.join(self.lacking_targets)} 号的目标值，不能用目标完成率法。请先在政策包的计分方案中补上目标值。",
                "method",
            )
        return method

    def plain(self) -> dict[str, Any]:
        """JSON-ready, read back by ``from_plain``."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("items", "method")}
        items = [
            {name: getattr(item, name) for name in item.__dataclass_fields__} | {"kind": item.kind.value, "target": text_of(item.target)}
            for item in self.items
        ]
        return said | {"method": self.method.value, "items": items}

    @classmethod
    def from_plain(cls, said: Mapping[str, Any]) -> Scheme:
        items = tuple(
            ScoredItem(**{**item, "kind": ItemKind(item["kind"]), "cap": tuple(item["cap"]), "target": number_of(item["target"])}) for item in said["items"]
        )
        grades = tuple((str(grade), int(points)) for grade, points in said["grades"])
        rest = {name: said[name] for name in said if name not in ("items", "method", "grades", "sparse_steps", "ties")}
        return cls(
            method=Method(said["method"]), items=items, grades=grades, sparse_steps=tuple(said["sparse_steps"]), ties=tuple(said["ties"]), **rest,
        )


def text_of(number: Fraction | None) -> str | None:
    """Exact text of a number, ``1/3`` included."""
    return None if number is None else str(number)


def number_of(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def scheme_of(entry: ScoringScheme, rows: Sequence[Indicator]) -> Scheme:
    """The pack's scheme over the rows of its indicator system."""
    items = [
        _item(entry, row, item.key, item.label, item.unit, (row.weight or 0) * item.share_pct)
        for row in sorted(rows, key=lambda row: row.seq) for item in row.items if row.nature != "veto"
    ]
    return Scheme(
        entry.code, entry.label, Method(entry.method), tuple(items), entry.floor, *entry.percentiles, entry.count_percentile, entry.sparse_below,
        entry.sparse_steps, entry.efficacy_floor, tuple(sorted(entry.grades.items(), key=lambda pair: -pair[1])),
        entry.graders_min, entry.graders_trim_from, entry.ties,
    )


def _item(entry: ScoringScheme, row: Indicator, key: str, label: str, unit: str, weight: int) -> ScoredItem:
    kind = ItemKind.GRADED if row.nature == "graded" else ItemKind.CONTINUOUS if key in entry.continuous else ItemKind.COUNT
    cap: tuple[int | None, int | None] = entry.growth_cap if key in entry.growth else (0, None) if key in entry.never_negative else (None, None)
    target = entry.targets.get(key)
    return ScoredItem(
        key, row.seq, label, row.group, unit, weight, kind, row.direction == "inverse", entry.growth.get(key), cap,
        None if target is None else Fraction(target),
    )
