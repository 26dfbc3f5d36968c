"""Which teams serve enterprises on a day."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from app.enterprises.models import EnterpriseAssignment
from app.enterprises.queries import serving_on
from app.infra.db import db
from app.teams.queries import team_names as team_names


def teams_of(enterprise_ids: Collection[int], day: date) -> dict[int, list[int]]:
    """Enterprise id -> its teams on the day, earliest first. The caller has checked the scope."""
    found: dict[int, list[int]] = {id_: [] for id_ in enterprise_ids}
    rows = db.session.execute(
        select(EnterpriseAssignment.enterprise_id, EnterpriseAssignment.team_id)
        .where(EnterpriseAssignment.enterprise_id.in_(sorted(found)), EnterpriseAssignment.team_id.is_not(None), serving_on(day))
        .order_by(EnterpriseAssignment.valid_from, EnterpriseAssignment.id)
    )
    for enterprise_id, team_id in rows:
        if team_id is not None and team_id not in found[enterprise_id]:
            found[enterprise_id].append(team_id)
    return found
