"""Who serves an enterprise today, for work over many of them at once (collected deadlines), and a team's own firms by their last visit."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from app.enterprises.models import Enterprise, EnterpriseAssignment, EnterpriseSummary
from app.enterprises.queries.scope import in_scope
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope


@dataclass(frozen=True)
class Place:
    """Where an enterprise lies and who serves it: the team and the liaison of its oldest assignment in force."""

    town_id: int
    unit_id: int
    city_id: int
    team_id: int | None = None
    liaison_id: int | None = None


def places_and_teams(ids: Collection[int]) -> dict[int, Place]:
    """By enterprise id, two statements; not for pages, it takes no scope. Merged duplicates are left out."""
    today = clock.today()
    serving: dict[int, tuple[int | None, int | None]] = {}
    assigned = select(EnterpriseAssignment.enterprise_id, EnterpriseAssignment.team_id, EnterpriseAssignment.liaison_user_id).where(
        EnterpriseAssignment.enterprise_id.in_(ids), EnterpriseAssignment.valid_from <= today,
        or_(EnterpriseAssignment.valid_to.is_(None), EnterpriseAssignment.valid_to >= today),
    ).order_by(EnterpriseAssignment.id)
    for enterprise_id, team_id, liaison_id in db.session.execute(assigned):
        team, liaison = serving.get(enterprise_id, (None, None))
        serving[enterprise_id] = (team if team is not None else team_id, liaison if liaison is not None else liaison_id)
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.town_id, Enterprise.unit_id, Enterprise.city_id)
        .where(Enterprise.id.in_(ids), Enterprise.merged_into_id.is_(None))
    )
    return {id_: Place(town, unit, city, *serving.get(id_, (None, None))) for id_, town, unit, city in rows}


def longest_unvisited(scope: Scope, limit: int) -> list[Any]:
    """Enterprises of a small scope (a team, a liaison): never visited first, then the longest ago."""
    return list(db.session.execute(
        select(Enterprise.id, Enterprise.name, EnterpriseSummary.last_visit_on)
        .join(EnterpriseSummary, EnterpriseSummary.enterprise_id == Enterprise.id)
        .where(in_scope(scope), Enterprise.status == "active")
        .order_by(EnterpriseSummary.last_visit_on.is_not(None), EnterpriseSummary.last_visit_on, Enterprise.id).limit(limit)
    ))
