"""Batches of recognitions: what is known of each, and how many recognitions of the viewer's firms belong to it.

A recognition belongs to the batch of its city, title, level and year; where a year has several batches its document decides. The link is computed,
so that a document filled in later, or a batch entered later, finds its rows by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal, or_, select, true, tuple_

from app.areas.models import Area
from app.enterprises.models import Enterprise, EnterpriseEvent
from app.enterprises.queries import in_scope, merged_ids, standing, within
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import BatchVersion, Recognition, RecognitionBatch, RecognitionEvent
from app.ladder.queries.counting import batch_year, valid_on
from app.ladder.queries.places import known
from app.policies.queries import speak_of

STATES = {"all": "认定", "valid": "有效", "expired": "已到期", "revoked": "已撤销", "voided": "作废", "gap": "待补日期"}
STEPS = {"recommended": "推荐", "noticed": "公示", "objected": "异议"}


@dataclass(frozen=True)
class Key:
    """A batch as the address names it. ``year`` 0: recognitions without any year; ``number`` 0: the only batch of the year."""

    title_code: str
    level: str
    year: int
    number: int = 0


@dataclass(frozen=True)
class BatchRow:
    """One line of the list. ``batch``: what is recorded of it (None: only recognitions are). Counts by ``STATES`` and ``STEPS``."""

    key: Key
    batch: RecognitionBatch | None
    told: BatchVersion | None
    counts: dict[str, int]


def cities_of(scope: Scope) -> ColumnElement[bool]:
    """SQL condition on ``Area`` (cities): those the viewer's places lie in."""
    if scope.everything:
        return true()
    inside = sorted(scope.unit_ids | scope.town_ids)
    parts: list[ColumnElement[bool]] = [Area.id.in_(sorted(scope.city_ids))] if scope.city_ids else []
    if inside:
        place = Area.__table__.alias("place")
        parts.append(Area.id.in_(select(place.c.city_id).where(place.c.id.in_(inside))))
    if scope.by_name:
        parts.append(Area.id.in_(select(Enterprise.city_id).where(in_scope(scope))))
    return or_(*parts) if parts else false()


def _conditions(day: date, known_on: date | None) -> dict[str, ColumnElement[bool]]:
    """Each recognition of a batch stands in ``all`` unless it is voided, and in at most one of the others (so they can be counted as one case)."""
    begun = func.coalesce(Recognition.valid_from, Recognition.announced_on)
    revoked = and_(Recognition.voided.is_(False), Recognition.revoked_on.is_not(None), Recognition.revoked_on <= day)
    valid = and_(valid_on(day), Recognition.enterprise_id.not_in(_cancelled(day, known_on)))
    ended = and_(Recognition.voided.is_(False), or_(Recognition.revoked_on.is_(None), Recognition.revoked_on > day))
    return {
        "all": Recognition.voided.is_(False), "valid": valid, "expired": and_(ended, Recognition.valid_to < day, begun <= day),
        "revoked": revoked, "voided": Recognition.voided.is_(True),
        "gap": and_(ended, or_(begun.is_(None), and_(Recognition.valid_to.is_(None), Recognition.open_ended.is_(False)))),
    }


def _cancelled(day: date, known_on: date | None) -> Select[Any]:
    """Firms struck off by the day (``struck_off`` as a set: it is looked up once, not for every recognition)."""
    event = EnterpriseEvent
    query = select(event.enterprise_id).where(event.kind == "cancelled", event.happened_on <= day)
    return query if known_on is None else query.where(event.recorded_at <= clock.end_of_day(known_on))


def _year() -> ColumnElement[int]:
    return func.coalesce(batch_year(), 0)


def list_batches(
    scope: Scope, day: date, known_on: date | None = None, *, title_code: str | None = None, year: int | None = None,
) -> list[BatchRow]:
    """Every batch of the viewer's cities and every group of recognitions that belongs to none, newest year first."""
    recorded = _recorded(scope, known_on, title_code, year)
    several = _several(list(recorded))
    counts = _counted(scope, day, known_on, title_code, year, several, recorded)
    steps = _stepped(scope, known_on, title_code, year)
    keys = {*counts, *recorded, *(Key(*key) for key in steps if not any(k.year == key[2] and (k.title_code, k.level) == key[:2] for k in recorded))}
    rows = []
    for key in keys:
        batch, told = recorded.get(key, (None, None))
        own = dict.fromkeys((*STATES, *STEPS), 0) | counts.get(key, {})
        if key.number == 0 or not any(k.number < key.number and _same_year(k, key) for k in keys):
            own |= steps.get((key.title_code, key.level, key.year), {})
        rows.append(BatchRow(key, batch, told, own))
    return sorted(rows, key=lambda r: (-r.key.year, r.key.title_code, r.key.level, r.key.number))


