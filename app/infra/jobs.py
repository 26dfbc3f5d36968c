"""Jobs: long work as rows, leased by the worker process, resumable; the command line runs the same handlers in the foreground.

A handler is ``handler(job: JobContext) -> dict | None`` registered by kind at start-up; what it returns is stored as the result.
What it has not committed itself is committed together with the job's outcome, and only while the job is still its own: such work
happens exactly once. A handler that commits steps must be safe to run again after a kill: it looks at what it already did.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from flask import current_app
from sqlalchemy import CheckConstraint, CursorResult, Index, Integer, String, Text, Update, and_, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import ColumnElement

from app.infra import city, clock
from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime, db
from app.kernel.actor import Actor
from app.kernel.errors import DomainError

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
INLINE = "inline"  # the command line's owner: its jobs end with the command and are never taken over by a worker
INTERRUPTED_ZH = "后台多次中断，任务已停止。请检查文件后重新提交，或联系系统管理员。"
UNAVAILABLE_ZH = "数据库暂时不可用或磁盘已满，任务没有完成，数据没有改动。请稍后重新提交；多次出现请联系系统管理员。"
STATES = {"queued": "排队中", "running": "进行中", "done": "已完成", "failed": "未完成", "cancelled": "已取消"}


class Job(Base):
    """One piece of long work. ``lease_until`` in the past while running = its worker died; the next one takes over."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('queued','running','done','failed','cancelled')", name="state"),
        Index("ix_job_claim", "state", "lease_until", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(200))
    payload: Mapped[Any] = mapped_column(JsonText, nullable=True)
    state: Mapped[str] = mapped_column(String(12), default="queued")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_count: Mapped[int] = mapped_column(Integer, default=0)
    total_count: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(String(200))
    result: Mapped[Any] = mapped_column(JsonText, nullable=True)
    error_zh: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer, index=True)
    created_name: Mapped[str] = mapped_column(String(80), default="系统")
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class JobContext:
    """What a handler gets: the payload, who asked, and a way to tell progress without touching its transaction."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempt: int
    actor: Actor

    def progress(self, done: int, total: int | None, note: str = "") -> None:
        """Tell how far the work is; visible at once, even while the handler's own transaction is open."""
        tell_progress(self.id, done, total, note)


Handler = Callable[[JobContext], dict[str, Any] | None]
_handlers: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """Make a kind of job known; called once at start-up by create_app for every capability's ``jobs.JOBS``."""
    _handlers[kind] = handler


def handler_of(kind: str) -> Handler:
    return _handlers[kind]


@dataclass(frozen=True)
class Limits:
    """What the worker allows one run of a job: address space of its process in MB, wall-clock seconds. None = no limit."""

    memory_mb: int | None = None
    seconds: int | None = None


def limited(*, memory_mb: int | None = None, seconds: int | None = None) -> Callable[[Handler], Handler]:
    """Decorate a handler: the worker ends its process at these limits. Inline runs (command line) are not limited."""

    def mark(handler: Handler) -> Handler:
        handler.limits = Limits(memory_mb, seconds)  # type: ignore[attr-defined]
        return handler

    return mark


def limits_of(kind: str) -> Limits:
    return getattr(_handlers.get(kind), "limits", Limits())


def enqueue(kind: str, payload: dict[str, Any], *, label: str, by: Actor) -> Job:
    """Add a job to the current transaction; the worker sees it after the commit."""
    if kind not in _handlers:
        raise KeyError(f"no handler for job kind {kind!r}")
    job = Job(kind=kind, payload=payload, label=label[:200], created_at=clock.now(), created_by=by.user_id, created_name=by.name[:80])
    db.session.add(job)
    db.session.flush()
    return job


def _free(now: datetime) -> ColumnElement[bool]:
    """Waiting, or running for a worker whose lease ran out."""
    abandoned = and_(Job.state == "running", Job.lease_until < now, or_(Job.lease_owner.is_(None), Job.lease_owner != INLINE))
    return or_(Job.state == "queued", abandoned)


def waiting() -> bool:
    """Is there anything to claim? Reads only: an idle worker never takes SQLite's write lock."""
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        return connection.execute(select(Job.id).where(_free(clock.now())).limit(1)).first() is not None


