"""Towns named in a file: resolved once per different text, with unit and city of today, and whether the importer may put a firm there."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.areas.actions import SINCE
from app.areas.models import Area, AreaAlias, AreaMembership
from app.areas.queries import Resolver
from app.exchange.registry import PlanContext, Reason
from app.kernel.scope import Scope

CODES = {"ambiguous": "town_ambiguous", "county_only": "town_ambiguous"}


class Found(NamedTuple):
    """Ids of town, managing unit today, city; ``note_zh`` when something else than its name was typed."""

    town_id: int
    unit_id: int
    city_id: int
    note_zh: str = ""


class Towns:
    """The towns of one file."""

    def __init__(self, context: PlanContext) -> None:
        self._scope: Scope = context.scope
        self._resolver = Resolver(_cities(context.session, context.scope))
        self.header = context.column("town") or context.column("area_code") or "乡镇（街道）"
        self._county_header = context.column("county") or "县（市、区）"
        self._answers: dict[tuple[str, str], Found | Reason] = {}
        self._since = {
            row[0]: row[1] for row in context.session.execute(select(Area.id, Area.valid_from).where(Area.valid_from.is_not(None)))
        }

    def find(self, text: str, county: str | None) -> Found | Reason:
        """The town, or the reason why there is none."""
        key = (text, county or "")
        if key not in self._answers:
            if len(self._answers) > 20_000:
                self._answers.clear()
            self._answers[key] = self._find(text, county)
        return self._answers[key]

    def _find(self, text: str, county: str | None) -> Found | Reason:
        answer = self._resolver.resolve(text, county)
        town = answer.town
        if town is None:
            wrong_county = answer.reason == "county_unknown"
            said = f"{county} {text}".strip() if county else text
            column = self._county_header if wrong_county else self.header
            return Reason(column, CODES.get(answer.reason, "town_unknown"), f"“{said[:40]}”：{answer.message_zh}")
        note = "" if answer.exact else f"“{text[:30]}”按“{town.label}”读取"
        return Found(town.id, town.unit_id or town.county_id, town.city_id, note)

    def permits(self, found: Found) -> bool:
        """Whether a firm may be put there by this importer."""
        scope = self._scope
        return (
            scope.everything or found.city_id in scope.city_ids or found.unit_id in scope.unit_ids or found.town_id in scope.town_ids
        )

    def since(self, town_id: int) -> date:
        """From when a new firm belongs to the town: the start of records, or the town's own first day. The file does not say more, and
        counts of past years need an attribution."""
        return self._since.get(town_id) or SINCE


def _cities(session: Session, scope: Scope) -> set[int]:
    """Cities whose towns a file of this importer may name."""
    if scope.everything:
        return set(session.scalars(select(Area.id).where(Area.kind == "city")))
    inside = scope.unit_ids | scope.town_ids
    found = session.scalars(select(Area.city_id).where(Area.id.in_(inside), Area.city_id.is_not(None)).distinct()) if inside else ()
    return {*scope.city_ids, *(key for key in found if key is not None)}


def towns_key(session: Session) -> str:
    """Changes whenever an area, an alias or a membership does."""
    areas = session.execute(select(func.count(), func.max(Area.id), func.sum(Area.version)).select_from(Area)).one()
    aliases = session.execute(select(func.count(), func.max(AreaAlias.id)).select_from(AreaAlias)).one()
    members = session.execute(
        select(func.count(), func.max(AreaMembership.id), func.count(AreaMembership.superseded_at)).select_from(AreaMembership)
    ).one()
    return "|".join(str(v) for v in (*areas, *aliases, *members))
