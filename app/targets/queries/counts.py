"""What the register of recognitions says of a metric in a city: many counts in one statement, and the enterprises behind one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from app.areas.models import Area
from app.enterprises.models import EnterpriseTown
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.scope import ALL, Scope
from app.ladder import queries as ladder
from app.ladder.queries.counting import NO_FILTERS, attributed, counted, of_metric
from app.ladder.queries.counting import MemberRow as MemberRow
from app.ladder.rules import CountKind, any_level


@dataclass(frozen=True)
class Ask:
    """One count: holders of any of the titles in a city. ``window``: first and last year of a count of new ones."""

    titles: tuple[str, ...]
    kind: CountKind
    day: date
    window: tuple[int, int] | None = None


def counts(city_id: int, asked: Sequence[Ask], known_on: date | None) -> dict[Ask, int]:
    """Every count in one statement, each enterprise once per count."""
    wanted = list(dict.fromkeys(asked))
    if not wanted:
        return {}
    parts = [
        _of_city(city_id, one, known_on).with_only_columns(literal(place).label("place"), func.count().label("firms")) for place, one in enumerate(wanted)
    ]
    return {wanted[place]: firms for place, firms in db.session.execute(union_all(*parts))}


def members(scope: Scope, city_id: int, ask: Ask, known_on: date | None, cursor: str | None, size: int) -> Page[MemberRow]:
    """The enterprises a count counted; names only of those the viewer may see today."""
    return ladder.member_page(scope, _of_city(city_id, ask, known_on), cursor, size)


def _of_city(city_id: int, ask: Ask, known_on: date | None) -> Select[tuple[int, int]]:
    found = counted(of_metric(any_level(*ask.titles)), ask.kind, ask.day, known_on, ask.window).subquery("counted")
    towns: ColumnElement[bool] = EnterpriseTown.town_id.in_(select(Area.id).where(Area.city_id == city_id))
    return attributed(ALL, found, ask.day, known_on, NO_FILTERS).where(towns)
