"""Stored verdicts of today: what every rule in force says about every enterprise, packed; who meets a rule or lacks one condition only."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime

READY, STALE, BUILDING = "ready", "stale", "building"


class EnterpriseVerdict(Base):
    """The packed answers of one enterprise; `app.ladder.criteria.mass.plan` says what stands in which bits. Derived data: never edited."""

    __tablename__ = "enterprise_verdict"

    enterprise_id: Mapped[int] = mapped_column(BigId, ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    verdict: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger)
    open_0: Mapped[int] = mapped_column(BigInteger)
    open_1: Mapped[int] = mapped_column(BigInteger)
    lacking_0: Mapped[int] = mapped_column(BigInteger)
    lacking_1: Mapped[int] = mapped_column(BigInteger)
    lacking_2: Mapped[int] = mapped_column(BigInteger)
    mask_0: Mapped[int] = mapped_column(BigInteger)
    mask_1: Mapped[int] = mapped_column(BigInteger)
    mask_2: Mapped[int] = mapped_column(BigInteger)
    mask_3: Mapped[int] = mapped_column(BigInteger)
    mask_4: Mapped[int] = mapped_column(BigInteger)
    mask_5: Mapped[int] = mapped_column(BigInteger)
    mask_6: Mapped[int] = mapped_column(BigInteger)
    mask_7: Mapped[int] = mapped_column(BigInteger)
    mask_8: Mapped[int] = mapped_column(BigInteger)
    mask_9: Mapped[int] = mapped_column(BigInteger)
    mask_10: Mapped[int] = mapped_column(BigInteger)
    mask_11: Mapped[int] = mapped_column(BigInteger)
    mask_12: Mapped[int] = mapped_column(BigInteger)
    mask_13: Mapped[int] = mapped_column(BigInteger)
    score_0: Mapped[int] = mapped_column(BigInteger)
    score_1: Mapped[int] = mapped_column(BigInteger)
    score_2: Mapped[int] = mapped_column(BigInteger)
    score_3: Mapped[int] = mapped_column(BigInteger)


class VerdictCandidate(Base):
    """An enterprise that meets everything a machine can check of a title (``open_count`` 0), or all but one condition (1): ``lacking`` is the
    place of that condition in the plan. ``review``: it holds the title and is asked at its review."""

    __tablename__ = "verdict_candidate"
    __table_args__ = (
        CheckConstraint("open_count IN (0, 1)", name="open_count"),
        Index("ix_verdict_candidate_title", "title", "open_count", "review", "lacking", "enterprise_id"),
    )

    enterprise_id: Mapped[int] = mapped_column(BigId, ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(40), primary_key=True)
    open_count: Mapped[int] = mapped_column(SmallInteger)
    review: Mapped[int] = mapped_column(SmallInteger, default=0)
    lacking: Mapped[int] = mapped_column(SmallInteger, default=0)


class VerdictState(Base):
    """What the stored verdicts of one city stand for: the day, what was asked (hash of versions and year), and whether they are whole.

    ``ready``: all rows say this; ``stale``: something changed that was not followed (``reason``); ``building``: a run is under way, or was cut off.
    ``run``: number of the run that wrote last, so that a run cut off and taken up again does not trust another's rows.
    """

    __tablename__ = "verdict_state"
    __table_args__ = (CheckConstraint("status IN ('ready','stale','building')", name="status"),)

    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(String(8), default=STALE)
    day: Mapped[date] = mapped_column(Date)
    definition: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(120))
    run: Mapped[int] = mapped_column(Integer, default=0)
    enterprise_count: Mapped[int] = mapped_column(Integer, default=0)
    computed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
