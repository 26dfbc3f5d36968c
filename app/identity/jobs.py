"""Long work of this capability: walking the whole audit chain."""

from typing import Any

from app.infra import audit
from app.infra.audit import Subject
from app.infra.db import begin_reading, db
from app.infra.jobs import JobContext


def verify_audit(context: JobContext) -> dict[str, Any]:
    """Recompute every row and link in a reading transaction; the outcome is itself an audit row."""
    db.session.rollback()
    begin_reading(snapshot=True)
    try:
        verdict = audit.verify(db.session())
    finally:
        db.session.rollback()
    result = {"sealed": verdict.sealed, "unsealed": verdict.unsealed, "broken_at": verdict.broken_at, "reason": verdict.reason}
    audit.record("audit.verified", Subject("audit", None, "审计链"), None, result, by=context.actor)
    return result


JOBS = {"identity.verify_audit": verify_audit}
