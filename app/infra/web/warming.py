"""What the web server does once before its workers are forked, so that they share it instead of each making their own copy.

Nothing here may be needed for an answer: a database that is down or empty only makes the first requests slower.
"""

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import configure_mappers

from app.infra.db import db

Warmer = Callable[[], object]
SHARED_TEMPLATES = ("_layout/", "_macros/")
FIRST_PAGES = ("identity/login.html", "workbench/home.html", "enterprises/index.html", "enterprises/_filters.html", "enterprises/_views.html")

_warmers: list[Warmer] = []


def register(warmer: Warmer) -> None:
    """Add something to read once before the fork (start-up only); it runs inside an application context and writes nothing."""
    if warmer not in _warmers:
        _warmers.append(warmer)


def warm(app: Flask) -> None:
    """Compile what every page uses and read what every page asks for; leaves no connection open, a fork would share it."""
    configure_mappers()
    known = app.jinja_env.list_templates()
    for name in [n for n in known if n.startswith(SHARED_TEMPLATES)] + [n for n in FIRST_PAGES if n in known]:
        app.jinja_env.get_template(name)
    with app.app_context():
        try:
            for warmer in _warmers:
                warmer()
        except Exception as error:
            app.logger.warning("not warmed up: %s", type(error).__name__)
        finally:
            db.session.remove()
            db.engine.dispose()
