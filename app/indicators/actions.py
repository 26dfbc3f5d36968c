"""Keeping the stored counts of the town table in step, inside the transaction of whatever changed."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, insert, literal, select

from app.enterprises.models import EnterpriseTown
from app.indicators.models import TownCount, TownCountYear
from app.indicators.queries import count_statements, definition, year_end
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.ladder.queries import current_pack, data_years

COLUMNS = ["year", "town_id", "item", "value", "computed_at"]


def rebuild(years: Collection[int] | None = None) -> int:
    """Count whole years anew (None: from the earliest recognition to the current year); returns how many years."""
    wanted = sorted(set(data_years() if years is None else years))
    now = clock.now()
    db.session.flush()
    db.session.execute(delete(TownCount).where(TownCount.year.in_(wanted)).execution_options(synchronize_session=False))
    _fill(wanted, None)
    for year in wanted:
        db.session.merge(TownCountYear(year=year, definition=definition(current_pack(), year), computed_at=now))
    db.session.flush()
    return len(wanted)


def compute(*, year: int, by: Actor) -> None:
    """The button and the command: count one data year anew and say so in the audit log."""
    rebuild([year])
    audit.record("indicators.computed", Subject("indicator_year", year, f"{year}年"), None, {"year": year}, by=by)


def refresh_enterprises(enterprise_ids: Collection[int]) -> None:
    """Recognitions or towns of these enterprises changed: count every town they were ever in."""
    towns = db.session.scalars(select(EnterpriseTown.town_id).where(EnterpriseTown.enterprise_id.in_(list(enterprise_ids))).distinct())
    refresh_towns(list(towns))


def refresh_towns(towns: Collection[int]) -> None:
    """Count these towns anew in every stored year; years of another definition are dropped and counted live until the next rebuild."""
    db.session.flush()
    stored = db.session.execute(select(TownCountYear.year, TownCountYear.definition)).all()
    years = [year for year, said in stored if said == definition(current_pack(), year)]
    _drop([year for year, _ in stored if year not in years])
    if not towns or not years:
        return
    gone = delete(TownCount).where(TownCount.year.in_(years), TownCount.town_id.in_(sorted(towns)))
    db.session.execute(gone.execution_options(synchronize_session=False))
    _fill(years, towns)


def _drop(years: list[int]) -> None:
    for model in (TownCount, TownCountYear):
        if years:
            db.session.execute(delete(model).where(model.year.in_(years)).execution_options(synchronize_session=False))


def _fill(years: Collection[int], towns: Collection[int] | None) -> None:
    if not years:
        return
    stamp = literal(clock.now(), TownCount.computed_at.type)
    for statement in count_statements(current_pack(), {year: year_end(year) for year in years}, None, towns):
        db.session.execute(insert(TownCount).from_select(COLUMNS, statement.add_columns(stamp)))


def rebuild_all(_ids: Collection[int] = ()) -> None:
    """An import changed many rows."""
    rebuild()


def new_day(today: date) -> int:
    """A new year opens a new data year; other days change nothing (every stored day is a 31 December)."""
    stored = set(db.session.scalars(select(TownCountYear.year)))
    return 0 if today.year in stored and set(data_years()) <= stored else rebuild()


def record_export(*, year: int, day: date, towns: int, by: Actor) -> None:
    """An export left the system."""
    audit.record("indicators.exported", Subject("indicator_year", year, f"{year}年"), None, {"as_of": day, "towns": towns}, by=by)
