"""Steps of recognitions entered on a page: 推荐, 公示, 公示异议, 复核, 称号变更; and their withdrawal."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.enterprises.models import Enterprise
from app.enterprises.queries import TimelineItem, get_enterprise
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel.errors import DomainError, NotFound
from app.kernel.permission import Permission
from app.kernel.scope import ALL
from app.ladder import queries
from app.ladder.actions import Refused
from app.ladder.actions.events import record_step, review, withdraw_step
from app.ladder.forms import show_problems
from app.ladder.models import Recognition
from app.ladder.models.batches import EVENT_KINDS
from app.ladder.queries import events
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import title_zh
from app.ladder.views.batch_forms import StepForm, WithdrawForm


def _recognition(enterprise: Enterprise) -> Recognition | None:
    """The recognition the step is about, from the address; another firm's is none."""
    text = request.args.get("recognition", "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    row, owner = queries.get_recognition(current_scope(), int(text))
    if owner.id != enterprise.id:
        raise NotFound("这条认定不属于这家企业，请从企业档案重新进入。")
    return row


@blueprint.route("/enterprises/<int:enterprise_id>/steps/new", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def new_step(enterprise_id: int) -> Any:
    """Record a step, of one recognition (``?recognition=``) or of a title that is not granted yet."""
    enterprise, pack = get_enterprise(current_scope(), enterprise_id), queries.current_pack()
    row = _recognition(enterprise)
    kind = request.args.get("kind", "")
    form = StepForm(**({"kind": kind} if kind in EVENT_KINDS else {}))
    form.offer(pack)
    back = url_for("ladder.recognition", recognition_id=row.id) if row else url_for("ladder.of_enterprise", enterprise_id=enterprise_id)
    if form.is_submitted() and (done := _recorded(form, enterprise, row)) is not None:
        flash(f"已登记“{enterprise.name}”的“{EVENT_KINDS[form.kind.data]}”。", "ok")
        return redirect(url_for("ladder.recognition", recognition_id=done) if done else back, 303)
    page = render_template(
        "ladder/step.html", form=form, enterprise=enterprise, row=row, name=title_zh(pack, row) if row else "", back=back,
    )
    return page, 422 if form.errors else 200


def _recorded(form: StepForm, enterprise: Enterprise, row: Recognition | None) -> int | None:
    """Id of the recognition to show then (0: none); None when something is missing."""
    if not form.validate():
        return None
    pack, by, draft = queries.current_pack(), current_actor(), form.draft()
    try:
        if draft.kind in ("reviewed", "changed") and row is None:
            raise Refused([("kind", "复核和变更针对已有的认定，请从那条认定的页面登记。")])
        if draft.kind == "reviewed" and row is not None:
            _, now = review(recognition=row, enterprise=enterprise, draft=draft, begin=form.valid_from.data, end=form.valid_to.data, by=by)
            return now.id
        identity = (row.title_code, row.level, row.batch_year) if row is not None else form.identity(pack)
        record_step(enterprise=enterprise, identity=identity, draft=draft, by=by)
        return row.id if row is not None else 0
    except Refused as error:
        show_problems(form, error.problems)
    except DomainError as error:
        show_problems(form, [(error.field or "", error.message_zh)])
    return None


@blueprint.route("/steps/<int:event_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def withdraw(event_id: int) -> Any:
    """Take a wrongly recorded step out of the history."""
    event, enterprise = events.get_event(current_scope(), event_id)
    form, back = WithdrawForm(), url_for("ladder.of_enterprise", enterprise_id=enterprise.id)
    if form.validate_on_submit():
        withdraw_step(event=event, enterprise=enterprise, reason=form.reason.data or "", by=current_actor())
        flash(f"已撤下“{enterprise.name}”的“{EVENT_KINDS[event.kind]}”（{event.happened_on:%Y-%m-%d}）。", "ok")
        return redirect(back, 303)
    page = render_template(
        "ladder/end.html", form=form, row=event, enterprise=enterprise, label=EVENT_KINDS[event.kind], verb="撤下经过", back=back,
        note="撤下的经过不再显示，按以往日期查看时仍可见。复核带来的有效期变动请在认定记录上更正。",
    )
    return page, 422 if form.errors else 200


def timeline(enterprise_id: int, day: date, known_on: date | None) -> Iterator[TimelineItem]:
    """Recorded steps up to the day. The caller has checked that the viewer may see the enterprise."""
    pack = queries.current_pack()
    for step in events.history(events.events_of(ALL, enterprise_id, known_on), ()):
        if step.on <= day and step.kind not in ("announced", "revoked"):
            yield TimelineItem(step.on, f"{step.label}：{pack.title_label(step.title_code)}", step.told, step.tone, step.document or "")
