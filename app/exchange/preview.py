"""A page of a plan as people read it: labels instead of keys, old and new beside each other, notes and reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.exchange.models import ImportBatch, ImportRow
from app.exchange.packing import unpack
from app.exchange.registry import Importer


@dataclass
class Line:
    """One staged record ready to draw. ``changes``: (label, old, new); ``reasons``: (column, message)."""

    row: int
    label: str
    key: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def lines(session: Session, importer: Importer, rows: Sequence[ImportRow]) -> list[Line]:
    """One look-up per field for the whole page."""
    labels = {f.key: f.label for f in importer.fields}
    unpacked = [unpack(row.changes) or {} for row in rows]
    words: dict[str, list[str]] = {}
    for key in {key for changes in unpacked for key in changes}:
        values = [value for changes in unpacked for value in changes.get(key, ())]
        words[key] = importer.describe(session, key, values)
    places = dict.fromkeys(words, 0)
    drawn = []
    for row, changes in zip(rows, unpacked, strict=True):
        line = Line(row.row, row.label, row.key, notes=list(unpack(row.notes) or ()))
        for key in changes:
            at = places[key]
            line.changes.append((labels.get(key, key), words[key][at], words[key][at + 1]))
            places[key] = at + 2
        line.reasons = [(column, message) for column, _, message in unpack(row.problems) or ()]
        drawn.append(line)
    return drawn


def options(importer: Importer, batch: ImportBatch) -> list[tuple[str, str]]:
    """Answers given at upload, in words."""
    given = batch.options or {}
    found = []
    for option in importer.options:
        if option.key in given:
            words = {c.code: c.label for c in option.choices}
            found.append((option.label, words.get(given[option.key], given[option.key])))
    return found
