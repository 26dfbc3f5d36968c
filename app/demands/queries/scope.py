"""Who sees which demands. One condition for lists, counts, exports, attachments and pickers."""

from sqlalchemy import ColumnElement, false, or_, select, true

from app.demands.models import ACTIVE, Demand, DemandPart
from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.kernel.scope import Scope


def demand_in_scope(scope: Scope) -> ColumnElement[bool]:
    """SQL condition on ``Demand``: those of the viewer's places and enterprises, and those routed to his organisation."""
    if scope.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if scope.city_ids:
        parts.append(Demand.city_id.in_(sorted(scope.city_ids)))
    if scope.unit_ids:
        parts.append(Demand.unit_id.in_(sorted(scope.unit_ids)))
    if scope.town_ids:
        parts.append(Demand.town_id.in_(sorted(scope.town_ids)))
    if scope.by_name:
        parts.append(Demand.enterprise_id.in_(select(Enterprise.id).where(in_scope(scope.named))))
    if scope.organisation_ids:
        mine = sorted(scope.organisation_ids)
        helping = select(DemandPart.demand_id).where(DemandPart.organisation_id.in_(mine), DemandPart.role == "assist", DemandPart.state.in_(ACTIVE))
        parts += [Demand.organisation_id.in_(mine), Demand.id.in_(helping)]  # the leading department stands on the demand itself
    if not parts:
        return false()
    return or_(*parts) if len(parts) > 1 else parts[0]
