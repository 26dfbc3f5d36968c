"""The job process: ``python -m app.worker``. Leases jobs and runs each in a child process of its own.

The parent only claims, keeps the leases alive and watches; so a handler that crashes, hangs or eats memory harms nobody else.
Any number of workers may run: a job belongs to whoever holds its lease. SIGTERM lets running jobs finish for a while, then
gives them back. YUMIAO_WORKER_JOBS = how many jobs at a time (2).
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from app import create_app
from app.infra import jobs, processes
from app.infra.db import db

IDLE_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
GRACE_SECONDS = 15.0
RETRY_SECONDS = 2  # doubled with every attempt

_app: Flask | None = None  # the children are forked from a loaded application; where that is not possible they load their own


@dataclass
class Running:
    """One job in its child process."""

    context: jobs.JobContext
    process: BaseProcess
    since: float
    limits: jobs.Limits
    timed_out: bool = False


class Worker:
    """Claims, starts, watches. ``step()`` is one look at everything, so that tests can go step by step."""

    def __init__(self, app: Flask, *, slots: int = 2) -> None:
        global _app
        _app = app
        self.app, self.slots = app, slots
        self.folder = Path(app.config["DATA_DIR"]) / "workers"
        self.presence = processes.Presence(self.folder)
        self.running: list[Running] = []
        self.stopping = False
        self._last_heartbeat = 0.0

    @property
    def owner(self) -> str:
        return self.presence.name

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note_stop)
        _do_not_wait_long_for_locks()
        while not self.stopping and not processes.supervisor_is_gone():
            try:
                self.step()
            except SQLAlchemyError as error:  # database away or locked: leases and rows tell where to go on
                self.app.logger.warning("worker waits for the database", exc_info=error)
                db.session.remove()
                time.sleep(IDLE_SECONDS * 4)
            self._wait(IDLE_SECONDS)
        self.stop()

    def step(self) -> None:
        """See to children that ended, keep leases alive, fill free slots."""
        for running in [r for r in self.running if not r.process.is_alive()]:
            self._settle(running)
        if time.monotonic() - self._last_heartbeat >= HEARTBEAT_SECONDS:
            self._last_heartbeat = time.monotonic()
            self._heartbeat()
        self._end_overdue()
        while len(self.running) < self.slots and jobs.waiting():
            context = jobs.claim(self.owner)
            if context is None:
                break
            self._start(context)

    def stop(self) -> None:
        """Let running jobs finish within the grace time, give back the others."""
        end = time.monotonic() + GRACE_SECONDS
        while self.running and time.monotonic() < end:
            self._wait(0.1)
            for running in [r for r in self.running if not r.process.is_alive()]:
                self._safely(lambda r=running: self._settle(r))  # type: ignore[misc]
        for running in list(self.running):
            _kill(running.process)
            self.running.remove(running)
            self._safely(lambda r=running: jobs.release(r.context.id, self.owner, counted=False))  # type: ignore[misc]
        self.presence.end()

    def _start(self, context: jobs.JobContext) -> None:
        db.session.remove()
        db.engine.dispose()  # a forked child must not share our connections
        process = _processes().Process(target=_work, args=(context, self.owner, os.getpid()), name=f"job-{context.id}")
        process.start()
        self.running.append(Running(context, process, time.monotonic(), jobs.limits_of(context.kind)))

    def _settle(self, running: Running) -> None:
        """A child has ended. Exit code 0: it stored the outcome itself. Otherwise it crashed, and the job is tried again later."""
        running.process.join()
        code, job = running.process.exitcode, running.context
        if running.timed_out:
            minutes = max(1, (running.limits.seconds or 0) // 60)
            jobs.finish(job.id, owner=self.owner, error_zh=f"处理超过 {minutes} 分钟仍未完成，已停止，数据没有改动。请拆分后分批提交。")
        elif code:
            self.app.logger.error("job process ended", extra={"job_id": job.id, "kind": job.kind, "exit_code": code})
            jobs.release(job.id, self.owner, wait_seconds=RETRY_SECONDS * 2 ** (job.attempt - 1))
        self.running.remove(running)

    def _heartbeat(self) -> None:
        for running in self.running:
            if not jobs.extend_lease(running.context.id, self.owner):
                _kill(running.process)  # somebody else owns the job now; its work must not be done twice at a time
        for name in jobs.owners() - {self.owner}:
            if processes.is_dead(self.folder, name):
                jobs.release_all_of(name)
                processes.forget(self.folder, name)

    def _end_overdue(self) -> None:
        for running in self.running:
            limit = running.limits.seconds
            if limit and not running.timed_out and time.monotonic() - running.since > limit:
                running.timed_out = True
                _kill(running.process)

    def _wait(self, seconds: float) -> None:
        """Sleep, but wake at once when a child ends."""
        if self.running:
            multiprocessing.connection.wait([r.process.sentinel for r in self.running], timeout=seconds)
        else:
            time.sleep(seconds)

    def _safely(self, step: Callable[[], None]) -> None:
        """While stopping, a missing database is no reason to hang: the lease will run out."""
        try:
            step()
        except SQLAlchemyError as error:
            self.app.logger.warning("stopping without the database", exc_info=error)
            self.running = [r for r in self.running if r.process.is_alive()]

    def _note_stop(self, _number: int, _frame: object) -> None:
        self.stopping = True


def _processes() -> Any:
    """Fork on Linux (a job starts in milliseconds, memory is shared), a fresh interpreter elsewhere."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def _kill(process: BaseProcess) -> None:
    """End the child; its transaction is rolled back by the database."""
    process.kill()
    process.join()


def _do_not_wait_long_for_locks() -> None:
    """The watching parent asks again rather than wait 20 seconds for SQLite's write lock, which its own child may hold."""
    watcher = os.getpid()

    def shorten(connection: Any, _record: Any) -> None:
        if os.getpid() == watcher:
            connection.execute("PRAGMA busy_timeout=1000")

    if db.engine.dialect.name == "sqlite":
        event.listen(db.engine, "connect", shorten)
        db.engine.dispose()


def _work(context: jobs.JobContext, owner: str, parent: int) -> None:
    """In the child: run the job. An exception ends the process with a code, and the parent gives the job back."""
    processes.die_with_parent()
    if os.name == "posix" and os.getppid() != parent:
        return  # the parent was killed before the kernel knew that we wanted to follow
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # the parent decides; not SIG_IGN, which our own children would inherit
    app = _app or create_app()
    with app.app_context():
        _limit_memory(jobs.limits_of(context.kind).memory_mb)
        jobs.run_claimed(context, owner, may_retry=True)


def _limit_memory(megabytes: int | None) -> None:
    if megabytes is None or os.name != "posix":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def main() -> None:
    """Entry point."""
    app = create_app()
    with app.app_context():
        Worker(app, slots=int(os.environ.get("YUMIAO_WORKER_JOBS", "2"))).run()


if __name__ == "__main__":
    main()
