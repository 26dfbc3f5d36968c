"""Records behind the pages of visits, for the general tests."""

from app.enterprises.models import Enterprise
from app.infra.db import db
from app.visits.models import Visit
from tests.factories.enterprises import make_enterprise
from tests.factories.visits import assign, make_visit
from tests.pages_registry import sample

READERS = ("bureau", "county", "leader", "expert", "team_leader", "liaison")
WRITERS = ("bureau", "county", "expert", "team_leader", "liaison")
SHUT = ("town", "department", "trainer", "provider", "contact", "reviewer", "system")


def firm() -> Enterprise:
    """A firm of 柳园街道 that team 1 serves."""
    row = make_enterprise(name="柳泉轴承有限公司")
    assign(row, 1)
    return row


def visit(**values: object) -> Visit:
    row = make_visit(firm(), **values)
    db.session.commit()
    return row


@sample("visits.show", viewers=READERS, refused=SHUT, statements=16)
def show() -> str:
    return f"/visits/{visit().id}"
