"""Stored counts behind the town table (refreshed in the transaction of a change, rebuilt whole after an import), and the contest."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.indicators.models.contest import ContestRound, ContestStep, ContestValue
from app.indicators.models.editions import ContestEdition
from app.indicators.models.marks import ContestMark
from app.indicators.models.vetoes import VetoEvent, VetoSignoff
from app.infra.db import Base, UtcDateTime

__all__ = ["ContestEdition", "ContestMark", "ContestRound", "ContestStep", "ContestValue", "TownCount", "TownCountYear", "VetoEvent", "VetoSignoff"]


class TownCount(Base):
    """Enterprises counted by one indicator (``item`` = "9", "10" …; "2" and "3" are our reference values) in
    one town (or 区直 / functional area) at 31 December of ``year``. A town without any has no row.
    """

    __tablename__ = "town_count"
    __table_args__ = (Index("ix_town_count_year", "year", "item"),)

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, autoincrement=False)
    item: Mapped[str] = mapped_column(String(4), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TownCountYear(Base):
    """A data year of a city whose counts are stored as a whole, and what was counted (hash of the pack's measures). Others are counted live."""

    __tablename__ = "town_count_city_year"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, autoincrement=False)
    definition: Mapped[str] = mapped_column(String(64))
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
