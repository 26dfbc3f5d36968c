"""The blueprint and what every page of it needs: which packs the person may see or edit."""

from flask import Blueprint
from flask_login import current_user

from app.infra.web.access import current_scope, has
from app.kernel.errors import NotFound
from app.kernel.permission import Permission
from app.kernel.scope import ALL, NOTHING, Scope
from app.packs import Pack
from app.policies import queries

blueprint = Blueprint("policies", __name__, url_prefix="/policies")


def viewing_scope() -> Scope:
    """A pack is public policy inside its own city: the person's home city counts whatever the post."""
    scope = current_scope()
    if scope.everything:
        return ALL
    home = {current_user.city_id} if current_user.city_id else set()
    return Scope(city_ids=frozenset(scope.city_ids | home))


def editing_scope() -> Scope:
    """Cities whose pack the person may change."""
    if not has(Permission.PACK_EDIT):
        return NOTHING
    scope: Scope = current_user.scope_for(Permission.PACK_EDIT)
    return scope


def get_pack(city: str) -> Pack:
    """The pack in force of a city the person may see; anything else is not found."""
    if city not in queries.list_packs(viewing_scope()):
        raise NotFound("没有找到这个城市的政策包，或不在您的管辖范围内。")
    return queries.active_pack(city)


def may_edit(city: str) -> bool:
    return city in queries.list_packs(editing_scope())
