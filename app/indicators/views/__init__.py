"""Pages of the strong-town indicators, and what they listen to."""

from flask import Flask

from app.exchange import registry
from app.indicators import actions
from app.indicators.imports import ContestImporter
from app.indicators.views import (
    contest,
    contest_cells,
    contest_editions,
    contest_grading,
    contest_vetoes,
    files,
    lists,
    tables,
    why,
)
from app.indicators.views._blueprint import blueprint
from app.infra import changes, ticks
from app.infra.web import navigation
from app.infra.web.navigation import NavItem
from app.kernel.permission import Permission

__all__ = ["blueprint", "contest", "contest_cells", "contest_editions", "contest_grading", "contest_vetoes", "files", "init_app", "lists", "tables", "why"]


def init_app(_app: Flask) -> None:
    """Menu, listeners, chore of a new day."""
    navigation.register(NavItem("考核评价", 30, "强镇指标", "indicators.index", "map-2", Permission.INDICATOR_VIEW))
    navigation.register(NavItem("考核评价", 31, "强镇评选", "indicators.contest_rounds", "trophy", Permission.INDICATOR_VIEW))
    for kind in ("recognition.changed", "enterprise.moved", "enterprise.merged", "figures.changed"):
        changes.listen(kind, actions.refresh_enterprises)
    changes.listen("bulk", actions.rebuild_all)
    registry.register(ContestImporter())
    ticks.on_new_day("indicators.year", actions.new_day)
