"""Users, their posts, their sessions and the login log. A post is a role in an area (or for a team, an enterprise), with dates."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.audit import BigId
from app.infra.db import Base, UtcDateTime

OUTCOMES = {
    "ok": "登录成功", "wrong": "密码不正确", "unknown": "账号不存在", "locked": "锁定期间尝试", "disabled": "账号已停用", "logout": "退出登录",
    "revoked": "登录被注销", "stale": "初始密码已过期",
}
"""Outcomes of the login log. People who try to sign in are never told which of the failing ones it was."""
FAILED = ("wrong", "unknown", "locked", "disabled", "stale")


class User(Base):
    """A person who signs in. Disabled, never deleted: the audit log and old records name him."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_count: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    large_type: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class PasswordHistory(Base):
    """Earlier password hashes of a user, kept only as far as the password profile forbids their reuse."""

    __tablename__ = "password_history"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Post(Base):
    """A role somebody holds: where (``area_id``: province, city, county / zone or town; ``everywhere``: the whole installation), or for
    which team or enterprise, and when."""

    __tablename__ = "post"
    __table_args__ = (Index("ix_post_area_id", "area_id", "role_code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role_code: Mapped[str] = mapped_column(String(40))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    team_id: Mapped[int | None] = mapped_column(Integer)
    enterprise_id: Mapped[int | None] = mapped_column(Integer)
    everywhere: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class UserSession(Base):
    """One signed-in browser. Only the hash of its 256-bit token is stored; listed, revoked, expired by idle and absolute time."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_user", "user_id", "revoked_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ip: Mapped[str | None] = mapped_column(String(45))
    agent: Mapped[str | None] = mapped_column(String(200))


class LoginLog(Base):
    """Every attempt to sign in and every sign-out; ``outcome`` is a key of ``OUTCOMES``."""

    __tablename__ = "login_log"
    __table_args__ = (
        CheckConstraint("outcome IN (" + ",".join(f"'{o}'" for o in OUTCOMES) + ")", name="outcome"),
        Index("ix_login_log_at", "at"),
        Index("ix_login_log_login", "login", "at"),
        Index("ix_login_log_ip", "ip", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    login: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(12))
    ip: Mapped[str | None] = mapped_column(String(45))
    agent: Mapped[str | None] = mapped_column(String(200))
