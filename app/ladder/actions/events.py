"""Steps of recognitions (推荐, 公示, 异议, 复核, 变更 …) entered by people. 推荐 and 公示 are never counted; a passed review is never new."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError

from app.enterprises.models import Enterprise
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.ladder.actions.recognitions import Refused, checked, correct, draft_of, grant
from app.ladder.models import Recognition, RecognitionEvent
from app.ladder.models.batches import CHANGES, EVENT_KINDS
from app.ladder.queries import current_pack
from app.ladder.rules import Draft
from app.ladder.rules.renewal import Renewal, renewal

ENTERED = ("recommended", "noticed", "objected", "reviewed", "changed")
"""Kinds entered as steps; 认定, 撤销 and 作废 are done on the recognition itself."""


@dataclass(frozen=True)
class StepDraft:
    """A step as somebody wants it recorded."""

    kind: str
    happened_on: date | None
    until: date | None = None
    document: str | None = None
    reason: str | None = None
    evidence: str | None = None
    result: str | None = None
    change: str | None = None
    old_text: str | None = None
    new_text: str | None = None


Identity = tuple[str, str, int]
"""Title, level, batch year."""


def record_step(*, enterprise: Enterprise, identity: Identity, draft: StepDraft, by: Actor, source: str | None = None) -> RecognitionEvent:
    """Record one step. Raises ``Refused``, or ``Conflict`` when the same step of that day is recorded already."""
    checked(Draft(*identity, announced_on=draft.happened_on or clock.today()), current_pack())
    _check(draft)
    message = f"“{enterprise.name}”这一天的“{EVENT_KINDS[draft.kind]}”已经登记过。如内容有误，请撤下原记录后重新登记。"
    event, values = RecognitionEvent, asdict(draft)
    same = dict(zip(("title_code", "level", "batch_year"), identity, strict=True)) | {"kind": draft.kind, "happened_on": draft.happened_on}
    known = select(event.id).filter_by(enterprise_id=enterprise.id, superseded_at=None, **same)
    if db.session.scalars(known).first() is not None:
        raise Conflict("step_exists", message, "happened_on")
    row = event(enterprise_id=enterprise.id, source=source, recorded_at=clock.now(), recorded_by=by.user_id, **(same | values))
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:  # somebody recorded the same step at the same moment
        raise Conflict("step_exists", message, "happened_on") from error
    told = {key: value for key, value in asdict(draft).items() if value is not None}
    audit.record("recognition.step", Subject("recognition_event", row.id, enterprise.name), None, told | {"of": list(identity)}, by=by)
    return row


def _check(draft: StepDraft) -> None:
    today, found = clock.today(), list[tuple[str, str]]()
    if draft.kind not in EVENT_KINDS:
        found.append(("kind", "请选择事项。"))
    if draft.happened_on is None:
        found.append(("happened_on", "请填写日期。"))
    elif draft.happened_on > today:
        found.append(("happened_on", "日期晚于今天，请在发生后登记。"))
    if draft.kind == "noticed" and draft.until and draft.happened_on and draft.until < draft.happened_on:
        found.append(("until", "公示截止早于公示开始，请检查。"))
    if draft.kind == "objected" and not draft.reason:
        found.append(("reason", "请写明异议内容。"))
    if draft.kind == "objected" and draft.result not in ("upheld", "dismissed", "open"):
        found.append(("result", "请选择异议处理结果。"))
    if draft.kind == "reviewed" and draft.result not in ("passed", "failed"):
        found.append(("result", "请选择复核结果。"))
    if draft.kind == "changed" and draft.change not in CHANGES:
        found.append(("change", "请选择变更类型。"))
    if found:
        raise Refused(found)


def review(
    *, recognition: Recognition, enterprise: Enterprise, draft: StepDraft, begin: date | None, end: date | None, by: Actor,
) -> tuple[RecognitionEvent, Recognition]:
    """Record a review of a recognition. Passed with a new end: the recognition runs on, or after a gap another record follows (never new).
    Failed: only recorded; the title ends with its validity, or by a revocation of its own. Returns the step and the recognition now in force."""
    if recognition.voided:
        raise Conflict("recognition_voided", "这条认定已经作废，不能登记复核。")
    if draft.result == "passed" and end is None and not recognition.open_ended:
        raise Refused([("valid_to", "复核通过请填写新的有效期止（以文件为准）。")])
    step = record_step(
        enterprise=enterprise, identity=(recognition.title_code, recognition.level, recognition.batch_year), draft=replace(draft, kind="reviewed"), by=by,
    )
    if draft.result != "passed" or draft.happened_on is None:
        return step, recognition
    how, first = renewal(recognition.valid_to, draft.happened_on, begin, end)
    if how is Renewal.EXTEND:
        return step, correct(recognition=recognition, enterprise=enterprise, draft=replace(draft_of(recognition), valid_to=end), by=by)
    if how is Renewal.AGAIN and first is not None:
        again = Draft(
            recognition.title_code, recognition.level, first.year, document=draft.document, announced_on=draft.happened_on, valid_from=first, valid_to=end,
            evidence=draft.evidence,
        )
        return step, grant(enterprise=enterprise, draft=again, by=by, source="复核通过")
    return step, recognition


def withdraw_step(*, event: RecognitionEvent, enterprise: Enterprise, reason: str, by: Actor) -> None:
    """The step was recorded wrongly: it leaves the history; what was known on a past day still shows it. What a review did to the
    validity stays and is corrected on the recognition."""
    if not reason.strip():
        raise Invalid("reason", "请写明撤下的原因。", "reason")
    closed = update(RecognitionEvent).where(RecognitionEvent.id == event.id, RecognitionEvent.superseded_at.is_(None)).values(superseded_at=clock.now())
    done = cast("CursorResult[Any]", db.session.execute(closed.execution_options(synchronize_session=False)))
    if not done.rowcount:
        raise Conflict("step_changed", "这条经过刚刚已被撤下或更正，请刷新页面查看。")
    audit.record(
        "recognition.step_withdrawn", Subject("recognition_event", event.id, enterprise.name), {"kind": event.kind, "on": event.happened_on},
        {"reason": reason.strip()[:200]}, by=by,
    )
