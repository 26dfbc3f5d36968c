"""Yearly duties done or missed: one statement per enterprise, title and year, as versions that are superseded, never overwritten."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime

DONE, MISSED = "done", "missed"
OUTCOMES = {DONE: "已更新", MISSED: "确认未更新"}


class YearlyDuty(Base):
    """One version of what became of the yearly update of one title in one year. No row = nobody has said, which is not a miss.

    Identity: enterprise + title + year; ``superseded_at`` None = what we know now. ``done_on``: the day it was handed in (done), or None.
    """

    __tablename__ = "yearly_duty"
    __table_args__ = (
        CheckConstraint("outcome IN ('done','missed')", name="outcome"),
        CheckConstraint("outcome <> 'done' OR done_on IS NOT NULL", name="done_has_a_day"),
        Index("ix_yearly_duty_year", "year", "outcome", "enterprise_id", "title_code"),
        Index(
            "uq_yearly_duty_current", "enterprise_id", "title_code", "year", unique=True,
            sqlite_where=text("superseded_at IS NULL"), postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    title_code: Mapped[str] = mapped_column(String(40))
    year: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(8))
    done_on: Mapped[date | None] = mapped_column(Date)
    evidence: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
