"""When and where: versions in force on a day and as known on a day; towns with their managing unit of that day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select

from app.areas.models import TOWN_KINDS, Area, AreaMembership
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope


def known(model: Any, known_on: date | None) -> ColumnElement[bool]:
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
    city_code: str = ""


def places(day: date, known_on: date | None = None) -> dict[int, Place]:
    """Every town-level area by id, in order of unit and code, with the unit that managed it on ``day``."""
    unit, city = Area.__table__.alias("unit"), Area.__table__.alias("city")
    exists = and_(or_(Area.valid_from.is_(None), Area.valid_from <= day), or_(Area.valid_to.is_(None), Area.valid_to >= day))
    ranked = case((and_(Area.kind.in_(TOWN_KINDS), exists), 1), else_=0)
    rows = db.session.execute(
        select(Area.id, Area.code, Area.name, Area.kind, ranked, Area.city_id, unit.c.id, unit.c.name, unit.c.code, city.c.code)
        .join(AreaMembership, and_(AreaMembership.town_id == Area.id, covers(AreaMembership, day), known(AreaMembership, known_on)), isouter=True)
        .join(unit, unit.c.id == AreaMembership.unit_id, isouter=True)
        .join(city, city.c.id == Area.city_id, isouter=True)
        .where(Area.kind.in_((*TOWN_KINDS, "functional_area", "direct")))
        .order_by(unit.c.code, Area.code, Area.id)
    )
    return {
        id_: Place(id_, code, name, kind, bool(is_ranked), city_id, unit_id, unit_name or "", unit_code or "", city_code or "")
        for id_, code, name, kind, is_ranked, city_id, unit_id, unit_name, unit_code, city_code in rows
    }


def towns_in_scope(scope: Scope, where: Iterable[Place]) -> list[Place]:
    """The places a viewer answers for on that day: his city's, his unit's, his own town."""
    return [
        place for place in where
        if scope.everything or place.city_id in scope.city_ids or place.unit_id in scope.unit_ids or place.town_id in scope.town_ids
    ]
