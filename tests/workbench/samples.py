"""Pages of the workbench that need a query."""

from app.infra.db import db
from tests.factories import ladder as make
from tests.pages_registry import query, sample

query("workbench.search", "?q=柳园")


def firm_id() -> int:
    row = make.firm(make.area("371502001"), name="柳河机械有限公司")
    db.session.commit()
    return row.id


@sample("workbench.gap_card", viewers=("bureau", "county", "leader"), refused=("town", "department", "trainer", "system"), statements=30)
def gap_card() -> str:
    return f"/enterprises/{firm_id()}/gaps"


@sample("workbench.gap_print", viewers=("bureau", "county", "leader"), refused=("town", "department", "trainer", "system"), statements=30)
def gap_print() -> str:
    return f"/enterprises/{firm_id()}/gaps/print"


@sample("workbench.gap_panel", viewers=("bureau", "county", "leader"), refused=("town", "department", "trainer", "system"), statements=30)
def gap_panel() -> str:
    return f"/enterprises/{firm_id()}/gaps/summary"


BRIEF = {"viewers": ("bureau", "county", "leader"), "refused": ("town", "department", "trainer", "system", "contact"), "statements": 36}


@sample("workbench.brief", **BRIEF)
def brief() -> str:
    return f"/enterprises/{firm_id()}/brief"


@sample("workbench.brief_plain", **BRIEF)
def brief_plain() -> str:
    return f"/enterprises/{firm_id()}/brief/plain"


@sample("workbench.brief_json", **BRIEF)
def brief_json() -> str:
    return f"/enterprises/{firm_id()}/brief.json"
