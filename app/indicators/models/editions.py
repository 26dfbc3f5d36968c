"""Editions of a round: everything a score was made of and what came out, frozen and hashed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, JsonText, UtcDateTime


class ContestEdition(Base):
    """Written once, never changed. ``content``: scheme, references, values with their sources, results, credit codes behind the register's
    numbers; ``content_hash``: SHA-256 of its canonical text; ``code``: what a print carries."""

    __tablename__ = "contest_edition"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("contest_round.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    method: Mapped[str] = mapped_column(String(12))
    stage: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(120))
    content: Mapped[Any] = mapped_column(JsonText)
    content_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_name: Mapped[str] = mapped_column(String(80))
