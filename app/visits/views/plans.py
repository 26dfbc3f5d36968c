"""管理提升方案: 查问题 找差距 添措施 补短板, milestones and acceptance."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.enterprises.queries import get_enterprise
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import DomainError, Invalid
from app.kernel.permission import Permission
from app.policies.queries import pack_of_city
from app.visits.actions import plans as acting
from app.visits.models import ServiceDiagnosis
from app.visits.queries import improvement as queries
from app.visits.queries.requests import steps_of
from app.visits.rules.booking import steps_from
from app.visits.rules.improvement import ITEM_STATES, ITEM_TONES
from app.visits.rules.projects import DECISIONS, STATES, STEPS, TONES
from app.visits.views import shared
from app.visits.views._blueprint import blueprint
from app.visits.views.choosing import labels
from app.visits.views.improvement_forms import PlanForm, PlanItemForm

STEP_ZH = {"make": "建立方案", **{code: step.label for code, step in STEPS.items()}}


def _words() -> dict[str, Any]:
    return {"states": STATES, "tones": TONES, "item_states": ITEM_STATES, "item_tones": ITEM_TONES}


@blueprint.get("/plans")
@requires(Permission.VISIT_VIEW)
def plans() -> str:
    """Plans with their progress, latest first."""
    args = request.args
    asked = queries.Asked(args.get("state", ""), "", shared.whole("team"), shared.whole("unit"))
    page = queries.page_plans(current_scope(), asked, args.get("cursor"), page_size(args.get("size")))
    return render_template(
        "visits/plans.html", page=page, asked=asked, progress=queries.progress_of([row[0].id for row in page.rows], clock.today()),
        lists={"running": "进行中", **STATES}, may_plan=has(Permission.VISIT_PLAN), **_words(), **shared.filters(),
        **shared.frame([row[0].team_id for row in page.rows]),
    )


@blueprint.route("/enterprises/<int:enterprise_id>/plans/new", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
@commits
def new_plan(enterprise_id: int) -> Any:
    """Begin a plan; with ``?diagnosis_id=`` its findings become lines."""
    enterprise = get_enterprise(current_scope(), enterprise_id)
    diagnosis = _diagnosis(enterprise.id)
    form = PlanForm()
    if form.is_submitted() and (known := shared.sent_before()):
        return redirect(url_for("visits.plan", plan_id=known), 303)
    if form.is_submitted() and form.validate():
        try:
            row = acting.make(enterprise=enterprise, draft=form.draft(), diagnosis=diagnosis, by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            shared.remember(row.id)
            flash("方案已建立，请逐条补充差距、措施、责任人和期限。", "ok")
            return redirect(url_for("visits.plan", plan_id=row.id), 303)
    if not form.is_submitted():
        form.starts_on.data, form.title.data = clock.today(), "管理提升方案"
    form.once.data = form.once.data or shared.new_once()
    page = render_template("visits/plan_edit.html", form=form, enterprise=enterprise, row=None, diagnosis=diagnosis, **_words())
    return page, 422 if form.errors else 200


def _diagnosis(enterprise_id: int) -> ServiceDiagnosis | None:
    wanted = shared.whole("diagnosis_id")
    if wanted is None:
        return None
    row, owner = queries.get_diagnosis(current_scope(Permission.VISIT_VIEW), wanted)
    if owner.id != enterprise_id:
        raise Invalid("diagnosis_id", "这份诊断不是这家企业的，请从诊断重新进入。")
    return row


@blueprint.get("/plans/<int:plan_id>")
@requires(Permission.VISIT_VIEW)
def plan(plan_id: int) -> str:
    """The sheet."""
    row, enterprise = queries.get_plan(current_scope(), plan_id)
    may, review = has_everywhere(Permission.VISIT_PLAN), has_everywhere(Permission.VISIT_REVIEW)
    own = row.delivered_by is not None and row.delivered_by == current_user.user_id
    steps = [step for step in steps_from(STEPS, row.state) if (review and not own if step.code in DECISIONS else may)]
    return render_template(
        "visits/plan.html", row=row, enterprise=enterprise, items=queries.items_of_plan(row.id), steps=steps, history=steps_of("plan", row.id),
        step_zh=STEP_ZH, decisions=DECISIONS, own=own, editable=may and row.state in ("draft", "active"), may_settle=may and row.state == "active",
        stages=labels(pack_of_city(enterprise.city_id), "service_stages"), progress=queries.progress_of([row.id], clock.today()).get(row.id),
        **_words(), **shared.frame([row.team_id]),
    )


@blueprint.route("/plans/<int:plan_id>/edit", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
@commits
def edit_plan(plan_id: int) -> Any:
    """Correct the head."""
    row, enterprise = queries.get_plan(current_scope(), plan_id)
    form = PlanForm(obj=None if request.method == "POST" else row)
    if form.is_submitted() and form.validate():
        try:
            changed = acting.change_plan(plan=row, enterprise=enterprise, draft=form.draft(), version=shared.version(), by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            flash("方案已修改。" if changed else "内容没有变化。", "ok" if changed else "info")
            return redirect(url_for("visits.plan", plan_id=row.id), 303)
    page = render_template("visits/plan_edit.html", form=form, enterprise=enterprise, row=row, diagnosis=None, **_words())
    return page, 422 if form.errors else 200


@blueprint.route("/plans/<int:plan_id>/items/new", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
@commits
def new_plan_item(plan_id: int) -> Any:
    """Add a line."""
    return _item(plan_id, None)


@blueprint.route("/plans/<int:plan_id>/items/<int:item_id>", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
@commits
def edit_plan_item(plan_id: int, item_id: int) -> Any:
    """Correct a line."""
    return _item(plan_id, item_id)


def _item(plan_id: int, item_id: int | None) -> Any:
    row, enterprise = queries.get_plan(current_scope(), plan_id)
    item = None if item_id is None else queries.get_item(row.id, item_id)
    form = PlanItemForm(obj=None if request.method == "POST" else item)
    form.offer(pack_of_city(enterprise.city_id))
    if form.is_submitted() and form.validate():
        try:
            acting.save_item(plan=row, enterprise=enterprise, draft=form.draft(), item=item, by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            flash("条目已保存。", "ok")
            return redirect(url_for("visits.plan", plan_id=row.id), 303)
    page = render_template("visits/plan_item.html", form=form, enterprise=enterprise, row=row, item=item)
    return page, 422 if form.errors else 200


@blueprint.post("/plans/<int:plan_id>/items/<int:item_id>/settle")
@requires(Permission.VISIT_PLAN)
@commits
def settle_plan_item(plan_id: int, item_id: int) -> Any:
    """A milestone is reached or given up."""
    row, enterprise = queries.get_plan(current_scope(), plan_id)
    item = queries.get_item(row.id, item_id)
    acting.settle_item(
        plan=row, enterprise=enterprise, item=item, state=request.form.get("state", ""), done_on=None, evidence=request.form.get("evidence"),
        by=current_actor(),
    )
    flash(f"“{item.problem[:20]}”：{ITEM_STATES[item.state]}，已登记。", "ok")
    return redirect(url_for("visits.plan", plan_id=row.id), 303)


@blueprint.post("/plans/<int:plan_id>/step")
@requires(Permission.VISIT_PLAN)
@commits
def plan_step(plan_id: int) -> Any:
    """Start, deliver or stop."""
    return _step(plan_id, ("start", "deliver", "stop"))


@blueprint.post("/plans/<int:plan_id>/decision")
@requires(Permission.VISIT_REVIEW)
@commits
def plan_decision(plan_id: int) -> Any:
    """Accept or return."""
    return _step(plan_id, DECISIONS)


def _step(plan_id: int, allowed: tuple[str, ...]) -> Any:
    row, enterprise = queries.get_plan(current_scope(), plan_id)
    step = request.form.get("step", "")
    acting.take_step(
        plan=row, enterprise=enterprise, step=step if step in allowed else "", version=shared.version(), reason=request.form.get("reason"),
        by=current_actor(),
    )
    flash(f"“{row.title}”：{STEPS[step].label}，已登记。", "ok")
    return redirect(url_for("visits.plan", plan_id=row.id), 303)
