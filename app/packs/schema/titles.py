"""Titles (称号), their families, tracks, ladders (梯度) and carrier kinds (载体)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.kernel.level import Level
from app.packs.schema.base import Code, Entry, Model, Text

Cycle = Literal["review", "annual", "rerecognition", "none"]
CYCLE_LABELS = {"review": "复核", "annual": "每年评价", "rerecognition": "重新认定", "none": "无"}
LevelName = Annotated[Level, Field(strict=False)]


class Track(Entry):
    """A family of titles that grow independently of the others: scale, SRDI, high growth, technology, certificates."""

    order: int = Field(ge=0, strict=True)


class Title(Entry):
    """A title an enterprise can hold.

    ``levels``: the administrative levels it is granted at. One = the level is part of the title; several = the level is a field of the
    recognition, ``default_level`` stands in when a table does not say; none = the title knows no level.
    ``open_ended``: a recognition without an end date stays valid (a title without a term); otherwise a blank end is a gap to fill.
    ``renewal_due``: code of the calendar entry with the yearly duty. ``basis``: documents with the national or provincial rules.
    """

    track: Code
    rank: int = Field(ge=0, strict=True, description="order inside the track, higher is further")
    levels: tuple[LevelName, ...] = ()
    default_level: LevelName | None = None
    issuer: Text | None
    validity_years: int | None = Field(default=None, ge=1, le=20, strict=True)
    open_ended: bool = Field(default=False, strict=True)
    cycle: Cycle
    renewal_due: Code | None = None
    basis: tuple[Code, ...] = ()
    aliases: tuple[Text, ...] = ()

    @property
    def level(self) -> Level | None:
        """The level when the title has exactly one (or a default), else None."""
        return self.levels[0] if len(self.levels) == 1 else self.default_level

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Title:
        if self.default_level is not None and self.default_level not in self.levels:
            raise ValueError("default_level 必须是 levels 中的一个")
        return self


class TitleFamily(Entry):
    """A word that means different titles depending on the level: 专精特新 at 市级, 省级, 国家级.

    ``default`` is the member meant when no level is given; without it such a row is ambiguous.
    """

    members: dict[LevelName, Code] = Field(min_length=1)
    default: LevelName | None = None
    aliases: tuple[Text, ...] = Field(min_length=1)


class Rung(Model):
    """One rung: held when any of ``titles`` is held. ``approach`` titles are shown as a step towards it and do not count."""

    code: Code
    label: Text
    titles: tuple[Code, ...] = Field(min_length=1)
    approach: tuple[Code, ...] = ()
    tone: Code | None = None
    note: Text | None = None


class Ladder(Entry):
    """Ordered rungs, lowest first. An enterprise stands on its highest held rung; skipped rungs are shown hollow."""

    ordered: bool = Field(strict=True, description="False: the document lists the titles without calling them steps")
    rungs: tuple[Rung, ...] = Field(min_length=2)


class CarrierKind(Entry):
    """A kind of carrier that is not an enterprise: cluster, park, base, platform."""

    levels: tuple[LevelName, ...] = ()
    aliases: tuple[Text, ...] = ()
