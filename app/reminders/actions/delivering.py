"""Delivering: one message out of the house per step. Claimed and committed before it is sent; a known success is never sent again; what was
interrupted is 结果未知 and is settled by the sweep (where the receiver honours the key) or by an officer."""

import hashlib
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import OperationalError

from app.identity.models import User
from app.infra import clock, crypto
from app.infra.db import db, only_reading
from app.infra.settings import settings
from app.kernel.errors import DomainError
from app.reminders.models import Channel, Delivery, Preference
from app.reminders.rules import robots
from app.reminders.sending import http, mail, sms
from app.reminders.sending.outcome import FAILED, SENT, UNKNOWN, Outcome

LOG = logging.getLogger("yumiao.reminders")

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 6
WAITS = (1, 5, 15, 60, 240)
"""Minutes between attempts."""
MOST_SECONDS = 20.0
"""A tick sends for so long and leaves the rest to the next one: a mail server that does not answer must not keep reminders from speaking."""
NEAR = 8
INTERRUPTED = "发送过程中断，不能确定对方是否收到"


def waiting() -> bool:
    """Is anything to be sent or settled? Two looks at partial indexes, no lock."""
    now = clock.now()
    with db.engine.connect().execution_options(yumiao_read=True) as connection:
        to_send = select(Delivery.id).where(Delivery.state == "waiting", Delivery.not_before <= now).limit(1)
        lost = select(Delivery.id).where(Delivery.state == "sending", Delivery.lease_until < now).limit(1)
        return connection.execute(to_send).first() is not None or connection.execute(lost).first() is not None


def deliver_all(owner: str) -> int:
    """Send what is due, one after the other, and settle what was interrupted."""
    if not waiting():
        return 0
    sweep()
    done, until = 0, time.monotonic() + MOST_SECONDS
    while time.monotonic() < until and send_one(owner):
        done += 1
    return done


def send_one(owner: str) -> bool:
    """Claim, send, note: one message. False when none is waiting."""
    claimed = claim(owner)
    if claimed is None:
        return False
    outcome = attempt(claimed)
    note(claimed.id, owner, outcome, claimed.attempts)
    return True


@dataclass(frozen=True)
class Claimed:
    """A message this process is sending; ``attempts`` counts this one."""

    id: int
    key: str
    channel: str
    channel_id: int | None
    user_id: int | None
    title: str
    text: str
    path: str
    attempts: int
    created_at: datetime


def claim(owner: str) -> Claimed | None:
    """The oldest waiting message, marked as being sent and committed before anything leaves the house."""
    for _ in range(5):
        now = clock.now()
        with only_reading():
            candidates = db.session.execute(
                select(*(getattr(Delivery, one.name) for one in fields(Claimed))).where(Delivery.state == "waiting", Delivery.not_before <= now)
                .order_by(Delivery.not_before, Delivery.id).limit(NEAR)
            ).all()
        if not candidates:
            return None
        candidate = Claimed(*random.choice(candidates))  # noqa: S311  (several senders do not all reach for the same one)
        taken = _changed(
            update(Delivery).where(Delivery.id == candidate.id, Delivery.state == "waiting", Delivery.attempts == candidate.attempts)
            .values(state="sending", lease_owner=owner, lease_until=now + LEASE, attempts=Delivery.attempts + 1, tried_at=now)
        )
        db.session.commit()
        if taken:
            return replace(candidate, attempts=candidate.attempts + 1)
    return None


def _changed(statement: Any) -> int:
    return int(cast("CursorResult[Any]", db.session.execute(statement.execution_options(synchronize_session=False))).rowcount)


def attempt(row: Claimed) -> Outcome:
    """Send it through its door. Never raises; without an address it fails in words."""
    try:
        with only_reading():
            send = _door(row)
        return send()  # nothing is open while we wait for others
    except DomainError as problem:
        return Outcome(FAILED, problem.message_zh)


