"""Pages of this capability: sign-in (``login``), own account (``own``), accounts of others (``accounts``), logs (``logs``)."""

from flask import Flask

from app.identity import guard
from app.identity.views._blueprint import blueprint as blueprint
from app.identity.views import login as login, own as own  # noqa: I001  (the modules add their routes to the blueprint)


def init_app(app: Flask) -> None:
    """Called while the capability is mounted."""
    guard.init_app(app)
