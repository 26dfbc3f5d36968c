"""What the handler does: contact, answer, note, wait for the enterprise, ask for more time, finish honestly; papers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.demands.actions._common import (
    OFFICE,
    Seat,
    calendar_for,
    claim,
    clocks_of,
    done,
    event,
    just_said,
    meet,
    must_lead,
    policy_for,
    said,
    show_due,
)
from app.demands.actions.routing import parts_of
from app.demands.models import Demand, DemandEvent, DemandExtension, DemandFile, DemandPause
from app.demands.rules.clocks import extended, shifted, yellow_from
from app.demands.rules.states import OPEN, OUTCOMES, STATES
from app.infra import clock, outbox
from app.infra.db import db
from app.infra.files import StoredFile
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Conflict, Invalid, NotFound

MOST_FILES = 20


def log_contact(*, demand: Demand, text: str, reached: bool, by: Actor, seat: Seat = OFFICE) -> bool:
    """The enterprise was called: reached (the first clock stops) or not (an attempt, which counts before one may give up)."""
    must_lead(demand, seat)
    kind, words = ("contact" if reached else "attempt"), said(text, "text", "联系情况", most=1000)
    if just_said(demand, kind, words, by):
        return False
    claim(demand, "contact", None, by=by)
    event(demand, kind, words, by=by, organisation_id=demand.organisation_id)
    if reached:
        meet(demand, "contact", at=clock.now())
    done(demand, kind, None, {"text": words}, by=by)
    return True


def log_reply(*, demand: Demand, text: str, by: Actor, seat: Seat = OFFICE) -> bool:
    """The first answer: what will be done, by whom, until when. It is a contact, too."""
    must_lead(demand, seat)
    words = said(text, "text", "答复内容")
    if just_said(demand, "reply", words, by):
        return False
    claim(demand, "reply", None, by=by)
    event(demand, "reply", words, by=by, organisation_id=demand.organisation_id)
    meet(demand, "contact", "reply", at=clock.now())
    done(demand, "replied", None, {"text": words}, by=by)
    return True


def log_note(*, demand: Demand, text: str, by: Actor, seat: Seat = OFFICE) -> bool:
    """Progress, for the office."""
    must_lead(demand, seat)
    words = said(text, "text", "进展")
    if just_said(demand, "note", words, by):
        return False
    claim(demand, "note", None, by=by)
    event(demand, "note", words, by=by, organisation_id=demand.organisation_id)
    done(demand, "noted", None, {"text": words}, by=by)
    return True


def pause(*, demand: Demand, reason: str, version: int, by: Actor, seat: Seat = OFFICE) -> bool:
    """Wait for the enterprise: the clocks stand still, at most as long as the pack allows. Whoever asks must have reached the enterprise."""
    must_lead(demand, seat)
    limit = policy_for(demand).pause_workdays
    if limit <= 0:
        raise Conflict("pause_forbidden", "本市规定不允许停表，请在时限内办理或申请延期。")
    if demand.contacted_at is None:
        raise Conflict("pause_uncontacted", "还没有登记与企业的联系，请先联系企业并登记，再登记需要企业补充什么。")
    why, now = said(reason, "text", "需要企业补充的内容", most=500) or "", clock.now()
    if not claim(demand, "pause", version, by=by, paused_at=now):
        return False
    until = calendar_for(demand).due_after(now, limit)
    db.session.add(DemandPause(demand_id=demand.id, round=demand.round, reason=why, from_at=now, until_at=until))
    event(demand, "pause", f"{why}（最迟 {clock.local(until):%Y-%m-%d} 恢复计时）", by=by)
    show_due(demand)
    done(demand, "paused", None, {"reason": why, "until": until}, by=by)
    return True


def resume(
    *, demand: Demand, text: str | None, version: int | None, by: Actor, at: datetime | None = None, kind: str = "resume", seat: Seat = OFFICE,
) -> bool:
    """The enterprise supplied it (or the time allowed is over): every clock still running is later by the office time that stood still."""
    must_lead(demand, seat)
    now = at or clock.now()
    words = said(text, "text", "企业补充情况", required=False, most=2000)
    if not claim(demand, "resume", version, by=by, paused_at=None):
        return False
    row = db.session.scalars(
        select(DemandPause).where(DemandPause.demand_id == demand.id, DemandPause.to_at.is_(None)).order_by(DemandPause.id.desc())
    ).first()
    if row is not None:
        row.to_at, calendar = now, calendar_for(demand)
        pct = policy_for(demand).lamp_pct
        for one in clocks_of(demand):
            if one.met_at is None:
                one.due_at = shifted(one.due_at, row.from_at, now, calendar)
                one.yellow_at = yellow_from(one.started_at, one.due_at, calendar, pct)
    event(demand, kind, words, by=by)
    show_due(demand)
    done(demand, "resumed", None, {"text": words}, by=by)
    return True


def ask_extension(*, demand: Demand, workdays: int, reason: str, version: int, by: Actor, seat: Seat = OFFICE) -> bool:
    """More time to solve, to be approved by who dispatches."""
    must_lead(demand, seat)
    policy, why = policy_for(demand), said(reason, "text", "延期理由", most=500) or ""
    if not 1 <= workdays <= policy.extension_workdays:
        raise Invalid("extension_days", f"一次最多延期 {policy.extension_workdays} 个工作日，请填写 1 至 {policy.extension_workdays}。", "workdays")
    if demand.extension_count >= policy.extension_count:
        raise Conflict("extension_used", f"诉求 {demand.number} 已延期 {demand.extension_count} 次，按规定不能再延。请办理后如实答复。")
    if demand.solve_due_at is None:
        raise Conflict("extension_none", "这件诉求没有办结时限，不需要延期。")
    old = demand.solve_due_at
    if not claim(demand, "extend", version, by=by):
        return False
    row = DemandExtension(
        demand_id=demand.id, round=demand.round, workdays=workdays, reason=why, asked_at=clock.now(), asked_name=by.name[:80], old_due_at=old,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        raise Conflict("extension_waiting", f"诉求 {demand.number} 已有一次延期在等审批，没有重复申请。") from error
    event(demand, "extend", f"申请延期 {workdays} 个工作日：{why}", by=by)
    done(demand, "extension_asked", None, {"workdays": workdays, "reason": why}, by=by)
    return True


def decide_extension(*, demand: Demand, approve: bool, text: str | None, by: Actor) -> bool:
    """Approve or refuse the request that waits. False = there is none (somebody was faster: the page shows what was decided)."""
    words = said(text, "text", "审批意见", required=not approve, most=500)
    db.session.refresh(demand, with_for_update=True)
    row = db.session.scalars(
        select(DemandExtension).where(DemandExtension.demand_id == demand.id, DemandExtension.state == "asked").with_for_update()
    ).first()
    if row is None:
        return False
    now = clock.now()
    row.state, row.decided_at, row.decided_name, row.decision = "approved" if approve else "refused", now, by.name[:80], words
    if approve and demand.state in OPEN:
        _extend(demand, row)
    demand.version, demand.updated_at, demand.moved_at = demand.version + 1, now, now
    until = f"，办结时限延至 {clock.local(row.new_due_at):%Y-%m-%d}" if row.new_due_at else ""
    event(demand, f"extension_{row.state}", f"{'同意' if approve else '不同意'}延期 {row.workdays} 个工作日{until}。{words or ''}", by=by)
    done(demand, f"extension_{row.state}", {"due": row.old_due_at}, {"due": row.new_due_at, "text": words}, by=by)
    return True


def _extend(demand: Demand, row: DemandExtension) -> None:
    calendar, pct = calendar_for(demand), policy_for(demand).lamp_pct
    for one in clocks_of(demand):
        if one.step == "solve" and one.met_at is None:
            one.due_at = extended(one.due_at, row.workdays, calendar)
            one.yellow_at, row.new_due_at = yellow_from(one.started_at, one.due_at, calendar, pct), one.due_at
    demand.extension_count += 1
    db.session.flush()
    show_due(demand)


def finish_demand(*, demand: Demand, outcome: str, text: str, version: int, by: Actor, seat: Seat = OFFICE) -> bool:
    """End it honestly: solved, explained, cannot (yet), unreachable. Then the enterprise has the word."""
    must_lead(demand, seat)
    words = said(text, "text", "办理结果和答复", most=4000)
    if outcome not in OUTCOMES:
        raise Invalid("outcome", "请选择办结方式。", "outcome")
    _check_finish(demand, outcome)
    now = clock.now()
    if not claim(demand, "finish", version, by=by, outcome=outcome, answer=words, paused_at=None, rating=None, rated_at=None):
        return False
    for part in parts_of(demand):
        if part.role == "lead" and part.state in ("sent", "handling"):
            part.state, part.ended_at, part.handler_name = "done", now, by.name[:80]
    _close_pause(demand, now)
    demand.solved_at = None
    meet(demand, *(("solve",) if outcome == "unreachable" else ("contact", "reply", "solve")), at=now)
    event(demand, "finish", f"{OUTCOMES[outcome]}：{words}", by=by, organisation_id=demand.organisation_id)
    outbox.publish("demand.finished", f"demand.finished:{demand.id}:{demand.round}", {"demand_id": demand.id, "enterprise_id": demand.enterprise_id})
    done(demand, "finished", None, {"outcome": outcome, "answer": words}, by=by)
    return True


def _check_finish(demand: Demand, outcome: str) -> None:
    open_parts = [part for part in parts_of(demand) if part.role == "assist" and part.state in ("sent", "handling")]
    if open_parts:
        raise Conflict("parts_open", f"还有 {len(open_parts)} 个协办部门没有反馈，请先催办，或请受理单位处理后再办结。")
    if outcome != "unreachable":
        return
    wanted = policy_for(demand).unreachable_attempts
    tried = db.session.scalar(
        select(func.count()).select_from(DemandEvent).where(DemandEvent.demand_id == demand.id, DemandEvent.kind == "attempt")
    ) or 0
    if demand.contacted_at is not None and demand.round == 1:
        raise Invalid("reached_before", "已登记联系到企业，不能以“联系不上企业”办结，请选择其他办结方式。", "outcome")
    if tried < wanted:
        raise Invalid("too_few_attempts", f"以“联系不上企业”办结前至少登记 {wanted} 次联系未果，现在只有 {tried} 次。", "outcome")


def _close_pause(demand: Demand, now: datetime) -> None:
    for row in db.session.scalars(select(DemandPause).where(DemandPause.demand_id == demand.id, DemandPause.to_at.is_(None))):
        row.to_at = now


def add_files(*, demand: Demand, files: Sequence[StoredFile], told: bool, by: Actor) -> int:
    """Attach stored papers. ``told``: the enterprise may open them, too."""
    have = db.session.scalar(select(func.count()).select_from(DemandFile).where(DemandFile.demand_id == demand.id)) or 0
    if have + len(files) > MOST_FILES:
        raise Invalid("too_many_files", f"一件诉求最多 {MOST_FILES} 个附件，现在已有 {have} 个。", "files")
    for stored in files:
        db.session.add(DemandFile(demand_id=demand.id, file_id=stored.id, told=told, at=clock.now(), by_name=by.name[:80]))
        event(demand, "file", stored.name, by=by)
        done(demand, "file_added", None, {"file": stored.name, "sha256": stored.sha256}, by=by)
    return len(files)


def supplement(*, demand: Demand, text: str, by: Actor) -> bool:
    """The enterprise adds something on its own page; a demand that waited for it goes on."""
    words = said(text, "text", "补充内容")
    if demand.state not in OPEN:
        raise Conflict("demand_closed", f"诉求 {demand.number} 现在是“{STATES[demand.state]}”，不能再补充。如未解决，请要求重办。")
    if just_said(demand, "supplement", words, by):
        return False
    if demand.state == "waiting":
        return resume(demand=demand, text=words, version=None, by=by, kind="supplement")
    now = clock.now()
    demand.version, demand.updated_at, demand.moved_at = demand.version + 1, now, now
    event(demand, "supplement", words, by=by)
    done(demand, "supplemented", None, {"text": words}, by=by)
    return True


def resume_overdue_pauses(now: datetime) -> int:
    """Pauses longer than allowed end by themselves, at the moment they were to end; returns how many."""
    rows = db.session.execute(
        select(Demand, DemandPause.until_at).join(DemandPause, DemandPause.demand_id == Demand.id)
        .where(DemandPause.to_at.is_(None), DemandPause.until_at <= now, Demand.state == "waiting").limit(500)
    ).all()
    for demand, until in rows:
        resume(demand=demand, text="停表期满，恢复计时。", version=None, by=SYSTEM, at=until)
    return len(rows)


__all__ = [
    "MOST_FILES", "NotFound", "add_files", "ask_extension", "decide_extension", "finish_demand", "log_contact", "log_note", "log_reply", "pause", "resume",
    "resume_overdue_pauses", "supplement",
]
