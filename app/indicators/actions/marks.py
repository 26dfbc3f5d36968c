"""A reviewer grades one graded item of one town."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.indicators.actions.contest import check_open, subject
from app.indicators.models.contest import ContestRound
from app.indicators.models.marks import ContestMark
from app.indicators.rules.scheme import ItemKind, Scheme
from app.infra import audit, clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid


def grade(*, found: ContestRound, town_id: int, item: str, mark: str, reason: str, evidence: str, by: Actor) -> ContestMark | None:
    """Record the reviewer's mark; None when it says the same as his standing one. Raises ``Invalid`` on the field."""
    check_open(found)
    scheme = Scheme.from_plain(found.scheme)
    scored = scheme.by_key.get(item)
    if scored is None or scored.kind is not ItemKind.GRADED:
        raise Invalid("item", f"第 {item} 号不是定性指标，不评等次。")
    if by.user_id is None:
        raise Invalid("reviewer", "等次只能由评审员本人评定。")
    reason, evidence = reason.strip(), evidence.strip()
    if mark not in scheme.marks:
        raise Invalid("grade", f"请选择等次：{'、'.join(scheme.marks)}。", "grade")
    if not reason or len(reason) > 500:
        raise Invalid("reason", "请写明评定理由（500 字以内）。", "reason")
    if not evidence or len(evidence) > 300:
        raise Invalid("evidence", "请写明依据的材料（300 字以内）。", "evidence")
    query = select(ContestMark).where(
        ContestMark.round_id == found.id, ContestMark.town_id == town_id, ContestMark.item == item, ContestMark.reviewer_id == by.user_id,
        ContestMark.superseded_at.is_(None),
    )
    before = db.session.scalars(query.with_for_update()).first()
    if before is not None:
        if (before.grade, before.reason, before.evidence) == (mark, reason, evidence):
            return None
        before.superseded_at = clock.now()
        db.session.flush()
    made = ContestMark(
        round_id=found.id, town_id=town_id, item=item, reviewer_id=by.user_id, reviewer_name=by.name[:80], grade=mark, reason=reason, evidence=evidence,
        recorded_at=clock.now(),
    )
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("graded", "您刚刚在另一个页面评过这一项，请刷新后核对。") from error
    audit.record("contest.graded", subject(found), None, {"town_id": town_id, "item": item, "grade": mark}, by=by)
    return made
