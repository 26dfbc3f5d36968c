"""The daily summary: for people by mail or text message, for groups by their robot. Claimed by moving ``next_digest_at`` on, so that one process makes it."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from app.infra import clock, dialect
from app.infra.db import db, only_reading
from app.reminders.actions.saying import delivery
from app.reminders.models import Channel, Delivery, DueRow, Notice, Preference
from app.reminders.queries.book import Book
from app.reminders.rules import messages
from app.reminders.rules.quiet import minutes, next_digest

MOST_LINES = 30
AHEAD = timedelta(days=7)


def waiting() -> bool:
    """Is a summary due? Two looks at small indexes."""
    now = clock.now()
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        return any(
            connection.execute(select(model.next_digest_at).where(model.next_digest_at <= now).limit(1)).first() is not None
            for model in (Preference, Channel)
        )


def digest_all() -> int:
    """Make every summary that is due; each in its own transaction."""
    if not waiting():
        return 0
    book, done = Book(), 0
    now = clock.now()
    with only_reading():
        people = db.session.scalars(select(Preference.user_id).where(Preference.next_digest_at <= now).order_by(Preference.user_id)).all()
        channels = db.session.scalars(select(Channel.id).where(Channel.next_digest_at <= now).order_by(Channel.id)).all()
    for user_id in people:
        done += _for_person(user_id, book)
        db.session.commit()
    for channel_id in channels:
        done += _for_channel(channel_id, book)
        db.session.commit()
    return done


def digest_minutes(choice: Preference | None, book: Book) -> int:
    """The minute of the day the summary is made."""
    if choice is not None and choice.digest_at is not None:
        return choice.digest_at
    return minutes(str(book.of(None).setting("reminder_digest_time")))


def _claim(model: Any, key: Any, seen: datetime, **values: Any) -> bool:
    statement = update(model).where(key, model.next_digest_at == seen).values(**values).execution_options(synchronize_session=False)
    return bool(cast("CursorResult[Any]", db.session.execute(statement)).rowcount)


def _for_person(user_id: int, book: Book) -> int:
    choice, now = db.session.get(Preference, user_id), clock.now()
    if choice is None or choice.next_digest_at is None or choice.next_digest_at > now:
        return 0
    since = choice.digested_until or now - timedelta(days=1)
    following = next_digest(now, digest_minutes(choice, book))
    if not _claim(Preference, Preference.user_id == user_id, choice.next_digest_at, next_digest_at=following, digested_until=now):
        return 0
    titles = db.session.scalars(
        select(Notice.title).where(Notice.user_id == user_id, Notice.created_at > since, Notice.created_at <= now, Notice.read_at.is_(None))
        .order_by(Notice.id).limit(MOST_LINES + 1)
    ).all()
    if not titles:
        return 0
    title, text = _words(list(titles))
    rows = [
        delivery(f"{channel}:{user_id}:digest:{choice.next_digest_at.isoformat()}", channel, title, text, now, now, user_id=user_id, path="/")
        for channel, mode, cipher in (("mail", choice.mail_mode, choice.mail_cipher), ("sms", choice.sms_mode, choice.phone_cipher))
        if mode == "daily" and cipher
    ]
    return dialect.insert_new(db.session(), Delivery, rows)


def _words(titles: list[str]) -> tuple[str, str]:
    title, text = messages.digest(titles[:MOST_LINES], clock.today())
    return title, text + ("\n……其余见系统“提醒中心”。" if len(titles) > MOST_LINES else "")


def _for_channel(channel_id: int, book: Book) -> int:
    """What is overdue or due within a week in the area of the group."""
    channel, now = db.session.get(Channel, channel_id), clock.now()
    if channel is None or channel.next_digest_at is None or channel.next_digest_at > now:
        return 0
    following = next_digest(now, digest_minutes(None, book)) if channel.enabled and channel.mode == "daily" else None
    seen = channel.next_digest_at
    if not _claim(Channel, Channel.id == channel_id, seen, next_digest_at=following) or following is None:
        return 0
    within = (DueRow.town_id == channel.area_id) | (DueRow.unit_id == channel.area_id) | (DueRow.city_id == channel.area_id)
    found = select(DueRow.capability, DueRow.kind, DueRow.label, DueRow.due_on).where(
        DueRow.state == "open", within, DueRow.plan_on <= clock.today() + AHEAD
    ).order_by(DueRow.plan_on, DueRow.id).limit(MOST_LINES * 10)
    today = clock.today()
    lines = [
        f"{row.label}（{messages.remaining(row.due_on, today)}）" for row in db.session.execute(found)
        if not channel.codes or f"{row.capability}.{row.kind}" in channel.codes
    ]
    if not lines:
        return 0
    title, text = _words(lines[:MOST_LINES + 1])
    key = f"{channel.kind}:{channel.id}:digest:{seen.isoformat()}"
    return dialect.insert_new(db.session(), Delivery, [
        delivery(key, channel.kind, title, text, now, now, channel_id=channel.id, area_id=channel.area_id, path="/"),
    ])
