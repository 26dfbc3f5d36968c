"""What an officer does about differences between a list and our records. Actions flush, the caller commits."""

from __future__ import annotations

from collections.abc import Collection

from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import Scope
from app.ladder.actions.lists import record
from app.ladder.models import OfficialList, SettledDifference
from app.ladder.queries.reconciliation import compare_list, settled
from app.ladder.rules.reconciliation import CORRECTABLE, RECORDABLE, Difference

Chosen = Collection[tuple[str, str]]
"""(reason code, subject) as the page shows them."""


def _standing(scope: Scope, listed: OfficialList, chosen: Chosen) -> list[Difference]:
    """The chosen differences that still exist."""
    wanted = set(chosen)
    return [d for d in compare_list(scope, listed).differences if (d.code, d.subject) in wanted]


def ignore(*, listed: OfficialList, chosen: Chosen, reason: str, scope: Scope, by: Actor) -> int:
    """Leave differences as they are, with the reason. Returns how many."""
    reason = reason.strip()[:200]
    if not reason:
        raise Invalid("reason", "请写明不处理的原因。", "reason")
    found = _standing(scope, listed, chosen)
    _settle(listed, found, "ignored", reason, by)
    return len(found)


def take_up(*, listed: OfficialList, chosen: Chosen, scope: Scope, by: Actor) -> int:
    """Put ignored differences back among those to settle. Returns how many."""
    known = settled(listed.id)
    rows = [known[key] for key in set(chosen) if key in known]
    for row in rows:
        db.session.delete(row)
    db.session.flush()
    if rows:
        audit.record("list.differences", Subject("official_list", listed.id, listed.name), {"ignored": len(rows)}, None, by=by)
    return len(rows)


def write(*, listed: OfficialList, chosen: Chosen, scope: Scope, by: Actor) -> dict[str, int]:
    """Record what we lack and correct dates and documents as the list says. Other differences need a person's look and are refused."""
    found = _standing(scope, listed, chosen)
    if any(d.code not in (*RECORDABLE, *CORRECTABLE) for d in found):
        raise Conflict("difference_kind", "所选的差异里有需要逐家判断的（如撤销、到期、名称不同），请打开企业记录处理，或写明原因不处理。")
    rows = {d.row_id for d in found if d.row_id is not None}
    counts = record(listed=listed, scope=scope, by=by, correcting=True, only=rows)
    _settle(listed, [d for d in found if d.code in RECORDABLE], "recorded", None, by)
    _settle(listed, [d for d in found if d.code in CORRECTABLE], "corrected", None, by)
    return counts


def _settle(listed: OfficialList, found: Collection[Difference], settlement: str, reason: str | None, by: Actor) -> None:
    known = settled(listed.id)
    for difference in found:
        row = known.get((difference.code, difference.subject)) or SettledDifference(list_id=listed.id, code=difference.code, subject=difference.subject)
        row.settlement, row.reason, row.settled_at, row.settled_by, row.settled_name = settlement, reason, clock.now(), by.user_id, by.name[:80]
        db.session.add(row)
    db.session.flush()
    if found:
        new = {settlement: len(found), "reason": reason}
        audit.record("list.differences", Subject("official_list", listed.id, listed.name), None, new, by=by)
