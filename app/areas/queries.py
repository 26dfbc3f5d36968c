"""Reading areas: the tree, names to towns, managing units by date and by when it was known, ranked towns of a data year.

Areas are public facts, so these functions take city ids instead of a scope; pages pass the viewer's own cities.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app.areas.models import TOWN_KINDS, Area, AreaAlias, AreaMembership, AreaPopulation
from app.areas.rules import City, Resolution, Town, TownIndex, Unit
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope

LEAF_KINDS = (*TOWN_KINDS, "functional_area", "direct")
"""Kinds an enterprise can stand in."""
UNIT_KINDS = ("county", "zone")
County, Manager = aliased(Area), aliased(Area)


def stamp() -> list[ScalarSelect[Any]]:
    """Columns that differ whenever an area or a membership does: what was made of them stays right as long as these stay."""
    named = select(func.count() * 1_000_003 + func.sum(Area.version)).select_from(Area)
    held = select(func.max(AreaMembership.id)), select(func.max(AreaMembership.superseded_at)), select(func.max(AreaMembership.valid_to))
    return [named.scalar_subquery(), *(part.scalar_subquery() for part in held)]


def member_on(day: date, known_on: date | None = None) -> ColumnElement[bool]:
    """SQL condition on ``AreaMembership``: in force on ``day``, as known at the end of ``known_on`` (default: as known now)."""
    return (
        (AreaMembership.valid_from <= day)
        & or_(AreaMembership.valid_to.is_(None), AreaMembership.valid_to >= day)
        & known_by(known_on)
    )


def known_by(known_on: date | None) -> ColumnElement[bool]:
    """SQL condition on ``AreaMembership``: what we knew at the end of that Shanghai day (default: what we know now)."""
    if known_on is None:
        return AreaMembership.superseded_at.is_(None)
    edge = clock.end_of_day(known_on)
    return (AreaMembership.recorded_at <= edge) & or_(AreaMembership.superseded_at.is_(None), AreaMembership.superseded_at > edge)


def units_as_of(day: date, known_on: date | None = None) -> dict[int, int]:
    """Managing county or zone of every town on ``day``: town id to unit id. Exactly one each, so roll-ups never double count."""
    rows = db.session.execute(
        select(AreaMembership.town_id, AreaMembership.unit_id).where(member_on(day, known_on))
        .order_by(AreaMembership.valid_from, AreaMembership.id)
    )
    return {row.town_id: row.unit_id for row in rows}


def units_as_of_select(day: date, known_on: date | None = None) -> Select[int, int]:
    """The same as a statement to join with: columns ``town_id``, ``unit_id``."""
    return select(AreaMembership.town_id, AreaMembership.unit_id).where(member_on(day, known_on))


def exists_on(day: date) -> ColumnElement[bool]:
    """SQL condition on ``Area``: founded by ``day`` and not yet abolished."""
    return or_(Area.valid_from.is_(None), Area.valid_from <= day) & or_(Area.valid_to.is_(None), Area.valid_to >= day)


def ranked_towns(city_id: int, data_year: int) -> Sequence[Area]:
    """Towns ranked for a data year (those of 31 December), by code. Liaocheng: 135 up to 2024, 136 from 2025."""
    day = date(data_year, 12, 31)
    return db.session.scalars(
        select(Area).where(Area.city_id == city_id, Area.kind.in_(TOWN_KINDS), exists_on(day)).order_by(Area.code, Area.id)
    ).all()


def list_cities(city_ids: Collection[int] | None = None) -> Sequence[Area]:
    """Cities of the installation, or those given."""
    wanted = select(Area).where(Area.kind == "city").order_by(Area.code)
    return db.session.scalars(wanted if city_ids is None else wanted.where(Area.id.in_(sorted(city_ids)))).all()


def cities_reached(scope: Scope) -> Sequence[Area]:
    """The cities a scope by place reaches into, by code: its own, and those of its counties, zones and towns."""
    if scope.everything:
        return list_cities()
    places = scope.unit_ids | scope.town_ids
    found = db.session.scalars(select(Area.city_id).where(Area.id.in_(sorted(places)), Area.city_id.is_not(None)).distinct()) if places else ()
    return list_cities({*scope.city_ids, *(city_id for city_id in found if city_id is not None)})


def code_of(area_id: int) -> str | None:
    """Code of an area, None when there is none of that id. Remembered for the transaction: a page asks several times."""
    session = db.session()
    key = ("area_code", area_id)
    known = session.info.get(key)
    if known is not None and known[0] is session.get_transaction() and known[0] is not None:
        remembered: str | None = known[1]
        return remembered
    code = session.scalar(select(Area.code).where(Area.id == area_id))
    session.info[key] = (session.get_transaction(), code)
    return code


def list_units(city_ids: Collection[int]) -> Sequence[Area]:
    """Counties, then development zones, by code."""
    return db.session.scalars(
        select(Area).where(Area.city_id.in_(sorted(city_ids)), Area.kind.in_(UNIT_KINDS)).order_by(Area.kind, Area.code)
    ).all()


def get_area(city_ids: Collection[int], area_id: int) -> Area:
    """Any area of these cities. Raises ``NotFound``."""
    area = db.session.scalars(select(Area).where(Area.id == area_id, Area.city_id.in_(sorted(city_ids)))).first()
    if area is None:
        raise NotFound("没有找到这个区划单位，可能不在您所在的城市。")
    return area


def get_town(city_ids: Collection[int], town_id: int, *, lock: bool = False) -> Area:
    """A town, 区直 or functional area of these cities. ``lock``: keep others from changing it until the commit."""
    area = get_area(city_ids, town_id)
    if area.kind not in LEAF_KINDS:
        raise NotFound("这个区划单位不是镇街。")
    if lock:
        db.session.refresh(area, with_for_update=True)
    return area


class Resolver:
    """Names and codes to towns, prefetched for whole files.

    ``Resolver(city_ids).resolve("柳园", "东昌府区")`` gives a ``rules.Resolution`` (unique, ambiguous or none).
    """

    def __init__(self, city_ids: Collection[int]) -> None:
        self.city_ids = frozenset(city_ids)
        self.index = _index(sorted(self.city_ids))

    def resolve(self, text: str, county_text: str | None = None) -> Resolution:
        return self.index.resolve(text, county_text)


def _index(city_ids: Sequence[int]) -> TownIndex:
    """Three statements, whatever the size of the file."""
    aliases: dict[int, list[str]] = defaultdict(list)
    for area_id, alias in db.session.execute(
        select(AreaAlias.area_id, AreaAlias.alias).join(Area, Area.id == AreaAlias.area_id).where(Area.city_id.in_(city_ids))
    ):
        aliases[area_id].append(alias)
    province = aliased(Area)
    upper = db.session.execute(
        select(Area.id, Area.code, Area.name, Area.kind, Area.city_id, province.name.label("province"))
        .outerjoin(province, province.id == Area.parent_id)
        .where(Area.city_id.in_(city_ids), Area.kind.in_(("city", *UNIT_KINDS)))
    ).all()
    return TownIndex(
        [City(r.id, r.code, r.name, r.province or "") for r in upper if r.kind == "city"],
        [Unit(r.id, r.code, r.name, r.kind, r.city_id, tuple(aliases[r.id])) for r in upper if r.kind != "city"],
        _town_rows(city_ids, aliases),
    )


def _town_rows(city_ids: Sequence[int], aliases: dict[int, list[str]]) -> list[Town]:
    today = clock.today()
    rows = db.session.execute(
        select(
            Area.id, Area.code, Area.name, Area.kind, Area.city_id, Area.parent_id, County.name.label("county"), AreaMembership.unit_id,
            Manager.name.label("unit"),
        )
        .join(County, County.id == Area.parent_id)
        .outerjoin(AreaMembership, (AreaMembership.town_id == Area.id) & member_on(today))
        .outerjoin(Manager, Manager.id == AreaMembership.unit_id)
        .where(Area.city_id.in_(city_ids), Area.kind.in_(LEAF_KINDS), or_(Area.valid_to.is_(None), Area.valid_to >= today))
        .order_by(Area.code)
    )
    return [
        Town(r.id, r.code, r.name, r.kind, r.city_id, r.parent_id, r.county, r.unit_id, r.unit, tuple(aliases[r.id])) for r in rows
    ]


@dataclass(frozen=True)
class TownRow:
    """A town in the tree: statistical county, managing unit on the day, whether that is confirmed, population of the year."""

    id: int
    code: str
    name: str
    kind: str
    provisional: bool
    valid_from: date | None
    valid_to: date | None
    county_id: int
    county_name: str
    unit_id: int | None
    unit_name: str | None
    confirmed: bool | None
    persons: int | None
    basis: str | None

    @property
    def is_town(self) -> bool:
        return self.kind in TOWN_KINDS


@dataclass(frozen=True)
class UnitNode:
    """A county or zone with the towns it manages on the day."""

    unit: Area
    towns: tuple[TownRow, ...]

    @property
    def ranked_count(self) -> int:
        return sum(t.is_town for t in self.towns)

    @property
    def unconfirmed_count(self) -> int:
        return sum(t.confirmed is False for t in self.towns)

    @property
    def persons(self) -> int | None:
        """Sum, or None while a ranked town has no figure (missing is not zero)."""
        figures = [t.persons for t in self.towns if t.is_town]
        return sum(f for f in figures if f is not None) if figures and None not in figures else None


def tree(city_id: int, day: date, *, year: int, known_on: date | None = None) -> list[UnitNode]:
    """Counties and zones with their towns on ``day``; population of ``year``."""
    towns: dict[int | None, list[TownRow]] = defaultdict(list)
    for row in list_towns(city_id, day, year=year, known_on=known_on):
        towns[row.unit_id].append(row)
    return [UnitNode(unit, tuple(towns[unit.id])) for unit in list_units([city_id])]


def list_towns(city_id: int, day: date, *, year: int, known_on: date | None = None) -> list[TownRow]:
    """Every town, 区直 and functional area that exists on ``day``, by code. Population: census before sample before registered."""
    rows: Sequence[Any] = db.session.execute(
        select(
            Area.id, Area.code, Area.name, Area.kind, Area.provisional, Area.valid_from, Area.valid_to, Area.parent_id,
            County.name.label("county"), AreaMembership.unit_id, Manager.name.label("unit"), AreaMembership.confirmed,
        )
        .join(County, County.id == Area.parent_id)
        .outerjoin(AreaMembership, (AreaMembership.town_id == Area.id) & member_on(day, known_on))
        .outerjoin(Manager, Manager.id == AreaMembership.unit_id)
        .where(Area.city_id == city_id, Area.kind.in_(LEAF_KINDS), exists_on(day))
        .order_by(Area.code, Area.id)
    ).all()
    persons = population(city_id, year)
    return [TownRow(*row, *persons.get(row.id, (None, None))) for row in rows]


def population(city_id: int, year: int) -> dict[int, tuple[int, str]]:
    """Town id to (persons, basis) of a year; of several bases the census, then the yearly sample, then the register."""
    order = ("registered", "sample", "census")
    rows = db.session.execute(
        select(AreaPopulation.town_id, AreaPopulation.persons, AreaPopulation.basis)
        .join(Area, Area.id == AreaPopulation.town_id)
        .where(Area.city_id == city_id, AreaPopulation.year == year, AreaPopulation.superseded_at.is_(None))
    ).all()
    best = sorted(rows, key=lambda r: order.index(r.basis))
    return {r.town_id: (r.persons, r.basis) for r in best}


def list_population(town_id: int) -> Sequence[AreaPopulation]:
    """Figures of one town known now, newest year first."""
    return db.session.scalars(
        select(AreaPopulation).where(AreaPopulation.town_id == town_id, AreaPopulation.superseded_at.is_(None))
        .order_by(AreaPopulation.year.desc(), AreaPopulation.basis)
    ).all()


@dataclass(frozen=True)
class MembershipRow:
    """One version of a membership with the unit's name; ``superseded`` ones tell what was known before."""

    row: AreaMembership
    unit_name: str


