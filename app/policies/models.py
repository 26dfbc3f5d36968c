"""Stored pack versions. What was decided under a version keeps pointing to it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, JsonText, UtcDateTime


class PackVersion(Base):
    """One loaded or locally edited version of a city's pack; ``content`` is the whole pack as JSON, ``superseded_at`` None = in force."""

    __tablename__ = "pack_version"
    __table_args__ = (
        UniqueConstraint("city", "number"),
        CheckConstraint("origin IN ('shipped','local')", name="origin"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    city: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(Integer)
    origin: Mapped[str] = mapped_column(String(8))
    content_hash: Mapped[str] = mapped_column(String(64))
    content: Mapped[Any] = mapped_column(JsonText, nullable=True)
    note: Mapped[str | None] = mapped_column(String(200))
    active_from: Mapped[date | None] = mapped_column(Date)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    loaded_by: Mapped[int | None] = mapped_column(Integer)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
