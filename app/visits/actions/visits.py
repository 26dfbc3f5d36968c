"""Logging a visit: one action for the page, the phone and whoever else brings one. Sent twice, it is stored once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.demands.actions.raising import raise_demand
from app.enterprises import actions as enterprises
from app.enterprises.models import Enterprise
from app.enterprises.queries import get_enterprise
from app.enterprises.queries.records import find_kept
from app.infra import audit, clock, dialect, files, outbox
from app.infra.audit import Subject
from app.infra.db import db
from app.infra.images import Photo
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.scope import Scope
from app.kernel.text import clean
from app.policies.queries import pack_of_city
from app.visits.actions.closing import close_by_visit
from app.visits.models import Finding, Measure, Promise, Visit, VisitPerson, VisitPhoto, VisitTopic
from app.visits.queries.choices import choices_of
from app.visits.queries.teams import team_of
from app.visits.rules.visit import COMPLETE, DRAFT, MOST_PHOTOS, Problem, VisitDraft, problems

PHOTO_PURPOSE = "visit"


class Refused(Invalid):
    """Several things are wrong at once: ``problems`` as (field, sentence); the first is the message."""

    def __init__(self, found: Sequence[Problem], code: str = "visit_invalid") -> None:
        super().__init__(code, found[0][1], found[0][0])
        self.problems = list(found)


class KeyUsed(Conflict):
    """The device's key belongs to a visit that says something else; ``visit_id`` is the stored one."""

    def __init__(self, visit_id: int) -> None:
        super().__init__(
            "visit_key_used", "这条走访已经保存过，这次的内容与已保存的不同，没有再登记一条。请打开已保存的走访核对，要改的在那里更正。",
        )
        self.visit_id = visit_id


@dataclass(frozen=True)
class Logged:
    """What came of it. ``repeated``: it stood there already and nothing was changed."""

    visit: Visit
    repeated: bool = False


def log_visit(*, scope: Scope, draft: VisitDraft, by: Actor, photos: Sequence[Photo] = (), visit: Visit | None = None) -> Logged:
    """Store a draft or a complete visit; ``visit``: the kept draft this one replaces.

    Raises ``NotFound`` (no such enterprise in the scope), ``Refused`` (every sentence with its field), ``KeyUsed``.
    """
    digest = draft.digest([photo.sha256 for photo in photos])
    if (known := _known(draft, by)) is not None and known is not visit:
        return _repeat(known, digest)
    enterprise = _enterprise(scope, draft.enterprise_id)
    _check(draft, enterprise, len(photos), visit)
    try:
        with db.session.begin_nested():
            row = _write(scope, draft, enterprise, digest, visit, by)
            _keep_photos(row, photos, by)
            if draft.complete:
                _write_parts(row, draft, by)
                raise_demands(row, draft, by)
            db.session.flush()
    except IntegrityError as error:  # the twin of this request was a moment faster
        if not dialect.is_duplicate(error) or (known := _known(draft, by)) is None:
            raise
        return _repeat(known, digest)
    if draft.complete:
        assert row.visited_on is not None
        enterprises.note_visit(enterprise.id, row.visited_on)
        close_by_visit(visit=row, enterprise=enterprise, invited=row.basis == "request", by=by)
        outbox.tell(
            f"visit:{row.id}", to=[f"firm:{enterprise.id}"], code="visits.logged", title=f"{row.visited_on:%m月%d日}的走访请确认",
            text="服务队登记了对本企业的走访。请确认是否属实，可以更正和评价。", endpoint="visits.our", arguments={"visit_id": row.id},
        )  # fmt: skip
    _record(row, draft, enterprise, len(photos), by)
    return Logged(row)


def _known(draft: VisitDraft, by: Actor) -> Visit | None:
    if draft.client_key is None:
        return None
    return db.session.scalars(select(Visit).where(Visit.created_by == by.user_id, Visit.client_key == draft.client_key)).first()


def _repeat(known: Visit, digest: str) -> Logged:
    if known.content_hash != digest:
        raise KeyUsed(known.id)
    return Logged(known, True)


