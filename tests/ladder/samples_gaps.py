"""Records behind the pages of answers, kept diagnoses and the gap list."""

from datetime import date

from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from app.ladder.actions.answers import record_answer
from app.ladder.actions.snapshots import keep_diagnosis
from tests.factories import ladder as make
from tests.pages_registry import sample

SEES, NOT = ("bureau", "county", "leader"), ("town", "department", "trainer", "system")
EDITS, READS_ONLY = ("bureau", "county"), ("leader", "town", "contact")


def firm_id() -> int:
    row = make.firm(make.area("371502001"), name="柳河机械有限公司")
    db.session.commit()
    return row.id


def answer_id() -> int:
    row = record_answer(scope=ALL, enterprise_id=firm_id(), field="credit_score", value=70, by=SYSTEM)
    assert row is not None
    db.session.commit()
    return row.id


def snapshot_id() -> int:
    row = keep_diagnosis(scope=ALL, enterprise_id=firm_id(), as_of=date(2026, 6, 1), by=SYSTEM)
    db.session.commit()
    return row.id


@sample("ladder.answer", viewers=EDITS, refused=READS_ONLY, statements=20)
def answer() -> str:
    return f"/ladder/enterprises/{firm_id()}/answers/new?field=credit_score"


@sample("ladder.answer", method="POST", viewers=("bureau",), refused=READS_ONLY, data={"value": "70", "source": "department"})
def answer_posted() -> str:
    return f"/ladder/enterprises/{firm_id()}/answers/new?field=credit_score"


@sample("ladder.answers", viewers=SEES, refused=NOT, statements=20)
def answers() -> str:
    return f"/ladder/enterprises/{firm_id()}/answers"


@sample("ladder.undo_answer", method="POST", viewers=("bureau",), refused=READS_ONLY)
def undo() -> str:
    return f"/ladder/answers/{answer_id()}/undo"


@sample("ladder.keep_snapshot", method="POST", viewers=("bureau",), refused=READS_ONLY)
def keep() -> str:
    return f"/ladder/enterprises/{firm_id()}/snapshots"


@sample("ladder.snapshot", viewers=SEES, refused=NOT, statements=20)
def snapshot() -> str:
    return f"/ladder/snapshots/{snapshot_id()}"


@sample("ladder.compare_snapshot", viewers=SEES, refused=NOT, statements=30)
def compare() -> str:
    return f"/ladder/snapshots/{snapshot_id()}/compare"


@sample("ladder.gap_list_export", method="POST", viewers=("bureau", "county"), strangers=(), refused=("leader", "town", "system"))
def gap_list_export() -> str:
    return "/ladder/gap-list/export"
