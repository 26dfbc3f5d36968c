"""Typed access to one pack: what other capabilities ask it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any, TypeVar, cast

from app.kernel.errors import NotFound
from app.kernel.level import Level
from app.packs.matching import TitleIndex, TitleMatch
from app.packs.schema import (
    SECTIONS,
    Document,
    Entry,
    Indicator,
    IndicatorSystem,
    Ladder,
    Measure,
    PackContent,
    ScoringScheme,
    Setting,
    SupportAction,
    Target,
    Title,
)

E = TypeVar("E", bound=Entry)
_LABELS = {section.key: section.label for section in SECTIONS}


class Pack:
    """A pack with its look-ups; immutable and safe to share between threads.

    ``on``: only entries in force on that day. Without it: the latest edition of every code, whatever the day (for labels of old records).
    Disabled entries are left out of lists, and found by code.
    """

    def __init__(self, content: PackContent) -> None:
        self.content = content

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the content."""
        return self.content.hash()

    @property
    def code(self) -> str:
        """Directory name, e.g. ``liaocheng``."""
        return self.content.manifest.code

    @property
    def area_code(self) -> str:
        """Official code of the city, e.g. ``371500``."""
        return self.content.manifest.area_code

    @property
    def label(self) -> str:
        return self.content.manifest.label

    def entries(self, section: str, on: date | None = None, *, disabled: bool = False) -> tuple[Entry, ...]:
        """Entries of a section in pack order, one per code."""
        rows: Iterable[Entry] = getattr(self.content, section)
        chosen: dict[str, Entry] = {}
        for row in rows:
            if on is not None and not row.in_force(on):
                continue
            if row.code not in chosen or row.effective_from > chosen[row.code].effective_from:
                chosen[row.code] = row
        return tuple(row for row in chosen.values() if disabled or not row.disabled)

    def find(self, section: str, code: str, on: date | None = None) -> Entry | None:
        """The entry, also a disabled one, or None."""
        return self._index(section, on).get(code)

    def entry(self, section: str, code: str, on: date | None = None) -> Entry:
        """The entry; raises NotFound naming code and pack."""
        found = self.find(section, code, on)
        if found is None:
            when = "" if on is None else f"（{on.isoformat()} 有效的）"
            raise NotFound(f"政策包“{self.label}”里没有{when}{_LABELS[section]} {code}，请核对代码，或更新政策包后再试。", "pack_entry_unknown")
        return found

    def title(self, code: str, on: date | None = None) -> Title:
        """One title; raises NotFound."""
        return cast(Title, self.entry("titles", code, on))

    def find_title(self, code: str, on: date | None = None) -> Title | None:
        return cast("Title | None", self.find("titles", code, on))

    def titles(self, on: date | None = None, *, track: str | None = None) -> tuple[Title, ...]:
        """Titles by track and rank, lowest first."""
        order = {track_.code: getattr(track_, "order", 0) for track_ in self.entries("tracks", disabled=True)}
        rows = [title for title in cast("tuple[Title, ...]", self.entries("titles", on)) if track is None or title.track == track]
        return tuple(sorted(rows, key=lambda title: (order.get(title.track, 99), title.rank, title.code)))

    def title_label(self, code: str) -> str:
        """Label of a title, or the code itself when the pack does not know it (a record must never hide)."""
        title = self.find_title(code)
        return code if title is None else title.label

    def ladder(self, code: str, on: date | None = None) -> Ladder:
        """One ladder; raises NotFound."""
        return cast(Ladder, self.entry("ladders", code, on))

    def ladders(self, on: date | None = None) -> tuple[Ladder, ...]:
        """Ladders in pack order; the first is the default."""
        return cast("tuple[Ladder, ...]", self.entries("ladders", on))

    def indicators(self, on: date | None = None, *, system: str | None = None) -> tuple[Indicator, ...]:
        """Rows of the indicator system in printed order."""
        rows = cast("tuple[Indicator, ...]", self.entries("indicators", on))
        return tuple(sorted((row for row in rows if system is None or row.system == system), key=lambda row: row.seq))

    def indicator(self, seq: int, on: date | None = None, *, system: str | None = None) -> Indicator:
        """Row number ``seq``; raises NotFound."""
        for row in self.indicators(on, system=system):
            if row.seq == seq:
                return row
        raise NotFound(f"政策包“{self.label}”里没有第 {seq} 号指标，请核对序号。", "pack_entry_unknown")

    def indicator_systems(self, on: date | None = None) -> tuple[IndicatorSystem, ...]:
        return cast("tuple[IndicatorSystem, ...]", self.entries("indicator_systems", on))

    def scoring_schemes(self, on: date | None = None, *, system: str | None = None) -> tuple[ScoringScheme, ...]:
        """Ways of scoring the indicators; the first is the default."""
        rows = cast("tuple[ScoringScheme, ...]", self.entries("scoring_schemes", on))
        return tuple(row for row in rows if system is None or row.system == system)

    def measure_titles(self, measure: Measure) -> tuple[str, ...]:
        """Title codes a measure counts, its optional ones included when their setting is true."""
        extra = (title for title, setting in measure.optional_titles.items() if self.setting(setting) is True)
        return (*measure.titles, *extra)

    def targets(self, on: date | None = None) -> tuple[Target, ...]:
        return cast("tuple[Target, ...]", self.entries("targets", on))

    def actions(self, on: date | None = None) -> tuple[SupportAction, ...]:
        """The support actions in printed order."""
        return tuple(sorted(cast("tuple[SupportAction, ...]", self.entries("actions", on)), key=lambda action: action.seq))

    def document(self, code: str) -> Document:
        """One document; raises NotFound."""
        return cast(Document, self.entry("documents", code))

    def documents(self, on: date | None = None) -> tuple[Document, ...]:
        return cast("tuple[Document, ...]", self.entries("documents", on))

    def setting(self, code: str, on: date | None = None) -> Any:
        """Value of a setting (JSON data); raises NotFound when the pack has none of that code."""
        return cast(Setting, self.entry("settings", code, on)).value

    def match_title(self, text: str, level_text: str | None = None) -> TitleMatch:
        """What title and level a table means by 称号 and 级别; never raises, any text is accepted."""
        return self._titles_by_word.match(text, level_text)

    def match_level(self, text: str) -> Level | None:
        """A level word or the name of the pack's province or city as a Level, else None."""
        return self._titles_by_word.level(text)

    @cached_property
    def _titles_by_word(self) -> TitleIndex:
        return TitleIndex(self.content)

    @cached_property
    def _latest(self) -> dict[str, dict[str, Entry]]:
        return {section.key: {row.code: row for row in self.entries(section.key, disabled=True)} for section in SECTIONS}

    def _index(self, section: str, on: date | None) -> dict[str, Entry]:
        if on is None:
            return self._latest[section]
        return {row.code: row for row in self.entries(section, on, disabled=True)}
