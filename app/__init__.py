"""Yumiao: grows a city's private enterprises up the ladder and counts what came of it. ``create_app`` is the only factory.

Imports stand inside the functions on purpose: the parsing child process imports ``app.exchange`` and must stay small and fast.
"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings

CAPABILITIES = (
    "areas", "identity", "policies", "exchange", "enterprises", "ladder", "teams", "demands", "visits", "indicators", "targets", "reminders",
    "workbench", "api",
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application: configuration, ground, capabilities in order, commands."""
    from flask import Flask
    from flask_wtf.csrf import CSRFProtect
    from werkzeug.middleware.proxy_fix import ProxyFix

    import config
    from app.infra import db as database
    from app.infra import first_start, holidays, outbox  # noqa: F401  (their tables belong to the schema whoever uses them)
    from app.infra.web import compression, errors, filters, frame, navigation, request, templating

    settings = settings or config.load()
    app = Flask(__name__, template_folder="../templates", static_folder="../static", static_url_path="/static")
    app.jinja_environment = templating.Environment
    _configure(app, settings)
    request.configure_logging(settings.log_level)
    database.init_app(app)
    for part in (compression, request, errors, navigation, frame, templating, filters):  # the first one works last on an answer
        part.init_app(app)
    CSRFProtect(app)  # after request: a refused request has its id, too
    for name in CAPABILITIES:
        _mount(app, name)
    import_module("app.cli").init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    import config

    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        DATA_DIR=str(settings.data_dir),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MIGRATIONS_DIR=str(config.ROOT / "migrations"),
        SESSION_COOKIE_NAME="yumiao",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.absolute_hours),
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.https,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _mount(app: Flask, name: str) -> None:
    """A capability is a package: its views' ``blueprint``, its ``jobs.JOBS``, its ``due.due_items``, and what ``views.init_app`` registers
    with others."""
    from importlib.util import find_spec

    from app.infra import jobs
    from app.kernel import due

    if find_spec(f"app.{name}.models"):  # they belong to the schema, whichever page uses them first
        import_module(f"app.{name}.models")
    views = import_module(f"app.{name}.views")
    app.register_blueprint(views.blueprint)
    if find_spec(f"app.{name}.jobs"):
        for kind, handler in import_module(f"app.{name}.jobs").JOBS.items():
            jobs.register(kind, handler)
    if find_spec(f"app.{name}.due"):
        due.register(name, import_module(f"app.{name}.due").due_items)
    if hasattr(views, "init_app"):
        views.init_app(app)
