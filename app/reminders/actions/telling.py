"""Telling: what happened (``infra.outbox``) goes to its people. A row is delivered and its messages said in one transaction."""

from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from app.infra import clock
from app.infra.db import db, only_reading
from app.infra.outbox import TELL, OutboxRow
from app.reminders.actions.saying import Saying, say
from app.reminders.queries.book import Book
from app.reminders.queries.staff import present
from app.reminders.rules.happenings import Told, told
from app.reminders.rules.people import Staff

BATCH, MOST_BATCHES = 100, 100


def waiting() -> bool:
    """Is anything undelivered? One look at the index."""
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        return connection.execute(_undelivered().limit(1)).first() is not None


def _undelivered() -> Any:
    return select(OutboxRow.id).where(OutboxRow.delivered_at.is_(None))


def tell_all() -> int:
    """Everything that happened and was not told yet."""
    if not waiting():
        return 0
    with only_reading():
        book, staff = Book(), present()
    done = 0
    for _ in range(MOST_BATCHES):
        with only_reading():
            ids = db.session.scalars(_undelivered().order_by(OutboxRow.id).limit(BATCH)).all()
        if not ids:
            break
        for outbox_id in ids:
            row = db.session.get(OutboxRow, outbox_id)
            taken = update(OutboxRow).where(OutboxRow.id == outbox_id, OutboxRow.delivered_at.is_(None)).values(delivered_at=clock.now())
            claimed = cast("CursorResult[Any]", db.session.execute(taken.execution_options(synchronize_session=False))).rowcount
            if row is not None and claimed:
                done += _tell(row, book, staff)
            db.session.commit()
    return done


def _tell(row: OutboxRow, book: Book, staff: Staff) -> int:
    """The first of those it is meant for who is there; what is nobody's news counts as told."""
    said = Told(**{**row.payload, "to": tuple(row.payload["to"])}) if row.kind == TELL else told(row.kind, row.payload or {})
    if said is None:
        return 0
    people = frozenset[int]().union(*(staff.of(holder) for holder in said.to)) if row.kind == TELL else _first(said, staff)
    say([
        Saying(user, f"outbox:{row.key}"[:120], said.code, "happened", said.title, said.text, said.endpoint, said.arguments) for user in sorted(people)
    ], book)
    return 1


def _first(said: Told, staff: Staff) -> frozenset[int]:
    return next((people for holder in said.to if (people := staff.of(holder))), frozenset())
