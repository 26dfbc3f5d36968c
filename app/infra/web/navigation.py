"""The side menu. Capabilities register their entries at start-up; a person sees the ones his role may open."""

from dataclasses import dataclass

from flask import Flask, request, url_for

from app.infra.web.access import has
from app.kernel.permission import Permission

SECTIONS = ("日常", "专项", "输出与管理")


@dataclass(frozen=True)
class NavItem:
    """One entry: ``icon`` is a name of the sprite, ``order`` sorts inside the section, ``phone`` puts it into the bottom bar."""

    section: str
    order: int
    label: str
    endpoint: str
    icon: str
    permission: Permission
    phone: bool = False


_items: list[NavItem] = []


def register(item: NavItem) -> None:
    """Add an entry once (start-up only)."""
    if item not in _items:
        _items.append(item)


@dataclass(frozen=True)
class NavLink:
    """An entry ready to draw."""

    label: str
    url: str
    icon: str
    active: bool
    phone: bool


def navigation() -> list[tuple[str, list[NavLink]]]:
    """The menu of the signed-in person as (section, links), empty sections left out."""
    here = (request.blueprint or "") if request else ""
    menu = []
    for section in SECTIONS:
        items = sorted((i for i in _items if i.section == section and has(i.permission)), key=lambda i: i.order)
        links = [
            NavLink(i.label, url_for(i.endpoint), i.icon, request.endpoint == i.endpoint or i.endpoint.split(".")[0] == here, i.phone)
            for i in items
        ]
        if links:
            menu.append((section, links))
    return menu


def init_app(app: Flask) -> None:
    """Make ``navigation()`` callable in templates."""
    app.jinja_env.globals["navigation"] = navigation
