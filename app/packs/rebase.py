"""Keeps local work when new files arrive: local edits are laid over the new edition, codes in use stay as disabled entries. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from app.packs.diff import EntryChange, Row, diff
from app.packs.schema import SECTIONS, PackContent


@dataclass(frozen=True)
class Rebased:
    """``local``: the edits carried over. ``conflicts``: those of them whose field the new files changed as well (the local value stays)."""

    content: PackContent
    local: tuple[EntryChange, ...]
    conflicts: tuple[EntryChange, ...]


def rebase(base: PackContent, local: PackContent, new: PackContent) -> Rebased:
    """``base``: the files the local edits were made on; ``local``: the edited pack; ``new``: the files now."""
    edits = tuple(change for change in diff(base, local) if change.section != "manifest")
    if not edits:
        return Rebased(new, (), ())
    theirs = {(change.section, change.code): change for change in diff(base, new)}
    plain, ours = new.plain(), local.plain()
    for edit in edits:
        _apply(plain, edit, _row(ours, edit))
    conflicts = tuple(edit for edit in edits if _clashes(edit, theirs))
    return Rebased(PackContent.model_validate(plain), edits, conflicts)


def keep_used(old: PackContent, new: PackContent, used: Mapping[str, Collection[str]]) -> tuple[PackContent, tuple[EntryChange, ...]]:
    """Entries that ``new`` no longer has although records use their code come back disabled. ``used``: section key -> codes in use."""
    gone = [change for change in diff(old, new) if change.kind == "removed"]
    present = {(section.key, row.code) for section in SECTIONS for row in getattr(new, section.key)}
    kept = tuple(
        change for change in gone
        if change.code in used.get(change.section, ()) and (change.section, change.code) not in present
    )
    if not kept:
        return new, ()
    plain, before = new.plain(), old.plain()
    for change in kept:
        row = _row(before, change)
        if row is not None:
            plain.setdefault(change.section, []).append({**row, "disabled": True})
    return PackContent.model_validate(plain), kept


def _apply(plain: dict[str, Any], edit: EntryChange, edited: Row | None) -> None:
    rows: list[Row] = plain.setdefault(edit.section, [])
    row = _row(plain, edit)
    if edit.kind == "removed":
        rows[:] = [one for one in rows if one is not row]
    elif row is None and edited is not None:
        rows.append(dict(edited))
    elif row is not None:
        for change in edit.fields:
            if change.new is None:
                row.pop(change.field, None)
            else:
                row[change.field] = change.new


def _row(plain: Mapping[str, Any], change: EntryChange) -> Row | None:
    """The entry of the change; an edit may have moved its start, so a code with one edition is enough."""
    rows: list[Row] = [row for row in plain.get(change.section, []) if row["code"] == change.code]
    exact: list[Row] = [row for row in rows if row["effective_from"] == change.effective_from]
    if exact:
        return exact[0]
    return rows[0] if len(rows) == 1 else None


def _clashes(edit: EntryChange, theirs: Mapping[tuple[str, str], EntryChange]) -> bool:
    """Both sides touched the same thing and did not mean the same."""
    other = theirs.get((edit.section, edit.code))
    if other is None:
        return False
    if not edit.fields or not other.fields:
        return edit.kind != other.kind
    values = {field.field: field.new for field in other.fields}
    return any(field.field in values and values[field.field] != field.new for field in edit.fields)