def _door(row: Claimed) -> Callable[[], Outcome]:
    """Everything read that is needed to send it."""
    plain, sending, link = not settings().production, settings().sending, link_of(row.path)
    if row.channel in ("mail", "sms"):
        choice = db.session.get(Preference, row.user_id)
        user = db.session.get(User, row.user_id)
        cipher = None if choice is None or user is None or user.disabled_at else choice.mail_cipher if row.channel == "mail" else choice.phone_cipher
        if cipher is None:
            return lambda: Outcome(FAILED, "收件人已停用，或没有填写地址")
        address = crypto.decrypt(cipher)
        if row.channel == "sms":
            return lambda: sms.door(sending, plain_allowed=plain).send(row.key, address, f"{row.title} {row.text}")
        text = "\n\n".join(part for part in (row.text, link) if part)
        return lambda: mail.send(mail.Mail(address, row.title, text, message_id(row.key)), sending)
    channel = db.session.get(Channel, row.channel_id)
    if channel is None or not channel.enabled:
        return lambda: Outcome(FAILED, "通道已停用")
    call, read = _call(channel, row, link)
    honours = channel.honours_key
    return lambda: http.send(call, sending.hook_hosts, plain_allowed=plain, honours_key=honours, read=read)


def _call(channel: Channel, row: Claimed, link: str) -> tuple[robots.Call, Any]:
    url = crypto.decrypt(channel.url_cipher)
    secret = crypto.decrypt(channel.secret_cipher) if channel.secret_cipher else None
    now = clock.now()
    if channel.kind == "wecom":
        return robots.wecom(url, row.title, row.text, link, channel.keyword), robots.robot_error
    if channel.kind == "dingtalk":
        milliseconds = int(now.timestamp() * 1000)
        return robots.dingtalk(url, row.title, row.text, link, secret=secret, milliseconds=milliseconds, keyword=channel.keyword), robots.robot_error
    payload: dict[str, object] = {"id": row.key, "title": row.title, "text": row.text, "url": link, "created_at": row.created_at.isoformat()}
    return robots.signed(url, row.key, payload, secret=secret or "", seconds=int(now.timestamp())), None


def message_id(key: str) -> str:
    """The same for every attempt at the same message; says nothing about it."""
    host = settings().base_url.partition("://")[2].partition("/")[0].partition(":")[0] or "yumiao.local"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"


def link_of(path: str) -> str:
    """A deep link; without a known address of the system the message names the place in words."""
    base = settings().base_url.rstrip("/")
    return f"{base}{path}" if base and path else ""


def note(delivery_id: int, owner: str, outcome: Outcome, attempts: int) -> None:
    """Write down what is known. Only the process that claimed it; when its lease ran out meanwhile, a known result still settles the unknown."""
    now = clock.now()
    values: dict[str, Any] = {"lease_owner": None, "lease_until": None, "error": outcome.reason[:300] or None}
    if outcome.state == SENT:
        values |= {"state": "sent", "sent_at": now}
    elif outcome.state == UNKNOWN:
        values |= {"state": "unknown"}
    elif outcome.state == FAILED or attempts >= MOST_ATTEMPTS:
        values |= {"state": "failed"}
    else:
        values |= {"state": "waiting", "not_before": now + timedelta(minutes=WAITS[min(attempts, len(WAITS)) - 1])}
    mine = update(Delivery).where(Delivery.id == delivery_id, Delivery.attempts == attempts, Delivery.state.in_(("sending", "unknown")))
    try:
        _changed(mine.values(**values))
        db.session.commit()
    except OperationalError:
        db.session.rollback()  # the lease will run out and the message be listed as unknown
        LOG.warning("outcome of a message not noted", exc_info=True)


def sweep() -> int:
    """Messages whose sender died: again with the same key where the receiver honours it, else 结果未知. Returns how many."""
    now = clock.now()
    lost = Delivery.state == "sending", Delivery.lease_until < now
    safe = select(Channel.id).where(Channel.honours_key.is_(True))
    again = _changed(
        update(Delivery).where(*lost, Delivery.attempts < MOST_ATTEMPTS * 2, (Delivery.channel == "sms") | Delivery.channel_id.in_(safe))
        .values(state="waiting", not_before=now, lease_owner=None, lease_until=None, error=INTERRUPTED)
    )
    unknown = _changed(update(Delivery).where(*lost).values(state="unknown", lease_owner=None, lease_until=None, error=INTERRUPTED))
    db.session.commit()
    return again + unknown

