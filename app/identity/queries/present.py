"""Everybody who may sign in, with today's posts: for work that has to find its person (reminders)."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, true

from app.areas.models import Area
from app.identity.models import Post, User
from app.identity.queries.signin import held_today
from app.identity.rules import HeldPost, grants
from app.infra.db import db


@dataclass(frozen=True)
class Present:
    """A person who is not disabled and holds a post today."""

    user_id: int
    name: str
    organisation_id: int | None
    posts: tuple[HeldPost, ...]


def everybody_present() -> list[Present]:
    """Two statements, whatever the number of people."""
    return _present(true())


def person_present(user_id: int) -> Present | None:
    """One person, None when he is disabled or holds no post today."""
    return next(iter(_present(User.id == user_id)), None)


def _present(who: ColumnElement[bool]) -> list[Present]:
    cities = [(row.id, row.parent_id) for row in db.session.execute(select(Area.id, Area.parent_id).where(Area.kind == "city"))]
    rows = db.session.execute(
        select(
            User.id, User.name, User.organisation_id, Post.role_code, Post.area_id, Area.kind, Area.city_id, Post.team_id, Post.enterprise_id,
            Post.everywhere,
        )
        .join(Post, Post.user_id == User.id).outerjoin(Area, Area.id == Post.area_id).where(User.disabled_at.is_(None), held_today(), who)
        .order_by(User.id, Post.id)
    )
    heads: dict[int, tuple[str, int | None]] = {}
    posts: dict[int, list[HeldPost]] = defaultdict(list)
    for user_id, name, organisation_id, role, area_id, kind, city_id, team_id, enterprise_id, everywhere in rows:
        reached = frozenset(city for city, province in cities if everywhere or (kind == "province" and province == area_id))
        heads[user_id] = (name, organisation_id)
        posts[user_id].append(HeldPost(role, area_id, kind, city_id, team_id, enterprise_id, bool(everywhere), reached))
    return [Present(user_id, name, organisation, grants(posts[user_id]).posts) for user_id, (name, organisation) in heads.items()]


def names_of(user_ids: frozenset[int] | set[int]) -> dict[int, str]:
    """Names of people, disabled ones too."""
    return {row.id: row.name for row in db.session.execute(select(User.id, User.name).where(User.id.in_(sorted(user_ids))))}
