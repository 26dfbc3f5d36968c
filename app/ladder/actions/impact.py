"""Compare two rule versions on today's facts and keep whose answer differs."""

from collections.abc import Callable

from sqlalchemy import delete, insert, select

from app.areas import queries as areas
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.ladder.models import ImpactRow, ImpactRun
from app.ladder.queries.impact import Question, answers
from app.packs import Pack

KEPT, BATCH = 20, 5_000
"""Comparisons kept per city; rows written at once."""


def compare(
    *, city_id: int, pack: Pack, question: Question, by: Actor, on_progress: Callable[[int], None] = lambda _done: None,
) -> ImpactRun:
    """Every enterprise that is asked, under both versions; only those whose answer differs are written."""
    run = ImpactRun(
        city_id=city_id, title=question.title, application=question.application, day=question.day, old_code=question.old.code,
        new_code=question.new.code, old_label=question.old.criterion.label[:200], new_label=question.new.criterion.label[:200], pack_hash=pack.hash,
        asked=0, computed_at=clock.now(), computed_by=by.name[:80],
    )
    db.session.add(run)
    db.session.flush()
    asked, rows = 0, []
    for enterprise_id, old, new in answers(city_id, question):
        asked += 1
        if old != new:
            rows.append({"run_id": run.id, "enterprise_id": enterprise_id, "old": old, "new": new})
        if len(rows) >= BATCH:
            db.session.execute(insert(ImpactRow), rows)
            rows = []
        if asked % 20_000 == 0:
            on_progress(asked)
    if rows:
        db.session.execute(insert(ImpactRow), rows)
    run.asked = asked
    _forget_old(city_id)
    label = f"{areas.code_of(city_id) or ''} {question.old.code} → {question.new.code}"
    audit.record("impact.compared", Subject("impact_run", run.id, label), None, {"application": question.application, "asked": asked}, by=by)
    db.session.flush()
    return run


def _forget_old(city_id: int) -> None:
    old = list(db.session.scalars(select(ImpactRun.id).where(ImpactRun.city_id == city_id).order_by(ImpactRun.id.desc()).offset(KEPT)))
    if old:
        db.session.execute(delete(ImpactRow).where(ImpactRow.run_id.in_(old)).execution_options(synchronize_session=False))
        db.session.execute(delete(ImpactRun).where(ImpactRun.id.in_(old)).execution_options(synchronize_session=False))
