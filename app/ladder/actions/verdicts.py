"""Keep the stored verdicts in step: touched enterprises in the transaction of the change, everybody in steps of a job, only rows that differ.

A run and a change exclude each other (`one_at_a_time`), so neither overwrites the other with older facts.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, bindparam, delete, func, insert, literal, or_, select, update

from app.enterprises.models import Enterprise
from app.infra import clock, dialect, jobs
from app.infra.db import db
from app.infra.jobs import Job
from app.kernel.actor import SYSTEM
from app.ladder.criteria.mass import record_of
from app.ladder.criteria.mass.plan import COLUMNS, LACKING_EACH, OPENS_EACH, SLOTS, Plan
from app.ladder.models import EnterpriseVerdict, VerdictCandidate, VerdictState
from app.ladder.models.verdicts import BUILDING, READY, STALE
from app.ladder.queries.facts import known_of
from app.ladder.queries.mass_run import Runner
from app.ladder.queries.verdicts import layout_of, slots_of
from app.packs import Pack
from app.policies.queries import CityPack, current_pack, packs_by_city

JOB = "ladder.verdicts"
LOCK = "ladder.verdicts"
AT_ONCE, BY_ENGINE, SMALL = 2_000, 100, 5_000
"""Enterprises followed within the transaction of an import; up to how many the engine alone is quicker than a statement; installations up to this
size are computed whole at once."""
_VERDICT: Table = EnterpriseVerdict.__table__  # type: ignore[assignment]
_CANDIDATE: Table = VerdictCandidate.__table__  # type: ignore[assignment]


# --- listeners


def follow_changes(ids: Collection[int]) -> None:
    """Figures, answers, recognitions, industry or merging of these enterprises changed. No ids: everything may have."""
    if not ids:
        follow_bulk()
        return
    if len(ids) > AT_ONCE:
        follow_bulk("批量导入")
        return
    db.session.flush()
    for city_id, of_city in _by_city(ids).items():
        plan = _current_plan(city_id)
        if plan is not None:
            dialect.one_at_a_time(db.session(), LOCK)
            refresh(plan, city_id, of_city)


def follow_bulk(reason: str | None = None) -> None:
    """Many enterprises changed: a small installation is computed at once, a large one marked and left to the job."""
    db.session.flush()
    total = db.session.scalar(select(func.count()).select_from(select(Enterprise.id).limit(SMALL + 1).subquery())) or 0
    if total <= SMALL:
        rebuild_all()
        return
    db.session.execute(update(VerdictState).values(status=STALE, reason=reason or "批量变更").execution_options(synchronize_session="fetch"))
    order_rebuild()


def follow_new(_ids: Collection[int] = ()) -> None:
    """Firms were added."""
    follow_bulk("新增企业")


def follow_day(_today: date) -> int:
    """A new day: titles run out, answers end, versions come into force, another year. Returns how many cities are computed or ordered."""
    follow_bulk("又过了一天")
    return len(_cities())


def order_rebuild() -> None:
    """One waiting job is enough."""
    waiting = db.session.scalar(select(Job.id).where(Job.kind == JOB, Job.state == "queued").limit(1))
    if waiting is None:
        jobs.enqueue(JOB, {}, label="重算认定条件比对", by=SYSTEM)


def _by_city(ids: Collection[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), 900):
        for id_, city_id in db.session.execute(select(Enterprise.id, Enterprise.city_id).where(Enterprise.id.in_(wanted[start : start + 900]))):
            found.setdefault(city_id, []).append(id_)
    return found


def _pack(city: CityPack, day: date) -> Pack:
    return city.pack or current_pack(day)


def _cities() -> list[CityPack]:
    """Cities that hold enterprises."""
    return [city for city in packs_by_city() if db.session.scalar(select(Enterprise.id).where(Enterprise.city_id == city.id).limit(1)) is not None]


def _current_plan(city_id: int) -> Plan | None:
    """The layout the stored rows of the city follow; None when they stand for another day or other rules (they are computed whole then)."""
    state, today = db.session.get(VerdictState, city_id), clock.today()
    city = next((one for one in packs_by_city() if one.id == city_id), None)
    if city is None:
        return None
    plan = layout_of(_pack(city, today), today)
    if state is None:
        follow_bulk("尚未计算")
        return None
    return plan if (state.day, state.definition) == (today, plan.definition) else None


# --- a few enterprises


def refresh(plan: Plan, city_id: int, ids: Sequence[int]) -> None:
    """Bring the rows of these enterprises of one city up to date."""
    if len(ids) <= BY_ENGINE:
        known = known_of(ids, as_of=plan.as_of)
        gone = set(db.session.scalars(select(Enterprise.id).where(Enterprise.id.in_(list(ids)), Enterprise.merged_into_id.is_not(None))))
        rows = [{"enterprise_id": id_, **record_of(plan, one.facts, one.held, one.judgements)} for id_, one in known.items() if id_ not in gone]
        _replace(plan, ids, rows)
        return
    for start in range(0, len(ids), AT_ONCE):
        part = sorted(ids)[start : start + AT_ONCE]
        runner = Runner([one.slot for one in plan.layouts], Enterprise.id.in_(part), as_of=plan.as_of)
        _replace(plan, part, [{"enterprise_id": id_, **columns} for id_, columns in runner.rows(part[0], part[-1])])


def _replace(plan: Plan, ids: Sequence[int], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(ids), 900):
        part = list(ids[start : start + 900])
        db.session.execute(delete(_VERDICT).where(_VERDICT.c.enterprise_id.in_(part)))
        db.session.execute(delete(_CANDIDATE).where(_CANDIDATE.c.enterprise_id.in_(part)))
    if not rows:
        return
    db.session.execute(insert(_VERDICT), rows)
    made = [one for row in rows for one in _candidates(plan, row)]
    if made:
        db.session.execute(insert(_CANDIDATE), made)


def _candidates(plan: Plan, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for layout in plan.layouts:
        number = layout.number
        if number >= SLOTS:
            continue
        open_ = row[f"open_{number // OPENS_EACH}"] >> 4 * (number % OPENS_EACH) & 15
        if open_ <= 1:
            yield {
                "enterprise_id": row["enterprise_id"], "title": layout.slot.title, "open_count": open_, "review": row["held"] >> number & 1,
                "lacking": row[f"lacking_{number // LACKING_EACH}"] >> 8 * (number % LACKING_EACH) & 255,
            }


# --- everybody


def rebuild_all() -> int:
    """Every city at once, in the caller's transaction; returns how many enterprises."""
    total = 0
    for total in rebuild_steps():  # noqa: B007  (the last one counts)
        pass
    return total


