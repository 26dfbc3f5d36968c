"""Keep the near-scale rows in step: set-based, the same statement for one enterprise and a million; only rows that differ are written."""

from collections.abc import Collection
from datetime import date
from typing import Any, cast

from sqlalchemy import Column, CursorResult, MetaData, Table, delete, func, insert, select

from app.infra import clock, dialect
from app.infra.db import db
from app.ladder.models import NearScale, NearScaleCount, NearScaleState
from app.ladder.queries import screening as queries

_TABLE = cast(Table, NearScale.__table__)
CHUNK, MANY = 5_000, 200_000
"""Ids in one statement; from how many on everything is computed instead."""


def refresh_near_scale(ids: Collection[int]) -> None:
    """These enterprises changed: figures, industry, status, town, recognitions. No ids: everything."""
    if not ids or len(ids) > MANY:
        refresh_all_near_scale()
        return
    found = queries.city_lines(clock.today())
    if not queries.is_current(queries.state(), found, clock.today()):
        refresh_all_near_scale()
        return
    wanted = sorted(ids)
    for start in range(0, len(wanted), CHUNK):
        if part := queries.concerned(wanted[start : start + CHUNK], clock.today().year - 1):
            _write(found, clock.today(), part)


def refresh_all_near_scale(_ids: Collection[int] = ()) -> int:
    """Compute everything anew; returns how many enterprises stand near the line."""
    today, found = clock.today(), queries.city_lines(clock.today())
    count = _write(found, today, None)
    state = queries.state() or NearScaleState(id=1)
    state.year, state.definition, state.computed_at = today.year - 1, queries.whole_definition(found), clock.now()
    db.session.add(state)
    db.session.flush()
    return count


def refresh_near_scale_day(_today: date) -> int:
    """A new day: last year may be another one, recognitions run out, lines come into force."""
    return refresh_all_near_scale()


def _towns_of(ids: list[int]) -> set[int]:
    return set(db.session.scalars(select(NearScale.town_id).where(NearScale.enterprise_id.in_(ids)).distinct()))


def _recount(towns: set[int] | None) -> None:
    """Rows per town and tier again, of these towns or of all."""
    if towns is not None and not towns:
        return
    counts = cast(Table, NearScaleCount.__table__)
    old, new = delete(counts), select(_TABLE.c.town_id, _TABLE.c.tier, func.count()).group_by(_TABLE.c.town_id, _TABLE.c.tier)
    if towns is not None:
        old, new = old.where(counts.c.town_id.in_(sorted(towns))), new.where(_TABLE.c.town_id.in_(sorted(towns)))
    db.session.execute(old)
    db.session.execute(insert(counts).from_select(["town_id", "tier", "firms"], new))


def _write(found: list[tuple[queries.Lines, list[int]]], today: date, ids: list[int] | None) -> int:
    """Bring the table to what ``fresh`` says, by way of a temporary one: the statement runs once."""
    db.session.flush()
    dialect.one_at_a_time(db.session(), "near_scale")
    connection = db.session.connection()
    staged = Table("near_scale_fresh", MetaData(), *(Column(c.name, c.type) for c in _TABLE.columns), prefixes=["TEMPORARY"])
    staged.create(connection)
    names = [c.name for c in staged.columns]
    for lines, cities in found:
        if lines.bands:
            statement = queries.fresh(lines, cities, today, ids)
            connection.execute(insert(staged).from_select([c.name for c in statement.selected_columns], statement))
    towns = None if ids is None else _towns_of(ids) | {t for (t,) in connection.execute(select(staged.c.town_id).distinct())}
    gone = delete(_TABLE).where(_TABLE.c.enterprise_id.not_in(select(staged.c.enterprise_id)))
    connection.execute(gone if ids is None else gone.where(_TABLE.c.enterprise_id.in_(ids)))
    dialect.upsert_select(db.session(), _TABLE, "enterprise_id", select(*(staged.c[n] for n in names)).where(staged.c.enterprise_id > 0))
    count = cast("CursorResult[Any]", connection.execute(select(staged.c.enterprise_id))) if ids is not None else None
    total = connection.exec_driver_sql("SELECT count(*) FROM near_scale_fresh").scalar() if count is None else len(count.all())
    staged.drop(connection)
    _recount(towns)
    if ids is None:
        dialect.refresh_statistics(db.session(), "near_scale")
    return int(total or 0)
