"""Records behind the JSON API, for the general tests."""

from app.infra.db import db
from tests.pages_registry import sample
from tests.visits.samples import OTHERS, READERS, WRITERS_ONLY, firm, visit


@sample("api.visit", viewers=READERS, refused=OTHERS)
def one() -> str:
    return f"/api/v1/visits/{visit().id}"


@sample("api.log", method="POST", viewers=(), strangers=(), refused=WRITERS_ONLY)
def logged() -> str:
    firm()
    db.session.commit()
    return "/api/v1/visits"
