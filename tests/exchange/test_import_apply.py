"""Applying: one transaction, exactly the plan that was shown, once; data that changed meanwhile makes a new plan instead of a wrong write."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.enterprises import actions as enterprises
from app.enterprises.models import Enterprise, EnterpriseTown
from app.exchange import actions
from app.exchange.models import ImportBatch, ImportRow, ImportUndo
from app.infra import audit, jobs
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.errors import Conflict
from app.kernel.scope import ALL, Scope
from tests.exchange.importing import OFFICER, apply, do, outcome, plan, undo, upload, work
from tests.factories.enterprises import make_credit_code, make_enterprise, town_id

ROOT = Path(__file__).resolve().parents[2]
HEAD = ["企业名称", "统一社会信用代码", "县区", "镇街", "法定代表人"]
A, B = make_credit_code(1), make_credit_code(2)


def firms(count: int) -> list[list[object]]:
    return [HEAD, *[[f"聊城试验{i}号有限公司", make_credit_code(1000 + i), "东昌府区", "柳园", "张三"] for i in range(count)]]


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_one_audit_row_with_the_hash_of_the_plan(app: Flask, tmp_path: Path) -> None:
    planned = do(tmp_path, "enterprises", firms(3))
    (row,) = db.session.scalars(select(AuditRow).where(AuditRow.type == "import.applied"))
    assert (row.new["plan"], row.new["created"], row.actor_id) == (planned.batch.plan_hash, 3, OFFICER.user_id)
    assert audit.verify(db.session()).broken_at is None


def test_a_plan_changes_nothing_but_the_staging(app: Flask, tmp_path: Path) -> None:
    plan(tmp_path, "enterprises", firms(3))
    assert (count(Enterprise), count(EnterpriseTown), count(ImportRow)) == (0, 0, 3)


def test_a_second_click_and_a_second_job_do_nothing(app: Flask, tmp_path: Path) -> None:
    planned = plan(tmp_path, "enterprises", firms(3))
    batch = planned.batch
    for _ in range(2):
        assert actions.request_apply(batch, batch.plan_hash, scope=ALL, by=OFFICER) == "applying"
        db.session.commit()
    assert len(db.session.scalars(select(jobs.Job).where(jobs.Job.kind == "exchange.apply")).all()) == 1
    for _ in range(2):
        work("exchange.apply", batch.id)
    assert (count(Enterprise), count(ImportUndo)) == (3, 3)
    assert len(db.session.scalars(select(AuditRow).where(AuditRow.type == "import.applied")).all()) == 1


def test_another_plan_than_the_shown_one_is_not_applied(app: Flask, tmp_path: Path) -> None:
    batch = plan(tmp_path, "enterprises", firms(1)).batch
    with pytest.raises(Conflict):
        actions.request_apply(batch, "0" * 64, scope=ALL, by=OFFICER)


def test_a_record_changed_after_the_plan_leads_to_a_new_plan(app: Flask, tmp_path: Path) -> None:
    row = make_enterprise("甲公司", code=A, legal_person="张三")
    planned = plan(tmp_path, "enterprises", [["统一社会信用代码", "法定代表人"], [A, "李四"]])
    old_hash = planned.batch.plan_hash
    enterprises.update_enterprise(scope=ALL, enterprise_id=row.id, version=row.version, values={"legal_person": "王五"}, by=OFFICER)
    db.session.commit()
    batch = apply(planned)
    assert batch.state == "reading"
    batch = work("exchange.plan", batch.id)
    assert batch.state == "planned" and batch.plan_hash != old_hash and batch.remarks[0][0] == "data_changed"
    assert outcome(batch).changes(2) == {"legal_person": ["王五", "李四"]}
    assert apply(batch).state == "applied"


def test_a_firm_somebody_else_created_meanwhile_becomes_an_update(app: Flask, tmp_path: Path) -> None:
    planned = plan(tmp_path, "enterprises", [HEAD, ["甲公司", A, "东昌府区", "柳园", "张三"]])
    make_enterprise("甲公司", code=A, legal_person="李四")
    db.session.commit()
    assert apply(planned).state == "reading"
    assert outcome(work("exchange.plan", planned.batch.id)).outcomes() == {2: "updated"}


def test_a_changed_scope_leads_to_a_new_plan(app: Flask, tmp_path: Path) -> None:
    planned = plan(tmp_path, "enterprises", firms(2))
    batch = db.session.get_one(ImportBatch, planned.batch.id)
    assert actions.request_apply(batch, batch.plan_hash, scope=Scope(town_ids=frozenset({town_id("371522001")})), by=OFFICER) == "planning"
    db.session.commit()
    assert set(outcome(work("exchange.plan", batch.id)).codes().values()) == {"out_of_scope"}


def test_two_imports_of_the_same_firms_end_in_one_set_of_firms(app: Flask, tmp_path: Path) -> None:
    first, second = plan(tmp_path, "enterprises", firms(20)), plan(tmp_path, "enterprises", firms(20), name="又一份.xlsx")
    for planned in (first, second):
        actions.request_apply(planned.batch, planned.batch.plan_hash, scope=ALL, by=OFFICER)
    db.session.commit()
    ids, failures = (first.batch.id, second.batch.id), []

    def run(batch_id: int) -> None:
        with app.app_context():
            try:
                job = jobs.run_inline("exchange.apply", {"batch_id": batch_id}, label="并发", by=OFFICER)
                if job.state != "done":
                    failures.append(job.error_zh)
            finally:
                db.session.remove()

    db.session.remove()
    threads = [threading.Thread(target=run, args=(i,)) for i in ids for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert count(Enterprise) == 20
    assert sorted(db.session.scalars(select(ImportBatch.state))) == ["applied", "reading"]


def test_an_unfinished_plan_starts_over(app: Flask, tmp_path: Path) -> None:
    batch_id = upload(tmp_path, "enterprises", firms(5))
    work("exchange.plan", batch_id)
    batch = db.session.get_one(ImportBatch, batch_id)
    batch.state = "reading"  # as after a kill in the middle: some rows are staged
    db.session.commit()
    assert outcome(work("exchange.plan", batch_id)).counts["created"] == 5
    assert count(ImportRow) == 5


# --- kill -9 of a real worker


def worker(app: Flask) -> subprocess.Popen[bytes]:
    settings = app.config["SETTINGS"]
    env = os.environ | {
        "YUMIAO_MODE": "test", "YUMIAO_DATA_DIR": str(settings.data_dir), "YUMIAO_DATABASE_URL": settings.database_url,
        "YUMIAO_LOG_LEVEL": "ERROR", "YUMIAO_WORKER_JOBS": "1",
    }
    return subprocess.Popen([sys.executable, "-m", "app.worker"], cwd=ROOT, env=env, start_new_session=True)


def consistent(total: int) -> bool:
    """Nothing or everything; True when everything."""
    db.session.rollback()
    found = (count(Enterprise) - 1, count(EnterpriseTown) - 1, count(ImportUndo))
    assert found in ((0, 0, 0), (total, total, total)), found
    return found[0] == total


@pytest.mark.parametrize("delay", [0.0, 0.4, 0.9])
def test_a_killed_worker_leaves_nothing_half_done_and_the_next_one_finishes(app: Flask, tmp_path: Path, delay: float) -> None:
    total = 4000
    make_enterprise()  # number 1 belongs to the enterprise contact among the personas
    planned = plan(tmp_path, "enterprises", firms(total))
    actions.request_apply(planned.batch, planned.batch.plan_hash, scope=ALL, by=OFFICER)
    db.session.commit()
    job_id = db.session.get_one(ImportBatch, planned.batch.id).job_id
    db.session.remove()
    first = worker(app)
    _wait(lambda: _state(job_id) != "queued")
    time.sleep(delay)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    consistent(total)
    second = worker(app)
    try:
        _wait(lambda: _state(job_id) in ("done", "failed"), 150)
    finally:
        os.killpg(second.pid, signal.SIGKILL)
        second.wait()
    assert consistent(total)
    assert db.session.get_one(ImportBatch, planned.batch.id).state == "applied"
    assert undo(db.session.get_one(ImportBatch, planned.batch.id)).undone_counts == {"undone": total, "kept": 0}


def _state(job_id: int | None) -> str:
    db.session.rollback()
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        return str(connection.execute(select(jobs.Job.state).where(jobs.Job.id == job_id)).scalar())


def _wait(done: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


