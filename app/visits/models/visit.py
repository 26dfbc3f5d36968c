"""The visit: one meeting with one enterprise, whoever took part; its people, topics and photos; every later change with its reason."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, ExactDecimal, JsonText, UtcDateTime
from app.visits.rules.visit import BASES, MODES, SIDES, STATES, TOPICS

CONFIRM_STATES = {"open": "待企业确认", "confirmed": "企业已确认", "differs": "企业有更正", "denied": "企业称没有这次走访"}
REVIEW_STATES = {"open": "待审核", "passed": "已审核", "returned": "请补充"}


def one_of(column: str, values: Any) -> str:
    """CHECK text: the column holds one of the codes."""
    return f"{column} IN (" + ",".join(f"'{value}'" for value in values) + ")"


def where(condition: str) -> dict[str, Any]:
    """Arguments of a partial index."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Visit(Base):
    """One meeting. ``team_id`` (an organisation) is the team at that time and stays when people move.

    A draft keeps everything it says in ``draft`` until it is complete: people, findings and promises of drafts stand in no list.
    ``client_key`` is given by the device that sent it: the same key of the same user is the same visit, ``content_hash`` tells whether it is
    also the same text. ``logged_at``: when it became complete (the time without reasons runs from there). ``confirm_state`` is the enterprise's
    word, ``review_state`` the team leader's. ``version`` counts changes: the second of two people is told.
    """

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("mode", MODES), name="mode"),
        CheckConstraint("basis IS NULL OR " + one_of("basis", BASES), name="basis"),
        CheckConstraint(one_of("confirm_state", CONFIRM_STATES), name="confirm_state"),
        CheckConstraint(one_of("review_state", REVIEW_STATES), name="review_state"),
        CheckConstraint("state = 'draft' OR visited_on IS NOT NULL", name="dated"),
        UniqueConstraint("created_by", "client_key"),
        Index("ix_visit_enterprise", "enterprise_id", "visited_on"),
        Index("ix_visit_day", "visited_on", "id"),
        Index("ix_visit_team", "team_id", "visited_on"),
        Index("ix_visit_author", "created_by", "state", "id"),
        Index("ix_visit_unconfirmed", "logged_at", **where("state = 'complete' AND confirm_state = 'open'")),
        Index("ix_visit_contact", "next_contact_on", **where("state = 'complete' AND next_contact_on IS NOT NULL")),
        Index("ix_visit_position", "enterprise_id", "id", **where("latitude IS NOT NULL")),
        Index("ix_visit_appointment", "appointment_id", **where("appointment_id IS NOT NULL")),
        Index("ix_visit_project", "project_id", **where("project_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    team_id: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    visited_on: Mapped[date | None] = mapped_column(Date)
    mode: Mapped[str] = mapped_column(String(10), default="on_site")
    basis: Mapped[str | None] = mapped_column(String(12))
    appointment_id: Mapped[int | None] = mapped_column(Integer)
    project_id: Mapped[int | None] = mapped_column(Integer)
    summary: Mapped[str] = mapped_column(Text, default="")
    internal_note: Mapped[str | None] = mapped_column(Text)
    feedback_given: Mapped[bool | None] = mapped_column(Boolean)
    feedback: Mapped[str | None] = mapped_column(String(500))
    next_contact_on: Mapped[date | None] = mapped_column(Date)
    next_contact_why: Mapped[str | None] = mapped_column(String(200))
    latitude: Mapped[Decimal | None] = mapped_column(ExactDecimal(6))
    longitude: Mapped[Decimal | None] = mapped_column(ExactDecimal(6))
    accuracy_m: Mapped[int | None] = mapped_column(Integer)
    device_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    via: Mapped[str] = mapped_column(String(16), default="web")
    client_key: Mapped[str | None] = mapped_column(String(80))
    content_hash: Mapped[str | None] = mapped_column(String(64))
    confirm_state: Mapped[str] = mapped_column(String(10), default="open")
    review_state: Mapped[str] = mapped_column(String(10), default="open")
    review_note: Mapped[str | None] = mapped_column(String(300))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_name: Mapped[str | None] = mapped_column(String(80))
    draft: Mapped[Any] = mapped_column(JsonText, nullable=True)
    void_reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    created_name: Mapped[str] = mapped_column(String(80))
    logged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class VisitPerson(Base):
    """Somebody who was there. ``team_id``: the team he served in that day."""

    __tablename__ = "visit_person"
    __table_args__ = (
        CheckConstraint(one_of("side", SIDES), name="side"),
        Index("ix_visit_person_visit", "visit_id"),
        Index("ix_visit_person_user", "user_id", "visit_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    side: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(60))
    title: Mapped[str | None] = mapped_column(String(60))
    user_id: Mapped[int | None] = mapped_column(Integer)
    team_id: Mapped[int | None] = mapped_column(Integer)


class VisitTopic(Base):
    """What a visit was about: support action, stage of the chain, area of help or service domain, by its code in the pack."""

    __tablename__ = "visit_topic"
    __table_args__ = (
        CheckConstraint(one_of("kind", TOPICS), name="kind"),
        UniqueConstraint("visit_id", "kind", "code"),
        Index("ix_visit_topic_code", "kind", "code", "visit_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(60))


class VisitPhoto(Base):
    """A photo as it is kept: turned upright, at most 1600 pixels, without any data of the camera."""

    __tablename__ = "visit_photo"
    __table_args__ = (UniqueConstraint("visit_id", "file_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[int | None] = mapped_column(Integer)


class VisitChange(Base):
    """A correction of a complete visit, append only: what it said before, what it says now, why, in whose name."""

    __tablename__ = "visit_change"
    __table_args__ = (Index("ix_visit_change_visit", "visit_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(Integer)
    by_name: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(300))
    old: Mapped[Any] = mapped_column(JsonText, nullable=True)
    new: Mapped[Any] = mapped_column(JsonText, nullable=True)
