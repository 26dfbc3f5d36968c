"""The promise of background work: whatever is killed and whenever, a job's effect happens once, or its owner reads why not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.infra import clock, jobs
from app.infra.audit import AuditRow
from app.infra.db import db
from app.infra.jobs import Job
from app.kernel.actor import Actor
from tests.infra import job_handlers

ROOT = Path(__file__).resolve().parents[2]
OFFICER = Actor(7, "王经办")


@pytest.fixture(autouse=True)
def _kinds() -> None:
    job_handlers.register()


class Workers:
    """Real worker processes on the test's database."""

    def __init__(self, app: Flask) -> None:
        settings = app.config["SETTINGS"]
        self.env = {
            **os.environ, "YUMIAO_MODE": "test", "YUMIAO_DATA_DIR": str(settings.data_dir), "YUMIAO_LOG_LEVEL": "ERROR",
            "YUMIAO_DATABASE_URL": settings.database_url, "PYTHONPATH": str(ROOT),
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, **env: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.infra.worker_process"]
        process = subprocess.Popen(command, cwd=ROOT, env={**self.env, **env}, start_new_session=True)
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def workers(app: Flask) -> Iterator[Workers]:
    started = Workers(app)
    yield started
    started.end()


def enqueue(kind: str, **payload: object) -> int:
    job = jobs.enqueue(f"test.{kind}", payload, label="测试任务", by=OFFICER)
    db.session.commit()
    return job.id


def look(job_id: int) -> Job:
    db.session.rollback()
    db.session.expire_all()
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        row = connection.execute(select(Job.__table__).where(Job.id == job_id)).one()
    return Job(**row._mapping)


def effects(*job_ids: int) -> int:
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        wanted = [AuditRow.type == job_handlers.EFFECT, AuditRow.subject_id.in_([str(i) for i in job_ids])]
        return connection.execute(select(func.count()).select_from(AuditRow).where(*wanted)).scalar_one()


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def ended(*job_ids: int) -> Callable[[], bool]:
    return lambda: all(look(i).state in ("done", "failed") for i in job_ids)


def test_a_waiting_job_is_done_and_its_result_kept(workers: Workers) -> None:
    job_id = enqueue("write")
    workers.start()
    wait_for(ended(job_id))
    job = look(job_id)
    assert (job.state, job.result, job.attempts, job.error_zh) == ("done", {"attempt": 1}, 1, None)
    assert effects(job_id) == 1


def test_several_workers_share_many_jobs_and_do_each_once(workers: Workers) -> None:
    ids = [enqueue("write") for _ in range(24)]
    for _ in range(3):
        workers.start()
    wait_for(ended(*ids), 60)
    assert {look(i).state for i in ids} == {"done"}
    assert effects(*ids) == len(ids)


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_one_does_the_work_once(workers: Workers, tmp_path: Path) -> None:
    marker = tmp_path / "running"
    job_id = enqueue("slow", marker=str(marker), seconds=[60, 0])
    first = workers.start()
    wait_for(marker.exists)
    child = int(marker.read_text())
    first.kill()
    first.wait()
    wait_for(lambda: not _alive(child), 5)
    assert effects(job_id) == 0
    workers.start()
    wait_for(ended(job_id), 20)  # well before the lease of a minute runs out: the dead worker's lock is free
    job = look(job_id)
    assert (job.state, job.result, job.attempts) == ("done", {"attempt": 2}, 2)
    assert effects(job_id) == 1


def test_a_job_process_killed_alone_is_tried_again_by_the_same_worker(workers: Workers, tmp_path: Path) -> None:
    marker = tmp_path / "running"
    job_id = enqueue("slow", marker=str(marker), seconds=[60, 0])
    workers.start()
    wait_for(marker.exists)
    os.kill(int(marker.read_text()), signal.SIGKILL)
    wait_for(ended(job_id))
    assert look(job_id).result == {"attempt": 2}
    assert effects(job_id) == 1


def test_the_lease_of_a_worker_on_another_machine_runs_out_and_the_job_is_taken_over(workers: Workers) -> None:
    job_id = enqueue("write")
    past = clock.now() - timedelta(seconds=1)
    db.session.execute(update(Job).where(Job.id == job_id).values(state="running", lease_owner="elsewhere", lease_until=past, attempts=1))
    db.session.commit()
    workers.start()
    wait_for(ended(job_id))
    assert (look(job_id).state, look(job_id).attempts, effects(job_id)) == ("done", 2, 1)


def test_a_living_lease_is_respected(workers: Workers) -> None:
    held, free = enqueue("write"), enqueue("write")
    later = clock.now() + timedelta(minutes=5)
    db.session.execute(update(Job).where(Job.id == held).values(state="running", lease_owner="elsewhere", lease_until=later, attempts=1))
    db.session.commit()
    workers.start()
    wait_for(ended(free))
    assert (look(held).state, effects(held)) == ("running", 0)


def test_a_job_that_always_crashes_fails_with_words_after_five_attempts(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = enqueue("crash", times=99)
    db.session.execute(update(Job).where(Job.id == job_id).values(attempts=jobs.MAX_ATTEMPTS - 1))
    db.session.commit()
    workers.start()
    wait_for(lambda: look(job_id).lease_until is not None and look(job_id).lease_owner is None)
    db.session.execute(update(Job).where(Job.id == job_id).values(lease_until=clock.now()))
    db.session.commit()
    wait_for(ended(job_id))
    job = look(job_id)
    assert (job.state, job.attempts) == ("failed", jobs.MAX_ATTEMPTS)
    assert "后台多次中断" in job.error_zh and "重新提交" in job.error_zh
    assert effects(job_id) == 0


def test_a_job_that_crashes_once_succeeds_the_next_time(workers: Workers) -> None:
    job_id = enqueue("crash", times=1)
    workers.start()
    wait_for(ended(job_id))
    assert (look(job_id).state, look(job_id).attempts, effects(job_id)) == ("done", 2, 1)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("hungry", "超出了允许使用的内存"), ("endless", "已停止"), ("refuse", "文件里没有可用的行"), ("broken", "内部错误")],
)
def test_what_cannot_succeed_fails_at_once_with_chinese_words_and_changes_nothing(workers: Workers, kind: str, words: str) -> None:
    job_id = enqueue(kind)
    workers.start()
    wait_for(ended(job_id))
    job = look(job_id)
    assert (job.state, job.attempts) == ("failed", 1)
    assert words in job.error_zh
    assert effects(job_id) == 0


