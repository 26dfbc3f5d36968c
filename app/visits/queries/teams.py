"""Which team a visit counts for: the one that serves the enterprise that day and whose member writes it down."""

from datetime import date

from sqlalchemy import or_, select

from app.enterprises.models import EnterpriseAssignment
from app.infra.db import db
from app.kernel.errors import Invalid
from app.kernel.scope import Scope


def teams_serving(enterprise_id: int, day: date) -> list[int]:
    """Teams the enterprise is assigned to on the day."""
    given = EnterpriseAssignment
    rows = select(given.team_id).where(
        given.enterprise_id == enterprise_id, given.team_id.is_not(None), given.valid_from <= day, or_(given.valid_to.is_(None), given.valid_to >= day),
    )
    return sorted({team for team in db.session.scalars(rows) if team is not None})


def team_of(scope: Scope, enterprise_id: int, wanted: int | None, day: date) -> int | None:
    """The team of the visit. ``wanted`` must serve the enterprise or be the writer's own; none wanted: his own one that serves it, else the
    only one that does. Raises ``Invalid`` for somebody else's."""
    serving = teams_serving(enterprise_id, day)
    if wanted is not None:
        if wanted not in serving and wanted not in scope.team_ids:
            raise Invalid("team", "这支服务队当日没有服务这家企业，请重新选择。", "team_id")
        return wanted
    own = [team for team in serving if team in scope.team_ids]
    if own:
        return own[0]
    return serving[0] if len(serving) == 1 else None