def _enterprise(scope: Scope, enterprise_id: int) -> Enterprise:
    """The enterprise; one that was merged meanwhile leads to the kept one."""
    try:
        return get_enterprise(scope, enterprise_id)
    except NotFound:
        kept = find_kept(scope, enterprise_id)
        if kept is None:
            raise
        return kept


def _check(draft: VisitDraft, enterprise: Enterprise, photos: int, visit: Visit | None) -> None:
    if draft.client_key is not None and not 8 <= len(draft.client_key) <= 80:
        raise Invalid("client_key", "提交编号无效，请刷新页面后重试。")
    if visit is not None and visit.state != DRAFT:
        raise Conflict("visit_not_draft", "这条走访已经登记，不能再按草稿保存。请刷新页面，在走访页面上更正。")
    found = problems(draft, choices_of(pack_of_city(enterprise.city_id)), clock.today())
    if photos > MOST_PHOTOS:
        found.append(("photos", f"照片最多 {MOST_PHOTOS} 张，请删去一些。"))
    if found:
        raise Refused(found)


def _write(scope: Scope, draft: VisitDraft, enterprise: Enterprise, digest: str, visit: Visit | None, by: Actor) -> Visit:
    now = clock.now()
    row = visit or Visit(created_at=now, created_by=by.user_id, created_name=by.name[:80], via=by.via, client_key=draft.client_key)
    set_fields(row, draft)
    row.enterprise_id, row.content_hash = enterprise.id, digest
    row.team_id = team_of(scope, enterprise.id, draft.team_id, draft.visited_on or clock.today())
    row.state, row.draft = (COMPLETE, None) if draft.complete else (DRAFT, draft.plain())
    row.logged_at = now if draft.complete else None
    if visit is not None:
        row.version += 1
    db.session.add(row)
    db.session.flush()
    return row


def set_fields(row: Visit, draft: VisitDraft) -> None:
    """What stands in the row itself."""
    row.visited_on, row.mode, row.basis = draft.visited_on, draft.mode, draft.basis or None
    row.appointment_id, row.project_id, row.device_at = draft.appointment_id, draft.project_id, draft.device_at
    row.summary, row.internal_note = clean(draft.summary, multiline=True), clean(draft.internal_note, multiline=True) or None
    row.feedback_given, row.feedback = draft.feedback_given, clean(draft.feedback) or None
    row.next_contact_on, row.next_contact_why = draft.next_contact_on, clean(draft.next_contact_why) or None
    at = draft.position
    row.latitude, row.longitude, row.accuracy_m = (at.latitude, at.longitude, at.accuracy_m) if at is not None else (None, None, None)


def _write_parts(row: Visit, draft: VisitDraft, by: Actor) -> None:
    set_people(row, draft, by)
    set_topics(row, draft)
    add_outcomes(row, draft, by)


def set_people(row: Visit, draft: VisitDraft, by: Actor) -> None:
    """Who was there; nobody named on our side: whoever writes it down was."""
    rows = [
        VisitPerson(
            visit_id=row.id, side=person.side, name=clean(person.name), title=clean(person.title) or None, user_id=person.user_id,
            team_id=row.team_id if person.side == "team" else None,
        )
        for person in draft.people
    ]
    if not any(person.side == "team" for person in draft.people):
        rows.insert(0, VisitPerson(visit_id=row.id, side="team", name=by.name[:60], user_id=by.user_id, team_id=row.team_id))
    db.session.add_all(rows)


def set_topics(row: Visit, draft: VisitDraft) -> None:
    """What it was about; what a finding says counts as said of the visit, too."""
    groups: tuple[tuple[str, Collection[str]], ...] = (
        ("action", {*draft.actions, *(one.action for one in draft.findings)}), ("stage", {*draft.stages, *(one.stage for one in draft.findings)}),
        ("domain", {*draft.domains, *(one.domain for one in draft.findings)}), ("help", set(draft.help_areas)),
    )
    db.session.add_all(VisitTopic(visit_id=row.id, kind=kind, code=code) for kind, codes in groups for code in sorted(codes) if code)


