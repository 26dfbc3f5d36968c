"""The team leader goes down the list of visits: pass it or give it back, then the next one."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel.errors import Invalid
from app.kernel.permission import Permission
from app.visits.actions import changes
from app.visits.queries import visits as queries
from app.visits.views._blueprint import blueprint
from app.visits.views.changing import version_of
from app.visits.views.listing import parse
from app.visits.views.show import shown


@blueprint.get("/<int:visit_id>/review")
@requires(Permission.VISIT_REVIEW)
def review(visit_id: int) -> str:
    """One visit of the list to be reviewed, with its neighbours in that list."""
    row, enterprise = queries.get_visit(current_scope(), visit_id, current_user.user_id)
    before, after = queries.neighbours(current_scope(), parse(request.args), row)
    return render_template("visits/review.html", previous=before, following=after, **shown(row, enterprise))


@blueprint.post("/<int:visit_id>/review")
@requires(Permission.VISIT_REVIEW)
@commits
def review_done(visit_id: int) -> Any:
    """Pass it or give it back, then go on with the next one."""
    row, enterprise = queries.get_visit(current_scope(), visit_id, current_user.user_id)
    verdict = request.form.get("verdict", "")
    if verdict not in ("passed", "returned"):
        raise Invalid("verdict", "请选择“通过”或“退回补充”。")
    after = queries.neighbours(current_scope(), queries.VisitFilters(review="open"), row)[1]
    done = changes.review_visit(
        visit=row, enterprise=enterprise, passed=verdict == "passed", note=request.form.get("note", ""), version=version_of(request.form.get("version")),
        by=current_actor(),
    )  # fmt: skip
    flash(f"“{enterprise.name}”的走访：{'已通过' if verdict == 'passed' else '已退回补充'}。" if done else "审核意见没有变化。", "ok" if done else "info")
    if after is not None:
        return redirect(url_for("visits.review", visit_id=after, review="open"), 303)
    return redirect(url_for("visits.index", review="open"), 303)
