"""Ticks: small repeated chores. The scheduler process calls them; ``flask tick NAME`` calls one by hand.

Every tick may be called at any moment, twice, late or by two schedulers at once, and does no more than what is due: the truth
is in the rows, never in the timer. Capabilities add their own with ``register`` and ``on_new_day`` at start-up.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast

from flask import current_app
from sqlalchemy import CursorResult, Date, String, delete
from sqlalchemy.orm import Mapped, mapped_column

from app.infra import audit, clock, jobs
from app.infra.db import Base, UtcDateTime, db
from app.infra.idempotency import IdempotencyRow

SEAL_BATCH, SEAL_LOOK_BACK = 5000, 10_000
KEEP_ANSWERS = timedelta(days=30)  # a phone that was offline for weeks still gets its first answer
KEEP_INCOMING_SECONDS = 24 * 3600  # uploads cut off half-way


class TickRun(Base):
    """When a tick last ran; shown to administrators as the heartbeat. ``day``: the business date a new-day chore is done for."""

    __tablename__ = "tick_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    day: Mapped[date | None] = mapped_column(Date)
    done_count: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))


@dataclass(frozen=True)
class Tick:
    """A chore: returns how much it did; commits itself where it works in steps, the rest is committed for it."""

    name: str
    every_seconds: int
    function: Callable[[], int]
    label_zh: str


@dataclass(frozen=True)
class TickResult:
    """``error`` None = went well."""

    name: str
    done_count: int
    error: str | None


_ticks: dict[str, Tick] = {}
_new_day: dict[str, Callable[[date], int]] = {}


def register(name: str, every_seconds: int, function: Callable[[], int], label_zh: str) -> None:
    """Add a tick; ``name`` is ``capability.chore``. Registering again replaces (the application factory may run twice)."""
    _ticks[name] = Tick(name, every_seconds, function, label_zh)


def on_new_day(name: str, function: Callable[[date], int]) -> None:
    """``function(today)`` is called once per Shanghai date, soon after midnight or at the first start of that day, in a
    transaction of its own that also notes the day: done and noted, or neither."""
    _new_day[name] = function


def all_ticks() -> list[Tick]:
    """Every registered tick by name."""
    return sorted(_ticks.values(), key=lambda tick: tick.name)


def run(name: str) -> TickResult:
    """Run one tick now and note it. An error is noted and logged, never raised: the next time may go well. KeyError: no such tick."""
    tick, started = _ticks[name], clock.now()
    try:
        done, error = tick.function(), None
        db.session.commit()
    except Exception as problem:
        db.session.rollback()
        current_app.logger.exception("tick failed", extra={"tick": name})
        done, error = 0, f"{type(problem).__name__}: {problem}"[:200]
    _note(name, started, done, error)
    return TickResult(name, done, error)


def _note(name: str, started: datetime, done: int, error: str | None, day: date | None = None) -> None:
    try:
        row = db.session.get(TickRun, name) or TickRun(name=name, started_at=started)
        row.started_at, row.finished_at, row.done_count, row.error, row.day = started, clock.now(), done, error, day
        db.session.add(row)
        db.session.commit()
    except Exception:  # the database is away, or a second scheduler noted the same: the work itself is done
        db.session.rollback()
        current_app.logger.warning("tick not noted", exc_info=True, extra={"tick": name})


def _run_new_day() -> int:
    today, done, problem = clock.today(), 0, None
    for name, function in sorted(_new_day.items()):
        key, started = f"day:{name}"[:60], clock.now()
        row = db.session.get(TickRun, key)
        if row and row.day == today:
            continue
        try:
            count = function(today)
            row = row or TickRun(name=key, started_at=started)
            row.started_at, row.finished_at, row.day, row.done_count, row.error = started, clock.now(), today, count, None
            db.session.add(row)
            db.session.commit()
            done += 1
        except Exception as error:  # one chore must not keep the others from being done
            db.session.rollback()
            problem = error
            current_app.logger.exception("new-day chore failed", extra={"tick": name})
    if problem:
        raise problem
    return done


def _seal_audit() -> int:
    done = batch = audit.seal(db.session(), SEAL_BATCH, look_back=SEAL_LOOK_BACK)
    db.session.commit()
    while batch == SEAL_BATCH:
        batch = audit.seal(db.session(), SEAL_BATCH, look_back=SEAL_LOOK_BACK)
        db.session.commit()
        done += batch
    return done


def _seal_stragglers(_today: date) -> int:
    """Rows that a very long transaction committed far behind the chain's end."""
    return audit.seal(db.session(), SEAL_BATCH)


def _forget_answers() -> int:
    old = delete(IdempotencyRow).where(IdempotencyRow.created_at < clock.now() - KEEP_ANSWERS)
    return cast("CursorResult[object]", db.session.execute(old)).rowcount


def _clear_incoming() -> int:
    """Half-received uploads. File times are the machine's, so they are compared with the machine's time."""
    folder, limit, gone = Path(current_app.config["DATA_DIR"]) / "incoming", time.time() - KEEP_INCOMING_SECONDS, 0
    for path in folder.iterdir() if folder.exists() else ():
        if path.is_file() and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


register("audit.seal", 30, _seal_audit, "审计记录封链")
register("jobs.give_up", 60, jobs.give_up_abandoned, "清理中断的后台任务")
register("idempotency.forget", 3600, _forget_answers, "清理过期的提交编号")
register("files.incoming", 3600, _clear_incoming, "清理未传完的文件")
register("day.refresh", 60, _run_new_day, "日期变更后的刷新")
on_new_day("audit.stragglers", _seal_stragglers)
