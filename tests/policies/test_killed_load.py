"""A load that is killed in the middle leaves the database as it was, and the next one finishes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app.infra.audit import AuditRow
from app.infra.db import db
from app.policies.models import PackVersion

ROOT = Path(__file__).parents[2]


def load(app: Flask) -> subprocess.Popen[bytes]:
    settings = app.config["SETTINGS"]
    env = os.environ | {
        "YUMIAO_MODE": "test", "YUMIAO_DATA_DIR": str(settings.data_dir), "YUMIAO_DATABASE_URL": settings.database_url, "YUMIAO_LOG_LEVEL": "ERROR",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi:app", "packs", "load", "yingkou"], cwd=ROOT, env=env, start_new_session=True,
        stdout=subprocess.DEVNULL,
    )


def found() -> tuple[int, int]:
    db.session.rollback()
    versions = db.session.scalar(select(func.count()).select_from(PackVersion).where(PackVersion.city == "yingkou"))
    said = db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.type == "policies.pack_loaded"))
    db.session.remove()  # this process must not hold the write lock
    return versions or 0, said or 0


def test_a_killed_load_is_whole_or_nothing(app: Flask) -> None:
    before = found()
    after = (before[0] + 1, before[1] + 1)
    started = time.perf_counter()
    whole = load(app)
    assert whole.wait() == 0
    took = time.perf_counter() - started
    assert found() == after
    db.session.execute(PackVersion.__table__.delete().where(PackVersion.city == "yingkou"))
    db.session.commit()
    before = (0, after[1])
    seen = set()
    for place in (6, 8, 9):
        process = load(app)
        time.sleep(took * place / 10)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        now = found()
        assert now in (before, (1, before[1] + 1)), now
        seen.add(now)
        if now != before:
            break
    assert before in seen
    assert load(app).wait() == 0 and found()[0] == 1
