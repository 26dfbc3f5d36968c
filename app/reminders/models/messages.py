"""Messages: in the inbox (the truth of what was said to whom), and on their way out by mail, robot, hook or text message."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime

CHANNELS = {"mail": "电子邮件", "sms": "短信", "wecom": "企业微信群机器人", "dingtalk": "钉钉群机器人", "hook": "通用网络回调"}
DELIVERY_STATES = {
    "waiting": "待发送", "sending": "发送中", "sent": "已发送", "failed": "发送失败", "unknown": "结果未知", "cancelled": "不再发送",
}


class Notice(Base):
    """A message in somebody's inbox. ``key`` names item, day and step: nobody gets the same one twice, whoever writes it, however often.
    ``folded``: shown under a summary of the same day instead of one by one."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_notice_user", "user_id", "folded", "id"),
        Index("ix_notice_created", "user_id", "created_at"),
        Index("ix_notice_unread", "user_id", "id", sqlite_where=text("read_at IS NULL"), postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    key: Mapped[str] = mapped_column(String(120))
    due_id: Mapped[int | None] = mapped_column(ForeignKey("due_item.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    step: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(340))
    text: Mapped[str] = mapped_column(Text)
    endpoint: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[Any] = mapped_column(JsonText, nullable=True)
    due_on: Mapped[date | None] = mapped_column(Date)
    folded: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Channel(Base):
    """A group robot or web-hook of an office. Address and secret are encrypted; only the host is shown. ``honours_key``: the receiver drops a
    repeated idempotency key, so an interrupted message may be sent again."""

    __tablename__ = "reminder_channel"
    __table_args__ = (
        CheckConstraint("kind IN ('wecom','dingtalk','hook')", name="kind"),
        CheckConstraint("mode IN ('each','daily')", name="mode"),
        Index("ix_reminder_channel_area", "area_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    host: Mapped[str] = mapped_column(String(120))
    url_cipher: Mapped[str] = mapped_column(String(1200))
    secret_cipher: Mapped[str | None] = mapped_column(String(600))
    keyword: Mapped[str | None] = mapped_column(String(40))
    codes: Mapped[Any] = mapped_column(JsonText, nullable=True)
    mode: Mapped[str] = mapped_column(String(8), default="daily")
    honours_key: Mapped[bool] = mapped_column(Boolean, default=False)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    next_digest_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Delivery(Base):
    """A message on its way out. ``key`` is the idempotency key and makes the Message-ID: the same for every attempt.

    ``sending`` with its lease run out = interrupted: nobody knows whether it arrived (结果未知); settled by the sweep where the receiver honours
    the key, else by an officer. ``not_before`` keeps it back (quiet hours, next attempt, daily summary).
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("state IN (" + ",".join(f"'{s}'" for s in DELIVERY_STATES) + ")", name="state"),
        CheckConstraint("channel IN (" + ",".join(f"'{s}'" for s in CHANNELS) + ")", name="channel"),
        Index("ix_delivery_waiting", "not_before", "id", sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'")),
        Index("ix_delivery_sending", "lease_until", "id", sqlite_where=text("state = 'sending'"), postgresql_where=text("state = 'sending'")),
        Index("ix_delivery_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(160))
    channel: Mapped[str] = mapped_column(String(10))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("reminder_channel.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    due_id: Mapped[int | None] = mapped_column(ForeignKey("due_item.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(340))
    text: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(300))
    settled_by: Mapped[str | None] = mapped_column(String(80))
