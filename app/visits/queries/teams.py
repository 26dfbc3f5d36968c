"""Which team a visit counts for: the one that serves the enterprise that day and whose member writes it down."""

from datetime import date

from app.kernel.errors import Invalid
from app.kernel.scope import Scope
from app.visits.queries.serving import teams_of


def team_of(scope: Scope, enterprise_id: int, wanted: int | None, day: date) -> int | None:
    """The team of the visit. ``wanted`` must serve the enterprise or be the writer's own; none wanted: his own one that serves it, else the
    only one that does. Raises ``Invalid`` for somebody else's."""
    serving = teams_of([enterprise_id], day)[enterprise_id]
    if wanted is not None:
        if wanted not in serving and wanted not in scope.team_ids:
            raise Invalid("team", "这支服务队当日没有服务这家企业，请重新选择。", "team_id")
        return wanted
    own = [team for team in serving if team in scope.team_ids]
    if own:
        return own[0]
    return serving[0] if len(serving) == 1 else None
