"""Taking an import back: what is still as imported goes, what people changed since stays and is listed; history stays true."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.enterprises import actions as enterprises
from app.enterprises.models import Enterprise, EnterpriseName, EnterpriseSummary, EnterpriseTown, EnterpriseYear
from app.enterprises.queries import quick_search
from app.exchange import actions, queries
from app.exchange.models import ImportBatch, ImportRow, ImportUndo
from app.infra import clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.errors import Conflict
from app.kernel.scope import ALL
from app.ladder.models import Recognition
from tests.exchange.importing import OFFICER, apply, do, plan, undo
from tests.factories.enterprises import make_credit_code, make_enterprise, town_id

A, B, C = (make_credit_code(n) for n in range(1, 4))
HEAD = ["企业名称", "统一社会信用代码", "县区", "镇街", "法定代表人"]
GRANTS = ["统一社会信用代码", "称号", "级别", "批次年度", "公布日期", "有效期止"]


@pytest.fixture(autouse=True)
def _first_number(app: Flask) -> None:
    """Number 1 belongs to the enterprise contact among the personas."""
    make_enterprise("占号有限公司")
    db.session.commit()


def others() -> list[str]:
    return list(db.session.scalars(select(Enterprise.name).where(Enterprise.name != "占号有限公司").order_by(Enterprise.id)))


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_new_firms_go_with_everything_the_import_made(app: Flask, tmp_path: Path) -> None:
    done = do(tmp_path, "enterprises", [HEAD, ["聊城乐陵制造有限公司", A, "东昌府区", "柳园", "张三"]])
    batch = undo(done.batch)
    assert (batch.state, batch.undone_counts) == ("undone", {"undone": 1, "kept": 0})
    assert others() == []
    assert (count(EnterpriseTown), count(EnterpriseSummary)) == (1, 1)
    assert not quick_search(ALL, "乐陵制造")
    assert db.session.scalars(select(AuditRow.type).where(AuditRow.type.like("import.%")).order_by(AuditRow.id)).all() == [
        "import.applied", "import.undone",
    ]


def test_changed_fields_come_back_and_later_ones_stay(app: Flask, tmp_path: Path) -> None:
    row = make_enterprise("聊城旧名有限公司", code=A, legal_person="张三")
    done = do(tmp_path, "enterprises", [HEAD, ["聊城新名有限公司", A, "东昌府区", "古楼", "李四"]])
    db.session.refresh(row)
    enterprises.update_enterprise(scope=ALL, enterprise_id=row.id, version=row.version, values={"address": "后来填的地址"}, by=OFFICER)
    db.session.commit()
    assert undo(done.batch).undone_counts == {"undone": 1, "kept": 0}
    db.session.refresh(row)
    assert (row.name, row.legal_person, row.town_id, row.address) == ("聊城旧名有限公司", "张三", town_id(), "后来填的地址")
    assert count(EnterpriseName) == 0
    (now,) = db.session.scalars(
        select(EnterpriseTown).where(
            EnterpriseTown.enterprise_id == row.id, EnterpriseTown.valid_to.is_(None), EnterpriseTown.superseded_at.is_(None)
        )
    )
    assert (now.town_id, now.valid_from) == (town_id(), date(2015, 1, 1))


def test_what_people_changed_since_stays_and_is_listed(app: Flask, tmp_path: Path) -> None:
    rows = [HEAD, *[[f"公司{i}", code, "东昌府区", "柳园", "张三"] for i, code in enumerate((A, B, C))]]
    done = do(tmp_path, "enterprises", rows)
    first, second = db.session.scalars(select(Enterprise).where(Enterprise.credit_code.in_([A, B])).order_by(Enterprise.name))
    enterprises.update_enterprise(scope=ALL, enterprise_id=first.id, version=first.version, values={"legal_person": "李四"}, by=OFFICER)
    enterprises.add_figures(scope=ALL, enterprise_id=second.id, year=2023, source="department", values={"employee_count": 5}, by=OFFICER)
    db.session.commit()
    assert undo(done.batch).undone_counts == {"undone": 1, "kept": 2}
    assert others() == ["公司0", "公司1"]
    kept = {line.row: line.kept_zh for line in queries.list_kept(done.batch.id)}
    assert kept == {2: "导入后资料已被修改", 3: "导入后已登记年度数据"}


def test_imports_are_taken_back_last_one_first(app: Flask, tmp_path: Path) -> None:
    first = do(tmp_path, "enterprises", [HEAD, ["聊城甲有限公司", A, "东昌府区", "柳园", "张三"]])
    second = do(tmp_path, "enterprises", [HEAD, ["聊城甲有限公司", A, "东昌府区", "柳园", "李四"]])
    assert undo(second.batch).undone_counts == {"undone": 1, "kept": 0}
    assert undo(first.batch).undone_counts == {"undone": 1, "kept": 0}
    assert others() == []


def test_figures_go_back_to_the_version_before(app: Flask, tmp_path: Path) -> None:
    row = make_enterprise("甲公司", code=A, figures={2023: {"revenue_yuan": Decimal(100)}}, source="enterprise")
    db.session.commit()
    done = do(tmp_path, "figures", [["统一社会信用代码", "年度", "营业收入（元）"], [A, 2023, 200], [A, 2022, 50]])
    undo(done.batch)
    current = select(EnterpriseYear).where(EnterpriseYear.enterprise_id == row.id, EnterpriseYear.superseded_at.is_(None))
    (now,) = db.session.scalars(current)
    assert (now.year, now.revenue_yuan) == (2023, Decimal(100))
    assert count(EnterpriseYear) == 4  # nothing that was ever known is erased
    assert db.session.get_one(EnterpriseSummary, row.id).revenue_yuan == Decimal(100)


def test_recognitions_go_back_to_the_version_before(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    db.session.commit()
    do(tmp_path, "recognitions", [GRANTS, [A, "专精特新", "省级", 2023, "2023-07-14", "2028-07-13"]])
    corrected = [A, "专精特新", "省级", 2023, "2023-07-14", "2027-07-13"]
    done = do(tmp_path, "recognitions", [GRANTS, corrected, [A, "瞪羚", "省级", 2024, "2024-07-14", "2028-07-13"]])
    undo(done.batch)
    (now,) = db.session.scalars(select(Recognition).where(Recognition.superseded_at.is_(None)))
    assert (now.title_code, now.valid_to) == ("srdi", date(2028, 7, 13))
    assert db.session.scalars(select(EnterpriseSummary.titles).where(EnterpriseSummary.titles.like("%srdi%"))).one() == ",srdi,"


def test_an_import_can_be_taken_back_once(app: Flask, tmp_path: Path) -> None:
    done = do(tmp_path, "enterprises", [HEAD, ["甲公司", A, "东昌府区", "柳园", "张三"]])
    batch = undo(done.batch)
    actions.request_undo(batch, by=OFFICER)
    db.session.commit()
    assert db.session.get_one(ImportBatch, batch.id).state == "undone"


def test_old_staging_and_journals_are_cleared_in_time(app: Flask, tmp_path: Path) -> None:
    draft = plan(tmp_path, "enterprises", [HEAD, ["甲公司", A, "东昌府区", "柳园", "张三"]]).batch
    applied = do(tmp_path, "enterprises", [HEAD, ["乙公司", B, "东昌府区", "柳园", "张三"]], name="二.xlsx").batch
    now = clock.now()
    assert actions.forget_old() == 0
    clock.freeze(now + timedelta(days=actions.DRAFT_DAYS + 1))
    assert actions.forget_old() == 1
    db.session.commit()
    assert (db.session.get_one(ImportBatch, draft.id).state, count(ImportUndo)) == ("cancelled", 1)
    clock.freeze(now + timedelta(days=actions.UNDO_DAYS + 1))
    assert actions.forget_old() == 1
    db.session.commit()
    assert (count(ImportRow), count(ImportUndo), count(ImportBatch)) == (0, 0, 2)
    with pytest.raises(Conflict):
        actions.request_undo(db.session.get_one(ImportBatch, applied.id), by=OFFICER)


def test_an_import_that_wrote_nothing_has_nothing_to_take_back(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    db.session.commit()
    batch = apply(plan(tmp_path, "enterprises", [["统一社会信用代码", "企业名称"], [A, "甲公司"]]))
    with pytest.raises(Conflict):
        actions.request_undo(batch, by=OFFICER)
