"""Writing the disturbance ledger: one row per contact, planned ones included; what did not take place is voided."""

from datetime import date, timedelta

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.visits.actions.steps import said
from app.visits.models.requests import Disturbance
from app.visits.queries.disturbance import decide
from app.visits.rules.disturbance import KINDS


def row_of(*, source: str, source_id: int | None) -> Disturbance | None:
    """The ledger row of a record, None when it has none (or is entered by hand)."""
    if source_id is None:
        return None
    return db.session.scalars(select(Disturbance).where(Disturbance.source == source, Disturbance.source_id == source_id)).first()


def charge(
    *, enterprise: Enterprise, on_day: date, kind: str, invited: bool, source: str, source_id: int | None, team_id: int | None, by: Actor,
    over_cap: bool | None = None, note: str | None = None,
) -> Disturbance:
    """Write the contact of a record, or bring its row in step with it (another day, another basis). ``over_cap`` None = found out here."""
    row = row_of(source=source, source_id=source_id)
    decision = decide(enterprise, on_day, kind, invited=invited, without=None if row is None else row.id)
    values = {
        "on_day": on_day, "kind": kind, "points": decision.cost, "invited": invited, "over_cap": decision.over_cap if over_cap is None else over_cap,
        "team_id": team_id, "note": note, "voided_at": None,
    }
    if row is None:
        row = Disturbance(
            enterprise_id=enterprise.id, source=source, source_id=source_id, recorded_at=clock.now(), recorded_by=by.user_id,
            recorded_name=by.name[:80], **values,
        )
        db.session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    db.session.flush()
    return row


def void(*, source: str, source_id: int) -> None:
    """The contact did not take place: it costs nothing any more."""
    row = row_of(source=source, source_id=source_id)
    if row is not None and row.voided_at is None:
        row.voided_at = clock.now()
        db.session.flush()


def record_contact(
    *, enterprise: Enterprise, kind: str, on_day: date, invited: bool, note: str | None, team_id: int | None, by: Actor,
) -> Disturbance:
    """A call, a form or a training invitation somebody tells us about by hand."""
    if kind not in KINDS or kind == "visit":
        raise Invalid("kind", "请选择电话、填表或培训邀请；走访请从预约或走访记录登记。", "kind")
    today = clock.today()
    if not today - timedelta(days=366) <= on_day <= today:
        raise Invalid("on_day", "日期应在最近一年以内、今天以前，请检查。", "on_day")
    kept = said(note)
    if not kept:
        raise Invalid("note", "请用一句话写明联系的内容。", "note")
    row = charge(
        enterprise=enterprise, on_day=on_day, kind=kind, invited=invited, source="manual", source_id=None, team_id=team_id, by=by, note=kept,
    )
    told = {"kind": kind, "on_day": on_day, "invited": invited, "points": row.points}
    audit.record("contact.recorded", Subject("disturbance", row.id, enterprise.name), None, told, by=by)
    db.session.flush()
    return row
