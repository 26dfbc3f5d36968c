"""Pools: who is in which one, today from the members' own rows, on a past day (or as known on one) from the steps. Scope first, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, false, func, literal, or_, select, true

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseTown
from app.enterprises.queries import in_scope
from app.enterprises.queries.places import places as all_places
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import PoolMember, PoolStep
from app.ladder.models.pools import MEMBER, NOMINATED, OPEN_STATES
from app.ladder.queries.counting import Filters, attributed
from app.ladder.queries.places import known, places, towns_in_scope
from app.packs import Pack
from app.packs.schema import Pool
from app.policies.queries import speak_of

ALL_STATES = ("nominated", "member", "refused", "released")


def kept_pools(pack: Pack, day: date | None = None) -> list[Pool]:
    """Pools whose members are kept here, in pack order. ``day`` None: whatever the day."""
    return [pool for pool in cast("tuple[Pool, ...]", pack.entries("pools", day)) if pool.kept]


def get_pool(pack: Pack, code: str) -> Pool:
    """One pool with members. Raises NotFound."""
    pool = cast("Pool | None", pack.find("pools", code[:60]))
    if pool is None or not pool.stages:
        raise NotFound("没有这个培育库：可能不属于当前城市，或已从政策包移除。请从培育库首页重新进入。", "pool_unknown")
    return pool


def pool_or_named(pack: Pack, code: str) -> Pool | None:
    """The pool of an old record, also a disabled one; None when the pack no longer has it."""
    return cast("Pool | None", pack.find("pools", code))


def city_id_of(pack: Pack) -> int:
    """Area of the pack's city."""
    found = next((place.id for place in all_places().by_id.values() if place.code == pack.area_code), None)
    if found is None:
        raise NotFound("这个城市还没有载入区划，请先载入区划。", "city_unknown")
    return found


# --- the spells on a day


@dataclass(frozen=True)
class When:
    """The day asked for, and as known on which (None = now). ``now``: the members' own rows answer."""

    day: date
    known_on: date | None = None

    @property
    def now(self) -> bool:
        return self.known_on is None and self.day >= clock.today()


def spells(when: When) -> Subquery:
    """Every spell that has begun by the day with its state: ``member_id``, ``pool_code``, ``enterprise_id``, ``area_id``, ``year``, ``state``,
    ``stage_code``, ``owner``, ``since``."""
    member = PoolMember
    if when.now:
        return select(
            member.id.label("member_id"), member.pool_code, member.enterprise_id, member.town_id.label("area_id"), member.year, member.state,
            member.stage_code, member.owner, member.stage_on.label("since"),
        ).where(member.state.in_(ALL_STATES)).subquery("spells")
    last = (
        select(func.max(PoolStep.id).label("step_id")).where(PoolStep.happened_on <= when.day, known(PoolStep, when.known_on))
        .group_by(PoolStep.member_id).subquery("last")
    )
    since = (
        select(PoolStep.member_id, func.max(PoolStep.happened_on).label("since"))
        .where(PoolStep.happened_on <= when.day, known(PoolStep, when.known_on), PoolStep.kind != "owner").group_by(PoolStep.member_id).subquery("since")
    )
    return (
        select(
            member.id.label("member_id"), member.pool_code, member.enterprise_id, member.town_id.label("area_id"), member.year, PoolStep.state,
            PoolStep.stage_code, PoolStep.owner, since.c.since,
        )
        .join(PoolStep, PoolStep.member_id == member.id).join(last, last.c.step_id == PoolStep.id).join(since, since.c.member_id == member.id)
        .subquery("spells")
    )


@dataclass(frozen=True)
class Narrow:
    """What a list of members is narrowed to; None and "" mean all."""

    states: tuple[str, ...] = OPEN_STATES
    stage: str | None = None
    owner: str = ""
    year: int | None = None
    text: str = ""


def _of_enterprises(scope: Scope, city_id: int, found: Subquery, when: When, filters: Filters) -> Select[Any]:
    """Enterprises of the city among the spells, by the town of the day."""
    return attributed(scope, found, when.day, when.known_on, filters).where(Enterprise.city_id == city_id)


