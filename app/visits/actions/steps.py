"""What every step has in common: conditional on the version the person saw, one row of history, one of audit."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import CursorResult, update

from app.enterprises.models import Enterprise
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.text import clean
from app.visits.models.steps import ServiceStep
from app.visits.rules.booking import Step


class Refused(Invalid):
    """Several fields are wrong: (field, sentence) each."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = list(problems)
        super().__init__("refused", "；".join(message for _, message in self.problems), self.problems[0][0])


def said(text: str | None, limit: int = 200) -> str | None:
    """Text as kept: cleaned, None when empty. A longer one is refused, never cut."""
    found = clean(text or "", multiline=limit > 200)
    if len(found) > limit:
        raise Invalid("too_long", f"内容不能超过 {limit} 字，现在是 {len(found)} 字，请精简后再保存。")
    return found or None


def checked(step: Step, state: str, reason: str | None, word: str) -> str | None:
    """The reason as kept. Raises when the step is not possible now, or lacks its reason."""
    if state not in step.origin:
        raise Conflict("state", f"{word}的状态已经变化，不能“{step.label}”。请刷新页面查看最新情况。")
    found = said(reason)
    if step.needs_reason and not found:
        raise Invalid("reason", f"“{step.label}”需要写明原因。", "reason")
    return found


def change(row: Any, version: int, word: str, **values: Any) -> None:
    """Set the values if nobody else changed the row since ``version``. Raises ``Conflict``."""
    model = type(row)
    statement = update(model).where(model.id == row.id, model.version == version).values(**values, version=model.version + 1)
    done = cast("CursorResult[Any]", db.session.execute(statement.execution_options(synchronize_session=False)))
    if not done.rowcount:
        raise Conflict("changed", f"{word}刚被别人处理过，您的操作没有保存。请刷新页面，看过最新情况后再办理。")
    db.session.refresh(row)


def note(
    subject: str, row: Any, enterprise: Enterprise, step: str, before: str | None, *, by: Actor, reason: str | None = None,
    team_id: int | None = None, old: Any = None, new: Any = None,
) -> None:
    """One row of history and one of audit."""
    db.session.add(ServiceStep(
        subject=subject, subject_id=row.id, enterprise_id=enterprise.id, step=step, from_state=before, to_state=row.state, reason=reason,
        team_id=team_id, at=clock.now(), by_id=by.user_id, by_name=by.name[:80],
    ))
    told = {"state": row.state, "reason": reason} | (new or {})
    audit.record(f"{subject}.{step}", Subject(subject, row.id, enterprise.name), {"state": before} | (old or {}), told, by=by)
    db.session.flush()
