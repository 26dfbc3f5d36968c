"""Records behind the ladder pages, for the general tests."""

from app.enterprises.models import Enterprise
from app.infra.db import db
from tests.factories import ladder as make
from tests.ladder import samples_batches as samples_batches
from tests.ladder import samples_boards as samples_boards
from tests.ladder import samples_gaps as samples_gaps
from tests.ladder import samples_impact as samples_impact
from tests.ladder import samples_lifecycle as samples_lifecycle
from tests.ladder import samples_pools as samples_pools
from tests.pages_registry import query, sample

query("ladder.holders", "?title=srdi")


def firm() -> Enterprise:
    """A firm of 古楼街道 with a provincial title."""
    row = make.firm(make.area("371502001"), name="柳河机械有限公司")
    make.recognition(row, "srdi", level="province")
    db.session.commit()
    return row


def recognition_id() -> int:
    row = make.recognition(make.firm(make.area("371502001")), "srdi", level="province")
    db.session.commit()
    return row.id


@sample("ladder.of_enterprise", viewers=("bureau", "county", "leader"), refused=("town", "department", "system"))
def of_enterprise() -> str:
    return f"/ladder/enterprises/{firm().id}"


@sample("ladder.recognition", viewers=("bureau", "county", "leader"), refused=("town", "department", "system"))
def recognition() -> str:
    return f"/ladder/recognitions/{recognition_id()}"


@sample("ladder.add", viewers=("bureau", "county"), refused=("leader", "town", "expert"))
def add() -> str:
    return f"/ladder/enterprises/{firm().id}/new"


@sample("ladder.add", method="POST", viewers=("bureau",), refused=("leader", "town"), data={
    "title_code": "high_tech", "batch_year": "2023", "valid_from": "2023-07-01", "valid_to": "2026-06-30",
})
def add_posted() -> str:
    return f"/ladder/enterprises/{firm().id}/new"


@sample("ladder.correct", viewers=("bureau", "county"), refused=("leader", "town", "expert"))
def correct() -> str:
    return f"/ladder/recognitions/{recognition_id()}/correct"


@sample("ladder.correct", method="POST", viewers=("bureau",), refused=("leader", "town"), data={
    "title_code": "srdi", "level": "province", "batch_year": "2023", "valid_from": "2023-07-02", "valid_to": "2026-06-30",
})
def correct_posted() -> str:
    return f"/ladder/recognitions/{recognition_id()}/correct"


@sample("ladder.revoke", viewers=("bureau", "county"), refused=("leader", "town", "expert"))
def revoke() -> str:
    return f"/ladder/recognitions/{recognition_id()}/revoke"


@sample("ladder.revoke", method="POST", viewers=("bureau",), refused=("leader", "town"), data={
    "revoked_on": "2024-03-01", "revoked_reason": "鲁工信〔2024〕3号",
})
def revoke_posted() -> str:
    return f"/ladder/recognitions/{recognition_id()}/revoke"


@sample("ladder.void", viewers=("bureau", "county"), refused=("leader", "town", "expert"))
def void() -> str:
    return f"/ladder/recognitions/{recognition_id()}/void"


@sample("ladder.void", method="POST", viewers=("bureau",), refused=("leader", "town"), data={"reason": "重复登记"})
def void_posted() -> str:
    return f"/ladder/recognitions/{recognition_id()}/void"
