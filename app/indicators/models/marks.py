"""Grades of reviewers for the graded indicators: one standing mark per reviewer, town and item, with its reason and evidence."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime

STANDING = "superseded_at IS NULL"


class ContestMark(Base):
    """Append only: the latest mark of a reviewer counts, the earlier ones stay readable. ``grade``: one of the grades of the round's scheme."""

    __tablename__ = "contest_mark"
    __table_args__ = (
        Index(
            "uq_contest_mark_standing", "round_id", "town_id", "item", "reviewer_id", unique=True, sqlite_where=text(STANDING),
            postgresql_where=text(STANDING),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("contest_round.id"))
    town_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    item: Mapped[str] = mapped_column(String(4))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reviewer_name: Mapped[str] = mapped_column(String(80))
    grade: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str] = mapped_column(String(500))
    evidence: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
