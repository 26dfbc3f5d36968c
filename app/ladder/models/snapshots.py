"""Kept diagnoses: what was said about an enterprise on a day, with everything it was said from. Never changed afterwards."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime


class DiagnosisSnapshot(Base):
    """``content``: inputs (facts with origins, titles held, judgements) and results (`Diagnosis.as_json` per title); ``content_hash``: SHA-256 of
    its canonical JSON; ``pack_hash``: the pack whose rule versions decided. Rows are only ever added."""

    __tablename__ = "diagnosis_snapshot"
    __table_args__ = (Index("ix_diagnosis_snapshot_enterprise", "enterprise_id", "kept_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    as_of: Mapped[date] = mapped_column(Date)
    city: Mapped[str] = mapped_column(String(60))
    pack_hash: Mapped[str] = mapped_column(String(64))
    headline: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(200))
    content: Mapped[Any] = mapped_column(JsonText)
    content_hash: Mapped[str] = mapped_column(String(64))
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kept_by: Mapped[int | None] = mapped_column(Integer)
