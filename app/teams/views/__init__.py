"""Pages of the alliance and the teams, and what they register with others at start-up."""

from app.enterprises import references
from app.enterprises.actions import refresh_teams_of_day
from app.enterprises.queries import register_timeline
from app.exchange import registry
from app.infra import ticks
from app.infra.web import navigation
from app.infra.web.navigation import NavItem
from app.kernel.permission import Permission
from app.teams import models  # noqa: F401  (its tables belong to the schema whoever uses them)
from app.teams.imports import RegisterImporter
from app.teams.views import assigning, hooks, own, pool, registers, scores, teams
from app.teams.views._blueprint import blueprint

__all__ = ["assigning", "blueprint", "own", "pool", "registers", "scores", "teams"]


def init_app(_app: object) -> None:
    """Menu, chores of the day and references to enterprises."""
    navigation.register(NavItem("服务企业", 36, "服务队与联盟", "teams.index", "users", Permission.TEAM_COUNT))
    navigation.register(NavItem("服务企业", 36, "本机构", "teams.own", "building", Permission.PROVIDER_OWN))
    register_timeline(hooks.timeline)
    references.register("assignment_proposal", "enterprise_id", unique=("state",), current="decided_at", label="服务队建议")
    for register, kind, label in (("provider", "providers", "服务商"), ("expert", "experts", "专家"), ("resource", "resources", "服务资源")):
        registry.register(RegisterImporter(register, kind, label))
    ticks.on_new_day("teams.assignments", lambda _day: refresh_teams_of_day())
