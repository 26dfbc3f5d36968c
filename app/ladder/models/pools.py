"""Pools: who is in which one, at which stage, since when; every step is kept. Firms near the 四上 line; look-alikes and what was said of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, ExactDecimal, JsonText, UtcDateTime, Yuan

NOMINATED, MEMBER, REFUSED, RELEASED, VOIDED = "nominated", "member", "refused", "released", "voided"
MEMBER_STATES = {NOMINATED: "提名待审", MEMBER: "在库", REFUSED: "未入库", RELEASED: "已出库", VOIDED: "已撤回"}
OPEN_STATES = (NOMINATED, MEMBER)
STEP_KINDS = {
    "nominated": "提名", "admitted": "入库", "refused": "不予入库", "stage": "调整阶段", "owner": "指定责任人", "released": "出库",
}
ORIGINS = {"person": "人工", "screening": "准四上筛查", "lookalike": "相似企业推荐", "list": "名单批量", "import": "导入"}
OPEN = "closed_on IS NULL"


def _codes(words: Any) -> str:
    return ",".join(f"'{code}'" for code in words)


class PoolMember(Base):
    """One spell of one enterprise (or town) in one pool, as it stands today; ``PoolStep`` tells how it came to this.

    A spell that is over (``closed_on``) stays; whoever comes back gets a new one. ``year``: of a pool kept by year, else 0. ``version`` counts
    steps: the second of two people is told. Never changed without a step.
    """

    __tablename__ = "pool_member"
    __table_args__ = (
        CheckConstraint(f"state IN ({_codes(MEMBER_STATES)})", name="state"),
        CheckConstraint("(enterprise_id IS NULL) <> (town_id IS NULL)", name="subject"),
        CheckConstraint("(closed_on IS NULL) = (state IN ('nominated','member'))", name="closed"),
        Index("uq_pool_member_open_enterprise", "pool_code", "enterprise_id", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("uq_pool_member_open_town", "pool_code", "town_id", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("ix_pool_member_pool", "pool_code", "state", "stage_code", "id"),
        Index("ix_pool_member_enterprise", "enterprise_id", "pool_code"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pool_code: Mapped[str] = mapped_column(String(60))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    town_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    year: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(String(12))
    stage_code: Mapped[str | None] = mapped_column(String(60))
    stage_on: Mapped[date] = mapped_column(Date)
    owner: Mapped[str | None] = mapped_column(String(60))
    nominated_on: Mapped[date | None] = mapped_column(Date)
    entered_on: Mapped[date | None] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(String(300))
    origin: Mapped[str] = mapped_column(String(12), default="person")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class PoolStep(Base):
    """One dated step of a spell and the state after it. Append only; ``superseded_at``: taken back (a slip, or the undo of an import).

    ``happened_on`` never goes backwards inside a spell, so the state on a day is the last step up to it.
    """

    __tablename__ = "pool_step"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_codes(STEP_KINDS)})", name="kind"),
        Index("ix_pool_step_member", "member_id", "id"),
        Index("ix_pool_step_day", "happened_on", "member_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("pool_member.id"))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    stage_code: Mapped[str | None] = mapped_column(String(60))
    owner: Mapped[str | None] = mapped_column(String(60))
    happened_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    recorded_name: Mapped[str] = mapped_column(String(80), default="系统")
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NearScale(Base):
    """Enterprises outside the 四上 library whose figure of last year reaches the lowest tier of its industry's line; kept in step with changes.

    ``tier``: lower bound of the tier in percent (100 = over the line). ``pct``: figure / threshold, for order only (rounded); the tier was
    decided on exact amounts. ``metric``: ``main_revenue``, or ``revenue`` where the industry counts it or the main-business revenue is missing.
    """

    __tablename__ = "near_scale"
    __table_args__ = (
        Index("ix_near_scale_pct", "pct", "enterprise_id"),
        Index("ix_near_scale_tier", "tier", "pct", "enterprise_id"),
        Index("ix_near_scale_town", "town_id", "tier", "pct", "enterprise_id"),
    )

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True, autoincrement=False)
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    tier: Mapped[int] = mapped_column(Integer)
    pct: Mapped[Decimal] = mapped_column(ExactDecimal(2))
    amount_yuan: Mapped[Decimal] = mapped_column(Yuan())
    threshold_yuan: Mapped[Decimal] = mapped_column(Yuan())
    band: Mapped[str] = mapped_column(String(20))
    industry_code: Mapped[str] = mapped_column(String(4))
    metric: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(12))
    reported_on: Mapped[date | None] = mapped_column(Date)


class NearScaleCount(Base):
    """Rows of ``NearScale`` per town and tier: what the page shows without counting them."""

    __tablename__ = "near_scale_count"

    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, autoincrement=False)
    tier: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    firms: Mapped[int] = mapped_column(Integer)


class NearScaleState(Base):
    """What the stored rows stand for: year of the figures, hash of thresholds and tiers, when they were last computed as a whole."""

    __tablename__ = "near_scale_state"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    year: Mapped[int] = mapped_column(Integer)
    definition: Mapped[str] = mapped_column(String(64))
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LookalikeRun(Base):
    """One search for look-alikes: the enterprises of a city most similar to those promoted. ``day``: data date. ``samples``: how many promoted
    ones could be compared. ``note``: why there is no list."""

    __tablename__ = "lookalike_run"
    __table_args__ = (Index("ix_lookalike_run_pool", "pool_code", "city_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pool_code: Mapped[str] = mapped_column(String(60))
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    day: Mapped[date] = mapped_column(Date)
    promoted: Mapped[int] = mapped_column(Integer)
    samples: Mapped[int] = mapped_column(Integer)
    candidates: Mapped[int] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(String(300))
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    computed_by: Mapped[str] = mapped_column(String(80))


class LookalikeRow(Base):
    """One proposed enterprise: ``score`` 0-100 says how near it is (never a probability), ``neighbours`` ids of the promoted ones it resembles,
    ``reasons`` and ``differences`` sentences."""

    __tablename__ = "lookalike_row"
    __table_args__ = (
        Index("uq_lookalike_row_enterprise", "run_id", "enterprise_id", unique=True),
        Index("ix_lookalike_row_score", "run_id", "score", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("lookalike_run.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    score: Mapped[Decimal] = mapped_column(ExactDecimal(1))
    distance: Mapped[Decimal] = mapped_column(ExactDecimal(4))
    neighbours: Mapped[Any] = mapped_column(JsonText)
    reasons: Mapped[Any] = mapped_column(JsonText)
    differences: Mapped[Any] = mapped_column(JsonText)


class LookalikeAnswer(Base):
    """What an officer said of a proposed enterprise: accepted (it became a nomination) or rejected: then it is not proposed again that year."""

    __tablename__ = "lookalike_answer"
    __table_args__ = (
        CheckConstraint("answer IN ('accepted','rejected')", name="answer"),
        Index("uq_lookalike_answer_year", "pool_code", "enterprise_id", "year", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pool_code: Mapped[str] = mapped_column(String(60))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    year: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(300))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(Integer)
    answered_name: Mapped[str] = mapped_column(String(80))
