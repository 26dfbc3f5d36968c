"""Ticks bear being called at any moment, twice, late or after a changed clock; the scheduler process stops when told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import scheduler
from app.infra import audit, clock, idempotency, ticks
from app.infra.audit import AuditRow, AuditSeal
from app.infra.db import db
from app.infra.idempotency import IdempotencyRow
from app.infra.ticks import TickRun
from app.kernel.actor import SYSTEM

ROOT = Path(__file__).resolve().parents[2]
MORNING = datetime(2026, 3, 1, 9, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture
def new_day_calls() -> Iterator[list[date]]:
    calls: list[date] = []

    def remember(today: date) -> int:
        calls.append(today)
        return 1

    ticks.on_new_day("test.refresh", remember)
    yield calls
    del ticks._new_day["test.refresh"]


def change(count: int = 1) -> None:
    for number in range(count):
        audit.record("test.change", audit.Subject("thing", number), by=SYSTEM)
    db.session.commit()


def unsealed() -> int:
    return audit.verify(db.session()).unsealed


def test_sealing_links_every_row_and_a_second_run_has_nothing_to_do(app: Flask) -> None:
    change(3)
    assert ticks.run("audit.seal").done_count >= 3
    assert ticks.run("audit.seal").done_count == 0
    verdict = audit.verify(db.session())
    assert (verdict.unsealed, verdict.broken_at) == (0, None)


def test_many_rows_are_sealed_by_one_tick(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "SEAL_BATCH", 4)
    change(10)
    ticks.run("audit.seal")
    assert unsealed() == 0


def test_a_row_committed_late_and_far_behind_is_sealed_by_the_next_day(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks.run("audit.seal")
    change(5)
    straggler = db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).offset(4).limit(1)).one()
    monkeypatch.setattr(ticks, "SEAL_LOOK_BACK", 2)
    newest = db.session.scalar(select(func.max(AuditRow.id)))
    assert newest
    db.session.add(AuditSeal(audit_id=newest, chain_hash="0" * 64, sealed_at=clock.now()))
    db.session.commit()
    ticks.run("audit.seal")
    sealed = select(func.count()).select_from(AuditSeal).where(AuditSeal.audit_id == straggler.id)
    assert db.session.scalar(sealed) == 0
    clock.freeze(clock.now() + timedelta(days=1))
    ticks.run("day.refresh")
    assert db.session.scalar(sealed) == 1


def test_a_tick_notes_when_it_ran_and_what_it_did(app: Flask) -> None:
    clock.freeze(MORNING)
    change(2)
    ticks.run("audit.seal")
    row = db.session.get_one(TickRun, "audit.seal")
    assert row.started_at == MORNING
    assert row.done_count >= 2
    assert row.error is None


def test_a_failing_tick_is_noted_and_harms_nothing_else(app: Flask) -> None:
    def fail() -> int:
        audit.record("test.half", audit.Subject("thing", 1), by=SYSTEM)
        db.session.flush()
        raise RuntimeError("no paper left")

    ticks.register("test.fail", 60, fail, "测试")
    try:
        result = ticks.run("test.fail")
    finally:
        del ticks._ticks["test.fail"]
    assert result.error == "RuntimeError: no paper left"
    assert db.session.get_one(TickRun, "test.fail").error == result.error
    assert db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.type == "test.half")) == 0


def test_new_day_chores_run_once_per_shanghai_date(app: Flask, new_day_calls: list[date]) -> None:
    clock.freeze(MORNING)
    ticks.run("day.refresh")
    ticks.run("day.refresh")
    clock.freeze(MORNING.replace(hour=23, minute=59))
    ticks.run("day.refresh")
    assert new_day_calls == [date(2026, 3, 1)]
    clock.freeze(MORNING + timedelta(hours=15, minutes=1))  # one minute past midnight in Shanghai, still 1 March in UTC
    ticks.run("day.refresh")
    assert new_day_calls == [date(2026, 3, 1), date(2026, 3, 2)]


def test_a_late_start_catches_up_and_a_clock_set_back_refreshes_again(app: Flask, new_day_calls: list[date]) -> None:
    for moment in (MORNING, MORNING + timedelta(days=40), MORNING + timedelta(days=39)):
        clock.freeze(moment)
        ticks.run("day.refresh")
    assert new_day_calls == [date(2026, 3, 1), date(2026, 4, 10), date(2026, 4, 9)]


def test_one_failing_new_day_chore_does_not_keep_the_others_from_being_done(app: Flask, new_day_calls: list[date]) -> None:
    def fail(_today: date) -> int:
        raise RuntimeError("no paper left")

    clock.freeze(MORNING)
    ticks.on_new_day("a.first", fail)
    try:
        assert ticks.run("day.refresh").error is not None
        ticks.run("day.refresh")
    finally:
        del ticks._new_day["a.first"]
    assert new_day_calls == [date(2026, 3, 1)]


def test_answers_are_kept_for_a_month(app: Flask) -> None:
    clock.freeze(MORNING)
    idempotency.remember(1, "old", "x", {})
    clock.freeze(MORNING + timedelta(days=2))
    idempotency.remember(1, "young", "x", {})
    db.session.commit()
    clock.freeze(MORNING + timedelta(days=31))
    assert ticks.run("idempotency.forget").done_count == 1
    assert [row.key for row in db.session.scalars(select(IdempotencyRow))] == ["young"]


def test_half_received_uploads_go_after_a_day(app: Flask) -> None:
    folder = Path(app.config["DATA_DIR"]) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "young").write_bytes(b"x")
    (folder / "old").write_bytes(b"x")
    yesterday = time.time() - 25 * 3600
    os.utime(folder / "old", (yesterday, yesterday))
    assert ticks.run("files.incoming").done_count == 1
    assert [path.name for path in folder.iterdir()] == ["young"]
    (folder / "young").unlink()


def test_by_hand(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "audit.seal" in runner.invoke(args=["tick"]).output
    assert runner.invoke(args=["tick", "audit.seal"]).exit_code == 0
    unknown = runner.invoke(args=["tick", "no.such"])
    assert unknown.exit_code == 2
    assert "没有名为 no.such" in unknown.output


def test_every_tick_runs_on_an_empty_system_and_says_so(app: Flask) -> None:
    assert [ticks.run(tick.name).error for tick in ticks.all_ticks()] == [None] * len(ticks.all_ticks())


@pytest.mark.parametrize(("step", "expected"), [(0.0, False), (1.5, False), (3600.0, True), (-3600.0, True)])
def test_a_changed_clock_is_noticed_once(step: float, expected: bool) -> None:
    wall, steady = [1000.0], [50.0]
    watch = scheduler.ClockWatch(lambda: wall[0], lambda: steady[0])
    wall[0], steady[0] = wall[0] + 10 + step, steady[0] + 10
    assert watch.jumped() is expected
    assert watch.jumped() is False


def test_after_a_clock_set_back_every_tick_is_due_at_once(app: Flask) -> None:
    planned = scheduler.build(app)
    planned.start(paused=True)
    try:
        for job in planned.get_jobs():
            planned.modify_job(job.id, next_run_time=scheduler._now() + timedelta(hours=1))
        scheduler.tick_everything(planned)
        assert all(job.next_run_time <= scheduler._now() for job in planned.get_jobs())
        assert {job.id for job in planned.get_jobs()} == {tick.name for tick in ticks.all_ticks()}
    finally:
        planned.shutdown(wait=False)


def test_the_process_ticks_at_once_and_stops_when_told(app: Flask) -> None:
    change(3)
    settings = app.config["SETTINGS"]
    env = {
        **os.environ, "YUMIAO_MODE": "test", "YUMIAO_DATA_DIR": str(settings.data_dir), "YUMIAO_LOG_LEVEL": "ERROR",
        "YUMIAO_DATABASE_URL": settings.database_url,
    }
    process = subprocess.Popen([sys.executable, "-m", "app.scheduler"], cwd=ROOT, env=env)
    try:
        end = time.monotonic() + 75  # other chores may write between this seal and the next one, half a minute later
        while unsealed() and time.monotonic() < end:
            db.session.rollback()
            time.sleep(0.1)
        assert unsealed() == 0
        db.session.rollback()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
