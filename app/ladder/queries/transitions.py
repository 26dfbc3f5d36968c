"""Who stood on which rung on two days: from rung to rung, from and to 未上梯, entered, left. A number and its list are one statement.

Counted are the enterprises that stand on a rung on either day. Their places are those of each day, so a firm that moved between two counties
leaves one and enters the other.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, literal, select, union

from app.enterprises.models import Enterprise, EnterpriseTown
from app.enterprises.queries import within
from app.infra.db import db
from app.infra.web.pagination import Cursor, Page, decode, encode
from app.kernel.scope import Scope
from app.ladder.queries.counting import Filters, attributed, highest, struck_off
from app.ladder.queries.places import covers, known
from app.ladder.rules.transitions import CANCELLED, FOUNDED, MOVED_IN, MOVED_OUT, NO_RUNG, Rungs


@dataclass(frozen=True)
class Between:
    """Two days of one question. ``start`` and ``end`` narrow the places of their own day; ``known_on`` holds for both."""

    first: date
    last: date
    known_on: date | None
    start: Filters
    end: Filters


def flows(scope: Scope, rungs: Rungs, between: Between) -> dict[tuple[int, int], int]:
    """(from, to) -> enterprises; rungs by position, the states outside as in ``rules.transitions``."""
    found = _states(scope, rungs, between)
    rows = db.session.execute(select(found.c.origin, found.c.goal, func.count()).group_by(found.c.origin, found.c.goal))
    return {(origin, goal): count for origin, goal, count in rows}


def _states(scope: Scope, rungs: Rungs, between: Between) -> Subquery:
    """(enterprise id, origin, goal, town on either day) of everybody on a rung on either day."""
    first = _standing(scope, rungs, between.first, between.known_on, between.start, "first")
    last = _standing(scope, rungs, between.last, between.known_on, between.end, "last")
    anybody = union(select(first.c.id), select(last.c.id)).subquery("anybody")
    here_first = _here(scope, anybody, between.first, between.known_on, between.start, "here_first")
    here_last = _here(scope, anybody, between.last, between.known_on, between.end, "here_last")
    origin = case(
        (first.c.rung.is_not(None), first.c.rung),
        (and_(here_first.c.id.is_not(None), ~struck_off(anybody.c.id, between.first, between.known_on)), NO_RUNG),
        (_somewhere(anybody.c.id, between.first, between.known_on), MOVED_IN),
        else_=FOUNDED,
    )
    goal = case(
        (last.c.rung.is_not(None), last.c.rung),
        (struck_off(anybody.c.id, between.last, between.known_on), CANCELLED),
        (here_last.c.id.is_not(None), NO_RUNG),
        else_=MOVED_OUT,
    )
    town = func.coalesce(here_last.c.town_id, here_first.c.town_id)
    return (
        select(anybody.c.id, origin.label("origin"), goal.label("goal"), town.label("town_id"))
        .join(first, first.c.id == anybody.c.id, isouter=True).join(last, last.c.id == anybody.c.id, isouter=True)
        .join(here_first, here_first.c.id == anybody.c.id, isouter=True).join(here_last, here_last.c.id == anybody.c.id, isouter=True)
        .subquery("states")
    )


def _standing(scope: Scope, rungs: Rungs, day: date, known_on: date | None, filters: Filters, name: str) -> Subquery:
    found = highest(rungs, day, known_on, filters)
    statement = attributed(scope, found, day, known_on, filters)
    return statement.with_only_columns(Enterprise.id.label("id"), found.c.rung.label("rung")).subquery(name)


def _here(scope: Scope, anybody: Subquery, day: date, known_on: date | None, filters: Filters, name: str) -> Subquery:
    """Those of them that were in the place asked for on the day, with or without a title."""
    found = select(anybody.c.id.label("enterprise_id")).subquery(f"{name}_of")
    return attributed(scope, found, day, known_on, filters).with_only_columns(
        Enterprise.id.label("id"), EnterpriseTown.town_id.label("town_id"),
    ).subquery(name)


def _somewhere(enterprise_id: ColumnElement[int], day: date, known_on: date | None) -> ColumnElement[bool]:
    """The enterprise was in some town on the day, in reach or not."""
    return exists().where(EnterpriseTown.enterprise_id == enterprise_id, covers(EnterpriseTown, day), known(EnterpriseTown, known_on))


@dataclass(frozen=True)
class Mover:
    """One enterprise of a flow. ``visible`` False: out of the viewer's reach today; ``town_id``: on the last day, else on the first."""

    enterprise_id: int
    name: str
    credit_code: str
    town_id: int | None
    visible: bool
    origin: int
    goal: int


def flow_statement(scope: Scope, rungs: Rungs, between: Between, origins: frozenset[int], goals: frozenset[int]) -> Select[Any]:
    """The enterprises of some flows; empty sets mean every origin, every goal."""
    found = _states(scope, rungs, between)
    visible = case((within(scope), literal(1)), else_=literal(0))
    statement = select(
        Enterprise.id, Enterprise.name, Enterprise.credit_code, found.c.town_id, visible, found.c.origin, found.c.goal,
    ).join(found, found.c.id == Enterprise.id)
    if origins:
        statement = statement.where(found.c.origin.in_(sorted(origins)))
    return statement.where(found.c.goal.in_(sorted(goals))) if goals else statement


def flow_page(statement: Select[Any], total: int, cursor: str | None, size: int) -> Page[Mover]:
    """One page of ``flow_statement`` by id. ``total``: as counted by ``flows``. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (int,))
    backwards = bool(edge and edge.backwards)
    rows = statement
    if edge:
        rows = rows.where(Enterprise.id < edge.values[0] if backwards else Enterprise.id > edge.values[0])
    order = Enterprise.id.desc() if backwards else Enterprise.id.asc()
    read = db.session.execute(rows.order_by(order).limit(size + 1))
    found = [Mover(id_, name, code, town_id, bool(seen), origin, goal) for id_, name, code, town_id, seen, origin, goal in read]
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, edge is not None)
    following = encode(Cursor((found[-1].enterprise_id,))) if found and has_next else None
    previous = encode(Cursor((found[0].enterprise_id,), True)) if found and has_previous else None
    return Page(found, following, previous, size, total)


__all__ = ["Between", "Mover", "flow_page", "flow_statement", "flows"]
