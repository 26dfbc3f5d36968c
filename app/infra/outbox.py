"""Outbox: something that happened, told in the same transaction, delivered later by whoever listens (reminders, hooks)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra import clock
from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime, db


class OutboxRow(Base):
    """``key`` makes a happening unique: publishing it twice fails on the constraint instead of being delivered twice."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_delivered_at", "delivered_at", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[Any] = mapped_column(JsonText, nullable=True)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def publish(kind: str, key: str, payload: dict[str, Any]) -> OutboxRow:
    """Add the happening to the current transaction."""
    row = OutboxRow(kind=kind, key=key, payload=payload, happened_at=clock.now())
    db.session.add(row)
    return row


TELL = "tell"


def tell(
    key: str, *, to: Iterable[str], code: str, title: str, text: str, endpoint: str, arguments: dict[str, Any] | None = None,
) -> OutboxRow:
    """Something that happened and that people should read in their inbox, as each one chose also by mail or text message.

    ``to``: who stands for one of these today: ``user:3``, ``team:12``, ``lead:12`` (its leader), ``org:4``, ``town:9``, ``unit:7``, ``city:1``,
    ``leader:1``, ``firm:88``. ``code``: capability.kind; ``endpoint`` and ``arguments`` lead to the page.
    """
    return publish(TELL, key, {"to": list(to), "code": code, "title": title, "text": text, "endpoint": endpoint, "arguments": arguments or {}})
