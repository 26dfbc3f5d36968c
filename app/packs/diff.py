"""What differs between two packs, entry by entry and field by field. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from app.packs.schema import SECTIONS, PackContent

Kind = Literal["added", "changed", "removed"]
KIND_LABELS = {"added": "新增", "changed": "修改", "removed": "删除"}
Row = dict[str, Any]


@dataclass(frozen=True)
class FieldChange:
    """One field, JSON-ready values; None = not written."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class EntryChange:
    """One entry that is new, gone or different. ``effective_from`` tells editions of the same code apart (ISO date)."""

    kind: Kind
    section: str
    section_label: str
    code: str
    label: str
    effective_from: str
    fields: tuple[FieldChange, ...] = ()

    @property
    def kind_label(self) -> str:
        return KIND_LABELS[self.kind]

    def as_json(self) -> Row:
        """For the command line and the audit trail."""
        fields = {change.field: {"old": change.old, "new": change.new} for change in self.fields}
        return {
            "kind": self.kind, "section": self.section, "code": self.code, "label": self.label, "effective_from": self.effective_from,
            "fields": fields,
        }


def diff(old: PackContent, new: PackContent) -> list[EntryChange]:
    """Changes that turn ``old`` into ``new``, in section order. The order of entries inside a section is no change."""
    before, after = old.plain(), new.plain()
    changes = list(_head(before["manifest"], after["manifest"]))
    for section in SECTIONS:
        for left, right in pairs(before.get(section.key, []), after.get(section.key, [])):
            change = _compare(section.key, section.label, left, right)
            if change is not None:
                changes.append(change)
    return changes


def pairs(before: list[Row], after: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Entries that belong together: same code and start, else the editions of one code in order of their start."""
    codes: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((before, after)):
        for row in sorted(rows, key=lambda one: str(one["effective_from"])):
            codes[row["code"]][side].append(row)
    for left, right in codes.values():
        same = {row["effective_from"] for row in left} & {row["effective_from"] for row in right}
        starts = {row["effective_from"]: row for row in right}
        for row in left:
            if row["effective_from"] in same:
                yield row, starts[row["effective_from"]]
        gone = [row for row in left if row["effective_from"] not in same]
        came = [row for row in right if row["effective_from"] not in same]
        for position in range(max(len(gone), len(came))):
            yield gone[position] if position < len(gone) else None, came[position] if position < len(came) else None


def _head(before: Row, after: Row) -> Iterator[EntryChange]:
    fields = _fields(before, after)
    if fields:
        yield EntryChange("changed", "manifest", "政策包", after["code"], after["label"], "", fields)


def _compare(section: str, label: str, left: Row | None, right: Row | None) -> EntryChange | None:
    if left is None or right is None:
        row = right or left or {}
        return EntryChange("removed" if right is None else "added", section, label, row["code"], row["label"], row["effective_from"])
    fields = _fields(left, right)
    if not fields:
        return None
    return EntryChange("changed", section, label, right["code"], right["label"], right["effective_from"], fields)


def _fields(before: Row, after: Row) -> tuple[FieldChange, ...]:
    keys = [*before, *(key for key in after if key not in before)]
    return tuple(FieldChange(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key))
