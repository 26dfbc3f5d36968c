"""Look-alikes: who was promoted lately, who might be compared, what was proposed and answered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Row, Select, and_, case, exists, extract, func, literal, select, tuple_

from app.enterprises.models import Enterprise, EnterpriseYear
from app.enterprises.queries import in_scope
from app.enterprises.rules.figures import PRECEDENCE
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import LookalikeAnswer, LookalikeRow, LookalikeRun, PoolMember, PoolStep, Recognition
from app.ladder.queries.counting import batch_year, started, valid_on
from app.packs.schema import Pool
from app.policies.queries import speak_of

YEARS = 3
_FIGURES = ("revenue_yuan", "rd_expense_yuan", "employee_count", "ip_class1_count")


@dataclass(frozen=True)
class Promoted:
    """An enterprise of the city that reached what the pool is for, and in which year."""

    enterprise_id: int
    year: int


def promoted(pool: Pool, city_id: int, today: date) -> list[Promoted]:
    """First grants of the pool's titles with a batch year in the last three years, and members that reached a goal stage in them."""
    found: dict[int, int] = {}
    first = today.year - YEARS + 1
    if pool.titles:
        query = (
            select(Recognition.enterprise_id, func.min(batch_year())).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
            .where(
                Recognition.title_code.in_(pool.titles), Recognition.superseded_at.is_(None), started(today), Enterprise.city_id == city_id,
                Enterprise.merged_into_id.is_(None),
            ).group_by(Recognition.enterprise_id).having(func.min(batch_year()).between(first, today.year))
        )
        found = {key: int(year) for key, year in db.session.execute(query)}
    goals = [stage.code for stage in pool.stages if stage.goal]
    reached = (
        select(PoolMember.enterprise_id, func.min(extract("year", PoolStep.happened_on))).join(PoolStep, PoolStep.member_id == PoolMember.id)
        .join(Enterprise, Enterprise.id == PoolMember.enterprise_id)
        .where(
            PoolMember.pool_code == pool.code, PoolStep.stage_code.in_(goals), PoolStep.kind.in_(("admitted", "stage")), PoolStep.superseded_at.is_(None),
            PoolStep.happened_on >= date(first, 1, 1), Enterprise.city_id == city_id, Enterprise.merged_into_id.is_(None),
        ).group_by(PoolMember.enterprise_id)
    )
    for key, year in db.session.execute(reached) if goals else ():
        found.setdefault(int(key or 0), int(year))
    return [Promoted(key, year) for key, year in sorted(found.items())]


@dataclass(frozen=True)
class Profile:
    """What is compared of one enterprise, from the figures of one year and the year before."""

    enterprise_id: int
    industry: str | None
    unit_id: int
    town_id: int
    values: dict[str, float | None]


def _year_columns(year: int) -> list[Any]:
    """Effective figures of a year (strongest source first, field by field)."""
    return [
        func.coalesce(*(func.max(case((and_(EnterpriseYear.year == year, EnterpriseYear.source == s), getattr(EnterpriseYear, f)))) for s in PRECEDENCE))
        .label(f"{f}_{year}") for f in _FIGURES
    ]


def _profiles(year: int, ids: Any) -> Select[Any]:
    """Head and figures of ``year`` and the revenue of the year before, one row per enterprise that has any."""
    before = func.coalesce(
        *(func.max(case((and_(EnterpriseYear.year == year - 1, EnterpriseYear.source == s), EnterpriseYear.revenue_yuan))) for s in PRECEDENCE)
    ).label("revenue_before")
    figures = (
        select(EnterpriseYear.enterprise_id, *_year_columns(year), before)
        .where(EnterpriseYear.year.in_((year, year - 1)), EnterpriseYear.superseded_at.is_(None), EnterpriseYear.enterprise_id.in_(ids))
        .group_by(EnterpriseYear.enterprise_id).subquery("figures")
    )
    columns = [c for c in figures.c if c.name != "enterprise_id"]
    return select(
        Enterprise.id, Enterprise.industry_code, Enterprise.unit_id, Enterprise.town_id, Enterprise.founded_on, *columns,
    ).join(figures, figures.c.enterprise_id == Enterprise.id)


def profiles(year: int, ids: Collection[int]) -> dict[int, Profile]:
    """Profiles of these enterprises for one year."""
    found: dict[int, Profile] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 900):
        for row in db.session.execute(_profiles(year, wanted[start : start + 900])):
            found[row[0]] = profile(row, year)
    return found


def profile(row: Sequence[Any], year: int) -> Profile:
    """A row of ``_profiles``. Growth and ratio need a positive base."""
    key, industry, unit_id, town_id, founded_on, revenue, rd, employees, ip1, before = row
    values: dict[str, float | None] = {
        "revenue": _number(revenue), "employees": _number(employees), "ip1": _number(ip1),
        "growth": float((revenue - before) * 100 / before) if revenue is not None and before is not None and before > 0 else None,
        "rd_ratio": float(rd * 100 / revenue) if rd is not None and revenue is not None and revenue > 0 else None,
        "age": float(year - founded_on.year) if founded_on else None,
    }
    return Profile(key, industry, unit_id, town_id, values)


def _number(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)


