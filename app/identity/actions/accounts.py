"""Accounts and posts of others, within the administrator's authority. Nobody grants more than he may assign, nobody administers himself.

An account holding a post the administrator could not give is beyond him altogether: resetting its password would be taking it over.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select

from app.areas.models import Area
from app.identity import passwords
from app.identity.actions.signin import NewPassword, change_password, normal_login, revoke_all_sessions
from app.identity.models import Post, User
from app.identity.queries import accounts as queries
from app.identity.queries.signin import PostRow, list_posts
from app.identity.roles import CITY, ENTERPRISE, INSTALLATION, ROLES, TEAM, WIDE
from app.identity.rules import LOGIN, PLACE_OF_KIND, Authority, mixes_administrators, one_time_password, post_valid
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.text import clean

IRREPLACEABLE = ("system_admin", "security_admin")
"""Of these the last one of a city cannot be removed: nobody could appoint another."""


NEEDED = {
    "credit_code": "请填写企业的统一社会信用代码。",
    "team_id": "请填写专家服务队编号。",
    "area_id": "这个角色不能在所选地区担任，请重新选择地区。",
}


@dataclass(frozen=True)
class Secret:
    """A one-time password and its hash; made before the writing transaction because hashing takes time."""

    plain: str
    hash: str


def new_secret() -> Secret:
    plain = one_time_password()
    return Secret(plain, passwords.make(plain))


def _subject(user: User) -> Subject:
    return Subject("user", user.id, f"{user.name}（{user.login}）")


def create_account(
    *, login: str, name: str, area_id: int | None, secret: Secret, authority: Authority, by: Actor, must_change: bool = True
) -> User:
    """A new account without posts; its one-time password must be changed at first sign-in. ``area_id`` None: works for all cities."""
    login, name = normal_login(login), clean(name)
    if not LOGIN.match(login):
        raise Invalid("login_shape", "登录名为 2 至 40 个字母、汉字、数字或 . _ @ -，不能有空格。", "login")
    if db.session.scalars(select(User.id).where(User.login == login)).first():
        raise Invalid("login_taken", f"登录名“{login}”已被使用，请换一个。", "login")
    if not 1 <= len(name) <= 40:
        raise Invalid("name", "姓名应为 1 至 40 个字。", "name")
    _check_home(area_id, authority)
    now = clock.now()
    user = User(
        login=login, name=name, password_hash=secret.hash, password_changed_at=now, must_change_password=must_change, area_id=area_id,
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    audit.record("user.created", _subject(user), None, {"login": login, "name": name, "area_id": area_id}, by=by)
    return user


def _check_home(area_id: int | None, authority: Authority) -> None:
    """The home area decides who administers the account; none at all is beyond whoever does not administer every city."""
    if not authority.reach.everything if area_id is None else queries.find_place(authority.reach, area_id) is None:
        raise Invalid("area", "请选择您管辖范围内的地区。", "area_id")


def check_may_manage(user: User, authority: Authority) -> None:
    """Raises ``Forbidden`` when the account is his own or holds, today or later, a post he could not give."""
    problem = why_not_manage(user, authority)
    if problem:
        raise Forbidden("not_yours", problem)


def why_not_manage(user: User, authority: Authority) -> str | None:
    """The reason in Chinese, None when he may."""
    if authority.user_id is None and authority.reach.everything:
        return None
    if user.id == authority.user_id:
        return "不能管理自己的账号；修改密码请到“我的账号”，其他变动请由另一位管理员办理。"
    posts = [p for p in list_posts(user.id) if p.valid_to is None or p.valid_to >= clock.today()]
    within = queries.post_areas_within(authority.reach, [p.area_id for p in posts if p.area_id])
    for post in posts:
        inside = _inside(post, within, authority)
        if post.role_code not in authority.assignable or not inside:
            return f"该账号担任“{post.place_label} {post.role_label}”，超出您可管理的范围，请由有权限的管理员办理。"
    return None


def _inside(post: PostRow, within: set[int], authority: Authority) -> bool:
    if post.everywhere:
        return authority.reach.everything
    return post.area_id in within if post.area_id else authority.whole_city or post.enterprise_id is not None


def _check_version(user: User, version: int | None) -> None:
    if version is not None and version != user.version:
        raise Conflict("user_changed", f"账号“{user.name}”刚被别人修改过，请刷新查看最新内容后再操作。")


def _bump(user: User, kind: str, old: dict[str, object] | None, new: dict[str, object] | None, by: Actor) -> None:
    user.version += 1
    audit.record(kind, _subject(user), old, new, by=by)
    db.session.flush()


def edit_account(
    user: User, *, name: str, area_id: int | None, version: int | None, authority: Authority, by: Actor, organisation_id: int | None = None,
) -> None:
    """Name, home area, and the department or office the person belongs to (what is routed to it is his matter)."""
    check_may_manage(user, authority)
    _check_version(user, version)
    name = clean(name)
    if not 1 <= len(name) <= 40:
        raise Invalid("name", "姓名应为 1 至 40 个字。", "name")
    _check_home(area_id, authority)
    if organisation_id not in (None, user.organisation_id) and organisation_id not in {one.id for one in queries.list_organisations(authority.reach)}:
        raise Invalid("organisation", "请选择您管辖范围内的单位。", "organisation_id")
    before = {"name": user.name, "area_id": user.area_id, "organisation_id": user.organisation_id}
    old, new = audit.changes(before, {"name": name, "area_id": area_id, "organisation_id": organisation_id})
    user.name, user.area_id, user.organisation_id = name, area_id, organisation_id
    if new:
        _bump(user, "user.edited", old, new, by)


def disable(user: User, *, authority: Authority, by: Actor) -> None:
    """No more signing in, and out of every browser at once. Never deleted: old records name him."""
    check_may_manage(user, authority)
    if user.disabled_at is None:
        _keep_last(user, [p.id for p in list_posts(user.id)])
        user.disabled_at = clock.now()
        revoke_all_sessions(user.id)
        _bump(user, "user.disabled", None, {"disabled": True}, by)


def enable(user: User, *, authority: Authority, by: Actor) -> None:
    check_may_manage(user, authority)
    if user.disabled_at is not None:
        user.disabled_at, user.failed_count, user.locked_until = None, 0, None
        _bump(user, "user.enabled", {"disabled": True}, None, by)


def unlock(user: User, *, authority: Authority, by: Actor) -> None:
    """After five failures, before the quarter of an hour is over."""
    check_may_manage(user, authority)
    user.failed_count, user.locked_until = 0, None
    _bump(user, "user.unlocked", None, None, by)


def reset_password(user: User, *, secret: Secret, authority: Authority, by: Actor) -> None:
    """A new one-time password; every session of the person ends."""
    check_may_manage(user, authority)
    change_password(user.id, NewPassword(secret.hash), must_change=True, by=by)


@dataclass(frozen=True)
class Place:
    """Where a post is to be held: exactly one is given. ``credit_code`` names the enterprise of a contact."""

    area_id: int | None = None
    team_id: int | None = None
    credit_code: str = ""
    everywhere: bool = False


def add_post(
    user: User, *, role_code: str, place: Place, valid_from: date | None, valid_to: date | None, authority: Authority, by: Actor
) -> Post:
    """Give a role somewhere, for some time."""
    check_may_manage(user, authority)
    role = ROLES.get(role_code)
    if role is None or role_code not in authority.assignable:
        raise Invalid("role", "您不能分配这个角色，请重新选择。", "role_code")
    _check_dates(valid_from, valid_to)
    post = Post(user_id=user.id, role_code=role_code, valid_from=valid_from, valid_to=valid_to)
    _put(post, place, role.places, authority)
    _check_mix(user, role_code, authority)
    if any((p.role_code, p.area_id, p.team_id, p.enterprise_id, p.everywhere)
           == (role_code, post.area_id, post.team_id, post.enterprise_id, bool(post.everywhere))
           and (p.valid_to is None or p.valid_to >= clock.today()) for p in list_posts(user.id)):
        raise Invalid("post_known", "该账号已有相同的职务；要改期限请在已有职务上修改。", "role_code")
    db.session.add(post)
    db.session.flush()
    _bump(user, "post.added", None, _plain(post), by)
    return post


def _plain(post: Post) -> dict[str, object]:
    return {
        "role": post.role_code, "area_id": post.area_id, "team_id": post.team_id, "enterprise_id": post.enterprise_id,
        "everywhere": bool(post.everywhere), "valid_from": post.valid_from, "valid_to": post.valid_to,
    }


def _put(post: Post, place: Place, places: tuple[str, ...], authority: Authority) -> None:
    """Check that the role may be held there and that it lies in the administrator's reach."""
    area: Area | None = queries.find_place(authority.reach, place.area_id) if place.area_id else None
    if place.everywhere and INSTALLATION in places:
        if not authority.reach.everything:
            raise Invalid("everywhere", "覆盖全部城市的职务由全域管理员分配，您只能在自己的管辖范围内分配。", "area_id")
        post.everywhere = True
    elif place.credit_code.strip() and ENTERPRISE in places:
        found = queries.find_enterprise(authority.reach, place.credit_code.strip())
        if found is None:
            raise Invalid("enterprise", "没有找到这家企业，请核对统一社会信用代码，并确认在您的管辖范围内。", "credit_code")
        post.enterprise_id = found[0]
    elif place.team_id is not None and TEAM in places:
        if not authority.whole_city:
            raise Invalid("team", "专家服务队的职务由市级管理员分配。", "team_id")
        post.team_id = place.team_id
    elif area is not None and PLACE_OF_KIND.get(area.kind) in places:
        post.area_id = area.id
    else:
        field = "credit_code" if places == (ENTERPRISE,) else "team_id" if TEAM in places else "area_id"
        raise Invalid("place", NEEDED[field], field)


