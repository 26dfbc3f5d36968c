"""Loading a city from its list: areas, development zones, first memberships. All or nothing; running it again adds only what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.areas.models import Area, AreaMembership
from app.areas.official import CityList, ZoneLine, read_city
from app.infra import audit, changes, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor

SINCE = date(1949, 10, 1)
"""Start of memberships whose real first day is unknown."""


class _Adding:
    """What is known and what was added so far."""

    def __init__(self) -> None:
        self.known = {area.code: area for area in db.session.scalars(select(Area))}
        self.added = 0

    def area(self, code: str, name: str, kind: str, parent: Area | None, city: Area | None, **more: Any) -> Area:
        if code in self.known:
            return self.known[code]
        area = Area(code=code, name=name, kind=kind, parent_id=parent.id if parent else None, city_id=city.id if city else None, **more)
        db.session.add(area)
        db.session.flush()
        self.known[code] = area
        self.added += 1
        return area


def load_city(city_code: str, *, by: Actor, places: Sequence[tuple[Path, Path]] = ()) -> int:
    """Load one city of the official list (cut-off 2023-06-30) with its zones; returns how many areas were added.

    ``places``: (areas file, zones file) to look into before the shipped list. Areas already there keep what people corrected. Zone
    membership is 待核 (``confirmed`` false). Raises NotFound or Invalid before anything is written.
    """
    listed, adding = read_city(city_code, list(places)), _Adding()
    province = adding.area(*listed.province, "province", None, None)
    city = adding.area(listed.city.code, listed.city.name, "city", province, None)
    city.city_id = city.id
    for line in listed.counties:
        adding.area(line.code, line.name, "county", city, city)
    for line in listed.towns:
        county = adding.known[line.parent_code]
        _join(adding.area(line.code, line.name, line.kind, county, city), county, SINCE, confirmed=True)
    _load_zones(city, listed, adding)
    if adding.added:
        audit.record("areas.loaded", Subject("area", city.id, city.name), None, {"added": adding.added}, by=by)
    db.session.flush()
    if adding.added:
        changes.tell("area.loaded", [city.id])
    return adding.added


def _load_zones(city: Area, listed: CityList, adding: _Adding) -> None:
    """Development zones as units of their own: provisional codes, their towns, and a 区直 pseudo-town each."""
    zones: dict[str, Area] = {}
    for line in listed.zones:
        zone = zones.get(line.zone)
        if zone is None:
            code = f"{city.code[:4]}Z{len(zones) + 1}"
            zone = zones[line.zone] = adding.area(code, line.zone, "zone", city, city, provisional=True)
            direct = adding.area(f"{code}000", f"{line.zone}（区直）", "direct", zone, city, provisional=True)
            _join(direct, zone, SINCE, confirmed=True)
        if line.town_code:
            _move(adding.known[line.town_code], zone)
        else:
            _found(line, zone, city, adding)


def _found(line: ZoneLine, zone: Area, city: Area, adding: _Adding) -> None:
    """A town that has no official code yet."""
    county, since = adding.known[line.county_code], line.founded or SINCE
    there = next((a for a in adding.known.values() if a.parent_id == county.id and a.name == line.town_name), None)
    number = 1
    while there is None and f"{county.code}P{number:02d}" in adding.known:
        number += 1
    town = there or adding.area(
        f"{county.code}P{number:02d}", line.town_name, _kind_of(line.town_name), county, city, provisional=True, valid_from=since,
        note=f"{line.document}设立，暂无正式区划代码" if line.document else "暂无正式区划代码",
    )
    _join(town, zone, since, confirmed=False)


def _kind_of(name: str) -> str:
    return "subdistrict" if name.endswith("街道") else "township" if name.endswith("乡") else "town"


def _join(town: Area, unit: Area, since: date, *, confirmed: bool) -> None:
    """First membership of a listed town, known from its first day: the map is public, whenever an installation read it (docs/adr/0005)."""
    first = _first_membership(town)
    known_since = clock.start_of_day(since)
    if first is None:
        db.session.add(AreaMembership(town_id=town.id, unit_id=unit.id, valid_from=since, confirmed=confirmed, recorded_at=known_since))
        db.session.flush()
    elif first.valid_from == since and first.recorded_at > known_since:
        first.recorded_at = known_since  # loaded by an earlier release, which dated it to the day of the installation


def _first_membership(town: Area) -> AreaMembership | None:
    return db.session.scalars(select(AreaMembership).where(AreaMembership.town_id == town.id).order_by(AreaMembership.id).limit(1)).first()


def _move(town: Area, zone: Area) -> None:
    """First load only: the zone manages the town from the start of records (the real day is 待核)."""
    row = _first_membership(town)
    if row is not None and row.superseded_at is None and row.confirmed and row.unit_id == town.parent_id:
        row.unit_id, row.confirmed = zone.id, False
