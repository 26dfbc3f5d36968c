"""Pages of the inbox and the rules of reminding, and what they register with others at start-up."""

from flask import Flask

from app.enterprises import references
from app.reminders import chores
from app.reminders.views._blueprint import blueprint

__all__ = ["blueprint", "init_app"]


def init_app(_app: Flask) -> None:
    """Chores of the scheduler, references to enterprises."""
    chores.register()
    references.register("due_item", "enterprise_id", label="到期事项")
