"""The teams: overview with coverage, one team as a booklet, forming and changing it, its members."""

from collections import defaultdict
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.enterprises.queries.places import places
from app.identity.queries.people import holders_for_team, logins_of
from app.infra import clock
from app.infra.audit import Subject
from app.infra.web import asof
from app.infra.web.access import commits, current_actor, current_scope, has, one_city, requires
from app.infra.web.pagination import page_size
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.teams.actions import teams as actions
from app.teams.actions.teams import MemberDraft, TeamDraft
from app.teams.forms import CLEAR_WORD, EndForm, MemberForm, TeamForm, blank
from app.teams.models.teams import ROLES
from app.teams.queries import assignments, planning, proposals, registers, teams
from app.teams.queries.assignments import Asked
from app.teams.queries.reach import city_of_page
from app.teams.views._blueprint import blueprint
from app.teams.views.parts import attempt, phone_page, whole, words


@blueprint.get("/")
@requires(Permission.TEAM_COUNT)
@one_city()
def index() -> str:
    """Teams with their load, and how far the cohort is covered. Who may not see teams sees the numbers of his own place."""
    scope, pack = current_scope(), current_pack()
    pool = assignments.cohort(pack)
    may_see = has(Permission.TEAM_VIEW)
    listed = teams.list_teams(current_scope(Permission.TEAM_VIEW)) if may_see else []
    ids = [team.id for team in listed]
    level = "town" if scope.town_ids or len(scope.unit_ids) == 1 else "unit"
    covered = assignments.by_place_and_team(scope, pool, level)
    seen = current_scope(Permission.TEAM_VIEW)
    return render_template(
        "teams/index.html", pool=pool, teams=listed, leaders=teams.leaders_of(ids, clock.today()), members=teams.members_by_team(ids, clock.today()),
        loads=assignments.loads(ids), mine=assignments.loads(ids, seen) if may_see else {}, capacity={team.id: planning.capacity_of(team) for team in listed},
        rows=_coverage(covered), level=level, place_name=places().full_name if level == "town" else places().name, may_see=may_see,
        may_edit=has(Permission.TEAM_EDIT), may_assign=has(Permission.ASSIGN_EDIT), words=words(),
        proposals=proposals.count_open(current_scope(Permission.ASSIGN_EDIT)) if has(Permission.ASSIGN_EDIT) else 0, planned=10,
    )


def _coverage(covered: list[tuple[int, int | None, int]]) -> list[tuple[int, int, int]]:
    """(place, enterprises, of these with a team)."""
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for place, team_id, count in covered:
        found[place][0] += count
        found[place][1] += count if team_id is not None else 0
    by_id = places().by_id
    return [(place, *found[place]) for place in sorted(found, key=lambda key: by_id[key].code if key in by_id else "")]  # type: ignore[misc]