def _narrowed(found: Subquery, narrow: Narrow, pool: Pool | None = None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [found.c.state.in_(narrow.states)]
    if pool is not None:
        wanted.append(found.c.pool_code == pool.code)
    if narrow.stage is not None:
        wanted.append(found.c.stage_code == narrow.stage)
    if narrow.owner:
        wanted.append(found.c.owner == narrow.owner)
    if narrow.year is not None:
        wanted.append(found.c.year == narrow.year)
    return wanted


def _named(text: str, column: Any, code: Any = None) -> ColumnElement[bool]:
    """A part of the name, or of the credit code; members of a pool are few, so they are compared."""
    word = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    parts = [column.like(f"%{word}%", escape="\\")]
    if code is not None:
        parts.append(code.like(f"%{word.upper()}%", escape="\\"))
    return or_(*parts) if word else true()


# --- counts


@dataclass(frozen=True)
class Count:
    """Members of one pool in one state, at one stage, in one town."""

    pool_code: str
    state: str
    stage_code: str | None
    town_id: int
    count: int


def counts(scope: Scope, pack: Pack, when: When, filters: Filters, pool: Pool | None = None, narrow: Narrow = Narrow(states=ALL_STATES)) -> list[Count]:
    """Everything the pages count, in one statement for enterprises and one for towns."""
    found, city_id = spells(when), city_id_of(pack)
    keys = (found.c.pool_code, found.c.state, found.c.stage_code)
    answer: list[Count] = []
    if pool is None or pool.member == "enterprise":
        named = _named(narrow.text, Enterprise.name, Enterprise.credit_code)
        rows = _of_enterprises(scope, city_id, found, when, filters).where(*_narrowed(found, narrow, pool), named)
        grouped = rows.with_only_columns(*keys, EnterpriseTown.town_id, func.count()).group_by(*keys, EnterpriseTown.town_id)
        answer += [Count(*row) for row in db.session.execute(grouped)]
    if pool is None or pool.member == "town":
        rows = _of_towns(scope, city_id, found, when, filters).where(*_narrowed(found, narrow, pool), _named(narrow.text, Area.name))
        answer += [Count(*row) for row in db.session.execute(rows.with_only_columns(*keys, Area.id, func.count()).group_by(*keys, Area.id))]
    return answer


def _of_towns(scope: Scope, city_id: int, found: Subquery, when: When, filters: Filters) -> Select[Any]:
    inside = [place.town_id for place in towns_in_scope(scope, places(when.day, when.known_on).values())]
    if filters.town_ids is not None:
        inside = [town for town in inside if town in filters.town_ids]
    rows = cast("Select[Any]", select(Area.id, Area.id)).join(found, found.c.area_id == Area.id).where(Area.city_id == city_id)
    rows = rows.where(Area.id.in_(inside) if inside else false())
    return rows.where(false()) if filters.industry or filters.private else rows


# --- rows


@dataclass(frozen=True)
class MemberLine:
    """One member as lists show it. ``visible`` False: the enterprise is out of the viewer's reach today, only the number stays."""

    member_id: int
    subject_id: int
    name: str
    credit_code: str
    town_id: int
    year: int
    state: str
    stage_code: str | None
    owner: str | None
    since: date | None
    visible: bool


def _lines(scope: Scope, pack: Pack, pool: Pool, when: When, filters: Filters, narrow: Narrow) -> tuple[Select[Any], Any]:
    found, city_id = spells(when), city_id_of(pack)
    tail = (found.c.year, found.c.state, found.c.stage_code, found.c.owner, found.c.since)
    if pool.member == "town":
        rows = _of_towns(scope, city_id, found, when, filters).where(_named(narrow.text, Area.name))
        columns: tuple[Any, ...] = (found.c.member_id, Area.id, Area.name, Area.code, Area.id, *tail, literal(1))
    else:
        rows = _of_enterprises(scope, city_id, found, when, filters).where(_named(narrow.text, Enterprise.name, Enterprise.credit_code))
        seen = case((in_scope(scope), literal(1)), else_=literal(0))
        columns = (found.c.member_id, Enterprise.id, Enterprise.name, Enterprise.credit_code, EnterpriseTown.town_id, *tail, seen)
    return rows.where(*_narrowed(found, narrow, pool)).with_only_columns(*columns), found.c.member_id


def page(
    scope: Scope, pack: Pack, pool: Pool, when: When, filters: Filters, narrow: Narrow, cursor: str | None, size: int,
) -> Page[MemberLine]:
    """One page of members, newest first. The whole count comes from ``counts``. Raises ``Invalid`` for a cursor that is none."""
    query, key = _lines(scope, pack, pool, when, filters, narrow)
    edge = decode(cursor, (int,))
    backwards = bool(edge and edge.backwards)
    if edge:
        query = query.where(key > edge.values[0] if backwards else key < edge.values[0])
    rows = [_line(row) for row in db.session.execute(query.order_by(key if backwards else key.desc()).limit(size + 1))]
    return cut(rows, size, edge, lambda row: (row.member_id,))


def _line(row: Any) -> MemberLine:
    said: Any = (*row[:10], bool(row[10]))
    return MemberLine(*said)


def each(scope: Scope, pack: Pack, pool: Pool, when: When, filters: Filters, narrow: Narrow, batch: int = 2_000) -> Iterator[MemberLine]:
    """Every member of the list, oldest first."""
    query, key = _lines(scope, pack, pool, when, filters, narrow)
    place = 0
    while True:
        rows = [_line(row) for row in db.session.execute(query.where(key > place).order_by(key).limit(batch))]
        yield from rows
        if len(rows) < batch:
            return
        place = rows[-1].member_id


def first_of_stages(
    scope: Scope, pack: Pack, pool: Pool, when: When, filters: Filters, narrow: Narrow, each_stage: int,
) -> dict[str, list[MemberLine]]:
    """The newest members of every stage for the columns (nominations under ``nominated``), one statement."""
    query, _ = _lines(scope, pack, pool, when, filters, narrow)
    inner = query.subquery("lines")
    names = list(inner.c)
    column = case((inner.c.state == NOMINATED, literal(NOMINATED)), else_=func.coalesce(inner.c.stage_code, ""))
    place = func.row_number().over(partition_by=column, order_by=names[0].desc()).label("place")
    numbered = select(*names, column.label("shown_in"), place).subquery("numbered")
    answer: dict[str, list[MemberLine]] = {}
    for row in db.session.execute(select(numbered).where(numbered.c.place <= each_stage).order_by(numbered.c.place)):
        answer.setdefault(row[11], []).append(_line(row[:11]))
    return answer


def owners(scope: Scope, pack: Pack, pool: Pool) -> list[str]:
    """Owners in use in a pool, within the scope."""
    query, _ = _lines(scope, pack, pool, When(clock.today()), Filters(), Narrow())
    inner = query.subquery("lines")
    return [o for o in db.session.scalars(select(inner.c.owner).where(inner.c.owner.is_not(None)).distinct().order_by(inner.c.owner).limit(200)) if o]


# --- single spells


@dataclass(frozen=True)
class Member:
    """A spell with its subject."""

    row: PoolMember
    enterprise: Enterprise | None
    town: Area | None

    @property
    def name(self) -> str:
        return self.enterprise.name if self.enterprise is not None else self.town.name if self.town is not None else ""


def get_member(scope: Scope, member_id: int, *, lock: bool = False) -> Member:
    """One spell whose enterprise or town lies in the scope today. Raises NotFound."""
    query = select(PoolMember, Enterprise, Area).outerjoin(Enterprise, Enterprise.id == PoolMember.enterprise_id).outerjoin(Area, Area.id == PoolMember.town_id)
    towns = [place.town_id for place in towns_in_scope(scope, places(clock.today()).values())]
    inside = or_(and_(PoolMember.enterprise_id.is_not(None), in_scope(scope)), PoolMember.town_id.in_(towns) if towns else false())
    query = query.where(PoolMember.id == member_id, inside) if 0 < member_id < 2**63 else query.where(false())
    if lock:
        query = query.with_for_update(of=PoolMember)
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound("没有找到这条入库记录：可能已合并，或不在您的管辖范围内。请从培育库重新进入。", "pool_member_unknown")
    place = found[1] or found[2]
    if place is not None and place.city_id is not None:
        speak_of(place.city_id)
    return Member(found[0], found[1], found[2])


def steps_of(member_id: int, known_on: date | None = None, *, taken_back: bool = False) -> list[PoolStep]:
    """Steps of a spell, oldest first. ``taken_back``: those taken back since are among them."""
    query = select(PoolStep).where(PoolStep.member_id == member_id)
    if not taken_back:
        query = query.where(known(PoolStep, known_on))
    return list(db.session.scalars(query.order_by(PoolStep.id)))


def spells_of(enterprise_id: int) -> list[PoolMember]:
    """Every spell of an enterprise, oldest first; the caller has checked that the viewer may see it."""
    return list(db.session.scalars(select(PoolMember).where(PoolMember.enterprise_id == enterprise_id).order_by(PoolMember.id)))


def steps_of_enterprise(enterprise_id: int, day: date, known_on: date | None) -> list[tuple[PoolMember, PoolStep]]:
    """Steps of all spells of an enterprise up to the day, for its timeline."""
    rows = db.session.execute(
        select(PoolMember, PoolStep).join(PoolStep, PoolStep.member_id == PoolMember.id)
        .where(PoolMember.enterprise_id == enterprise_id, PoolStep.happened_on <= day, known(PoolStep, known_on)).order_by(PoolStep.id)
    )
    return [(member, step) for member, step in rows]


def open_spells(enterprise_ids: Collection[int], pool_code: str | None = None) -> dict[int, list[PoolMember]]:
    """Open spells of these enterprises (of one pool), for tags in lists."""
    ids = sorted(set(enterprise_ids))
    found: dict[int, list[PoolMember]] = {}
    for start in range(0, len(ids), 900):
        query = select(PoolMember).where(PoolMember.enterprise_id.in_(ids[start : start + 900]), PoolMember.closed_on.is_(None))
        if pool_code is not None:
            query = query.where(PoolMember.pool_code == pool_code)
        for row in db.session.scalars(query.order_by(PoolMember.id)):
            found.setdefault(cast(int, row.enterprise_id), []).append(row)
    return found


def find_open(pool_code: str, *, enterprise_id: int | None = None, town_id: int | None = None) -> PoolMember | None:
    """The open spell of a subject in a pool."""
    subject = PoolMember.enterprise_id == enterprise_id if enterprise_id is not None else PoolMember.town_id == town_id
    return db.session.scalars(select(PoolMember).where(PoolMember.pool_code == pool_code, subject, PoolMember.closed_on.is_(None))).first()


def choosable_towns(scope: Scope, pack: Pack) -> Sequence[tuple[int, str]]:
    """Towns a viewer may nominate, with their units."""
    inside = [p for p in towns_in_scope(scope, places(clock.today()).values()) if p.ranked]
    city_id = city_id_of(pack)
    return [(p.town_id, f"{p.unit_name}{p.name}") for p in inside if p.city_id == city_id]


def summed(rows: Sequence[Count], *, states: Collection[str] = OPEN_STATES) -> int:
    return sum(row.count for row in rows if row.state in states)


__all__ = [
    "ALL_STATES",
    "MEMBER",
    "NOMINATED",
    "Count",
    "Member",
    "MemberLine",
    "Narrow",
    "When",
    "choosable_towns",
    "city_id_of",
    "counts",
    "each",
    "find_open",
    "first_of_stages",
    "get_member",
    "get_pool",
    "kept_pools",
    "open_spells",
    "owners",
    "page",
    "pool_or_named",
    "spells",
    "spells_of",
    "steps_of",
    "steps_of_enterprise",
    "summed",
]
