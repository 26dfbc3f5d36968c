"""The scheduler process: ``python -m app.scheduler``. It only ticks; what is due stands in the database.

Timers guarantee nothing: a changed clock, a late start or a second scheduler may fire a tick too late, twice or out of turn.
Every tick bears that (app.infra.ticks); a changed clock is noticed here within a second and everything ticks at once.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from app import create_app
from app.infra import processes, ticks
from app.infra.clock import SHANGHAI
from app.infra.db import db

JUMP_SECONDS = 2.0


class ClockWatch:
    """Notices that the wall clock moved against the machine's steady clock (set by hand, NTP step, sleep of the machine)."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()

    def jumped(self) -> bool:
        """True once per jump."""
        offset = self._wall() - self._steady()
        if abs(offset - self._offset) <= JUMP_SECONDS:
            return False
        self._offset = offset
        return True


def build(app: Flask) -> BackgroundScheduler:
    """Every registered tick on its interval, the first run at once. One thread: ticks never compete with each other."""
    scheduler = BackgroundScheduler(
        timezone=SHANGHAI,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for tick in ticks.all_ticks():
        scheduler.add_job(_tick, "interval", seconds=tick.every_seconds, args=[app, tick.name], id=tick.name, next_run_time=_now())
    return scheduler


def _tick(app: Flask, name: str) -> None:
    with app.app_context():
        try:
            ticks.run(name)
        finally:
            db.session.remove()


def _now() -> datetime:
    """The timer's own time: APScheduler compares with the machine's clock, whatever ``YUMIAO_NOW`` says."""
    return datetime.now(UTC)


def tick_everything(scheduler: BackgroundScheduler) -> None:
    """After a jump of the clock: a planned time an hour ahead would mean an hour without ticks."""
    for job in scheduler.get_jobs():
        scheduler.modify_job(job.id, next_run_time=_now())


def main() -> None:
    """Tick until SIGTERM or SIGINT; a tick that is running is finished."""
    app = create_app()
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # a line every half minute says nothing
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    scheduler = build(app)
    scheduler.start()
    watch = ClockWatch()
    while not stop.wait(1.0) and not processes.supervisor_is_gone():
        if watch.jumped():
            app.logger.warning("the clock moved; ticking at once")
            tick_everything(scheduler)
    scheduler.shutdown(wait=True)


if __name__ == "__main__":
    main()
