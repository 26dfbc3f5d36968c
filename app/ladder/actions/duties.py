"""Recording of yearly updates: who has done it, when and by what evidence, or that it was not done. A correction supersedes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError

from app.enterprises.models import Enterprise
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.ladder.actions.recognitions import Refused
from app.ladder.models import YearlyDuty
from app.ladder.models.duties import DONE, MISSED, OUTCOMES


@dataclass(frozen=True)
class DutyDraft:
    """What became of the update of ``year``: done on a day, or missed; ``evidence`` in words (platform list, screenshot name …). ``due_on``: its
    last day by the pack; before it has passed nobody has missed anything."""

    title_code: str
    year: int
    outcome: str
    done_on: date | None
    evidence: str | None
    due_on: date | None = None


def _checked(draft: DutyDraft) -> None:
    found, today = [], clock.today()
    if draft.outcome not in OUTCOMES:
        found.append(("outcome", "请选择“已更新”或“确认未更新”。"))
    if draft.outcome == DONE and draft.done_on is None:
        found.append(("done_on", "请填写更新日期。"))
    if draft.done_on is not None and not date(draft.year, 1, 1) <= draft.done_on <= today:
        found.append(("done_on", f"更新日期应在 {draft.year} 年 1 月 1 日之后、今天以前，请检查。"))
    if not (draft.evidence or "").strip():
        found.append(("evidence", "请写明依据，如平台导出名单、截图名称或通知文号。"))
    if draft.outcome == MISSED and draft.due_on is not None and today <= draft.due_on:
        found.append(("outcome", f"{draft.year} 年度更新的截止日是 {draft.due_on}，还没有过，不能登记为未更新。"))
    if found:
        raise Refused(found)


def record_updates(*, enterprises: Sequence[Enterprise], draft: DutyDraft, by: Actor, source: str = "页面登记") -> int:
    """The same statement for several enterprises; returns how many records are new or corrected. Saying the same again changes nothing."""
    _checked(draft)
    evidence = (draft.evidence or "").strip()[:200]
    done_on = draft.done_on if draft.outcome == DONE else None
    changed = 0
    for enterprise in enterprises:
        old = db.session.scalars(select(YearlyDuty).where(
            YearlyDuty.enterprise_id == enterprise.id, YearlyDuty.title_code == draft.title_code, YearlyDuty.year == draft.year,
            YearlyDuty.superseded_at.is_(None),
        )).first()
        values = {"outcome": draft.outcome, "done_on": done_on, "evidence": evidence}
        before = None if old is None else {name: getattr(old, name) for name in values}
        if before == values:
            continue
        _replace(old, enterprise, draft, values, by, source)
        subject = Subject("yearly_duty", enterprise.id, f"{enterprise.name} {draft.title_code} {draft.year}")
        audit.record("duty.recorded" if old is None else "duty.corrected", subject, before, values, by=by)
        changed += 1
    db.session.flush()
    return changed


def _replace(old: YearlyDuty | None, enterprise: Enterprise, draft: DutyDraft, values: dict[str, Any], by: Actor, source: str) -> None:
    now = clock.now()
    try:
        with db.session.begin_nested():
            if old is not None:
                closed = update(YearlyDuty).where(YearlyDuty.id == old.id, YearlyDuty.superseded_at.is_(None)).values(superseded_at=now)
                if not cast("CursorResult[Any]", db.session.execute(closed.execution_options(synchronize_session=False))).rowcount:
                    raise _overtaken(enterprise)
            db.session.add(YearlyDuty(
                enterprise_id=enterprise.id, title_code=draft.title_code, year=draft.year, source=source, recorded_at=now, recorded_by=by.user_id, **values,
            ))
            db.session.flush()
    except IntegrityError as error:
        raise _overtaken(enterprise) from error


def _overtaken(enterprise: Enterprise) -> Conflict:
    return Conflict("duty_changed", f"“{enterprise.name}”的更新情况刚被别人登记过，本次没有保存。请刷新页面核对后再登记。")
