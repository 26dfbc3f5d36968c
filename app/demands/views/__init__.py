"""Pages of the demand desk, and what they register with others at start-up."""

from flask import Flask

from app.demands import actions
from app.demands.actions.desk import ensure_everywhere
from app.demands.imports import LedgerImporter
from app.demands.queries.register import domains_in_use
from app.demands.views import desk, hooks, intake, public, records, register, steps
from app.demands.views._blueprint import blueprint
from app.enterprises import references
from app.enterprises.queries import register_timeline
from app.exchange import registry
from app.infra import changes, ticks
from app.infra.web import navigation
from app.infra.web.navigation import NavItem
from app.kernel.actor import SYSTEM
from app.kernel.permission import Permission
from app.policies.queries import register_usage

__all__ = ["blueprint", "desk", "hooks", "init_app", "intake", "public", "records", "register", "steps"]


def init_app(_app: Flask) -> None:
    """Menu, hooks of the enterprise page, listeners, chores, references to enterprises."""
    navigation.register(NavItem("服务企业", 45, "企业诉求", "demands.index", "message-2", Permission.DEMAND_VIEW))
    navigation.register(NavItem("服务企业", 46, "诉求三率", "demands.rates", "chart-bar", Permission.DEMAND_COUNT))
    register_timeline(hooks.timeline)
    references.register("demand", "enterprise_id", label="企业诉求")
    changes.listen("enterprise.moved", actions.follow_enterprises)
    changes.listen("enterprise.merged", actions.follow_enterprises)
    changes.listen("bulk", actions.follow_enterprises)
    ticks.register("demands.clocks", 300, actions.tidy_up, "诉求停表到期、未评价办结、逾期上报")
    ticks.on_new_day("demands.departments", lambda _today: ensure_everywhere(by=SYSTEM))
    registry.register(LedgerImporter())
    register_usage("demand_domains", domains_in_use)

