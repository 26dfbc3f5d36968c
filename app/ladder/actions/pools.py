"""Steps in a pool: nominate, admit, move, assign, release, take back. Every step is a new row; the member's own row follows it.

Keyword-only, ``by`` an actor, flushed and never committed. One open spell per pool and subject: the database refuses a second.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError

from app.enterprises.models import Enterprise
from app.enterprises.queries import get_enterprise, in_scope
from app.infra import audit, clock, dialect
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.kernel.scope import Scope
from app.ladder.actions.recognitions import Refused
from app.ladder.models import PoolMember, PoolStep, Recognition
from app.ladder.models.pools import MEMBER_STATES, OPEN_STATES, STEP_KINDS
from app.ladder.queries import pools as queries
from app.ladder.queries import valid_on
from app.ladder.rules import pools as rules
from app.packs import Pack
from app.packs.schema import Pool

MOST_AT_ONCE = 20_000
"""Enterprises one bulk admission may take: more is most likely a forgotten filter."""


def may_admit(pool: Pool, scope: Scope) -> bool:
    """Whether the scope reaches as far as the pool wants for its decisions."""
    return pool.admitted_by == "county" or scope.everything or bool(scope.city_ids)


def _check_admits(pool: Pool, scope: Scope) -> None:
    if not may_admit(pool, scope):
        raise Forbidden("pool_city_only", f"“{pool.label}”由市级决定入库。您可以提名，请等待市级办理。")


def nominate(
    *, scope: Scope, pack: Pack, pool: Pool, reason: str, on: date | None, by: Actor, enterprise_id: int | None = None, town_id: int | None = None,
    owner: str = "", origin: str = "person",
) -> PoolMember:
    """Put a subject forward. Raises ``Conflict`` when it stands in the pool already, ``Refused`` for a wrong date or reason."""
    subject = _subject(scope, pack, pool, enterprise_id, town_id)
    _check_entry(pool, on, reason, enterprise_id)
    member = _open(pool, subject, "nominated", "nominated", None, cast(date, on), reason, owner, origin, by)
    _record("pool.nominated", pool, member, subject.name, {"on": on, "reason": reason, "origin": origin}, by)
    return member


def admit_directly(
    *, scope: Scope, pack: Pack, pool: Pool, reason: str, on: date | None, stage: str | None, by: Actor, enterprise_id: int | None = None,
    town_id: int | None = None, owner: str = "", origin: str = "person",
) -> PoolMember:
    """Nominate and admit in one go, where the scope may decide."""
    _check_admits(pool, scope)
    subject = _subject(scope, pack, pool, enterprise_id, town_id)
    _check_entry(pool, on, reason, enterprise_id)
    first = _stage(pool, stage)
    member = _open(pool, subject, "admitted", "member", first, cast(date, on), reason, owner, origin, by)
    _record("pool.admitted", pool, member, subject.name, {"on": on, "stage": first, "reason": reason, "origin": origin}, by)
    return member


@dataclass(frozen=True)
class _Subject:
    name: str
    enterprise_id: int | None
    town_id: int | None


def _subject(scope: Scope, pack: Pack, pool: Pool, enterprise_id: int | None, town_id: int | None) -> _Subject:
    if pool.member == "town":
        towns = dict(queries.choosable_towns(scope, pack))
        if town_id not in towns:
            raise NotFound("没有找到这个乡镇（街道），或不在您的管辖范围内。请重新选择。", "town_unknown")
        return _Subject(towns[town_id], None, town_id)
    if enterprise_id is None:
        raise Refused([("enterprise_id", "请选择企业。")])
    row = get_enterprise(scope, enterprise_id)
    if row.city_id != queries.city_id_of(pack):
        raise NotFound("这家企业不属于当前城市，不能进入这个库。", "other_city")
    return _Subject(row.name, row.id, None)


def _check_entry(pool: Pool, on: date | None, reason: str, enterprise_id: int | None) -> None:
    found: list[rules.Problem] = []
    if problem := rules.day_problem(on, clock.today()):
        found.append(("on", problem))
    if not reason.strip():
        found.append(("reason", "请写明理由。"))
    if len(reason) > 300:
        found.append(("reason", "理由不能超过 300 字。"))
    if enterprise_id is not None and (held := _left_out(pool, [enterprise_id])):
        found.append(("enterprise_id", f"这家企业已持有“{'、'.join(sorted(held[enterprise_id]))}”，不属于“{pool.label}”的对象。"))
    if enterprise_id is not None and (status := _gone(enterprise_id)):
        found.append(("enterprise_id", status))
    if found:
        raise Refused(found)


def _left_out(pool: Pool, enterprise_ids: Collection[int]) -> dict[int, set[str]]:
    """Enterprises that hold what the pool leads to, with the labels."""
    held: dict[int, set[str]] = {}
    ids = sorted(enterprise_ids)
    labels = _labels(pool.leaves_out)
    for start in range(0, len(ids) if pool.leaves_out else 0, 900):
        rows = db.session.execute(
            select(Recognition.enterprise_id, Recognition.title_code).where(
                Recognition.enterprise_id.in_(ids[start : start + 900]), Recognition.title_code.in_(pool.leaves_out),
                Recognition.superseded_at.is_(None), valid_on(clock.today()),
            )
        )
        for key, code in rows:
            held.setdefault(key, set()).add(labels.get(code, code))
    return held


def _labels(codes: Collection[str]) -> dict[str, str]:
    from app.policies.queries import current_pack

    pack = current_pack()
    return {code: pack.title_label(code) for code in codes}


def _gone(enterprise_id: int) -> str | None:
    from app.enterprises.models import STATUSES

    status = db.session.scalar(select(Enterprise.status).where(Enterprise.id == enterprise_id)) or ""
    if status in ("cancelled", "revoked", "moved_out", "merged"):
        return f"这家企业状态为“{STATUSES[status]}”，不能入库。状态有误的，请先在企业档案更正。"
    return None


def _stage(pool: Pool, stage: str | None) -> str:
    """The stage asked for, or the pool's first."""
    if not stage:
        return pool.stages[0].code
    if pool.stage(stage) is None:
        raise Refused([("stage", "请选择这个库的一个阶段。")])
    return stage


