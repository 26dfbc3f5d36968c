"""What closes a gap: measures of the city's pack that answer a condition, and what a title opens. Each names its document and clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from app.ladder.criteria import Leaf
from app.packs import Pack, vocabulary
from app.packs.schema import Entry, Remedy
from app.packs.schema.plans import Reward
from app.packs.vocabulary import FactField

SECTIONS = (("actions", "actions", "帮扶行动"), ("domains", "service_domains", "服务"), ("trainings", "trainings", "培训"),
            ("rewards", "rewards", "政策"), ("programmes", "programmes", "行动与工程"))


@dataclass(frozen=True)
class Measure:
    """One measure. ``kind``: 帮扶行动, 服务, 培训, 政策 …; ``amount``: 最高 10 万元, "" = the text names none; ``source``: document and clause."""

    kind: str
    code: str
    label: str
    amount: str
    source: str
    confirmed: bool


@dataclass(frozen=True)
class Help:
    """Measures for one condition or title. ``confirmed`` False: that they answer it is our reading (待核)."""

    label: str
    confirmed: bool
    note: str
    measures: tuple[Measure, ...]


class Remedies:
    """The measures of one pack on one day."""

    def __init__(self, pack: Pack, on: date, declared: Mapping[str, FactField]) -> None:
        self._pack, self._on, self._declared = pack, on, dict(declared)
        self._rows = [cast(Remedy, row) for row in pack.entries("remedies", on)]

    def for_leaf(self, leaf: Leaf) -> list[Help]:
        """Measures that answer the condition: those that name its fact, else those that name a fact it is computed from."""
        if leaf.field is None:
            return []
        direct = [row for row in self._rows if leaf.field in row.facts]
        sources = vocabulary.sources_of(leaf.field, self._declared)
        return [self._help(row) for row in direct or [row for row in self._rows if set(sources) & set(row.facts)]]

    def for_title(self, title: str) -> list[Help]:
        """What the title opens once it is granted."""
        return [self._help(row) for row in self._rows if title in row.titles]

    def _help(self, row: Remedy) -> Help:
        return Help(row.label, row.confirmed, row.note or "", tuple(self._measures(row)))

    def _measures(self, row: Remedy) -> Iterator[Measure]:
        for field, section, kind in SECTIONS:
            for code in getattr(row, field):
                entry = self._pack.find(section, code)
                if entry is not None and not entry.disabled:
                    yield Measure(kind, code, entry.label, _amount(entry), self.source(entry), entry.confirmed)

    def source(self, entry: Entry) -> str:
        """聊政办字〔2021〕… 三(五)."""
        document: Any = self._pack.find("documents", entry.document)
        name = entry.document if document is None else document.number or document.label
        return f"{name} {entry.clause}"


def _amount(entry: Entry) -> str:
    if not isinstance(entry, Reward) or not entry.amount_cap_yuan:
        return ""
    wan = entry.amount_cap_yuan / 10_000
    return f"最高 {wan:g} 万元"
