"""Stored counts of today: enterprises per title, rung of the main ladder and town. Any other day is counted live."""

import hashlib
import json
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Select, String, and_, cast, func, literal, select

from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.infra.settings import settings
from app.kernel.scope import ALL, Scope
from app.ladder.models import Recognition, TitleCount, TitleCountState
from app.ladder.queries.counting import Filters, attributed, counted, grouped, highest, near
from app.ladder.queries.gaps import incomplete
from app.ladder.queries.places import places, towns_in_scope
from app.ladder.rules import CountKind
from app.packs import Pack
from app.policies.queries import active_pack


def current_pack(on: date | None = None) -> Pack:
    """The pack in force for this installation's city."""
    return active_pack(settings().city, on)


def title_counts_definition(pack: Pack) -> str:
    """Changes when the pack names other titles or rungs: the stored counts are then no longer what they say."""
    ladder = pack.ladders()[0]
    said = [ladder.code, [[rung.code, *rung.titles] for rung in ladder.rungs], [title.code for title in pack.entries("titles", disabled=True)]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def title_count_statements(pack: Pack, day: date, towns: Collection[int] | None) -> list[Select[Any]]:
    """``(subject, town id, enterprises)`` of everybody, per title and per rung of the main ladder."""
    filters = Filters(None if towns is None else frozenset(towns))
    codes = [title.code for title in pack.entries("titles", disabled=True)]
    held = counted(and_(Recognition.title_code.in_(codes), near(filters)), CountKind.STOCK, day, None, None, Recognition.title_code).subquery("held")
    top = highest([rung.titles for rung in pack.ladders()[0].rungs], day, None, filters)
    return [
        grouped(attributed(ALL, held, day, None, filters), literal("title:") + held.c.title_code),
        grouped(attributed(ALL, top, day, None, filters), literal("rung:") + cast(top.c.rung, String)),
        _per_town("all", towns),
        _per_town("gaps", towns).join(Recognition, Recognition.enterprise_id == Enterprise.id).where(incomplete(day)),
    ]


def _per_town(subject: str, towns: Collection[int] | None) -> Select[Any]:
    statement = select(literal(subject).label("subject"), Enterprise.town_id, func.count()).select_from(Enterprise)
    statement = statement.where(Enterprise.merged_into_id.is_(None)).group_by(Enterprise.town_id)
    return statement if towns is None else statement.where(Enterprise.town_id.in_(sorted(towns)))


def stored_counts(scope: Scope, pack: Pack, day: date) -> dict[str, dict[int, int]] | None:
    """Subject -> town id -> enterprises as stored, within the scope; None when they stand for another day or pack, or the scope is not by area."""
    if scope.enterprise_ids or scope.team_ids:
        return None
    state = db.session.execute(select(TitleCountState.day, TitleCountState.definition)).first()
    if state is None or tuple(state) != (day, title_counts_definition(pack)):
        return None
    seen = None if scope.everything else {place.town_id for place in towns_in_scope(scope, places(day).values())}
    answer: dict[str, dict[int, int]] = {}
    for subject, town_id, firms in db.session.execute(select(TitleCount.subject, TitleCount.town_id, TitleCount.firms)):
        if seen is None or town_id in seen:
            answer.setdefault(subject, {})[town_id] = firms
    return answer


def years_to_choose() -> list[int]:
    """Years with recognitions, newest first, as noted at the last whole count; the current year alone before it."""
    this_year = clock.today().year
    first = db.session.scalar(select(TitleCountState.first_year)) or this_year
    return list(range(this_year, first - 1, -1))
