"""One person per role in a real place, strangers included, and a browser signed in as any of them.

    def test_something(as_):
        page = as_("county").get("/enterprises/")

``as_(name)`` takes a key of ``PERSONAS``. The browser sends the CSRF token by itself; pass ``csrf=False`` to leave it out. Every
request commits what the test has pending and runs in an application context of its own, as a real one does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from flask.sessions import SecureCookieSession
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.areas.models import Area
from app.identity import actions, passwords
from app.identity.models import Post, User
from app.infra import clock
from app.infra.db import db

PASSWORD = "Correct-Horse-7-电池"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
_CSRF = "a" * 40


@dataclass(frozen=True)
class Persona:
    """``place``: code of the area of the post and home area, ``all`` for every city; team and enterprise posts have ``team_id`` /
    ``enterprise_id`` instead."""

    name: str
    role: str
    place: str
    team_id: int | None = None
    enterprise_id: int | None = None


PERSONAS: dict[str, Persona] = {
    "bureau": Persona("市局经办甲", "bureau_officer", "371500"),
    "leader": Persona("市领导甲", "city_leader", "371500"),
    "county": Persona("东昌府经办甲", "county_officer", "371502"),
    "zone": Persona("经开区经办甲", "county_officer", "3715Z1"),
    "town": Persona("柳园填报员甲", "town_reporter", "371502002"),
    "team_leader": Persona("服务队长甲", "team_leader", "371500", team_id=1),
    "expert": Persona("专家甲", "expert", "371500", team_id=1),
    "liaison": Persona("服务专员甲", "liaison", "371500", team_id=1),
    "department": Persona("部门联络员甲", "department_liaison", "371500"),
    "trainer": Persona("培训组织员甲", "training_organiser", "371500"),
    "provider": Persona("服务机构甲", "provider", "371500"),
    "contact": Persona("企业联络员甲", "enterprise_contact", "371502002", enterprise_id=1),
    "reviewer": Persona("评审员甲", "reviewer", "371500"),
    "system": Persona("系统管理员甲", "system_admin", "371500"),
    "security": Persona("安全管理员甲", "security_admin", "371500"),
    "audit": Persona("审计管理员甲", "audit_admin", "371500"),
    "stranger": Persona("莘县经办甲", "county_officer", "371522"),
    "stranger_city": Persona("烟台经办甲", "bureau_officer", "370600"),
    "yingkou": Persona("大石桥经办甲", "county_officer", "210882"),
    "province": Persona("山东经办甲", "bureau_officer", "370000"),
    "installation": Persona("全域经办甲", "bureau_officer", "all"),
}


def fill() -> None:
    """Put every persona into the database (login = key, password = ``PASSWORD``). Needs the areas; the caller commits."""
    areas = {a.code: a.id for a in db.session.scalars(select(Area).where(Area.code.in_([p.place for p in PERSONAS.values()])))}
    secret, now = passwords.make(PASSWORD), clock.now()
    for login, persona in PERSONAS.items():
        user = User(
            login=login, name=persona.name, password_hash=secret, password_changed_at=now, must_change_password=False,
            area_id=areas.get(persona.place), created_at=now,
        )
        db.session.add(user)
        db.session.flush()
        elsewhere = persona.team_id is not None or persona.enterprise_id is not None
        db.session.add(
            Post(
                user_id=user.id, role_code=persona.role, area_id=None if elsewhere else areas.get(persona.place),
                everywhere=persona.place == "all",
                team_id=persona.team_id, enterprise_id=persona.enterprise_id,
            )
        )
    db.session.flush()


class Browser(FlaskClient):
    """A test client whose requests do not share the test's session, ``g`` or transaction."""

    persona: str | None = None

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> TestResponse:
        if current_app:
            db.session.commit()
            db.session.expire_all()
        if csrf and self.persona and str(kwargs.get("method", "GET")).upper() in UNSAFE:
            kwargs["headers"] = {**dict(kwargs.get("headers") or {}), "X-CSRFToken": csrf_token(self.application)}
        with self.application.app_context():
            return super().open(*args, **kwargs)


def csrf_token(app: Flask) -> str:
    """The token that belongs to the session of a signed-in test browser."""
    return str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(_CSRF))  # type: ignore[arg-type]


def sign_in(app: Flask, login: str) -> Browser:
    """A browser signed in as this login without the login page."""
    with app.app_context():
        user = db.session.scalars(select(User).where(User.login == login)).one()
        token = actions.open_session(user.id, browser=actions.Browser("127.0.0.1", "test"), lifetime=timedelta(hours=12))
        db.session.commit()
    browser = Browser(app, app.response_class)
    browser.persona = login
    cookie: SecureCookieSession = SecureCookieSession({"_user_id": token, "_fresh": True, "csrf_token": _CSRF})
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    browser.set_cookie(app.config["SESSION_COOKIE_NAME"], serializer.dumps(dict(cookie)))
    return browser


@pytest.fixture
def as_(app: Flask) -> Callable[[str], Browser]:
    """``as_("county")``: a browser signed in as that persona."""

    def client(name: str) -> Browser:
        db.session.commit()
        return sign_in(app, name)

    return client
