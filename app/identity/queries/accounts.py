"""Accounts and posts as an administrator sees them: only people whose home area lies in his reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import aliased

from app.areas.models import Area, AreaMembership, Organisation
from app.areas.queries import LEAF_KINDS, UNIT_KINDS, member_on
from app.identity.models import Post, User
from app.identity.queries.signin import PostRow, held_today, list_posts
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import Cursor, Page, encode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope

Home = aliased(Area)
STATES = {"active": "正常", "locked": "已锁定", "disabled": "已停用", "idle": "无有效职务"}
EnterpriseLookup = Callable[[Scope, str], "tuple[int, str] | None"]
_lookup: list[EnterpriseLookup] = []


def register_enterprise_lookup(lookup: EnterpriseLookup) -> None:
    """``enterprises`` tells how to find an enterprise by credit code inside a scope: (id, name) or None. Start-up only."""
    _lookup[:] = [lookup]


def find_enterprise(reach: Scope, credit_code: str) -> tuple[int, str] | None:
    """The enterprise a contact's post is for; None when there is none in reach."""
    return _lookup[0](reach, credit_code) if _lookup else None


def area_within(reach: Scope, area: type[Area]) -> ColumnElement[bool]:
    """SQL condition on an area: inside the reach (a province covers itself and its cities, a unit itself and the towns it manages today)."""
    if reach.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if reach.province_ids:
        parts.append(area.id.in_(sorted(reach.province_ids)))
    if reach.city_ids:
        parts.append(area.city_id.in_(sorted(reach.city_ids)))
    if reach.unit_ids:
        units = sorted(reach.unit_ids)
        managed = select(AreaMembership.town_id).where(AreaMembership.unit_id.in_(units), member_on(clock.today()))
        parts += [area.id.in_(units), area.id.in_(managed)]
    return or_(*parts) if parts else false()


def list_places(reach: Scope) -> Sequence[Area]:
    """Provinces, cities, units and towns in which an administrator may give posts, by code."""
    kinds = ("province", "city", *UNIT_KINDS, *LEAF_KINDS)
    return db.session.scalars(select(Area).where(area_within(reach, Area), Area.kind.in_(kinds)).order_by(Area.code, Area.id)).all()


def find_place(reach: Scope, area_id: int) -> Area | None:
    return db.session.scalars(select(Area).where(Area.id == area_id, area_within(reach, Area))).first()


def list_organisations(reach: Scope) -> Sequence[Organisation]:
    """Departments and offices an account may belong to, those of the areas in reach; teams are joined by membership."""
    return db.session.scalars(
        select(Organisation).join(Area, Area.id == Organisation.area_id)
        .where(area_within(reach, Area), Organisation.kind != "team", Organisation.valid_to.is_(None)).order_by(Organisation.name, Organisation.id)
    ).all()


@dataclass(frozen=True)
class AccountRow:
    """One line of the account list; posts are those valid today."""

    id: int
    login: str
    name: str
    area_name: str | None
    disabled_at: datetime | None
    locked_until: datetime | None
    last_login_at: datetime | None
    posts: tuple[PostRow, ...]

    @property
    def state(self) -> str:
        """A key of ``STATES``."""
        if self.disabled_at:
            return "disabled"
        if self.locked_until and self.locked_until > clock.now():
            return "locked"
        return "active" if self.posts else "idle"


@dataclass(frozen=True)
class AccountFilter:
    """``text``: part of login or name. ``role``, ``state``: codes; ``area_id``: home area."""

    text: str = ""
    role: str = ""
    state: str = ""
    area_id: int | None = None


def list_accounts(reach: Scope, wanted: AccountFilter, cursor: Cursor | None, size: int) -> Page[AccountRow]:
    """Accounts in reach, by login; two statements."""
    backwards = bool(cursor and cursor.backwards)
    statement = (
        select(User.id, User.login, User.name, Home.name, User.disabled_at, User.locked_until, User.last_login_at)
        .outerjoin(Home, Home.id == User.area_id)  # whoever works for the whole installation has no home area
        .where(area_within(reach, Home), *_conditions(wanted))
    )
    if cursor:
        edge = cursor.values[0]
        statement = statement.where(User.login < edge if backwards else User.login > edge)
    found = db.session.execute(statement.order_by(User.login.desc() if backwards else User.login).limit(size + 1)).all()
    rows, more = found[:size], len(found) > size
    if backwards:
        rows = rows[::-1]
    posts = [p for p in list_posts(*[r.id for r in rows]) if p.current]
    result = [AccountRow(*row, tuple(p for p in posts if p.user_id == row.id)) for row in rows]
    has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
    return Page(
        result, encode(Cursor((rows[-1].login,))) if rows and has_next else None,
        encode(Cursor((rows[0].login,), True)) if rows and has_previous else None, size,
    )


def _conditions(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    now, found = clock.now(), []
    held = select(Post.id).where(Post.user_id == User.id, held_today())
    if wanted.text:
        found.append(or_(User.login.icontains(wanted.text, autoescape=True), User.name.icontains(wanted.text, autoescape=True)))
    if wanted.role:
        found.append(held.where(Post.role_code == wanted.role).exists())
    if wanted.area_id:
        found.append(User.area_id == wanted.area_id)
    if wanted.state == "disabled":
        found.append(User.disabled_at.is_not(None))
    elif wanted.state == "locked":
        found.append(and_(User.disabled_at.is_(None), User.locked_until > now))
    elif wanted.state == "idle":
        found.append(and_(User.disabled_at.is_(None), ~held.exists()))
    elif wanted.state == "active":
        found.append(and_(User.disabled_at.is_(None), or_(User.locked_until.is_(None), User.locked_until <= now), held.exists()))
    return found


def get_account(reach: Scope, user_id: int, *, lock: bool = False) -> User:
    """One account in reach. Raises ``NotFound``."""
    statement = select(User).outerjoin(Home, Home.id == User.area_id).where(User.id == user_id, area_within(reach, Home))
    if lock:
        statement = statement.with_for_update(of=User).execution_options(populate_existing=True)
    user = db.session.scalars(statement).first()
    if user is None:
        raise NotFound("没有找到这个账号，可能不在您的管辖范围内。")
    return user


def post_areas_within(reach: Scope, area_ids: Sequence[int]) -> set[int]:
    """Those of the areas that lie in reach."""
    return set(db.session.scalars(select(Area.id).where(Area.id.in_(area_ids), area_within(reach, Area)))) if area_ids else set()


def cities_without(role_code: str, post: PostRow, *, but: int, lock: bool = False) -> list[str]:
    """Names of the cities of this post in which nobody other than ``but`` holds the role today without an end date: in the city itself,
    in its province or everywhere."""
    holders = (
        select(Post.area_id, Post.everywhere).join(User, User.id == Post.user_id)
        .where(Post.role_code == role_code, held_today(), Post.valid_to.is_(None), User.disabled_at.is_(None), User.id != but)
    )
    places = {None if everywhere else area_id for area_id, everywhere in db.session.execute(holders.with_for_update(of=Post) if lock else holders)}
    if None in places:
        return []
    cities = select(Area).where(Area.kind == "city").order_by(Area.code)
    if not post.everywhere:
        cities = cities.where(or_(Area.id == post.area_id, Area.parent_id == post.area_id))
    return [city.name for city in db.session.scalars(cities) if not places & {city.id, city.parent_id}]
