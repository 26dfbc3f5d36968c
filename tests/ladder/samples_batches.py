"""Records behind the pages of batches, steps, official lists and their comparison, for the general tests."""

from datetime import date

from app.infra import clock
from app.infra.db import db
from app.ladder.models import BatchVersion, RecognitionBatch, RecognitionEvent
from tests.factories import ladder as make
from tests.pages_registry import sample


def batch(**more: object) -> RecognitionBatch:
    row = RecognitionBatch(
        city_id=make.area("371500").id, title_code="srdi", level="province", batch_year=2023, number=0, created_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    values = {"issuer": "省工业和信息化厅", "announced_on": date(2023, 7, 1), "document": "鲁工信创〔2023〕1号"} | more
    db.session.add(BatchVersion(batch_id=row.id, recorded_at=clock.now(), **values))
    db.session.commit()
    return row


def step() -> RecognitionEvent:
    firm = make.firm(make.area("371502001"))
    row = RecognitionEvent(
        enterprise_id=firm.id, title_code="gazelle", level="province", batch_year=2024, kind="noticed", happened_on=date(2024, 10, 8), recorded_at=clock.now(),
    )
    db.session.add(row)
    db.session.commit()
    return row


@sample("ladder.batch", viewers=("bureau", "county", "leader"), refused=("town", "department", "system"))
def batch_page() -> str:
    make.recognition(make.firm(make.area("371502001")), "srdi", level="province")
    db.session.commit()
    return "/ladder/batches/srdi/province/2023/0"


@sample("ladder.edit_batch", viewers=("bureau",), strangers=("stranger", "stranger_city", "county"), refused=("leader", "town"))
def edit_batch() -> str:
    return f"/ladder/batches/{batch().id}/edit"


@sample("ladder.new_step", viewers=("bureau", "county"), refused=("leader", "town", "expert"))
def new_step() -> str:
    firm = make.firm(make.area("371502001"))
    db.session.commit()
    return f"/ladder/enterprises/{firm.id}/steps/new"


@sample("ladder.new_step", method="POST", viewers=("bureau",), refused=("leader", "town"), data={
    "kind": "noticed", "happened_on": "2024-10-08", "title_code": "gazelle", "level": "province",
})
def new_step_posted() -> str:
    return new_step()


@sample("ladder.withdraw", viewers=("bureau", "county"), refused=("leader", "town", "expert"))
def withdraw() -> str:
    return f"/ladder/steps/{step().id}/withdraw"


@sample("ladder.withdraw", method="POST", viewers=("bureau",), refused=("leader", "town"), data={"reason": "登记有误"})
def withdraw_posted() -> str:
    return withdraw()