def _same_year(first: Key, second: Key) -> bool:
    return (first.title_code, first.level, first.year) == (second.title_code, second.level, second.year)


def _several(keys: Sequence[Key]) -> set[tuple[str, str, int]]:
    """Years of a title with more than one batch."""
    found: dict[tuple[str, str, int], int] = {}
    for key in keys:
        place = (key.title_code, key.level, key.year)
        found[place] = found.get(place, 0) + 1
    return {place for place, count in found.items() if count > 1}


def _recorded(
    scope: Scope, known_on: date | None, title_code: str | None, year: int | None,
) -> dict[Key, tuple[RecognitionBatch, BatchVersion]]:
    query = (
        select(RecognitionBatch, BatchVersion).join(BatchVersion, BatchVersion.batch_id == RecognitionBatch.id)
        .join(Area, Area.id == RecognitionBatch.city_id).where(cities_of(scope), known(BatchVersion, known_on))
    )
    if title_code:
        query = query.where(RecognitionBatch.title_code == title_code)
    if year is not None:
        query = query.where(RecognitionBatch.batch_year == year)
    return {Key(b.title_code, b.level, b.batch_year, b.number): (b, told) for b, told in db.session.execute(query)}


def _scoped(scope: Scope, statement: Select[Any], known_on: date | None, title_code: str | None, year: int | None) -> Select[Any]:
    statement = statement.join(Enterprise, Enterprise.id == Recognition.enterprise_id).where(within(scope), standing(known_on), known(Recognition, known_on))
    if title_code:
        statement = statement.where(Recognition.title_code == title_code)
    return statement if year is None else statement.where(_year() == year)


def _sees_all(scope: Scope) -> bool:
    """Every city of the installation lies in the scope: no firm needs to be looked at to know that it counts."""
    if scope.everything:
        return True
    return bool(scope.city_ids) and not set(db.session.scalars(select(Area.id).where(Area.kind == "city"))) - scope.city_ids


def _of_all(statement: Select[Any], known_on: date | None, title_code: str | None, year: int | None) -> Select[Any]:
    """``_scoped`` for those who see all: only merged records are left out."""
    statement = statement.where(known(Recognition, known_on), Recognition.enterprise_id.not_in(merged_ids(known_on)))
    if title_code:
        statement = statement.where(Recognition.title_code == title_code)
    return statement if year is None else statement.where(_year() == year)


def _counted(
    scope: Scope, day: date, known_on: date | None, title_code: str | None, year: int | None, several: Collection[tuple[str, str, int]],
    recorded: dict[Key, tuple[RecognitionBatch, BatchVersion]],
) -> dict[Key, dict[str, int]]:
    keys = (Recognition.title_code, Recognition.level, _year())
    conditions = _conditions(day, known_on)
    state: Any = case(*((conditions[name], literal(name)) for name in ("voided", "valid", "revoked", "expired", "gap")), else_=literal("other"))
    papers = {k: told.document for k, (_, told) in recorded.items() if (k.title_code, k.level, k.year) in several}
    number: Any = case(
        *((and_(Recognition.title_code == k.title_code, Recognition.level == k.level, _year() == k.year, Recognition.document == paper), literal(k.number))
          for k, paper in papers.items() if paper),
        else_=0,
    ) if any(papers.values()) else literal(0)
    counting = select(*keys, number, state, func.count())
    narrowed = _of_all(counting, known_on, title_code, year) if _sees_all(scope) else _scoped(scope, counting, known_on, title_code, year)
    query = narrowed.group_by(*keys, number, state)
    found: dict[Key, dict[str, int]] = {}
    for row in db.session.execute(query):
        place = tuple(row[:3])
        at = row[3] if place in several else next((k.number for k in recorded if (k.title_code, k.level, k.year) == place), 0)
        own = found.setdefault(Key(row[0], row[1], row[2], at), dict.fromkeys(STATES, 0))
        if row[4] in own:
            own[row[4]] += row[5]
        own["all"] += 0 if row[4] == "voided" else row[5]
    return found


def _stepped(scope: Scope, known_on: date | None, title_code: str | None, year: int | None) -> dict[tuple[str, str, int], dict[str, int]]:
    """Firms recommended, publicly noticed and objected to, per title, level and year."""
    event = RecognitionEvent
    keys = (event.title_code, event.level, event.batch_year, event.kind)
    query = (
        select(*keys, func.count(event.enterprise_id.distinct())).join(Enterprise, Enterprise.id == event.enterprise_id)
        .where(within(scope), standing(known_on), known(event, known_on), event.kind.in_(list(STEPS))).group_by(*keys)
    )
    if title_code:
        query = query.where(event.title_code == title_code)
    if year is not None:
        query = query.where(event.batch_year == year)
    found: dict[tuple[str, str, int], dict[str, int]] = {}
    for title, level, of_year, kind, count in db.session.execute(query):
        found.setdefault((title, level, of_year), {})[kind] = count
    return found


