"""Pages of the targets, and their entry in the menu."""

from flask import Flask

from app.infra.web import navigation
from app.infra.web.navigation import NavItem
from app.kernel.permission import Permission
from app.targets.views import pages, values
from app.targets.views._blueprint import blueprint

__all__ = ["blueprint", "init_app", "pages", "values"]


def init_app(_app: Flask) -> None:
    """Menu."""
    navigation.register(NavItem("考核评价", 40, "目标监测", "targets.index", "target", Permission.TARGET_VIEW))
