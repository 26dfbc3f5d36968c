"""Snapshots of the results database: a baseline when a team begins to serve an enterprise, the figures of every data year afterwards.

Set by set, never firm by firm: a thousand enterprises are a few statements. Called by the chore of a new day and by hand.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from app.enterprises.models import Enterprise, EnterpriseAssignment, EnterpriseSummary, EnterpriseYear
from app.enterprises.rules.figures import effective
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import SYSTEM, Actor
from app.visits.models import ServiceSnapshot

COLUMNS = ("revenue_yuan", "tax_yuan", "rd_expense_yuan", "employee_count", "digital_grade")
PART = 900


def take_baselines(*, by: Actor = SYSTEM, today: date | None = None) -> int:
    """A baseline for every served enterprise that has none: the figures of the last data year before, or of the first one on record.

    Returns how many were taken."""
    today = today or clock.today()
    have = select(ServiceSnapshot.enterprise_id).where(ServiceSnapshot.kind == "baseline", ServiceSnapshot.superseded_at.is_(None))
    entered = dict(db.session.execute(
        select(EnterpriseAssignment.enterprise_id, func.min(EnterpriseAssignment.valid_from))
        .join(Enterprise, Enterprise.id == EnterpriseAssignment.enterprise_id)
        .where(
            EnterpriseAssignment.team_id.is_not(None), EnterpriseAssignment.valid_from <= today, Enterprise.merged_into_id.is_(None),
            EnterpriseAssignment.enterprise_id.not_in(have),
        ).group_by(EnterpriseAssignment.enterprise_id)
    ).all())
    added, ids = 0, sorted(entered)
    for first in range(0, len(ids), PART):
        part = ids[first : first + PART]
        years = _years(part, None)
        summaries = _summaries(part)
        for id_ in part:
            year = _year_of_entry(years.get(id_, {}), entered[id_])
            db.session.add(_row(id_, "baseline", year, years.get(id_, {}).get(year, []), summaries.get(id_), by, entered[id_]))
            added += 1
        db.session.flush()
    if added:
        audit.record("snapshots.taken", Subject("snapshot", None, "入队基线"), None, {"enterprises": added}, by=by)
        db.session.flush()
    return added


def _year_of_entry(known: Collection[int], entered_on: date) -> int:
    """The last data year before the entry; where nothing is known of then, the first year that is (the page says which)."""
    before = [year for year in known if year < entered_on.year]
    return max(before) if before else min(known, default=entered_on.year - 1)


def take_year(*, year: int, enterprise_ids: Collection[int], by: Actor) -> int:
    """The figures of a data year, as they are known now; an earlier taking of the same year is superseded when it differs. Returns how many are new."""
    written, ids = 0, sorted(set(enterprise_ids))
    for first in range(0, len(ids), PART):
        part = ids[first : first + PART]
        years, summaries = _years(part, year), _summaries(part)
        old = {row.enterprise_id: row for row in db.session.scalars(select(ServiceSnapshot).where(
            ServiceSnapshot.enterprise_id.in_(part), ServiceSnapshot.kind == "yearly", ServiceSnapshot.year == year, ServiceSnapshot.superseded_at.is_(None),
        ))}
        for id_ in part:
            versions = years.get(id_, {}).get(year, [])
            if not versions:
                continue
            row = _row(id_, "yearly", year, versions, summaries.get(id_), by, None)
            known = old.get(id_)
            if known is not None and all(getattr(known, name) == getattr(row, name) for name in (*COLUMNS, "titles", "rung")):
                continue
            if known is not None:
                db.session.execute(update(ServiceSnapshot).where(ServiceSnapshot.id == known.id).values(superseded_at=clock.now()))
            db.session.add(row)
            db.session.flush()
            written += 1
    if written:
        audit.record("snapshots.taken", Subject("snapshot", None, f"{year} 年度快照"), None, {"enterprises": written, "year": year}, by=by)
        db.session.flush()
    return written


def _years(ids: Sequence[int], year: int | None) -> dict[int, dict[int, list[dict[str, Any]]]]:
    """Enterprise -> year -> current versions by source."""
    columns = [column for column in EnterpriseYear.__table__.columns if column.name not in ("evidence",)]
    statement = select(*columns).where(EnterpriseYear.enterprise_id.in_(ids), EnterpriseYear.superseded_at.is_(None))
    if year is not None:
        statement = statement.where(EnterpriseYear.year == year)
    found: dict[int, dict[int, list[dict[str, Any]]]] = {}
    for row in db.session.execute(statement).mappings():
        found.setdefault(row["enterprise_id"], {}).setdefault(row["year"], []).append(dict(row))
    return found


def _summaries(ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    rows = db.session.execute(
        select(EnterpriseSummary.enterprise_id, EnterpriseSummary.titles, EnterpriseSummary.rung).where(EnterpriseSummary.enterprise_id.in_(ids))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _row(
    id_: int, kind: str, year: int, versions: list[dict[str, Any]], summary: tuple[str, str | None] | None, by: Actor, entered_on: date | None,
) -> ServiceSnapshot:
    figures = effective([{"evidence": None} | version for version in versions])
    titles, rung = summary or (",", None)
    return ServiceSnapshot(
        enterprise_id=id_, kind=kind, year=year, entered_on=entered_on, titles=titles, rung=rung, taken_at=clock.now(), taken_by=by.user_id,
        **{name: figures[name].value if name in figures else None for name in COLUMNS},
    )
