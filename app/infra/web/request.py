"""What happens around every request: id, reading transaction, structured log line, security headers, host and size checks."""

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, Map
from werkzeug.routing import Rule as WerkzeugRule

from app.infra import clock
from app.infra.db import begin_reading

SAFE = ("GET", "HEAD", "OPTIONS")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class JsonFormatter(logging.Formatter):
    """One JSON object a line. Only known keys: nothing of a request body or a secret gets in by accident."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": clock.now().isoformat(timespec="milliseconds"), "level": record.levelname, "logger": record.name,
            "message": record.getMessage(),
        }
        for key in ("request_id", "method", "path", "status", "ms", "user_id", "job_id", "kind"):
            if hasattr(record, key):
                line[key] = getattr(record, key)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logging(level: str) -> None:
    """JSON lines on standard error (standard output belongs to command results)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("sqlalchemy").setLevel("WARNING")


def _refuse_nul() -> None:
    """NUL characters reach no database column: refuse them at the door (text that only looks the same must not get in)."""
    if "\x00" in request.path or any("\x00" in v for values in request.args.listvalues() for v in values):
        raise BadRequest()


class Rule(WerkzeugRule):
    """Makes the function that builds its addresses when the first one is asked for: of hundreds of rules a page names a few dozen."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        make = super()._compile_builder

        def first(rule: Any, /, **values: Any) -> tuple[str, str]:
            build: Callable[..., tuple[str, str]] = make(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", build)
            return build(**values)

        return first


class StoredId(IntegerConverter):
    """Numbers in paths are ids of rows: what no database can hold is no such page, not an error of the driver."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(url_map, *args, **{"max": 2**63 - 1, **kwargs})


def init_app(app: Flask) -> None:
    """Attach the hooks."""
    app.url_map.converters["int"] = StoredId
    app.url_rule_class = Rule
    access_log = logging.getLogger("yumiao.access")

    @app.before_request
    def start() -> None:
        g.request_id = secrets.token_hex(6)
        g.csp_nonce = secrets.token_urlsafe(16)
        g.started = time.perf_counter()
        if request.endpoint == "static":
            return
        _refuse_nul()
        if request.method in SAFE:
            begin_reading()

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Request-Id", g.get("request_id", "-"))
        nonce = g.get("csp_nonce", "")
        headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
            "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        )
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=()")
        if app.config["SESSION_COOKIE_SECURE"]:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.endpoint == "static" and response.status_code < 400:
            if request.path.startswith("/static/dist/"):
                headers["Cache-Control"] = "public, max-age=31536000, immutable"
            return response
        headers["Cache-Control"] = "no-store"  # also on downloads, for which Flask says no-cache: they hold business data
        headers.add("Vary", "HX-Request")
        access_log.info(
            "request",
            extra={
                "request_id": g.get("request_id"), "method": request.method, "path": _CONTROL.sub("?", request.path)[:300],
                "status": response.status_code, "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            },
        )
        return response
