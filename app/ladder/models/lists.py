"""Official lists (名单) on their way to our records: rows by name, candidates, the officer's decisions, remembered names, settled differences."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime
from app.ladder.models.batches import _in

DECISIONS = {"open": "待确认", "confirmed": "已确认", "foreign": "不是我库企业"}
HOWS = {
    "code": "信用代码", "remembered": "以往确认过", "exact": "名称一致", "former": "曾用名", "normal": "写法不同", "form": "公司类型不同",
    "similar": "名称相近", "manual": "人工选定", "created": "新建",
}
PURPOSES = {"announced": "公布名单（登记认定）", "stock": "有效名单（核对存量）"}
SETTLEMENTS = {"recorded": "已登记", "corrected": "已更正", "ignored": "不处理"}


class OfficialList(Base):
    """A list as published. ``stage`` noticed = 公示: it may be compared and matched, never recorded. ``as_of``: day the list speaks of.

    ``area_id``: where the uploader sits; ``scope``: the enterprises he could see (matching stays inside it).
    """

    __tablename__ = "official_list"
    __table_args__ = (
        CheckConstraint(_in("purpose", PURPOSES), name="purpose"), CheckConstraint("stage IN ('announced','noticed')", name="stage"),
        Index("ix_official_list_area", "area_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(String(12), default="announced")
    stage: Mapped[str] = mapped_column(String(12), default="announced")
    title_code: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(12), default="")
    batch_year: Mapped[int] = mapped_column(Integer, default=0)
    as_of: Mapped[date | None] = mapped_column(Date)
    announced_on: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str | None] = mapped_column(String(120))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    scope: Mapped[Any] = mapped_column(JsonText, nullable=True)
    import_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    created_name: Mapped[str] = mapped_column(String(80))


class OfficialListRow(Base):
    """One line of a list. ``candidates``: [[enterprise id, how, score], …], likeliest first. ``decision`` open = nothing is recorded.

    ``name_key``: the comparable name. ``values``: what the line itself says (level, batch year, dates, document).
    """

    __tablename__ = "official_list_row"
    __table_args__ = (
        CheckConstraint(_in("decision", DECISIONS), name="decision"), CheckConstraint(_in("how", HOWS), name="how"),
        UniqueConstraint("list_id", "row"), Index("ix_official_list_row_decision", "list_id", "decision", "row"),
        Index("ix_official_list_row_enterprise", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("official_list.id"))
    row: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(120))
    credit_code: Mapped[str | None] = mapped_column(String(18))
    place: Mapped[str | None] = mapped_column(String(120))
    unit_id: Mapped[int | None] = mapped_column(Integer)
    values: Mapped[Any] = mapped_column("said", JsonText, nullable=True)
    candidates: Mapped[Any] = mapped_column(JsonText, nullable=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    how: Mapped[str | None] = mapped_column(String(12))
    sure: Mapped[int] = mapped_column(Integer, default=0)
    decision: Mapped[str] = mapped_column(String(12), default="open")
    recorded: Mapped[str | None] = mapped_column(String(12))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(Integer)


class NameMatch(Base):
    """A name as lists write it, and the enterprise an officer confirmed it to be; proposed first the next time."""

    __tablename__ = "name_match"
    __table_args__ = (UniqueConstraint("name_key", "enterprise_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name_key: Mapped[str] = mapped_column(String(120))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(Integer)


class SettledDifference(Base):
    """What an officer did about a difference between a list and our records. ``subject``: ``e:<enterprise id>`` or ``r:<row>``."""

    __tablename__ = "settled_difference"
    __table_args__ = (
        CheckConstraint(_in("settlement", SETTLEMENTS), name="settlement"), UniqueConstraint("list_id", "code", "subject"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("official_list.id"))
    code: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(30))
    settlement: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(200))
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(Integer)
    settled_name: Mapped[str] = mapped_column(String(80))
