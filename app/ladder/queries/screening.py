"""准四上 screening: firms outside the 四上 library whose figure of last year comes near the line of their industry. Reads ``NearScale``."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, null, or_, select, true, tuple_, union

from app.enterprises.models import Enterprise, EnterpriseYear
from app.enterprises.queries import in_scope, search
from app.enterprises.queries.places import covers as covers_town
from app.enterprises.queries.places import places
from app.enterprises.rules.figures import PRECEDENCE
from app.enterprises.rules.industry import section_range
from app.infra import clock, dialect
from app.infra.db import Yuan, db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.scope import Scope
from app.ladder.criteria import choose_version
from app.ladder.models import EnterpriseAnswer, NearScale, NearScaleCount, NearScaleState, PoolMember, Recognition
from app.ladder.queries.counting import valid_on
from app.ladder.rules.screening import BRANCH_ENDINGS, INDIVIDUAL_CODE, OVER, Band, Tier, bands, definition, tiers
from app.packs import Pack
from app.policies.queries import current_pack, packs_by_city

TITLE = "scale_up"
STANDING = ("active", "suspended")
"""Enterprises that can still enter: cancelled, revoked, moved away and merged ones cannot."""


@dataclass(frozen=True)
class Lines:
    """What a pack says about the 四上 line: bands with an amount, tiers, every prefix the criterion knows."""

    bands: tuple[Band, ...]
    tiers: tuple[Tier, ...]
    prefixes: tuple[str, ...]
    source: str
    confirmed: bool

    @property
    def hash(self) -> str:
        return definition(self.bands, self.tiers)


def lines_of(pack: Pack, day: date) -> Lines:
    """Lines and tiers in force on the day; none when the pack has no 四上 criterion."""
    version = choose_version(pack, TITLE, application="new", on=day)
    if version is None:
        return Lines((), tiers(()), (), "", False)
    criterion = version.criterion
    found = bands(criterion, version.groups)
    prefixes = tuple(p for node in _choosing(criterion.rule) for one in node.cases for p in one.starts_with)
    shares = pack.setting("near_scale_tiers_pct")
    source = f"{version.document.label if version.document else criterion.document}，{criterion.clause}"
    return Lines(found, tiers(shares if isinstance(shares, list) else ()), prefixes, source, version.confirmed)


def _choosing(node: Any) -> Iterator[Any]:
    if node.choose is not None and node.choose.field == "industry":
        yield node
    for below in (*(node.all or ()), *(node.any or ())):
        yield from _choosing(below)


def city_lines(day: date) -> list[tuple[Lines, list[int]]]:
    """Lines with the cities that go by them; a city without a pack goes by the installation's own."""
    grouped: dict[str, tuple[Lines, list[int]]] = {}
    for city in packs_by_city():
        lines = lines_of(city.pack or current_pack(), day)
        grouped.setdefault(lines.hash, (lines, []))[1].append(city.id)
    return list(grouped.values())


def whole_definition(found: Sequence[tuple[Lines, list[int]]]) -> str:
    """Hash of everything the stored rows depend on beside the records."""
    return hashlib.sha256("".join(sorted(f"{lines.hash}:{sorted(cities)}" for lines, cities in found)).encode()).hexdigest()


def state() -> NearScaleState | None:
    return db.session.get(NearScaleState, 1)


def is_current(stored: NearScaleState | None, found: Sequence[tuple[Lines, list[int]]], today: date) -> bool:
    """Whether the stored rows stand for last year's figures and the lines in force."""
    return stored is not None and stored.year == today.year - 1 and stored.definition == whole_definition(found)


def concerned(ids: Collection[int], year: int) -> list[int]:
    """Those of the enterprises that have a row or a figure of the year: nobody else can enter or leave."""
    stored = select(NearScale.enterprise_id).where(NearScale.enterprise_id.in_(ids))
    known = select(EnterpriseYear.enterprise_id).where(
        EnterpriseYear.enterprise_id.in_(ids), EnterpriseYear.year == year, EnterpriseYear.superseded_at.is_(None)
    )
    db.session.flush()
    return sorted(set(db.session.scalars(union(stored, known))))


# --- what belongs in, as one statement