def _open(
    pool: Pool, subject: _Subject, kind: str, state: str, stage: str | None, on: date, reason: str, owner: str, origin: str, by: Actor,
) -> PoolMember:
    if queries.find_open(pool.code, enterprise_id=subject.enterprise_id, town_id=subject.town_id) is not None:
        raise Conflict("pool_member_exists", f"“{subject.name}”已在“{pool.label}”中（或已提名），没有重复登记。请打开原记录继续办理。")
    now = clock.now()
    member = PoolMember(
        pool_code=pool.code, enterprise_id=subject.enterprise_id, town_id=subject.town_id, year=on.year if pool.term == "yearly" else 0, state=state,
        stage_code=stage, stage_on=on, owner=_text(owner, 60), nominated_on=on if kind == "nominated" else None,
        entered_on=on if state == "member" else None, reason=_text(reason, 300), origin=origin, created_at=now,
    )
    db.session.add(member)
    try:
        db.session.flush()
    except IntegrityError as error:  # the other tab was quicker
        raise Conflict("pool_member_exists", f"“{subject.name}”刚刚已登记到“{pool.label}”，没有重复登记。请刷新后查看。") from error
    db.session.add(_step(member, kind, on, reason, by))
    db.session.flush()
    return member


def _text(value: str | None, limit: int) -> str | None:
    return (value or "").strip()[:limit] or None


def _step(member: PoolMember, kind: str, on: date, reason: str, by: Actor) -> PoolStep:
    return PoolStep(
        member_id=member.id, kind=kind, state=member.state, stage_code=member.stage_code, owner=member.owner, happened_on=on,
        reason=_text(reason, 300), recorded_at=clock.now(), recorded_by=by.user_id, recorded_name=by.name[:80],
    )


def _record(type_: str, pool: Pool, member: PoolMember, name: str, new: dict[str, Any], by: Actor, old: Any = None) -> None:
    subject = {"pool": pool.code, "enterprise_id": member.enterprise_id, "town_id": member.town_id}
    audit.record(type_, Subject("pool_member", member.id, f"{pool.label}：{name}"), old, subject | new, by=by)


# --- the steps of one spell


@dataclass(frozen=True)
class Change:
    """A step as a form asks for it. ``version``: the one the officer saw."""

    kind: str
    on: date | None
    reason: str = ""
    stage: str | None = None
    owner: str = ""
    version: int | None = None


