"""What people choose: their own channels and calendar link; what officers set up: group channels, and how interrupted messages are settled."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import select

from app.infra import audit, clock, crypto
from app.infra.audit import Subject
from app.infra.db import db
from app.infra.settings import settings
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.reminders.actions.digesting import digest_minutes
from app.reminders.actions.saying import delivery
from app.reminders.models import MODES, CalendarLink, Channel, Delivery, Notice, Preference
from app.reminders.queries.book import Book
from app.reminders.rules.quiet import next_digest
from app.reminders.sending import http

MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
PHONE = re.compile(r"1[0-9]{10}\Z")
MOST_LINKS = 5


@dataclass(frozen=True)
class Choice:
    """What a person wants. ``mail`` / ``phone`` None = as it is, empty = none. Minutes of the day, None = as the city says."""

    mail: str | None
    phone: str | None
    mail_mode: str
    sms_mode: str
    quiet_from: int | None
    quiet_to: int | None
    digest_at: int | None
    version: int


def choose(*, choice: Choice, by: Actor) -> Preference:
    """Save one's own channels."""
    assert by.user_id is not None
    row = db.session.get(Preference, by.user_id)
    if (row.version if row else 0) != choice.version:
        raise Conflict("preference_changed", "您的提醒设置刚在另一个窗口改过，本次没有保存。请刷新页面核对后再修改。")
    row = row or Preference(user_id=by.user_id, version=0)
    for mode, field in ((choice.mail_mode, "mail_mode"), (choice.sms_mode, "sms_mode")):
        if mode not in MODES:
            raise Invalid("mode", "请从列表中选择发送方式。", field)
    if choice.mail is not None:
        row.mail_cipher = crypto.encrypt(_checked(choice.mail, MAIL, "mail", "邮箱地址格式不正确，请核对，如 name@example.cn。")) if choice.mail else None
    if choice.phone is not None:
        row.phone_cipher = crypto.encrypt(_checked(choice.phone, PHONE, "phone", "手机号应为 11 位数字，请核对。")) if choice.phone else None
    if choice.mail_mode != "none" and not row.mail_cipher:
        raise Invalid("mail_missing", "选择了发邮件，请先填写邮箱地址。", "mail")
    if choice.sms_mode != "none" and not row.phone_cipher:
        raise Invalid("phone_missing", "选择了发短信，请先填写手机号。", "phone")
    row.mail_mode, row.sms_mode = choice.mail_mode, choice.sms_mode
    row.quiet_from, row.quiet_to, row.digest_at = choice.quiet_from, choice.quiet_to, choice.digest_at
    daily = "daily" in (row.mail_mode, row.sms_mode)
    now = clock.now()
    row.next_digest_at = next_digest(now, digest_minutes(row, Book())) if daily else None
    row.digested_until = (row.digested_until or now) if daily else None
    row.version += 1
    db.session.add(row)
    audit.record("reminder.preference", Subject("user", by.user_id, by.name), None, {"mail_mode": row.mail_mode, "sms_mode": row.sms_mode}, by=by)
    db.session.flush()
    return row


def _checked(text: str, pattern: re.Pattern[str], field: str, message: str) -> str:
    if len(text) > 120 or not pattern.match(text):
        raise Invalid(field, message, field)
    return text


