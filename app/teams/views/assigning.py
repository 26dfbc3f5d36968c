"""企业安排: the list with filters, one enterprise with its history, single and bulk assignment, the proposal of a plan, what leaders propose."""

import io
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.enterprises.exports import Caption, file_name
from app.enterprises.queries import get_enterprise
from app.enterprises.queries.listing import list_names
from app.enterprises.queries.places import places
from app.enterprises.rules import industry
from app.enterprises.views.listing import XLSX
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, one_city, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import Invalid, NotFound
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.teams.actions import assigning as actions
from app.teams.exports import assignments as exports
from app.teams.forms import AssignForm, ProposalForm, ReleaseForm, blank
from app.teams.models.teams import PROPOSAL_KINDS, PROPOSAL_STATES
from app.teams.queries import assignments, finding, planning, proposals, teams
from app.teams.queries.assignments import NONE, SOME, Asked
from app.teams.queries.reach import city_of_page
from app.teams.views._blueprint import blueprint
from app.teams.views.parts import attempt, whole

MOST_CODES, MOST_PLAN, MOST_SHEET = 2_000, 300, 20_000


def asked_of(*, unassigned: bool = False) -> Asked:
    """What the address narrows the list to. ``all=1``: not only the cohort."""
    got = request.args
    team = got.get("team", "")[:12]
    section = got.get("industry", "")[:2]
    team = NONE if unassigned else team if team in (NONE, SOME) or whole(team) else ""
    return Asked(
        cohort=None if got.get("all") == "1" else assignments.cohort(current_pack()), team=team,
        member_id=whole(got.get("member")), unit_id=whole(got.get("unit")), town_id=whole(got.get("town")),
        industry=section if section in industry.sections() else "", text=got.get("q", "").strip()[:60],
    )


@blueprint.get("/assignments", endpoint="assignments")
@requires(Permission.TEAM_VIEW)
@one_city()
def assignments_() -> str:
    """Enterprises and who serves them."""
    scope, asked = current_scope(), asked_of()
    page = assignments.firms_page(scope, asked, request.args.get("cursor"), page_size(request.args.get("size")))
    choices = teams.team_choices(scope)
    return render_template(
        "teams/assignments.html", page=page, asked=asked, cohort=assignments.cohort(current_pack()), everybody=request.args.get("all") == "1",
        teams=choices, names=teams.team_names([row.team_id for row in page.rows]), members=teams.member_names([row.member_id for row in page.rows]),
        units=[(str(unit.id), unit.name) for unit in places().units(scope)], towns=places().town_choices(scope, asked.unit_id), full_name=places().full_name,
        sections=list(industry.sections().items()), label=industry.label, may_assign=has(Permission.ASSIGN_EDIT), member=teams.member_names([asked.member_id]),
        most=MOST_PLAN,
    )


@blueprint.post("/assignments/chosen")
@requires(Permission.ASSIGN_EDIT)
@commits
def assign_chosen() -> Response:
    """From ticked rows to the form that says which team and why."""
    ids = [key for text in request.form.getlist("ids")[:500] if (key := whole(text))]
    if not ids:
        raise Invalid("nothing_chosen", "请先在列表中勾选企业，再安排服务队。")
    return redirect(url_for("teams.release" if request.form.get("what") == "release" else "teams.assign", id=ids), 303)


@blueprint.route("/assign", methods=["GET", "POST"])
@requires(Permission.ASSIGN_EDIT)
@one_city()
@commits
def assign() -> Any:
    """Enterprises to a team: those of the address (``id``), or codes and names pasted in."""
    scope, form = current_scope(), AssignForm()
    ids = [key for text in request.args.getlist("id")[:500] if (key := whole(text))]
    offered = teams.list_teams(scope)
    _offer(form, offered)
    if not form.is_submitted():
        form.on.data = clock.today()
        form.team_id.data = str(whole(request.args.get("team")) or "")
    problems: list[str] = []
    if form.is_submitted() and form.validate():
        chosen, problems = (ids, []) if ids else finding.firms_of_text(scope, form.codes.data or "", MOST_CODES)
        if problems:
            form.codes.errors = [*form.codes.errors, f"有 {len(problems)} 行没有找到，见下方；其余 {len(chosen)} 家尚未安排。"]
        else:
            done = attempt(form, lambda: actions.assign(
                scope=scope, enterprise_ids=chosen, team_id=whole(form.team_id.data), member_id=_member_of(form), on=form.on.data,
                reason=form.reason.data or "", by=current_actor(),
            ))
            if done is not None:
                flash(_words(done), "ok" if done.changed else "info")
                return redirect(url_for("teams.assignments", team=whole(form.team_id.data), all=1), 303)
    page = render_template(
        "teams/assign.html", form=form, firms=list_names(scope, ids) if ids else [], problems=problems[:200], back=url_for("teams.assignments"),
        serving=assignments.serving(ids, clock.today()), loads=assignments.loads([team.id for team in offered]), teams=offered,
        capacity={team.id: planning.capacity_of(team) for team in offered},
    )
    return page, 422 if form.errors or problems else 200


