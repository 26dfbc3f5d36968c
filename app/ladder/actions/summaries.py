"""What is kept in step with recognitions: titles and rung in the list summaries, enterprises per title, rung and town of today.

Set-based: the same statements serve one enterprise and a million.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, Select, case, delete, func, insert, literal, select, update

from app.areas import queries as areas
from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseSummary, EnterpriseTown
from app.infra import clock
from app.infra.db import db
from app.ladder.models import Recognition, TitleCount, TitleCountState
from app.ladder.queries import (
    data_years,
    struck_off,
    title_count_statements,
    title_counts_definition,
    valid_on,
)
from app.ladder.queries.today import per_town, subject_statements
from app.ladder.rules import rung_by_title
from app.packs import Pack
from app.policies.queries import CityPack, packs_by_city


def refresh_some(enterprise_ids: Collection[int]) -> None:
    """Recognitions or towns of these enterprises changed."""
    refresh_titles(enterprise_ids)
    towns = set(db.session.scalars(select(EnterpriseTown.town_id).where(EnterpriseTown.enterprise_id.in_(list(enterprise_ids)))))
    refresh_counts(towns)


def refresh_all(_ids: Collection[int] = ()) -> None:
    """After an import or anything else that changed many rows."""
    refresh_titles(None)
    refresh_counts(None)


def refresh_new(_ids: Collection[int] = ()) -> None:
    """After an import of new firms: they hold nothing yet, so only their number changes. (Counts of another edition of the pack are not
    shown anyway and made anew by whoever finds them.)"""
    days = dict(db.session.execute(select(TitleCountState.city_id, TitleCountState.day)).all())
    if all(days.get(city.id) == clock.today() for city in areas.list_cities()):
        _recount("all")
    else:
        refresh_counts(None)


def refresh_cities(_ids: Collection[int] = ()) -> None:
    """A city was loaded: its counts begin."""
    refresh_counts(())


def refresh_day(today: date) -> int:
    """A new day: titles that ran out or began. Returns how many summaries changed."""
    changed = refresh_titles(None, today)
    refresh_counts(None, today)
    return changed


# --- titles and rung in the summaries


def refresh_titles(enterprise_ids: Collection[int] | None, day: date | None = None) -> int:
    """Titles held and rung on ``day`` (today) in the summaries of these enterprises (None = all); returns how many summaries changed."""
    day = day or clock.today()
    db.session.flush()
    _add_missing_summaries(enterprise_ids)
    held = select(Recognition.enterprise_id).where(
        Recognition.superseded_at.is_(None), valid_on(day), ~struck_off(Recognition.enterprise_id, day, None)
    )
    if enterprise_ids is not None:
        held = held.where(Recognition.enterprise_id.in_(list(enterprise_ids)))
    cities = packs_by_city()
    concerned = _cities_of_holders(enterprise_ids)
    changed = sum(
        _write_summaries(_of_city(held, city, cities), city.pack) for city in cities
        if city.pack is not None and (concerned is None or city.id in concerned)
    )
    changed += _empty_summaries(held, enterprise_ids)
    for row in [row for row in db.session.identity_map.values() if isinstance(row, EnterpriseSummary)]:
        db.session.expire(row, ["titles", "rung"])
    return changed


def _cities_of_holders(enterprise_ids: Collection[int] | None) -> set[int | None] | None:
    """Cities of those of the enterprises that have any recognition; None = of everybody, not looked up."""
    if enterprise_ids is None:
        return None
    holders = select(Enterprise.city_id).join(Recognition, Recognition.enterprise_id == Enterprise.id).where(Enterprise.id.in_(list(enterprise_ids)))
    return set(db.session.scalars(holders.distinct()))


def _flags(pack: Pack) -> list[Any]:
    """One column per title of the pack: ``code,`` when it is held, else an empty text."""
    titles = [title.code for title in pack.entries("titles", disabled=True)]
    return [func.max(case((Recognition.title_code == code, f"{code},"), else_="")).label(f"held_{place}") for place, code in enumerate(titles)]


def _rung_code(pack: Pack) -> Any:
    """Code of the highest rung of the city's main ladder (the first of its pack), or NULL."""
    rungs = pack.ladders()[0].rungs
    position = func.max(case(rung_by_title([rung.titles for rung in rungs]), value=Recognition.title_code, else_=-1))
    return case({place: rung.code for place, rung in enumerate(rungs)}, value=position, else_=None).label("rung")


def _of_city(held: Select[Any], city: CityPack, cities: Sequence[CityPack]) -> Select[Any]:
    """Those recognitions that stand under this city's pack; the only city of an installation has them all."""
    if len(cities) == 1:
        return held
    return held.where(select(Enterprise.id).where(Enterprise.id == Recognition.enterprise_id, Enterprise.city_id == city.id).exists())


