"""Firing: items whose moment has come speak. Claimed by a conditional UPDATE, advanced and said in one transaction: never twice, never half."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import OperationalError

from app.infra import clock
from app.infra.db import db, only_reading
from app.reminders.actions.collecting import collect_stale, collected_since, newest_change
from app.reminders.actions.saying import Posting, Saying, post, say
from app.reminders.models import DueRow
from app.reminders.queries.book import Book, CityBook
from app.reminders.queries.staff import present
from app.reminders.rules import messages
from app.reminders.rules.people import Matter, Staff, recipients
from app.reminders.rules.steps import Step, turn

LOG = logging.getLogger("yumiao.reminders")

BATCH = 200
MOST_BATCHES = 200
FRESH, MOST_RETRIES = 3.0, 3
"""Seconds for which a collection is believed while batch after batch speaks (longer where collecting itself takes longer); how often it is
collected anew because something changed, before it speaks all the same."""


def waiting() -> bool:
    """Is any item due to speak? One look at the index, no lock: an idle tick does nothing else."""
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        return connection.execute(select(DueRow.id).where(DueRow.next_at <= clock.now()).limit(1)).first() is not None


def fire_all() -> int:
    """Everything that is due, batch by batch. First, and again while it takes long, the deadlines are collected where something changed, so that
    nothing speaks that is already done; what another process is just collecting waits for the next tick."""
    if not waiting():
        return 0
    with only_reading():
        staff, book = present(), Book()
    done = retries = 0
    known, believed = _collected()
    for _ in range(MOST_BATCHES):
        if believed.over():
            known, believed = _collected()
        fired = fire_batch(book, staff, known, believed if retries < MOST_RETRIES else None)
        if fired is None:
            known, believed = _collected()
            retries += 1
            continue
        if fired == 0:
            break
        done, retries = done + fired, 0
    return done


@dataclass(frozen=True)
class Believed:
    """What was collected is believed for seconds by the steady clock (a process may be held up), and as long as nothing has changed in the house."""

    change: int
    until: float

    def over(self) -> bool:
        return time.monotonic() >= self.until

    def holds(self) -> bool:
        return not self.over() and newest_change() == self.change


def _collected() -> tuple[list[str], Believed]:
    began = time.monotonic()
    with only_reading():
        change = newest_change()
    collect_stale()
    with only_reading():
        known = collected_since(change)
    return known, Believed(change, time.monotonic() + max(FRESH, 2 * (time.monotonic() - began)))


def fire_batch(book: Book, staff: Staff, capabilities: Sequence[str], believed: Believed | None = None, limit: int = BATCH) -> int | None:
    """One transaction: up to ``limit`` items of these capabilities. Returns how many; 0 = none left, or others are at work on them; None = what
    was collected does not hold any more, nothing was said. ``believed`` None: speak whatever changed meanwhile (a house that never rests)."""
    due = DueRow.next_at <= clock.now(), DueRow.capability.in_(capabilities)
    with only_reading():
        seen = db.session.scalars(select(DueRow.id).where(*due).order_by(DueRow.next_at, DueRow.id).limit(limit)).all()
    if not seen:
        return 0
    try:
        rows = db.session.scalars(
            select(DueRow).where(DueRow.id.in_(seen), *due).order_by(DueRow.id).with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        fired = _fire(rows, book, staff)
        if believed is not None and not believed.holds():
            db.session.rollback()
            return None
        db.session.commit()
        return fired
    except OperationalError:
        db.session.rollback()
        LOG.warning("a batch of reminders waits for the next tick", exc_info=True)
        return 0


def _fire(rows: Sequence[DueRow], book: Book, staff: Staff) -> int:
    now = clock.now()
    sayings: list[Saying] = []
    postings: list[Posting] = []
    fired = 0
    for row in rows:
        page = book.of(row.city_id)
        rule = page.rule(row.code)
        planned = page.planned(rule, row.due_on, row.due_at, row.snoozed_until) if rule is not None else []
        step = turn(planned, row.spoken_until, now)
        if not _claim(row, now, step.next_at):
            continue
        fired += 1
        if row.state != "open" or rule is None or _given_up(row, rule.stop_after_days):
            continue
        heard: set[int] = set()
        for one in sorted(step.speak, key=lambda step: step.escalates):  # who is told as the one who acts is not told again as the level above
            found, posting = _words(row, one, page, staff)
            sayings += [saying for saying in found if saying.user_id not in heard]
            heard |= {saying.user_id for saying in found}
            postings.append(posting)
    say(sayings, book, now)
    post(postings)
    return fired


def _claim(row: DueRow, now: datetime, next_at: datetime | None) -> bool:
    """Advance first: whoever changes ``next_at`` from what both saw has the step."""
    spoken = max(now, row.spoken_until or now)  # a clock that was put back forgets nothing
    claimed = update(DueRow).where(DueRow.id == row.id, DueRow.next_at == row.next_at).values(next_at=next_at, spoken_until=spoken)
    return bool(cast("CursorResult[Any]", db.session.execute(claimed.execution_options(synchronize_session=False))).rowcount)


def _given_up(row: DueRow, stop_after: int | None) -> bool:
    return stop_after is not None and clock.today() > row.due_on + timedelta(days=stop_after)


def _words(row: DueRow, step: Step, page: CityBook, staff: Staff) -> tuple[list[Saying], Posting]:
    """What one step says, to each of its people and to the groups of its areas."""
    rule = page.rule(row.code)
    assert rule is not None
    today, matter = clock.today(), matter_of(row)
    if rule.gather and not step.escalates:
        title, text = messages.summary(rule.label, today)
        key, due_id, endpoint, arguments = f"sum:{row.code}:{today}", None, "workbench.desk", {"code": row.code}
    else:
        title = messages.title(step, row.label, row.due_on, today)
        text = messages.fill(page.text(rule), label=row.label, due_on=row.due_on, today=today, verb=row.verb)
        key, due_id, endpoint, arguments = f"{row.id}:{row.due_on}:{step.code}", row.id, "reminders.item", {"due_id": row.id}
    people = recipients(row.holder, step.audience, rule.to, rule.copy_to, matter, staff)
    found = [
        Saying(user, key, row.code, step.code, title, text, endpoint, arguments, due_id, None if due_id is None else row.due_on) for user in sorted(people)
    ]
    areas = frozenset(area for area in (row.town_id, row.unit_id, row.city_id) if area is not None)
    return found, Posting(key, row.code, areas, title, text, due_id, min(step.at, clock.now()))


def matter_of(row: DueRow) -> Matter:
    """Where a stored item belongs."""
    return Matter(**{name: getattr(row, name) for name in Matter.__dataclass_fields__})
