"""The signed-in person as the rest of the system sees him: ``flask_login.current_user``. Loaded once per request, changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.identity.roles import Role
from app.identity.rules import Grants, HeldPost
from app.kernel.permission import Permission
from app.kernel.scope import NOTHING, Scope


@dataclass(frozen=True)
class HomeArea:
    """Where the person belongs. ``kind`` as in ``areas.models.KINDS``."""

    id: int
    name: str
    kind: str
    city_id: int | None


@dataclass(frozen=True)
class Principal:
    """``token`` is the secret of the cookie and stays here; ``session_id`` names the stored session."""

    token: str
    session_id: int
    last_seen_at: datetime
    user_id: int
    login: str
    name: str
    must_change_password: bool
    password_changed_at: datetime | None
    large_type: bool
    area: HomeArea | None
    grants: Grants
    organisation_id: int | None = None

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.token

    @property
    def permissions(self) -> frozenset[Permission]:
        return self.grants.permissions

    @property
    def scope(self) -> Scope:
        """Business data of all posts together; views use ``access.current_scope()``, which narrows it to the route's permission."""
        return self.grants.scope

    def scope_for(self, permission: Permission, city_id: int | None = None) -> Scope:
        return self.grants.scope_for(permission, city_id)

    def reach(self, permission: Permission) -> Scope:
        """Areas in which the person holds an administrative permission (accounts, areas, logs)."""
        return self.grants.reach(permission)

    @property
    def city_id(self) -> int | None:
        return self.area.city_id if self.area else None

    @cached_property
    def city_ids(self) -> frozenset[int]:
        """Cities whose public facts (areas, packs) the person works with: those of the posts and of the home area."""
        found = {post.city_id for post in self.grants.posts} | {self.city_id}
        return frozenset(c for c in found if c is not None).union(*(post.cities for post in self.grants.posts))

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        return self.grants.roles

    @cached_property
    def role_labels(self) -> tuple[str, ...]:
        return self.grants.role_labels

    @property
    def posts(self) -> Sequence[HeldPost]:
        return self.grants.posts


class Stranger:
    """Nobody signed in: the same attributes, with nothing in them."""

    is_authenticated = False
    is_active = False
    is_anonymous = True
    user_id = None
    login = name = ""
    permissions: frozenset[Permission] = frozenset()
    scope = NOTHING
    area = None
    organisation_id = None
    city_id = None
    city_ids: frozenset[int] = frozenset()
    roles: tuple[Role, ...] = ()
    role_labels: tuple[str, ...] = ()
    posts: tuple[HeldPost, ...] = ()
    large_type = False
    must_change_password = False

    def get_id(self) -> None:
        return None

    def scope_for(self, permission: Permission, city_id: int | None = None) -> Scope:
        return NOTHING

    def reach(self, permission: Permission) -> Scope:
        return NOTHING
