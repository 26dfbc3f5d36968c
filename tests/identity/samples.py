"""Records behind the pages of this capability, for the general tests."""

from datetime import timedelta

from sqlalchemy import select

from app.identity import actions
from app.identity.models import Post, User, UserSession
from app.infra.db import db
from tests.pages_registry import sample


def user_id(login: str) -> int:
    return db.session.scalars(select(User.id).where(User.login == login)).one()


def _other_city_admin() -> None:
    """The stranger from the other city administers accounts there: the dangerous kind of stranger."""
    post = db.session.scalars(select(Post).where(Post.user_id == user_id("stranger_city"))).one()
    post.role_code = "system_admin"
    db.session.flush()


def _user(action: str = "", login: str = "town") -> str:
    _other_city_admin()
    return f"/users/{user_id(login)}{action}"


@sample("identity.revoke_session", method="POST", strangers=("stranger", "stranger_city", "county"))
def own_session() -> str:
    actions.open_session(user_id("bureau"), browser=actions.Browser("10.0.0.1", "other"), lifetime=timedelta(hours=1))
    row = db.session.scalars(select(UserSession.id).where(UserSession.ip == "10.0.0.1")).one()
    return f"/account/sessions/{row}/revoke"


OTHERS = {"strangers": ("stranger_city",), "refused": ("bureau", "county", "stranger", "town", "audit")}


@sample("identity.account", viewers=("system", "security"), **OTHERS)
def account() -> str:
    return _user()


@sample("identity.account", viewers=("system",), **OTHERS)
def account_beyond() -> str:
    return _user(login="audit")


@sample("identity.edit_account", method="POST", viewers=(), **OTHERS)
def edit() -> str:
    return _user("/edit")


@sample("identity.disable_account", method="POST", viewers=("system",), **OTHERS)
def disable() -> str:
    return _user("/disable")


@sample("identity.enable_account", method="POST", viewers=("system",), **OTHERS)
def enable() -> str:
    return _user("/enable")


@sample("identity.unlock_account", method="POST", viewers=("system", "security"), **OTHERS)
def unlock() -> str:
    return _user("/unlock")


@sample("identity.reset_account", method="POST", viewers=("system", "security"), **OTHERS)
def reset() -> str:
    return _user("/reset")


@sample("identity.add_post", method="POST", viewers=(), **OTHERS)
def add_post() -> str:
    return _user("/posts")


def _post(action: str) -> str:
    address = _user()
    return f"{address}/posts/{db.session.scalars(select(Post.id).where(Post.user_id == user_id('town'))).one()}/{action}"


@sample("identity.set_post_dates", method="POST", data={"valid_to": "2030-12-31"}, viewers=("system",), **OTHERS)
def post_dates() -> str:
    return _post("dates")


@sample("identity.end_post", method="POST", viewers=("system",), **OTHERS)
def end_post() -> str:
    return _post("end")
