"""What the pages of the desk ask again and again: filters of the address, the chair a person sits on, words of the pack."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from flask_login import current_user
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.demands.actions import Seat
from app.demands.models import Demand
from app.demands.queries.departments import Department, list_departments
from app.demands.queries.register import ALL_TABS, DemandFilters, DemandRow
from app.demands.rules.clocks import LAMP_TONES, LAMPS, lamp, overdue_words
from app.demands.rules.policy import DemandPolicy, policy_of
from app.demands.rules.rates import MEASURES
from app.demands.rules.states import OPEN, OUTCOMES, SOURCES, STATES, STEPS
from app.enterprises.queries import places as place_names
from app.infra import clock
from app.infra.web.access import current_scope
from app.kernel.permission import Permission
from app.kernel.scope import Scope
from app.packs import Pack
from app.policies.queries import current_pack

LARGEST = 2**31 - 1


def number_of(text: str | None, *, largest: int = LARGEST) -> int | None:
    """A whole number of the address, None for anything else."""
    plain = (text or "").strip()
    fits = plain.isascii() and plain.isdigit() and len(plain) < 19 and int(plain) <= largest
    return int(plain) if fits else None


def day_of(text: str | None) -> date | None:
    try:
        found = date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def filters_of(args: "MultiDict[str, str]") -> DemandFilters:
    """The filters of an address; what cannot be understood does not narrow."""

    def one_of(name: str, known: Any) -> str:
        value = args.get(name, "")
        return value if value in known else ""

    return DemandFilters(
        tab=one_of("tab", ALL_TABS) or "intake", text=(args.get("q") or "").strip()[:60], domain=(args.get("domain") or "").strip()[:60],
        source=one_of("source", SOURCES), state=one_of("state", STATES), outcome=one_of("outcome", OUTCOMES),
        organisation=number_of(args.get("organisation")), unit=number_of(args.get("unit")), handler=number_of(args.get("handler")),
        enterprise=number_of(args.get("enterprise"), largest=2**63 - 1), fast=args.get("fast") == "1", ruling=args.get("ruling") == "1",
        extension=args.get("extension") == "1", unmatched=args.get("unmatched") == "1", low=args.get("low") == "1",
        lamp=one_of("lamp", ("red", "yellow", "green")), first=day_of(args.get("first")), last=day_of(args.get("last")),
        measure=one_of("measure", MEASURES),
    )


@dataclass(frozen=True)
class Words:
    """Labels of the pack and names of places and departments for a list."""

    pack: Pack
    policy: DemandPolicy
    domains: dict[str, str]
    departments: dict[int, Department]
    now: datetime

    def domain(self, code: str) -> str:
        return self.domains.get(code, code)

    def department(self, organisation_id: int | None) -> str:
        found = self.departments.get(organisation_id or 0)
        return found.name if found is not None else ""

    def lamp(self, row: DemandRow | Demand) -> tuple[str, str, str]:
        """(tone, words of the tag, title) of what is due next."""
        if row.state not in OPEN:
            return "", "", ""
        code = lamp(row.due_at, row.yellow_at, self.now, paused=row.paused_at is not None)
        if row.due_at is None or code in ("still", "none"):
            return LAMP_TONES[code], LAMPS[code], ""
        return LAMP_TONES[code], f"{STEPS[row.due_step or 'solve']} {overdue_words(row.due_at, self.now)}", f"{LAMPS[code]}，时限 {moment(row.due_at)}"

    def lamp_word(self, row: DemandRow | Demand) -> str:
        return LAMPS[lamp(row.due_at, row.yellow_at, self.now, paused=row.paused_at is not None)] if row.state in OPEN else ""


def moment(at: datetime | None) -> str:
    """11-20 16:30 with the year only where it is another one."""
    if at is None:
        return "—"
    local = clock.local(at)
    return local.strftime("%m-%d %H:%M" if local.year == clock.today().year else "%Y-%m-%d %H:%M")


def words(pack: Pack | None = None) -> Words:
    """For the city of this page."""
    pack = pack or current_pack()
    domains = {entry.code: entry.label for entry in pack.entries("demand_domains", disabled=True)}
    cities = [place.id for place in place_names.places().by_id.values() if place.code == pack.area_code]
    departments = {one.id: one for one in list_departments(cities or None, all_of_them=True)}
    return Words(pack, policy_of(pack), domains, departments, clock.now())


def domain_choices(pack: Pack) -> list[tuple[str, str]]:
    """Domains in use, in the order of the pack."""
    return [(entry.code, entry.label) for entry in pack.entries("demand_domains")]


def city_of_pack(pack: Pack) -> int:
    """The area of the pack's city."""
    return next((place.id for place in place_names.places().by_id.values() if place.code == pack.area_code), 0)


def _inside(scope: Scope, demand: Demand) -> bool:
    return scope.everything or demand.city_id in scope.city_ids or demand.unit_id in scope.unit_ids


def seat_for(demand: Demand, permission: Permission = Permission.DEMAND_HANDLE) -> Seat:
    """From which chair the signed-in person acts on this demand: an officer where his area reaches it, else for his department."""
    scope = current_scope(permission)
    city = scope.everything or demand.city_id in scope.city_ids
    return Seat(office=_inside(scope, demand), city=city, organisation_ids=scope.organisation_ids)


def unit_choices() -> list[tuple[int, str]]:
    """Counties and zones inside the viewer's scope."""
    return [(unit.id, unit.name) for unit in place_names.places().units(current_scope())]


def own_enterprise() -> int | None:
    """The firm of a signed-in enterprise contact who sees nothing else."""
    scope = current_scope(Permission.DEMAND_RAISE)
    only = scope.enterprise_ids if not (scope.everything or scope.city_ids or scope.unit_ids or scope.team_ids or scope.liaison_ids) else frozenset()
    return next(iter(only)) if len(only) == 1 else None


def is_enterprise() -> bool:
    """Whether the person stands on the enterprise's side (he rates and withdraws in its name)."""
    return any(post.enterprise_id is not None and post.role_code == "enterprise_contact" for post in current_user.posts)


def asked() -> DemandFilters:
    return filters_of(request.args)


def qr_code(address: str, label: str) -> Markup:
    """The address as an inline picture: no script, no other host."""
    import segno

    drawn = segno.make(address, error="m").svg_inline(scale=5, border=2, title=label, svgclass=None, lineclass=None)
    return Markup(drawn)  # noqa: S704 (drawn by the library from an address of ours and an escaped title)
