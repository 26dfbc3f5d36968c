"""After mass changes: search index, summaries, planner figures and the listeners of higher capabilities, all in the caller's transaction."""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from app.areas.models import AreaMembership
from app.enterprises.actions.cancellation import follow_status
from app.enterprises.actions.index import index_later, measure_pieces, reindex, reindex_all, take_out
from app.enterprises.actions.summaries import add_summaries, refresh_all_summaries, refresh_summaries
from app.enterprises.models import Enterprise, EnterpriseSummary
from app.enterprises.queries.places import forget_places
from app.infra import changes, clock, dialect
from app.infra.db import db

FEW, WHOLE_SHARE = 2_000, 0.8
"""Up to ``FEW`` rows nothing is measured anew; from ``WHOLE_SHARE`` of all rows on, rebuilding everything is quicker than row by row."""
TABLES = ("enterprise", "enterprise_summary", "enterprise_year", "enterprise_town", "enterprise_name")


def after_bulk(session: Session, touched_ids: Collection[int] | None, *, added: range = range(0), texts: Select[Any] | None = None) -> None:
    """Call once, last, after set-based changes. ``touched_ids``: enterprises changed; None = any (everything is rebuilt). ``added``: ids
    of firms that did not exist before and have no figures or recognitions; ``texts``: what the search compares of them (id, content, code
    in lower case). Very many new ones are indexed by a job that follows; everything else is done when this returns.

    Adds missing summaries, refreshes the figures in them, the search index and what the database's planner believes, and tells ``bulk``.
    """
    few_new = texts is None or len(added) <= FEW
    only_new = bool(added) and touched_ids is not None and not touched_ids
    if few_new and touched_ids is not None:
        touched_ids = {*touched_ids, *added}
    many = touched_ids is None or not few_new or len(touched_ids) > 900
    follow_status(session, None if many else sorted(touched_ids or ()))
    if not few_new:
        _add_many(session, added, cast("Select[Any]", texts))
    if touched_ids is None or touched_ids:
        _refresh_touched(session, touched_ids)
    session.expire_all()
    changes.tell("bulk.new" if only_new else "bulk", ())
    if touched_ids is None or (touched_ids and not only_new):
        changes.tell("bulk.touched", () if touched_ids is None else {*touched_ids, *added})


def _add_many(session: Session, added: range, texts: Select[Any]) -> None:
    index_later(texts)
    add_summaries(added)
    dialect.estimate_statistics(session, *TABLES)


def _refresh_touched(session: Session, touched_ids: Collection[int] | None) -> None:
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
