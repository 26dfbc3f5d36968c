"""What no register knows: values of a metric that an office entered for a year end, by versions (what was known when)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, ExactDecimal, UtcDateTime


class TargetValue(Base):
    """One version of the value of a metric in a city at the end of a year (``on_day`` for a day inside the running year). Identity: city + metric +
    ``on_day``; ``superseded_at`` None = what we know now. ``value`` in the unit of the metric, or ``state`` for a qualitative one."""

    __tablename__ = "target_value"
    __table_args__ = (
        CheckConstraint("(value IS NULL) <> (state IS NULL)", name="one_value"),
        Index("ix_target_value_metric", "city_id", "metric_code", "on_day"),
        Index(
            "uq_target_value_current", "city_id", "metric_code", "on_day", unique=True,
            sqlite_where=text("superseded_at IS NULL"), postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    metric_code: Mapped[str] = mapped_column(String(60))
    on_day: Mapped[date] = mapped_column(Date)
    value: Mapped[Decimal | None] = mapped_column(ExactDecimal(4))
    state: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(120))
    evidence: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(Integer)
    recorded_name: Mapped[str] = mapped_column(String(80))
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