def candidates(pool: Pool, city_id: int, today: date, year: int, batch: int = 20_000) -> Iterator[list[Profile]]:
    """Standing enterprises of the city that are not in the pool, hold none of its titles, were not rejected this year; batch by batch, by id."""
    titles = tuple({*pool.titles, *pool.leaves_out})
    holds = exists().where(
        Recognition.enterprise_id == Enterprise.id, Recognition.title_code.in_(titles), Recognition.superseded_at.is_(None), valid_on(today),
    )
    inside = exists().where(PoolMember.enterprise_id == Enterprise.id, PoolMember.pool_code == pool.code, PoolMember.closed_on.is_(None))
    said_no = exists().where(
        LookalikeAnswer.enterprise_id == Enterprise.id, LookalikeAnswer.pool_code == pool.code, LookalikeAnswer.year == today.year,
        LookalikeAnswer.answer == "rejected",
    )
    wanted = [
        Enterprise.city_id == city_id, Enterprise.merged_into_id.is_(None), Enterprise.status == "active", ~inside, ~said_no,
        Enterprise.industry_code.is_not(None),
    ]
    if titles:
        wanted.append(~holds)
    place = 0
    while True:
        ids = list(db.session.scalars(select(Enterprise.id).where(Enterprise.id > place, *wanted).order_by(Enterprise.id).limit(batch)))
        if not ids:
            return
        place = ids[-1]
        found = [profile(row, year) for start in range(0, len(ids), 5_000) for row in db.session.execute(_profiles(year, ids[start : start + 5_000]))]
        yield [one for one in found if one.values["revenue"] is not None]


# --- results


def last_run(pool_code: str, city_id: int) -> LookalikeRun | None:
    """The newest search of a pool."""
    return db.session.scalars(
        select(LookalikeRun).where(LookalikeRun.pool_code == pool_code, LookalikeRun.city_id == city_id).order_by(LookalikeRun.id.desc()).limit(1)
    ).first()


ANSWERS = {"open": "待答复", "accepted": "已提名", "rejected": "已拒绝"}


@dataclass(frozen=True)
class Narrow:
    """Narrowing of the list of proposals."""

    answer: str = "open"
    unit_id: int | None = None
    town_id: int | None = None


def _listed(scope: Scope, run: LookalikeRun, narrow: Narrow) -> Select[Any]:
    answer = LookalikeAnswer
    said = and_(answer.enterprise_id == LookalikeRow.enterprise_id, answer.pool_code == run.pool_code, answer.year == clock.local(run.computed_at).year)
    query = cast("Select[Any]", select(LookalikeRow, Enterprise, answer))
    query = query.join(Enterprise, Enterprise.id == LookalikeRow.enterprise_id).outerjoin(answer, said)
    query = query.where(LookalikeRow.run_id == run.id, in_scope(scope))
    if narrow.answer == "open":
        inside = exists().where(
            PoolMember.enterprise_id == LookalikeRow.enterprise_id, PoolMember.pool_code == run.pool_code, PoolMember.closed_on.is_(None),
        )
        query = query.where(answer.id.is_(None), ~inside)
    else:
        query = query.where(answer.answer == narrow.answer)
    if narrow.unit_id is not None:
        query = query.where(Enterprise.unit_id == narrow.unit_id)
    return query if narrow.town_id is None else query.where(Enterprise.town_id == narrow.town_id)


def page(scope: Scope, run: LookalikeRun, narrow: Narrow, cursor: str | None, size: int) -> Page[Row[Any]]:
    """One page of proposals, nearest first, with its count."""
    edge = decode(cursor, (Decimal, int))
    backwards = bool(edge and edge.backwards)
    keys, query = (LookalikeRow.score, LookalikeRow.enterprise_id), _listed(scope, run, narrow)
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(LookalikeRow.id).limit(COUNT_CAP + 1).subquery()))
    if edge:
        place = tuple_(literal(edge.values[0], LookalikeRow.score.type), literal(edge.values[1]))
        query = query.where(tuple_(*keys) > place if backwards else tuple_(*keys) < place)
    rows = db.session.execute(query.order_by(*(k.asc() if backwards else k.desc() for k in keys)).limit(size + 1)).all()
    return cut(rows, size, edge, lambda row: (row[0].score, row[0].enterprise_id), total)


def get_row(scope: Scope, row_id: int) -> tuple[LookalikeRow, LookalikeRun, Enterprise]:
    """One proposal inside the scope. Raises NotFound."""
    found = db.session.execute(
        select(LookalikeRow, LookalikeRun, Enterprise).join(LookalikeRun, LookalikeRun.id == LookalikeRow.run_id)
        .join(Enterprise, Enterprise.id == LookalikeRow.enterprise_id).where(LookalikeRow.id == row_id, in_scope(scope))
    ).first() if 0 < row_id < 2**63 else None
    if found is None:
        raise NotFound("没有找到这条推荐：可能已重新计算，或不在您的管辖范围内。请从培育库重新进入。", "lookalike_unknown")
    speak_of(found[2].city_id)
    return found[0], found[1], found[2]


def visible_names(scope: Scope, ids: Collection[int]) -> dict[int, str]:
    """Names of promoted enterprises the viewer may see; the others stay a number."""
    wanted = sorted(set(ids))[:2_000]
    rows = db.session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(wanted), in_scope(scope))) if wanted else ()
    return {key: name for key, name in rows}  # noqa: C416


def answer_of(pool_code: str, enterprise_id: int, year: int) -> LookalikeAnswer | None:
    return db.session.scalars(
        select(LookalikeAnswer).where(
            LookalikeAnswer.pool_code == pool_code, LookalikeAnswer.enterprise_id == enterprise_id, LookalikeAnswer.year == year,
        )
    ).first()


__all__ = ["ANSWERS", "Narrow", "Profile", "Promoted", "answer_of", "candidates", "get_row", "last_run", "page", "profiles", "promoted", "visible_names"]