def rebuild_steps() -> Iterator[int]:
    """Every city step by step: after each yield the caller may commit. Yields how many enterprises are done. Safe to start again."""
    done = 0
    for city in _cities():
        for count in _rebuild_city(city):
            done += count
            yield done
    db.session.execute(delete(VerdictState).where(VerdictState.city_id.not_in([city.id for city in _cities()])))


def forget_all() -> None:
    """Empty the store; nothing is current until it is worked out again."""
    for model in (VerdictCandidate, EnterpriseVerdict, VerdictState):
        db.session.execute(delete(model))


def _rebuild_city(city: CityPack) -> Iterator[int]:
    db.session.flush()
    dialect.one_at_a_time(db.session(), LOCK)
    today = clock.today()
    pack = _pack(city, today)
    plan = layout_of(pack, today)
    run = _begin(city.id, plan)
    runner = Runner(slots_of(pack, today), Enterprise.city_id == city.id, as_of=today)
    total = 0
    for low, high in runner.ranges():
        dialect.one_at_a_time(db.session(), LOCK)
        count = _step(runner, plan, low, high)
        total += count
        yield count
    dialect.one_at_a_time(db.session(), LOCK)
    _forget_merged()
    _end(city.id, run, total)
    yield 0


def _begin(city_id: int, plan: Plan) -> int:
    state = db.session.get(VerdictState, city_id) or VerdictState(city_id=city_id, run=0, enterprise_count=0)
    state.status, state.day, state.definition, state.reason, state.run = BUILDING, plan.as_of, plan.definition, None, state.run + 1
    db.session.add(state)
    db.session.flush()
    return state.run


def _end(city_id: int, run: int, total: int) -> None:
    """Ready, unless something changed meanwhile that this run did not follow."""
    db.session.execute(
        update(VerdictState).where(VerdictState.city_id == city_id, VerdictState.run == run, VerdictState.status == BUILDING)
        .values(status=READY, computed_at=clock.now(), enterprise_count=total).execution_options(synchronize_session="fetch")
    )


