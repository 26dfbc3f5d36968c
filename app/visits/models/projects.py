"""Service projects: a bundle of visits, a plan and results of one provider or team for one enterprise (004 四(二))."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, ExactDecimal, UtcDateTime
from app.visits.models.visit import one_of
from app.visits.rules.projects import KINDS, STATES


class ServiceProject(Base):
    """``team_id`` (organisation) or ``provider_id`` (services alliance) carries it. Visits name it by ``project_id``; results are its ``ProjectResult`` rows.

    ``accepted_on`` is what the yearly score goes by; the opinion of the enterprise is kept with the acceptance.
    """

    __tablename__ = "service_project"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("team_id IS NOT NULL OR provider_id IS NOT NULL", name="has_a_carrier"),
        Index("ix_service_project_enterprise", "enterprise_id", "id"),
        Index("ix_service_project_team", "team_id", "state", "id"),
        Index("ix_service_project_provider", "provider_id", "state", "id"),
        Index("ix_service_project_state", "state", "id"),
        Index("ix_service_project_accepted", "accepted_on", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    team_id: Mapped[int | None] = mapped_column(Integer)
    provider_id: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(12), default="service")
    title: Mapped[str] = mapped_column(String(120))
    goal: Mapped[str] = mapped_column(String(500))
    domain_code: Mapped[str | None] = mapped_column(String(60))
    action_code: Mapped[str | None] = mapped_column(String(60))
    lead_name: Mapped[str | None] = mapped_column(String(60))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12), default="draft")
    summary: Mapped[str | None] = mapped_column(String(1000))
    delivered_on: Mapped[date | None] = mapped_column(Date)
    delivered_by: Mapped[int | None] = mapped_column(Integer)
    accepted_on: Mapped[date | None] = mapped_column(Date)
    accepted_by: Mapped[int | None] = mapped_column(Integer)
    accepted_name: Mapped[str | None] = mapped_column(String(80))
    opinion: Mapped[str | None] = mapped_column(String(500))
    reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)


class ProjectResult(Base):
    """One figure of a project before and after, with its evidence."""

    __tablename__ = "project_result"
    __table_args__ = (Index("ix_project_result_project", "project_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("service_project.id"))
    label: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str | None] = mapped_column(String(20))
    before: Mapped[Decimal | None] = mapped_column(ExactDecimal(4))
    after: Mapped[Decimal | None] = mapped_column(ExactDecimal(4))
    evidence: Mapped[str | None] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
