"""差距清单: who meets everything a machine can check of a title, who lacks one condition only, who lacks which condition.

Built on the stored verdicts (`queries.verdicts`); every count is the length of the list it opens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from app.areas import queries as areas
from app.enterprises.models import Enterprise, EnterpriseAssignment
from app.enterprises.queries.scope import in_scope
from app.enterprises.rules.industry import section_range
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.scope import Scope
from app.ladder.criteria import Diagnosis, Facts, Leaf, choose_version, diagnose
from app.ladder.criteria.mass.plan import Layout
from app.ladder.criteria.mass.sheet import UNKNOWN
from app.ladder.models import EnterpriseVerdict
from app.ladder.queries import verdicts
from app.ladder.queries.diagnoses import diagnose_title, titled
from app.ladder.queries.facts import known_of, pack_for
from app.ladder.queries.verdicts import ALL_MET, ONE_SHORT, REACHABLE, MissingCount, Stamp
from app.packs import Pack
from app.packs.schema import Title

SEVERAL = 3
TABS = {ALL_MET: "全满足", ONE_SHORT: "只差一项", REACHABLE: "按缺的条件"}


@dataclass(frozen=True)
class Asked:
    """``tab``: a state of `queries.verdicts`. ``missing``: id of a condition; ``data_only``: only those without data for it. ``application``: new
    or review. ``as_of`` None = today. Places are ids of ``area``."""

    title: str
    tab: str = ONE_SHORT
    missing: str | None = None
    data_only: bool = False
    application: str = "new"
    unit_id: int | None = None
    town_id: int | None = None
    section: str | None = None
    team_id: int | None = None
    as_of: date | None = None
    known_on: date | None = None

    @property
    def live(self) -> bool:
        """Another day or another knowledge: worked out on the spot."""
        return self.known_on is not None or (self.as_of is not None and self.as_of != clock.today())

    @property
    def day(self) -> date:
        return self.as_of or clock.today()


@dataclass(frozen=True)
class ListedFirm:
    """One row."""

    id: int
    credit_code: str
    name: str
    unit_id: int
    town_id: int


@dataclass(frozen=True)
class Gap:
    """What a row says: ``lacking``: the conditions shown, in words; ``open_count``: machine-checkable conditions open; ``todo``: what a person or a
    platform still settles."""

    verdict: str
    lacking: tuple[Leaf, ...]
    open_count: int
    todo: int


@dataclass(frozen=True)
class Answer:
    """A page of the list. ``total``: exact where the page counted it, else up to the cap + 1. ``stamp`` says whether the stored verdicts are
    today's; None when worked out live."""

    page: Page[ListedFirm]
    total: int
    stamp: Stamp | None


def titles(pack: Pack) -> list[Title]:
    """Titles of the pack that have criteria, in pack order."""
    return [pack.title(code) for code in titled(pack)]


@lru_cache(maxsize=64)
def default_title(pack: Pack, day: date) -> str | None:
    """The first title of the main ladder that asks several things of a firm nothing is known of: of a single condition everybody lacks one only."""
    known = titled(pack)
    ladder = [code for rung in pack.ladders()[0].rungs for code in rung.titles if code in known]

    def asks_several(title: str) -> bool:
        version = choose_version(pack, title, application="new", on=day)
        return version is not None and len(diagnose(Facts(day, {}, pack.area_code), version).open_units) >= SEVERAL

    return next((code for code in ladder if asks_several(code)), next(iter(known), None))


def firms(scope: Scope, asked: Asked, city_id: int, cursor: str | None, size: int, total: int | None = None) -> Answer:
    """One page of the list, by id. ``total``: when it is counted already; else counted up to the cap. Raises Invalid when the title has no rule on
    the day or too many would be worked out live."""
    condition, stamp = _condition(scope, asked, city_id)
    edge = decode(cursor, (int,))
    query = select(Enterprise.id, Enterprise.credit_code, Enterprise.name, Enterprise.unit_id, Enterprise.town_id).where(condition)
    if total is None:
        total = _count(condition, COUNT_CAP + 1)
    if edge is not None:
        query = query.where(Enterprise.id < edge.values[0] if edge.backwards else Enterprise.id > edge.values[0])
    order = Enterprise.id.desc() if edge is not None and edge.backwards else Enterprise.id
    found = [ListedFirm(*row) for row in db.session.execute(query.order_by(order).limit(size + 1))]
    return Answer(cut(found, size, edge, lambda row: (row.id,), min(total, COUNT_CAP + 1)), total, stamp)


def count(scope: Scope, asked: Asked, city_id: int, most: int) -> int:
    """Length of the list, counted up to ``most`` + 1."""
    return _count(_condition(scope, asked, city_id)[0], most + 1)


def _count(condition: ColumnElement[bool], limit: int) -> int:
    return db.session.scalar(select(func.count()).select_from(select(Enterprise.id).where(condition).limit(limit).subquery())) or 0


def known_total(asked: Asked, counts: Mapping[str, int], lacking: Sequence[MissingCount]) -> int | None:
    """The length of the list where the counts of the page say it already."""
    if asked.missing is None:
        return counts.get(asked.tab)
    one = next((one for one in lacking if one.leaf == asked.missing), None)
    if one is None or (asked.data_only and asked.live):
        return None
    return one.unknown if asked.data_only else one.firms


