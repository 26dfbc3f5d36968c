"""One scheduler of the trial of the reminders: rounds without end, over the deadlines of the table ``trial_item``. Its clock can be set wrong and it
can be given a fault on purpose (``--plant``)."""

import argparse
import os
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Integer, MetaData, Table, select
from sqlalchemy.exc import SQLAlchemyError

import config
from app import create_app
from app.infra import clock
from app.infra.db import UtcDateTime, db
from app.kernel import due
from app.kernel.due import DueItem
from app.kernel.scope import Scope
from app.reminders import chores
from app.reminders.actions import collecting, delivering, firing, saying

METADATA = MetaData()
ITEMS = Table(
    "trial_item", METADATA, Column("id", Integer, primary_key=True), Column("due_at", UtcDateTime(), nullable=False), Column("done", Boolean, nullable=False),
    Column("done_at", UtcDateTime()), Column("area_id", Integer, nullable=False),
)
SHORT = timedelta(seconds=4)


def announced(_today: date, _scope: Scope) -> Iterator[DueItem]:
    """What is not done."""
    for row in db.session.execute(select(ITEMS).where(ITEMS.c.done.is_(False))):
        yield DueItem(
            "visits", "visit_unconfirmed", f"trial:{row.id}", clock.local(row.due_at).date(), f"试验{row.id}", "workbench.home", area_id=row.area_id,
            due_at=row.due_at,
        )


def wrong_clock(offsets: Path, name: str) -> None:
    """The clock of this process: the machine's, moved by what stands in its file (seconds)."""
    def now() -> datetime:
        try:
            moved = float((offsets / name).read_text() or 0)
        except (OSError, ValueError):
            moved = 0.0
        return datetime.now(UTC) + timedelta(seconds=moved)

    clock.now = now


def plant(fault: str) -> None:
    """A fault the trial must find: ``lost``: advanced and said in two transactions; ``double``: claims and keys mean nothing."""
    if fault == "lost":
        def commit_between(sayings: Any, book: Any, now: Any = None) -> int:
            db.session.commit()
            time.sleep(0.3)
            return original(sayings, book, now)

        original = saying.say
        firing.say = commit_between
    if fault == "double":
        def every_time(row: Any, step: Any, page: Any, staff: Any) -> Any:
            found, posting = words(row, step, page, staff)
            mark = secrets.token_hex(3)
            return [type(one)(**{**vars(one), "key": f"{one.key}:{mark}"}) for one in found], posting

        words, claim = firing._words, firing._claim
        firing._words = every_time
        firing._claim = lambda row, now, next_at: claim(row, now, next_at) or True
        firing.fire_batch = unlocked(firing.fire_batch)


def unlocked(fire_batch: Any) -> Any:
    """Every batch is fired a second time as if it had not been claimed."""
    def twice(book: Any, staff: Any, capabilities: Any, believed: Any) -> int:
        ids = db.session.scalars(select(firing.DueRow.id).where(firing.DueRow.next_at <= clock.now()).limit(3)).all()
        db.session.rollback()
        done = int(fire_batch(book, staff, capabilities, believed) or 0)
        if ids:
            db.session.execute(firing.update(firing.DueRow).where(firing.DueRow.id.in_(ids)).values(next_at=clock.now(), spoken_until=None))
            db.session.commit()
        return done

    return twice


def main() -> None:
    """Rounds until killed."""
    arguments = argparse.ArgumentParser()
    for name in ("name", "offsets", "plant"):
        arguments.add_argument(f"--{name}", default="")
    asked = arguments.parse_args()
    wrong_clock(Path(asked.offsets), asked.name)
    app = create_app(config.load())
    due._providers.clear()
    due.register("visits", announced)
    collecting.LEASE = delivering.LEASE = SHORT
    delivering.WAITS = (0.02,)
    delivering.MOST_ATTEMPTS = 1000
    delivering.MOST_SECONDS = 2.0
    plant(asked.plant)
    owner = f"{asked.name}-{os.getpid()}"
    while True:
        with app.app_context():
            try:
                firing.fire_all()
                delivering.deliver_all(owner)
                chores.collecting.collect_stale()
            except SQLAlchemyError:
                time.sleep(0.5)
            finally:
                try:
                    db.session.remove()
                except SQLAlchemyError:
                    db.engine.dispose()
        (Path(asked.offsets) / f"{asked.name}.ready").touch()
        time.sleep(0.15)


if __name__ == "__main__":
    main()
