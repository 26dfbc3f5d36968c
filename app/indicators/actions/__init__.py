"""Keeping the stored counts of the town table in step, inside the transaction of whatever changed."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, insert, literal, select

from app.areas.models import Area
from app.enterprises.models import EnterpriseTown
from app.indicators.models import TownCount, TownCountYear
from app.indicators.queries import count_statements, definition, year_end
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.ladder.queries import data_years
from app.policies.queries import CityPack, packs_by_city

COLUMNS = ["year", "town_id", "item", "value", "computed_at"]


def measured_cities() -> list[CityPack]:
    """Cities whose pack names indicators."""
    return [city for city in packs_by_city() if city.pack is not None and city.pack.indicators()]


def rebuild(years: Collection[int] | None = None) -> int:
    """Count whole years anew in every city that has indicators (None: from the earliest recognition to the current year); returns how
    many years."""
    wanted = sorted(set(data_years() if years is None else years))
    cities = measured_cities()
    db.session.flush()
    _drop(wanted)
    for city in cities:
        _fill(city, wanted, None if len(cities) == 1 else _towns_of(city, None))
        for year in wanted:
            db.session.add(TownCountYear(year=year, city_id=city.id, definition=_definition(city, year), computed_at=clock.now()))
    db.session.flush()
    return len(wanted)


def _definition(city: CityPack, year: int) -> str:
    return definition(city.pack, year) if city.pack is not None else ""


def _towns_of(city: CityPack, towns: Collection[int] | None) -> set[int]:
    """Of these towns (None: of all) those of the city."""
    mine = select(Area.id).where(Area.city_id == city.id)
    return set(db.session.scalars(mine if towns is None else mine.where(Area.id.in_(sorted(towns)))))


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
    for city in measured_cities():
        stored = db.session.execute(select(TownCountYear.year, TownCountYear.definition).where(TownCountYear.city_id == city.id)).all()
        years = [year for year, said in stored if said == _definition(city, year)]
        _drop([year for year, _ in stored if year not in years], city)
        mine = _towns_of(city, towns) if towns and years else set()
        if mine:
            gone = delete(TownCount).where(TownCount.year.in_(years), TownCount.town_id.in_(sorted(mine)))
            db.session.execute(gone.execution_options(synchronize_session=False))
            _fill(city, years, mine)


def _drop(years: list[int], city: CityPack | None = None) -> None:
    """Forget what is stored of these years, of one city or of all."""
    counts, whole = delete(TownCount).where(TownCount.year.in_(years)), delete(TownCountYear).where(TownCountYear.year.in_(years))
    if city is not None:
        counts = counts.where(TownCount.town_id.in_(select(Area.id).where(Area.city_id == city.id)))
        whole = whole.where(TownCountYear.city_id == city.id)
    if years:
        for statement in (counts, whole):
            db.session.execute(statement.execution_options(synchronize_session=False))
        for row in [row for row in db.session.identity_map.values() if isinstance(row, TownCountYear)]:
            db.session.expunge(row)


def _fill(city: CityPack, years: Collection[int], towns: Collection[int] | None) -> None:
    if not years or city.pack is None:
        return
    stamp = literal(clock.now(), TownCount.computed_at.type)
    for statement in count_statements(city.pack, {year: year_end(year) for year in years}, None, towns):
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
