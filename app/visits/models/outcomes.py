"""What a visit leaves: findings, measures, promises. Each stands on its own until it is settled; ``enterprise_id`` saves a join on every list."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime
from app.visits.models.visit import one_of, where
from app.visits.rules.promises import FINDING_STATES, MEASURE_STATES, PROMISE_STATES
from app.visits.rules.visit import FINDING_KINDS, SEVERITIES


class Finding(Base):
    """A problem seen at an enterprise: how bad, of which kind, where in the chain, which support action and domain would help."""

    __tablename__ = "visit_finding"
    __table_args__ = (
        CheckConstraint(one_of("severity", SEVERITIES), name="severity"),
        CheckConstraint("kind IS NULL OR " + one_of("kind", FINDING_KINDS), name="kind"),
        CheckConstraint(one_of("state", FINDING_STATES), name="state"),
        Index("ix_visit_finding_visit", "visit_id"),
        Index("ix_visit_finding_enterprise", "enterprise_id", "state"),
        Index("ix_visit_finding_open", "severity", "id", **where("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    severity: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str | None] = mapped_column(String(12))
    stage_code: Mapped[str | None] = mapped_column(String(60))
    action_code: Mapped[str | None] = mapped_column(String(60))
    domain_code: Mapped[str | None] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(8), default="open")
    settled_on: Mapped[date | None] = mapped_column(Date)
    settled_note: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Measure(Base):
    """What shall be done about a finding (or without one), who does it, until when, what came of it."""

    __tablename__ = "visit_measure"
    __table_args__ = (
        CheckConstraint(one_of("state", MEASURE_STATES), name="state"),
        Index("ix_visit_measure_visit", "visit_id"),
        Index("ix_visit_measure_enterprise", "enterprise_id", "state"),
        Index("ix_visit_measure_finding", "finding_id", **where("finding_id IS NOT NULL")),
        Index("ix_visit_measure_due", "due_on", "id", **where("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("visit_finding.id"))
    text: Mapped[str] = mapped_column(String(500))
    owner: Mapped[str | None] = mapped_column(String(60))
    due_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8), default="open")
    settled_on: Mapped[date | None] = mapped_column(Date)
    settled_note: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Promise(Base):
    """What was promised to the enterprise: owner, day, to whom; kept with evidence, or honestly explained as not to be kept."""

    __tablename__ = "visit_promise"
    __table_args__ = (
        CheckConstraint(one_of("state", PROMISE_STATES), name="state"),
        CheckConstraint("state = 'open' OR settled_note IS NOT NULL", name="evidence"),
        Index("ix_visit_promise_visit", "visit_id"),
        Index("ix_visit_promise_enterprise", "enterprise_id", "state"),
        Index("ix_visit_promise_due", "due_on", "id", **where("state = 'open'")),
        Index("ix_visit_promise_team", "team_id", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    team_id: Mapped[int | None] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(String(500))
    owner: Mapped[str | None] = mapped_column(String(60))
    owner_user_id: Mapped[int | None] = mapped_column(Integer)
    to_whom: Mapped[str | None] = mapped_column(String(60))
    due_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8), default="open")
    settled_on: Mapped[date | None] = mapped_column(Date)
    settled_note: Mapped[str | None] = mapped_column(String(300))
    informed_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)
