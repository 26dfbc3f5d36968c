"""Saying: messages into inboxes, and onto their way out as each person chose. In the caller's transaction: said and noted, or neither."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.infra import clock, dialect
from app.infra.db import db
from app.reminders.models import Channel, Delivery, Notice, Preference
from app.reminders.queries.book import Book
from app.reminders.rules import messages
from app.reminders.rules.quiet import minutes, not_before

INBOX = "reminders.inbox"
RECENT = timedelta(hours=1)
"""What counts as one flood: messages to one person within this time."""


@dataclass(frozen=True)
class Saying:
    """One message for one person. ``key`` makes it unique in his inbox."""

    user_id: int
    key: str
    code: str
    step: str
    title: str
    text: str
    endpoint: str
    arguments: dict[str, Any]
    due_id: int | None = None
    due_on: date | None = None
    folded: bool = False
    alone: bool = False
    """A person's own words (催办, 督办) are never folded into a summary."""


@dataclass(frozen=True)
class Posting:
    """One message for the groups of an office: to every channel of these areas that wants this kind. ``at``: the moment it is meant for; a clock
    that is wrong keeps no message back."""

    key: str
    code: str
    areas: frozenset[int]
    title: str
    text: str
    due_id: int | None = None
    at: datetime | None = None


def say(sayings: Collection[Saying], book: Book, now: datetime | None = None) -> int:
    """Put messages into inboxes, each once whatever happens; returns how many were new. More than the city's limit at once to one person
    stand folded under one summary, and only the summary leaves the house. ``now``: the moment the caller went by, where it read the clock."""
    fresh = _unsaid(sayings)
    if not fresh:
        return 0
    limit = int(book.of(None).setting("reminder_summary_above") or 0)
    fresh = _folded(fresh, limit) if limit else list(fresh)
    now = now or clock.now()
    rows = [
        {
            "user_id": one.user_id, "key": one.key, "due_id": one.due_id, "code": one.code, "step": one.step, "title": one.title[:340],
            "text": one.text[:2000], "endpoint": one.endpoint, "arguments": one.arguments, "due_on": one.due_on, "folded": one.folded, "created_at": now,
        }
        for one in sorted(fresh, key=lambda one: (one.user_id, one.key))  # one order everywhere: two workers never wait for each other in a circle
    ]
    dialect.insert_new(db.session(), Notice, rows)
    _send_out([one for one in fresh if not one.folded], book, now)
    return len(fresh)


def _unsaid(sayings: Collection[Saying]) -> list[Saying]:
    """Without those that already stand in the inbox."""
    unique = {(one.user_id, one.key): one for one in sayings}
    users, keys = sorted({user for user, _ in unique}), sorted({key for _, key in unique})
    said = set()
    for start in range(0, len(keys), 500):
        found = select(Notice.user_id, Notice.key).where(Notice.user_id.in_(users), Notice.key.in_(keys[start:start + 500]))
        said |= {(row.user_id, row.key) for row in db.session.execute(found)}
    return [one for pair, one in unique.items() if pair not in said]


def _folded(fresh: Sequence[Saying], limit: int) -> list[Saying]:
    """With the messages of a flood folded, and one summary a day in front of them."""
    counts = Counter(one.user_id for one in fresh if not one.alone)
    users = [user for user, count in counts.items() if count]
    recent = select(Notice.user_id, func.count()).where(Notice.user_id.in_(users), Notice.created_at >= clock.now() - RECENT).group_by(Notice.user_id)
    for user, count in db.session.execute(recent):
        counts[user] += count
    flooded = {user for user, count in counts.items() if count > limit}
    today = clock.today()
    title, text = messages.flood(today)
    summaries = [
        Saying(user, f"flood:{today}", "summary", "flood", title, text, INBOX, {"day": today.isoformat()}, alone=True) for user in sorted(flooded)
    ]
    rows = [replace(one, folded=True) if one.user_id in flooded and not one.alone else one for one in fresh]
    return [*_unsaid(summaries), *rows]


def _send_out(fresh: Sequence[Saying], book: Book, now: datetime) -> None:
    """Mail and text messages of people who want each one; the daily summary takes the rest."""
    by_user = defaultdict(list)
    for one in fresh:
        by_user[one.user_id].append(one)
    wanting = select(Preference).where(Preference.user_id.in_(sorted(by_user)), (Preference.mail_mode == "each") | (Preference.sms_mode == "each"))
    rows = []
    for choice in db.session.scalars(wanting):
        start = _start(choice, book, now)
        for channel, mode, address in (("mail", choice.mail_mode, choice.mail_cipher), ("sms", choice.sms_mode, choice.phone_cipher)):
            if mode == "each" and address:
                rows += [delivery(f"{channel}:{one.user_id}:{one.key}", channel, one.title, one.text, now, start, user_id=one.user_id, due_id=one.due_id)
                         for one in by_user[choice.user_id]]  # fmt: skip
    dialect.insert_new(db.session(), Delivery, sorted(rows, key=lambda row: str(row["key"])))


def _start(choice: Preference, book: Book, now: datetime) -> datetime:
    quiet = book.of(None).setting("reminder_quiet_hours") or ["00:00", "00:00"]
    begin = choice.quiet_from if choice.quiet_from is not None else minutes(quiet[0])
    end = choice.quiet_to if choice.quiet_to is not None else minutes(quiet[1])
    return not_before(now, begin, end)


def delivery(
    key: str, channel: str, title: str, text: str, now: datetime, start: datetime, *, user_id: int | None = None, due_id: int | None = None,
    channel_id: int | None = None, area_id: int | None = None, path: str = "",
) -> dict[str, Any]:
    """A row of ``delivery`` that waits for its turn."""
    return {
        "key": key[:160], "channel": channel, "channel_id": channel_id, "user_id": user_id, "due_id": due_id, "area_id": area_id, "title": title[:340],
        "text": text, "path": path, "state": "waiting", "attempts": 0, "not_before": start, "created_at": now,
    }


def post(postings: Collection[Posting]) -> int:
    """Messages for groups that want each one, each once per channel."""
    areas = frozenset().union(*(one.areas for one in postings)) if postings else frozenset()
    if not areas:
        return 0
    channels = db.session.scalars(
        select(Channel).where(Channel.area_id.in_(sorted(areas)), Channel.enabled.is_(True), Channel.mode == "each").order_by(Channel.id)
    ).all()
    now = clock.now()
    rows = [
        delivery(f"{channel.kind}:{channel.id}:{one.key}", channel.kind, one.title, one.text, now, one.at or now, due_id=one.due_id, channel_id=channel.id,
                 area_id=channel.area_id)
        for one in postings for channel in channels if channel.area_id in one.areas and (not channel.codes or one.code in channel.codes)
    ]  # fmt: skip
    return dialect.insert_new(db.session(), Delivery, sorted(rows, key=lambda row: str(row["key"])))
