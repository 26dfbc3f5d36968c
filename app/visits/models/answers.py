"""The enterprise's own word about a visit: a one-time link (only the hash of its token is kept) and the answer given through it."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime, Yuan
from app.visits.models.visit import one_of, where
from app.visits.rules.visit import MODES

VERDICTS = {"confirmed": "属实", "differs": "有出入", "denied": "没有这次走访"}
CHARGE_STATES = {"open": "待核查", "settled": "已核查"}
CALLBACKS = {"true": "属实", "differs": "有出入", "false": "没有这次走访", "unreached": "没有联系上"}


class VisitLink(Base):
    """A link that lets whoever holds it answer once, until ``expires_at``. A newer link takes the older one's place."""

    __tablename__ = "visit_link"
    __table_args__ = (Index("ix_visit_link_visit", "visit_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VisitAnswer(Base):
    """What the enterprise said, once a visit. Rating and comment never reach the visiting team singly; a reported charge goes to the bureau."""

    __tablename__ = "visit_answer"
    __table_args__ = (
        CheckConstraint(one_of("verdict", VERDICTS), name="verdict"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating"),
        CheckConstraint("said_mode IS NULL OR " + one_of("said_mode", MODES), name="said_mode"),
        CheckConstraint("charge_state IS NULL OR " + one_of("charge_state", CHARGE_STATES), name="charge_state"),
        Index("ix_visit_answer_enterprise", "enterprise_id"),
        Index("ix_visit_answer_team", "team_id", "answered_on", **where("rating IS NOT NULL")),
        Index("ix_visit_answer_charge", "charge_state", "id", **where("charge_state IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), unique=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("visit_link.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    team_id: Mapped[int | None] = mapped_column(Integer)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_on: Mapped[date] = mapped_column(Date)
    answered_by: Mapped[int | None] = mapped_column(Integer)
    verdict: Mapped[str] = mapped_column(String(10))
    said_on: Mapped[date | None] = mapped_column(Date)
    said_mode: Mapped[str | None] = mapped_column(String(10))
    rating: Mapped[int | None] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(String(500))
    charge_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    charge_text: Mapped[str | None] = mapped_column(String(500))
    charge_state: Mapped[str | None] = mapped_column(String(10))
    charge_note: Mapped[str | None] = mapped_column(String(300))


class VisitCallback(Base):
    """A call to the enterprise about a drawn visit: what it said. One a visit."""

    __tablename__ = "visit_callback"
    __table_args__ = (CheckConstraint(one_of("result", CALLBACKS), name="result"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), unique=True)
    result: Mapped[str] = mapped_column(String(12))
    note: Mapped[str | None] = mapped_column(String(300))
    called_on: Mapped[date] = mapped_column(Date)
    called_by: Mapped[int | None] = mapped_column(Integer)
    called_name: Mapped[str] = mapped_column(String(80))
