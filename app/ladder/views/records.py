"""Recognitions of one enterprise: list, record, correct, revoke, void."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.enterprises.models import Enterprise
from app.enterprises.queries import get_enterprise
from app.infra import clock
from app.infra.web import asof
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.kernel.errors import DomainError
from app.kernel.permission import Permission
from app.ladder import actions, queries
from app.ladder.forms import CorrectForm, NewForm, RevokeForm, VoidForm, show_problems
from app.ladder.models import Recognition
from app.ladder.queries import events
from app.ladder.rules import steps
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import title_zh
from app.ladder.views.board import chosen_ladder


@blueprint.get("/enterprises/<int:enterprise_id>")
@requires(Permission.ENTERPRISE_VIEW)
def of_enterprise(enterprise_id: int) -> str:
    """Every recognition of one enterprise, with its state today (or as of a day, as known on another) and the chosen ladder it stands on."""
    enterprise, when = get_enterprise(current_scope(), enterprise_id), asof.as_of()
    pack, day = queries.pack_known(when.known_on), when.day or clock.today()
    grants = queries.recognitions_of(current_scope(), [enterprise_id], when.known_on)[enterprise_id]
    rows = [(row, queries.grant_of(row).state(day)) for row in grants]
    waiting = events.history(events.without_recognition(events.events_of(current_scope(), enterprise_id), grants), ())
    held, ladder = queries.held_titles([enterprise_id], day, when.known_on)[enterprise_id], chosen_ladder(pack)
    stepper = list(zip(ladder.rungs, steps([rung.titles for rung in ladder.rungs], held), strict=True))
    return render_template(
        "ladder/enterprise.html", enterprise=enterprise, pack=pack, rows=rows, held=held, ladder=ladder, stepper=stepper,
        may_edit=has(Permission.RECOGNITION_EDIT) and not when.chosen, name_of=title_zh, waiting=waiting, when=when, day=day,
    )


@blueprint.get("/recognitions/<int:recognition_id>")
@requires(Permission.ENTERPRISE_VIEW)
def recognition(recognition_id: int) -> str:
    """One recognition with what happened around it and all its versions."""
    row, enterprise = queries.get_recognition(current_scope(), recognition_id)
    grants = [g for g in queries.recognitions_of(current_scope(), [enterprise.id])[enterprise.id] if (g.title_code, g.level) == (row.title_code, row.level)]
    told = [s for s in events.history(events.events_of(current_scope(), enterprise.id, title_code=row.title_code), grants) if s.level == row.level]
    return render_template(
        "ladder/recognition.html", row=row, enterprise=enterprise, pack=queries.current_pack(), state=queries.grant_of(row).state(clock.today()),
        versions=queries.versions_of(current_scope(), row), name_of=title_zh, may_edit=has(Permission.RECOGNITION_EDIT), steps=told,
    )


@blueprint.route("/enterprises/<int:enterprise_id>/new", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def add(enterprise_id: int) -> Any:
    """Record a recognition."""
    enterprise, pack = get_enterprise(current_scope(), enterprise_id), queries.current_pack()
    form = NewForm()
    form.offer(pack)
    back = _back(enterprise_id)
    if not form.is_submitted() and request.args.get("title"):
        form.title_code.data = request.args["title"][:40]
    if form.is_submitted() and _done(form, lambda: actions.grant(enterprise=enterprise, draft=form.draft(pack), by=current_actor(), source="页面登记")):
        flash(f"已登记“{enterprise.name}”的“{pack.title_label(form.title_code.data)}”。", "ok")
        return redirect(back, 303)
    return render_template("ladder/edit.html", form=form, enterprise=enterprise, heading="登记称号认定", verb="登记认定", back=back), _status(form)


def _back(enterprise_id: int) -> str:
    """Whoever came from the board goes back to it."""
    if request.values.get("then") == "board":
        return url_for("ladder.board", ladder=request.values.get("ladder", "")[:40] or None)
    return url_for("ladder.of_enterprise", enterprise_id=enterprise_id)


@blueprint.route("/recognitions/<int:recognition_id>/correct", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def correct(recognition_id: int) -> Any:
    """Correct what was recorded; the former version stays readable."""
    row, enterprise = queries.get_recognition(current_scope(), recognition_id)
    pack, back = queries.current_pack(), url_for("ladder.of_enterprise", enterprise_id=enterprise.id)
    form = CorrectForm(obj=row)
    form.offer(pack, keep=row.title_code)
    if not form.is_submitted():
        form.batch_year.data = row.batch_year or None
    if form.is_submitted() and _done(form, lambda: actions.correct(recognition=row, enterprise=enterprise, draft=form.draft(pack), by=current_actor())):
        flash(f"已更正“{enterprise.name}”的认定记录，原记录保留在历史版本中。", "ok")
        return redirect(back, 303)
    return render_template("ladder/edit.html", form=form, enterprise=enterprise, heading="更正称号认定", verb="保存更正", back=back), _status(form)


@blueprint.route("/recognitions/<int:recognition_id>/revoke", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def revoke(recognition_id: int) -> Any:
    """The title was taken back from a day on."""
    row, enterprise = queries.get_recognition(current_scope(), recognition_id)
    form = RevokeForm()
    return _ended(
        form, row, enterprise, "登记撤销",
        lambda: actions.revoke(
            recognition=row, enterprise=enterprise, on=form.revoked_on.data, reason=form.revoked_reason.data or "", by=current_actor(),
        ),
        "撤销后自撤销日起不再计入存量，新增和累计不变。",
    )


@blueprint.route("/recognitions/<int:recognition_id>/void", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def void(recognition_id: int) -> Any:
    """The record was wrong from the beginning."""
    row, enterprise = queries.get_recognition(current_scope(), recognition_id)
    form = VoidForm()
    return _ended(
        form, row, enterprise, "作废记录",
        lambda: actions.void(recognition=row, enterprise=enterprise, reason=form.reason.data or "", by=current_actor()),
        "作废用于登记有误的记录：存量、新增、累计都不再计入。称号被收回请用“登记撤销”。",
    )


def _ended(form: Any, row: Recognition, enterprise: Enterprise, verb: str, act: Callable[[], Any], note: str) -> Any:
    label, back = queries.current_pack().title_label(row.title_code), url_for("ladder.of_enterprise", enterprise_id=enterprise.id)
    if form.is_submitted() and _done(form, act):
        flash(f"已对“{enterprise.name}”的“{label}”{verb}。", "ok")
        return redirect(back, 303)
    page = render_template("ladder/end.html", form=form, row=row, enterprise=enterprise, label=label, verb=verb, note=note, back=back)
    return page, _status(form)


def _done(form: Any, act: Callable[[], Any]) -> bool:
    """Validate and act; a refusal is put on its fields and nothing is changed."""
    if not form.validate():
        return False
    try:
        act()
    except actions.Refused as error:
        show_problems(form, error.problems)
        return False
    except DomainError as error:
        show_problems(form, [(error.field or "", error.message_zh)])
        return False
    return True


def _status(form: Any) -> int:
    return 422 if form.errors else 200
