"""The side menu. Capabilities register their entries at start-up; a person sees the ones his role may open."""

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for

from app.infra.web.access import has
from app.kernel.permission import Permission

SECTIONS = ("日常", "梯度培育", "服务企业", "考核评价", "输出与管理")


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
    covers: frozenset[str] = frozenset()
    """Endpoints that belong to the entry although their address does not say so."""


_items: list[NavItem] = []


def register(item: NavItem) -> None:
    """Add an entry once (start-up only)."""
    if item not in _items:
        _items.append(item)


_belongs: dict[str, str] = {}


def belong(page: str, entry: str) -> None:
    """Pages below the address of ``page`` are shown under the entry of another address (start-up only; both are endpoints)."""
    _belongs[page] = entry


@dataclass(frozen=True)
class NavLink:
    """An entry ready to draw."""

    label: str
    url: str
    icon: str
    active: bool
    phone: bool


def address_of(endpoint: str) -> str:
    """``url_for`` of a page without arguments, built once per place the application is mounted at: menus ask for dozens on every page."""
    known: dict[tuple[str, str, str], str] = current_app.extensions.setdefault("yumiao_addresses", {})
    key = (endpoint, request.script_root, picked_city())
    if key not in known:
        known[key] = url_for(endpoint, city=picked_city() or None)
    return known[key]


def path_for(endpoint: str) -> str:
    """The address of a page without any argument, for a query string put together by hand (with ``carried_city`` in it)."""
    return address_of(endpoint).partition("?")[0]


def picked_city() -> str:
    """The city picked in the address; links carry it (``policies.views.choice``)."""
    text = request.args.get("city", "")
    return text if g.get("city_choice") is not None and g.city_choice.several else ""


def carried_city() -> dict[str, str]:
    """The one city of this page, picked or not, as an argument for addresses put together by hand."""
    found = g.get("city_choice")
    return {"city": found.chosen.code} if found is not None and found.several and found.chosen is not None else {}


def here() -> str:
    """Endpoint of the entry this page belongs to: the one whose address begins the page's own, the longest if several do."""
    for item in _items:
        if request.endpoint in item.covers:
            return item.endpoint
    entries = [(address_of(i.endpoint), i.endpoint) for i in _items if i.endpoint in current_app.view_functions]
    entries += [(address_of(page), entry) for page, entry in _belongs.items() if page in current_app.view_functions]
    entries = [(url.partition("?")[0], endpoint) for url, endpoint in entries]
    found = [(len(url), endpoint) for url, endpoint in entries if request.path == url or (len(url) > 1 and request.path.startswith(url.rstrip("/") + "/"))]
    return max(found, default=(0, ""))[1]


def navigation() -> list[tuple[str, list[NavLink]]]:
    """The menu of the signed-in person as (section, links), empty sections left out."""
    place, menu = here(), []
    for section in SECTIONS:
        items = sorted((i for i in _items if i.section == section and has(i.permission)), key=lambda i: i.order)
        links = [
            NavLink(i.label, address_of(i.endpoint), i.icon, i.endpoint == place, i.phone)
            for i in items
        ]
        if links:
            menu.append((section, links))
    return menu


def init_app(app: Flask) -> None:
    """Make ``navigation()`` callable in templates."""
    app.jinja_env.globals.update(navigation=navigation, path_for=path_for)
