"""Stored counts behind the town table: refreshed in the transaction of a change, rebuilt whole after an import."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, ExactDecimal, UtcDateTime


class TownCount(Base):
    """Value of one register indicator (``item`` = "9", "10" …) of one town (or 区直 / functional area) at 31 December of ``year``."""

    __tablename__ = "town_count"
    __table_args__ = (Index("ix_town_count_year", "year", "item"),)

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, autoincrement=False)
    item: Mapped[str] = mapped_column(String(4), primary_key=True)
    value: Mapped[Decimal] = mapped_column(ExactDecimal(2))
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