def fresh(lines: Lines, city_ids: Collection[int], today: date, ids: Collection[int] | None) -> Select[Any]:
    """The rows of ``NearScale`` as they should be now, columns named as in the table."""
    base = _with_line(lines, city_ids, today, ids).subquery("lined")
    lowest = lines.tiers[-1]
    tier = case(*((_reaches(base, lines, one), literal(one.pct)) for one in lines.tiers))
    pct = dialect.percent_of(db.session(), base.c.amount_yuan, base.c.threshold_yuan)
    return select(
        base.c.enterprise_id, base.c.town_id, tier.label("tier"), pct.label("pct"), base.c.amount_yuan, base.c.threshold_yuan, base.c.band,
        base.c.industry_code, base.c.metric, base.c.source, base.c.reported_on,
    ).where(_reaches(base, lines, lowest))


def _reaches(base: Any, lines: Lines, tier: Tier) -> Any:
    """Exact: the amount against the tier's share of the line, computed here and not in the database."""
    edges = {band.code: literal(band.threshold_yuan * tier.pct / OVER, Yuan()) for band in lines.bands}
    return base.c.amount_yuan >= case(edges, value=base.c.band, else_=null())


def _with_line(lines: Lines, city_ids: Collection[int], today: date, ids: Collection[int] | None) -> Select[Any]:
    """Enterprises that may enter, with their band, figure and line."""
    figures = _figures(today.year - 1, ids).subquery("figures")
    band = _band_of(lines.bands).label("band")
    by_main = [b.code for b in lines.bands if b.metric == "main_revenue"]
    lined = (
        select(Enterprise.id, Enterprise.town_id, Enterprise.industry_code, band, *figures.c)
        .join(figures, figures.c.enterprise_id == Enterprise.id)
        .where(Enterprise.city_id.in_(sorted(city_ids)), *_may_enter(today, lines))
    ).subquery("enterable")
    f = lined.c
    main_first = and_(f.band.in_(by_main), f.main_revenue_yuan.is_not(None))
    other_first = and_(f.band.not_in(by_main), f.revenue_yuan.is_(None), f.main_revenue_yuan.is_not(None))
    main = or_(main_first, other_first)
    return select(
        f.enterprise_id, f.town_id, f.industry_code, f.band,
        case((main, f.main_revenue_yuan), else_=f.revenue_yuan).label("amount_yuan"),
        case({b.code: literal(b.threshold_yuan, Yuan()) for b in lines.bands}, value=f.band).label("threshold_yuan"),
        case((main, literal("main_revenue")), else_=literal("revenue")).label("metric"),
        case((main, f.main_revenue_yuan_source), else_=f.revenue_yuan_source).label("source"),
        case((main, f.main_revenue_yuan_on), else_=f.revenue_yuan_on).label("reported_on"),
    ).where(f.band.is_not(None))


def _figures(year: int, ids: Collection[int] | None) -> Select[Any]:
    """Per enterprise both revenues of the year by their strongest source, with the source and its day."""
    query = select(EnterpriseYear.enterprise_id, *(c for f in ("main_revenue_yuan", "revenue_yuan") for c in _strongest(f)))
    query = query.where(EnterpriseYear.year == year, EnterpriseYear.superseded_at.is_(None))
    if ids is not None:
        query = query.where(EnterpriseYear.enterprise_id.in_(sorted(ids)))
    return query.group_by(EnterpriseYear.enterprise_id)


def _strongest(field: str) -> list[ColumnElement[Any]]:
    column = getattr(EnterpriseYear, field)
    by_source = {source: func.max(case((EnterpriseYear.source == source, column))) for source in PRECEDENCE}
    days = {s: func.max(case((and_(EnterpriseYear.source == s, column.is_not(None)), EnterpriseYear.reported_on))) for s in PRECEDENCE}
    known = [(value.is_not(None), source) for source, value in by_source.items()]
    return [
        func.coalesce(*by_source.values()).label(field),
        case(*((is_known, literal(source)) for is_known, source in known)).label(f"{field}_source"),
        case(*((is_known, days[source]) for is_known, source in known)).label(f"{field}_on"),
    ]


def _band_of(found: Sequence[Band]) -> ColumnElement[Any]:
    """Code of the band by the longest prefix of the industry code, or NULL."""
    by_length: dict[int, list[tuple[str, str]]] = {}
    for band in found:
        for prefix in band.prefixes:
            by_length.setdefault(len(prefix), []).append((prefix, band.code))
    whens = [
        (func.substr(Enterprise.industry_code, 1, length).in_([p for p, c in pairs if c == code]), literal(code))
        for length, pairs in sorted(by_length.items(), reverse=True) for code in dict.fromkeys(c for _, c in pairs)
    ]
    return case(*whens) if whens else null()


