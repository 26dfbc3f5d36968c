"""Signing in and out, passwords, own sessions. Accounts of others are in ``accounts``.

Hashing takes tens of milliseconds: ``check_login`` and ``hash_new`` run before the writing transaction, never inside it.
"""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update

from app.identity import passwords, queries
from app.identity.models import LoginLog, PasswordHistory, User, UserSession
from app.identity.rules import FAILURES_TO_LOCK, INITIAL_VALID, LOCK, PROFILES, PasswordProfile, normal_password, password_problem
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid, NotFound
from app.kernel.text import squeeze


@dataclass(frozen=True)
class Browser:
    """Where a request comes from, as the session list and the login log show it."""

    ip: str | None
    agent: str | None


@dataclass(frozen=True)
class Checked:
    """A password compared outside any transaction. ``new_hash``: made now because the stored one used other parameters."""

    login: str
    user_id: int | None
    right: bool
    new_hash: str | None


def normal_login(text: str) -> str:
    """Logins are compared without case, width, blanks and invisible characters."""
    return squeeze(text)[:40]


def check_login(login: str, password: str) -> Checked:
    """Compare a password. Ends the session's transaction first: no lock is held while hashing; unknown logins cost the same."""
    login, password = normal_login(login), normal_password(password)
    known = queries.find_login(login)
    db.session.rollback()
    right = passwords.matches(password, known.password_hash)
    stale = right and known.password_hash is not None and passwords.outdated(known.password_hash)
    return Checked(login, known.user_id, right, passwords.make(password) if stale else None)


def sign_in(checked: Checked, *, browser: Browser, lifetime: timedelta) -> str | None:
    """The token of a new session, or None; counts failures, locks after five, writes the login log either way.

    The row is read again under its lock: guesses sent in parallel cannot outrun the counter.
    """
    user = db.session.get(User, checked.user_id, with_for_update=True, populate_existing=True) if checked.user_id else None
    outcome = _judge(user, checked)
    # people type passwords into the wrong field: of a login that does not exist only the beginning is written down
    log(checked.login if user else f"{checked.login[:2]}…", outcome, user_id=user.id if user else None, browser=browser)
    if user is None or outcome != "ok":
        return None
    user.failed_count, user.locked_until, user.last_login_at = 0, None, clock.now()
    if checked.new_hash:
        user.password_hash = checked.new_hash
    return open_session(user.id, browser=browser, lifetime=lifetime)


def confirm(checked: Checked, *, browser: Browser) -> bool:
    """A signed-in person proves himself again (own password change); failures count and lock as at sign-in."""
    user = db.session.get(User, checked.user_id, with_for_update=True, populate_existing=True) if checked.user_id else None
    outcome = _judge(user, checked)
    if user is None or outcome != "ok":
        log(checked.login, outcome, user_id=checked.user_id, browser=browser)
        return False
    return True


def _judge(user: User | None, checked: Checked) -> str:
    now = clock.now()
    if user is None:
        return "unknown"
    if user.locked_until and user.locked_until > now:
        return "locked"
    if not checked.right:
        user.failed_count = (0 if user.locked_until else user.failed_count) + 1
        user.locked_until = now + LOCK if user.failed_count >= FAILURES_TO_LOCK else None
        return "wrong"
    if user.disabled_at:
        return "disabled"
    given = user.password_changed_at or user.created_at
    return "stale" if user.must_change_password and now - given > INITIAL_VALID else "ok"


def log(login: str, outcome: str, *, user_id: int | None, browser: Browser) -> None:
    """One line of the login log."""
    agent = (browser.agent or "")[:200] or None
    db.session.add(LoginLog(at=clock.now(), login=login[:40], user_id=user_id, outcome=outcome, ip=browser.ip, agent=agent))
    db.session.flush()


