"""影响预览: two rule versions on the same facts, and whose answer differs."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime


class ImpactRun(Base):
    """One comparison of a city's enterprises on ``day``. ``pack_hash``: content the versions were taken from, so that a later edit is seen.

    ``asked``: enterprises compared (``new``: those without the title, ``review``: its holders).
    """

    __tablename__ = "impact_run"
    __table_args__ = (
        CheckConstraint("application IN ('new','review')", name="application"),
        Index("ix_impact_run_city", "city_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    title: Mapped[str] = mapped_column(String(40))
    application: Mapped[str] = mapped_column(String(8))
    day: Mapped[date] = mapped_column(Date)
    old_code: Mapped[str] = mapped_column(String(60))
    new_code: Mapped[str] = mapped_column(String(60))
    old_label: Mapped[str] = mapped_column(String(200))
    new_label: Mapped[str] = mapped_column(String(200))
    pack_hash: Mapped[str] = mapped_column(String(64))
    asked: Mapped[int] = mapped_column(Integer)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    computed_by: Mapped[str] = mapped_column(String(80))


class ImpactRow(Base):
    """An enterprise whose answer differs; ``old`` and ``new`` as in ``rules.impact.CODES``."""

    __tablename__ = "impact_row"
    __table_args__ = (Index("ix_impact_row_pair", "run_id", "old", "new", "enterprise_id"), Index("ix_impact_row_enterprise", "enterprise_id"))

    run_id: Mapped[int] = mapped_column(ForeignKey("impact_run.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    old: Mapped[int] = mapped_column(SmallInteger)
    new: Mapped[int] = mapped_column(SmallInteger)
