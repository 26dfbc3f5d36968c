"""Who knows how a provider, an expert or a project did in a year. Capabilities above register what they know; the facts of all are joined."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select

from app.enterprises.models import Enterprise, EnterpriseAssignment
from app.infra.db import db
from app.packs import Pack
from app.packs.schema import ServiceScheme
from app.teams.models import Expert, Provider, ServiceResource, TeamMember
from app.teams.models.registers import SERVING
from app.teams.rules.scoring import Criterion, Scheme


@dataclass
class Known:
    """What is known of one subject: the enterprises it served, facts by name of ``rules.scoring.FACTS``, its name where the register has none.

    ``cases`` None: the enterprises are the cases.
    """

    firms: set[int] = field(default_factory=set)
    facts: dict[str, Decimal] = field(default_factory=dict)
    name: str = ""
    cases: int | None = None


Source = Callable[[int, int], Mapping[int, Known]]
"""(city id, year) -> subject id -> what is known."""
_sources: dict[str, dict[str, Source]] = {"provider": {}, "expert": {}, "project": {}}


def register(subject: str, source: Source) -> None:
    """Add somebody who knows (once, at start-up)."""
    _sources[subject][f"{source.__module__}.{source.__qualname__}"] = source


def known_of(subject: str, city_id: int, year: int) -> dict[int, Known]:
    """Everything known of the subjects of a city: those of the register, or, of projects, those somebody names."""
    found: dict[int, Known] = {}
    if subject != "project":
        model: Any = Provider if subject == "provider" else Expert
        rows = db.session.execute(select(model.id, model.name).where(model.city_id == city_id, model.state.in_(SERVING)))
        found = {key: Known(name=name) for key, name in rows}
        _own_facts(subject, found, year)
    for source in _sources[subject].values():
        for key, more in source(city_id, year).items():
            if subject == "project":
                found.setdefault(key, Known())
            if key in found:
                _join(found[key], more)
    for known in found.values():
        if known.firms:
            known.facts.setdefault("firms", Decimal(len(known.firms)))
    _units(found)
    return found


def _join(known: Known, more: Known) -> None:
    known.firms |= more.firms
    known.facts |= more.facts
    known.name = known.name or more.name
    known.cases = more.cases if more.cases is not None else known.cases


def _own_facts(subject: str, found: dict[int, Known], year: int) -> None:
    """Enterprises assigned in the year, resources in the pool."""
    row = EnterpriseAssignment
    first, last = date(year, 1, 1), date(year, 12, 31)
    within = (row.valid_from <= last, or_(row.valid_to.is_(None), row.valid_to >= first), or_(row.valid_to.is_(None), row.valid_to >= row.valid_from))
    if subject == "provider":
        query = select(row.provider_id, row.enterprise_id).where(row.kind == "provider", *within)
        counted = select(ServiceResource.provider_id, func.count()).where(ServiceResource.state.in_(SERVING)).group_by(ServiceResource.provider_id)
        for key, count in db.session.execute(counted):
            if key in found:
                found[key].facts["resources"] = Decimal(count)
    else:
        query = select(TeamMember.expert_id, row.enterprise_id).join(row, row.member_id == TeamMember.id).where(row.kind == "team", *within)
    for key, firm in db.session.execute(query):
        if key in found:
            found[key].firms.add(firm)


def _units(found: Mapping[int, Known]) -> None:
    """Counties and zones of the enterprises served."""
    unit_of = _unit_of({firm for known in found.values() for firm in known.firms})
    for known in found.values():
        if known.firms:
            known.facts.setdefault("units", Decimal(len({unit_of[firm] for firm in known.firms if firm in unit_of})))


def _unit_of(ids: Collection[int]) -> dict[int, int]:
    wanted, found = sorted(ids), dict[int, int]()
    for start in range(0, len(wanted), 900):
        found |= dict(db.session.execute(select(Enterprise.id, Enterprise.unit_id).where(Enterprise.id.in_(wanted[start : start + 900]))).all())
    return found


def scheme_entry(pack: Pack, subject: str, year: int) -> ServiceScheme | None:
    """The scheme in force at the end of the year."""
    day = date(year, 12, 31)
    found = [entry for entry in pack.entries("service_schemes", day) if isinstance(entry, ServiceScheme) and entry.subject == subject]
    return found[0] if found else None


def scheme_of(entry: ServiceScheme) -> Scheme:
    """The same as the rules take it."""
    criteria = [Criterion(c.code, c.label, c.weight, c.source, Decimal(c.zero), Decimal(c.full)) for c in entry.criteria]
    return Scheme(entry.label, entry.cases, entry.min_cases, Decimal(entry.warn_below), Decimal(entry.leave_below), criteria)