def _may_enter(today: date, lines: Lines) -> list[ColumnElement[bool]]:
    """Legal persons that stand and are not in the library; 个体户 only where the criterion counts them."""
    holds = select(Recognition.id).where(
        Recognition.enterprise_id == Enterprise.id, Recognition.title_code == TITLE, Recognition.superseded_at.is_(None), valid_on(today),
    ).exists()
    counted = [b.code for b in lines.bands if b.individuals]
    individual = or_(Enterprise.credit_code.like(f"{INDIVIDUAL_CODE}%"), _answered("individual"))
    return [
        Enterprise.merged_into_id.is_(None), Enterprise.status.in_(STANDING), ~holds, *(~Enterprise.name.like(f"%{e}") for e in BRANCH_ENDINGS),
        ~_answered("branch"), or_(~individual, _band_of([b for b in lines.bands if b.code in counted]).is_not(None)),
    ]


def _answered(kind: str) -> ColumnElement[bool]:
    """An officer recorded what kind of entity it is."""
    return select(EnterpriseAnswer.id).where(
        EnterpriseAnswer.enterprise_id == Enterprise.id, EnterpriseAnswer.subject == "entity_kind", EnterpriseAnswer.word == kind,
        EnterpriseAnswer.superseded_at.is_(None),
    ).exists()


# --- lists


@dataclass(frozen=True)
class Asked:
    """Narrowing of the list; None and "" mean all. ``pool``: code with ``inside`` True (members only) or False (not yet members)."""

    tier: int | None = None
    unit_id: int | None = None
    town_id: int | None = None
    section: str | None = None
    text: str = ""
    pool: str | None = None
    inside: bool | None = None