def open_session(user_id: int, *, browser: Browser, lifetime: timedelta) -> str:
    """A new session with a fresh 256-bit token; only its hash is stored."""
    token, now = secrets.token_urlsafe(32), clock.now()
    db.session.add(
        UserSession(
            token_hash=queries.token_hash(token), user_id=user_id, created_at=now, last_seen_at=now, expires_at=now + lifetime,
            ip=browser.ip, agent=(browser.agent or "")[:200] or None,
        )
    )
    db.session.flush()
    return token


def sign_out(session_id: int, *, login: str, user_id: int, browser: Browser) -> None:
    """End one's own session."""
    db.session.execute(
        update(UserSession).where(UserSession.id == session_id, UserSession.revoked_at.is_(None)).values(revoked_at=clock.now())
    )
    log(login, "logout", user_id=user_id, browser=browser)


def revoke_session(session_id: int, *, user_id: int, login: str, browser: Browser) -> None:
    """End another of one's own sessions. Raises ``NotFound`` for a session of somebody else."""
    row = db.session.scalars(
        select(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
    ).first()
    if row is None:
        raise NotFound("这条登录已经结束，请刷新页面查看最新的登录记录。")
    row.revoked_at = clock.now()
    log(login, "revoked", user_id=user_id, browser=browser)


def revoke_all_sessions(user_id: int) -> None:
    """End every session of a person: password changed or reset, account disabled."""
    db.session.execute(
        update(UserSession).where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None)).values(revoked_at=clock.now())
    )


@dataclass(frozen=True)
class NewPassword:
    """A password that passed the rules, hashed outside any transaction."""

    hash: str


def hash_new(password: str, *, user_id: int | None, login: str, profile: str) -> NewPassword:
    """Check a new password against the profile and hash it. Raises ``Invalid`` on field ``new``. Ends the session's transaction."""
    password, rules = normal_password(password), PROFILES[profile]
    problem = password_problem(password, login=login, profile=rules, common=passwords.common())
    if problem:
        raise Invalid("password_weak", problem, "new")
    used = _used_hashes(user_id, rules) if user_id else []
    db.session.rollback()
    if any(passwords.matches(password, old) for old in used):
        raise Invalid("password_reused", "新密码不能与正在使用或最近用过的密码相同，请换一个。", "new")
    return NewPassword(passwords.make(password))


def _used_hashes(user_id: int, rules: PasswordProfile) -> list[str]:
    current = db.session.scalar(select(User.password_hash).where(User.id == user_id))
    earlier = db.session.scalars(
        select(PasswordHistory.password_hash).where(PasswordHistory.user_id == user_id).order_by(PasswordHistory.id.desc())
        .limit(max(rules.history - 1, 0))
    )
    return [current, *earlier] if current else []


def change_password(user_id: int, new: NewPassword, *, must_change: bool, by: Actor) -> User:
    """Store the hash, keep the old one for the reuse rule, end every session of the person."""
    user = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    db.session.add(PasswordHistory(user_id=user.id, password_hash=user.password_hash, replaced_at=clock.now()))
    user.password_hash, user.password_changed_at, user.must_change_password = new.hash, clock.now(), must_change
    user.failed_count, user.locked_until = 0, None
    user.version += 1
    revoke_all_sessions(user.id)
    kind = "user.password_reset" if must_change else "user.password_changed"
    audit.record(kind, Subject("user", user.id, user.name), by=by)
    db.session.flush()
    return user


def set_large_type(user_id: int, large: bool) -> None:
    """A taste, not a right: no audit row."""
    db.session.execute(update(User).where(User.id == user_id).values(large_type=large))


KEEP_ENDED_SESSIONS = timedelta(days=90)
KEEP_LOGINS = timedelta(days=400)
"""Longer than the twelve months of domain.md section 12."""


def forget_old(today: date) -> int:
    """New-day chore: sessions ended long ago and the login log beyond its time. Returns how many rows went."""
    now = clock.now()
    ended = delete(UserSession).where(UserSession.expires_at < now - KEEP_ENDED_SESSIONS)
    old = delete(LoginLog).where(LoginLog.at < now - KEEP_LOGINS)
    return sum(cast("CursorResult[Any]", db.session.execute(statement)).rowcount for statement in (ended, old))