def _forget_merged() -> None:
    merged = select(Enterprise.id).where(Enterprise.merged_into_id.is_not(None))
    db.session.execute(delete(_VERDICT).where(_VERDICT.c.enterprise_id.in_(merged)))
    db.session.execute(delete(_CANDIDATE).where(_CANDIDATE.c.enterprise_id.in_(merged)))


def _step(runner: Runner, plan: Plan, low: int, high: int) -> int:
    """One range: work everything out beside the table, then write what differs."""
    session, connection = db.session(), db.session.connection()
    dialect.plain_execution(session)
    fresh = _staging()
    fresh.create(connection)
    try:
        names = ", ".join(["id", "town_id", *COLUMNS, "doubt"])
        connection.exec_driver_sql(f"INSERT INTO verdict_fresh ({names}) {runner.sql(runner.text, low, high)}")
        count = int(connection.scalar(select(func.count()).select_from(fresh)) or 0)
        _settle(runner, fresh, low, high)
        _drop_same(fresh)
        _write(session, plan, fresh)
    finally:
        fresh.drop(connection)
    return count


def _staging() -> Table:
    columns = [Column("id", BigInteger, primary_key=True, autoincrement=False), Column("town_id", BigInteger)]
    columns += [Column(name, BigInteger) for name in (*COLUMNS, "doubt")]
    return Table("verdict_fresh", MetaData(), *columns, prefixes=["TEMPORARY"])


def _settle(runner: Runner, fresh: Table, low: int, high: int) -> None:
    """What the statement leaves open is answered by the engine."""
    connection = db.session.connection()
    wanted = select(fresh.c.id) if runner.plan.slow else select(fresh.c.id).where(fresh.c.doubt == 1)
    there = set(connection.scalars(wanted))
    large = runner.by_engine(low, high)
    if large:
        there |= set(connection.scalars(select(fresh.c.id))) & large
    if there:
        rows = [{"b_id": id_, **columns} for id_, columns in runner.engine(there).items()]
        connection.execute(update(fresh).where(fresh.c.id == bindparam("b_id")), rows)


def _drop_same(fresh: Table) -> None:
    """A nightly run over a million firms writes the few that changed."""
    connection = db.session.connection()
    if connection.scalar(select(_VERDICT.c.enterprise_id).limit(1)) is None:
        return
    same = select(_VERDICT.c.enterprise_id).where(_VERDICT.c.enterprise_id == fresh.c.id, *(_VERDICT.c[name] == fresh.c[name] for name in COLUMNS))
    connection.execute(delete(fresh).where(same.correlate(fresh).exists()))
    changed = select(fresh.c.id)
    connection.execute(delete(_VERDICT).where(_VERDICT.c.enterprise_id.in_(changed)))
    connection.execute(delete(_CANDIDATE).where(_CANDIDATE.c.enterprise_id.in_(changed)))


def _write(session: Any, plan: Plan, fresh: Table) -> None:
    connection = db.session.connection()
    connection.execute(insert(_VERDICT).from_select(["enterprise_id", *COLUMNS], select(fresh.c.id, *(fresh.c[name] for name in COLUMNS))))
    for layout in plan.layouts:
        number = layout.number
        if number >= SLOTS:
            continue
        open_ = fresh.c[f"open_{number // OPENS_EACH}"].op(">>")(literal(4 * (number % OPENS_EACH), Integer)).op("&")(15)
        lacking = fresh.c[f"lacking_{number // LACKING_EACH}"].op(">>")(literal(8 * (number % LACKING_EACH), Integer)).op("&")(255)
        held = fresh.c.held.op(">>")(literal(number, Integer)).op("&")(1)
        rows = select(fresh.c.id, literal(layout.slot.title), open_, held, lacking).where(or_(open_ == 0, open_ == 1))
        connection.execute(insert(_CANDIDATE).from_select(["enterprise_id", "title", "open_count", "review", "lacking"], rows))


__all__ = ["JOB", "follow_bulk", "follow_changes", "follow_day", "follow_new", "forget_all", "order_rebuild", "rebuild_all", "rebuild_steps", "refresh"]
