"""Kinds of jobs that only the tests know: each leaves audit rows as its effect, so that doubled or lost work can be counted."""

import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text, update

from app.infra import audit, jobs
from app.infra.db import db
from app.kernel.errors import Invalid

EFFECT = "test.effect"


def effect(job: jobs.JobContext) -> None:
    audit.record(EFFECT, audit.Subject("job", job.id), by=job.actor)
    db.session.flush()


def write(job: jobs.JobContext) -> dict[str, Any]:
    effect(job)
    return {"attempt": job.attempt}


def slow(job: jobs.JobContext) -> dict[str, Any]:
    """Writes, tells its process id through a file, and takes its time: on SQLite the write lock is held all the while."""
    effect(job)
    marker = Path(job.payload["marker"])
    marker.with_suffix(".new").write_text(str(os.getpid()))
    marker.with_suffix(".new").replace(marker)  # whoever sees the file sees the number in it
    job.progress(1, 2, "写入中")
    time.sleep(job.payload["seconds"][min(job.attempt, len(job.payload["seconds"])) - 1])
    return {"attempt": job.attempt}


def crash(job: jobs.JobContext) -> dict[str, Any]:
    """Ends the whole process without a word, as the kernel does when memory runs out."""
    effect(job)
    if job.attempt <= job.payload["times"]:
        os._exit(9)
    return {"attempt": job.attempt}


@jobs.limited(memory_mb=1500)
def hungry(job: jobs.JobContext) -> dict[str, Any]:
    effect(job)
    return {"bytes": len(bytearray(2 << 30))}


@jobs.limited(seconds=1)
def endless(job: jobs.JobContext) -> dict[str, Any]:
    effect(job)
    time.sleep(60)
    return {}


def refuse(job: jobs.JobContext) -> dict[str, Any]:
    effect(job)
    raise Invalid("test", "文件里没有可用的行，请检查后重新上传。")


def broken(job: jobs.JobContext) -> dict[str, Any]:
    effect(job)
    db.session.execute(text("SELECT 1 FROM there_is_no_such_table"))
    return {}


def robbed(job: jobs.JobContext) -> dict[str, Any]:
    """Loses its lease while it works."""
    with db.engine.begin() as connection:
        connection.execute(update(jobs.Job).where(jobs.Job.id == job.id).values(lease_owner="another"))
    effect(job)
    return {}


def cut_off(job: jobs.JobContext) -> dict[str, Any]:
    """PostgreSQL: the server ends our connection at the first attempt."""
    effect(job)
    if job.attempt == 1:
        db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    return {"attempt": job.attempt}


def interrupted(job: jobs.JobContext) -> dict[str, Any]:
    effect(job)
    raise KeyboardInterrupt


KINDS = {f"test.{f.__name__}": f for f in (write, slow, crash, hungry, endless, refuse, broken, robbed, cut_off, interrupted)}


def register() -> None:
    for kind, handler in KINDS.items():
        jobs.register(kind, handler)
