"""Reading users, sessions and the login log."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app.areas.models import Area
from app.identity.models import FAILED, LoginLog, Post, User, UserSession
from app.identity.principal import HomeArea, Principal
from app.identity.roles import INSTALLATION, PLACES, ROLES
from app.identity.rules import LOCK, HeldPost, grants, post_valid
from app.infra import clock
from app.infra.db import db

Home, Place = aliased(Area), aliased(Area)


def token_hash(token: str) -> str:
    """What is stored of a session token: it is random, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def held_today() -> ColumnElement[bool]:
    """SQL condition on ``Post``: valid today, both ends inclusive."""
    today = clock.today()
    return or_(Post.valid_from.is_(None), Post.valid_from <= today) & or_(Post.valid_to.is_(None), Post.valid_to >= today)


def find_principal(token: str, idle: timedelta) -> Principal | None:
    """Session, user, home area and today's posts in one statement, the cities of a post over several of them in a second one; None when
    the session is unknown, revoked, idle or over.
    """
    now = clock.now()
    values = {"token_hash": token_hash(token), "now": now, "seen": now - idle, "today": clock.today()}
    rows = db.session.execute(_principal_statement(), values).all()
    return _principal(token, rows) if rows else None


@lru_cache(maxsize=1)
def _principal_statement() -> Select[Any]:
    """Put together once: every request asks it."""
    today = bindparam("today", type_=Date())
    held = or_(Post.valid_from.is_(None), Post.valid_from <= today) & or_(Post.valid_to.is_(None), Post.valid_to >= today)
    return (
        select(
            UserSession.id.label("session_id"), UserSession.last_seen_at, User.id.label("user_id"), User.login, User.name,
            User.must_change_password, User.password_changed_at, User.large_type, User.organisation_id, Home.id.label("home_id"),
            Home.name.label("home_name"), Home.kind.label("home_kind"), Home.city_id.label("home_city_id"), Post.role_code,
            Post.area_id, Place.kind.label("area_kind"), Place.city_id, Post.team_id, Post.enterprise_id, Post.everywhere,
        )
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Home, Home.id == User.area_id)
        .outerjoin(Post, (Post.user_id == User.id) & held)
        .outerjoin(Place, Place.id == Post.area_id)
        .where(
            UserSession.token_hash == bindparam("token_hash"), UserSession.revoked_at.is_(None), UserSession.expires_at > bindparam("now"),
            UserSession.last_seen_at >= bindparam("seen"), User.disabled_at.is_(None),
        )
        .order_by(Post.id)
    )


def _principal(token: str, rows: Sequence[Any]) -> Principal:
    row = rows[0]
    cities = _cities() if any(r.everywhere or r.area_kind == "province" for r in rows) else []
    posts = (
        HeldPost(
            r.role_code, r.area_id, r.area_kind, r.city_id, r.team_id, r.enterprise_id, bool(r.everywhere),
            frozenset(city for city, province in cities if r.everywhere or (r.area_kind == "province" and province == r.area_id)),
            user_id=r.user_id,
            organisation_id=r.organisation_id,
        )
        for r in rows if r.role_code
    )
    return Principal(
        token=token, session_id=row.session_id, last_seen_at=row.last_seen_at, user_id=row.user_id, login=row.login, name=row.name,
        must_change_password=row.must_change_password, password_changed_at=row.password_changed_at, large_type=row.large_type,
        organisation_id=row.organisation_id, area=None if row.home_id is None else HomeArea(row.home_id, row.home_name, row.home_kind, row.home_city_id),
        grants=grants(posts),
    )


def _cities() -> list[tuple[int, int | None]]:
    """(city, its province) of every city of the installation."""
    return [(row.id, row.parent_id) for row in db.session.execute(select(Area.id, Area.parent_id).where(Area.kind == "city"))]


@dataclass(frozen=True)
class Known:
    """What a sign-in needs to know of a login; ``user_id`` None = no such login."""

    user_id: int | None
    password_hash: str | None


def find_login(login: str) -> Known:
    row = db.session.execute(select(User.id, User.password_hash).where(User.login == login)).first()
    return Known(row.id, row.password_hash) if row else Known(None, None)


def count_failures_from(ip: str) -> int:
    """Failed sign-ins from one address within the lock time, whatever the login: the brake on trying one password on many logins."""
    return db.session.scalar(
        select(func.count()).select_from(LoginLog).where(
            LoginLog.ip == ip, LoginLog.at > clock.now() - LOCK, LoginLog.outcome.in_(FAILED)
        )
    ) or 0


def list_sessions(user_id: int, idle: timedelta) -> Sequence[UserSession]:
    """Live sessions of one person, latest use first."""
    now: datetime = clock.now()
    return db.session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.expires_at > now,
            UserSession.last_seen_at >= now - idle,
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    ).all()


def list_own_logins(user_id: int, limit: int = 20) -> Sequence[LoginLog]:
    """The last attempts on one's own account, newest first."""
    return db.session.scalars(
        select(LoginLog).where(LoginLog.user_id == user_id).order_by(LoginLog.id.desc()).limit(limit)
    ).all()


@dataclass(frozen=True)
class PostRow:
    """A post with the name of its place, as lists show it. ``current`` = valid today."""

    id: int
    user_id: int
    role_code: str
    area_id: int | None
    area_name: str | None
    area_kind: str | None
    team_id: int | None
    enterprise_id: int | None
    everywhere: bool
    valid_from: date | None
    valid_to: date | None

    @property
    def place(self) -> str | None:
        return HeldPost(self.role_code, self.area_id, self.area_kind, None, self.team_id, self.enterprise_id, self.everywhere).place

    @property
    def role_label(self) -> str:
        return ROLES[self.role_code].label_at(self.place) if self.role_code in ROLES else self.role_code

    @property
    def place_label(self) -> str:
        if self.everywhere:
            return PLACES[INSTALLATION]
        if self.area_name:
            return self.area_name
        return f"专家服务队 {self.team_id} 号" if self.team_id is not None else f"企业 {self.enterprise_id} 号"

    @property
    def current(self) -> bool:
        return post_valid(self.valid_from, self.valid_to, clock.today())


def list_posts(*user_ids: int) -> list[PostRow]:
    """All posts of these people, past and future ones too."""
    rows = db.session.execute(
        select(
            Post.id, Post.user_id, Post.role_code, Post.area_id, Place.name, Place.kind, Post.team_id, Post.enterprise_id, Post.everywhere,
            Post.valid_from, Post.valid_to,
        )
        .outerjoin(Place, Place.id == Post.area_id).where(Post.user_id.in_(user_ids)).order_by(Post.id)
    )
    return [PostRow(*tuple(row)) for row in rows]
