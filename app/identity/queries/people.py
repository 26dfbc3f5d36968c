"""Finding the account of a person somebody names, and whether it holds a post for a team."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.areas.models import Area
from app.identity.models import Post, User
from app.identity.queries.signin import held_today
from app.infra.db import db

Home = aliased(Area)


def find_in_city(login: str, city_id: int) -> User | None:
    """The account with this login whose home lies in the city; disabled ones are not found."""
    query = select(User).join(Home, Home.id == User.area_id).where(User.login == login.strip(), User.disabled_at.is_(None))
    return db.session.scalars(query.where((Home.id == city_id) | (Home.city_id == city_id))).first()


def logins_of(user_ids: Collection[int | None]) -> dict[int, str]:
    """Login by user id."""
    wanted = sorted({i for i in user_ids if i is not None})
    return dict(db.session.execute(select(User.id, User.login).where(User.id.in_(wanted))).all()) if wanted else {}


def holders_for_team(team_id: int) -> set[int]:
    """Users with a post for the team today."""
    return set(db.session.scalars(select(Post.user_id).where(Post.team_id == team_id, held_today())))


def people_of(organisation_id: int) -> list[User]:
    """Accounts of an organisation, disabled ones left out."""
    return list(db.session.scalars(select(User).where(User.organisation_id == organisation_id, User.disabled_at.is_(None)).order_by(User.id)))


def organisation_of(user_id: int | None) -> int | None:
    """The organisation a person belongs to."""
    return db.session.scalar(select(User.organisation_id).where(User.id == user_id)) if user_id is not None else None
