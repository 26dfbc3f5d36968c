"""The day of the last visit on the stored summary: lists filter and sort by it. Called by ``visits`` in its own transaction."""

from datetime import date

from sqlalchemy import or_, update

from app.enterprises.actions.summaries import refresh_summaries
from app.enterprises.models import EnterpriseSummary
from app.infra.db import db


def note_visit(enterprise_id: int, day: date) -> None:
    """A visit took place: the day counts when it is the latest. One statement."""
    later = or_(EnterpriseSummary.last_visit_on.is_(None), EnterpriseSummary.last_visit_on < day)
    _write(enterprise_id, day, later)


def set_last_visit(enterprise_id: int, day: date | None) -> None:
    """The latest day as counted anew (a visit was voided, corrected, or came with a merged record)."""
    if db.session.get(EnterpriseSummary, enterprise_id) is None:
        refresh_summaries([enterprise_id])
    _write(enterprise_id, day)


def _write(enterprise_id: int, day: date | None, *conditions: object) -> None:
    statement = update(EnterpriseSummary).where(EnterpriseSummary.enterprise_id == enterprise_id, *conditions)  # type: ignore[arg-type]
    db.session.execute(statement.values(last_visit_on=day).execution_options(synchronize_session="evaluate"))