def get_batch(scope: Scope, key: Key, day: date, known_on: date | None = None) -> BatchRow:
    """One batch or group. Raises ``NotFound`` when nothing of it lies in the viewer's reach."""
    for row in list_batches(scope, day, known_on, title_code=key.title_code, year=key.year):
        if row.key == key:
            return row
    raise NotFound("没有找到这个批次，可能不在您的管辖范围内。请从认定批次列表重新进入。")


def batch_members(
    scope: Scope, row: BatchRow, state: str, day: date, known_on: date | None, cursor: str | None, size: int,
) -> Page[tuple[Recognition, Enterprise]]:
    """The recognitions behind a count of ``STATES``, by enterprise. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (int, int))
    keys, backwards = (Enterprise.id, Recognition.id), bool(edge and edge.backwards)
    both: Any = select(Recognition, Enterprise)
    query = _scoped(scope, both, known_on, row.key.title_code, row.key.year)
    query = query.where(Recognition.level == row.key.level, _conditions(day, known_on)[state], _belongs(scope, row, known_on))
    if edge:
        place = tuple_(*(literal(value) for value in edge.values))
        query = query.where(tuple_(*keys) < place if backwards else tuple_(*keys) > place)
    found = db.session.execute(query.order_by(*(k.desc() if backwards else k.asc() for k in keys)).limit(size + 1))
    return cut([(r, e) for r, e in found], size, edge, lambda pair: (pair[1].id, pair[0].id), row.counts[state])


def _belongs(scope: Scope, row: BatchRow, known_on: date | None) -> ColumnElement[bool]:
    """Among several batches of one year: by document; 0 holds what fits none."""
    siblings = {k: told.document for k, (_, told) in _recorded(scope, known_on, row.key.title_code, row.key.year).items() if k.level == row.key.level}
    if len(siblings) < 2:
        return true()
    if row.key.number:
        return Recognition.document == (siblings.get(row.key) or "")
    others = [paper for k, paper in siblings.items() if k.number and paper]
    return or_(Recognition.document.is_(None), Recognition.document.not_in(others))


def batch_candidates(scope: Scope, key: Key, kind: str, known_on: date | None, limit: int = 2000) -> list[tuple[RecognitionEvent, Enterprise, bool]]:
    """Firms recommended, publicly noticed or objected to, and whether they were recognised in the end."""
    event = RecognitionEvent
    granted = exists().where(
        Recognition.enterprise_id == event.enterprise_id, Recognition.title_code == event.title_code, Recognition.level == event.level,
        Recognition.batch_year == event.batch_year, Recognition.voided.is_(False), known(Recognition, known_on),
    )
    query = (
        select(event, Enterprise, granted).join(Enterprise, Enterprise.id == event.enterprise_id)
        .where(
            within(scope), standing(known_on), known(event, known_on), event.kind == kind, event.title_code == key.title_code, event.level == key.level,
            event.batch_year == key.year,
        ).order_by(Enterprise.id, event.happened_on).limit(limit)
    )
    return [(row[0], row[1], bool(row[2])) for row in db.session.execute(query)]


def find_version(batch_id: int) -> BatchVersion:
    """What is known of a batch now."""
    return db.session.scalars(select(BatchVersion).where(BatchVersion.batch_id == batch_id, BatchVersion.superseded_at.is_(None))).one()


def batch_versions(batch_id: int) -> Sequence[BatchVersion]:
    """Every version, newest first."""
    return db.session.scalars(select(BatchVersion).where(BatchVersion.batch_id == batch_id).order_by(BatchVersion.id.desc())).all()


def get_recorded(scope: Scope, batch_id: int) -> RecognitionBatch:
    """A batch of a city the viewer keeps. Raises ``NotFound``, also for a batch of a city he only sees a part of."""
    query = select(RecognitionBatch).where(RecognitionBatch.id == batch_id)
    if not scope.everything:
        query = query.where(RecognitionBatch.city_id.in_(sorted(scope.city_ids)))
    row = db.session.scalars(query).first()
    if row is None:
        raise NotFound("没有找到这个批次，可能不在您的管辖范围内。请从认定批次列表重新进入。")
    speak_of(row.city_id)
    return row
