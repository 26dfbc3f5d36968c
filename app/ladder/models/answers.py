"""Answers: facts and human judgements the enterprise base has no column for, with evidence, as versions that are superseded."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, ExactDecimal, UtcDateTime

FACT, JUDGEMENT = "fact", "judgement"
KINDS = {FACT: "数据项", JUDGEMENT: "人工核验"}
NO_YEAR = 0


class EnterpriseAnswer(Base):
    """One version of one answer. Identity: enterprise + kind + rule + subject + year; ``superseded_at`` None = what we know now.

    Fact: ``subject`` is a name of `app.packs.vocabulary` (or one the pack declares), ``rule`` empty, ``year`` 0 for what holds on the day.
    Judgement: ``rule`` is the code of the rule version, ``subject`` the id of its condition or score row. ``number`` holds numbers (money in 元),
    flags (1 / 0) and points; ``word`` choices, codes, days and judgements (met / unmet). ``valid_from`` / ``valid_to``: the days it holds on,
    both included, None = no limit (an award "in the last three years" runs out).
    """

    __tablename__ = "enterprise_answer"
    __table_args__ = (
        CheckConstraint("kind IN ('fact','judgement')", name="kind"),
        CheckConstraint("source IN ('department','platform','enterprise','visit')", name="source"),
        CheckConstraint("(number IS NULL) <> (word IS NULL)", name="one_value"),
        Index("ix_enterprise_answer_enterprise", "enterprise_id", "subject"),
        Index("ix_enterprise_answer_subject", "kind", "subject", "rule", "year"),
        Index(
            "uq_enterprise_answer_current", "enterprise_id", "kind", "rule", "subject", "year", unique=True,
            sqlite_where=text("superseded_at IS NULL"), postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    kind: Mapped[str] = mapped_column(String(12), default=FACT)
    rule: Mapped[str] = mapped_column(String(60), default="")
    subject: Mapped[str] = mapped_column(String(60))
    year: Mapped[int] = mapped_column(Integer, default=NO_YEAR)
    number: Mapped[Decimal | None] = mapped_column(ExactDecimal(4))
    word: Mapped[str | None] = mapped_column(String(40))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(12), default="department")
    evidence: Mapped[str | None] = mapped_column(String(200))
    reported_on: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
