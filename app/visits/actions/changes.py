"""Changes after a visit is complete: correction (old words are kept), voiding, the team leader's review, further outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, delete, update

from app.enterprises.models import Enterprise
from app.infra import audit, clock, outbox
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.text import clean
from app.policies.queries import pack_of_city
from app.visits.actions.closing import close_by_visit, reopen_by_void
from app.visits.actions.visits import Refused, add_outcomes, refresh_last_visits, set_topics, subject_of
from app.visits.models import Visit, VisitChange, VisitTopic
from app.visits.queries.choices import choices_of, setting
from app.visits.queries.visits import topics_of
from app.visits.rules.visit import COMPLETE, VOID, VisitDraft, needs_reason, problems

FREE_HOURS = "visit_correction_free_hours"
CHANGED_ZH = "这条走访刚被别人改过，您的内容没有保存。请先复制您填写的内容，刷新页面核对后再改。"
TOPIC_FIELDS = {"action": "actions", "stage": "stages", "help": "help_areas", "domain": "domains"}


@dataclass(frozen=True)
class Correction:
    """What a complete visit shall say from now on. ``reason``: needed once the free time is over."""

    visited_on: date | None
    mode: str
    summary: str
    basis: str = ""
    internal_note: str = ""
    feedback_given: bool | None = None
    feedback: str = ""
    next_contact_on: date | None = None
    next_contact_why: str = ""
    actions: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    help_areas: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


def free_hours(enterprise: Enterprise) -> int:
    """Hours after logging in which a change needs no reason; a city that has not decided leaves none."""
    found = setting(FREE_HOURS, pack_of_city(enterprise.city_id))
    return found if isinstance(found, int) else 0


def reason_needed(visit: Visit, enterprise: Enterprise) -> bool:
    """Whether a change of this visit must say why by now."""
    return visit.logged_at is not None and needs_reason(visit.logged_at, clock.now(), free_hours(enterprise))


def _change(visit: Visit, version: int, **values: Any) -> None:
    """Write under the version the person saw. Raises ``Conflict`` for the second of two."""
    _open(visit)
    statement = update(Visit).where(Visit.id == visit.id, Visit.version == version, Visit.state == visit.state)
    if not cast("CursorResult[Any]", db.session.execute(statement.values(**values, version=Visit.version + 1))).rowcount:
        raise Conflict("visit_changed", CHANGED_ZH)
    db.session.refresh(visit)


def _open(visit: Visit) -> None:
    if visit.state == VOID:
        raise Conflict("visit_void", "这条走访已作废，不能再办理。如作废有误，请另行登记。")
    if visit.state != COMPLETE:
        raise Conflict("visit_draft", "这条走访还是草稿，请先登记。")


def correct_visit(*, visit: Visit, enterprise: Enterprise, correction: Correction, reason: str, version: int, by: Actor) -> bool:
    """Correct a complete visit; what it said before is kept and shown. False = nothing differed."""
    _open(visit)
    _check(correction, enterprise)
    before, after = _said(visit), _wanted(correction)
    old, new = audit.changes(before, after)
    if not new:
        return False
    why = clean(reason)
    if reason_needed(visit, enterprise) and len(why) < 4:
        raise Refused([("reason", "登记已超过可直接修改的时间，请写明更正原因（至少 4 个字）。原来的内容会保留并显示。")])
    columns = {name: value for name, value in after.items() if name not in TOPIC_FIELDS.values()}
    _change(visit, version, **columns, review_state="open" if visit.review_state == "returned" else visit.review_state)
    if set(new) & set(TOPIC_FIELDS.values()):
        db.session.execute(delete(VisitTopic).where(VisitTopic.visit_id == visit.id))
        set_topics(visit, VisitDraft(
            enterprise.id, actions=correction.actions, stages=correction.stages, help_areas=correction.help_areas, domains=correction.domains,
        ))  # fmt: skip
    _keep(visit, enterprise, old, new, why, by)
    if "visited_on" in new:
        refresh_last_visits([enterprise.id])
    if {"visited_on", "basis"} & set(new):  # the contact stands in the ledger under its new day and basis
        close_by_visit(visit=visit, enterprise=enterprise, invited=visit.basis == "request", by=by)
    db.session.flush()
    return True


def _check(correction: Correction, enterprise: Enterprise) -> None:
    said = VisitDraft(
        enterprise.id, correction.visited_on, correction.summary, correction.mode, correction.basis, correction.internal_note,
        actions=correction.actions, stages=correction.stages, help_areas=correction.help_areas, domains=correction.domains,
        feedback_given=correction.feedback_given, feedback=correction.feedback, next_contact_on=correction.next_contact_on,
        next_contact_why=correction.next_contact_why,
    )  # fmt: skip
    if found := problems(said, choices_of(pack_of_city(enterprise.city_id)), clock.today()):
        raise Refused(found)


def _said(visit: Visit) -> dict[str, Any]:
    names = ("visited_on", "mode", "basis", "summary", "internal_note", "feedback_given", "feedback", "next_contact_on", "next_contact_why")
    topics = topics_of(visit.id)
    return {name: getattr(visit, name) for name in names} | {field: sorted(topics.get(kind, [])) for kind, field in TOPIC_FIELDS.items()}


def _wanted(said: Correction) -> dict[str, Any]:
    return {
        "visited_on": said.visited_on, "mode": said.mode, "basis": said.basis or None, "summary": clean(said.summary, multiline=True),
        "internal_note": clean(said.internal_note, multiline=True) or None, "feedback_given": said.feedback_given, "feedback": clean(said.feedback) or None,
        "next_contact_on": said.next_contact_on, "next_contact_why": clean(said.next_contact_why) or None,
        **{field: sorted(getattr(said, field)) for field in TOPIC_FIELDS.values()},
    }  # fmt: skip


def _keep(visit: Visit, enterprise: Enterprise, old: dict[str, Any], new: dict[str, Any], reason: str, by: Actor) -> None:
    plain = {name: {key: str(v) if isinstance(v, date) else v for key, v in said.items()} for name, said in (("old", old), ("new", new))}
    db.session.add(VisitChange(
        visit_id=visit.id, at=clock.now(), by_id=by.user_id, by_name=by.name[:80], reason=reason[:300] or None, old=plain["old"], new=plain["new"],
    ))  # fmt: skip
    audit.record("visit.corrected", subject_of(visit, enterprise.name), plain["old"], plain["new"] | {"reason": reason[:300]}, by=by)


def void_visit(*, visit: Visit, enterprise: Enterprise, reason: str, version: int, by: Actor) -> None:
    """Take a visit out of every count; it stays readable with its reason."""
    why = clean(reason)[:200]
    if len(why) < 4:
        raise Refused([("reason", "请写明作废原因（至少 4 个字），例如：与同日另一条重复。")])
    _change(visit, version, state=VOID, void_reason=why)
    _keep(visit, enterprise, {"state": "已登记"}, {"state": "已作废"}, why, by)
    reopen_by_void(visit=visit, enterprise=enterprise, reason=why, by=by)
    refresh_last_visits([enterprise.id])
    db.session.flush()


def review_visit(*, visit: Visit, enterprise: Enterprise, passed: bool, note: str, version: int, by: Actor) -> bool:
    """The team leader's word: passed, or given back with what is missing. False = it was said already."""
    state, said = "passed" if passed else "returned", clean(note)[:300] or None
    if not passed and said is None:
        raise Invalid("review_note", "请写明需要补充什么，登记人会看到。", "note")
    if by.user_id is not None and by.user_id == visit.created_by:
        raise Conflict("review_own", "不能审核自己登记的走访，请由其他审核人办理。")
    if (visit.review_state, visit.review_note) == (state, said):
        return False
    old = {"review_state": visit.review_state, "note": visit.review_note}
    _change(visit, version, review_state=state, review_note=said, reviewed_at=clock.now(), reviewed_name=by.name[:80])
    if not passed and visit.created_by is not None:
        outbox.tell(
            f"visit-review:{visit.id}:{visit.version}", to=[f"user:{visit.created_by}"], code="visits.returned",
            title=f"“{enterprise.name}”的走访请补充", text=said or "", endpoint="visits.show", arguments={"visit_id": visit.id},
        )  # fmt: skip
    audit.record("visit.reviewed", subject_of(visit, enterprise.name), old, {"review_state": state, "note": said}, by=by)
    db.session.flush()
    return True


def add_to_visit(*, visit: Visit, enterprise: Enterprise, draft: VisitDraft, by: Actor) -> int:
    """Further findings, measures, promises and demands of a complete visit; how many there were."""
    _open(visit)
    rows: Sequence[Any] = (*draft.findings, *draft.measures, *draft.promises)
    said = VisitDraft(
        enterprise.id, visit.visited_on, visit.summary, findings=draft.findings, measures=draft.measures, promises=draft.promises, complete=True,
    )
    if not rows:
        raise Refused([("findings.0.text", "请至少填写一条问题、措施或承诺。")])
    if found := problems(said, choices_of(pack_of_city(enterprise.city_id)), clock.today()):
        raise Refused(found)
    add_outcomes(visit, said, by)
    _keep(visit, enterprise, {}, {"added": "；".join(clean(row.text) for row in rows)}, "", by)
    db.session.flush()
    return len(rows)
