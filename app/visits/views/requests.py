"""服务申请: what enterprises ask for, answered within the clock."""

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for

from app.enterprises.queries import get_enterprise, quick_search
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import DomainError, NotFound
from app.kernel.permission import Permission
from app.policies.queries import pack_of_city
from app.teams.queries import team_choices
from app.visits.actions import requests as acting
from app.visits.queries import requests as queries
from app.visits.queries.appointments import open_of_request
from app.visits.rules.booking import (
    APPOINTMENT_STATES,
    APPOINTMENT_TONES,
    REQUEST_STATES,
    REQUEST_STEPS,
    REQUEST_TONES,
    SOURCES,
    steps_from,
)
from app.visits.views import shared
from app.visits.views._blueprint import blueprint
from app.visits.views.booking_forms import RequestForm

STEP_ZH = {
    "raise": "提出申请", "book": "已预约", "unbook": "预约落空，重新安排", "settle": "走访已登记，办结",
    **{code: step.label for code, step in REQUEST_STEPS.items()},
}
OFFERED = ("accept", "transfer", "refuse", "finish")
"""Steps of the team; withdrawing is the enterprise's own."""


@blueprint.get("/requests")
@requires(Permission.VISIT_VIEW)
def requests() -> str:
    """Requests by state; ``answer`` narrows to how the clock ended."""
    args = request.args
    asked = queries.Asked(
        args.get("state", "open" if not args.get("answer") else ""), args.get("answer", ""), shared.whole("team"), shared.whole("unit"),
        shared.day_of("first", clock.today()) if args.get("first") else None, shared.day_of("last", clock.today()) if args.get("last") else None,
    )
    page = queries.page_requests(current_scope(), asked, args.get("cursor"), page_size(args.get("size")))
    return render_template(
        "visits/requests.html", page=page, asked=asked, states=REQUEST_STATES, tones=REQUEST_TONES, sources=SOURCES, answers=queries.ANSWERS,
        at=clock.now(), may_raise=has(Permission.VISIT_LOG), **shared.frame([row[0].team_id for row in page.rows]), **shared.filters(),
    )


@blueprint.get("/find")
@requires(Permission.VISIT_VIEW)
def find_enterprise() -> Response:
    """Matches for the enterprise picker."""
    hits = quick_search(current_scope(), request.args.get("q", "")[:60], 20)
    return jsonify([{"value": str(hit.id), "text": hit.name, "note": f"{hit.credit_code} {hit.town}"} for hit in hits])


CHOOSE = {
    "request": ("visits.new_request", "代企业提出申请"), "appointment": ("visits.new_appointment", "预约走访"),
    "project": ("visits.new_project", "新建服务项目"), "diagnosis": ("visits.new_diagnosis", "诊断企业"), "plan": ("visits.new_plan", "制定提升方案"),
    "consult": ("visits.new_consult", "登记咨询或培训"), "finance": ("visits.new_finance", "登记融资需求"),
}
"""What can be made for an enterprise: page and words."""


@blueprint.get("/choose/<what>")
@requires(Permission.VISIT_VIEW)
def choose(what: str) -> Any:
    """Which enterprise it is for; the form of the thing itself follows."""
    if what not in CHOOSE:
        raise NotFound("没有这个页面，请从菜单重新进入。")
    enterprise_id, (target, label) = shared.whole("enterprise_id"), CHOOSE[what]
    if enterprise_id is not None:
        return redirect(url_for(target, enterprise_id=get_enterprise(current_scope(), enterprise_id).id), 303)
    return render_template("visits/choose.html", label=label)


@blueprint.route("/enterprises/<int:enterprise_id>/requests/new", methods=["GET", "POST"])
@requires(Permission.VISIT_LOG)
@commits
def new_request(enterprise_id: int) -> Any:
    """An officer or expert writes down what the enterprise asked for."""
    enterprise = get_enterprise(current_scope(), enterprise_id)
    form = RequestForm()
    form.offer(pack_of_city(enterprise.city_id), team_choices(current_scope(Permission.VISIT_VIEW)))
    if form.is_submitted() and (known := shared.sent_before()):
        return redirect(url_for("visits.request_page", request_id=known), 303)
    if form.is_submitted() and form.validate():
        try:
            row = acting.raise_request(enterprise=enterprise, draft=form.draft("officer"), by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            shared.remember(row.id)
            flash(f"已登记“{enterprise.name}”的服务申请，请在 {clock.local(row.due_at):%m月%d日 %H:%M} 前答复。", "ok")
            return redirect(url_for("visits.request_page", request_id=row.id), 303)
    form.once.data = form.once.data or shared.new_once()
    return render_template("visits/request_new.html", form=form, enterprise=enterprise), 422 if form.errors else 200


@blueprint.get("/requests/<int:request_id>")
@requires(Permission.VISIT_VIEW)
def request_page(request_id: int) -> str:
    """One request: what is asked, the clock, appointments made for it, steps."""
    row, enterprise = queries.get_request(current_scope(), request_id)
    pack, may = pack_of_city(enterprise.city_id), has_everywhere(Permission.VISIT_PLAN)
    made, history = open_of_request(row.id), queries.steps_of("request", row.id)
    return render_template(
        "visits/request.html", row=row, enterprise=enterprise, pack=pack, states=REQUEST_STATES, tones=REQUEST_TONES, sources=SOURCES, made=made,
        history=history, step_zh=STEP_ZH, appointment_states=APPOINTMENT_STATES, appointment_tones=APPOINTMENT_TONES, at=clock.now(), may_plan=may,
        steps=[step for step in steps_from(REQUEST_STEPS, row.state) if may and step.code in OFFERED],
        teams=team_choices(current_scope(Permission.VISIT_VIEW)) if may else [],
        **shared.frame([row.team_id, *(one.team_id for one in made), *(one.team_id for one in history)]),
    )


@blueprint.post("/requests/<int:request_id>/step")
@requires(Permission.VISIT_PLAN)
@commits
def request_step(request_id: int) -> Any:
    """Accept, refuse, transfer or finish."""
    row, enterprise = queries.get_request(current_scope(), request_id)
    step = request.form.get("step", "")
    team_id = shared.whole("team_id")
    if step == "transfer" and team_id not in {id_ for id_, _ in team_choices(current_scope())}:
        team_id = None
    acting.take_step(
        request=row, enterprise=enterprise, step=step if step in OFFERED else "", version=shared.version(), reason=request.form.get("reason"),
        by=current_actor(), team_id=team_id,
    )
    flash(f"“{enterprise.name}”的申请：{REQUEST_STEPS[step].label}，已登记。", "ok")
    return redirect(url_for("visits.request_page", request_id=row.id), 303)
