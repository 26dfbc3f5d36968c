"""Search look-alikes of those promoted, and answer the proposals. The search is a job; what it found is stored with its data date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from app.enterprises.rules import industry
from app.infra import audit, clock, dialect
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.scope import Scope
from app.ladder.actions import pools
from app.ladder.actions.recognitions import Refused
from app.ladder.models import LookalikeAnswer, LookalikeRow, LookalikeRun
from app.ladder.queries import lookalikes as queries
from app.ladder.queries.lookalikes import Profile
from app.ladder.rules import lookalikes as rules
from app.packs import Pack
from app.packs.schema import Pool

EACH_UNIT = 60
"""Proposals kept per county or zone, so that every one of them gets its own list."""
Progress = Callable[[int], None]


@dataclass(frozen=True)
class _Found:
    profile: Profile
    distance: float
    near: tuple[int, ...]


def search(*, pool: Pool, city_id: int, by: Actor, on_progress: Progress = lambda done: None) -> LookalikeRun:
    """Compare the city's enterprises outside the pool with those promoted in the last three years, and store the nearest."""
    today = clock.today()
    lately = queries.promoted(pool, city_id, today)
    samples = _samples(lately)
    note = rules.note_of(len(lately), len(samples))
    run = LookalikeRun(
        pool_code=pool.code, city_id=city_id, day=today, promoted=len(lately), samples=len(samples), candidates=0, note=note,
        computed_at=clock.now(), computed_by=by.name[:80],
    )
    db.session.add(run)
    db.session.flush()
    if len(samples) >= rules.LEAST:
        gone = frozenset(one.enterprise_id for one in lately)
        _store(run, _nearest(pool, city_id, today, samples, gone, run, on_progress), samples)
    audit.record(
        "lookalikes.searched", Subject("pool", pool.code, pool.label), None, {"run": run.id, "samples": run.samples, "candidates": run.candidates}, by=by,
    )
    db.session.flush()
    return run


def _samples(lately: Sequence[queries.Promoted]) -> list[Profile]:
    """The promoted ones with the figures of the year before their promotion (else of that year)."""
    found: dict[int, Profile] = {}
    for shift in (1, 0):
        by_year: dict[int, list[int]] = {}
        for one in lately:
            if one.enterprise_id not in found:
                by_year.setdefault(one.year - shift, []).append(one.enterprise_id)
        for year, ids in by_year.items():
            found |= {key: p for key, p in queries.profiles(year, ids).items() if p.values["revenue"] is not None}
    return [found[key] for key in sorted(found)]


def _matrix(profiles: Sequence[Profile]) -> tuple[Any, Any]:
    import numpy as np

    values = [[rules.transformed(f, p.values.get(f.code)) for f in rules.FEATURES] for p in profiles]
    return np.array(values, dtype=float).reshape(len(profiles), len(rules.FEATURES)), np.array([rules.industry_number(p.industry) for p in profiles])


def _nearest(
    pool: Pool, city_id: int, today: date, samples: list[Profile], promoted: frozenset[int], run: LookalikeRun, on_progress: Progress,
) -> list[_Found]:
    """The nearest of every unit, batch by batch: memory stays small whatever the city's size."""
    import numpy as np

    theirs, their_trades = _matrix(samples)
    with np.errstate(all="ignore"):
        spread = np.nanstd(theirs, axis=0)
    spread = np.where(np.isfinite(spread) & (spread > 1e-9), spread, 1.0)
    best: dict[int, list[_Found]] = {}
    step = max(200, 2_000_000 // max(len(samples), 1))
    for read in queries.candidates(pool, city_id, today, today.year - 1):
        batch = [one for one in read if one.enterprise_id not in promoted]
        for start in range(0, len(batch), step):
            part = batch[start : start + step]
            mine, trades = _matrix(part)
            picked, distances = rules.nearest(mine, theirs, trades, their_trades, spread)
            for place, profile in enumerate(part):
                mean = float(distances[place].mean())
                if np.isfinite(mean):
                    best.setdefault(profile.unit_id, []).append(_Found(profile, mean, tuple(int(i) for i in picked[place])))
        for unit, rows in best.items():
            rows.sort(key=lambda one: (one.distance, one.profile.enterprise_id))
            best[unit] = rows[:EACH_UNIT]
        run.candidates += len(batch)
        on_progress(run.candidates)
    return [one for rows in best.values() for one in rows]


def _store(run: LookalikeRun, found: Sequence[_Found], samples: Sequence[Profile]) -> None:
    table = cast(Table, LookalikeRow.__table__)
    rows = []
    for one in found:
        near = [samples[place] for place in one.near]
        known = [rules.Neighbour(n.enterprise_id, n.industry, n.unit_id, n.town_id, n.values) for n in near]
        division = industry.division_of(one.profile.industry)
        together, apart = rules.words(
            one.profile.values, one.profile.industry, one.profile.unit_id, one.profile.town_id, known, division.name if division else "",
        )
        rows.append((
            run.id, one.profile.enterprise_id, Decimal(str(rules.score_of(one.distance))), Decimal(f"{one.distance:.4f}"),
            [n.enterprise_id for n in near], together, apart,
        ))
    dialect.load_rows(db.session(), table, ("run_id", "enterprise_id", "score", "distance", "neighbours", "reasons", "differences"), rows)


# --- answers


def accept(*, scope: Scope, pack: Pack, pool: Pool, row: LookalikeRow, run: LookalikeRun, reason: str, on: date | None, by: Actor) -> int:
    """The proposal becomes a nomination; returns the member's id."""
    member = pools.nominate(
        scope=scope, pack=pack, pool=pool, enterprise_id=row.enterprise_id, reason=reason, on=on, origin="lookalike", by=by,
    )
    _answer(row, run, "accepted", reason, by)
    return member.id


def reject(*, row: LookalikeRow, run: LookalikeRun, name: str, reason: str, by: Actor) -> LookalikeAnswer:
    """Not proposed again this year; the reason is kept."""
    if not reason.strip():
        raise Refused([("reason", "请写明拒绝的理由，今年内不再推荐这家企业。")])
    if len(reason) > 300:
        raise Refused([("reason", "理由不能超过 300 字。")])
    answer = _answer(row, run, "rejected", reason, by)
    audit.record(
        "lookalikes.rejected", Subject("enterprise", row.enterprise_id, name), None, {"pool": run.pool_code, "reason": reason.strip()[:300]}, by=by,
    )
    return answer


def _answer(row: LookalikeRow, run: LookalikeRun, said: str, reason: str, by: Actor) -> LookalikeAnswer:
    answer = LookalikeAnswer(
        pool_code=run.pool_code, enterprise_id=row.enterprise_id, year=clock.today().year, answer=said, reason=reason.strip()[:300] or None,
        answered_at=clock.now(), answered_by=by.user_id, answered_name=by.name[:80],
    )
    known = queries.answer_of(run.pool_code, row.enterprise_id, answer.year)
    if known is not None and known.answer == said == "rejected":
        return known
    if known is not None and said == "accepted":  # rejected before, nominated now: the later word counts
        known.answer, known.reason, known.answered_at = said, answer.reason, answer.answered_at
        known.answered_by, known.answered_name = answer.answered_by, answer.answered_name
        return known
    if known is not None:
        raise Conflict("lookalike_answered", "这条推荐已经提名，不能再拒绝。如需取消，请在培育库办理“不予入库”。")
    db.session.add(answer)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("lookalike_answered", "这条推荐刚刚已有人答复，请刷新后查看。") from error
    return answer
