"""Areas and organisations. A town belongs to a statistical county (``parent_id``) and, per date, to exactly one managing unit."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, UtcDateTime

KINDS = {
    "province": "省", "city": "市", "county": "县（市、区）", "zone": "开发区", "subdistrict": "街道", "town": "镇", "township": "乡",
    "functional_area": "功能区", "direct": "区直",
}
TOWN_KINDS = ("subdistrict", "town", "township")
"""Kinds that are ranked; functional areas and 区直 pseudo-towns are in unit and city figures only."""


class Area(Base):
    """One unit of the tree. ``code`` is official (6 or 9 digits) or provisional (``3715Z1``); ``name`` is today's name.

    ``tile_row``/``tile_col`` place counties and zones on the schematic map.
    """

    __tablename__ = "area"
    __table_args__ = (
        CheckConstraint("kind IN (" + ",".join(f"'{k}'" for k in KINDS) + ")", name="kind"),
        Index("ix_area_city_kind", "city_id", "kind"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    city_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    tile_row: Mapped[int | None] = mapped_column(Integer)
    tile_col: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def is_town(self) -> bool:
        return self.kind in TOWN_KINDS


class AreaAlias(Base):
    """Another spelling or a former name of an area, used when an import names it."""

    __tablename__ = "area_alias"
    __table_args__ = (UniqueConstraint("area_id", "alias"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    alias: Mapped[str] = mapped_column(String(60), index=True)


class AreaMembership(Base):
    """Which unit (county or zone) manages a town, by business date and by when we knew it. Append only: a correction supersedes."""

    __tablename__ = "area_membership"
    __table_args__ = (Index("ix_area_membership_town", "town_id", "valid_from"), Index("ix_area_membership_unit", "unit_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    document: Mapped[str | None] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AreaPopulation(Base):
    """Population of a town in a year; ``basis``: census 普查, sample 年度抽样, registered 户籍 (one basis per round)."""

    __tablename__ = "area_population"
    __table_args__ = (CheckConstraint("basis IN ('census','sample','registered')", name="basis"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    year: Mapped[int] = mapped_column(Integer)
    basis: Mapped[str] = mapped_column(String(12))
    persons: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Organisation(Base):
    """Bureau office, department, county bureau, town office, provider: whatever people belong to."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
