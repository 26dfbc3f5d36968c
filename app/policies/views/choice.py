"""Which city a page speaks of. Who sees one city is never asked; who sees several picks one (``?city=371500``, carried by every link of the
page), and pages of one city's ladder (``access.one_city``) never go without."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, has_request_context, request
from flask_login import current_user
from markupsafe import Markup

from app.areas import queries as areas
from app.areas.models import Area
from app.infra import city as policy_city
from app.infra.settings import settings
from app.infra.web.access import of_one_city
from app.kernel.errors import NotFound
from app.policies import queries

ONE_CITY = frozenset({"ladder", "indicators"})
NOT_CARRIED = frozenset({"static", "identity.login", "identity.logout", "identity.health"})


@dataclass(frozen=True)
class Choice:
    """``cities``: those the person may pick, the installation's own first, then by code; ``chosen`` None = all of them together.

    ``single``: the page is of one city whatever was picked.
    """

    cities: tuple[Area, ...]
    chosen: Area | None
    single: bool

    @property
    def several(self) -> bool:
        return len(self.cities) > 1

    @property
    def shown(self) -> tuple[Area, ...]:
        """The cities the page speaks of."""
        return self.cities if self.chosen is None else (self.chosen,)


def choice() -> Choice:
    """The choice of this request (a person without any city: nothing to choose)."""
    if "city_choice" not in g:
        g.city_choice = _read()
    found: Choice = g.city_choice
    return found


def _read() -> Choice:
    cities = _ordered(areas.list_cities(current_user.city_ids)) if current_user.city_ids else ()
    text, arguments = request.args.get("city", ""), {name for name, value in request.args.items() if value}
    single = of_one_city(current_app.view_functions.get(request.endpoint or ""), arguments, usually=_ladder_page())
    if text:
        return Choice(cities, _named(cities, text), single)
    return Choice(cities, cities[0] if cities and (single or len(cities) == 1) else None, single)


def _ladder_page() -> bool:
    """Pages of the ladder speak of one city's ladder, pools and windows; of a firm, a record or a batch (a number in the path) its own city
    decides."""
    return request.blueprint in ONE_CITY and not any(isinstance(value, int) for value in (request.view_args or {}).values())


def _ordered(cities: Sequence[Area]) -> tuple[Area, ...]:
    own = settings().city
    return tuple(sorted(cities, key=lambda city: (len(cities) == 1 or not _is(city, own), city.code)))


def _is(city: Area, name: str) -> bool:
    """Whether a name of the address or the settings (area code or pack name) means this city."""
    if name == city.code:
        return True
    try:
        return not name.isdigit() and queries.city_name(city.code) == name
    except NotFound:
        return False


def _named(cities: Sequence[Area], text: str) -> Area:
    """The city of the address; one the person may not see does not exist for him."""
    for city in cities:
        if _is(city, text[:40]):
            return city
    raise NotFound("没有找到这个城市，或不在您的管辖范围内。请从菜单重新进入。")


def _policy_city() -> str | None:
    """The city whose pack answers on this page: the chosen one, else the person's own, else the installation's."""
    found = choice()
    city = found.chosen or next(iter(found.cities), None)
    return city.code if city is not None else None


def _begin() -> None:
    """Before every request: nothing is read for a person of one city until a page needs the policy."""
    g.city_id = None
    policy_city.forget()
    if request.endpoint in (None, *NOT_CARRIED) or not current_user.is_authenticated:
        return
    policy_city.choose(_policy_city)
    if len(current_user.city_ids) > 1 or "city" in request.args:
        found = choice()
        g.city_id = found.chosen.id if found.chosen and found.several else None


def _carry(endpoint: str, values: dict[str, Any]) -> None:
    """Links of a page keep its city, picked or not: what they open speaks of the same one. The menu keeps only one that was picked."""
    code = carried_code()
    if code and endpoint not in NOT_CARRIED and "city" not in values and not current_app.url_map.is_endpoint_expecting(endpoint, "city"):
        values["city"] = code


def carried_code() -> str | None:
    """Code of the one city this page speaks of, for somebody who may see several."""
    found = g.get("city_choice") if has_request_context() else None
    return found.chosen.code if found is not None and found.several and found.chosen is not None else None


def keep_city() -> Markup:
    """The city of the page as a hidden field for forms that ask with GET: their fields replace the whole query. For templates."""
    code = carried_code()
    return Markup('<input type="hidden" name="city" value="{}">').format(code) if code else Markup()


DAYS = ("as_of", "known_on", "year", "count", "title")
"""What another city is asked for, too; places, ladders and rungs are not the same there."""


def city_url(code: str | None) -> str:
    """This page for another city, or for all of them (None). For templates."""
    kept = {name: request.args[name] for name in DAYS if request.args.get(name)}
    query = urlencode({**({"city": code} if code else {}), **kept})
    return f"{request.script_root}{request.path}?{query}" if query else f"{request.script_root}{request.path}"


def init_app(app: Flask) -> None:
    """Read the choice before every request, forget it afterwards."""
    app.before_request(_begin)
    app.teardown_request(lambda _error: policy_city.forget())
    app.url_defaults(_carry)
    app.jinja_env.globals.update(city_choice=lambda: g.get("city_choice"), keep_city=keep_city, city_url=city_url)
