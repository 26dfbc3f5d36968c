"""What a person chose, and his calendar subscription."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, UtcDateTime

MODES = {"none": "不发", "each": "逐条发送", "daily": "每日汇总"}
_MODES = "IN (" + ",".join(f"'{mode}'" for mode in MODES) + ")"


class Preference(Base):
    """Channels of one person beside the inbox, which everybody has. Addresses are encrypted. Minutes of the day; None = as the city says.
    ``next_digest_at``: when the next daily summary is made (None = no channel asks for one), of everything since ``digested_until``."""

    __tablename__ = "reminder_preference"
    __table_args__ = (
        CheckConstraint(f"mail_mode {_MODES}", name="mail_mode"), CheckConstraint(f"sms_mode {_MODES}", name="sms_mode"),
        Index("ix_reminder_preference_digest", "next_digest_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, autoincrement=False)
    mail_cipher: Mapped[str | None] = mapped_column(String(500))
    phone_cipher: Mapped[str | None] = mapped_column(String(200))
    mail_mode: Mapped[str] = mapped_column(String(8), default="none")
    sms_mode: Mapped[str] = mapped_column(String(8), default="none")
    quiet_from: Mapped[int | None] = mapped_column(Integer)
    quiet_to: Mapped[int | None] = mapped_column(Integer)
    digest_at: Mapped[int | None] = mapped_column(Integer)
    next_digest_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    digested_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class CalendarLink(Base):
    """A subscription to one's own deadlines. Only the hash of the token is stored; revoked ones answer like unknown ones."""

    __tablename__ = "calendar_link"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
