"""What every entry of a pack has: code, label, document and clause, effective dates, confidence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

CONFIDENCE_LABELS = {"confirmed": "已核", "待核": "待核"}

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Year = Annotated[int, Field(ge=1949, le=2200)]
Confidence = Literal["confirmed", "待核"]


def _plain_day(value: Any) -> Any:
    """Refuse what pydantic would guess: a number as a timestamp, a moment as a day."""
    if isinstance(value, (int, float, Decimal, datetime)):
        raise ValueError("应为日期，写成 2023-01-05（不加引号）")
    return value


Day = Annotated[date, BeforeValidator(_plain_day)]


class Model(BaseModel):
    """Frozen, unknown keys refused, no silent conversion of booleans or numbers into text."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True)  # built when a pack is first read


class Entry(Model):
    """One dated statement of one document.

    ``effective_from`` / ``effective_to`` (inclusive, open when absent) say when the entry is in force, not the period it speaks of. The same
    code may stand twice with periods that do not overlap: two editions of one thing. ``disabled`` keeps a code that records still use but
    nobody may choose any more; entries are never deleted from under them.
    """

    code: Code
    label: Text
    document: Code
    clause: Text
    effective_from: Day
    effective_to: Day | None = None
    confidence: Confidence
    note: Text | None = None
    disabled: bool = Field(default=False, strict=True)

    @property
    def confirmed(self) -> bool:
        """False = show the badge 待核 wherever the entry is used."""
        return self.confidence == "confirmed"

    def in_force(self, on: date) -> bool:
        """Both ends included."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
