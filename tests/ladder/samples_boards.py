"""Records behind board, flows and explanations, for the general tests."""

from datetime import date

from app.infra.db import db
from tests.factories import ladder as make
from tests.pages_registry import query, sample

query("ladder.explain", "?title=srdi")
query("ladder.column", "?ladder=yumiao&rung=none")
query("ladder.column_gaps", "?ladder=yumiao&rung=none&ids=1")


def firm_id() -> int:
    row = make.firm(make.area("371502001"), name="看板样例有限公司")
    make.recognition(row, "srdi", level="province", valid_from=date(2023, 7, 1), valid_to=date(2030, 6, 30))
    db.session.commit()
    return row.id


@sample("ladder.move", viewers=("bureau", "county", "leader"), refused=("town", "department", "system"), statements=18)
def move() -> str:
    return f"/ladder/enterprises/{firm_id()}/move?ladder=yumiao&to=gazelle"


@sample("ladder.explain_export", method="POST", viewers=("bureau", "county"), strangers=(), refused=("town", "department", "system"), data={"title": "srdi"})
def export() -> str:
    firm_id()
    return "/ladder/explain/export"
