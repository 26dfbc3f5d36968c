"""What follows a visit: correction, voiding, review down the list, further outcomes, settling of findings, measures and promises."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.web import asof
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from app.kernel.permission import Permission
from app.visits.actions import Refused, changes
from app.visits.actions.settling import settle
from app.visits.forms import CorrectForm, MoreForm
from app.visits.models import Finding, Measure, Promise, Visit
from app.visits.queries import visits as queries
from app.visits.queries.choices import choices_of
from app.visits.queries.outcomes import get_outcome
from app.visits.rules.visit import VisitDraft
from app.visits.views._blueprint import blueprint

OUTCOMES: dict[str, type[Finding] | type[Measure] | type[Promise]] = {"finding": Finding, "measure": Measure, "promise": Promise}


def may_change(visit: Visit) -> bool:
    """Whoever wrote it down, and whoever reviews."""
    return has(Permission.VISIT_LOG) and (visit.created_by == current_user.user_id or has(Permission.VISIT_REVIEW))


def _mine(visit_id: int) -> tuple[Visit, Enterprise]:
    row, enterprise = queries.get_visit(current_scope(), visit_id, current_user.user_id)
    if not may_change(row):
        raise Forbidden("visit_of_another", "这条走访由其他人登记，请由登记人或审核人更正。")
    return row, enterprise


def version_of(text: str | None) -> int:
    """The version the page showed; a page without one is told to reload."""
    if not (text and text.isascii() and text.isdigit() and len(text) < 10):
        raise Conflict("visit_changed", "页面内容不完整，操作没有执行。请刷新页面后重新办理。")
    return int(text)


@blueprint.route("/<int:visit_id>/correct", methods=["GET", "POST"])
@requires(Permission.VISIT_LOG)
@commits
def correct(visit_id: int) -> Any:
    """Correct a complete visit."""
    row, enterprise = _mine(visit_id)
    form, back = CorrectForm(), url_for("visits.show", visit_id=row.id)
    form.offer(choices_of())
    if not form.is_submitted():
        _fill(form, row)
    elif form.validate():
        try:
            done = changes.correct_visit(
                visit=row, enterprise=enterprise, correction=_correction(form), reason=form.reason.data or "", version=version_of(form.version.data),
                by=current_actor(),
            )  # fmt: skip
            flash("已更正，原来的内容保留在更正记录里。" if done else "内容没有变化，没有更正。", "ok" if done else "info")
            return redirect(back, 303)
        except Refused as error:
            _show(form, error)
        except DomainError as error:
            form.summary.errors = [*form.summary.errors, error.message_zh]
    page = render_template(
        "visits/correct.html", form=form, row=row, enterprise=enterprise, back=back, choices=choices_of(), today=clock.today(),
        needs_reason=changes.reason_needed(row, enterprise), free_hours=changes.free_hours(enterprise),
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _show(form: CorrectForm, error: Refused) -> None:
    for name, message in error.problems:
        field = form[name if name in form else "summary"]
        field.errors = [*field.errors, message]


def _fill(form: CorrectForm, row: Visit) -> None:
    for name in ("visited_on", "mode", "summary", "internal_note", "feedback", "next_contact_on", "next_contact_why"):
        form[name].data = getattr(row, name)
    form.basis.data, form.version.data = row.basis or "", str(row.version)
    form.feedback_given.data = {True: "yes", False: "no", None: ""}[row.feedback_given]
    topics = queries.topics_of(row.id)
    for kind, field in changes.TOPIC_FIELDS.items():
        form[field].data = topics.get(kind, [])


def _correction(form: CorrectForm) -> changes.Correction:
    return changes.Correction(
        form.visited_on.data, form.mode.data or "", form.summary.data or "", form.basis.data or "", form.internal_note.data or "",
        {"yes": True, "no": False}.get(form.feedback_given.data or ""), form.feedback.data or "", form.next_contact_on.data,
        form.next_contact_why.data or "", *(tuple(form[name].data or ()) for name in ("actions", "stages", "help_areas", "domains")),
    )  # fmt: skip


@blueprint.post("/<int:visit_id>/void")
@requires(Permission.VISIT_LOG)
@commits
def void(visit_id: int) -> Any:
    """Take a wrong visit out of the counts."""
    row, enterprise = _mine(visit_id)
    changes.void_visit(
        visit=row, enterprise=enterprise, reason=request.form.get("reason", ""), version=version_of(request.form.get("version")), by=current_actor(),
    )
    flash("这条走访已作废，不再计入统计。", "ok")
    return redirect(url_for("visits.show", visit_id=row.id), 303)


@blueprint.route("/<int:visit_id>/more", methods=["GET", "POST"])
@requires(Permission.VISIT_LOG)
@commits
def more(visit_id: int) -> Any:
    """Further findings, measures and promises."""
    row, enterprise = _mine(visit_id)
    form, back = MoreForm(), url_for("visits.show", visit_id=row.id)
    form.offer_rows(choices_of())
    if form.is_submitted() and form.validate():
        try:
            count = changes.add_to_visit(visit=row, enterprise=enterprise, draft=VisitDraft(enterprise.id, **form.rows()), by=current_actor())
            flash(f"已补充 {count} 条。", "ok")
            return redirect(back, 303)
        except Refused as error:
            form.show(error.problems)
    return render_template("visits/more.html", form=form, row=row, enterprise=enterprise, back=back), 422 if form.errors else 200


@blueprint.post("/<int:visit_id>/outcomes/<kind>/<int:outcome_id>")
@requires(Permission.VISIT_LOG)
@commits
def settle_outcome(visit_id: int, kind: str, outcome_id: int) -> Any:
    """A finding, measure or promise is done, or explained as not to be done."""
    if kind not in OUTCOMES:
        raise NotFound()
    row, _ = queries.get_visit(current_scope(), visit_id, current_user.user_id)
    one = get_outcome(OUTCOMES[kind], row.id, outcome_id)
    done = settle(
        row=one, state=request.form.get("state", ""), on=asof.day_argument("on", request.form), note=request.form.get("note", ""),
        version=version_of(request.form.get("version")), informed=request.form.get("informed") == "1", by=current_actor(),
    )  # fmt: skip
    flash(f"已登记“{one.text[:30]}”的办理情况。" if done else "这项已经登记过，没有重复登记。", "ok" if done else "info")
    target = request.form.get("back", "")
    return redirect(url_for("visits.promises") if target == "promises" else url_for("visits.show", visit_id=row.id), 303)