def _check_dates(valid_from: date | None, valid_to: date | None) -> None:
    if valid_from and valid_to and valid_to < valid_from:
        raise Invalid("dates", "止期不能早于起期。", "valid_to")


def _check_mix(user: User, role_code: str, authority: Authority) -> None:
    held = [p.role_code for p in list_posts(user.id) if p.valid_to is None or p.valid_to >= clock.today()]
    if authority.separate_admins and mixes_administrators([*held, role_code]):
        raise Invalid("separate_admins", "系统、安全、审计三类管理员不能由同一人担任（三员分立）。请先结束原有的管理员职务。", "role_code")


def _get_post(user: User, post_id: int) -> Post:
    post = db.session.scalars(select(Post).where(Post.id == post_id, Post.user_id == user.id).with_for_update()).first()
    if post is None:
        raise Conflict("post_gone", "这个职务已不存在，请刷新页面查看。")
    return post


def set_post_dates(
    user: User, post_id: int, *, valid_from: date | None, valid_to: date | None, authority: Authority, by: Actor
) -> None:
    """Change how long a post is held."""
    check_may_manage(user, authority)
    post = _get_post(user, post_id)
    if post.role_code not in authority.assignable:
        raise Forbidden("role", "您不能改动这个职务。")
    _check_dates(valid_from, valid_to)
    today = clock.today()
    if valid_to is not None or not post_valid(valid_from, valid_to, today):
        _keep_last(user, [post.id])
    old, new = audit.changes({"valid_from": post.valid_from, "valid_to": post.valid_to}, {"valid_from": valid_from, "valid_to": valid_to})
    post.valid_from, post.valid_to = valid_from, valid_to
    if new:
        _bump(user, "post.changed", {"role": post.role_code, **old}, new, by)


