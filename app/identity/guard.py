"""The door: Flask-Login over the session table, idle time, first password, brake on anonymous requests.

Cookie: Flask's signed session holds the random token as ``_user_id``; it is worth nothing once the row is revoked or over.
"""

import threading
import time
from datetime import timedelta
from typing import Any

from flask import Flask, Response, abort, current_app, flash, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user
from sqlalchemy import update

from app.identity import passwords, queries
from app.identity.actions import Browser
from app.identity.models import UserSession
from app.identity.principal import Principal, Stranger
from app.identity.rules import PROFILES, SEEN_EVERY, password_expired, safe_next
from app.infra import clock, dialect
from app.infra.db import begin_reading, db
from app.infra.web.access import wants_fragment
from app.infra.web.errors import answer
from app.infra.web.request import SAFE

OPEN_BEFORE_PASSWORD = frozenset({"identity.password", "identity.logout", "identity.login", "identity.health", "static"})
"""What a person with an initial or expired password may still open."""


def idle_time() -> timedelta:
    return timedelta(minutes=current_app.config["SETTINGS"].idle_minutes)


def lifetime() -> timedelta:
    return timedelta(hours=current_app.config["SETTINGS"].absolute_hours)


def browser() -> Browser:
    """The other end of this request."""
    return Browser((request.remote_addr or "")[:45] or None, request.user_agent.string)


def load(token: str) -> Principal | None:
    """Flask-Login's user loader. One statement in a reading transaction; on unsafe methods it ends there, so that the write lock
    of SQLite is taken by the view's first statement and not by whoever knocks.
    """
    unsafe = request.method not in SAFE
    if unsafe:
        begin_reading()
    try:
        found = queries.find_principal(token, idle_time())
    finally:
        if unsafe:
            db.session.rollback()
    if found and clock.now() - found.last_seen_at >= SEEN_EVERY:
        _seen(found.session_id)
    return found


def _seen(session_id: int) -> None:
    """Outside the unit of work and never waiting: the only trace a GET leaves."""
    dialect.write_if_free(db.engine, update(UserSession).where(UserSession.id == session_id).values(last_seen_at=clock.now()))


def enter(token: str) -> None:
    """Start the browser's session anew with this token: nothing of the time before sign-in survives (no fixation)."""
    session.clear()
    found = queries.find_principal(token, idle_time())
    assert found is not None
    login_user(found)


def unauthorized() -> Response:
    """Nobody is signed in, or no longer: the login page, which leads back; 401 in words where there is nothing to lead back to."""
    expired = "_user_id" in session
    target = url_for("identity.login", next=safe_next(request.full_path.rstrip("?")) if request.method == "GET" else None)
    if wants_fragment():
        response = answer(401, "登录已过期，请重新登录。")
        response.headers["HX-Redirect"] = url_for("identity.login")
        return response
    if request.method not in SAFE:
        return answer(401, "登录已过期，刚才的内容没有提交。请重新登录后再操作一次。" if expired else "请先登录后再操作。")
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        return answer(401, "登录已过期，请重新登录。" if expired else "请先登录。", "session_expired" if expired else "signed_out")
    if expired:
        session.clear()
        flash("登录已过期，请重新登录。", "info")
    return redirect(target)  # type: ignore[return-value]


class Brake:
    """Requests per minute and address, counted in this process (so the real limit is the setting times the number of workers)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def exceeded(self, address: str, limit: int) -> bool:
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            count = self._counts[address] = self._counts.get(address, 0) + 1
        return count > limit


def _brake() -> None:
    """Only strangers are slowed down: a whole bureau works behind one address, but it is signed in."""
    if not current_user.is_authenticated:
        brake: Brake = current_app.extensions["yumiao_brake"]
        if brake.exceeded(request.remote_addr or "", current_app.config["SETTINGS"].web_rps):
            abort(429)


def _first_password() -> Any:
    """An initial or expired password opens nothing but the page to change it."""
    if not current_user.is_authenticated or request.endpoint in OPEN_BEFORE_PASSWORD:
        return None
    profile = PROFILES[current_app.config["SETTINGS"].password_profile]
    if not (current_user.must_change_password or password_expired(current_user.password_changed_at, clock.now(), profile)):
        return None
    if request.method in SAFE and not wants_fragment():
        return redirect(url_for("identity.password"))
    return answer(403, "请先修改初始密码，再使用系统。")


def _before_request() -> Any:
    if request.endpoint in (None, "static", "identity.health"):
        return None
    _brake()
    return _first_password()


def init_app(app: Flask) -> None:
    """Attach to the application (called while the capability is mounted)."""
    passwords.configure(cheap=app.config["SETTINGS"].mode == "test")
    app.extensions["yumiao_brake"] = Brake()
    manager = LoginManager()
    manager.session_protection = None  # the token decides; an officer's address changes with every proxy
    manager.anonymous_user = Stranger
    manager.user_loader(load)
    manager.unauthorized_handler(unauthorized)
    manager.init_app(app)
    app.before_request(_before_request)