def _write_summaries(held: Select[Any], pack: Pack) -> int:
    """Write only summaries that differ: a nightly run over a million firms touches those whose titles changed."""
    found, summary = held.add_columns(*_flags(pack), _rung_code(pack)).group_by(Recognition.enterprise_id).subquery("held"), EnterpriseSummary
    titles: Any = literal(",")
    for name in found.c.keys():  # noqa: SIM118  (a collection of columns, not a dict)
        titles = titles + found.c[name] if name.startswith("held_") else titles
    differs = (summary.titles != titles) | (func.coalesce(summary.rung, "") != func.coalesce(found.c.rung, ""))
    return _run(update(summary).values(titles=titles, rung=found.c.rung).where(summary.enterprise_id == found.c.enterprise_id, differs))


def _empty_summaries(held: Select[Any], enterprise_ids: Collection[int] | None) -> int:
    """Firms that hold nothing any more."""
    summary = EnterpriseSummary
    lost = update(summary).values(titles=",", rung=None).where(summary.titles != ",", summary.enterprise_id.not_in(held))
    return _run(lost if enterprise_ids is None else lost.where(summary.enterprise_id.in_(list(enterprise_ids))))


def _run(statement: Any) -> int:
    return cast("CursorResult[Any]", db.session.execute(statement.execution_options(synchronize_session=False))).rowcount


def _add_missing_summaries(enterprise_ids: Collection[int] | None) -> None:
    """A firm that has recognitions and no summary yet gets an empty one."""
    without = (
        select(Recognition.enterprise_id, literal(",")).distinct()
        .where(~select(EnterpriseSummary.enterprise_id).where(EnterpriseSummary.enterprise_id == Recognition.enterprise_id).exists())
    )
    if enterprise_ids is not None:
        without = without.where(Recognition.enterprise_id.in_(list(enterprise_ids)))
    db.session.execute(insert(EnterpriseSummary).from_select(["enterprise_id", "titles"], without))


# --- enterprises per title, rung and town


def refresh_counts(towns: Collection[int] | None, today: date | None = None) -> None:
    """Recompute the stored counts of some towns; of a whole city where they are None, or stand for another day or edition of its pack."""
    today = today or clock.today()
    db.session.flush()
    states = {state.city_id: state for state in db.session.scalars(select(TitleCountState))}
    cities = packs_by_city()
    for city in cities:
        state = states.get(city.id) or TitleCountState(city_id=city.id)
        stale = (state.day, state.definition) != (today, _definition(city))
        wanted = None if towns is None or stale else _towns_of(city, towns)
        if wanted is None or wanted:
            _recount_city(city, wanted, today, only=len(cities) == 1)
        if wanted is None:
            state.first_year = min(data_years())
        state.day, state.definition, state.computed_at = today, _definition(city), clock.now()
        db.session.add(state)
    db.session.flush()


def _definition(city: CityPack) -> str:
    return "" if city.pack is None else title_counts_definition(city.pack)


def _towns_of(city: CityPack, towns: Collection[int]) -> set[int]:
    return set(db.session.scalars(select(Area.id).where(Area.city_id == city.id, Area.id.in_(sorted(towns)))))


def _recount_city(city: CityPack, towns: set[int] | None, today: date, *, only: bool) -> None:
    """Some towns of a city, or all of them (None). ``only``: it is the only city, so nothing needs to be told apart."""
    of_city = set(db.session.scalars(select(Area.id).where(Area.city_id == city.id)))
    db.session.execute(_forget(of_city if towns is None else towns))
    counted = towns if towns is not None else None if only else of_city
    statements = subject_statements(today, counted) if city.pack is None else title_count_statements(city.pack, today, counted)
    for statement in statements:
        db.session.execute(insert(TitleCount).from_select(["subject", "town_id", "firms"], statement))


def _recount(subject: str) -> None:
    """One subject that does not depend on recognitions, in every town."""
    db.session.flush()
    db.session.execute(delete(TitleCount).where(TitleCount.subject == subject).execution_options(synchronize_session=False))
    db.session.execute(insert(TitleCount).from_select(["subject", "town_id", "firms"], per_town(subject, None)))
    db.session.execute(update(TitleCountState).values(computed_at=clock.now()))
    db.session.flush()


def _forget(towns: Collection[int]) -> Any:
    return delete(TitleCount).where(TitleCount.town_id.in_(sorted(towns))).execution_options(synchronize_session=False)


__all__: Sequence[str] = ["refresh_all", "refresh_cities", "refresh_counts", "refresh_day", "refresh_new", "refresh_some", "refresh_titles"]
