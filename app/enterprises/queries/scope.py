"""Reading the enterprise base. Every query takes the viewer's ``Scope`` first and applies it in SQL; no second way."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseAssignment, EnterpriseMerge
from app.infra import clock
from app.kernel.scope import Scope


def serving_on(day: date) -> ColumnElement[bool]:
    """SQL condition on ``EnterpriseAssignment``: in force on the day, both ends inclusive."""
    served = EnterpriseAssignment
    return (served.valid_from <= day) & or_(served.valid_to.is_(None), served.valid_to >= day)


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """SQL condition on ``Enterprise``: the rows this viewer may see in detail (merged duplicates are never among them)."""
    return within(scope) & (Enterprise.merged_into_id.is_(None) & true()) if not scope.everything else Enterprise.merged_into_id.is_(None)


def standing(known_on: date | None = None) -> ColumnElement[bool]:
    """SQL condition on ``Enterprise``: not merged into another record, as known now or on a day."""
    return Enterprise.merged_into_id.is_(None) if known_on is None else Enterprise.id.not_in(merged_ids(known_on))


def merged_ids(known_on: date | None = None) -> Select[tuple[int]]:
    """Ids of the records that were merged away, as known now or at the end of a day."""
    if known_on is None:
        return select(Enterprise.id).where(Enterprise.merged_into_id.is_not(None))
    end, merge = clock.end_of_day(known_on), EnterpriseMerge
    return select(merge.merged_id).where(and_(merge.merged_at <= end, or_(merge.undone_at.is_(None), merge.undone_at > end)))


def within(scope: Scope) -> ColumnElement[bool]:
    """``in_scope`` with merged duplicates: for pages that show what was known before a merge."""
    if scope.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if scope.city_ids:
        parts.append(Enterprise.city_id.in_(sorted(scope.city_ids)))
    if scope.unit_ids:
        parts.append(Enterprise.unit_id.in_(sorted(scope.unit_ids)))
    if scope.town_ids:
        parts.append(Enterprise.town_id.in_(sorted(scope.town_ids)))
    if scope.enterprise_ids:
        parts.append(Enterprise.id.in_(sorted(scope.enterprise_ids)))
    for column, ids in ((EnterpriseAssignment.team_id, scope.team_ids), (EnterpriseAssignment.liaison_user_id, scope.liaison_ids)):
        if ids:
            mine = select(EnterpriseAssignment.id).where(EnterpriseAssignment.enterprise_id == Enterprise.id, column.in_(sorted(ids)))
            parts.append(mine.where(serving_on(clock.today())).correlate(Enterprise).exists())
    if not parts:
        return false()
    return or_(*parts) if len(parts) > 1 else parts[0]


def city_in_scope(scope: Scope, column: Any) -> ColumnElement[bool]:
    """SQL condition on a column that names a city, for what belongs to a city and holds no enterprise data: the cities of the viewer's places
    and of the enterprises he sees by name."""
    if scope.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if scope.city_ids:
        parts.append(column.in_(sorted(scope.city_ids)))
    if places := scope.unit_ids | scope.town_ids:
        parts.append(column.in_(select(Area.city_id).where(Area.id.in_(sorted(places)), Area.city_id.is_not(None))))
    if scope.by_name:
        parts.append(column.in_(select(Enterprise.city_id).where(in_scope(scope.named))))
    return or_(*parts) if parts else false()
