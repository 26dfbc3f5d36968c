"""How many visits and visited enterprises, by town: counts only, for those who may not see names."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import distinct, func, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.kernel.scope import Scope
from app.visits.models import Visit
from app.visits.rules.visit import COMPLETE


@dataclass(frozen=True)
class TownVisits:
    """One town in a period."""

    town_id: int
    visits: int
    enterprises: int


def visits_by_town(scope: Scope, since: date, until: date) -> list[TownVisits]:
    """Complete visits of a period by the town the enterprise stands in today; towns without any are not in it."""
    rows = db.session.execute(
        select(Enterprise.town_id, func.count(), func.count(distinct(Visit.enterprise_id))).select_from(Visit)
        .join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(Visit.state == COMPLETE, Visit.visited_on.between(since, until), in_scope(scope)).group_by(Enterprise.town_id)
        .order_by(Enterprise.town_id)
    )
    return [TownVisits(*row) for row in rows]
