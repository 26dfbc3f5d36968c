"""Records behind the pages of batches, steps, official lists and their comparison, for the general tests."""

from datetime import date

from app.infra import clock
from app.infra.db import db
from app.ladder.models import BatchVersion, OfficialList, OfficialListRow, RecognitionBatch, RecognitionEvent
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


def listed(stage: str = "announced") -> tuple[OfficialList, OfficialListRow]:
    """A list of 东昌府区 with one confirmed and one open line."""
    firm = make.firm(make.area("371502001"), name="柳河机械有限公司")
    row = OfficialList(
        name="2023年度专精特新名单", stage=stage, title_code="srdi", level="province", batch_year=2023, announced_on=date(2023, 7, 14), valid_to=date(2026, 7, 13),
        area_id=make.area("371502").id, import_id=7, created_at=clock.now(), created_name="甲",
    )
    db.session.add(row)
    db.session.flush()
    common = {"list_id": row.id, "name_key": "x"}
    db.session.add(OfficialListRow(row=2, name="柳河机械有限公司", decision="confirmed", enterprise_id=firm.id, how="exact", **common))
    line = OfficialListRow(row=3, name="柳河机械有限责任公司", candidates=[[firm.id, "form", 84]], **common)
    db.session.add(line)
    db.session.commit()
    return row, line


NOT = {"refused": ("leader", "town", "expert"), "viewers": ("bureau", "county")}


@sample("ladder.official_list", **NOT)
def official_list() -> str:
    return f"/ladder/lists/{listed()[0].id}"


@sample("ladder.list_of_import", **NOT)
def list_of_import() -> str:
    listed()
    return "/ladder/lists/of-import/7"


@sample("ladder.edit_list", **NOT)
def edit_list() -> str:
    return f"/ladder/lists/{listed()[0].id}/edit"


@sample("ladder.edit_list", method="POST", viewers=("bureau",), data={
    "name": "名单", "purpose": "stock", "stage": "announced", "title_code": "srdi", "level": "province", "version": "1",
})
def edit_list_posted() -> str:
    return edit_list()


@sample("ladder.record_list", **NOT)
def record_list() -> str:
    return f"/ladder/lists/{listed()[0].id}/record"


@sample("ladder.record_list", method="POST", viewers=("bureau",), refused=("leader", "town"))
def record_list_posted() -> str:
    return record_list()


@sample("ladder.rematch_list", method="POST", viewers=("bureau",), refused=("leader", "town"))
def rematch_list() -> str:
    return f"/ladder/lists/{listed()[0].id}/rematch"


@sample("ladder.decide_lines", method="POST", viewers=("bureau",), refused=("leader", "town"), data={"what": "confirm_sure"})
def decide_lines() -> str:
    return f"/ladder/lists/{listed()[0].id}/decide"


@sample("ladder.list_line", statements=16, **NOT)
def list_line() -> str:
    row, line = listed()
    return f"/ladder/lists/{row.id}/rows/{line.id}"


@sample("ladder.compare_page", **NOT)
def compare_page() -> str:
    return f"/ladder/lists/{listed()[0].id}/compare"


@sample("ladder.settle", method="POST", viewers=("bureau",), refused=("leader", "town"), data={"what": "ignore", "ids": "unconfirmed|r:1", "reason": "说明"})
def settle() -> str:
    return f"/ladder/lists/{listed()[0].id}/settle"


@sample("ladder.export_comparison", method="POST", viewers=("bureau",), refused=("leader", "town"))
def export_comparison() -> str:
    return f"/ladder/lists/{listed()[0].id}/compare/export"
