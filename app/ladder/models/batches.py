"""Batches of recognitions (批次) and what happened around a recognition (推荐, 公示, 复核, 变更 …), as versions that are superseded, never overwritten."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime

EVENT_KINDS = {
    "recommended": "推荐", "noticed": "公示", "objected": "公示异议", "announced": "认定", "reviewed": "复核", "changed": "变更",
    "revoked": "撤销", "voided": "作废",
}
"""Steps of one recognition. Only the recognition itself is ever counted: 推荐 and 公示 come before it and count nowhere."""
RESULTS = {"passed": "通过", "failed": "未通过", "upheld": "异议成立", "dismissed": "异议不成立", "open": "处理中"}
CHANGES = {"renamed": "更名", "merged": "合并", "split": "分立", "moved": "迁移", "other": "其他"}


def _in(column: str, values: Any) -> str:
    return f"{column} IN (" + ",".join(f"'{value}'" for value in values) + ")"


class RecognitionBatch(Base):
    """A batch in one city: title, level, batch year and number (第几批, 0 = the only one of the year). What is known of it are its versions."""

    __tablename__ = "recognition_batch"
    __table_args__ = (UniqueConstraint("city_id", "title_code", "level", "batch_year", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    title_code: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(12), default="")
    batch_year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BatchVersion(Base):
    """What was known of a batch from ``recorded_at`` to ``superseded_at`` (None = now). ``document`` is that of the announcement (公告)."""

    __tablename__ = "recognition_batch_version"
    __table_args__ = (
        Index(
            "uq_recognition_batch_current", "batch_id", unique=True, sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("recognition_batch.id"), index=True)
    issuer: Mapped[str | None] = mapped_column(String(80))
    recommended_on: Mapped[date | None] = mapped_column(Date)
    recommended_document: Mapped[str | None] = mapped_column(String(120))
    noticed_on: Mapped[date | None] = mapped_column(Date)
    noticed_until: Mapped[date | None] = mapped_column(Date)
    noticed_document: Mapped[str | None] = mapped_column(String(120))
    announced_on: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str | None] = mapped_column(String(120))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecognitionEvent(Base):
    """One dated step of a recognition. Its identity is that of the recognition (enterprise, title, level, batch year) with kind and day,
    so that 推荐 and 公示 stand before there is a recognition. ``until``: last day of a 公示. ``result``: of a review or an objection.
    ``change``: kind of a change, ``old_text`` and ``new_text`` what changed; the recognition keeps its identity.
    """

    __tablename__ = "recognition_event"
    __table_args__ = (
        CheckConstraint(_in("kind", EVENT_KINDS), name="kind"),
        CheckConstraint(_in("result", RESULTS), name="result"),
        CheckConstraint(_in("change", CHANGES), name="change"),
        Index("ix_recognition_event_enterprise", "enterprise_id", "title_code"),
        Index("ix_recognition_event_batch", "title_code", "level", "batch_year", "kind"),
        Index(
            "uq_recognition_event_current", "enterprise_id", "title_code", "level", "batch_year", "kind", "happened_on", unique=True,
            sqlite_where=text("superseded_at IS NULL"), postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    title_code: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(12), default="")
    batch_year: Mapped[int] = mapped_column(Integer, default=0)
    kind: Mapped[str] = mapped_column(String(16))
    happened_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(String(300))
    evidence: Mapped[str | None] = mapped_column(String(200))
    result: Mapped[str | None] = mapped_column(String(12))
    change: Mapped[str | None] = mapped_column(String(12))
    old_text: Mapped[str | None] = mapped_column(String(120))
    new_text: Mapped[str | None] = mapped_column(String(120))
    source: Mapped[str | None] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
