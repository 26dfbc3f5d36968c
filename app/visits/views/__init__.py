"""Pages of requests, appointments and visits, and what they register with others at start-up."""

from flask import Flask

from app.visits.views import booking_hooks, changing, hooks, listing, logging, phoning, promising, reviewing, show
from app.visits.views._blueprint import blueprint

__all__ = ["blueprint", "changing", "init_app", "listing", "logging", "phoning", "promising", "reviewing", "show"]


def init_app(_app: Flask) -> None:
    """Menu, hooks of the enterprise page, listeners."""
    hooks.register()
    booking_hooks.register()
