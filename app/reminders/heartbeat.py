"""Proof of life: a line above every page when the scheduler has been silent. Looked up once a minute in each web process, on a connection of
its own, so that no page pays for it."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import Flask, current_app
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.infra import clock
from app.infra.db import db
from app.infra.ticks import TickRun
from app.infra.web.templating import Notice, add_notice_source
from app.kernel.permission import Permission

TICK = "reminders.fire"
SILENT_AFTER = timedelta(minutes=10)
LOOK_EVERY = 60.0


class Pulse:
    """What was seen last. ``every`` None: never looks by itself (tests)."""

    def __init__(self, every: float | None) -> None:
        self.every = every
        self._began = clock.now()
        self._looked_at = -1e9
        self.last: datetime | None = None
        self.known = False

    def silence(self) -> timedelta | None:
        """How long the scheduler has been silent, None when it is not; one that never ran is silent since this process began (it may be starting, too)."""
        if self.every is not None and time.monotonic() - self._looked_at > self.every:
            self.look()
        if not self.known:
            return None
        silent = clock.now() - (self.last or self._began)
        return silent if silent > SILENT_AFTER else None

    def look(self) -> None:
        """Read the heartbeat now; a database that is away says nothing about the scheduler."""
        self._looked_at = time.monotonic()
        try:
            self.last, self.known = last_run(), True
        except SQLAlchemyError:
            self.known = False


def last_run() -> datetime | None:
    """When reminders were looked at last."""
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        return connection.execute(select(TickRun.started_at).where(TickRun.name == TICK)).scalar()


def silence_zh(silent: timedelta) -> str:
    """3 天, 5 小时, 12 分钟."""
    minutes = int(silent.total_seconds() // 60)
    return f"{minutes // 1440} 天" if minutes >= 2880 else f"{minutes // 60} 小时" if minutes >= 120 else f"{minutes} 分钟"


def notices() -> Iterable[Notice]:
    """For everybody who relies on reminders."""
    if not current_user.is_authenticated or not {Permission.REMINDER_VIEW, Permission.SYSTEM_VIEW} & current_user.permissions:
        return
    pulse: Pulse = current_app.extensions["yumiao_pulse"]
    silent = pulse.silence()
    if silent is None:
        return
    since = "还没有运行过" if pulse.last is None else f"已 {silence_zh(silent)}没有运行（上次 {clock.local(pulse.last):%m-%d %H:%M}）"
    yield Notice("warn", f"提醒任务{since}，到期提醒可能没有发出。请通知系统管理员检查定时进程；待办清单请以各业务页面为准。")


def init_app(app: Flask) -> None:
    """Attach the banner."""
    app.extensions["yumiao_pulse"] = Pulse(None if app.config["SETTINGS"].mode == "test" else LOOK_EVERY)
    add_notice_source(app, notices)
