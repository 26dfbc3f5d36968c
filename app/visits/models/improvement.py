"""Diagnosis of an enterprise, the improvement plan that follows, and the records of management help behind 百千万 (004 三(六))."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime
from app.visits.models.visit import one_of, where
from app.visits.rules.improvement import ANSWERS, CONSULT_KINDS, DIAGNOSIS_STATES, ITEM_STATES, KINDS
from app.visits.rules.projects import STATES as PLAN_STATES
from app.visits.rules.visit import FINDING_KINDS


class ServiceDiagnosis(Base):
    """One diagnosis. ``edition`` counts those of one kind of an enterprise; a finished one is never changed: the next edition follows it.

    ``template_code`` and ``pack_hash``: which rows of which pack it went through.
    """

    __tablename__ = "service_diagnosis"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("state", DIAGNOSIS_STATES), name="state"),
        UniqueConstraint("enterprise_id", "kind", "edition"),
        Index("ix_service_diagnosis_list", "state", "id"),
        Index("ix_service_diagnosis_finished", "kind", "enterprise_id", **where("state = 'finished'")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    kind: Mapped[str] = mapped_column(String(8))
    edition: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12), default="draft")
    template_code: Mapped[str] = mapped_column(String(60))
    template_label: Mapped[str] = mapped_column(String(120))
    pack_hash: Mapped[str] = mapped_column(String(64))
    team_id: Mapped[int | None] = mapped_column(Integer)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("service_project.id"))
    done_on: Mapped[date] = mapped_column(Date)
    experts: Mapped[str | None] = mapped_column(String(200))
    situation: Mapped[str | None] = mapped_column(String(1000))
    conclusion: Mapped[str | None] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    created_name: Mapped[str] = mapped_column(String(80))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class DiagnosisItem(Base):
    """One row: what was looked at, how it is, what to do about it. ``answer`` None = not looked at yet."""

    __tablename__ = "diagnosis_item"
    __table_args__ = (
        CheckConstraint("answer IS NULL OR " + one_of("answer", ANSWERS), name="answer"),
        CheckConstraint("kind IS NULL OR " + one_of("kind", FINDING_KINDS), name="kind"),
        UniqueConstraint("diagnosis_id", "code"),
        Index("ix_diagnosis_item_found", "answer", "diagnosis_id", **where("answer IN ('yellow','red')")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    diagnosis_id: Mapped[int] = mapped_column(ForeignKey("service_diagnosis.id"))
    position: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(200))
    stage_code: Mapped[str | None] = mapped_column(String(60))
    action_code: Mapped[str | None] = mapped_column(String(60))
    answer: Mapped[str | None] = mapped_column(String(8))
    kind: Mapped[str | None] = mapped_column(String(12))
    text: Mapped[str | None] = mapped_column(String(500))
    measure: Mapped[str | None] = mapped_column(String(500))


class ImprovementPlan(Base):
    """管理提升方案: the sheet 查问题 找差距 添措施 补短板 of one enterprise, carried out and accepted like a project."""

    __tablename__ = "improvement_plan"
    __table_args__ = (
        CheckConstraint(one_of("state", PLAN_STATES), name="state"),
        Index("ix_improvement_plan_enterprise", "enterprise_id", "id"),
        Index("ix_improvement_plan_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    diagnosis_id: Mapped[int | None] = mapped_column(ForeignKey("service_diagnosis.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("service_project.id"))
    team_id: Mapped[int | None] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(120))
    benchmark: Mapped[str | None] = mapped_column(String(200))
    owner: Mapped[str | None] = mapped_column(String(60))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12), default="draft")
    delivered_by: Mapped[int | None] = mapped_column(Integer)
    accepted_on: Mapped[date | None] = mapped_column(Date)
    accepted_name: Mapped[str | None] = mapped_column(String(80))
    opinion: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)


class PlanItem(Base):
    """One line of the sheet and its milestone: problem, gap to the benchmark, measure, what it shall make good; owner and day."""

    __tablename__ = "plan_item"
    __table_args__ = (
        CheckConstraint(one_of("state", ITEM_STATES), name="state"),
        Index("ix_plan_item_plan", "plan_id", "position"),
        Index("ix_plan_item_due", "due_on", "id", **where("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("improvement_plan.id"))
    position: Mapped[int] = mapped_column(Integer)
    problem: Mapped[str] = mapped_column(String(500))
    gap: Mapped[str | None] = mapped_column(String(500))
    measure: Mapped[str | None] = mapped_column(String(500))
    target: Mapped[str | None] = mapped_column(String(500))
    stage_code: Mapped[str | None] = mapped_column(String(60))
    owner: Mapped[str | None] = mapped_column(String(60))
    due_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8), default="open")
    done_on: Mapped[date | None] = mapped_column(Date)
    evidence: Mapped[str | None] = mapped_column(String(200))


class ConsultRecord(Base):
    """Management help by a platform, a provider or a team: one consulting or one training of one enterprise (百千万 counts distinct enterprises)."""

    __tablename__ = "consult_record"
    __table_args__ = (
        CheckConstraint(one_of("kind", CONSULT_KINDS), name="kind"),
        UniqueConstraint("enterprise_id", "kind", "held_on", "topic"),
        Index("ix_consult_record_kind", "kind", "enterprise_id"),
        Index("ix_consult_record_day", "held_on", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    kind: Mapped[str] = mapped_column(String(8))
    held_on: Mapped[date] = mapped_column(Date)
    topic: Mapped[str] = mapped_column(String(120))
    platform: Mapped[str] = mapped_column(String(120))
    provider_id: Mapped[int | None] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    recorded_name: Mapped[str] = mapped_column(String(80))
