"""Deadlines as collected from the capabilities, and what people did with them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime

DUE_STATES = {"open": "待处理", "done": "已标记完成", "closed": "已了结"}
"""``done``: a person said so while its source still announces it; ``closed``: its source does not announce it any more."""
NOTE_KINDS = {
    "done": "标记完成", "reopened": "恢复待办", "planned": "改期", "snoozed": "暂缓提醒", "handed": "转办", "urged": "催办", "supervised": "督办",
    "lifted": "解除督办",
}


def _open(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class DueRow(Base):
    """One deadline. ``holder`` has it on the desk (``team:12``, see ``rules.people``); ``plan_on`` is the day the desk sorts by: the deadline,
    or the day a person planned. ``next_at``: when it speaks next (None = never); ``spoken_until``: steps up to then have spoken.
    """

    __tablename__ = "due_item"
    __table_args__ = (
        UniqueConstraint("capability", "kind", "subject", "due_on"),
        CheckConstraint("state IN (" + ",".join(f"'{s}'" for s in DUE_STATES) + ")", name="state"),
        Index("ix_due_item_next_at", "next_at", "id", **_open("next_at IS NOT NULL")),
        Index("ix_due_item_holder", "holder", "plan_on", "id", **_open("state = 'open'")),
        Index("ix_due_item_city", "city_id", "plan_on", "id", **_open("state = 'open'")),
        Index("ix_due_item_unit", "unit_id", "plan_on", "id", **_open("state = 'open'")),
        Index("ix_due_item_supervised", "city_id", "id", **_open("supervised_at IS NOT NULL")),
        Index("ix_due_item_handed_by", "handed_by", "id", **_open("handed_by IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    capability: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date] = mapped_column(Date)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    label: Mapped[str] = mapped_column(String(300))
    endpoint: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[Any] = mapped_column(JsonText, nullable=True)
    verb: Mapped[str] = mapped_column(String(20), default="")
    confirmed: Mapped[bool] = mapped_column(Boolean, default=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(Integer)
    team_id: Mapped[int | None] = mapped_column(Integer)
    liaison_id: Mapped[int | None] = mapped_column(Integer)
    organisation_id: Mapped[int | None] = mapped_column(Integer)
    town_id: Mapped[int | None] = mapped_column(Integer)
    unit_id: Mapped[int | None] = mapped_column(Integer)
    city_id: Mapped[int | None] = mapped_column(Integer)
    holder: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(8), default="open")
    plan_on: Mapped[date] = mapped_column(Date)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    spoken_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    snoozed_until: Mapped[date | None] = mapped_column(Date)
    handed_to: Mapped[str | None] = mapped_column(String(24))
    handed_by: Mapped[int | None] = mapped_column(Integer)
    supervised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def code(self) -> str:
        """Code of its rule in the pack."""
        return f"{self.capability}.{self.kind}"


class DueNote(Base):
    """Something a person did with a deadline, with his words."""

    __tablename__ = "due_note"
    __table_args__ = (
        CheckConstraint("kind IN (" + ",".join(f"'{s}'" for s in NOTE_KINDS) + ")", name="kind"),
        Index("ix_due_note_by", "by_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    due_id: Mapped[int] = mapped_column(ForeignKey("due_item.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    by_id: Mapped[int] = mapped_column(Integer)
    by_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(String(300))
    day: Mapped[date | None] = mapped_column(Date)
    holder: Mapped[str | None] = mapped_column(String(24))


class Refresh(Base):
    """The last collection of one capability. ``seen_audit_id``: the last change of the house it has seen; nothing newer, nothing to collect."""

    __tablename__ = "due_refresh"

    capability: Mapped[str] = mapped_column(String(20), primary_key=True)
    seen_audit_id: Mapped[int] = mapped_column(BigId, default=0)
    day: Mapped[date | None] = mapped_column(Date)
    rules_key: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    item_count: Mapped[int] = mapped_column(Integer, default=0)
    changed_count: Mapped[int] = mapped_column(Integer, default=0)
    milliseconds: Mapped[int] = mapped_column(Integer, default=0)
    unruled: Mapped[str | None] = mapped_column(String(300))
    error: Mapped[str | None] = mapped_column(String(200))
