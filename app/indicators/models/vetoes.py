"""Veto register of towns and the four departments' sign-offs per candidate."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.indicators.rules.vetoes import GRADES, KINDS, STATES
from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime

STANDING = "superseded_at IS NULL"


def _codes(words: Any) -> str:
    return ",".join(f"'{code}'" for code in words)


class VetoEvent(Base):
    """Something that may bar a town. ``decision``: why it was found true or not; never deleted."""

    __tablename__ = "veto_event"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_codes(KINDS)})", name="kind"),
        CheckConstraint(f"grade IN ({_codes(GRADES)})", name="grade"),
        CheckConstraint(f"state IN ({_codes(STATES)})", name="state"),
        Index("ix_veto_event_town", "town_id", "happened_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    kind: Mapped[str] = mapped_column(String(12))
    grade: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="pending")
    happened_on: Mapped[date] = mapped_column(Date)
    found_on: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(String(300))
    decision: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_name: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_name: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer, default=1)


class VetoSignoff(Base):
    """One department's answer for one candidate of a round: nothing found, or something (then it stands in the register)."""

    __tablename__ = "veto_signoff"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_codes(KINDS)})", name="kind"),
        Index("uq_veto_signoff_standing", "round_id", "town_id", "kind", unique=True, sqlite_where=text(STANDING), postgresql_where=text(STANDING)),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("contest_round.id"))
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    clear: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str | None] = mapped_column(String(300))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_name: Mapped[str] = mapped_column(String(80))
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
