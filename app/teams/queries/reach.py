"""How far a viewer sees: teams of his city or his own one, registers of the city."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.areas.models import Area
from app.enterprises.queries import city_in_scope
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import current_pack
from app.teams.models import ServiceTeam

PLACES = ("city_ids", "unit_ids", "town_ids")


def _places(scope: Scope) -> Scope:
    """Only what the viewer sees for where it is."""
    return Scope(everything=scope.everything, city_ids=scope.city_ids, unit_ids=scope.unit_ids, town_ids=scope.town_ids)


def teams_in_scope(scope: Scope) -> ColumnElement[bool]:
    """SQL condition on ``ServiceTeam``: all of the cities of an office, only the own ones of somebody in a team."""
    seen = city_in_scope(_places(scope), ServiceTeam.city_id)
    return or_(seen, ServiceTeam.id.in_(sorted(scope.team_ids))) if scope.team_ids else seen


def own_city(scope: Scope, column: Any) -> ColumnElement[bool]:
    """SQL condition on the city column of a register: cities of the viewer's places, own teams and own enterprises."""
    seen = city_in_scope(scope, column)
    if not scope.team_ids:
        return seen
    return or_(seen, column.in_(select(ServiceTeam.city_id).where(ServiceTeam.id.in_(sorted(scope.team_ids)))))


def city_of_page(scope: Scope) -> Area:
    """The city a page speaks of: that of the pack in force if the viewer's scope reaches it, else his first one; of somebody who sees nothing
    (yet) that of the pack, whose filters are then offered over an empty list. Raises NotFound."""
    code = current_pack().area_code
    reached = own_city(scope, Area.id)
    cities = db.session.scalars(select(Area).where(Area.kind == "city", or_(reached, Area.code == code)).order_by(Area.code)).all()
    mine = set(db.session.scalars(select(Area.id).where(Area.kind == "city", reached)))
    found = next((city for city in cities if city.code == code and (city.id in mine or not mine)), None)
    found = found or next((city for city in cities if city.id in mine), None)
    if found is None:
        raise NotFound("没有找到您所在的城市，请联系系统管理员核对职务。", "city_unknown")
    return found


def said(stored: str) -> list[str]:
    """``,a,b,`` as its codes."""
    return [code for code in stored.split(",") if code]


def stored(codes: Sequence[object]) -> str:
    """Codes as ``,a,b,``, each once, in the given order."""
    texts = dict.fromkeys(str(code) for code in codes if str(code))
    return "," + "".join(f"{code}," for code in texts)
