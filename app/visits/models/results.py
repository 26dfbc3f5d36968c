"""The results database (千企服务成果数据库, 004 四(四)): how an enterprise stood when service began and every year since; needs of finance."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime, Yuan
from app.visits.models.visit import one_of, where
from app.visits.rules.finance import KINDS as FINANCE_KINDS
from app.visits.rules.finance import STATES as FINANCE_STATES
from app.visits.rules.results import SNAPSHOT_KINDS


class ServiceSnapshot(Base):
    """Figures of an enterprise as they were known when they were taken: once at entry, then for every year. A later taking supersedes, nothing is lost.

    ``year``: the data year of the figures; ``entered_on``: first day a team served it (baseline only).
    """

    __tablename__ = "service_snapshot"
    __table_args__ = (
        CheckConstraint(one_of("kind", SNAPSHOT_KINDS), name="kind"),
        Index("uq_service_snapshot_current", "enterprise_id", "kind", "year", unique=True, **where("superseded_at IS NULL AND kind = 'yearly'")),
        Index("uq_service_snapshot_baseline", "enterprise_id", unique=True, **where("superseded_at IS NULL AND kind = 'baseline'")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    year: Mapped[int] = mapped_column(Integer)
    entered_on: Mapped[date | None] = mapped_column(Date)
    revenue_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    tax_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    rd_expense_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    employee_count: Mapped[int | None] = mapped_column(Integer)
    digital_grade: Mapped[int | None] = mapped_column(Integer)
    titles: Mapped[str] = mapped_column(String(300), default=",")
    rung: Mapped[str | None] = mapped_column(String(40))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_by: Mapped[int | None] = mapped_column(Integer)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FinanceNeed(Base):
    """A need of finance heard at an enterprise and followed until it is met or given up (004 三(四))."""

    __tablename__ = "finance_need"
    __table_args__ = (
        CheckConstraint(one_of("kind", FINANCE_KINDS), name="kind"),
        CheckConstraint(one_of("state", FINANCE_STATES), name="state"),
        Index("ix_finance_need_state", "state", "id"),
        Index("ix_finance_need_enterprise", "enterprise_id", "id"),
        Index("ix_finance_need_next", "next_on", "id", **where("next_on IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    kind: Mapped[str] = mapped_column(String(12))
    purpose: Mapped[str] = mapped_column(String(200))
    amount_yuan: Mapped[Decimal] = mapped_column(Yuan())
    months: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12), default="open")
    bank: Mapped[str | None] = mapped_column(String(120))
    granted_yuan: Mapped[Decimal | None] = mapped_column(Yuan())
    result: Mapped[str | None] = mapped_column(String(200))
    next_on: Mapped[date | None] = mapped_column(Date)
    raised_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)
