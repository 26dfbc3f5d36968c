"""服务项目: visits, plan and results of one team or provider for one enterprise, delivered and accepted."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.enterprises.queries import get_enterprise
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import DomainError
from app.kernel.permission import Permission
from app.policies.queries import pack_of_city
from app.teams.queries import team_choices
from app.visits.actions import projects as acting
from app.visits.queries import projects as queries
from app.visits.queries.providers import provider_choices, provider_names
from app.visits.queries.requests import steps_of
from app.visits.rules.booking import APPOINTMENT_STATES, APPOINTMENT_TONES, steps_from, window_zh
from app.visits.rules.projects import DECISIONS, KINDS, STATES, STEPS, TONES
from app.visits.rules.visit import MODES
from app.visits.views import shared
from app.visits.views._blueprint import blueprint
from app.visits.views.project_forms import ProjectForm, ResultForm

STEP_ZH = {"open": "建立项目", **{code: step.label for code, step in STEPS.items()}}
LISTS = {"running": "进行中", "late": "逾期未验收", **STATES}


def _words() -> dict[str, Any]:
    return {"states": STATES, "tones": TONES, "kinds": KINDS, "modes": MODES}


@blueprint.get("/projects")
@requires(Permission.VISIT_VIEW)
def projects() -> str:
    """Projects by state, kind, carrier and county."""
    args, year = request.args, shared.whole("accepted")
    asked = queries.Asked(
        args.get("state", ""), args.get("kind", ""), shared.whole("team"), shared.whole("provider"), shared.whole("unit"),
        year if year is not None and 2000 <= year <= 2100 else None,
    )
    page = queries.page_projects(current_scope(), asked, clock.today(), args.get("cursor"), page_size(args.get("size")))
    return render_template(
        "visits/projects.html", page=page, asked=asked, lists=LISTS, may_plan=has(Permission.VISIT_PLAN), **_words(), **shared.filters(),
        provider_names=provider_names([row[0].provider_id for row in page.rows]), **shared.frame([row[0].team_id for row in page.rows]),
    )


@blueprint.route("/enterprises/<int:enterprise_id>/projects/new", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
@commits
def new_project(enterprise_id: int) -> Any:
    """Set up a project."""
    enterprise = get_enterprise(current_scope(), enterprise_id)
    form = ProjectForm()
    form.offer(pack_of_city(enterprise.city_id), team_choices(current_scope()), provider_choices(enterprise.city_id))
    if form.is_submitted() and (known := shared.sent_before()):
        return redirect(url_for("visits.project", project_id=known), 303)
    if form.is_submitted() and form.validate():
        try:
            row = acting.open_project(enterprise=enterprise, draft=form.draft(), by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            shared.remember(row.id)
            flash(f"已建立“{enterprise.name}”的服务项目“{row.title}”。", "ok")
            return redirect(url_for("visits.project", project_id=row.id), 303)
    if not form.is_submitted():
        own = sorted(current_user.scope.team_ids)
        form.starts_on.data, form.team_id.data = clock.today(), str(own[0]) if own else ""
    form.once.data = form.once.data or shared.new_once()
    page = render_template("visits/project_edit.html", form=form, enterprise=enterprise, row=None, **_words())
    return page, 422 if form.errors else 200


@blueprint.get("/projects/<int:project_id>")
@requires(Permission.VISIT_VIEW)
def project(project_id: int) -> str:
    """One project: goal, visits, results, steps."""
    return _page(project_id, ResultForm(formdata=None))


def _page(project_id: int, form: ResultForm) -> str:
    row, enterprise = queries.get_project(current_scope(Permission.VISIT_VIEW), project_id)
    plan, review = has_everywhere(Permission.VISIT_PLAN), has_everywhere(Permission.VISIT_REVIEW)
    own = row.delivered_by is not None and row.delivered_by == current_user.user_id
    steps = [step for step in steps_from(STEPS, row.state) if (review and not own if step.code in DECISIONS else plan)]
    made, history = queries.appointments_of_project(row.id), steps_of("project", row.id)
    return render_template(
        "visits/project.html", row=row, enterprise=enterprise, form=form, steps=steps, history=history, step_zh=STEP_ZH, decisions=DECISIONS,
        results=queries.results_of(row.id), visits=queries.visits_of_project(row.id), appointments=made, may_plan=plan, own=own,
        editable=plan and row.state not in ("accepted", "stopped"), pack=pack_of_city(enterprise.city_id),
        appointment_states=APPOINTMENT_STATES, appointment_tones=APPOINTMENT_TONES, window_zh=window_zh,
        provider_names=provider_names([row.provider_id]), **_words(),
        **shared.frame([row.team_id, *(one.team_id for one in made), *(one.team_id for one in history)]),
    )


@blueprint.route("/projects/<int:project_id>/edit", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
@commits
def edit_project(project_id: int) -> Any:
    """Correct the project, write its summary."""
    row, enterprise = queries.get_project(current_scope(), project_id)
    form = ProjectForm(obj=None if request.method == "POST" else row)
    form.offer(
        pack_of_city(enterprise.city_id), team_choices(current_scope(Permission.VISIT_VIEW)), provider_choices(enterprise.city_id), keep=row,
    )
    if form.is_submitted() and form.validate():
        try:
            changed = acting.change_project(
                project=row, enterprise=enterprise, draft=form.draft(), summary=form.summary.data, version=shared.version(), by=current_actor(),
            )
        except DomainError as error:
            shared.show(form, error)
        else:
            flash("项目已修改。" if changed else "内容没有变化。", "ok" if changed else "info")
            return redirect(url_for("visits.project", project_id=row.id), 303)
    page = render_template("visits/project_edit.html", form=form, enterprise=enterprise, row=row, **_words())
    return page, 422 if form.errors else 200


@blueprint.post("/projects/<int:project_id>/step")
@requires(Permission.VISIT_PLAN)
@commits
def project_step(project_id: int) -> Any:
    """Start, deliver or stop."""
    return _step(project_id, ("start", "deliver", "stop"))


@blueprint.post("/projects/<int:project_id>/decision")
@requires(Permission.VISIT_REVIEW)
@commits
def project_decision(project_id: int) -> Any:
    """Accept or return."""
    return _step(project_id, DECISIONS)


def _step(project_id: int, allowed: tuple[str, ...]) -> Any:
    row, enterprise = queries.get_project(current_scope(), project_id)
    step = request.form.get("step", "")
    acting.take_step(
        project=row, enterprise=enterprise, step=step if step in allowed else "", version=shared.version(), reason=request.form.get("reason"),
        visits=queries.count_visits(row.id), by=current_actor(),
    )
    flash(f"“{row.title}”：{STEPS[step].label}，已登记。", "ok")
    return redirect(url_for("visits.project", project_id=row.id), 303)


@blueprint.post("/projects/<int:project_id>/results")
@requires(Permission.VISIT_PLAN)
@commits
def add_result(project_id: int) -> Any:
    """One figure before and after."""
    row, enterprise = queries.get_project(current_scope(), project_id)
    form = ResultForm()
    if form.validate():
        try:
            acting.add_result(project=row, enterprise=enterprise, draft=form.draft(), by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            flash("成果已登记。", "ok")
            return redirect(url_for("visits.project", project_id=row.id) + "#results", 303)
    return _page(project_id, form), 422


@blueprint.post("/projects/<int:project_id>/results/<int:result_id>/remove")
@requires(Permission.VISIT_PLAN)
@commits
def remove_result(project_id: int, result_id: int) -> Any:
    """Take a figure out again."""
    row, enterprise = queries.get_project(current_scope(), project_id)
    acting.remove_result(project=row, enterprise=enterprise, result=queries.get_result(row.id, result_id), by=current_actor())
    flash("成果已删除。", "ok")
    return redirect(url_for("visits.project", project_id=row.id) + "#results", 303)


