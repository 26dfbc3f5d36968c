"""Requests of enterprises, appointments with the people who come, and the ledger of disturbance."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime
from app.visits.models.visit import one_of, where
from app.visits.rules.booking import APPOINTMENT_STATES, BASES, REQUEST_STATES, SOURCES
from app.visits.rules.disturbance import KINDS
from app.visits.rules.visit import MODES


class ServiceRequest(Base):
    """An enterprise asks for help (有求必应). ``due_at``: the answer (accepted or refused) is due, in working time; ``team_id``: whose desk it is on."""

    __tablename__ = "service_request"
    __table_args__ = (
        CheckConstraint(one_of("state", REQUEST_STATES), name="state"),
        CheckConstraint(one_of("source", SOURCES), name="source"),
        Index("ix_service_request_enterprise", "enterprise_id", "id"),
        Index("ix_service_request_state", "state", "id"),
        Index("ix_service_request_team", "team_id", "state", "id"),
        Index("ix_service_request_asked", "asked_at", "id"),
        Index("ix_service_request_waiting", "due_at", **where("state = 'new'")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    source: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12), default="new")
    text: Mapped[str] = mapped_column(String(500))
    domain_code: Mapped[str | None] = mapped_column(String(60))
    action_code: Mapped[str | None] = mapped_column(String(60))
    wished_on: Mapped[date | None] = mapped_column(Date)
    contact_name: Mapped[str | None] = mapped_column(String(60))
    team_id: Mapped[int | None] = mapped_column(Integer)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(200))
    created_by: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Appointment(Base):
    """A visit that is planned: with which basis, when, by whom. ``starts`` / ``ends``: ``HH:MM``, None = the whole day.

    ``over_cap`` / ``quiet``: why it needed an approval; ``approval_reason`` the planner's reason, ``approved_by`` who let it pass.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint(one_of("state", APPOINTMENT_STATES), name="state"),
        CheckConstraint(one_of("basis", BASES), name="basis"),
        CheckConstraint(one_of("mode", MODES), name="mode"),
        Index("ix_appointment_planned", "planned_on", "id"),
        Index("ix_appointment_team", "team_id", "planned_on"),
        Index("ix_appointment_enterprise", "enterprise_id", "planned_on"),
        Index("ix_appointment_request", "request_id"),
        Index("ix_appointment_project", "project_id"),
        Index("ix_appointment_over", "planned_on", **where("over_cap")),
        Index(
            "ix_appointment_open", "planned_on", "team_id", **where("state IN ('awaiting','proposed','confirmed')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("service_request.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("service_project.id"))
    basis: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="proposed")
    team_id: Mapped[int | None] = mapped_column(Integer)
    planned_on: Mapped[date] = mapped_column(Date)
    starts: Mapped[str | None] = mapped_column(String(5))
    ends: Mapped[str | None] = mapped_column(String(5))
    mode: Mapped[str] = mapped_column(String(10), default="on_site")
    purpose: Mapped[str] = mapped_column(String(200))
    contact_name: Mapped[str | None] = mapped_column(String(60))
    over_cap: Mapped[bool] = mapped_column(Boolean, default=False)
    quiet: Mapped[bool] = mapped_column(Boolean, default=False)
    approval_reason: Mapped[str | None] = mapped_column(String(200))
    approved_by: Mapped[int | None] = mapped_column(Integer)
    approved_name: Mapped[str | None] = mapped_column(String(80))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_how: Mapped[str | None] = mapped_column(String(8))
    asked_change: Mapped[str | None] = mapped_column(String(200))
    visited_on: Mapped[date | None] = mapped_column(Date)
    closed_reason: Mapped[str | None] = mapped_column(String(200))
    planned_by: Mapped[int | None] = mapped_column(Integer)
    planned_name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class AppointmentPerson(Base):
    """Who comes, with the team he belonged to when it was planned. ``user_id`` None: somebody without an account."""

    __tablename__ = "appointment_person"
    __table_args__ = (UniqueConstraint("appointment_id", "user_id"), Index("ix_appointment_person_user", "user_id", "appointment_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    user_id: Mapped[int | None] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(60))
    team_id: Mapped[int | None] = mapped_column(Integer)


class AppointmentTeam(Base):
    """Another team that comes along (拼团走访): one visit, one disturbance."""

    __tablename__ = "appointment_team"
    __table_args__ = (UniqueConstraint("appointment_id", "team_id"), Index("ix_appointment_team_team", "team_id", "appointment_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    team_id: Mapped[int] = mapped_column(Integer)
    purpose: Mapped[str | None] = mapped_column(String(200))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    joined_by: Mapped[int | None] = mapped_column(Integer)


class Disturbance(Base):
    """One contact an enterprise had to make time for. ``points`` 0 = invited. ``source`` / ``source_id``: the record it comes from
    (appointment, visit, or none for one entered by hand); a contact that did not take place is voided, never deleted."""

    __tablename__ = "disturbance"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        UniqueConstraint("source", "source_id"),
        Index("ix_disturbance_enterprise", "enterprise_id", "on_day"),
        Index("ix_disturbance_day", "on_day", "id"),
        Index("ix_disturbance_over", "on_day", **where("over_cap")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    on_day: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(8))
    points: Mapped[int] = mapped_column(Integer)
    invited: Mapped[bool] = mapped_column(Boolean)
    over_cap: Mapped[bool] = mapped_column(Boolean, default=False)
    team_id: Mapped[int | None] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(12))
    source_id: Mapped[int | None] = mapped_column(BigId)
    note: Mapped[str | None] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    recorded_name: Mapped[str] = mapped_column(String(80))
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
