"""Whom an audience means. A holder is written as ``kind:id`` (``team:12``, ``unit:7``, ``user:3``): stored on the item, held by people's posts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.identity.rules import HeldPost

BY_ROLE = {"bureau_officer": "city", "city_leader": "leader", "county_officer": "unit", "town_reporter": "town"}
OFFICES = {"department_liaison"}
"""Roles that act for their organisation."""


@dataclass(frozen=True)
class Matter:
    """Where an item belongs, as far as known. Ids of users, teams, organisations, areas and the enterprise; ``liaison_id``: the service liaison of
    the enterprise, who stands in for a team."""

    user_id: int | None = None
    team_id: int | None = None
    liaison_id: int | None = None
    organisation_id: int | None = None
    enterprise_id: int | None = None
    town_id: int | None = None
    unit_id: int | None = None
    city_id: int | None = None


def holder_of(audience: str, matter: Matter) -> str | None:
    """The holder an audience means for this item; None when the item has no such thing."""
    if audience == "team" and matter.team_id is None and matter.liaison_id is not None:
        return f"user:{matter.liaison_id}"
    kind, identity = {
        "person": ("user", matter.user_id), "team": ("team", matter.team_id), "team_leader": ("lead", matter.team_id),
        "department": ("org", matter.organisation_id), "town": ("town", matter.town_id), "unit": ("unit", matter.unit_id),
        "city": ("city", matter.city_id), "leader": ("leader", matter.city_id), "enterprise": ("firm", matter.enterprise_id),
    }[audience]
    return None if identity is None else f"{kind}:{identity}"


def keys_of(user_id: int, organisation_id: int | None, posts: Iterable[HeldPost]) -> frozenset[str]:
    """Every holder a person stands for today."""
    found = {f"user:{user_id}"}
    for post in posts:
        kind = BY_ROLE.get(post.role_code)
        if post.team_id is not None and post.place == "team":
            found.add(f"team:{post.team_id}")
            if post.role_code == "team_leader":
                found.add(f"lead:{post.team_id}")
        elif post.role_code == "enterprise_contact" and post.enterprise_id is not None:
            found.add(f"firm:{post.enterprise_id}")
        elif kind is not None:
            found |= {f"{kind}:{area}" for area in (post.cities or ({post.area_id} if post.area_id else set()))}
        elif post.role_code in OFFICES and organisation_id is not None:
            found.add(f"org:{organisation_id}")
    return frozenset(found)


@dataclass(frozen=True)
class Staff:
    """Who stands for which holder today: people that are not disabled and hold a post."""

    by_holder: dict[str, frozenset[int]] = field(default_factory=dict)

    def of(self, holder: str | None) -> frozenset[int]:
        return self.by_holder.get(holder or "", frozenset())

    def of_audience(self, audience: str, matter: Matter) -> frozenset[int]:
        """Exactly that audience, nobody in its place."""
        return self.of(holder_of(audience, matter))


def staff(people: Iterable[tuple[int, int | None, Sequence[HeldPost]]]) -> Staff:
    """From (user, organisation, posts of today) of everybody who may sign in."""
    found: dict[str, set[int]] = defaultdict(set)
    for user_id, organisation_id, posts in people:
        for key in keys_of(user_id, organisation_id, posts):
            found[key].add(user_id)
    return Staff({key: frozenset(ids) for key, ids in found.items()})


def responsible(audiences: Sequence[str], matter: Matter, present: Staff) -> str:
    """The first holder with somebody behind it: on leave, disabled or not appointed, the next one stands in, in the end the county or zone
    and the city. Where nobody is there at all the first one that the item knows keeps it, so that it is seen when somebody comes."""
    named = [holder for audience in (*audiences, "unit", "city") if (holder := holder_of(audience, matter)) is not None]
    return next((holder for holder in named if present.of(holder)), named[0] if named else "nobody")


def told(audience: str, matter: Matter, present: Staff) -> frozenset[int]:
    """The people of one audience, of the level above where there is nobody."""
    order = ("person", "team", "team_leader", "unit", "city")
    above = order[order.index(audience) + 1:] if audience in order else ("city",) if audience == "leader" else ()
    for one in (audience, *above):
        found = present.of(holder_of(one, matter))
        if found:
            return found
    return frozenset()


def recipients(holder: str, audience: str | None, to: Sequence[str], copy_to: Sequence[str], matter: Matter, present: Staff) -> frozenset[int]:
    """Those who have it on the desk and the copies, or the ``audience`` a step goes up to; where nobody is, the next level. Nobody is the level
    above himself: who acts hears the other steps."""
    acting = present.of(holder) or present.of(responsible(to, matter, present))
    if audience is not None:
        return _allowed(audience, told(audience, matter, present), matter) - acting
    return acting.union(*(_allowed(one, present.of_audience(one, matter), matter) for one in copy_to))


def _allowed(audience: str, people: frozenset[int], matter: Matter) -> frozenset[int]:
    """Towns see numbers of firms, not names."""
    return frozenset() if audience == "town" and matter.enterprise_id is not None else people
