"""Management help recorded by platforms and teams: one line per enterprise, day and topic (004 三(六))."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError

from app.enterprises.models import Enterprise
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.visits.actions.steps import Refused, said
from app.visits.models import ConsultRecord
from app.visits.rules.improvement import CONSULT_KINDS


@dataclass(frozen=True)
class ConsultDraft:
    """One consulting or training."""

    kind: str
    held_on: date | None
    topic: str
    platform: str
    provider_id: int | None = None


def problems(draft: ConsultDraft) -> list[tuple[str, str]]:
    """What is wrong with it, field by field (page and import alike)."""
    found = []
    if draft.kind not in CONSULT_KINDS:
        found.append(("kind", "请选择管理咨询或管理培训。"))
    if draft.held_on is None or not date(2015, 1, 1) <= draft.held_on <= clock.today():
        found.append(("held_on", "请填写服务日期，应在今天以前。"))
    if not (draft.topic or "").strip():
        found.append(("topic", "请填写主题。"))
    if not (draft.platform or "").strip():
        found.append(("platform", "请填写提供服务的平台或机构。"))
    return found


def record(*, enterprise: Enterprise, draft: ConsultDraft, by: Actor) -> bool:
    """Store it; False = the same line stands there already."""
    wrong = problems(draft)
    if wrong:
        raise Refused(wrong)
    row = ConsultRecord(
        enterprise_id=enterprise.id, kind=draft.kind, held_on=draft.held_on, topic=said(draft.topic, 120), platform=said(draft.platform, 120),
        provider_id=draft.provider_id, recorded_at=clock.now(), recorded_by=by.user_id, recorded_name=by.name[:80],
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError:
        return False
    told = {"kind": draft.kind, "held_on": draft.held_on, "topic": draft.topic, "platform": draft.platform}
    audit.record("consult.recorded", Subject("consult", row.id, enterprise.name), None, told, by=by)
    db.session.flush()
    return True
