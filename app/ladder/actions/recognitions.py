"""Changes of recognitions: every change adds a version, refreshes what lists show and tells those who keep counts.

Actions flush, the caller commits. Corrections supersede; nothing is overwritten, so that any count can be asked as known on a past day.
"""

from dataclasses import asdict, replace
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, Select, select, update
from sqlalchemy.exc import IntegrityError

from app.enterprises.models import Enterprise
from app.infra import audit, changes, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.ladder.actions.summaries import refresh_some
from app.ladder.models import Recognition
from app.ladder.rules import Draft, problems
from app.packs import Pack
from app.policies.queries import pack_of_city


class Refused(Invalid):
    """Several things are wrong at once: ``problems`` as (field, sentence); the first is the message."""

    def __init__(self, found: list[tuple[str, str]]) -> None:
        super().__init__("recognition_invalid", found[0][1], found[0][0])
        self.problems = found


def checked(draft: Draft, pack: Pack) -> None:
    """Raise ``Refused`` unless the draft may be recorded under this pack."""
    title = pack.find_title(draft.title_code)
    if title is None:
        raise Refused([("title_code", "政策包里没有这项称号，请从列表中选择。")])
    found = problems(draft, title.levels, clock.today())
    if found:
        raise Refused(found)


def grant(*, enterprise: Enterprise, draft: Draft, by: Actor, source: str | None = None) -> Recognition:
    """Record a recognition. Raises ``Refused``, or ``Conflict`` when the same title, level and batch year is recorded already."""
    pack = pack_of_city(enterprise.city_id)
    checked(draft, pack)
    twin = db.session.scalars(_same_grant(enterprise.id, draft)).first()
    if twin is not None and not twin.voided:
        raise Conflict("recognition_exists", _exists_zh(enterprise, draft, pack), "title_code")
    if twin is not None:
        _supersede(twin)
    row = _add(enterprise.id, draft, pack, by, source)
    _record("recognition.granted", row, enterprise, None, by)
    _after([enterprise.id])
    return row


def _same_grant(enterprise_id: int, draft: Draft) -> Select[Recognition]:
    """The version in force with the draft's identity."""
    return select(Recognition).where(
        Recognition.enterprise_id == enterprise_id, Recognition.title_code == draft.title_code, Recognition.level == draft.level,
        Recognition.batch_year == draft.batch_year, Recognition.superseded_at.is_(None),
    )


def _exists_zh(enterprise: Enterprise, draft: Draft, pack: Pack) -> str:
    batch = f"{draft.batch_year}年" if draft.batch_year else "批次年度空白的"
    return f"“{enterprise.name}”已有{batch}“{pack.title_label(draft.title_code)}”认定。如内容有误，请在原记录上更正。"


def correct(*, recognition: Recognition, enterprise: Enterprise, draft: Draft, by: Actor) -> Recognition:
    """Replace the recorded values by other ones (a new version). Nothing differs = nothing happens, the same row comes back."""
    if recognition.voided:
        raise Conflict("recognition_voided", "这条认定已经作废，不能更正。如确有这项称号，请重新登记。")
    pack = pack_of_city(enterprise.city_id)
    checked(draft, pack)
    before = draft_of(recognition)
    if before == draft:
        return recognition
    twin = db.session.scalars(_same_grant(enterprise.id, draft)).first()
    if twin is not None and twin.id != recognition.id:
        raise Conflict("recognition_exists", _exists_zh(enterprise, draft, pack), "batch_year")
    _supersede(recognition)
    row = _add(recognition.enterprise_id, draft, pack, by, recognition.source)
    _record("recognition.corrected", row, enterprise, before, by)
    _after([enterprise.id])
    return row


def revoke(*, recognition: Recognition, enterprise: Enterprise, on: date, reason: str, by: Actor) -> Recognition:
    """The issuer took the title back: out of stock from ``on``; new and cumulative keep it."""
    reason = _needed(reason, "revoked_reason", "请写明撤销原因或文号。")
    return correct(recognition=recognition, enterprise=enterprise, draft=replace(draft_of(recognition), revoked_on=on, revoked_reason=reason), by=by)


def void(*, recognition: Recognition, enterprise: Enterprise, reason: str, by: Actor) -> Recognition:
    """The record was wrong from the beginning: it leaves every count."""
    reason = _needed(reason, "reason", "请写明作废原因。")
    if recognition.voided:
        raise Conflict("recognition_voided", "这条认定已经作废，不需要再次操作。")
    before = draft_of(recognition)
    _supersede(recognition)
    row = _copy(recognition, by, voided=True, revoked_reason=recognition.revoked_reason or reason)
    _record("recognition.voided", row, enterprise, before, by, reason=reason)
    _after([enterprise.id])
    return row


def _needed(text: str, field: str, message: str) -> str:
    if not text.strip():
        raise Refused([(field, message)])
    return text.strip()[:200]


def draft_of(row: Recognition) -> Draft:
    """The recorded values as a draft, for a correction that changes some of them."""
    return Draft(
        row.title_code, row.level, row.batch_year, row.document, row.announced_on, row.valid_from, row.valid_to, row.evidence, row.revoked_on,
        row.revoked_reason,
    )


def _supersede(row: Recognition) -> None:
    """Close the version, if nobody else did meanwhile."""
    closed = update(Recognition).where(Recognition.id == row.id, Recognition.superseded_at.is_(None)).values(superseded_at=clock.now())
    done = cast("CursorResult[Any]", db.session.execute(closed.execution_options(synchronize_session=False)))
    db.session.expire(row, ["superseded_at"])
    if not done.rowcount:
        raise Conflict("recognition_changed", "这条认定刚刚被别人更正过，您的修改没有保存。请打开最新的记录核对后再改。")


def _add(enterprise_id: int, draft: Draft, pack: Pack, by: Actor, source: str | None) -> Recognition:
    title = pack.title(draft.title_code)
    row = Recognition(
        enterprise_id=enterprise_id, **asdict(draft), open_ended=title.open_ended and draft.valid_to is None, source=source,
        recorded_at=clock.now(), recorded_by=by.user_id,
    )
    return _flushed(row)


def _copy(row: Recognition, by: Actor, **changed: Any) -> Recognition:
    columns = [c.key for c in Recognition.__table__.columns if c.key not in ("id", "recorded_at", "recorded_by", "superseded_at")]
    values = {key: getattr(row, key) for key in columns} | changed
    return _flushed(Recognition(**values, recorded_at=clock.now(), recorded_by=by.user_id))


def _flushed(row: Recognition) -> Recognition:
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:  # somebody recorded the same grant at the same moment
        raise Conflict("recognition_exists", "这项认定刚刚已由他人登记，请刷新后核对。") from error
    return row


def _record(type_: str, row: Recognition, enterprise: Enterprise, before: Draft | None, by: Actor, **more: Any) -> None:
    old, new = audit.changes(asdict(before) if before else {}, asdict(draft_of(row)))
    audit.record(type_, Subject("recognition", row.id, enterprise.name), old or None, new | more | {"enterprise_id": row.enterprise_id}, by=by)


def _after(enterprise_ids: list[int]) -> None:
    refresh_some(enterprise_ids)
    changes.tell("recognition.changed", enterprise_ids)
