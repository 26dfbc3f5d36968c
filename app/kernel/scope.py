"""How far a person sees. Access = permission x scope; the scope is applied in SQL by ``app.enterprises.queries`` and friends."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scope:
    """Union of everything listed. ``everything`` = the whole installation. Ids are ``area.id`` (city, managing unit, town) and ``enterprise.id``.

    An empty scope sees nothing. ``team_ids`` are expert teams whose assigned enterprises are visible, ``liaison_ids`` the persons (liaisons)
    to whom enterprises are assigned by name. Whoever holds a province or the whole installation has the cities of today in ``city_ids``, too;
    ``province_ids`` matters only for administering accounts and shows no firm.
    ``organisation_ids`` are departments: what was routed to them is visible (demands), no firm.
    """

    everything: bool = False
    city_ids: frozenset[int] = field(default_factory=frozenset)
    unit_ids: frozenset[int] = field(default_factory=frozenset)
    town_ids: frozenset[int] = field(default_factory=frozenset)
    enterprise_ids: frozenset[int] = field(default_factory=frozenset)
    team_ids: frozenset[int] = field(default_factory=frozenset)
    liaison_ids: frozenset[int] = field(default_factory=frozenset)
    province_ids: frozenset[int] = field(default_factory=frozenset)
    organisation_ids: frozenset[int] = field(default_factory=frozenset)

    @property
    def is_empty(self) -> bool:
        return not (self.everything or self.city_ids or self.unit_ids or self.town_ids or self.organisation_ids or self.by_name)

    @property
    def by_name(self) -> bool:
        """Whether enterprises are seen for what they are and not for where they are: own enterprise, own team, assigned to oneself."""
        return bool(self.enterprise_ids or self.team_ids or self.liaison_ids)

    @property
    def named(self) -> "Scope":
        """Only that part."""
        return Scope(enterprise_ids=self.enterprise_ids, team_ids=self.team_ids, liaison_ids=self.liaison_ids)


ALL = Scope(everything=True)
NOTHING = Scope()