def end_post(user: User, post_id: int, *, authority: Authority, by: Actor) -> None:
    """Yesterday was the last day: it counts no more from now on."""
    post = _get_post(user, post_id)
    set_post_dates(user, post_id, valid_from=post.valid_from and min(post.valid_from, clock.today() - timedelta(days=1)),
                   valid_to=clock.today() - timedelta(days=1), authority=authority, by=by)


def end_team_posts(*, user_id: int, team_id: int, last_day: date, by: Actor) -> int:
    """Who leaves a team sees its enterprises no longer: his posts for it end with that day. Returns how many."""
    user = db.session.get(User, user_id)
    rows = db.session.scalars(
        select(Post).where(Post.user_id == user_id, Post.team_id == team_id, or_(Post.valid_to.is_(None), Post.valid_to > last_day)).with_for_update()
    ).all()
    for post in rows if user is not None else ():
        old = {"role": post.role_code, "valid_to": post.valid_to}
        post.valid_to = last_day
        post.valid_from = min(post.valid_from, last_day) if post.valid_from else None
        _bump(user, "post.changed", old, {"valid_to": last_day, "team_id": team_id}, by)
    return len(rows)


def _keep_last(user: User, post_ids: list[int]) -> None:
    """Refuse what would leave a city without system or security administrator. Their posts are locked meanwhile."""
    if user.disabled_at is not None:
        return
    for post in list_posts(user.id):
        if post.id not in post_ids or post.role_code not in IRREPLACEABLE or not post.current or post.place not in (CITY, *WIDE):
            continue
        left = queries.cities_without(post.role_code, post, but=user.id, lock=True)
        if left:
            raise Conflict(
                "last_admin", f"“{user.name}”是{'、'.join(left[:5])}唯一的{post.role_label}，不能停用或结束其职务。请先任命另一位，再操作。"
            )
