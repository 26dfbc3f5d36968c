"""What belongs to a demand: departments with their own state, history, clocks, pauses, extensions, papers."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.demands.models.demand import one_of
from app.demands.rules.states import EVENTS, EXTENSION_STATES, PART_STATES, ROLES, STEPS
from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime

ACTIVE = ("sent", "handling", "done")
"""States of a department's share in which the demand is its own matter."""
_ACTIVE = one_of("state", ACTIVE)


class DemandPart(Base):
    """A department's share: the leading one or an assisting one, each with its own state. Sent back or passed on (not ``ACTIVE``): kept as history
    and seen by that department no longer. ``ask``: what is wanted of it; ``opinion``: what it says."""

    __tablename__ = "demand_part"
    __table_args__ = (
        CheckConstraint(one_of("role", ROLES), name="role"),
        CheckConstraint(one_of("state", PART_STATES), name="state"),
        Index("ix_demand_part_organisation", "organisation_id", "state", "demand_id"),
        Index("ix_demand_part_demand", "demand_id", "id"),
        Index("uq_demand_part_active", "demand_id", "organisation_id", unique=True, sqlite_where=text(_ACTIVE), postgresql_where=text(_ACTIVE)),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10), default="sent")
    ask: Mapped[str | None] = mapped_column(String(500))
    opinion: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handler_name: Mapped[str | None] = mapped_column(String(80))


class DemandEvent(Base):
    """One line of the history, append only. ``version``: of the demand after it; ``organisation_id``: the department it concerns."""

    __tablename__ = "demand_event"
    __table_args__ = (CheckConstraint(one_of("kind", EVENTS), name="kind"), Index("ix_demand_event_demand", "demand_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str | None] = mapped_column(Text)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(Integer)
    by_name: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer)


class DemandClock(Base):
    """One clock of one round. ``due_at`` moves with pauses and extensions, ``first_due_at`` never; ``met_at``: when the step was taken.
    ``document`` / ``confirmed``: where the limit comes from."""

    __tablename__ = "demand_clock"
    __table_args__ = (CheckConstraint(one_of("step", STEPS), name="step"), Index("uq_demand_clock", "demand_id", "round", "step", unique=True))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"))
    round: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    yellow_at: Mapped[datetime] = mapped_column(UtcDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    limit_words: Mapped[str] = mapped_column(String(30))
    document: Mapped[str] = mapped_column(String(60))
    confirmed: Mapped[bool] = mapped_column(Boolean)


class DemandPause(Base):
    """A time in which the clocks stood still, and why. ``until_at``: when it ends by itself at the latest."""

    __tablename__ = "demand_pause"
    __table_args__ = (Index("ix_demand_pause_demand", "demand_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"))
    round: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(500))
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)
    to_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DemandExtension(Base):
    """Asked for with a reason, decided by who dispatches."""

    __tablename__ = "demand_extension"
    __table_args__ = (
        CheckConstraint(one_of("state", EXTENSION_STATES), name="state"), Index("ix_demand_extension_demand", "demand_id", "id"),
        Index("uq_demand_extension_asked", "demand_id", unique=True, sqlite_where=text("state = 'asked'"), postgresql_where=text("state = 'asked'")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"))
    round: Mapped[int] = mapped_column(Integer)
    workdays: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10), default="asked")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_name: Mapped[str] = mapped_column(String(80))
    old_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    new_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_name: Mapped[str | None] = mapped_column(String(80))
    decision: Mapped[str | None] = mapped_column(String(500))


class DemandFile(Base):
    """A paper of a demand. ``told``: the enterprise sees it, too."""

    __tablename__ = "demand_file"
    __table_args__ = (Index("ix_demand_file_demand", "demand_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    told: Mapped[bool] = mapped_column(Boolean, default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_name: Mapped[str] = mapped_column(String(80))
