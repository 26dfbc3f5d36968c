"""Improvement plans: made from a diagnosis or by hand, carried out milestone by milestone, accepted by somebody else."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra import audit, clock, outbox
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.teams.queries import assignment_of
from app.visits.actions.diagnoses import items_of as rows_of
from app.visits.actions.steps import Refused, change, checked, note, said
from app.visits.models import ImprovementPlan, PlanItem, ServiceDiagnosis
from app.visits.rules.improvement import FOUND, ITEM_STATES, Milestone, plan_lacking
from app.visits.rules.projects import DECISIONS, STEPS

WORD = "这份提升方案"
MOST_ITEMS = 60


@dataclass(frozen=True)
class PlanDraft:
    """Head of a plan. ``benchmark``: the enterprise or standard it compares itself with."""

    title: str
    starts_on: date
    ends_on: date
    benchmark: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class ItemDraft:
    """One line: 查问题, 找差距, 添措施, 补短板; who and until when."""

    problem: str
    gap: str | None = None
    measure: str | None = None
    target: str | None = None
    owner: str | None = None
    due_on: date | None = None
    stage_code: str | None = None


def make(
    *, enterprise: Enterprise, draft: PlanDraft, by: Actor, diagnosis: ServiceDiagnosis | None = None, project_id: int | None = None,
) -> ImprovementPlan:
    """Begin a plan; every yellow or red row of the diagnosis becomes a line, serious ones first."""
    problems = _problems(draft)
    if problems:
        raise Refused(problems)
    served = assignment_of(enterprise.id, clock.today())
    row = ImprovementPlan(
        enterprise_id=enterprise.id, diagnosis_id=None if diagnosis is None else diagnosis.id, project_id=project_id,
        team_id=None if served is None else served.team_id, title=said(draft.title, 120), benchmark=said(draft.benchmark), owner=said(draft.owner, 60),
        starts_on=draft.starts_on, ends_on=draft.ends_on, state="draft", created_at=clock.now(), created_by=by.user_id, version=1,
    )
    db.session.add(row)
    db.session.flush()
    found = [] if diagnosis is None else sorted((one for one in rows_of(diagnosis.id) if one.answer in FOUND), key=lambda one: (one.answer, one.position))
    for position, one in enumerate(found):
        db.session.add(PlanItem(
            plan_id=row.id, position=position, problem=f"{one.label}：{one.text or ''}"[:500], measure=one.measure, stage_code=one.stage_code, state="open",
        ))
    note("plan", row, enterprise, "make", None, by=by, team_id=row.team_id, new=asdict(draft) | {"items": len(found)})
    return row


def _problems(draft: PlanDraft) -> list[tuple[str, str]]:
    found = []
    if not (draft.title or "").strip():
        found.append(("title", "请填写方案名称。"))
    if draft.ends_on < draft.starts_on:
        found.append(("ends_on", "结束日期早于开始日期，请检查。"))
    return found


def change_plan(*, plan: ImprovementPlan, enterprise: Enterprise, draft: PlanDraft, version: int, by: Actor) -> bool:
    """Correct the head. False = nothing differed."""
    _open(plan)
    problems = _problems(draft)
    if problems:
        raise Refused(problems)
    fields = asdict(draft) | {"title": said(draft.title, 120), "benchmark": said(draft.benchmark), "owner": said(draft.owner, 60)}
    old, new = audit.changes({name: getattr(plan, name) for name in fields}, fields)
    if new:
        change(plan, version, WORD, **fields)
        audit.record("plan.changed", Subject("plan", plan.id, enterprise.name), old, new, by=by)
        db.session.flush()
    return bool(new)


def _open(plan: ImprovementPlan) -> None:
    if plan.state not in ("draft", "active"):
        raise Conflict("state", "方案已提请验收、验收或终止，不能再修改。")


def save_item(*, plan: ImprovementPlan, enterprise: Enterprise, draft: ItemDraft, by: Actor, item: PlanItem | None = None) -> PlanItem:
    """Add a line or correct one."""
    _open(plan)
    problem = said(draft.problem, 500)
    if not problem:
        raise Invalid("problem", "请写明问题。", "problem")
    if draft.due_on is not None and not plan.starts_on <= draft.due_on <= plan.ends_on:
        raise Invalid("due_on", f"期限应在方案期内（{plan.starts_on} 至 {plan.ends_on}）。", "due_on")
    values = {
        "problem": problem, "gap": said(draft.gap, 500), "measure": said(draft.measure, 500), "target": said(draft.target, 500),
        "owner": said(draft.owner, 60), "due_on": draft.due_on, "stage_code": draft.stage_code or None,
    }
    old = None if item is None else {name: getattr(item, name) for name in values}
    if item is None:
        count = db.session.scalar(select(func.count()).select_from(PlanItem).where(PlanItem.plan_id == plan.id)) or 0
        if count >= MOST_ITEMS:
            raise Invalid("too_many", f"一份方案最多 {MOST_ITEMS} 条，请合并相近的条目。")
        item = PlanItem(plan_id=plan.id, position=count, state="open", **values)
        db.session.add(item)
    else:
        for name, value in values.items():
            setattr(item, name, value)
    db.session.flush()
    audit.record("plan.item_saved", Subject("plan", plan.id, enterprise.name), old, values, by=by)
    db.session.flush()
    return item


def settle_item(
    *, plan: ImprovementPlan, enterprise: Enterprise, item: PlanItem, state: str, done_on: date | None, evidence: str | None, by: Actor,
) -> PlanItem:
    """A milestone is reached, dropped or opened again; each says by what."""
    if plan.state != "active":
        raise Conflict("state", "方案不在实施中，不能登记完成情况。")
    if state not in ITEM_STATES:
        raise Invalid("state", "请选择完成情况。", "state")
    kept = said(evidence)
    if state != "open" and not kept:
        raise Invalid("evidence", "请写明完成的佐证，或不再实施的原因。", "evidence")
    if done_on is not None and done_on > clock.today():
        raise Invalid("done_on", "完成日期不能在今天之后。", "done_on")
    old = {"state": item.state, "done_on": item.done_on, "evidence": item.evidence}
    item.state, item.evidence = state, kept
    item.done_on = (done_on or clock.today()) if state == "done" else None
    audit.record("plan.item_settled", Subject("plan", plan.id, enterprise.name), old, {"state": state, "evidence": kept, "item": item.id}, by=by)
    db.session.flush()
    return item


def take_step(*, plan: ImprovementPlan, enterprise: Enterprise, step: str, version: int, reason: str | None, by: Actor) -> ImprovementPlan:
    """Start, deliver, accept, return or stop. Who delivered it does not accept it."""
    found = STEPS.get(step)
    if found is None:
        raise Invalid("step", "没有这个办理步骤，请从页面上的按钮操作。")
    kept, before = checked(found, plan.state, reason, WORD), plan.state
    items = db.session.scalars(select(PlanItem).where(PlanItem.plan_id == plan.id))
    if missing := plan_lacking(step, [Milestone(one.state, one.owner, one.due_on, one.measure) for one in items]):
        raise Invalid("incomplete", "".join(missing))
    if step in DECISIONS and by.user_id is not None and plan.delivered_by == by.user_id:
        raise Forbidden("own_plan", "不能验收自己提请的方案，请由其他审核人办理。")
    values: dict[str, object] = {"state": found.to}
    if step == "deliver":
        values["delivered_by"] = by.user_id
    if step == "accept":
        values |= {"accepted_on": clock.today(), "accepted_name": by.name[:80], "opinion": kept}
    change(plan, version, WORD, **values)
    note("plan", plan, enterprise, step, before, by=by, reason=kept)
    outbox.publish(f"visits.plan_{step}", f"plan:{plan.id}:{step}:{plan.version}", {
        "plan_id": plan.id, "enterprise_id": enterprise.id, "team_id": plan.team_id, "enterprise": enterprise.name, "title": plan.title,
    })
    return plan
