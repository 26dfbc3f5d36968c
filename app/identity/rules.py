"""Pure decisions of the identity capability: what posts grant, which passwords are good, where a login may lead, when it locks."""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

from app.identity.roles import ADMINISTRATORS, CITY, ENTERPRISE, INSTALLATION, PROVINCE, ROLES, TEAM, TOWN, UNIT, Role
from app.kernel.permission import Permission
from app.kernel.scope import Scope

PLACE_OF_KIND = {
    "province": PROVINCE, "city": CITY, "county": UNIT, "zone": UNIT, "subdistrict": TOWN, "town": TOWN, "township": TOWN, "functional_area": TOWN,
    "direct": TOWN,
}
FAILURES_TO_LOCK = 5
LOCK = timedelta(minutes=15)
"""facts.md 7.1: five failures, 15 to 30 minutes."""
FAILURES_PER_IP = 60
"""Failed attempts from one address within ``LOCK``, whatever the login: a whole bureau sits behind one address, so not too few."""
INITIAL_VALID = timedelta(days=14)
"""A password set by an administrator must be used and changed by then (ASVS 5.0, 6.4.1: initial secrets expire)."""
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class HeldPost:
    """A post valid today, with the kind of its area. Ids are database ids.

    ``city_id``: the city its area lies in; ``cities``: of a post over several cities, those that stand in the installation today.
    ``user_id``: who holds it; a post for a team also reaches the enterprises assigned to that person by name.
    ``organisation_id``: the department or office its holder belongs to.
    """

    role_code: str
    area_id: int | None = None
    area_kind: str | None = None
    city_id: int | None = None
    team_id: int | None = None
    enterprise_id: int | None = None
    everywhere: bool = False
    cities: frozenset[int] = frozenset()
    narrowed: bool = False
    user_id: int | None = None
    organisation_id: int | None = None

    def touches(self, city_id: int) -> bool:
        """Whether the post reaches into a city; posts for a team or an enterprise go by the firm, wherever it is."""
        return city_id in self.cities or city_id == self.city_id or (self.area_id is None and not self.everywhere)

    def within(self, city_id: int) -> "HeldPost":
        """The post as far as one city: of a province or all cities only this one is left."""
        return replace(self, cities=frozenset({city_id}), narrowed=True) if self.cities else self

    @property
    def place(self) -> str | None:
        """Where it is held: one of ``roles.PLACES``; None when nothing is named."""
        if self.everywhere:
            return INSTALLATION if not self.narrowed else CITY
        if self.area_kind is not None:
            return PLACE_OF_KIND.get(self.area_kind)
        return TEAM if self.team_id is not None else ENTERPRISE if self.enterprise_id is not None else None


@dataclass(frozen=True)
class Grants:
    """What a person's posts give him today. Several posts are a union, but each permission reaches only where its own posts are."""

    posts: tuple[HeldPost, ...]

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return frozenset().union(*(ROLES[p.role_code].permissions for p in self.posts))

    @cached_property
    def scope(self) -> Scope:
        """Business data of all posts; administrators' posts give none."""
        return _union(p for p in self.posts if ROLES[p.role_code].business)

    def scope_for(self, permission: Permission, city_id: int | None = None) -> Scope:
        """Business data of the posts that hold ``permission``: a county post does not widen what a town post shows.

        ``city_id``: only as far as that city.
        """
        posts = (p for p in self.posts if ROLES[p.role_code].business and permission in ROLES[p.role_code].permissions)
        return _union((posts if city_id is None else (p.within(city_id) for p in posts if p.touches(city_id))), permission)

    def reach(self, permission: Permission) -> Scope:
        """Areas in which the person holds ``permission``, administrators included: for accounts, areas and logs, never for firms."""
        return _union(p for p in self.posts if permission in ROLES[p.role_code].permissions)

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        return tuple(ROLES[code] for code in dict.fromkeys(p.role_code for p in self.posts))

    @cached_property
    def role_labels(self) -> tuple[str, ...]:
        """Names of the roles where they are held."""
        return tuple(dict.fromkeys(ROLES[p.role_code].label_at(p.place) for p in self.posts))

    @cached_property
    def assignable(self) -> frozenset[str]:
        """Role codes the person may give to others."""
        return frozenset().union(*(role.assigns for role in self.roles))


def grants(posts: Iterable[HeldPost]) -> Grants:
    """Posts whose role is unknown or not meant for the place give nothing."""
    return Grants(tuple(p for p in posts if p.role_code in ROLES and p.place in ROLES[p.role_code].places))


