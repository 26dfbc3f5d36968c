"""Pages of the alliance and the teams, and what they register with others at start-up."""

from app.enterprises import references
from app.enterprises.actions import refresh_teams_of_day
from app.infra import ticks
from app.teams import models  # noqa: F401  (its tables belong to the schema whoever uses them)
from app.teams.views._blueprint import blueprint

__all__ = ["blueprint"]


def init_app(_app: object) -> None:
    """Chores of the day and references to enterprises."""
    references.register("assignment_proposal", "enterprise_id", unique=("state",), current="decided_at", label="服务队建议")
    ticks.on_new_day("teams.assignments", lambda _day: refresh_teams_of_day())
