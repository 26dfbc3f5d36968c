"""When and where: versions in force on a day and as known on a day; towns with their managing unit of that day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from app.areas.models import TOWN_KINDS, Area, AreaMembership
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope


def known(model: type[Any], known_on: date | None) -> ColumnElement[bool]:
    """Versions we go by: today's knowledge, or what was recorded by the end of ``known_on`` in Shanghai and not yet superseded then."""
    if known_on is None:
        return model.superseded_at.is_(None)
    moment = clock.end_of_day(known_on)
    return and_(model.recorded_at <= moment, or_(model.superseded_at.is_(None), model.superseded_at > moment))


def covers(model: type[Any], day: date) -> ColumnElement[bool]:
    """``day`` lies in the validity of the row, both ends included."""
    return and_(model.valid_from <= day, or_(model.valid_to.is_(None), model.valid_to >= day))


@dataclass(frozen=True)
class Place:
    """A town (or 区直, functional area) with its managing unit on a day. ``ranked``: a real town that existed on the day."""

    town_id: int
    code: str
    name: str
    kind: str
    ranked: bool
    city_id: int | None
    unit_id: int | None
    unit_name: str
    unit_code: str


def places(day: date, known_on: date | None = None) -> dict[int, Place]:
    """Every town-level area by id, in order of unit and code, with the unit that managed it on ``day``."""
    unit = Area.__table__.alias("unit")
    rows = db.session.execute(
        select(Area, unit.c.id, unit.c.name, unit.c.code)
        .join(AreaMembership, and_(AreaMembership.town_id == Area.id, covers(AreaMembership, day), known(AreaMembership, known_on)), isouter=True)
        .join(unit, unit.c.id == AreaMembership.unit_id, isouter=True)
        .where(Area.kind.in_((*TOWN_KINDS, "functional_area", "direct")))
        .order_by(unit.c.code, Area.code, Area.id)
    )
    return {
        area.id: Place(
            area.id, area.code, area.name, area.kind, area.is_town and _exists_on(area, day), area.city_id, unit_id, name or "", code or "",
        )
        for area, unit_id, name, code in rows
    }


def _exists_on(area: Area, day: date) -> bool:
    return (area.valid_from is None or area.valid_from <= day) and (area.valid_to is None or day <= area.valid_to)


def towns_in_scope(scope: Scope, where: Iterable[Place]) -> list[Place]:
    """The places a viewer answers for on that day: his city's, his unit's, his own town."""
    return [
        place for place in where
        if scope.everything or place.city_id in scope.city_ids or place.unit_id in scope.unit_ids or place.town_id in scope.town_ids
    ]
