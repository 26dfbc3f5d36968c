"""The sample row of a template speaks of the reader's own place: his first city, its first county and towns, a code registered there."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from sqlalchemy import select

from app.areas.models import TOWN_KINDS, Area
from app.areas.queries import cities_reached, list_units
from app.infra.db import db
from app.kernel.credit_code import check_character
from app.kernel.scope import Scope

NEUTRAL = "示例精密轴承有限公司"


@runtime_checkable
class Sampled(Protocol):
    """An importer whose samples depend on the policy of the reader's city."""

    def samples(self, scope: Scope) -> Mapping[str, str]:
        """Field -> sample."""


def of_reader(importer: object, scope: Scope) -> dict[str, str]:
    """Field -> what the sample row says instead of the field's own words."""
    return _of_place(scope) | (dict(importer.samples(scope)) if isinstance(importer, Sampled) else {})


def _of_place(scope: Scope) -> dict[str, str]:
    cities = cities_reached(scope)
    if not cities:
        return {"name": NEUTRAL}
    city = cities[0]
    units = [unit for unit in list_units([city.id]) if unit.kind == "county"]
    county = next((unit for unit in units if unit.id in scope.unit_ids), units[0] if units else None)
    body = f"91{county.code if county else city.code}MA3C0A0A0"
    found = {"credit_code": body + check_character(body), "name": f"{city.name.removesuffix('市')}{NEUTRAL.removeprefix('示例')}"}
    if county is None:
        return found
    parent = select(Area.name).where(Area.parent_id == county.id, Area.kind.in_(TOWN_KINDS)).order_by(Area.code).limit(2)
    towns = list(db.session.scalars(parent)) or [county.name]
    return found | {"county": county.name, "place": county.name, "town": towns[0], "old_town": towns[0], "new_town": towns[-1]}
