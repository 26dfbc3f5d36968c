"""The veto register and the sign-offs of the four departments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.indicators.actions.contest import subject
from app.indicators.models.contest import ContestRound
from app.indicators.models.vetoes import VetoEvent, VetoSignoff
from app.indicators.rules.vetoes import DISMISSED, GRADES, KINDS, POSITIVE, STATES, STATISTICS
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid


@dataclass(frozen=True)
class Report:
    """What somebody registers."""

    kind: str
    grade: str
    happened_on: date | None
    found_on: date | None
    document: str
    note: str


def register(*, town_id: int, report: Report, by: Actor) -> VetoEvent:
    """A new event, to be examined. Raises ``Invalid`` on the field."""
    today = clock.today()
    if report.kind not in KINDS:
        raise Invalid("kind", "请选择事项类别。", "kind")
    grade = "none" if report.kind == STATISTICS else report.grade
    if grade not in GRADES or (grade == "none") != (report.kind == STATISTICS):
        raise Invalid("grade", "请选择事项等级。", "grade")
    if report.happened_on is None or report.happened_on > today:
        raise Invalid("happened_on", "请填写发生日期，不能晚于今天。", "happened_on")
    if report.found_on is not None and not report.happened_on <= report.found_on <= today:
        raise Invalid("found_on", "认定日期应在发生日期和今天之间。", "found_on")
    if not report.document.strip():
        raise Invalid("document", "请填写依据文件或线索来源。", "document")
    if len(report.document) > 120 or len(report.note) > 300:
        raise Invalid("document", "依据不能超过 120 字，说明不能超过 300 字。", "document")
    made = VetoEvent(
        town_id=town_id, kind=report.kind, grade=grade, state="pending", happened_on=report.happened_on, found_on=report.found_on,
        document=report.document.strip(), note=report.note.strip() or None, recorded_at=clock.now(), recorded_name=by.name[:80],
    )
    db.session.add(made)
    db.session.flush()
    audit.record("veto.registered", _subject(made), None, {"town_id": town_id, "kind": made.kind, "grade": made.grade, "on": made.happened_on}, by=by)
    return made


def decide(*, event: VetoEvent, state: str, reason: str, found_on: date | None, version: int, by: Actor) -> None:
    """Found true or not, with the reason; may be decided anew. Bad statistics found true need the day of the finding."""
    db.session.refresh(event, with_for_update=True)
    if event.version != version:
        raise Conflict("veto_changed", f"这条否决事项刚刚被他人改为“{STATES[event.state]}”，请刷新后再操作。")
    if state not in (POSITIVE, DISMISSED):
        raise Invalid("state", "请选择属实或不属实。", "state")
    if not reason.strip() or len(reason) > 300:
        raise Invalid("reason", "请写明核查结论的依据（300 字以内）。", "reason")
    day = found_on or event.found_on
    if event.kind == STATISTICS and state == POSITIVE and day is None:
        raise Invalid("found_on", "统计数据不实按认定日期计，请填写认定日期。", "found_on")
    if day is not None and not event.happened_on <= day <= clock.today():
        raise Invalid("found_on", "认定日期应在发生日期和今天之间。", "found_on")
    old = event.state
    event.state, event.decision, event.found_on = state, reason.strip(), day
    event.decided_at, event.decided_name, event.version = clock.now(), by.name[:80], event.version + 1
    audit.record("veto.decided", _subject(event), {"state": old}, {"state": state, "reason": reason.strip()}, by=by)
    db.session.flush()


def sign(*, found: ContestRound, town_id: int, kind: str, clear: bool, note: str, by: Actor) -> None:
    """One department's answer for one town; a later one replaces it and the earlier stays readable."""
    if kind not in KINDS:
        raise Invalid("kind", "请选择会签事项。", "kind")
    if found.published:
        raise Conflict("round_closed", "本轮已经公示，不能再会签。")
    if len(note) > 300:
        raise Invalid("note", "会签意见不能超过 300 字。", "note")
    if not clear and not note.strip():
        raise Invalid("note", "会签结论为“有”时请写明事项。", "note")
    query = select(VetoSignoff).where(
        VetoSignoff.round_id == found.id, VetoSignoff.town_id == town_id, VetoSignoff.kind == kind, VetoSignoff.superseded_at.is_(None),
    )
    before = db.session.scalars(query.with_for_update()).first()
    if before is not None:
        if (before.clear, before.note) == (clear, note.strip() or None):
            return
        before.superseded_at = clock.now()
        db.session.flush()
    db.session.add(VetoSignoff(
        round_id=found.id, town_id=town_id, kind=kind, clear=clear, note=note.strip() or None, signed_at=clock.now(), signed_name=by.name[:80],
    ))
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("signed", "这一项刚刚由他人会签，请刷新后查看。") from error
    audit.record("veto.signed", subject(found), None, {"town_id": town_id, "kind": kind, "clear": clear}, by=by)


def _subject(event: VetoEvent) -> Subject:
    return Subject("veto_event", event.id, f"{KINDS[event.kind]}（{GRADES[event.grade]}）")
