"""What the list of a past day asks the ladder: who held a title, who stood on a rung, what each firm held."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import false, select

from app.enterprises.models import Enterprise
from app.enterprises.queries.past import PastTitles, register_past_titles
from app.ladder import queries
from app.ladder.queries.counting import counted, highest, of_metric
from app.ladder.queries.kanban import holds_any
from app.ladder.rules import CountKind, any_level


def register() -> None:
    """At start-up."""
    register_past_titles(PastTitles(_holds, _stands, _held))


def _holds(title: str, day: date, known_on: date | None) -> Any:
    return Enterprise.id.in_(counted(of_metric(any_level(title)), CountKind.STOCK, day, known_on, None))


def _stands(rung: str, day: date, known_on: date | None) -> Any:
    """On a rung of the city's main ladder; ``none``: on no rung."""
    ladder = queries.pack_known(known_on).ladders()[0]
    rungs = [one.titles for one in ladder.rungs]
    if rung == "none":
        return ~holds_any(Enterprise.id, rungs, day, known_on)
    place = next((n for n, one in enumerate(ladder.rungs) if one.code == rung), None)
    if place is None:
        return false()
    found = highest(rungs, day, known_on)
    return Enterprise.id.in_(select(found.c.enterprise_id).where(found.c.rung == place))


def _held(ids: Collection[int], day: date, known_on: date | None) -> dict[int, tuple[str, ...]]:
    pack = queries.current_pack()
    order = {title.code: place for place, title in enumerate(pack.titles())}
    held = queries.held_titles(ids, day, known_on)
    return {id_: tuple(pack.title_label(code) for code in sorted(codes, key=lambda c: (order.get(c, 99), c))) for id_, codes in held.items()}
