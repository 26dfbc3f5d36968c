"""Where each announced deadline belongs: its town, county and city, its team, and who has it on the desk."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from app.areas.models import Area
from app.enterprises.queries.serving import Place, places_and_teams
from app.infra.db import db
from app.kernel.due import DueItem
from app.reminders.queries.book import Book
from app.reminders.rules.people import Matter, Staff, responsible

PIECE = 5000
UNITS, CITY = ("county", "zone"), "city"


@dataclass
class Places:
    """Areas by id, and the enterprises of one collection by id."""

    areas: dict[int, Area]
    firms: dict[int, Place]

    def matter(self, item: DueItem) -> Matter:
        """The enterprise decides; an area named by the capability goes before it."""
        firm = self.firms.get(item.enterprise_id or 0)
        town, unit, city = (firm.town_id, firm.unit_id, firm.city_id) if firm else (None, None, None)
        area = self.areas.get(item.area_id or 0)
        if area is not None:
            town = area.id if area.is_town else town
            unit = area.id if area.kind in UNITS else unit
            city = area.id if area.kind == CITY else area.city_id or city
        team = item.team_id if item.team_id is not None else firm.team_id if firm else None
        return Matter(item.user_id, team, firm.liaison_id if firm else None, item.organisation_id, item.enterprise_id, town, unit, city)


def places_of(items: Collection[DueItem]) -> Places:
    """Everything needed to place the items: areas, and the firms they speak of in pieces."""
    wanted = sorted({item.enterprise_id for item in items if item.enterprise_id is not None})
    firms: dict[int, Place] = {}
    for piece in _pieces(wanted):
        firms.update(places_and_teams(piece))
    return Places({area.id: area for area in db.session.scalars(select(Area))}, firms)


def _pieces(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), PIECE):
        yield ids[start:start + PIECE]


def holder_for(code: str, matter: Matter, book: Book, present: Staff, handed_to: str | None = None) -> str:
    """Who has it on the desk: whom it was handed to, if he is still there, else whom the rule names."""
    if handed_to and present.of(handed_to):
        return handed_to
    rule = book.of(matter.city_id).rule(code)
    audiences: Iterable[str] = rule.to if rule is not None else ("person", "team")
    return responsible(tuple(audiences), matter, present)
