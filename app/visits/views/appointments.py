"""预约: plan a visit, confirm, move, join, approve, cancel."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.enterprises.models import Enterprise
from app.enterprises.queries import get_enterprise
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has_everywhere, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import DomainError, Invalid
from app.kernel.permission import Permission
from app.teams.queries import members_on, team_choices
from app.visits.actions import appointments as acting
from app.visits.models import Appointment, ServiceRequest
from app.visits.queries import appointments as queries
from app.visits.queries.disturbance import Ledger, ledger_of
from app.visits.queries.projects import project_of
from app.visits.queries.requests import get_request, steps_of
from app.visits.rules.booking import (
    APPOINTMENT_STATES,
    APPOINTMENT_STEPS,
    APPOINTMENT_TONES,
    BASES,
    CONFIRMED_HOW,
    own_plan,
    steps_from,
    window_zh,
)
from app.visits.rules.visit import MODES
from app.visits.views import shared
from app.visits.views._blueprint import blueprint
from app.visits.views.booking_forms import AppointmentForm, RescheduleForm

STEP_ZH = {
    "plan": "安排走访", "reschedule": "改期", "ask_change": "企业希望另约时间", "join": "加入同行", "settle": "走访已登记", "reopen": "走访作废，重新打开",
    **{code: step.label for code, step in APPOINTMENT_STEPS.items()},
}
LISTS = {"open": "未完成", "late": "过期未登记", **APPOINTMENT_STATES}


@blueprint.get("/appointments")
@requires(Permission.VISIT_VIEW)
def appointments() -> str:
    """Appointments by state; ``over``: those above the cap."""
    args = request.args
    asked = queries.Asked(
        shared.day_of("first", clock.today()) if args.get("first") else None, shared.day_of("last", clock.today()) if args.get("last") else None,
        args.get("state", "open"), shared.whole("team"), None, shared.whole("unit"), args.get("over") == "1",
    )
    page = queries.page_appointments(current_scope(), asked, clock.today(), args.get("cursor"), page_size(args.get("size")))
    return render_template(
        "visits/appointments.html", page=page, asked=asked, lists=LISTS, **_words(), **shared.filters(),
        **shared.frame([team for row in page.rows for team in (row.team_id, *row.teams)]),
    )


def _words() -> dict[str, Any]:
    return {"states": APPOINTMENT_STATES, "tones": APPOINTMENT_TONES, "bases": BASES, "modes": MODES, "window_zh": window_zh}


@blueprint.route("/enterprises/<int:enterprise_id>/appointments/new", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
@commits
def new_appointment(enterprise_id: int) -> Any:
    """Plan a visit, for a request (``?request_id=``) or of our own; what others have planned is offered first."""
    enterprise = get_enterprise(current_scope(), enterprise_id)
    asked = _asked_for(enterprise)
    teams = team_choices(current_scope())
    people = _people([id_ for id_, _ in teams])
    form = AppointmentForm()
    form.offer(teams, people, invited=asked is not None)
    if form.is_submitted() and (known := shared.sent_before()):
        return redirect(url_for("visits.appointment", appointment_id=known), 303)
    if form.is_submitted() and form.validate() and (row := _planned(form, enterprise, asked, people)) is not None:
        shared.remember(row.id)
        flash(_said(row, enterprise), "ok" if row.state != "awaiting" else "warn")
        return redirect(url_for("visits.appointment", appointment_id=row.id), 303)
    if not form.is_submitted():
        _prefill(form, enterprise, asked, teams)
    form.once.data = form.once.data or shared.new_once()
    day = form.planned_on.data or clock.today()
    near = queries.planned_nearby(current_scope(), enterprise.id, day, clock.today())
    page = render_template(
        "visits/appointment_new.html", form=form, enterprise=enterprise, asked=asked, ledger=ledger_of(enterprise, day), near=near, **_words(),
        **shared.frame([one.team_id for one in near]),
    )
    return page, 422 if form.errors else 200


def _asked_for(enterprise: Enterprise) -> ServiceRequest | None:
    wanted = shared.whole("request_id")
    if wanted is None:
        return None
    row, owner = get_request(current_scope(Permission.VISIT_VIEW), wanted)
    if owner.id != enterprise.id:
        raise Invalid("request_id", "这项申请不是这家企业的，请从服务申请重新进入。")
    return row


def _people(team_ids: list[int]) -> list[tuple[int, str]]:
    """Members with an account of the teams the planner may send; only of a few teams, others are typed."""
    if len(team_ids) > 12:
        return []
    found: dict[int, str] = {}
    for team_id in team_ids:
        for member in members_on(team_id, clock.today()):
            if member.user_id is not None:
                found.setdefault(member.user_id, member.name)
    return list(found.items())


def _prefill(form: AppointmentForm, enterprise: Enterprise, asked: ServiceRequest | None, teams: list[tuple[int, str]]) -> None:
    own = sorted(current_user.scope.team_ids)
    form.team_id.data = str(asked.team_id if asked is not None and asked.team_id else own[0] if own else teams[0][0] if len(teams) == 1 else "")
    if asked is not None:
        form.basis.data, form.purpose.data, form.contact_name.data = "request", asked.text.replace("\n", " ")[:200], asked.contact_name
        form.planned_on.data = asked.wished_on if asked.wished_on and asked.wished_on >= clock.today() else None


def _planned(form: AppointmentForm, enterprise: Enterprise, asked: ServiceRequest | None, people: list[tuple[int, str]]) -> Appointment | None:
    project = project_of(current_scope(Permission.VISIT_VIEW), shared.whole("project_id"), enterprise.id)
    try:
        return acting.plan(
            enterprise=enterprise, draft=form.draft(people, None if project is None else project.id), request=asked, by=current_actor(),
        )
    except DomainError as error:
        shared.show(form, error)
        return None


def _said(row: Appointment, enterprise: Enterprise) -> str:
    if row.state == "awaiting":
        return f"“{enterprise.name}”的走访超过打扰上限或在宁静日，已送审批，批准前请不要上门。"
    return f"已预约 {row.planned_on:%Y-%m-%d} 走访“{enterprise.name}”" + ("，等企业确认。" if row.state == "proposed" else "，企业已同意。")


@blueprint.get("/appointments/<int:appointment_id>")
@requires(Permission.VISIT_VIEW)
def appointment(appointment_id: int) -> str:
    """One appointment: when, who, why it may take place, steps."""
    row, enterprise = queries.get_appointment(current_scope(), appointment_id)
    people, along = queries.company_of(row.id)
    history = steps_of("appointment", row.id)
    plan, review = has_everywhere(Permission.VISIT_PLAN), has_everywhere(Permission.VISIT_REVIEW)
    own = own_plan(row.planned_by, current_user.user_id)
    steps = [
        step for step in steps_from(APPOINTMENT_STEPS, row.state)
        if (review and not own if step.code in ("approve", "reject") else plan)
    ]
    teams = team_choices(current_scope()) if plan else []
    joinable = [(id_, name) for id_, name in teams if id_ != row.team_id and id_ not in {one.team_id for one in along}]
    return render_template(
        "visits/appointment.html", row=row, enterprise=enterprise, people=people, along=along, history=history, step_zh=STEP_ZH, steps=steps,
        may_plan=plan, own=own, joinable=joinable if row.planned_on >= clock.today() else [], how=CONFIRMED_HOW, ledger=_ledger(row, enterprise), **_words(),
        **shared.frame([row.team_id, *(one.team_id for one in (*along, *people, *history))]),
    )


def _ledger(row: Appointment, enterprise: Enterprise) -> Ledger:
    return ledger_of(enterprise, row.planned_on)


@blueprint.post("/appointments/<int:appointment_id>/step")
@requires(Permission.VISIT_PLAN)
@commits
def appointment_step(appointment_id: int) -> Any:
    """Confirm or cancel."""
    return _step(appointment_id, ("confirm", "cancel"))


@blueprint.post("/appointments/<int:appointment_id>/approval")
@requires(Permission.VISIT_REVIEW)
@commits
def appointment_approval(appointment_id: int) -> Any:
    """Let a visit over the cap or on a quiet day pass, or not."""
    return _step(appointment_id, ("approve", "reject"))


def _step(appointment_id: int, allowed: tuple[str, ...]) -> Any:
    row, enterprise = queries.get_appointment(current_scope(), appointment_id)
    step = request.form.get("step", "")
    acting.take_step(
        appointment=row, enterprise=enterprise, step=step if step in allowed else "", version=shared.version(), reason=request.form.get("reason"),
        by=current_actor(),
    )
    flash(f"“{enterprise.name}”的预约：{APPOINTMENT_STEPS[step].label}，已登记。", "ok")
    return redirect(url_for("visits.appointment", appointment_id=row.id), 303)


@blueprint.post("/appointments/<int:appointment_id>/join")
@requires(Permission.VISIT_PLAN)
@commits
def join_appointment(appointment_id: int) -> Any:
    """Come along instead of another visit."""
    row, enterprise = queries.get_appointment(current_scope(), appointment_id)
    team_id = shared.whole("team_id")
    if team_id not in {id_ for id_, _ in team_choices(current_scope())}:
        raise Invalid("team_id", "请选择要加入的服务队。")
    done = acting.join(appointment=row, enterprise=enterprise, team_id=team_id or 0, purpose=request.form.get("purpose"), by=current_actor())
    said = "已加入这次走访，不另计打扰。" if done else "这支服务队已经在这次走访里了，没有重复加入。"
    flash(said, "ok" if done else "info")
    return redirect(url_for("visits.appointment", appointment_id=row.id), 303)


@blueprint.route("/appointments/<int:appointment_id>/reschedule", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
@commits
def reschedule_appointment(appointment_id: int) -> Any:
    """Another day or time."""
    row, enterprise = queries.get_appointment(current_scope(), appointment_id)
    form = RescheduleForm()
    if not form.is_submitted():
        form.planned_on.data, form.starts.data, form.ends.data, form.version.data = row.planned_on, row.starts, row.ends, row.version
    if form.is_submitted() and form.validate():
        try:
            acting.reschedule(
                appointment=row, enterprise=enterprise, planned_on=form.planned_on.data, starts=(form.starts.data or "").strip(),
                ends=(form.ends.data or "").strip(), version=shared.version(), reason=form.reason.data, confirmed_how=form.confirmed_how.data or None,
                approval_reason=form.approval_reason.data, by=current_actor(),
            )
        except DomainError as error:
            shared.show(form, error)
        else:
            flash(f"“{enterprise.name}”的走访改到 {row.planned_on:%Y-%m-%d} {window_zh(row.starts, row.ends)}。", "ok")
            return redirect(url_for("visits.appointment", appointment_id=row.id), 303)
    page = render_template(
        "visits/appointment_move.html", form=form, row=row, enterprise=enterprise, ledger=_ledger(row, enterprise), **_words(), **shared.frame(),
    )
    return page, 422 if form.errors else 200