def take_step(*, scope: Scope, pool: Pool, member: queries.Member, change: Change, by: Actor) -> PoolMember:
    """Admit, refuse, move, assign or release. Raises ``Conflict`` when somebody else was quicker, ``Refused`` with every problem."""
    row = member.row
    if change.version is not None and change.version != row.version:
        raise Conflict("pool_member_changed", f"“{member.name}”刚刚被别人办理过，现在是“{MEMBER_STATES[row.state]}”。您的操作没有保存，请核对后再办理。")
    if change.kind in (rules.ADMIT, rules.REFUSE):
        _check_admits(pool, scope)
    last_on = _last_day(row.id)
    spell = rules.Spell(row.state, row.stage_code, last_on, row.owner)
    if sentence := rules.refusal(spell, change.kind):
        raise Conflict("pool_step_impossible", sentence)
    stage = _stage(pool, change.stage) if change.kind == rules.ADMIT else change.stage
    found = rules.step_problems(
        spell, change.kind, change.on, clock.today(), reason=change.reason, stage=stage, owner=change.owner,
        stages=tuple(one.code for one in pool.stages),
    )
    if change.kind == rules.ADMIT and row.enterprise_id is not None and (held := _left_out(pool, [row.enterprise_id])):
        found.append(("reason", f"这家企业已持有“{'、'.join(sorted(held[row.enterprise_id]))}”，不属于“{pool.label}”的对象，请办理“不予入库”。"))
    if found:
        raise Refused(found)
    old = {"state": row.state, "stage": row.stage_code, "owner": row.owner}
    _apply(row, change, stage, cast(date, change.on))
    db.session.add(_step(row, change.kind, cast(date, change.on), change.reason, by))
    db.session.flush()
    new = {"state": row.state, "stage": row.stage_code, "owner": row.owner, "on": change.on, "reason": _text(change.reason, 300)}
    _record(f"pool.{change.kind}", pool, row, member.name, new, by, old)
    return row


def _apply(row: PoolMember, change: Change, stage: str | None, on: date) -> None:
    row.state = rules.STATE_AFTER.get(change.kind, row.state)
    if change.kind in (rules.ADMIT, rules.STAGE):
        row.stage_code, row.stage_on = stage, on
    if change.kind == rules.ADMIT:
        row.entered_on = on
    if change.kind in (rules.REFUSE, rules.RELEASE):
        row.closed_on = row.stage_on = on
    if change.kind == rules.OWNER or (change.kind in (rules.ADMIT, rules.STAGE) and change.owner.strip()):
        row.owner = _text(change.owner, 60)
    row.version += 1


def _last_day(member_id: int) -> date:
    steps = queries.steps_of(member_id)
    return steps[-1].happened_on if steps else rules.FIRST_DAY


def take_back(*, scope: Scope, pool: Pool, member: queries.Member, reason: str, version: int | None, by: Actor) -> PoolMember:
    """The last step was a slip: it no longer counts (but stays readable), the one before it holds again. Without any left the spell is void."""
    row = member.row
    if version is not None and version != row.version:
        raise Conflict("pool_member_changed", f"“{member.name}”刚刚被别人办理过，没有撤回。请核对最新状态后再办理。")
    if not reason.strip():
        raise Refused([("reason", "请写明撤回的原因。")])
    steps = queries.steps_of(row.id)
    if not steps:
        raise Conflict("pool_step_none", "没有可以撤回的步骤。")
    if steps[-1].kind in (rules.ADMIT, rules.REFUSE):
        _check_admits(pool, scope)
    steps[-1].superseded_at = clock.now()
    restore(row, steps[:-1])
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("pool_member_exists", f"“{member.name}”在这个库已有新的在库记录，旧记录的出库不能撤回。") from error
    new = {"kind": STEP_KINDS[steps[-1].kind], "reason": _text(reason, 300), "state": row.state}
    _record("pool.taken_back", pool, row, member.name, new, by)
    return row


def restore(row: PoolMember, steps: Sequence[PoolStep]) -> None:
    """Let the member's own row say what the steps that count say."""
    row.version += 1
    if not steps:
        row.state, row.closed_on = rules.VOIDED, clock.today()
        return
    last = steps[-1]
    row.state, row.stage_code, row.owner = last.state, last.stage_code, last.owner
    row.stage_on = next((s.happened_on for s in reversed(steps) if s.kind != rules.OWNER), last.happened_on)
    row.entered_on = next((s.happened_on for s in steps if s.kind == rules.ADMIT), None)
    row.nominated_on = next((s.happened_on for s in steps if s.kind == "nominated"), None)
    row.closed_on = None if last.state in OPEN_STATES else row.stage_on
    row.reason = steps[0].reason


