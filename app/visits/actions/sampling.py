"""The result of a call-back. It says whether the visit is true; it rates nobody."""

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra import audit, clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.kernel.text import clean
from app.visits.actions.visits import subject_of
from app.visits.models import Visit, VisitCallback
from app.visits.models.answers import CALLBACKS


def record_callback(*, visit: Visit, enterprise: Enterprise, result: str, note: str, by: Actor) -> bool:
    """Store what the enterprise said on the phone, or put it right. False = it stood there already."""
    if result not in CALLBACKS:
        raise Invalid("result", "请选择回访结果。", "result")
    said = clean(note)[:300] or None
    row = db.session.scalars(select(VisitCallback).where(VisitCallback.visit_id == visit.id)).first()
    if row is not None and (row.result, row.note) == (result, said):
        return False
    old = None if row is None else {"result": row.result, "note": row.note}
    if row is None:
        row = VisitCallback(visit_id=visit.id)
        db.session.add(row)
    row.result, row.note, row.called_on, row.called_by, row.called_name = result, said, clock.today(), by.user_id, by.name[:80]
    audit.record("visit.called_back", subject_of(visit, enterprise.name), old, {"result": result, "note": said}, by=by)
    db.session.flush()
    return True
