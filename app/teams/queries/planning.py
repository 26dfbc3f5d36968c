"""What the pure proposal of ``rules.balancing`` needs, read for a set of enterprises."""

from collections.abc import Sequence

from app.enterprises.rules import industry
from app.infra import clock
from app.kernel.scope import Scope
from app.policies.queries import pack_of_city
from app.teams.models import ServiceTeam, TeamMember
from app.teams.queries import assignments, teams
from app.teams.queries.assignments import FirmLine
from app.teams.queries.reach import said
from app.teams.rules.balancing import Choice, Firm, Person, Team, propose, spread


def capacity_of(team: ServiceTeam) -> int | None:
    """How many enterprises a team can look after: its own word, else the setting of the city."""
    return team.capacity or _setting(team.city_id, "team_capacity")


def member_capacity(member: TeamMember, city_id: int) -> int | None:
    """The same for a person."""
    return member.capacity or _setting(city_id, "liaison_capacity")


def _setting(city_id: int, code: str) -> int | None:
    value = getattr(pack_of_city(city_id).find("settings", code), "value", None)
    return value if isinstance(value, int) else None


def plan(lines: Sequence[FirmLine], units: dict[int, int], scope: Scope, city_id: int) -> list[Choice]:
    """Teams proposed for these enterprises. ``units``: enterprise -> county or zone; ``scope``: whose teams. Loads count the whole city."""
    standing = teams.list_teams(scope, city_id=city_id)
    loads = assignments.loads([team.id for team in standing])
    offered = [
        Team(
            team.id, team.name, team.number, frozenset(int(code) for code in said(team.units)), frozenset(said(team.industries)), capacity_of(team),
            loads[team.id],
        ) for team in standing
    ]
    return propose([firm_of(line, units[line.id]) for line in lines], offered)


def firm_of(line: FirmLine, unit_id: int) -> Firm:
    """An enterprise as the rule sees it."""
    division = industry.division_of(line.industry_code)
    return Firm(line.id, unit_id, division.code if division else "", division.section if division else "")


def people(team_ids: Sequence[int], city_id: int) -> dict[int, list[Person]]:
    """Team -> who of it may answer for enterprises: its liaisons, where it has none its experts."""
    found = teams.members_by_team(team_ids, clock.today())
    loads = assignments.member_loads([member.id for members in found.values() for member in members])
    answer = {}
    for team_id, members in found.items():
        chosen = [m for m in members if m.role == "liaison"] or [m for m in members if m.role == "expert"]
        answer[team_id] = [Person(m.id, member_capacity(m, city_id), loads[m.id]) for m in chosen]
    return answer


def with_people(choices: dict[int, int], city_id: int) -> dict[int, tuple[int, int | None]]:
    """Enterprise -> (team, member) for the teams chosen."""
    members = spread(choices, people(sorted(set(choices.values())), city_id))
    return {firm_id: (team_id, members[firm_id]) for firm_id, team_id in choices.items()}
