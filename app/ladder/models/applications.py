"""Applications (申报): windows, the application of an enterprise in one of them, its evidence list and what happened to it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime
from app.ladder.rules.applications import ITEM_STATES, STATES


def _one_of(column: str, values: Any) -> str:
    return f"{column} IN (" + ",".join(f"'{value}'" for value in values) + ")"


class ApplicationWindow(Base):
    """One batch of applications for one title in one city. ``opens_on`` to ``closes_on``: enterprises fill in, both ends included;
    ``county_due_on`` / ``city_due_on``: last day of the county check and of the city's recommendation.

    ``calendar_code``: the yearly date of the pack the window was proposed from; ``confirmed`` False = the dates are last year's, 待核.
    """

    __tablename__ = "application_window"
    __table_args__ = (
        CheckConstraint("kind IN ('new','review')", name="kind"),
        CheckConstraint("opens_on <= closes_on", name="opens_before_it_closes"),
        UniqueConstraint("city_id", "title_code", "level", "kind", "batch_year", "batch"),
        Index("ix_application_window_closes", "city_id", "closes_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    title_code: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(12), default="")
    kind: Mapped[str] = mapped_column(String(8), default="new")
    batch_year: Mapped[int] = mapped_column(Integer)
    batch: Mapped[str] = mapped_column(String(40), default="")
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)
    county_due_on: Mapped[date | None] = mapped_column(Date)
    city_due_on: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str | None] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(String(200))
    calendar_code: Mapped[str | None] = mapped_column(String(60))
    confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)


class Application(Base):
    """One enterprise in one window. ``state`` changes only by ``actions.applications.move`` (conditional on ``version``).

    ``rule``: the criteria version the evidence list was made from; ``snapshot_id``: what the rules said when it was put in, kept unchanged;
    ``reason`` / ``decided_on``: of the last step. ``recognition_id``: what the grant recorded.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint(_one_of("state", STATES), name="state"),
        UniqueConstraint("window_id", "enterprise_id"),
        Index("ix_application_window_state", "window_id", "state", "id"),
        Index("ix_application_enterprise", "enterprise_id"),
        Index("ix_application_state", "state", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("application_window.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    state: Mapped[str] = mapped_column(String(20), default="preparing")
    rule: Mapped[str | None] = mapped_column(String(60))
    verdict: Mapped[str | None] = mapped_column(String(20))
    snapshot_id: Mapped[int | None] = mapped_column(ForeignKey("diagnosis_snapshot.id"))
    diagnosed_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(String(200))
    decided_on: Mapped[date | None] = mapped_column(Date)
    recognition_id: Mapped[int | None] = mapped_column(ForeignKey("recognition.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApplicationItem(Base):
    """One piece of evidence of an application: ``key`` is the id of the condition it proves (or ``m:<material>`` for one asked for anyway)."""

    __tablename__ = "application_item"
    __table_args__ = (CheckConstraint(_one_of("state", ITEM_STATES), name="state"), UniqueConstraint("application_id", "key"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(Integer)
    label: Mapped[str] = mapped_column(String(200))
    clause: Mapped[str | None] = mapped_column(String(200))
    choice: Mapped[str | None] = mapped_column(String(80))
    material: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(12), default="missing")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    note: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(Integer)


class ApplicationEvent(Base):
    """One step of an application, append only: from which state to which, in whose name, why, on which business date."""

    __tablename__ = "application_event"
    __table_args__ = (CheckConstraint(_one_of("to_state", STATES), name="to_state"), Index("ix_application_event", "application_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(200))
    on_day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(Integer)
    by_name: Mapped[str] = mapped_column(String(80))