def _conditions(scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    found = [in_scope(scope), *_narrow(asked)]
    if asked.unit_id is not None:
        found.append(Enterprise.unit_id == asked.unit_id)
    if asked.text.strip():
        found.append(search.plan(asked.text).condition(search.WALK_SHARE_COUNT))
    return found


def _narrow(asked: Asked) -> list[ColumnElement[bool]]:
    """Conditions on ``NearScale`` alone."""
    found: list[ColumnElement[bool]] = []
    if asked.town_id is not None:
        found.append(NearScale.town_id == asked.town_id)
    if asked.section:
        span = section_range(asked.section)
        found.append(and_(NearScale.industry_code >= span[0], NearScale.industry_code < span[1]) if span else literal(1) == 0)
    if asked.tier is not None:
        found.append(NearScale.tier == asked.tier)
    if asked.inside is not None:
        member = select(PoolMember.id).where(
            PoolMember.enterprise_id == NearScale.enterprise_id, PoolMember.closed_on.is_(None),
            PoolMember.pool_code == asked.pool if asked.pool else true(),
        ).exists()
        found.append(member if asked.inside else ~member)
    return found


COLUMNS = (
    NearScale.enterprise_id, NearScale.pct, NearScale.tier, NearScale.amount_yuan, NearScale.threshold_yuan, NearScale.band, NearScale.metric,
    NearScale.source, NearScale.reported_on, Enterprise.name, Enterprise.credit_code, Enterprise.industry_code, Enterprise.town_id,
    Enterprise.unit_id, Enterprise.status,
)  # fmt: skip


def _listed(scope: Scope, asked: Asked, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(NearScale).join(Enterprise, Enterprise.id == NearScale.enterprise_id).where(*_conditions(scope, asked))


def page(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Row[Any]]:
    """One page, nearest to the line first. ``total`` is for the caller to fill from ``by_tier``."""
    edge = decode(cursor, (Decimal, int))
    backwards = bool(edge and edge.backwards)
    keys = (NearScale.pct, NearScale.enterprise_id)
    query = _listed(scope, asked, *COLUMNS)
    if edge:
        place = tuple_(literal(edge.values[0], NearScale.pct.type), literal(edge.values[1]))
        query = query.where(tuple_(*keys) > place if backwards else tuple_(*keys) < place)
    rows = db.session.execute(query.order_by(*(key.asc() if backwards else key.desc() for key in keys)).limit(size + 1)).all()
    return cut(rows, size, edge, lambda row: (row.pct, row.enterprise_id))


def each(scope: Scope, asked: Asked, batch: int = 5_000) -> Iterator[Sequence[Row[Any]]]:
    """Every row of the list in its order, batch after batch."""
    keys = (NearScale.pct, NearScale.enterprise_id)
    query, place = _listed(scope, asked, *COLUMNS).order_by(*(key.desc() for key in keys)).limit(batch), None
    while True:
        rows = db.session.execute(query if place is None else query.where(tuple_(*keys) < place)).all()
        if rows:
            yield rows
        if len(rows) < batch:
            return
        place = tuple_(literal(rows[-1].pct, NearScale.pct.type), literal(rows[-1].enterprise_id))


def by_tier(scope: Scope, asked: Asked) -> dict[int, int]:
    """Enterprises per tier under the other filters, whatever the tier asked for."""
    every = Asked(None, asked.unit_id, asked.town_id, asked.section, asked.text, asked.pool, asked.inside)
    towns = _towns(scope, every)
    if towns is None:
        query: Any = _listed(scope, every, NearScale.tier, func.count()).group_by(NearScale.tier)
    elif every.section is None and every.inside is None:
        query = select(NearScaleCount.tier, func.sum(NearScaleCount.firms)).group_by(NearScaleCount.tier)
        wanted = [every.town_id] if every.town_id is not None else towns
        query = query.where(NearScaleCount.town_id.in_([t for t in wanted if not towns or t in towns])) if wanted else query
    else:  # the rows near the line alone answer
        query = select(NearScale.tier, func.count()).where(*_narrow(every)).group_by(NearScale.tier)
        if towns:
            query = query.where(NearScale.town_id.in_(towns))
        elif not scope.everything:
            return {}
    return {tier: int(count) for tier, count in db.session.execute(query)}


def _towns(scope: Scope, asked: Asked) -> list[int] | None:
    """Towns that say the same as scope and unit; [] = all of them; None when the enterprise itself has to be looked at."""
    if asked.text.strip() or scope.by_name:
        return None
    if scope.everything and asked.unit_id is None:
        return []
    return [p.id for p in places().towns(scope, asked.unit_id) if covers_town(scope, p)] or [0]


def chosen_ids(scope: Scope, asked: Asked, limit: int) -> list[int]:
    """Ids of the whole list, at most ``limit``."""
    query = _listed(scope, asked, NearScale.enterprise_id).order_by(NearScale.pct.desc(), NearScale.enterprise_id.desc())
    return list(db.session.scalars(query.limit(limit)))


# --- what cannot be judged


def _undecided(prefixes: Sequence[str]) -> ColumnElement[bool]:
    """The industry code is missing or too short to know the line."""
    whole = set(prefixes)
    short = sorted({p[:n] for p in whole for n in range(2, len(p))} - whole)
    return or_(Enterprise.industry_code.is_(None), Enterprise.industry_code.in_(short)) if short else Enterprise.industry_code.is_(None)


def unknown_page(scope: Scope, prefixes: Sequence[str], cursor: str | None, size: int) -> Page[Row[Any]]:
    """待补: standing enterprises whose industry is unknown, by id, with their count."""
    edge = decode(cursor, (int,))
    backwards = bool(edge and edge.backwards)
    query: Any = select(Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id, Enterprise.industry_code).where(
        in_scope(scope), _undecided(prefixes), Enterprise.status.in_(STANDING),
    )
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(Enterprise.id).limit(COUNT_CAP + 1).subquery()))
    if edge:
        query = query.where(Enterprise.id < edge.values[0] if backwards else Enterprise.id > edge.values[0])
    rows = db.session.execute(query.order_by(Enterprise.id.desc() if backwards else Enterprise.id).limit(size + 1)).all()
    return cut(rows, size, edge, lambda row: (row.id,), total)


def count_unknown(scope: Scope, prefixes: Sequence[str]) -> int:
    """How many, counted up to the cap + 1."""
    query = select(Enterprise.id).where(in_scope(scope), _undecided(prefixes), Enterprise.status.in_(STANDING)).limit(COUNT_CAP + 1)
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def today_lines() -> tuple[Lines, NearScaleState | None, bool]:
    """Lines of the installation's city, the state of the stored rows, and whether they are up to date."""
    found, today = city_lines(clock.today()), clock.today()
    stored = state()
    return lines_of(current_pack(), today), stored, is_current(stored, found, today)