def token_hash(token: str) -> str:
    """What is stored of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(*, by: Actor) -> str:
    """A new calendar link; the token is shown once and only its hash is kept."""
    assert by.user_id is not None
    live = db.session.scalars(select(CalendarLink).where(CalendarLink.user_id == by.user_id, CalendarLink.revoked_at.is_(None))).all()
    if len(live) >= MOST_LINKS:
        raise Invalid("links", f"最多保留 {MOST_LINKS} 个订阅地址，请先停用不用的再新建。")
    token = secrets.token_urlsafe(32)
    link = CalendarLink(user_id=by.user_id, token_hash=token_hash(token), created_at=clock.now())
    db.session.add(link)
    db.session.flush()
    audit.record("reminder.link_made", Subject("calendar_link", link.id, by.name), None, None, by=by)
    return token


def revoke_link(*, link: CalendarLink, by: Actor) -> None:
    """The address answers like an unknown one from now on."""
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        audit.record("reminder.link_revoked", Subject("calendar_link", link.id, by.name), None, None, by=by)
        db.session.flush()


@dataclass(frozen=True)
class ChannelDraft:
    """A group channel as typed. ``url`` / ``secret`` empty = as it is. ``codes``: kinds it wants, empty = all."""

    kind: str
    name: str
    area_id: int
    url: str
    secret: str
    keyword: str
    codes: tuple[str, ...]
    mode: str
    honours_key: bool
    enabled: bool


def save_channel(*, row: Channel | None, draft: ChannelDraft, version: int, by: Actor) -> Channel:
    """Add or change a channel. Only hosts the administrator configured can be saved."""
    if row is not None and row.version != version:
        raise Conflict("channel_changed", f"通道“{row.name}”刚被他人修改，本次没有保存。请刷新页面核对后再修改。")
    if not draft.name.strip():
        raise Invalid("name", "请填写通道名称，如“工信局工作群”。", "name")
    fresh = row is None
    row = row or Channel(kind=draft.kind, version=0, created_at=clock.now(), host="", url_cipher="")
    if draft.url:
        row.host = http.check_host(draft.url, settings().sending.hook_hosts, plain_allowed=not settings().production)
        row.url_cipher = crypto.encrypt(draft.url)
    elif fresh:
        raise Invalid("url", "请填写机器人或回调的地址。", "url")
    if draft.secret:
        row.secret_cipher = crypto.encrypt(draft.secret)
    if row.kind == "hook" and not row.secret_cipher:
        raise Invalid("secret", "通用回调必须填写签名密钥，接收方用它核对来源。", "secret")
    row.name, row.area_id, row.keyword = draft.name.strip()[:60], draft.area_id, draft.keyword.strip()[:40] or None
    row.codes, row.mode, row.honours_key, row.enabled = list(draft.codes), draft.mode, draft.honours_key and row.kind == "hook", draft.enabled
    row.next_digest_at = next_digest(clock.now(), digest_minutes(None, Book())) if row.enabled and row.mode == "daily" else None
    row.version += 1
    db.session.add(row)
    db.session.flush()
    audit.record(
        "reminder.channel_saved", Subject("reminder_channel", row.id, row.name), None,
        {"kind": row.kind, "host": row.host, "mode": row.mode, "enabled": row.enabled, "new_address": bool(draft.url)}, by=by,
    )
    return row


def test_channel(*, row: Channel, by: Actor) -> Delivery:
    """One message that says it is a trial; it goes the same way as every other."""
    now = clock.now()
    key = f"{row.kind}:{row.id}:test:{row.version}:{now.isoformat()}"
    sending = Delivery(**delivery(
        key, row.kind, "〔测试〕提醒通道", f"{by.name}正在测试通道“{row.name}”，收到即表示通道可用。", now, now, channel_id=row.id, area_id=row.area_id,
    ))
    db.session.add(sending)
    db.session.flush()
    audit.record("reminder.channel_tested", Subject("reminder_channel", row.id, row.name), None, None, by=by)
    return sending


def settle(*, row: Delivery, answer: str, by: Actor) -> Delivery:
    """What an officer knows of a message: ``received`` it arrived; ``again`` send it again (with the same key); ``cancel`` give it up."""
    allowed = {"received": ("unknown",), "again": ("unknown", "failed"), "cancel": ("waiting", "unknown", "failed")}
    if row.state not in allowed.get(answer, ()):
        raise Conflict("sending_changed", f"“{row.title}”的状态刚变过，本次操作没有生效。请刷新后查看。")
    old = row.state
    row.state = {"received": "sent", "again": "waiting", "cancel": "cancelled"}[answer]
    if answer == "again":
        row.not_before = clock.now()
    row.settled_by = by.name[:80]
    audit.record("reminder.sending_settled", Subject("delivery", row.id, row.title[:200]), {"state": old}, {"state": row.state}, by=by)
    db.session.flush()
    return row


def read(*, rows: list[Notice]) -> int:
    """Mark one's own messages as read. Not audited: it changes nothing but the reader's own list."""
    now, done = clock.now(), 0
    for row in rows:
        if row.read_at is None:
            row.read_at, done = now, done + 1
    db.session.flush()
    return done