def _union(posts: Iterable[HeldPost], permission: Permission | None = None) -> Scope:
    """``permission``: where a role holds it only for what was routed to the organisation, its area opens nothing."""
    found: dict[str, set[int]] = {PROVINCE: set(), CITY: set(), UNIT: set(), TOWN: set(), TEAM: set(), ENTERPRISE: set()}
    everything, persons, organisations = False, set[int](), set[int]()
    for post in posts:
        routed = ROLES[post.role_code].routed
        if post.organisation_id is not None and (permission in routed or (permission is None and routed)):
            organisations.add(post.organisation_id)
        if permission in routed:
            continue
        found[CITY] |= post.cities
        everything |= post.place == INSTALLATION
        identity = post.area_id if post.area_kind is not None else post.team_id if post.place == TEAM else post.enterprise_id
        if post.place in found and identity is not None:
            found[post.place].add(identity)
        if post.place == TEAM and post.user_id is not None:
            persons.add(post.user_id)
    return Scope(
        everything=everything, province_ids=frozenset(found[PROVINCE]), city_ids=frozenset(found[CITY]), unit_ids=frozenset(found[UNIT]),
        town_ids=frozenset(found[TOWN]), team_ids=frozenset(found[TEAM]), enterprise_ids=frozenset(found[ENTERPRISE]),
        liaison_ids=frozenset(persons), organisation_ids=frozenset(organisations),
    )


def mixes_administrators(role_codes: Iterable[str]) -> bool:
    """True when two of the three administrators would be one person (三员分立)."""
    return len(ADMINISTRATORS & set(role_codes)) > 1


@dataclass(frozen=True)
class PasswordProfile:
    """``asvs``: length and a list of common ones, no composition rule, no rotation. ``dengbao``: GB/T 22239-2019 practice."""

    code: str
    min_length: int
    classes: int
    max_age: timedelta | None
    history: int


PROFILES = {
    "asvs": PasswordProfile("asvs", min_length=8, classes=0, max_age=None, history=0),
    "dengbao": PasswordProfile("dengbao", min_length=10, classes=3, max_age=timedelta(days=90), history=5),
}
MAX_LENGTH = 128
CONTEXT = ("yumiao", "liaocheng", "育苗")
_RUNS = ("01234567890", "9876543210", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba", "qwertyuiopasdfghjklzxcvbnm")


def normal_password(text: str) -> str:
    """The same password whatever keyboard composed it (NFC); nothing is trimmed or folded."""
    return unicodedata.normalize("NFC", text)


def password_problem(password: str, *, login: str, profile: PasswordProfile, common: frozenset[str]) -> str | None:
    """Why the password is refused, in Chinese; None when it is good. ASVS 5.0 chapter 6.2; facts.md 7.1 for ``dengbao``."""
    folded = password.casefold()
    if len(password) < profile.min_length:
        return f"密码太短，至少 {profile.min_length} 个字符。"
    if len(password) > MAX_LENGTH:
        return f"密码太长，最多 {MAX_LENGTH} 个字符。"
    if folded in common or len(set(folded)) < 3 or any(folded in run * 2 for run in _RUNS):
        return "这个密码太常见，容易被猜中，请换一个。"
    if any(word in folded for word in (login.casefold(), *CONTEXT) if len(word) >= 2):
        return "密码里不能包含登录名或系统名称，请换一个。"
    if _classes(password) < profile.classes:
        return "密码须包含大写字母、小写字母、数字、其他符号中的至少三类。"
    return None


def _classes(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit, lambda c: not (c.isupper() or c.islower() or c.isdigit()))
    return sum(any(test(c) for c in password) for test in tests)


def password_expired(changed_at: datetime | None, now: datetime, profile: PasswordProfile) -> bool:
    """True when the profile asks for a new password by now."""
    return profile.max_age is not None and (changed_at is None or now - changed_at > profile.max_age)


def safe_next(text: str | None) -> str | None:
    """The text as a path of this site to go to after login, or None: no other site, no scheme, no control characters, no login loop."""
    if not text or len(text) > 1000 or not text.startswith("/") or text[:2] in ("//", "/\\") or "\\" in text:
        return None
    if any(unicodedata.category(c)[0] in "CZ" for c in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc or parts.path in ("/login", "/logout") else text


def post_valid(valid_from: date | None, valid_to: date | None, today: date) -> bool:
    """Both ends inclusive; an open end is open."""
    return (valid_from is None or valid_from <= today) and (valid_to is None or today <= valid_to)


LOGIN = re.compile(r"[\w][\w.@-]{1,39}\Z")
"""Letters (Chinese ones too), digits, ``. _ @ -``; compared without case."""
_CLEAR = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"


def one_time_password() -> str:
    """Four groups of four clear characters with every class in it: 80 bits, easily read over the phone."""
    while True:
        groups = ["".join(secrets.choice("".join(_CLEAR)) for _ in range(4)) for _ in range(4)]
        text = "-".join(groups)
        if all(any(c in kind for c in text) for kind in _CLEAR):
            return text


@dataclass(frozen=True)
class Authority:
    """Who administers accounts: in which areas (``reach``), and which roles he may give."""

    user_id: int | None
    reach: Scope
    assignable: frozenset[str]
    separate_admins: bool = True

    @property
    def whole_city(self) -> bool:
        """Answers for at least one city as a whole."""
        return self.reach.everything or bool(self.reach.city_ids)


SYSTEM_AUTHORITY = Authority(None, Scope(everything=True), frozenset(ROLES))
"""The command line on the server."""
