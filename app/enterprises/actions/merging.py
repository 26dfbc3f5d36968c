"""Merging two records of one enterprise, with a journal that takes the merge back exactly. Nothing is deleted.

The merged record stays in its table, hidden behind ``merged_into_id``; rows of other tables follow the kept record as the registered
references say (``merge_moves``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.enterprises.actions import merge_moves
from app.enterprises.actions.index import reindex
from app.enterprises.actions.records import EDITABLE, Stale, subject
from app.enterprises.actions.summaries import refresh_summaries
from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseMerge, EnterpriseName
from app.enterprises.queries.records import get_enterprise
from app.infra import audit, changes, clock
from app.infra.db import Base, db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.scope import Scope
from app.kernel.text import clean

FILLED = tuple(key for key in EDITABLE if key != "status")
"""Blank fields of the kept record that take the merged record's value."""


@dataclass(frozen=True)
class MergePreview:
    """What a merge would do. ``filled``: field -> value taken over; ``moved`` / ``left``: per reference (label, rows)."""

    kept: Enterprise
    merged: Enterprise
    filled: dict[str, Any]
    moved: Sequence[tuple[str, int]] = ()
    left: Sequence[tuple[str, int]] = ()
    differing: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def _pair(scope: Scope, kept_id: int, merged_id: int, *, lock: bool) -> tuple[Enterprise, Enterprise]:
    first, second = sorted((kept_id, merged_id))  # one order for all: two merges never wait for each other
    rows = {i: get_enterprise(scope, i, lock=lock) for i in (first, second)}
    if kept_id == merged_id:
        raise Invalid("same", "请选择两家不同的企业进行合并。")
    return rows[kept_id], rows[merged_id]


def preview_merge(*, scope: Scope, kept_id: int, merged_id: int) -> MergePreview:
    """Look without changing anything. Raises ``NotFound`` when either lies outside the scope."""
    kept, merged = _pair(scope, kept_id, merged_id, lock=False)
    moved, left = [], []
    for reference, (going, staying) in merge_moves.split(kept_id, merged_id).items():
        moved += [(reference.label, len(going))] if going else []
        left += [(reference.label, len(staying))] if staying else []
    differing = {
        key: (getattr(kept, key), getattr(merged, key))
        for key in ("name", "credit_code", "town_id", *FILLED)
        if getattr(merged, key) is not None and getattr(kept, key) is not None and getattr(kept, key) != getattr(merged, key)
    }
    return MergePreview(kept, merged, _filled(kept, merged), moved, left, differing)


def _filled(kept: Enterprise, merged: Enterprise) -> dict[str, Any]:
    return {key: getattr(merged, key) for key in FILLED if getattr(kept, key) is None and getattr(merged, key) is not None}


def merge(
    *, scope: Scope, kept_id: int, merged_id: int, kept_version: int, merged_version: int, reason: str, by: Actor
) -> EnterpriseMerge:
    """Merge the second record into the first. Versions are those the preview showed; raises ``Stale`` when either changed since."""
    kept, merged = _pair(scope, kept_id, merged_id, lock=True)
    why = clean(reason)[:200]
    if len(why) < 4:
        raise Invalid("reason", "请说明合并理由（至少 4 个字）。", "reason")
    for row, version in ((kept, kept_version), (merged, merged_version)):
        if row.version != version:
            raise Stale(row, {})
    filled, now = _filled(kept, merged), clock.now()
    journal: dict[str, Any] = {
        **merge_moves.follow(kept_id, merged_id, now), "filled": {key: str(value) for key, value in filled.items()},
        "status": merged.status, "kept_status": kept.status, "added": [],
    }
    for key, value in filled.items():
        setattr(kept, key, value)
    journal["added"] = _leave_traces(kept, merged, by)
    row = EnterpriseMerge(kept_id=kept_id, merged_id=merged_id, journal=journal, reason=why, merged_at=now, merged_by=by.user_id)
    db.session.add(row)
    merged.merged_into_id, merged.status = kept_id, "merged"
    _touch_both(kept, merged, by)
    audit.record(
        "enterprise.merged", subject(kept), {"merged": [merged.id, merged.credit_code, merged.name]},
        {"merge": row.id, "reason": why, "filled": sorted(filled), "moved": {f"{t}.{c}": len(i) for t, c, i in journal["moved"]}}, by=by,
    )
    return row


def _leave_traces(kept: Enterprise, merged: Enterprise, by: Actor) -> list[tuple[str, int]]:
    """The merged name stays findable as a former name; the merge stands in the timeline."""
    today = clock.today()
    added: list[Any] = []
    if merged.name != kept.name:
        added.append(EnterpriseName(enterprise_id=kept.id, name=merged.name, valid_from=None, valid_to=today - timedelta(days=1)))
    note = f"重复登记合并：{merged.name}（{merged.credit_code}，编号 {merged.id}）"
    added.append(
        EnterpriseEvent(enterprise_id=kept.id, kind="merged", happened_on=today, note=note, recorded_at=clock.now(), recorded_by=by.user_id)
    )
    db.session.add_all(added)
    db.session.flush()
    return [(row.__tablename__, row.id) for row in added]


def _touch_both(kept: Enterprise, merged: Enterprise, by: Actor) -> None:
    for row in (kept, merged):
        row.version += 1
        row.updated_at, row.updated_by = clock.now(), by.user_id
    db.session.flush()
    ids = [kept.id, merged.id]
    reindex(ids)
    refresh_summaries(ids)
    changes.tell("enterprise.merged", ids)


def undo_merge(*, scope: Scope, merge_id: int, by: Actor) -> Enterprise:
    """Take a merge back: rows return, traces vanish, filled fields empty again unless somebody edited them since. Returns the freed record."""
    row = db.session.get(EnterpriseMerge, merge_id) if 0 < merge_id < 2**63 else None
    if row is None:
        raise NotFound("没有找到这次合并记录。")
    kept = get_enterprise(scope, row.kept_id, lock=True)
    merged = db.session.get_one(Enterprise, row.merged_id)
    if row.undone_at is not None or merged.merged_into_id != kept.id:
        raise Conflict("undone", f"“{merged.name}”的这次合并已经撤销过，无需再次操作。")
    _refuse_later(row)
    row.undone_at = clock.now()
    merge_moves.give_back(row.journal, kept.id, merged.id, row.undone_at)
    for name, key in row.journal["added"]:
        table = Base.metadata.tables[name]
        db.session.execute(table.delete().where(table.c.id == key))
    for key, value in row.journal["filled"].items():
        if str(getattr(kept, key)) == value:
            setattr(kept, key, None)
    merged.merged_into_id, merged.status = None, row.journal["status"]
    db.session.flush()
    db.session.expire_all()
    _touch_both(kept, merged, by)
    audit.record("enterprise.merge_undone", subject(kept), {"merge": row.id}, {"restored": [merged.id, merged.credit_code, merged.name]}, by=by)
    return merged


def _refuse_later(row: EnterpriseMerge) -> None:
    """A later merge into the same record may have moved the same rows on: newest first."""
    later = db.session.scalar(
        select(EnterpriseMerge.id).where(
            EnterpriseMerge.kept_id == row.kept_id, EnterpriseMerge.id > row.id, EnterpriseMerge.undone_at.is_(None)
        )
    )
    if later is not None:
        raise Conflict("later_merge", "此后还有其他企业并入本企业，请从最近的一次合并开始逐次撤销。")
