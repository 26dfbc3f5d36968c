"""Reading the enterprise base. Every query takes the viewer's ``Scope`` first and applies it in SQL; no second way."""

from sqlalchemy import ColumnElement, false, or_, select, true

from app.enterprises.models import Enterprise, EnterpriseAssignment
from app.infra import clock
from app.kernel.scope import Scope


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """SQL condition on ``Enterprise``: the rows this viewer may see in detail (merged duplicates are never among them)."""
    if scope.everything:
        return Enterprise.merged_into_id.is_(None)
    parts: list[ColumnElement[bool]] = []
    if scope.city_ids:
        parts.append(Enterprise.city_id.in_(sorted(scope.city_ids)))
    if scope.unit_ids:
        parts.append(Enterprise.unit_id.in_(sorted(scope.unit_ids)))
    if scope.town_ids:
        parts.append(Enterprise.town_id.in_(sorted(scope.town_ids)))
    if scope.enterprise_ids:
        parts.append(Enterprise.id.in_(sorted(scope.enterprise_ids)))
    if scope.team_ids:
        today = clock.today()
        parts.append(
            select(EnterpriseAssignment.id).where(
                EnterpriseAssignment.enterprise_id == Enterprise.id,
                EnterpriseAssignment.team_id.in_(sorted(scope.team_ids)),
                EnterpriseAssignment.valid_from <= today,
                or_(EnterpriseAssignment.valid_to.is_(None), EnterpriseAssignment.valid_to >= today),
            ).exists()
        )
    if not parts:
        return false()
    return (or_(*parts) if len(parts) > 1 else parts[0]) & (Enterprise.merged_into_id.is_(None) & true())
