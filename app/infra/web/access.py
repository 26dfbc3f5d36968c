"""Access marks. Every route carries ``@requires(Permission.X)`` or ``@public``; a test walks the URL map and refuses an unmarked one.

``@commits`` is the only place where a web request commits. Order on a view: route, requires, commits.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, current_app, g, request
from flask_login import current_user

from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Forbidden
from app.kernel.permission import Permission
from app.kernel.scope import NOTHING, Scope

View = TypeVar("View", bound=Callable[..., Any])


def requires(permission: Permission) -> Callable[[View], View]:
    """The view needs a signed-in person holding ``permission``; otherwise login page (401 for fragments) or 403."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            if not has(permission):
                raise Forbidden("forbidden", f"您的角色没有“{permission.label}”权限。如工作需要，请联系本单位系统管理员。")
            g.permission = permission
            return view(*args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark


def public(view: View) -> View:
    """The view is open to everybody (login, health, public pages)."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Any signed-in person, whatever the role (own password, log out)."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return view(*args, **kwargs)

    guarded.access = "signed_in"  # type: ignore[attr-defined]
    return cast(View, guarded)


def commits(view: View) -> View:
    """Commit the unit of work when the view returns, roll everything back when it raises. Only on unsafe methods."""

    @wraps(view)
    def committing(*args: Any, **kwargs: Any) -> Any:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return view(*args, **kwargs)
        try:
            answer = view(*args, **kwargs)
            db.session.commit()
            return answer
        except BaseException:
            db.session.rollback()
            raise

    committing.commits = True  # type: ignore[attr-defined]
    return cast(View, committing)


def one_city(*when: str) -> Callable[[View], View]:
    """The page speaks of the ladder or the indicators of one city: who sees several gets one of them and a choice, never a mixture.

    ``when``: only if the address has one of these arguments (a list of holders is of one city when it asks for a rung). Stands under
    ``requires``.
    """

    def mark(view: View) -> View:
        view.one_city = frozenset(when)  # type: ignore[attr-defined]
        return view

    return mark


def all_cities(view: View) -> View:
    """The page may show several cities side by side, although its neighbours speak of one."""
    view.one_city = False  # type: ignore[attr-defined]
    return view


def of_one_city(view: Callable[..., Any] | None, arguments: Collection[str], *, usually: bool) -> bool:
    """Whether a request for this view with these arguments is about one city; ``usually``: what holds for a view that does not say."""
    when: frozenset[str] | bool | None = getattr(view, "one_city", None)
    if when is None or isinstance(when, bool):
        return usually if when is None else when
    return not when or bool(when.intersection(arguments))


def has(permission: Permission) -> bool:
    """Whether the signed-in person holds the permission."""
    return bool(current_user.is_authenticated and permission in current_user.permissions)


def current_scope(permission: Permission | None = None) -> Scope:
    """How far the signed-in person sees with ``permission`` (default: the one this route requires); nothing for a stranger.

    Only posts whose role holds the permission count: who is county officer here and town reporter there sees firms only here. Who sees
    several cities and has picked one (``?city=``), or opens a page of one city (``one_city``), sees that city.
    """
    if not current_user.is_authenticated:
        return NOTHING
    permission = permission or g.get("permission")
    scope: Scope = current_user.scope_for(permission, g.get("city_id")) if permission else current_user.scope
    return scope


def has_everywhere(permission: Permission) -> bool:
    """Whether the permission holds wherever the one of this route does: a list may then show what it opens in every row."""
    return has(permission) and current_scope(permission) == current_scope()


def current_reach(permission: Permission) -> Scope:
    """Areas in which the person holds an administrative permission (accounts, areas, logs); it opens no business data."""
    return current_user.reach(permission) if current_user.is_authenticated else NOTHING


def current_actor() -> Actor:
    """The signed-in person as an actor of this request."""
    if not current_user.is_authenticated:
        abort(401)
    return Actor(current_user.user_id, current_user.name, via="web", request_id=g.get("request_id"))


def wants_fragment() -> bool:
    """htmx asks for a part of the page (never when it restores history: that needs the whole page)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"
