"""After mass changes: search index, summaries, planner figures and the listeners of higher capabilities, all in the caller's transaction."""

from collections.abc import Collection

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.areas.models import AreaMembership
from app.enterprises.actions.cancellation import follow_status
from app.enterprises.actions.index import measure_pieces, reindex, reindex_all, take_out
from app.enterprises.actions.summaries import refresh_all_summaries, refresh_summaries
from app.enterprises.models import Enterprise, EnterpriseSummary
from app.enterprises.queries.places import forget_places
from app.infra import changes, clock, dialect
from app.infra.db import db

FEW, WHOLE_SHARE = 2_000, 0.8
"""Up to ``FEW`` rows nothing is measured anew; from ``WHOLE_SHARE`` of all rows on, rebuilding everything is quicker than row by row."""
TABLES = ("enterprise", "enterprise_summary", "enterprise_year", "enterprise_town", "enterprise_name")


def after_bulk(session: Session, touched_ids: Collection[int] | None, *, only_new: bool = False) -> None:
    """Call once, last, after set-based changes. ``touched_ids``: enterprises added or changed; None = any (everything is rebuilt).
    ``only_new``: nothing but firms that did not exist before, without figures or recognitions.

    Adds missing summaries, refreshes the figures in them, the search index and what the database's planner believes, and tells ``bulk``.
    """
    follow_status(session, None if touched_ids is None or len(touched_ids) > 900 else sorted(touched_ids))
    total = session.scalar(select(func.count()).select_from(Enterprise)) or 0
    if touched_ids is None or len(touched_ids) > max(FEW, total * WHOLE_SHARE):
        reindex_all()
        refresh_all_summaries()
    else:
        reindex(touched_ids)
        refresh_summaries(touched_ids)
        if len(touched_ids) > FEW:
            measure_pieces()
    if touched_ids is None or len(touched_ids) > FEW:
        dialect.refresh_statistics(session, *TABLES)
    session.expire_all()
    changes.tell("bulk.new" if only_new else "bulk", ())
    if not only_new and (touched_ids is None or touched_ids):
        changes.tell("bulk.touched", () if touched_ids is None else touched_ids)


def forget(session: Session, ids: Collection[int]) -> None:
    """Remove the index and summary rows of enterprises that are about to be deleted (undo of an import that had created them)."""
    take_out(ids)
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), 5_000):
        session.execute(delete(EnterpriseSummary).where(EnterpriseSummary.enterprise_id.in_(wanted[start : start + 5_000])))


def on_unit_changed(town_ids: Collection[int]) -> None:
    """Listener of ``area.unit_changed``: enterprises of these towns get the unit that manages the town today."""
    forget_places()
    today = clock.today()
    for town_id in town_ids:
        unit_id = db.session.scalar(
            select(AreaMembership.unit_id).where(
                AreaMembership.town_id == town_id, AreaMembership.superseded_at.is_(None), AreaMembership.valid_from <= today,
                (AreaMembership.valid_to.is_(None)) | (AreaMembership.valid_to >= today),
            )
        )
        if unit_id is not None:
            db.session.execute(
                update(Enterprise).where(Enterprise.town_id == town_id, Enterprise.unit_id != unit_id).values(unit_id=unit_id)
            )
    db.session.flush()