def test_sigterm_lets_a_short_job_finish(workers: Workers, tmp_path: Path) -> None:
    marker = tmp_path / "running"
    job_id = enqueue("slow", marker=str(marker), seconds=[1.5])
    process = workers.start(TEST_GRACE="10")
    wait_for(marker.exists)
    process.terminate()
    assert process.wait(15) == 0
    assert (look(job_id).state, look(job_id).attempts, effects(job_id)) == ("done", 1, 1)


def test_sigterm_gives_a_long_job_back_without_using_up_an_attempt(workers: Workers, tmp_path: Path) -> None:
    marker = tmp_path / "running"
    job_id = enqueue("slow", marker=str(marker), seconds=[60])
    process = workers.start(TEST_GRACE="0.5")
    wait_for(marker.exists)
    process.terminate()
    assert process.wait(15) == 0
    job = look(job_id)
    assert (job.state, job.attempts, job.lease_owner, effects(job_id)) == ("queued", 0, None, 0)
    assert not _alive(int(marker.read_text()))


def test_progress_is_visible_while_the_job_still_holds_its_transaction(workers: Workers, tmp_path: Path) -> None:
    marker = tmp_path / "running"
    job_id = enqueue("slow", marker=str(marker), seconds=[60])
    workers.start()
    wait_for(lambda: jobs.progress_of(look(job_id)).note == "写入中")
    progress = jobs.progress_of(look(job_id))
    assert (progress.done, progress.total, progress.finished) == (1, 2, False)


def test_a_long_job_does_not_keep_a_short_one_waiting(workers: Workers, tmp_path: Path) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("a writing job holds SQLite's only write lock")
    marker = tmp_path / "running"
    enqueue("slow", marker=str(marker), seconds=[60])
    workers.start()
    wait_for(marker.exists)
    short = enqueue("write")
    wait_for(ended(short))


def test_work_of_a_job_that_lost_its_lease_is_rolled_back(app: Flask) -> None:
    job_id = enqueue("robbed")
    context = jobs.claim("slow worker")
    assert context
    jobs.run_claimed(context, "slow worker")
    job = look(job_id)
    assert (job.state, job.lease_owner, effects(job_id)) == ("running", "another", 0)


def test_two_workers_never_claim_the_same_job(app: Flask) -> None:
    enqueue("write")
    assert jobs.claim("a") is not None
    assert jobs.claim("b") is None
    assert not jobs.waiting()


@pytest.mark.postgres
def test_a_vanished_database_is_no_reason_to_fail(workers: Workers) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("needs PostgreSQL")
    job_id = enqueue("cut_off")
    workers.start()
    wait_for(ended(job_id))
    assert (look(job_id).state, look(job_id).result, effects(job_id)) == ("done", {"attempt": 2}, 1)


def test_the_command_line_does_the_same_work_in_the_foreground(app: Flask) -> None:
    job = jobs.run_inline("test.write", {}, label="导入", by=OFFICER)
    assert (job.state, job.result, effects(job.id)) == ("done", {"attempt": 1}, 1)


def test_ctrl_c_in_the_foreground_ends_the_job_for_good(app: Flask) -> None:
    with pytest.raises(KeyboardInterrupt):
        jobs.run_inline("test.interrupted", {}, label="导入", by=OFFICER)
    job = db.session.scalars(select(Job)).one()
    assert (job.state, effects(job.id)) == ("failed", 0)
    assert "重新执行" in job.error_zh


def test_a_killed_command_is_not_taken_over_by_a_worker_but_reported(app: Flask) -> None:
    job_id = enqueue("write")
    past = clock.now() - timedelta(seconds=1)
    db.session.execute(update(Job).where(Job.id == job_id).values(state="running", lease_owner=jobs.INLINE, lease_until=past, attempts=1))
    db.session.commit()
    assert not jobs.waiting()
    assert jobs.give_up_abandoned() == 1
    assert (look(job_id).state, effects(job_id)) == ("failed", 0)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z" if Path("/proc").exists() else True
