"""Pages of the policy packs: overview, entries of a section, one entry with its editions, edit, versions."""

from flask import Flask

from app.infra.web import navigation, warming
from app.kernel.permission import Permission
from app.policies import queries
from app.policies.views import choice, criteria, edit, pages, workdays
from app.policies.views._blueprint import blueprint

__all__ = ["blueprint", "choice", "criteria", "edit", "init_app", "pages", "workdays"]


def init_app(app: Flask) -> None:
    """Put the packs into the side menu; the city of every request; the packs themselves are read before the workers divide."""
    choice.init_app(app)
    warming.register(queries.packs_by_city)
    navigation.register(navigation.NavItem("输出与管理", 60, "政策包", "policies.index", "template", Permission.PACK_VIEW))
    navigation.register(navigation.NavItem("输出与管理", 61, "工作日历", "policies.workdays", "calendar-event", Permission.AREA_EDIT))
