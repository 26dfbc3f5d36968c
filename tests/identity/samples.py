"""Records behind the pages of this capability, for the general tests."""

from datetime import timedelta

from sqlalchemy import select

from app.identity import actions
from app.identity.models import User, UserSession
from app.infra.db import db
from tests.pages_registry import sample


def user_id(login: str) -> int:
    return db.session.scalars(select(User.id).where(User.login == login)).one()


@sample("identity.revoke_session", method="POST", strangers=("stranger", "stranger_city", "county"))
def own_session() -> str:
    token = actions.open_session(user_id("bureau"), browser=actions.Browser("10.0.0.1", "other"), lifetime=timedelta(hours=1))
    del token
    row = db.session.scalars(select(UserSession.id).where(UserSession.ip == "10.0.0.1")).one()
    return f"/account/sessions/{row}/revoke"
