"""History of everything in the service: one append-only row per step."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime


class ServiceStep(Base):
    """``subject``: request, appointment, project, diagnosis, plan, finance; ``step``: code of its rules; ``team_id``: the team it went to."""

    __tablename__ = "service_step"
    __table_args__ = (Index("ix_service_step_subject", "subject", "subject_id", "id"), Index("ix_service_step_enterprise", "enterprise_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int] = mapped_column(BigId)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    step: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str | None] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(200))
    team_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(Integer)
    by_name: Mapped[str] = mapped_column(String(80))