def add_outcomes(row: Visit, draft: VisitDraft, by: Actor) -> None:
    """Findings, measures and promises of the draft, as rows of their own."""
    common: dict[str, Any] = {"visit_id": row.id, "enterprise_id": row.enterprise_id, "created_at": clock.now(), "created_by": by.user_id}
    findings = [
        Finding(
            text=clean(one.text), severity=one.severity, kind=one.kind or None, stage_code=one.stage or None, action_code=one.action or None,
            domain_code=one.domain or None, **common,
        )
        for one in draft.findings
    ]
    db.session.add_all(findings)
    if any(one.finding is not None for one in draft.measures):
        db.session.flush()
    db.session.add_all(
        Measure(
            text=clean(one.text), owner=clean(one.owner) or None, due_on=one.due_on,
            finding_id=None if one.finding is None else findings[one.finding].id, **common,
        )
        for one in draft.measures
    )
    db.session.add_all(
        Promise(
            text=clean(one.text), owner=clean(one.owner) or by.name[:60], owner_user_id=None if clean(one.owner) else by.user_id, due_on=one.due_on,
            to_whom=clean(one.to_whom) or None, team_id=row.team_id, **common,
        )
        for one in draft.promises
    )


def raise_demands(row: Visit, draft: VisitDraft, by: Actor) -> None:
    """What the enterprise asked for, as demands that name the visit."""
    for place, one in enumerate(draft.demands):
        try:
            raise_demand(enterprise_id=row.enterprise_id, text=one.text, domain=one.domain or None, source="visit", visit_id=row.id, by=by)
        except Invalid as error:
            raise Refused([(f"demands.{place}.text", error.message_zh)]) from error


def _keep_photos(row: Visit, photos: Sequence[Photo], by: Actor) -> None:
    for place, photo in enumerate(photos, 1):
        stored = files.save(BytesIO(photo.data), name=f"走访照片{place}.jpg", purpose=PHOTO_PURPOSE, max_bytes=len(photo.data), by=by.user_id)
        db.session.add(VisitPhoto(
            visit_id=row.id, file_id=stored.id, width=photo.width, height=photo.height, added_at=clock.now(), added_by=by.user_id,
        ))  # fmt: skip


def subject_of(row: Visit, name: str) -> Subject:
    """What audit rows call a visit."""
    return Subject("visit", row.id, f"{name} {row.visited_on or ''}".strip())


def _record(row: Visit, draft: VisitDraft, enterprise: Enterprise, photos: int, by: Actor) -> None:
    said: dict[str, Any] = {
        "enterprise_id": enterprise.id, "visited_on": draft.visited_on, "mode": draft.mode, "team_id": row.team_id, "photos": photos,
        "findings": len(draft.findings), "measures": len(draft.measures), "promises": len(draft.promises), "demands": len(draft.demands),
    }
    audit.record("visit.logged" if draft.complete else "visit.drafted", subject_of(row, enterprise.name), None, said, by=by)


def latest_day(enterprise_id: int) -> date | None:
    """Day of the last complete visit."""
    return db.session.scalars(
        select(Visit.visited_on).where(Visit.enterprise_id == enterprise_id, Visit.state == COMPLETE).order_by(Visit.visited_on.desc()).limit(1)
    ).first()


def refresh_last_visits(enterprise_ids: Collection[int]) -> None:
    """The stored day of the last visit anew, after records were merged or a visit was corrected or voided."""
    for enterprise_id in enterprise_ids:
        enterprises.set_last_visit(enterprise_id, latest_day(enterprise_id))


def drop_draft(*, visit: Visit, enterprise: Enterprise, by: Actor) -> None:
    """Throw a draft away; a complete visit is voided instead, never deleted."""
    if visit.state != DRAFT:
        raise Conflict("visit_not_draft", "这条走访已经登记，不能按草稿删除。登记有误时请在走访页面上作废。")
    db.session.execute(delete(VisitPhoto).where(VisitPhoto.visit_id == visit.id))
    db.session.delete(visit)
    audit.record("visit.draft_dropped", subject_of(visit, enterprise.name), {"summary": visit.summary[:200]}, None, by=by)
    db.session.flush()