def _offer(form: AssignForm, offered: Sequence[Any]) -> None:
    """Teams, and their people as "team:person" so that one list serves without a script."""
    form.team_id.choices = blank([(team.id, team.name) for team in offered])
    people = teams.members_by_team([team.id for team in offered], clock.today())
    named = {team.id: team.name for team in offered}
    form.member_id.choices = blank([(f"{m.team_id}:{m.id}", f"{named[m.team_id]}　{m.name}") for row in people.values() for m in row], "以后指定")


def _member_of(form: AssignForm) -> int | None:
    """The person chosen; one of another team than the chosen one is refused in words."""
    team, _, member = (form.member_id.data or "").partition(":")
    if not member:
        return None
    if team != form.team_id.data:
        raise Invalid("member", "负责人不在所选的服务队，请重新选择。", "member_id")
    return whole(member)


def _words(done: Any) -> str:
    more = [f"{done.same:,} 家原来就是这样安排"] if done.same else []
    more += [f"{done.left_out:,} 家不在您的管辖范围内或已停止经营，没有安排"] if done.left_out else []
    return f"已安排 {len(done.changed):,} 家企业" + ("；" + "，".join(more) if more else "") + "。"


@blueprint.route("/release", methods=["GET", "POST"])
@requires(Permission.ASSIGN_EDIT)
@commits
def release() -> Any:
    """No team serves these enterprises any more."""
    scope, form = current_scope(), ReleaseForm()
    ids = [key for text in request.args.getlist("id")[:500] if (key := whole(text))]
    firms = list_names(scope, ids) if ids else []
    if not ids:
        return redirect(url_for("teams.assignments"), 303)
    if not firms:
        raise NotFound("没有找到这些企业，可能不在您的管辖范围内。请从“企业安排”重新选择。")
    if not form.is_submitted():
        form.on.data = clock.today()
    if form.is_submitted() and form.validate():
        done = attempt(form, lambda: (actions.release(scope=scope, enterprise_ids=ids, on=form.on.data, reason=form.reason.data or "", by=current_actor()),))
        if done is not None:
            flash(f"已结束 {done[0]:,} 家企业的服务安排。" if done[0] else "这些企业已没有服务队，没有重复办理。", "ok" if done[0] else "info")
            return redirect(url_for("teams.assignments"), 303)
    names = "、".join(firm.name for firm in firms[:10])
    page = render_template(
        "teams/end.html", form=form, title="结束服务安排", verb="结束安排", back=url_for("teams.assignments"),
        note=f"{names}{' 等' if len(firms) > 10 else ''} {len(firms)} 家：从次日起没有服务队，历史保留。",
    )
    return page, 422 if form.errors else 200


@blueprint.route("/plan", methods=["GET", "POST"])
@requires(Permission.ASSIGN_EDIT)
@one_city()
@commits
def plan() -> Any:
    """A proposal for enterprises without a team: preview, adjust, confirm."""
    scope, asked, form = current_scope(), asked_of(unassigned=True), ReleaseForm()
    city = city_of_page(scope)
    if request.method == "POST":
        return _confirmed(scope, city.id, form)
    form.on.data = clock.today()
    lines = assignments.firms(scope, asked, MOST_PLAN)
    return _plan_page(form, scope, city.id, lines, {})


def _plan_page(form: ReleaseForm, scope: Any, city_id: int, lines: Sequence[Any], changed: dict[int, int]) -> Any:
    units = finding.units_of([line.id for line in lines])
    choices = {choice.firm_id: choice for choice in planning.plan(lines, units, scope, city_id)}
    teams_of = {key: choice.team_id for key, choice in choices.items()} | changed
    people = planning.with_people(teams_of, city_id)
    added: dict[int, int] = {}
    for team_id in teams_of.values():
        added[team_id] = added.get(team_id, 0) + 1
    standing = teams.list_teams(scope, city_id=city_id)
    page = render_template(
        "teams/plan.html", form=form, lines=lines, choices=choices, chosen=teams_of, people=people, teams=standing, added=added,
        loads=assignments.loads([team.id for team in standing]), capacity={team.id: planning.capacity_of(team) for team in standing},
        members=teams.member_names([member for _, member in people.values()]), full_name=places().full_name, label=industry.label,
        back=url_for("teams.assignments", team=NONE),
    )
    return page, 422 if form.errors else 200


