"""Pages of this capability: sign-in (``login``), own account (``own``), accounts of others (``accounts``), logs (``logs``)."""

from flask import Flask

from app.identity import guard
from app.identity.actions import forget_old
from app.identity.views import accounts, login, logs, own  # noqa: F401  (the modules add their routes to the blueprint)
from app.identity.views._blueprint import blueprint as blueprint
from app.infra import ticks
from app.infra.web import navigation
from app.kernel.permission import Permission


def init_app(app: Flask) -> None:
    """Called while the capability is mounted."""
    guard.init_app(app)
    ticks.on_new_day("identity.forget", forget_old)
    section = "输出与管理"
    navigation.register(navigation.NavItem(section, 80, "账号管理", "identity.accounts", "users", Permission.USER_VIEW))
    navigation.register(navigation.NavItem(section, 84, "审计日志", "identity.audit_log", "shield-check", Permission.AUDIT_VIEW))
    navigation.register(navigation.NavItem(section, 86, "登录日志", "identity.login_log", "history", Permission.AUDIT_VIEW))