def claim(owner: str) -> JobContext | None:
    """Lease the oldest waiting or abandoned job by one conditional UPDATE and commit; None when there is nothing to do."""
    now = clock.now()
    free = _free(now)
    candidate = db.session.scalars(select(Job).where(free).order_by(Job.id).limit(1)).first()
    if candidate is None:
        db.session.rollback()
        return None
    if candidate.attempts >= MAX_ATTEMPTS:
        db.session.execute(_outcome(None, INTERRUPTED_ZH).where(Job.id == candidate.id, free))
        db.session.commit()
        return None
    taken = _changed(
        update(Job).where(Job.id == candidate.id, free, Job.attempts == candidate.attempts)
        .values(state="running", lease_owner=owner, lease_until=now + LEASE, attempts=Job.attempts + 1, started_at=now)
        .execution_options(synchronize_session=False)
    )
    context = JobContext(
        candidate.id, candidate.kind, candidate.payload, candidate.attempts + 1,
        Actor(candidate.created_by, candidate.created_name, via="job"),
    )
    db.session.commit()
    db.session.expire_all()
    return context if taken else None


def extend_lease(job_id: int, owner: str) -> bool:
    """Heartbeat of the worker; False when somebody else owns the job now (stop working on it). Commits on a connection of its own."""
    with db.engine.begin() as connection:
        result = connection.execute(
            update(Job).where(Job.id == job_id, Job.state == "running", Job.lease_owner == owner).values(lease_until=clock.now() + LEASE)
        )
        return bool(result.rowcount)


def release(job_id: int, owner: str, *, wait_seconds: int = 0, counted: bool = True) -> None:
    """Give a job back for another try. ``counted=False``: an ordered stop, which is nobody's fault, does not use up an attempt."""
    values: dict[str, Any] = {"state": "queued", "lease_owner": None, "lease_until": None}
    if wait_seconds:
        values |= {"state": "running", "lease_until": clock.now() + timedelta(seconds=wait_seconds)}
    if not counted:
        values["attempts"] = Job.attempts - 1
    with db.engine.begin() as connection:
        connection.execute(update(Job).where(Job.id == job_id, Job.state == "running", Job.lease_owner == owner).values(**values))


def owners() -> set[str]:
    """Who holds a lease now (workers and inline commands)."""
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        rows = connection.execute(select(Job.lease_owner).where(Job.state == "running").distinct())
        return {owner for (owner,) in rows if owner}


def release_all_of(owner: str) -> int:
    """Free every job of a worker known to be dead, without waiting for its leases. Returns how many."""
    with db.engine.begin() as connection:
        done = connection.execute(
            update(Job).where(Job.state == "running", Job.lease_owner == owner).values(state="queued", lease_owner=None, lease_until=None)
        )
        return done.rowcount


def give_up_abandoned() -> int:
    """Mark as failed what nobody will take up again: too many attempts, or a command line that was killed. Returns how many."""
    now = clock.now()
    expired = and_(Job.state == "running", Job.lease_until < now)
    with db.engine.begin() as connection:
        worn_out = connection.execute(_outcome(None, INTERRUPTED_ZH).where(expired, Job.lease_owner != INLINE, Job.attempts >= MAX_ATTEMPTS))
        killed = connection.execute(_outcome(None, "命令在执行中被中断，数据没有改动，请重新执行。").where(expired, Job.lease_owner == INLINE))
        return worn_out.rowcount + killed.rowcount


def _changed(statement: Update) -> int:
    """Rows changed by a statement of the current transaction."""
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount


def _outcome(result: dict[str, Any] | None, error_zh: str | None) -> Update:
    return update(Job).values(
        state="failed" if error_zh else "done", result=result, error_zh=error_zh, lease_until=None, finished_at=clock.now(),
    ).execution_options(synchronize_session=False)


def finish(job_id: int, *, owner: str, result: dict[str, Any] | None = None, error_zh: str | None = None) -> bool:
    """Store the outcome and commit, together with whatever the session still holds. Only while ``owner`` still owns the job;
    otherwise everything is rolled back and False returned: another worker has taken over and will do the same work."""
    own = (Job.id == job_id, Job.state == "running", Job.lease_owner == owner)
    if not _changed(_outcome(result, error_zh).where(*own)):
        db.session.rollback()
        current_app.logger.warning("job lost to another worker", extra={"job_id": job_id})
        return False
    db.session.commit()
    _progress_file(job_id).unlink(missing_ok=True)
    return True


