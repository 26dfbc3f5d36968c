"""Names of areas for lists: read once, kept for half a minute (a page needs 200 names, none of them twice from the database)."""

import time
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select

from app.areas.models import KINDS, Area, AreaMembership
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope

KEPT_SECONDS = 30
UNIT_KINDS = ("county", "zone")
PLACE_KINDS = ("subdistrict", "town", "township", "functional_area", "direct")


@dataclass(frozen=True)
class Place:
    """One area: ``unit_id`` is the county or zone that manages a town today."""

    id: int
    code: str
    name: str
    kind: str
    city_id: int | None
    parent_id: int | None
    unit_id: int | None

    @property
    def kind_label(self) -> str:
        return KINDS[self.kind]


@dataclass(eq=False)
class Places:
    """All areas by id. Two readings are two objects: what pages keep of one is forgotten with it."""

    by_id: dict[int, Place] = field(default_factory=dict)
    _choices: dict[tuple[Scope, int | None], list[tuple[int, str]]] = field(default_factory=dict, repr=False, compare=False)

    def name(self, area_id: int | None) -> str:
        return self.by_id[area_id].name if area_id in self.by_id else ""

    def city_of(self, area_id: int | None) -> int | None:
        """The city an area lies in."""
        return self.by_id[area_id].city_id if area_id in self.by_id else None

    def full_name(self, town_id: int | None) -> str:
        """临清市烟店镇: the managing unit and the town (区直 pseudo-towns carry their unit's name already)."""
        town = self.by_id.get(town_id) if town_id else None
        if town is None:
            return ""
        return town.name if town.kind == "direct" else f"{self.name(town.unit_id)}{town.name}"

    def units(self, scope: Scope) -> list[Place]:
        """Counties and zones a viewer may choose, by code."""
        return [p for p in self._sorted() if p.kind in UNIT_KINDS and may_choose_unit(scope, p)]

    def towns(self, scope: Scope, unit_id: int | None = None) -> list[Place]:
        """Towns, functional areas and 区直 a viewer may choose, of one unit or of all."""
        found = (p for p in self._sorted() if p.kind in PLACE_KINDS and covers(scope, p))
        return [p for p in found if unit_id is None or p.unit_id == unit_id]

    def town_choices(self, scope: Scope, unit_id: int | None = None) -> list[tuple[int, str]]:
        """``towns`` as (id, name) for a filter; with their units where several are offered. Made once per scope."""
        key = (scope, unit_id)
        if key not in self._choices:
            if len(self._choices) > 500:
                self._choices.clear()
            self._choices[key] = [(t.id, t.name if unit_id else self.full_name(t.id)) for t in self.towns(scope, unit_id)]
        return self._choices[key]

    def _sorted(self) -> list[Place]:
        return sorted(self.by_id.values(), key=lambda p: p.code)


def covers(scope: Scope, town: Place) -> bool:
    """Whether a town lies inside the areas of a scope."""
    return scope.everything or town.city_id in scope.city_ids or town.unit_id in scope.unit_ids or town.id in scope.town_ids


def may_choose_unit(scope: Scope, unit: Place) -> bool:
    """Whether a unit lies inside the areas of a scope."""
    return scope.everything or unit.city_id in scope.city_ids or unit.id in scope.unit_ids


_kept: dict[str, tuple[float, Places]] = {}


def places() -> Places:
    """All areas of the installation, at most half a minute old."""
    key = str(db.engine.url)
    read_at, found = _kept.get(key, (0.0, Places()))
    if time.monotonic() - read_at > KEPT_SECONDS:
        found = read_places()
        if found.by_id:
            _kept.clear()
            _kept[key] = (time.monotonic(), found)
    return found


def forget_places() -> None:
    """Read again at the next call (an area changed in this process)."""
    _kept.clear()


def read_places(day: date | None = None) -> Places:
    """All areas with the managing units of a day, straight from the database (for writing)."""
    day = day or clock.today()
    units = dict(
        db.session.execute(
            select(AreaMembership.town_id, AreaMembership.unit_id).where(
                AreaMembership.superseded_at.is_(None), AreaMembership.valid_from <= day,
                or_(AreaMembership.valid_to.is_(None), AreaMembership.valid_to >= day),
            )
        ).all()
    )
    rows = db.session.execute(select(Area.id, Area.code, Area.name, Area.kind, Area.city_id, Area.parent_id))
    return Places({r.id: Place(r.id, r.code, r.name, r.kind, r.city_id, r.parent_id, units.get(r.id)) for r in rows})
