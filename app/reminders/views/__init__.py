"""Pages of the inbox and the rules of reminding, and what they register with others at start-up."""

from flask import Flask

from app.enterprises import references
from app.infra.web import navigation
from app.infra.web.navigation import NavItem
from app.kernel.permission import Permission
from app.reminders import chores, heartbeat
from app.reminders.views import doors, inbox, items, own, rules
from app.reminders.views._blueprint import blueprint

__all__ = ["blueprint", "doors", "inbox", "init_app", "items", "own", "rules"]


def init_app(app: Flask) -> None:
    """Menu, chores of the scheduler, banner of its silence, references to enterprises."""
    navigation.register(NavItem("日常", 60, "提醒中心", "reminders.inbox", "message-2", Permission.REMINDER_VIEW, phone=True))
    chores.register()
    heartbeat.init_app(app)
    references.register("due_item", "enterprise_id", label="到期事项")