def each(scope: Scope, asked: Asked, city_id: int, size: int = 500) -> Iterator[list[ListedFirm]]:
    """The whole list in pieces, in the order of the pages."""
    condition, _stamp = _condition(scope, asked, city_id)
    last = 0
    while True:
        query = select(Enterprise.id, Enterprise.credit_code, Enterprise.name, Enterprise.unit_id, Enterprise.town_id)
        rows = [ListedFirm(*row) for row in db.session.execute(query.where(condition, Enterprise.id > last).order_by(Enterprise.id).limit(size))]
        if rows:
            yield rows
        if len(rows) < size:
            return
        last = rows[-1].id


def gaps(rows: Sequence[ListedFirm], asked: Asked) -> dict[int, Gap]:
    """What each row of a page lacks, in words, from its own facts."""
    known = known_of([row.id for row in rows], as_of=asked.day, known_on=asked.known_on)
    return {id_: _gap(diagnose_title(one, asked.title, asked.application), asked) for id_, one in known.items()}


def _gap(found: Diagnosis, asked: Asked) -> Gap:
    shown = {asked.missing} if asked.missing else set(found.open_units)
    lacking = tuple(leaf for leaf in found.leaves if leaf.id in shown and leaf.result != "met")
    return Gap(found.verdict.label if found.verdict else "不作判断", lacking, len(found.open_units), len(found.todo))


def tab_counts(scope: Scope, asked: Asked, city_id: int) -> dict[str, int]:
    """Rows of the tabs 全满足 and 只差一项 under the filters of the page, today; nothing when worked out live."""
    if asked.live:
        return {}
    return verdicts.state_counts(scope, asked.title, city_id=city_id, application=asked.application, where=_filters(asked))


def missing(scope: Scope, asked: Asked, city_id: int) -> list[MissingCount]:
    """Conditions that lack under the filters of the page, most frequent first, with how many lack the data only."""
    if asked.tab == ALL_MET:
        return []
    return verdicts.missing_counts(
        scope, asked.title, city_id=city_id, application=asked.application, state=asked.tab, where=_filters(asked), as_of=asked.as_of,
        known_on=asked.known_on,
    )


def one_short_count(scope: Scope, title: str, city_id: int) -> int:
    """How many lack one condition only: the list of the title without filters."""
    return verdicts.state_counts(scope, title, city_id=city_id, application="new", where=_filters(Asked(title)))[ONE_SHORT]


def _condition(scope: Scope, asked: Asked, city_id: int) -> tuple[ColumnElement[bool], Stamp | None]:
    where = _filters(asked)
    found = verdicts.candidates(
        scope, asked.title, city_id=city_id, application=asked.application, state=asked.tab, missing=asked.missing, as_of=asked.as_of,
        known_on=asked.known_on, where=where,
    )
    condition = and_(in_scope(scope), Enterprise.city_id == city_id, where, found.condition)
    if asked.data_only and asked.missing is not None and not found.live:
        condition = and_(condition, _without_data(_layout(city_id, asked), asked.missing))
    return condition, found.stamp


def _layout(city_id: int, asked: Asked) -> Layout | None:
    return verdicts.layout_of(pack_for(areas.code_of(city_id) or "", asked.day), asked.day).layout(asked.title)


def _without_data(layout: Layout | None, leaf: str) -> ColumnElement[bool]:
    if layout is None or leaf not in layout.leaves:
        return false()
    return Enterprise.id.in_(select(EnterpriseVerdict.enterprise_id).where(verdicts.leaf_code(layout, leaf) == UNKNOWN))


def _filters(asked: Asked) -> ColumnElement[bool]:
    found: list[ColumnElement[bool]] = [Enterprise.status == "active"]
    if asked.unit_id is not None:
        found.append(Enterprise.unit_id == asked.unit_id)
    if asked.town_id is not None:
        found.append(Enterprise.town_id == asked.town_id)
    if asked.section:
        span = section_range(asked.section)
        found.append(and_(Enterprise.industry_code >= span[0], Enterprise.industry_code < span[1]) if span else false())
    if asked.team_id is not None:
        found.append(select(EnterpriseAssignment.id).where(
            EnterpriseAssignment.enterprise_id == Enterprise.id, EnterpriseAssignment.team_id == asked.team_id, *_serving(),
        ).exists())
    return and_(*found)


def _serving(served: Any = EnterpriseAssignment) -> tuple[ColumnElement[bool], ...]:
    today = clock.today()
    return served.valid_from <= today, or_(served.valid_to.is_(None), served.valid_to >= today)


def teams(scope: Scope) -> list[int]:
    """Teams that serve an enterprise of the scope today."""
    served = aliased(EnterpriseAssignment)
    query = select(served.team_id).distinct().join(Enterprise, Enterprise.id == served.enterprise_id)
    return list(db.session.scalars(query.where(served.team_id.is_not(None), *_serving(served), in_scope(scope)).order_by(served.team_id)))
