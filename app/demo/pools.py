"""Demo members of the pools: drawn from firms near the line and from title holders, the same ones every time. Mass-loaded; nothing when there are any."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, func, select

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseSummary
from app.infra import clock, dialect
from app.infra.db import db
from app.ladder.models import NearScale, PoolMember, PoolStep
from app.ladder.queries import pools as queries
from app.packs import Pack
from app.packs.schema import Pool
from app.policies.queries import current_pack

MOST = 3_000
"""Members of one pool at most, however many firms there are."""
OWNERS = ("王主任", "李科长", "孙主任", "县区经办", None)


class _Spell(NamedTuple):
    subject: int
    steps: list[tuple[str, str, str | None, str | None, date, str | None]]


def load() -> int:
    """Fill the pools of the city; returns how many spells were added. The caller commits."""
    if db.session.scalar(select(func.count()).select_from(PoolMember)):
        return 0
    pack, added = current_pack(), 0
    city_id = queries.city_id_of(pack)
    for pool in queries.kept_pools(pack):
        ids = _towns(city_id) if pool.member == "town" else _firms(pool, pack, city_id)
        spells = [_spell(pool, place, subject) for place, subject in enumerate(ids)]
        _write(pool, spells)
        added += len(spells)
    db.session.flush()
    return added


def _firms(pool: Pool, pack: Pack, city_id: int) -> Sequence[int]:
    """Firms that suit the pool, spread over the register by their numbers."""
    if pool.screening:
        step = 9 if pool.code == "above_scale_pipeline" else 13
        near = select(NearScale.enterprise_id).join(Enterprise, Enterprise.id == NearScale.enterprise_id)
        near = near.where(NearScale.tier >= 60, Enterprise.city_id == city_id, Enterprise.id % step == 4)
        return db.session.scalars(near.order_by(Enterprise.id).limit(MOST)).all()
    held = {"key_cultivation": "innovative_sme", "listing_pipeline": "little_giant"}.get(pool.code)
    query = select(Enterprise.id).join(EnterpriseSummary, EnterpriseSummary.enterprise_id == Enterprise.id).where(
        Enterprise.city_id == city_id, Enterprise.status == "active",
    )
    suited = [EnterpriseSummary.titles.like(f"%,{held},%"), Enterprise.id % 3 == 1] if held is not None else [Enterprise.id % 17 == 5]
    query = query.where(*suited)
    if pool.titles:
        query = query.where(*(~EnterpriseSummary.titles.like(f"%,{title},%") for title in pool.titles))
    return db.session.scalars(query.order_by(Enterprise.id).limit(min(MOST, pool.capacity or MOST))).all()


def _towns(city_id: int) -> Sequence[int]:
    return db.session.scalars(select(Area.id).where(Area.city_id == city_id, Area.kind.in_(("town", "subdistrict"))).order_by(Area.code).limit(300)).all()[::9]


def _spell(pool: Pool, place: int, subject: int) -> _Spell:
    """One believable history: nominated, mostly admitted, moved on, now and then released; all days before today."""
    today = clock.today()
    began = max(date(today.year, 1, 5) if pool.term == "yearly" else today - timedelta(days=60 + subject * 37 % 500), date(2022, 1, 5))
    reason, owner = pool.reasons[subject % len(pool.reasons)] if pool.reasons else "县级推荐", OWNERS[subject % len(OWNERS)]
    steps: list[tuple[str, str, str | None, str | None, date, str | None]] = [("nominated", "nominated", None, None, began, reason)]
    if place % 8 == 7:
        return _Spell(subject, steps)
    day, last = began + timedelta(days=9), min(place * 5 % (len(pool.stages) + 2), len(pool.stages) - 1)
    steps.append(("admitted", "member", pool.stages[0].code, owner, day, reason))
    for stage in pool.stages[1 : last + 1]:
        day += timedelta(days=11 + subject % 25)
        if day >= today or stage.goal:  # who reached the goal holds the title, which demo members do not
            break
        steps.append(("stage", "member", stage.code, owner, day, None))
    if place % 12 == 11 and day + timedelta(days=20) < today and pool.release_reasons:
        why = pool.release_reasons[subject % len(pool.release_reasons)]
        steps.append(("released", "released", steps[-1][2], owner, day + timedelta(days=20), why))
    return _Spell(subject, steps)


_MEMBER = (
    "id", "pool_code", "enterprise_id", "town_id", "year", "state", "stage_code", "stage_on", "owner", "nominated_on", "entered_on", "closed_on", "reason",
    "origin", "created_at", "version",
)
_STEP = ("member_id", "kind", "state", "stage_code", "owner", "happened_on", "reason", "recorded_at", "recorded_name")


def _write(pool: Pool, spells: Sequence[_Spell]) -> None:
    session = db.session()
    members, steps = cast(Table, PoolMember.__table__), cast(Table, PoolStep.__table__)
    keys = list(dialect.reserve_ids(session, members, len(spells)))
    dialect.load_rows(session, members, _MEMBER, _members(pool, keys, spells))
    dialect.load_rows(
        session, steps, _STEP,
        ((key, *step[:5], step[5], clock.start_of_day(step[4]), "演示数据") for key, spell in zip(keys, spells, strict=True) for step in spell.steps),
    )


def _members(pool: Pool, keys: Sequence[int], spells: Sequence[_Spell]) -> Iterator[tuple[Any, ...]]:
    towns = pool.member == "town"
    for key, spell in zip(keys, spells, strict=True):
        first, last = spell.steps[0], spell.steps[-1]
        entered = next((step[4] for step in spell.steps if step[0] == "admitted"), None)
        subject = (None, spell.subject) if towns else (spell.subject, None)
        yield (
            key, pool.code, *subject, first[4].year if pool.term == "yearly" else 0, last[1], last[2], last[4], last[3], first[4], entered,
            last[4] if last[1] == "released" else None, first[5], "person", clock.start_of_day(first[4]), len(spell.steps),
        )
