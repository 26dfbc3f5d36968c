"""Logging a visit on a page that needs no script: pick the enterprise, fill in what there is, store a draft or the visit."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.enterprises.models import Enterprise
from app.enterprises.queries import get_enterprise, quick_search
from app.infra import clock
from app.infra.images import Photo, read_photo
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel.errors import Conflict, DomainError
from app.kernel.permission import Permission
from app.visits.actions import Refused, log_visit
from app.visits.actions.visits import KeyUsed, drop_draft
from app.visits.forms import VisitForm, fill
from app.visits.models import Visit
from app.visits.queries import visits as queries
from app.visits.queries.choices import choices_of
from app.visits.rules.reading import Unreadable, read_draft
from app.visits.rules.visit import DRAFT
from app.visits.views._blueprint import blueprint


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.VISIT_LOG)
@commits
def new() -> Any:
    """Without an enterprise: pick one. With one: the form."""
    text = request.args.get("enterprise", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return _pick()
    enterprise = get_enterprise(current_scope(), int(text))
    form = _form(enterprise)
    if form.is_submitted() and (done := _store(form, enterprise, None)) is not None:
        return done
    return _page(form, enterprise, None)


def _pick() -> str:
    text = request.args.get("q", "").strip()[:60]
    hits = quick_search(current_scope(), text, 20) if text else []
    return render_template("visits/pick.html", text=text, hits=hits, mine=[] if text else queries.firms_to_visit(current_scope()))


@blueprint.route("/drafts/<int:visit_id>", methods=["GET", "POST"])
@requires(Permission.VISIT_LOG)
@commits
def draft(visit_id: int) -> Any:
    """Go on with one's own draft."""
    row, enterprise = queries.get_visit(current_scope(), visit_id, current_user.user_id)
    if row.state != DRAFT:
        return redirect(url_for("visits.show", visit_id=row.id), 303)
    form = _form(enterprise, row)
    if form.is_submitted() and (done := _store(form, enterprise, row)) is not None:
        return done
    return _page(form, enterprise, row)


@blueprint.post("/drafts/<int:visit_id>/delete")
@requires(Permission.VISIT_LOG)
@commits
def delete_draft(visit_id: int) -> Any:
    """Throw one's own draft away."""
    row, enterprise = queries.get_visit(current_scope(), visit_id, current_user.user_id)
    drop_draft(visit=row, enterprise=enterprise, by=current_actor())
    flash(f"已删除“{enterprise.name}”的草稿。", "ok")
    return redirect(url_for("visits.drafts"), 303)


def _form(enterprise: Enterprise, row: Visit | None = None) -> VisitForm:
    form = VisitForm()
    if not form.is_submitted():
        form.visited_on.data = clock.today()
        form.appointment_id.data = request.args.get("appointment", "")
        form.project_id.data = request.args.get("project", "")
        if row is not None:
            try:
                fill(form, read_draft(row.draft or {}))
            except Unreadable:
                flash("这份草稿是旧格式，部分内容没有恢复，请核对后补充。", "warn")
            form.version.data = str(row.version)
    form.offer(choices_of())
    return form


def _store(form: VisitForm, enterprise: Enterprise, row: Visit | None) -> Any:
    """The answer after storing; None: the page comes back with what is wrong."""
    complete = request.form.get("what") != "draft"
    form.validate()
    form.photos.data = []
    try:
        if row is not None and form.version.data != str(row.version):
            raise Conflict("visit_changed", "这份草稿已在另一个页面改过。请先复制您刚填写的内容，再打开草稿核对。")
        if not form.errors:
            said = form.draft(enterprise.id, complete=complete)
            logged = log_visit(scope=current_scope(), draft=said, by=current_actor(), photos=uploaded_photos(), visit=row)
            return _done(logged.visit, logged.repeated, enterprise)
    except KeyUsed as error:
        flash(error.message_zh, "warn")
        return redirect(url_for("visits.show", visit_id=error.visit_id), 303)
    except Refused as error:
        form.show(error.problems)
    except DomainError as error:
        form.show([(error.field or "summary", error.message_zh)])
    return None


def uploaded_photos() -> list[Photo]:
    """Photos of this request, each looked at before anything is stored."""
    return [read_photo(given.stream, given.filename or "") for given in request.files.getlist("photos") if given.filename]  # type: ignore[arg-type]


def _done(visit: Visit, repeated: bool, enterprise: Enterprise) -> Any:
    if visit.state == DRAFT:
        flash(f"“{enterprise.name}”的走访草稿已保存，可在“我的草稿”里继续填写。", "ok")
        return redirect(url_for("visits.draft", visit_id=visit.id), 303)
    if repeated:
        flash(f"这条走访已经登记过（编号 {visit.id}），没有重复登记。", "info")
    else:
        flash(f"已登记“{enterprise.name}”的走访，编号 {visit.id}。", "ok")
    return redirect(url_for("visits.show", visit_id=visit.id), 303)


def _page(form: VisitForm, enterprise: Enterprise, row: Visit | None) -> Any:
    page = render_template(
        "visits/form.html", form=form, enterprise=enterprise, row=row, choices=choices_of(), photos=queries.photos_of(row.id) if row else [],
        today=clock.today(), had_photos=bool(form.errors and any(f.filename for f in request.files.getlist("photos"))),
    )
    return page, 422 if form.errors else 200
