"""Stored counts of today: enterprises per title, rung of the main ladder and town. Any other day is counted live."""

import hashlib
import json
from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, and_, bindparam, case, cast, func, literal, or_, select

from app.areas.models import Area, AreaMembership
from app.enterprises.models import Enterprise
from app.infra import city, clock
from app.infra.db import db
from app.infra.settings import settings
from app.kernel.scope import ALL, Scope
from app.ladder.models import Recognition, TitleCount, TitleCountState
from app.ladder.queries.counting import Filters, attributed, counted, grouped, highest, near
from app.ladder.queries.expiring import SOON, runs_out
from app.ladder.queries.gaps import incomplete
from app.ladder.queries.places import covers, known, places, towns_in_scope
from app.ladder.rules import CountKind
from app.packs import Pack
from app.policies.queries import current_pack as current_pack
from app.policies.queries import pack_as_known


def pack_known(known_on: date | None) -> Pack:
    """The pack whose rules a count goes by: today's, or the one known on a past day (a number is then made as it was made that day)."""
    return current_pack() if known_on is None else pack_as_known(city.chosen() or settings().city, known_on)


SUBJECTS = ["all", "gaps", "soon"]
"""Stored beside titles and rungs: enterprises; recognitions with a missing date; recognitions that run out within ``SOON`` days."""


@lru_cache(maxsize=32)
def title_counts_definition(pack: Pack) -> str:
    """Changes when the pack names other titles or rungs: the stored counts are then no longer what they say."""
    ladder = pack.ladders()[0]
    said = [SUBJECTS, ladder.code, [[rung.code, *rung.titles] for rung in ladder.rungs], [title.code for title in pack.entries("titles", disabled=True)]]
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
        *subject_statements(day, towns),
    ]


def subject_statements(day: date, towns: Collection[int] | None) -> list[Select[Any]]:
    """``(subject, town id, number)`` of ``SUBJECTS``: what needs no pack."""
    return [
        per_town("all", towns),
        per_town("gaps", towns).join(Recognition, Recognition.enterprise_id == Enterprise.id).where(incomplete(day)),
        per_town("soon", towns).join(Recognition, Recognition.enterprise_id == Enterprise.id).where(runs_out(day, day + timedelta(days=SOON))),
    ]


def per_town(subject: str, towns: Collection[int] | None) -> Select[Any]:
    """``(subject, town id, enterprises)`` of the town an enterprise is in now. The few merged ones as a list: the rest is counted in the
    index of towns alone."""
    merged = select(Enterprise.id).where(Enterprise.merged_into_id.is_not(None))
    statement = select(literal(subject).label("subject"), Enterprise.town_id, func.count()).select_from(Enterprise)
    statement = statement.where(Enterprise.id.not_in(merged)).group_by(Enterprise.town_id)
    return statement if towns is None else statement.where(Enterprise.town_id.in_(sorted(towns)))


def stored_counts(scope: Scope, pack: Pack, day: date) -> dict[str, dict[int, int]] | None:
    """Subject -> town id -> enterprises of the pack's city as stored, within the scope; None when they stand for another day or pack, or
    the scope is not by area. Rungs are those of this city's ladder: cities are never mixed."""
    if scope.by_name:
        return None
    of_city = select(TitleCountState.day, TitleCountState.definition).join(Area, Area.id == TitleCountState.city_id)
    state = db.session.execute(of_city.where(Area.code == pack.area_code)).first()
    if state is None or tuple(state) != (day, title_counts_definition(pack)):
        return None
    reach = towns_in_scope(scope, places(day).values())
    seen = {place.town_id for place in reach if place.city_code == pack.area_code}
    answer: dict[str, dict[int, int]] = {}
    for subject, town_id, firms in db.session.execute(select(TitleCount.subject, TitleCount.town_id, TitleCount.firms)):
        if town_id in seen:
            answer.setdefault(subject, {})[town_id] = firms
    return answer


def stored_total(scope: Scope, subject: str, day: date) -> int | None:
    """Sum of one of ``SUBJECTS`` over the scope's towns, in however many cities, in one statement; None while the counts of any city stand
    for another day, or the scope is not by area."""
    if scope.by_name or scope.is_empty:
        return None
    expected, found, firms = db.session.execute(_total_statement(scope, day), {"subject": subject}).one()
    return int(firms) if found and found == expected else None


@lru_cache(maxsize=256)
def _total_statement(scope: Scope, day: date) -> Select[Any]:
    """Kept: every list page asks it."""
    total = select(func.coalesce(func.sum(TitleCount.firms), 0)).where(TitleCount.subject == bindparam("subject"))
    if not scope.everything:
        total = total.join(Area, Area.id == TitleCount.town_id).where(_inside(scope, day))
    known_cities = select(func.count()).select_from(Area).where(Area.kind == "city").scalar_subquery()
    counted_cities = select(func.count()).select_from(TitleCountState).where(TitleCountState.day == day).scalar_subquery()
    return select(known_cities, counted_cities, total.scalar_subquery())


def _inside(scope: Scope, day: date) -> ColumnElement[bool]:
    """SQL condition on ``Area``: ``towns_in_scope`` of the day."""
    managed = select(AreaMembership.town_id).where(
        AreaMembership.unit_id.in_(sorted(scope.unit_ids)), covers(AreaMembership, day), known(AreaMembership, None)
    )
    return or_(Area.city_id.in_(sorted(scope.city_ids)), Area.id.in_(sorted(scope.town_ids)), Area.id.in_(managed))


def counts_stamp() -> list[ColumnElement[Any]]:
    """Columns that differ whenever the stored counts do: what a page made of them stays right as long as these stay."""
    rungs = {f"rung:{place}": 100 + place for place in range(7)}  # no ladder has more; each costs a little on every row
    weight = TitleCount.town_id * 1009 + case(rungs, value=TitleCount.subject, else_=func.length(TitleCount.subject))
    rows = select(func.count() * 1_000_000_007 + func.sum(cast(TitleCount.firms, BigInteger) * weight)).select_from(TitleCount)
    state = (func.min(TitleCountState.day), func.max(TitleCountState.day), func.max(TitleCountState.computed_at), func.count(TitleCountState.city_id))
    return [rows.scalar_subquery(), *(select(column).scalar_subquery() for column in state)]


def years_to_choose() -> list[int]:
    """Years with recognitions, newest first, as noted at the last whole count; the current year alone before it."""
    this_year = clock.today().year
    first = db.session.scalar(select(func.min(TitleCountState.first_year))) or this_year
    return list(range(this_year, first - 1, -1))
