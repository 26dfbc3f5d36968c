"""The enterprise base. Current attribution stands on the row (list speed); its history stands in ``EnterpriseTown``.

Figures and attribution are append-only versions with business dates and knowledge dates (``recorded_at`` / ``superseded_at``).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.infra import dialect
from app.infra.audit import BigId
from app.infra.db import Base, ExactDecimal, JsonText, UtcDateTime, Yuan

CONTROL_TYPES = {"private": "私人控股", "collective": "集体控股", "state": "国有控股", "hmt": "港澳台商控股", "foreign": "外商控股", "other": "其他"}
STATUSES = {"active": "在业", "suspended": "停业", "moved_out": "迁出", "cancelled": "注销", "revoked": "吊销", "merged": "已并入"}
SOURCES = {"department": "部门提供", "platform": "平台导出", "enterprise": "企业填报", "visit": "走访"}
"""Sources of a figure, strongest first (domain.md §13)."""
SIZE_CLASSES = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型", "na": "不适用"}
EVENT_KINDS = {
    "from_individual": "个转企", "above_scale": "升规", "below_scale": "退库", "renamed": "更名", "moved": "迁移",
    "merged": "兼并", "split": "分立", "cancelled": "注销", "moved_out": "迁出", "licence_revoked": "吊销", "suspended": "停业", "resumed": "恢复经营",
}
LOWEST, HIGHEST = "-99999999999999999", "99999999999999999"
"""Stand for "unknown" in sort keys (as stored), so that unknown comes last in both directions and the index serves the order."""


def _where(condition: str) -> dict[str, Any]:
    """Partial index: small, and only read for what is rare."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Enterprise(Base):
    """One legal person. ``town_id`` is the statistical town today, ``unit_id`` its managing county or zone, ``city_id`` the city.

    ``version`` counts edits (two people editing: the second is shown the difference). ``merged_into_id`` hides a duplicate.
    """

    __tablename__ = "enterprise"
    __table_args__ = (
        CheckConstraint("status IN (" + ",".join(f"'{s}'" for s in STATUSES) + ")", name="status"),
        Index("ix_enterprise_city", "city_id", "id"),
        Index("ix_enterprise_unit", "unit_id", "id"),
        Index("ix_enterprise_town", "town_id", "id"),
        Index("ix_enterprise_name", "name"),
        Index("ix_enterprise_initials", "initials", "id"),
        Index("ix_enterprise_updated_at", "updated_at", "id"),
        Index("ix_enterprise_industry", "industry_code", "id"),
        Index("ix_enterprise_unusual_status", "status", "id", **_where("status <> 'active'")),
        Index("ix_enterprise_unusual_control", "control_type", "id", **_where("control_type <> 'private'")),
        Index("ix_enterprise_merged_into", "merged_into_id", **_where("merged_into_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str | None] = mapped_column(String(60))
    initials: Mapped[str] = mapped_column(String(120), default="")
    industry_code: Mapped[str | None] = mapped_column(String(4))
    industry_version: Mapped[str] = mapped_column(String(8), default="2017")
    control_type: Mapped[str | None] = mapped_column(String(12))
    control_source: Mapped[str | None] = mapped_column(String(60))
    founded_on: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(12), default="active")
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    address: Mapped[str | None] = mapped_column(String(200))
    registered_place: Mapped[str | None] = mapped_column(String(200))
    park: Mapped[str | None] = mapped_column(String(80))
    legal_person: Mapped[str | None] = mapped_column(String(60))
    main_product: Mapped[str | None] = mapped_column(String(200))
    extra: Mapped[Any] = mapped_column(JsonText, nullable=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    source_author: Mapped[str | None] = mapped_column(String(60))
    source_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)


class EnterpriseName(Base):
    """A former name with its dates (a new name on a known code is a dated rename)."""

    __tablename__ = "enterprise_name"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class EnterpriseTown(Base):
    """Statistical town over time: exactly one open row per enterprise is current (``valid_to`` and ``superseded_at`` both None)."""

    __tablename__ = "enterprise_town"
    __table_args__ = (
        Index("ix_enterprise_town_enterprise", "enterprise_id", "valid_from"),
        Index("ix_enterprise_town_town_id", "town_id", "enterprise_id"),
        Index("uq_enterprise_town_current", "enterprise_id", unique=True, **_where("valid_to IS NULL AND superseded_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EnterpriseTag(Base):
    """A label: chain, key product, 倍增 …"""

    __tablename__ = "enterprise_tag"
    __table_args__ = (UniqueConstraint("enterprise_id", "tag"), Index("ix_enterprise_tag_tag", "tag", "enterprise_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    tag: Mapped[str] = mapped_column(String(40))


class EnterpriseYear(Base):
    """Figures of one enterprise, one year, one source; one version of them. Money in 元; ratios are computed, never stored.

    None = unknown; 0 is a value. The effective figure of a field is the strongest source that knows it (``SOURCES`` order).
    """

    __tablename__ = "enterprise_year"
    __table_args__ = (
        CheckConstraint("source IN (" + ",".join(f"'{s}'" for s in SOURCES) + ")", name="source"),
        Index("ix_enterprise_year_enterprise", "enterprise_id", "year"),
        Index("ix_enterprise_year_year", "year", "enterprise_id"),
        Index("uq_enterprise_year_current", "enterprise_id", "year", "source", unique=True, **_where("superseded_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    year: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(12))
    revenue_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    main_revenue_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    net_profit_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    assets_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    debt_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    rd_expense_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    tax_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    renovation_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    equity_financing_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    exports_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    employee_count: Mapped[int | None] = mapped_column(Integer)
    rd_staff_count: Mapped[int | None] = mapped_column(Integer)
    ip_class1_count: Mapped[int | None] = mapped_column(Integer)
    ip_class2_count: Mapped[int | None] = mapped_column(Integer)
    ip_high_value_count: Mapped[int | None] = mapped_column(Integer)
    digital_grade: Mapped[int | None] = mapped_column(Integer)
    digital_edition: Mapped[str | None] = mapped_column(String(20))
    market_share_pct: Mapped[Decimal | None] = mapped_column(ExactDecimal(4))
    market_rank: Mapped[int | None] = mapped_column(Integer)
    niche_years: Mapped[int | None] = mapped_column(Integer)
    evidence: Mapped[str | None] = mapped_column(String(200))
    reported_on: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EnterpriseEvent(Base):
    """Something that happened to the enterprise: see ``EVENT_KINDS``."""

    __tablename__ = "enterprise_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    happened_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(String(300))
    document: Mapped[str | None] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)


class Contact(Base):
    """A contact person. The phone is encrypted; ``phone_mark`` (HMAC) finds it, ``phone_masked`` is what pages show."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    title: Mapped[str | None] = mapped_column(String(60))
    phone_cipher: Mapped[str | None] = mapped_column(Text)
    phone_mark: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_masked: Mapped[str | None] = mapped_column(String(20))
    consent_on: Mapped[date | None] = mapped_column(Date)
    is_primary: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)


class EnterpriseAssignment(Base):
    """Which team or provider serves the enterprise, and who of the team answers for it, from when to when (row scope of visiting roles).

    Both days inclusive. One open row per enterprise and kind; a change ends it and begins another. ``member_id``: the person of the team,
    ``liaison_user_id``: his account, if he has one.
    """

    __tablename__ = "enterprise_assignment"
    __table_args__ = (
        CheckConstraint("kind IN ('team','provider')", name="kind"),
        Index("ix_enterprise_assignment_team", "team_id", "enterprise_id"),
        Index("ix_enterprise_assignment_liaison", "liaison_user_id", "enterprise_id"),
        Index("ix_enterprise_assignment_member", "member_id"),
        Index("ix_enterprise_assignment_provider", "provider_id"),
        Index("uq_enterprise_assignment_open", "enterprise_id", "kind", unique=True, **_where("valid_to IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(Integer)
    provider_id: Mapped[int | None] = mapped_column(Integer)
    member_id: Mapped[int | None] = mapped_column(Integer)
    liaison_user_id: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10), default="team", server_default="team")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(String(300))
    end_reason: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_name: Mapped[str | None] = mapped_column(String(80))


class EnterpriseSummary(Base):
    """What lists show and filter by; refreshed in the transaction of every change (``actions.refresh_summary``).

    ``titles`` holds the codes valid today as ``,srdi,high_tech,``; ``rung`` is the highest rung of the city's main ladder.
    """

    __tablename__ = "enterprise_summary"
    __table_args__ = (
        Index("ix_enterprise_summary_revenue_down", text(f"coalesce(revenue_yuan, {LOWEST})"), "enterprise_id"),
        Index("ix_enterprise_summary_revenue_up", text(f"coalesce(revenue_yuan, {HIGHEST})"), "enterprise_id"),
        Index("ix_enterprise_summary_growth_down", text(f"coalesce(growth_pct, {LOWEST})"), "enterprise_id"),
        Index("ix_enterprise_summary_growth_up", text(f"coalesce(growth_pct, {HIGHEST})"), "enterprise_id"),
        Index("ix_enterprise_summary_rung", "rung", "enterprise_id", **_where("rung IS NOT NULL")),
        Index("ix_enterprise_summary_titled", "enterprise_id", **_where("titles <> ','")),
        Index("ix_enterprise_summary_size", "size_class", "enterprise_id"),
    )

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True, autoincrement=False)
    titles: Mapped[str] = mapped_column(String(300), default=",")
    rung: Mapped[str | None] = mapped_column(String(40))
    figures_year: Mapped[int | None] = mapped_column(Integer)
    revenue_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    growth_pct: Mapped[Decimal | None] = mapped_column(ExactDecimal(2))
    rd_ratio_pct: Mapped[Decimal | None] = mapped_column(ExactDecimal(2))
    employee_count: Mapped[int | None] = mapped_column(Integer)
    size_class: Mapped[str | None] = mapped_column(String(8))
    last_visit_on: Mapped[date | None] = mapped_column(Date)
    team_id: Mapped[int | None] = mapped_column(Integer)
    refreshed_on: Mapped[date | None] = mapped_column(Date)


class EnterpriseMerge(Base):
    """A merge of two records and what it moved, so that it can be undone."""

    __tablename__ = "enterprise_merge"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kept_id: Mapped[int] = mapped_column(BigInteger, index=True)
    merged_id: Mapped[int] = mapped_column(BigInteger, index=True)
    journal: Mapped[Any] = mapped_column(JsonText, nullable=True)
    reason: Mapped[str | None] = mapped_column(String(200))
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_by: Mapped[int | None] = mapped_column(Integer)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SavedView(Base):
    """A named list: query string and columns. Shared inside ``area_id`` when ``shared``."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner_id", "page", "name"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    owner_id: Mapped[int] = mapped_column(Integer, index=True)
    area_id: Mapped[int | None] = mapped_column(Integer, index=True)
    page: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(2000))
    shared: Mapped[bool] = mapped_column(Boolean, default=False)


class StagedEnterprise(Base):
    """New firms of an import between preview and apply, typed, so that one INSERT … SELECT a table writes them all.

    ``place`` counts them from 0 in sheet order; ``row`` is the sheet's; ``since`` the first day in the town; ``search`` what search compares
    with. No foreign keys: only the plan of an existing batch writes here, and areas are checked again when the firms are written.
    """

    __tablename__ = "import_enterprise"
    __table_args__ = ({"sqlite_with_rowid": False},)

    batch_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    row: Mapped[int] = mapped_column(Integer)
    credit_code: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str | None] = mapped_column(String(60))
    industry_code: Mapped[str | None] = mapped_column(String(4))
    control_type: Mapped[str | None] = mapped_column(String(12))
    founded_on: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(12))
    address: Mapped[str | None] = mapped_column(String(200))
    registered_place: Mapped[str | None] = mapped_column(String(200))
    park: Mapped[str | None] = mapped_column(String(80))
    legal_person: Mapped[str | None] = mapped_column(String(60))
    main_product: Mapped[str | None] = mapped_column(String(200))
    town_id: Mapped[int] = mapped_column(Integer)
    unit_id: Mapped[int] = mapped_column(Integer)
    city_id: Mapped[int] = mapped_column(Integer)
    control_source: Mapped[str | None] = mapped_column(String(60))
    source_author: Mapped[str | None] = mapped_column(String(60))
    source_on: Mapped[date | None] = mapped_column(Date)
    initials: Mapped[str] = mapped_column(String(120))
    since: Mapped[date] = mapped_column(Date)
    search: Mapped[str] = mapped_column(Text)


class SearchPending(Base):
    """Enterprises whose texts stand in the search table while the index over their pieces is still to come (job ``enterprises.index``).
    Until then a search compares them one by one. ``id`` is the enterprise's, without a foreign key: a row comes and goes with that of the
    search table."""

    __tablename__ = "search_pending"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class SearchPiece(Base):
    """A piece of names that many enterprises share (有限, 科技 …) with an estimate of how many; the piece "" holds the number of enterprises.

    Search reads it to choose between the index (rare) and walking the list in its order until the page is full (common).
    """

    __tablename__ = "search_piece"

    piece: Mapped[str] = mapped_column(String(8), primary_key=True)
    hits: Mapped[int] = mapped_column(Integer)


@event.listens_for(Enterprise.__table__, "after_create")
def _create_search_index(_table: Any, connection: Any, **_more: Any) -> None:
    dialect.create_search_index(connection)


@event.listens_for(Enterprise.__table__, "before_drop")
def _drop_search_index(_table: Any, connection: Any, **_more: Any) -> None:
    dialect.drop_search_index(connection)
