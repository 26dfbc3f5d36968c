"""One event while it is planned, and the refusal of its row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.exchange.registry import CREATED, INSERT, NONE, UNCHANGED, UPDATE, UPDATED, Planned, Reason
from app.exchange.rules.values import ParsedRow
from app.ladder.imports.event_state import Firm
from app.ladder.rules.events import LABELS, Said


def slim(content: dict[str, Any]) -> dict[str, Any]:
    """Without what is not said: staged text is read by the thousand."""
    return {key: value for key, value in content.items() if value is not None and value != []}


class Refusal(Exception):
    """The row cannot be accepted."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(reasons[0].message_zh)
        self.reasons = list(reasons)


@dataclass
class Asked:
    """``firm``: what is known of it at this point of the file; None for the event of a town."""

    row: ParsedRow
    part: int
    said: Said
    on: date
    firm: Firm | None
    code: str
    notes: list[str] = field(default_factory=list)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        who = self.firm.name if self.firm else str(self.row.values.get("town") or "")
        return f"{who} {LABELS[self.said.kind]}（{self.on:%Y-%m-%d}）"

    def created(self, content: dict[str, Any], *, subject_id: int, version: int, label: str = "") -> Planned:
        return Planned(
            self.row.row, CREATED, self.code, label or self.label, self.part, INSERT, subject_id, version, slim(content), self.changes or None,
            notes=tuple(self.notes),
        )

    def updated(self, content: dict[str, Any], *, subject_id: int, version: int, label: str = "") -> Planned:
        return Planned(
            self.row.row, UPDATED, self.code, label or self.label, self.part, UPDATE, subject_id, version, slim(content), self.changes or None,
            notes=tuple(self.notes),
        )

    def unchanged(self, *notes: str, subject_id: int | None = None) -> Planned:
        return Planned(
            self.row.row, UNCHANGED, self.code, self.label, self.part, NONE, subject_id if subject_id is not None else (self.firm.id if self.firm else None),
            notes=(*self.notes, *notes),
        )
