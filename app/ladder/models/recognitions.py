"""Recognitions: which title an enterprise was granted, from when to when, as versions that are superseded, never overwritten."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime


class Recognition(Base):
    """One version of one grant. Identity: enterprise + title + level + batch year; ``superseded_at`` None = what we know now.

    In stock on D: start (``valid_from`` or ``announced_on``) <= D <= ``valid_to``, both inclusive; ``revoked_on`` <= D is out;
    ``open_ended`` marks a title without a term; a blank end otherwise is not in stock. ``voided`` leaves every count.
    """

    __tablename__ = "recognition"
    __table_args__ = (
        Index("ix_recognition_enterprise", "enterprise_id", "title_code"),
        Index("ix_recognition_title", "title_code", "level", "enterprise_id"),
        Index(
            "ix_recognition_valid_to", "valid_to", "id",
            sqlite_where=text("superseded_at IS NULL"), postgresql_where=text("superseded_at IS NULL"),
        ),
        Index(
            "uq_recognition_current", "enterprise_id", "title_code", "level", "batch_year", unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    title_code: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(12), default="")
    batch_year: Mapped[int] = mapped_column(Integer, default=0)
    document: Mapped[str | None] = mapped_column(String(120))
    announced_on: Mapped[date | None] = mapped_column(Date)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    open_ended: Mapped[bool] = mapped_column(Boolean, default=False)
    revoked_on: Mapped[date | None] = mapped_column(Date)
    revoked_reason: Mapped[str | None] = mapped_column(String(200))
    voided: Mapped[bool] = mapped_column(Boolean, default=False)
    evidence: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TitleCount(Base):
    """Enterprises of one town that hold a title (``title:srdi``) or stand on a rung of the main ladder (``rung:2``) today.

    ``all``: every enterprise of the town; ``gaps``: its recognitions with a date to complete.
    """

    __tablename__ = "title_count"

    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, autoincrement=False)
    firms: Mapped[int] = mapped_column(Integer)


class TitleCountState(Base):
    """Of each city, the day its stored counts stand for and what they counted (hash of the city's titles and rungs); another day or pack is
    counted live.

    ``first_year``: of the earliest recognition, for the choice of years (noted when everything was counted).
    """

    __tablename__ = "title_count_city"

    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date)
    definition: Mapped[str] = mapped_column(String(64))
    first_year: Mapped[int] = mapped_column(Integer)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
