"""A contest round of a city and what was said in it: values by source, with every earlier version."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, ExactDecimal, JsonText, UtcDateTime

STAGES = {
    "filling": "填报", "county_check": "县级初审", "department_check": "部门核数", "scoring": "评分", "veto_check": "否决核查",
    "publicity": "公示", "named": "命名", "rewarded": "奖励",
}
ENTRY_STAGES = ("filling", "county_check", "department_check", "scoring", "veto_check")
"""Values may still change: after these only an objection changes a fact."""
PUBLISHED_STAGES = ("publicity", "named", "rewarded")
DEPARTMENT, TOWN, SUBSTITUTE = "department", "town", "substitute"
VALUE_SOURCES = {DEPARTMENT: "部门提供", TOWN: "镇街填报", SUBSTITUTE: "批准的替代值"}
STANDING = "superseded_at IS NULL"


def _codes(words: Any) -> str:
    return ",".join(f"'{code}'" for code in words)


class ContestRound(Base):
    """One data year of one city. ``scheme``: the locked copy of the scoring scheme; ``frozen``: references as they were at the lock (None:
    taken anew from the values each time)."""

    __tablename__ = "contest_round"
    __table_args__ = (
        CheckConstraint(f"stage IN ({_codes(STAGES)})", name="stage"),
        UniqueConstraint("city_id", "year"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    year: Mapped[int] = mapped_column(Integer)
    stage: Mapped[str] = mapped_column(String(20), default="filling")
    scheme: Mapped[Any] = mapped_column(JsonText)
    frozen: Mapped[Any] = mapped_column(JsonText, nullable=True)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    frozen_name: Mapped[str | None] = mapped_column(String(80))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_name: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def published(self) -> bool:
        return self.stage in PUBLISHED_STAGES


class ContestStep(Base):
    """A round moved to a stage, forwards or back, by whom and why."""

    __tablename__ = "contest_step"
    __table_args__ = (CheckConstraint(f"stage IN ({_codes(STAGES)})", name="stage"), Index("ix_contest_step_round", "round_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("contest_round.id"))
    stage: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_name: Mapped[str] = mapped_column(String(80))


class ContestValue(Base):
    """What one source said of one item of one town. Append only: a new version supersedes, so every earlier number can be read.

    ``marks``: grades of a panel instead of a number (优良良). ``applies`` False: growth does not apply. Item 26: 1 有, 0 无, 2 待核查.
    """

    __tablename__ = "contest_value"
    __table_args__ = (
        CheckConstraint(f"source IN ({_codes(VALUE_SOURCES)})", name="source"),
        Index(
            "uq_contest_value_standing", "round_id", "town_id", "item", "source", unique=True, sqlite_where=text(STANDING), postgresql_where=text(STANDING),
        ),
        Index("ix_contest_value_history", "round_id", "town_id", "item", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("contest_round.id"))
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    item: Mapped[str] = mapped_column(String(4))
    source: Mapped[str] = mapped_column(String(12))
    value: Mapped[Decimal | None] = mapped_column(ExactDecimal(6))
    marks: Mapped[str | None] = mapped_column(String(60))
    applies: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    office: Mapped[str | None] = mapped_column(String(80))
    reporter: Mapped[str | None] = mapped_column(String(80))
    reported_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    recorded_name: Mapped[str] = mapped_column(String(80))
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