@blueprint.get("/<int:team_id>")
@requires(Permission.TEAM_VIEW)
def team(team_id: int) -> str:
    """一队一册: who is in it (also on a past day), whom it serves, how busy it is, what was handed over."""
    scope = current_scope()
    row, when = teams.get_team(scope, team_id), asof.as_of()
    day: date = when.day or clock.today()
    members = teams.members_on(team_id, day)
    asked = Asked(team=str(team_id), unit_id=whole(request.args.get("unit")), member_id=whole(request.args.get("member")))
    page = assignments.firms_page(scope, asked, request.args.get("cursor"), page_size(request.args.get("size")))
    mine = assignments.by_place_and_team(scope, None)
    handovers = teams.handovers_of(team_id)
    return render_template(
        "teams/team.html", team=row, members=members, history=[m for m in teams.history_of(team_id) if m not in members], roles=ROLES, page=page,
        load=assignments.loads([team_id])[team_id], visible=assignments.count_firms(scope, Asked(team=str(team_id))), capacity=planning.capacity_of(row),
        member_loads=assignments.member_loads([m.id for m in members], scope), day=day, present=not when.chosen,
        names=teams.member_names([r.member_id for r in page.rows] + [i for h in handovers for i in (h.from_member_id, h.to_member_id)]),
        units=[(unit, count) for unit, team_, count in mine if team_ == team_id], place_name=places().name, full_name=places().full_name,
        may_edit=has(Permission.TEAM_EDIT), may_assign=has(Permission.ASSIGN_EDIT), may_propose=has(Permission.ASSIGN_PROPOSE), words=words(),
        may_reveal=has(Permission.CONTACT_REVEAL), handovers=handovers, holders=holders_for_team(team_id),
        experts=teams.expert_states([m.expert_id for m in members]), proposals=proposals.of_team(scope, team_id),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
@one_city()
@commits
def team_new() -> Any:
    """Form a team."""
    form = TeamForm()
    form.offer(current_pack(), city_of_page(current_scope()).id)
    if not form.is_submitted():
        form.formed_on.data, form.number.data = clock.today(), len(teams.list_teams(current_scope(), dissolved=True)) + 1
    if form.is_submitted() and form.validate():
        saved = attempt(form, lambda: actions.save_team(scope=current_scope(), draft=_draft(form), by=current_actor()))
        if saved is not None:
            flash(f"已组建“{saved.name}”，请登记队长和成员。", "ok")
            return redirect(url_for("teams.team", team_id=saved.id), 303)
    return render_template("teams/team_form.html", form=form, team=None, back=url_for("teams.index")), 422 if form.errors else 200


@blueprint.route("/<int:team_id>/edit", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
@commits
def team_edit(team_id: int) -> Any:
    """Change what stands of a team."""
    row, form = teams.get_team(current_scope(), team_id), TeamForm()
    form.offer(current_pack(), row.city_id)
    if not form.is_submitted():
        form.show(row)
        form.version.data = str(row.version)
    if form.is_submitted() and form.validate():
        saved = attempt(form, lambda: actions.save_team(
            scope=current_scope(), draft=_draft(form), team_id=team_id, version=whole(form.version.data), by=current_actor(),
        ))
        if saved is not None:
            flash(f"已保存“{saved.name}”。", "ok")
            return redirect(url_for("teams.team", team_id=team_id), 303)
    return render_template("teams/team_form.html", form=form, team=row, back=url_for("teams.team", team_id=team_id)), 422 if form.errors else 200


def _draft(form: TeamForm) -> TeamDraft:
    said = form.values()
    return TeamDraft(
        said["number"], said["name"] or "", said["domains"], said["industries"], said["units"], said["capacity"], said["host"] or "", said["intro"] or "",
        said["document"] or "", said["formed_on"],
    )


@blueprint.route("/<int:team_id>/dissolve", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
@commits
def team_dissolve(team_id: int) -> Any:
    """The team is no more."""
    row, form = teams.get_team(current_scope(), team_id), EndForm()
    if not form.is_submitted():
        form.on.data, form.version.data = clock.today(), str(row.version)
    if form.is_submitted() and form.validate():
        done = attempt(form, lambda: actions.dissolve(
            scope=current_scope(), team_id=team_id, on=form.on.data, reason=form.reason.data or "", version=whole(form.version.data), by=current_actor(),
        ))
        if done is not None:
            flash(f"“{done.name}”已撤销，历史记录保留。", "ok")
            return redirect(url_for("teams.index"), 303)
    return _ending(form, f"撤销{row.name}", "撤销", url_for("teams.team", team_id=team_id), "撤销后成员同时离队；仍有服务企业的服务队不能撤销。")


def _ending(form: EndForm, title: str, verb: str, back: str, note: str) -> Any:
    return render_template("teams/end.html", form=form, title=title, verb=verb, back=back, note=note), 422 if form.errors else 200


@blueprint.route("/<int:team_id>/members/new", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
@commits
def member_new(team_id: int) -> Any:
    """Somebody joins."""
    row, form = teams.get_team(current_scope(), team_id), MemberForm()
    if not form.is_submitted():
        form.valid_from.data = clock.today()
        form.role.data = request.args.get("role") if request.args.get("role") in ROLES else "expert"
    return _member_page(form, row, None, lambda: actions.add_member(scope=current_scope(), team_id=team_id, draft=_member(form), by=current_actor()))


@blueprint.route("/members/<int:member_id>/edit", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
@commits
def member_edit(member_id: int) -> Any:
    """Correct a member or prolong a secondment."""
    member, row = teams.get_member(current_scope(), member_id)
    form = MemberForm()
    if not form.is_submitted():
        for name in ("role", "name", "unit", "title", "capacity", "valid_from", "valid_to", "document"):
            form[name].data = getattr(member, name)
        form.expert_id.data, form.login.data = str(member.expert_id or ""), logins_of([member.user_id]).get(member.user_id or 0, "")
        form.version.data = str(member.version)
    return _member_page(form, row, member, lambda: actions.change_member(
        scope=current_scope(), member_id=member_id, draft=_member(form), version=whole(form.version.data), by=current_actor(),
    ))


def _member_page(form: MemberForm, row: Any, member: Any, act: Any) -> Any:
    form.expert_id.choices = blank(registers.expert_choices(current_scope()), "不在专家库")
    back = url_for("teams.team", team_id=row.id)
    if form.is_submitted() and form.validate():
        saved = attempt(form, act)
        if saved is not None:
            flash(f"已保存“{saved.name}”（{ROLES[saved.role]}）。", "ok")
            return redirect(back, 303)
    return render_template("teams/member_form.html", form=form, team=row, member=member, back=back), 422 if form.errors else 200


def _member(form: MemberForm) -> MemberDraft:
    phone = (form.phone.data or "").strip()
    return MemberDraft(
        form.role.data, form.name.data or "", form.unit.data or "", form.title.data or "", form.login.data or "", "" if phone == CLEAR_WORD else phone or None,
        whole(form.expert_id.data), form.capacity.data, form.valid_from.data, form.valid_to.data, form.document.data or "",
    )


@blueprint.route("/members/<int:member_id>/end", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
@commits
def member_end(member_id: int) -> Any:
    """Somebody leaves."""
    member, row = teams.get_member(current_scope(), member_id)
    form, back = EndForm(), url_for("teams.team", team_id=row.id)
    if not form.is_submitted():
        form.on.data, form.version.data = min(member.valid_to or clock.today(), clock.today()), str(member.version)
    if form.is_submitted() and form.validate():
        done = attempt(form, lambda: actions.end_member(
            scope=current_scope(), member_id=member_id, on=form.on.data, reason=form.reason.data or "", version=whole(form.version.data), by=current_actor(),
        ))
        if done is not None:
            flash(f"“{done.name}”已办理离队，其账号在本队的权限同时结束。", "ok")
            return redirect(back, 303)
    left = assignments.member_loads([member_id])[member_id]
    note = f"还负责 {left} 家企业，请先办理交接。" if left else "离队后其账号不再能查看本队企业；历史记录保留。"
    return _ending(form, f"{member.name}离队", "办理离队", back, note)


@blueprint.route("/members/<int:member_id>/phone", methods=["GET", "POST"])
@requires(Permission.CONTACT_REVEAL)
@commits
def member_phone(member_id: int) -> Any:
    """The full number, with a reason that is recorded."""
    member, row = teams.get_member(current_scope(), member_id)
    who = Subject("team_member", member.id, f"{row.name} {member.name}")
    return phone_page(member, who, member.name, url_for("teams.team", team_id=row.id))
