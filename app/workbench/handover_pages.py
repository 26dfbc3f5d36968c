"""Pages of the handover package: what a person answers for, printed or as a sheet; handing it to a successor; his acknowledgement."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, render_template, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.enterprises.exports import Caption, file_name
from app.enterprises.queries.places import places
from app.enterprises.views.listing import XLSX
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.kernel.permission import Permission
from app.kernel.scope import Scope
from app.teams.actions import acknowledge, hand_over
from app.teams.exports import handover as exports
from app.teams.forms import AcknowledgeForm, HandOverForm, blank
from app.teams.models.teams import ROLES
from app.teams.queries import assignments, teams
from app.teams.views.parts import attempt, whole
from app.workbench import handover as packages
from app.workbench._blueprint import blueprint


def _package(member_id: int) -> packages.Package:
    scope = current_scope(Permission.TEAM_VIEW)
    demands = current_scope(Permission.DEMAND_VIEW) if has(Permission.DEMAND_VIEW) else Scope()
    return packages.build(member_id, scope, demands, assignments.member_loads([member_id])[member_id])


@blueprint.route("/handover/<int:member_id>", methods=["GET", "POST"])
@requires(Permission.TEAM_VIEW)
@commits
def handover(member_id: int) -> Any:
    """The package of a member; an officer hands it over here."""
    member, team = teams.get_member(current_scope(), member_id)
    package, form, may = _package(member_id), HandOverForm(), has(Permission.ASSIGN_EDIT)
    others = [m for m in teams.members_on(team.id, clock.today()) if m.id != member.id]
    form.to_member_id.choices = blank([(m.id, f"{m.name}（{ROLES[m.role]}）") for m in others])
    if not form.is_submitted():
        form.on.data = clock.today()
    if may and form.is_submitted() and form.validate():
        done = attempt(form, lambda: hand_over(
            scope=current_scope(), firms=current_scope(Permission.ASSIGN_EDIT), member_id=member_id, to_member_id=whole(form.to_member_id.data),
            on=form.on.data, reason=form.reason.data or "", note=form.note.data or "", package={"open": package.totals}, by=current_actor(),
        ))
        if done is not None:
            flash(f"已交接 {done.firm_count:,} 家企业，等接手人确认。", "ok")
            return redirect(url_for("workbench.handover_record", handover_id=done.id), 303)
    offered = may and bool(package.firms or package.hidden or form.errors)
    page = render_template(
        "workbench/handover.html", member=member, team=team, package=package, form=form, may=offered, roles=ROLES,
        kinds=packages.KINDS, loads=assignments.member_loads([m.id for m in others]), others=others, full_name=places().full_name,
        may_export=has(Permission.ENTERPRISE_EXPORT) or member.user_id == current_user.user_id,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/handover/<int:member_id>/export")
@requires(Permission.TEAM_VIEW)
@commits
def export_handover(member_id: int) -> Response:
    """The package as a workbook, one row per enterprise."""
    member, team = teams.get_member(current_scope(), member_id)
    package, out = _package(member_id), io.BytesIO()
    caption = Caption(f"{member.name}工作交接包", team.name, clock.today(), current_user.name)
    exports.write_package(out, package.firms, packages.KINDS, caption)
    audit.record("team.package_exported", Subject("team", team.id, team.name), None, {"member": member.name, "rows": len(package.firms)}, by=current_actor())
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=file_name(caption))


@blueprint.route("/handovers/<int:handover_id>", methods=["GET", "POST"])
@requires(Permission.TEAM_VIEW)
@commits
def handover_record(handover_id: int) -> Any:
    """What was handed over; the successor says that he took it over."""
    row, before, after, team = teams.get_handover(current_scope(), handover_id)
    may = row.acknowledged_at is None and (
        current_user.user_id == after.user_id if after.user_id is not None else has(Permission.ASSIGN_EDIT) or has(Permission.ASSIGN_PROPOSE)
    )
    form = AcknowledgeForm()
    if may and form.is_submitted() and form.validate():
        done = attempt(form, lambda: acknowledge(scope=current_scope(), handover_id=handover_id, note=form.note.data or "", by=current_actor()))
        if done is not None:
            flash("已确认接手。", "ok")
            return redirect(url_for("workbench.handover_record", handover_id=handover_id), 303)
    page = render_template(
        "workbench/handover_record.html", row=row, before=before, after=after, team=team, form=form, may=may, roles=ROLES, kinds=packages.KINDS,
    )
    return page, 422 if form.errors else 200
