"""Yumiao: grows a city's private enterprises up the ladder and counts what came of it. ``create_app`` is the only factory."""

from datetime import timedelta
from importlib import import_module

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from app.infra import db as database
from app.infra import jobs
from app.infra.web import errors, filters, navigation, request, templating

CAPABILITIES = ("areas", "identity", "policies", "exchange", "enterprises", "ladder", "indicators", "workbench")
csrf = CSRFProtect()


def create_app(settings: config.Settings | None = None) -> Flask:
    """Build the application: configuration, ground, capabilities in order, commands."""
    settings = settings or config.load()
    app = Flask(__name__, template_folder="../templates", static_folder="../static", static_url_path="/static")
    _configure(app, settings)
    request.configure_logging(settings.log_level)
    database.init_app(app)
    csrf.init_app(app)
    for part in (request, errors, navigation, templating, filters):
        part.init_app(app)
    for name in CAPABILITIES:
        _mount(app, name)
    import_module("app.cli").init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: config.Settings) -> None:
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
        JSON_AS_ASCII=False,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _mount(app: Flask, name: str) -> None:
    """A capability is a package: its views' blueprint, its jobs, and whatever its ``__init__.init_app`` registers with others."""
    package = import_module(f"app.{name}")
    views = import_module(f"app.{name}.views")
    app.register_blueprint(views.blueprint)
    try:
        handlers = import_module(f"app.{name}.jobs").JOBS
    except ModuleNotFoundError as missing:
        if missing.name != f"app.{name}.jobs":
            raise
        handlers = {}
    for kind, handler in handlers.items():
        jobs.register(kind, handler)
    if hasattr(views, "init_app"):
        views.init_app(app)
    assert package