def _confirmed(scope: Any, city_id: int, form: ReleaseForm) -> Any:
    """Write the plan as sent; what somebody else assigned meanwhile is left alone and said."""
    wanted = {key: team for text in request.form.getlist("firm")[:MOST_PLAN] if (key := whole(text)) and (team := whole(request.form.get(f"team-{key}")))}
    still = {line.id for line in assignments.firms(scope, Asked(team=NONE, ids=tuple(wanted)), MOST_PLAN)} if wanted else set()
    chosen = {key: team for key, team in wanted.items() if key in still}
    if form.validate():
        done = attempt(form, lambda: (actions.assign_plan(
            scope=scope, plan=planning.with_people(chosen, city_id), on=form.on.data, reason=form.reason.data or "", by=current_actor(),
        ),))
        if done is not None:
            gone = len(wanted) - len(chosen)
            flash(f"已安排 {done[0]:,} 家企业{f'；{gone:,} 家刚刚已由他人安排，没有改动' if gone else ''}。", "ok")
            return redirect(url_for("teams.index"), 303)
    lines = assignments.firms(scope, Asked(team=NONE, ids=tuple(chosen)), MOST_PLAN) if chosen else []
    return _plan_page(form, scope, city_id, lines, chosen)


@blueprint.route("/enterprises/<int:enterprise_id>", methods=["GET", "POST"])
@requires(Permission.TEAM_VIEW)
@commits
def firm(enterprise_id: int) -> Any:
    """Who served an enterprise when; a leader may propose a change here."""
    scope = current_scope()
    row, form = get_enterprise(scope, enterprise_id), ProposalForm()
    now = assignments.assignment_of(enterprise_id, clock.today())
    own = sorted(current_scope(Permission.ASSIGN_PROPOSE).team_ids) if has(Permission.ASSIGN_PROPOSE) else []
    may_propose = bool(own) and now is not None and now.team_id in own
    form.to_team_id.choices = blank([(key, name) for key, name in finding.other_teams(row.city_id) if now is None or key != now.team_id])
    if request.method == "POST" and not may_propose:
        raise NotFound("这家企业不由您所在的服务队服务，不能提建议。")
    if form.is_submitted() and form.validate():
        done = attempt(form, lambda: actions.propose(
            scope=current_scope(Permission.ASSIGN_PROPOSE), enterprise_id=enterprise_id, team_id=now.team_id if now else 0, kind=form.kind.data,
            to_team_id=whole(form.to_team_id.data), reason=form.reason.data or "", by=current_actor(),
        ))
        if done is not None:
            flash("建议已提交，由市局或县区决定。", "ok")
            return redirect(url_for("teams.firm", enterprise_id=enterprise_id), 303)
    page = render_template(
        "teams/firm.html", enterprise=row, served=now, spells=assignments.spells_of(enterprise_id), may_assign=has(Permission.ASSIGN_EDIT), form=form,
        may_propose=may_propose, proposals=proposals.of_firm(enterprise_id), kinds=PROPOSAL_KINDS, states=PROPOSAL_STATES, full_name=places().full_name,
        names=teams.team_names([p.to_team_id for p in proposals.of_firm(enterprise_id)]),
    )
    return page, 422 if form.errors else 200


@blueprint.get("/enterprises/<int:enterprise_id>/panel")
@requires(Permission.TEAM_VIEW)
def firm_panel(enterprise_id: int) -> str:
    """Who serves an enterprise, for its page."""
    get_enterprise(current_scope(), enterprise_id)
    now = assignments.assignment_of(enterprise_id, clock.today())
    return render_template("teams/_firm_panel.html", enterprise_id=enterprise_id, served=now, person=teams.member_of_id(now.member_id) if now else None)


@blueprint.get("/proposals", endpoint="proposals")
@requires(Permission.ASSIGN_EDIT)
def proposals_() -> str:
    """What leaders propose about enterprises of the viewer's area."""
    found = proposals.open_ones(current_scope())
    return render_template(
        "teams/proposals.html", rows=found, kinds=PROPOSAL_KINDS, names=teams.team_names([i for p, _ in found for i in (p.team_id, p.to_team_id)]),
    )


@blueprint.post("/proposals/<int:proposal_id>")
@requires(Permission.ASSIGN_EDIT)
@commits
def proposal(proposal_id: int) -> Response:
    """Take it or not."""
    accept = request.form.get("verdict") == "accept"
    row = actions.decide_proposal(
        scope=current_scope(), proposal_id=proposal_id, accept=accept, answer=request.form.get("answer", ""), by=current_actor(),
    )
    flash("已采纳，安排已按建议调整。" if row.state == "accepted" else "已答复不采纳。", "ok")
    return redirect(url_for("teams.proposals"), 303)


@blueprint.post("/assignments/export")
@requires(Permission.ENTERPRISE_EXPORT)
@one_city()
@commits
def export_assignments() -> Response:
    """The list as a workbook."""
    if not has_everywhere(Permission.TEAM_VIEW):
        raise NotFound("没有找到这个名单，可能不在您的权限内。")
    scope, asked = current_scope(), asked_of()
    lines = assignments.firms(scope, asked, MOST_SHEET)
    caption, out = Caption("服务队企业安排表", "当前筛选结果", clock.today(), current_user.name), io.BytesIO()
    exports.write_assignments(
        out, lines, teams.team_names([line.team_id for line in lines]), teams.member_names([line.member_id for line in lines]), caption,
    )
    audit.record("assignment.exported", Subject("assignment", None, "服务队企业安排表"), None, {"rows": len(lines)}, by=current_actor())
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=file_name(caption))
