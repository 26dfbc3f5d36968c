"""Yearly scores of providers, experts and service projects, and the marks people gave for them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, ExactDecimal, JsonText, UtcDateTime
from app.teams.models.registers import codes

SUBJECTS = {"provider": "服务商", "expert": "专家", "project": "服务项目"}
VERDICTS = {"keep": "保留", "warn": "警示", "leave": "清退"}
PROPOSALS = {**VERDICTS, "few": "案例不足，不评分", "open": "缺少评分，未出分"}


class ServiceScore(Base):
    """The score of one subject in one year as last computed: parts with reasons, what they propose, and what an officer decided.

    ``scheme``: hash of the scheme it was computed with. A decided score is not computed again.
    """

    __tablename__ = "service_score"
    __table_args__ = (
        CheckConstraint(f"subject IN ({codes(SUBJECTS)})", name="subject"),
        CheckConstraint(f"proposal IN ({codes(PROPOSALS)})", name="proposal"),
        CheckConstraint(f"decision IN ({codes(VERDICTS)})", name="decision"),
        UniqueConstraint("subject", "subject_id", "year"),
        Index("ix_service_score_list", "city_id", "subject", "year", "proposal"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(Integer)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    year: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(160))
    cases: Mapped[int] = mapped_column(Integer, default=0)
    score: Mapped[Decimal | None] = mapped_column(ExactDecimal(2))
    parts: Mapped[Any] = mapped_column(JsonText)
    proposal: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(500))
    scheme: Mapped[str] = mapped_column(String(64))
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(String(8))
    decision_reason: Mapped[str | None] = mapped_column(String(300))
    decided_on: Mapped[date | None] = mapped_column(Date)
    decided_name: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer, default=1)


class ServiceMark(Base):
    """A mark from 0 to 100 that a person gave for one criterion, with the reason."""

    __tablename__ = "service_mark"
    __table_args__ = (
        CheckConstraint(f"subject IN ({codes(SUBJECTS)})", name="subject"),
        CheckConstraint("points >= 0 AND points <= 100", name="points"),
        UniqueConstraint("subject", "subject_id", "year", "criterion"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(Integer)
    year: Mapped[int] = mapped_column(Integer)
    criterion: Mapped[str] = mapped_column(String(60))
    points: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(300))
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    marked_name: Mapped[str] = mapped_column(String(80))
