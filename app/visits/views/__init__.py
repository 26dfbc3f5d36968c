"""Pages of requests, appointments and visits, and what they register with others at start-up."""

from flask import Flask

from app.visits.views import (
    answering,
    booking_hooks,
    changing,
    counting,
    hooks,
    listing,
    logging,
    overseeing,
    phoning,
    promising,
    reviewing,
    show,
)
from app.visits.views._blueprint import blueprint

__all__ = ["answering", "blueprint", "changing", "counting", "init_app", "listing", "logging", "overseeing", "phoning", "promising", "reviewing", "show"]


def init_app(app: Flask) -> None:
    """Menu, hooks of the enterprise page, listeners."""
    hooks.register()
    answering.init_app(app)
    booking_hooks.register()
