"""Which team (and which of its people) should take an enterprise: area, industry, room; with the reasons in words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

STEP = 0.25
"""A team that is fuller by a step of its capacity stands back even where it knows the industry better."""


@dataclass(frozen=True)
class Team:
    """A team as the proposal sees it. ``units`` and ``industries`` empty = everywhere, everything; ``capacity`` None = nobody said."""

    id: int
    name: str
    number: int
    units: frozenset[int] = frozenset()
    industries: frozenset[str] = frozenset()
    capacity: int | None = None
    load: int = 0


@dataclass(frozen=True)
class Firm:
    """An enterprise to be served. ``industry``: division (two digits) or ""; ``section``: its letter."""

    id: int
    unit_id: int
    industry: str = ""
    section: str = ""


@dataclass(frozen=True)
class Choice:
    """The team proposed for an enterprise and why; ``warnings``: what speaks against it."""

    firm_id: int
    team_id: int
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass
class _Loads:
    """How full every team is while the plan fills them."""

    given: dict[int, int] = field(default_factory=dict)

    def of(self, team: Team) -> int:
        return self.given.get(team.id, team.load)

    def share(self, team: Team) -> float:
        """Load against capacity; without a capacity against a hundred, which only orders teams among themselves."""
        return self.of(team) / (team.capacity or 100)

    def full(self, team: Team) -> bool:
        return team.capacity is not None and self.of(team) >= team.capacity


def industry_fit(firm: Firm, industries: frozenset[str]) -> int:
    """2 = the division is named, 1 = its section is, 0 = nothing is named, -1 = only others are."""
    if not industries:
        return 0
    if firm.industry and firm.industry in industries:
        return 2
    return 1 if firm.section and firm.section in industries else -1


def area_fit(unit_id: int, units: frozenset[int]) -> int:
    """1 = the county is named, 0 = the whole city, -1 = only others are named."""
    return 0 if not units else 1 if unit_id in units else -1


def propose(firms: Iterable[Firm], teams: Sequence[Team]) -> list[Choice]:
    """One choice per enterprise. First who has least choice, so that a specialised team is not filled by firms that fit anywhere."""
    loads, found = _Loads(), dict[int, Choice]()
    ordered = list(firms)
    for firm in sorted(ordered, key=lambda one: (sum(_fits(one, team) for team in teams), one.id)):
        if teams:
            team = min(teams, key=lambda one: _rank(firm, one, loads))
            found[firm.id] = Choice(firm.id, team.id, *_words(firm, team, loads))
            loads.given[team.id] = loads.of(team) + 1
    return [found[firm.id] for firm in ordered if firm.id in found]


def _fits(firm: Firm, team: Team) -> bool:
    return area_fit(firm.unit_id, team.units) >= 0 and industry_fit(firm, team.industries) >= 0


def _rank(firm: Firm, team: Team, loads: _Loads) -> tuple[object, ...]:
    """Smaller is better: serves the place, has room, is not much busier, knows the industry, is meant for the place, is less busy, number."""
    area, trade = area_fit(firm.unit_id, team.units), industry_fit(firm, team.industries)
    share = loads.share(team)
    return (area < 0, loads.full(team), int(share / STEP), trade < 0, -trade, -area, share, team.number)


def _words(firm: Firm, team: Team, loads: _Loads) -> tuple[tuple[str, ...], tuple[str, ...]]:
    reasons, warnings = [], []
    area, trade = area_fit(firm.unit_id, team.units), industry_fit(firm, team.industries)
    if area < 0:
        warnings.append("不在该队服务区域")
    elif area:
        reasons.append("属该队服务区域")
    if trade < 0:
        warnings.append("不属该队服务行业")
    elif trade:
        reasons.append("行业大类对口" if trade == 2 else "行业门类对口")
    load = loads.of(team)
    if loads.full(team):
        warnings.append(f"已达服务能力 {team.capacity} 家")
    else:
        reasons.append(f"现有 {load} 家，能力 {team.capacity} 家" if team.capacity else f"现有 {load} 家")
    return tuple(reasons), tuple(warnings)


@dataclass(frozen=True)
class Person:
    """A member who may answer for enterprises."""

    id: int
    capacity: int | None = None
    load: int = 0


def spread(choices: Mapping[int, int], people: Mapping[int, Sequence[Person]]) -> dict[int, int | None]:
    """Enterprise -> member of its team: always the least busy one (load against capacity), in order of the enterprises."""
    given: dict[int, int] = {}
    found: dict[int, int | None] = {}
    for firm_id in sorted(choices):
        offered = people.get(choices[firm_id], ())
        if not offered:
            found[firm_id] = None
            continue
        person = min(offered, key=lambda one: ((one.load + given.get(one.id, 0)) / (one.capacity or 100), one.id))
        given[person.id] = given.get(person.id, 0) + 1
        found[firm_id] = person.id
    return found