def list_memberships(town_id: int) -> list[MembershipRow]:
    """All versions of one town, those in force first, newest first."""
    rows = db.session.execute(
        select(AreaMembership, Manager.name).join(Manager, Manager.id == AreaMembership.unit_id)
        .where(AreaMembership.town_id == town_id)
        .order_by(AreaMembership.superseded_at.isnot(None), AreaMembership.valid_from.desc(), AreaMembership.id.desc())
    )
    return [MembershipRow(row, name) for row, name in rows]


def list_aliases(area_id: int) -> Sequence[AreaAlias]:
    return db.session.scalars(select(AreaAlias).where(AreaAlias.area_id == area_id).order_by(AreaAlias.alias, AreaAlias.id)).all()


def count_unconfirmed(city_id: int) -> int:
    """Memberships in force whose source is 待核."""
    return db.session.scalar(_unconfirmed(), {"city": city_id}) or 0


@cache
def _unconfirmed() -> Select[Any]:
    return (
        select(func.count()).select_from(AreaMembership).join(Area, Area.id == AreaMembership.town_id)
        .where(Area.city_id == bindparam("city"), AreaMembership.confirmed.is_(False), AreaMembership.superseded_at.is_(None))
    )


def towns_moved_between(first: date, last: date) -> list[int]:
    """Towns one of whose memberships, as known now, begins in these days: stored attributions must follow."""
    return list(db.session.scalars(
        select(AreaMembership.town_id).where(
            AreaMembership.superseded_at.is_(None), AreaMembership.valid_from.between(first, last)
        ).distinct().order_by(AreaMembership.town_id)
    ))
