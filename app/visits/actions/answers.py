"""The enterprise's word: a one-time link is made, answered once, and a reported charge reaches the bureau."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.exc import IntegrityError

from app.enterprises.models import Enterprise
from app.infra import audit, clock, dialect, outbox
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.text import clean
from app.policies.queries import pack_of_city
from app.visits.actions.visits import Refused, subject_of
from app.visits.models import Visit, VisitAnswer, VisitLink
from app.visits.queries.answers import token_hash
from app.visits.queries.choices import setting
from app.visits.rules.answers import Answer, problems
from app.visits.rules.visit import COMPLETE

FIRM = Actor(None, "企业（一次性链接）", via="link")
USED_ZH = "这个链接已经用过，或已换成新的链接。每次走访只能反馈一次；如需更正，请联系服务队。"


@dataclass(frozen=True)
class NewLink:
    """A link just made: the token is known only now."""

    row: VisitLink
    token: str


def make_link(*, visit: Visit, enterprise: Enterprise, by: Actor) -> NewLink:
    """A fresh link for the enterprise; the earlier ones of this visit end."""
    if visit.state != COMPLETE:
        raise Conflict("visit_not_complete", "只有已登记的走访才能请企业确认。")
    if visit.confirm_state != "open":
        raise Conflict("visit_answered", "企业已经反馈过这次走访，不能再发链接。")
    now, days = clock.now(), setting("visit_link_days", pack_of_city(enterprise.city_id))
    live = VisitLink.visit_id == visit.id, VisitLink.used_at.is_(None), VisitLink.revoked_at.is_(None)
    db.session.execute(update(VisitLink).where(*live).values(revoked_at=now))
    token = secrets.token_urlsafe(24)
    expires = now + timedelta(days=days if isinstance(days, int) else 14)
    row = VisitLink(visit_id=visit.id, token_hash=token_hash(token), created_at=now, created_by=by.user_id, expires_at=expires)
    db.session.add(row)
    db.session.flush()
    audit.record("visit.link_made", subject_of(visit, enterprise.name), None, {"link": row.id, "expires_at": expires}, by=by)
    return NewLink(row, token)


def answer_visit(*, visit: Visit, enterprise: Enterprise, answer: Answer, link: VisitLink | None, by: Actor) -> VisitAnswer:
    """Store what the enterprise says, once. ``link`` None: its contact person is signed in. Raises ``Refused`` or ``Conflict``."""
    if visit.state != COMPLETE or visit.visited_on is None:
        raise Conflict("visit_void", "这次走访的记录已撤销，不需要反馈。")
    if found := problems(answer, visit.visited_on, visit.mode, clock.today()):
        raise Refused(found, "answer_invalid")
    if link is not None:
        _use(link)
    row = _row(visit, answer, link, by)
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        if not dialect.is_duplicate(error):
            raise
        raise Conflict("answered", USED_ZH) from error
    db.session.execute(update(Visit).where(Visit.id == visit.id).values(confirm_state=answer.verdict))
    audit.record(
        "visit.answered", subject_of(visit, enterprise.name), {"confirm_state": "open"},
        {"confirm_state": answer.verdict, "said_on": answer.said_on, "said_mode": answer.said_mode or None, "charge": answer.charged}, by=by,
    )  # fmt: skip
    _tell(visit, enterprise, row)
    db.session.flush()
    return row


def _tell(visit: Visit, enterprise: Enterprise, row: VisitAnswer) -> None:
    """A charge goes to the bureau and nobody else; another date, or no such visit at all, to the team leader and whoever wrote it down."""
    if row.charge_state is not None:
        outbox.tell(
            f"visit-charge:{row.id}", to=[f"city:{enterprise.city_id}"], code="visits.charge_reported", title=f"“{enterprise.name}”反映被收费",
            text="企业在走访反馈里反映服务人员收费，请核查。", endpoint="visits.charges",
        )  # fmt: skip
    if row.verdict != "confirmed":
        told = [f"user:{visit.created_by}"] * (visit.created_by is not None) + [f"lead:{visit.team_id}"] * (visit.team_id is not None)
        words = "称没有这次走访" if row.verdict == "denied" else "更正了日期或方式"
        outbox.tell(
            f"visit-answer:{row.id}", to=told, code="visits.answer_differs", title=f"“{enterprise.name}”{words}",
            text=f"{visit.visited_on:%m月%d日}的走访与企业的说法不一致，请核对。", endpoint="visits.show", arguments={"visit_id": visit.id},
        )  # fmt: skip


def _use(link: VisitLink) -> None:
    """Use the link up: of two at the same moment one wins."""
    now = clock.now()
    live = VisitLink.id == link.id, VisitLink.used_at.is_(None), VisitLink.revoked_at.is_(None), VisitLink.expires_at > now
    if not cast("CursorResult[Any]", db.session.execute(update(VisitLink).where(*live).values(used_at=now))).rowcount:
        raise Conflict("link_used", USED_ZH)


def _row(visit: Visit, answer: Answer, link: VisitLink | None, by: Actor) -> VisitAnswer:
    return VisitAnswer(
        visit_id=visit.id, link_id=None if link is None else link.id, enterprise_id=visit.enterprise_id, team_id=visit.team_id,
        answered_at=clock.now(), answered_on=clock.today(), answered_by=by.user_id, verdict=answer.verdict,
        said_on=answer.said_on if answer.said_on != visit.visited_on else None,
        said_mode=answer.said_mode if answer.said_mode not in ("", visit.mode) else None,
        rating=answer.rating, comment=clean(answer.comment) or None, charge_yuan=answer.charge_yuan if answer.charged else None,
        charge_text=clean(answer.charge_text) or None if answer.charged else None, charge_state="open" if answer.charged else None,
    )  # fmt: skip


def settle_charge(*, row: VisitAnswer, note: str, by: Actor) -> bool:
    """The bureau looked into a reported charge. False = it was settled already."""
    said = clean(note)[:300]
    if len(said) < 4:
        raise Invalid("charge_note", "请写明核查结果（至少 4 个字）。", "note")
    open_ = VisitAnswer.id == row.id, VisitAnswer.charge_state == "open"
    if not cast("CursorResult[Any]", db.session.execute(update(VisitAnswer).where(*open_).values(charge_state="settled", charge_note=said))).rowcount:
        return False
    audit.record("visit.charge_settled", Subject("visit_answer", row.id, f"走访 {row.visit_id}"), {"state": "open"}, {"note": said}, by=by)
    db.session.flush()
    return True