# --- many at once


@dataclass(frozen=True)
class Bulk:
    """What a bulk entry did: ``added``; ``present`` stood there already; ``left_out`` hold the title the pool leads to or no longer stand."""

    added: int
    present: int
    left_out: int


def enter_many(
    *, scope: Scope, pack: Pack, pool: Pool, enterprise_ids: Collection[int], reason: str, on: date | None, admit: bool, stage: str | None = None,
    owner: str = "", origin: str = "list", by: Actor,
) -> Bulk:
    """Nominate or admit many enterprises in one transaction; those outside the scope count as not given. Set-based."""
    if pool.member != "enterprise":
        raise Invalid("pool_of_towns", f"“{pool.label}”的成员不是企业，不能从企业名单批量加入。", "pool")
    if admit:
        _check_admits(pool, scope)
    wanted = sorted(set(enterprise_ids))
    if not wanted:
        raise Invalid("nothing_chosen", "没有选中企业。请先在列表中勾选，或放宽筛选条件。")
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid("too_many", f"一次最多办理 {MOST_AT_ONCE:,} 家。请缩小筛选条件后分批办理。")
    _check_entry(pool, on, reason, None)
    code = _stage(pool, stage) if admit else None
    dialect.one_at_a_time(db.session(), f"pool:{pool.code}")
    reach, present, held = _standing(scope, pack, wanted), set(queries.open_spells(wanted, pool.code)), set(_left_out(pool, wanted))
    new = [key for key in wanted if key in reach and key not in present and key not in held]
    _load(pool, new, "admitted" if admit else "nominated", code, cast(date, on), reason, owner, origin, by)
    done = Bulk(len(new), len(present & reach), len(reach - present) - len(new))
    audit.record(
        "pool.many", Subject("pool", pool.code, pool.label), None,
        {"added": done.added, "present": done.present, "left_out": done.left_out, "admitted": admit, "stage": code, "on": on, "reason": reason,
         "origin": origin},
        by=by,
    )
    return done


def _standing(scope: Scope, pack: Pack, ids: Sequence[int]) -> set[int]:
    city_id, found = queries.city_id_of(pack), set[int]()
    for start in range(0, len(ids), 900):
        rows = select(Enterprise.id).where(
            Enterprise.id.in_(ids[start : start + 900]), in_scope(scope), Enterprise.city_id == city_id,
            Enterprise.status.in_(("active", "suspended")),
        )
        found |= set(db.session.scalars(rows))
    return found


def _load(
    pool: Pool, ids: Sequence[int], kind: str, stage: str | None, on: date, reason: str, owner: str, origin: str, by: Actor,
) -> None:
    """Members and their first step, in bulk."""
    session, now = db.session(), clock.now()
    members, steps = cast(Table, PoolMember.__table__), cast(Table, PoolStep.__table__)
    state = "member" if kind == "admitted" else "nominated"
    keys = dialect.reserve_ids(session, members, len(ids))
    year = on.year if pool.term == "yearly" else 0
    text, who = _text(reason, 300), _text(owner, 60)
    dates = (on if state == "nominated" else None, on if state == "member" else None)
    try:
        dialect.load_rows(
            session, members,
            (
                "id", "pool_code", "enterprise_id", "year", "state", "stage_code", "stage_on", "owner", "nominated_on", "entered_on", "reason",
                "origin", "created_at", "version",
            ),
            ((key, pool.code, firm, year, state, stage, on, who, *dates, text, origin, now, 1) for key, firm in zip(keys, ids, strict=True)),
        )
    except Exception as error:
        if not dialect.is_duplicate(error):
            raise
        raise Conflict("pool_member_exists", "名单中有企业刚刚已被别人登记入库，这次没有写入。请刷新后重试。") from error
    dialect.load_rows(
        session, steps, ("member_id", "kind", "state", "stage_code", "owner", "happened_on", "reason", "recorded_at", "recorded_by", "recorded_name"),
        ((key, kind, state, stage, who, on, text, now, by.user_id, by.name[:80]) for key in keys),
    )