class TryAgain(Exception):
    """The database went away under the handler; the job is not at fault and shall be tried again."""


def run_claimed(context: JobContext, owner: str, *, may_retry: bool = False) -> None:
    """Run one claimed job to its end in this process; a domain error becomes its Chinese message.

    With ``may_retry`` a vanished database raises ``TryAgain`` instead of failing the job, until its last attempt.
    """
    try:
        with city.within(None):  # what a job chooses is over with it
            result = handler_of(context.kind)(context)
        finish(context.id, owner=owner, result=result)
    except Exception as error:
        db.session.rollback()
        if may_retry and context.attempt < MAX_ATTEMPTS and _database_away(error):
            raise TryAgain from error
        finish(context.id, owner=owner, error_zh=_message_for(context, error))


def _database_away(error: Exception) -> bool:
    """The connection broke, the lock or the disk was not to be had. SQLite says "operational" of a wrong statement too: our own fault."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def _message_for(context: JobContext, error: Exception) -> str:
    """What the person who asked for the job reads."""
    if isinstance(error, DomainError):
        return error.message_zh
    current_app.logger.error("job failed", exc_info=error, extra={"job_id": context.id, "kind": context.kind})
    if _database_away(error):
        return UNAVAILABLE_ZH
    if isinstance(error, MemoryError):
        return "内容太大，超出了允许使用的内存，数据没有改动。请拆分后分批提交。"
    return f"处理时发生内部错误，数据没有改动。请把任务编号 {context.id} 告诉系统管理员。"


def run_inline(kind: str, payload: dict[str, Any], *, label: str, by: Actor) -> Job:
    """Foreground: enqueue, claim exactly this job and run it (command line and tests)."""
    job = enqueue(kind, payload, label=label, by=by)
    job.state, job.lease_owner, job.lease_until = "running", INLINE, clock.now() + timedelta(hours=6)
    job.attempts, job.started_at = 1, clock.now()
    db.session.commit()
    try:
        run_claimed(JobContext(job.id, kind, payload, 1, by), INLINE)
    except BaseException:  # Ctrl-C: the command is over, and so is its job
        db.session.rollback()
        finish(job.id, owner=INLINE, error_zh="命令被中断，数据没有改动，请重新执行。")
        raise
    db.session.expire_all()
    return db.session.get_one(Job, job.id)


def _progress_file(job_id: int) -> Path:
    return Path(current_app.config["DATA_DIR"]) / "jobs" / f"{job_id}.json"


def tell_progress(job_id: int, done: int, total: int | None, note: str) -> None:
    """Progress is told outside the handler's transaction: in the row on PostgreSQL; in a small file beside a SQLite database,
    whose single writer may be the handler itself."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            connection.execute(update(Job).where(Job.id == job_id).values(done_count=done, total_count=total, note=note[:200]))
        return
    path = _progress_file(job_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps({"done": done, "total": total, "note": note}, ensure_ascii=False))
    temporary.replace(path)


def unfinished(kind: str, **payload: Any) -> Job | None:
    """The latest job of a kind whose payload says this, while it waits or runs, or if it failed; None when it is done or never was."""
    rows = db.session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id.desc()).limit(20))
    mine = next((job for job in rows if job.payload and payload.items() <= job.payload.items()), None)
    return mine if mine is not None and mine.state in ("queued", "running", "failed") else None


@dataclass(frozen=True)
class Progress:
    """What a page shows of a job."""

    state: str
    done: int
    total: int | None
    note: str
    error_zh: str | None
    result: dict[str, Any] | None

    @property
    def finished(self) -> bool:
        return self.state in ("done", "failed", "cancelled")


def progress_of(job: Job) -> Progress:
    """State and progress of a job, wherever it was told."""
    done, total, note = job.done_count, job.total_count, job.note or ""
    if job.state == "running":
        try:
            told = json.loads(_progress_file(job.id).read_text())
            done, total, note = told["done"], told["total"], told["note"]
        except (OSError, ValueError, KeyError):
            pass
    return Progress(job.state, done, total, note, job.error_zh, job.result)
