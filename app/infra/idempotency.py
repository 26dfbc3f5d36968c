"""Idempotency keys: a phone or API client that never heard the answer asks again and gets the first answer, not a second row."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.infra import clock
from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime, db
from app.kernel.errors import Conflict


class IdempotencyRow(Base):
    """One finished write; ``body_hash`` tells a repeat from a different request under the same key."""

    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index("ix_idempotency_created_at", "created_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(80))
    body_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[Any] = mapped_column(JsonText, nullable=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def body_hash(body: bytes) -> str:
    """Hash of the request body as sent."""
    return hashlib.sha256(body).hexdigest()


def find_answer(user_id: int, key: str, digest: str) -> Any | None:
    """The stored answer of the same request, or None. Another body under the same key is a ``Conflict``."""
    row = db.session.scalars(select(IdempotencyRow).where(IdempotencyRow.user_id == user_id, IdempotencyRow.key == key)).first()
    if row is None:
        return None
    if row.body_hash != digest:
        raise Conflict("idempotency_body", "同一个提交编号收到了不同的内容，请刷新页面后重新提交。")
    return row.answer


def remember(user_id: int, key: str, digest: str, answer: Any) -> None:
    """Store the answer in the transaction of the write; a parallel twin fails on the unique key and is retried as a repeat."""
    db.session.add(IdempotencyRow(user_id=user_id, key=key, body_hash=digest, answer=answer, created_at=clock.now()))
    db.session.flush()
