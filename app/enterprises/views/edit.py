"""Changes of the record itself: new, edit (with a conflict shown in words), rename, move."""

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.enterprises import actions
from app.enterprises.actions.records import NewEnterprise
from app.enterprises.forms import EditForm, MoveForm, NewForm, RenameForm
from app.enterprises.models import CONTROL_TYPES, STATUSES, Enterprise
from app.enterprises.queries import records
from app.enterprises.queries.duplicates import Hint, find_twins
from app.enterprises.rules import industry
from app.enterprises.rules.duplicates import Identity
from app.enterprises.views._blueprint import attempt, back_to, blueprint, town_choices
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel import credit_code
from app.kernel.permission import Permission

LIKELY = 30
"""From this many points on a possible duplicate is shown before a new record is made."""


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
@commits
def new() -> Any:
    """A new enterprise; likely duplicates are shown once before it is made."""
    form = NewForm()
    form.town_id.choices = town_choices()
    hints: list[Hint] = []
    if form.validate_on_submit():
        hints = [] if form.confirmed.data == "1" else _likely(form)
        row = None if hints else attempt(form, lambda: _create(form))
        if row is not None:
            flash(f"已新增企业“{row.name}”。", "ok")
            return redirect(url_for("enterprises.show", enterprise_id=row.id), 303)
        form.confirmed.raw_data, form.confirmed.data = None, "1" if hints else ""
    return render_template("enterprises/new.html", form=form, hints=hints), 422 if form.is_submitted() else 200


def _create(form: NewForm) -> Enterprise:
    facts = NewEnterprise(form.credit_code.data or "", form.name.data or "", int(form.town_id.data), form.since.data)
    return actions.create_enterprise(scope=current_scope(), new=facts, values=form.record_values(), by=current_actor())


def _likely(form: NewForm) -> list[Hint]:
    code = credit_code.normalize(form.credit_code.data or "")
    identity = Identity(code, form.name.data or "", town_id=int(form.town_id.data), legal_person=form.legal_person.data or None)
    return [h for h in find_twins(current_scope(), identity) if h.score >= LIKELY and h.credit_code != code]


@blueprint.route("/<int:enterprise_id>/edit", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
@commits
def edit(enterprise_id: int) -> Any:
    """The record's own fields."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    form = EditForm(obj=row)
    if not form.is_submitted():
        form.base.data = json.dumps({k: _plain(getattr(row, k)) for k in actions.EDITABLE}, ensure_ascii=False)
    elif form.validate():
        try:
            saved = attempt_edit(form, row.id)
        except actions.Stale as stale:
            return render_template("enterprises/conflict.html", e=row, form=form, rows=_differences(form, stale.theirs)), 409
        if saved:
            return back_to(row.id, f"已保存“{row.name}”。")
    return render_template("enterprises/edit.html", e=row, form=form), 422 if form.is_submitted() else 200


def attempt_edit(form: EditForm, enterprise_id: int) -> Any:
    """Save, with refusals put onto the form; a stale version goes up to the view."""
    return attempt(
        form,
        lambda: actions.update_enterprise(
            scope=current_scope(), enterprise_id=enterprise_id, values=form.record_values(), version=_version(form), by=current_actor()
        ),
        but=actions.Stale,
    )


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _differences(form: EditForm, theirs: Any) -> list[dict[str, Any]]:
    """Every field of the form with what the editor started from, wants, and what stands there now.

    ``state``: same; mine (only the editor changed it), theirs (only the other did), both (has to be chosen).
    """
    try:
        base = {str(k): str(v) for k, v in json.loads(form.base.data or "{}").items()}
    except (ValueError, AttributeError):
        base = {}
    rows = []
    for name, wanted in form.record_values().items():
        mine, now = _plain(wanted), _plain(theirs.get(name))
        start = base.get(name, now)
        state = "same" if mine == now else "theirs" if mine == start else "mine" if now == start else "both"
        rows.append({
            "name": name, "label": form[name].label.text, "state": state, "mine": mine, "theirs": now,
            "mine_zh": _words(name, mine), "theirs_zh": _words(name, now),
        })
    return rows


def _words(name: str, value: str) -> str:
    """A stored value as people read it."""
    labels = {"status": STATUSES, "control_type": CONTROL_TYPES}
    if name in labels:
        return labels[name].get(value, value)
    return industry.label(value) or value if name == "industry_code" else value


@blueprint.route("/<int:enterprise_id>/rename", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
@commits
def rename(enterprise_id: int) -> Any:
    """A new registered name from a day on."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    form = RenameForm(data={"version": row.version})
    if form.validate_on_submit():
        saved = attempt(form, lambda: actions.rename(
            scope=current_scope(), enterprise_id=row.id, name=form.name.data, since=form.since.data, version=_version(form), by=current_actor()
        ))
        if saved is not None:
            return back_to(row.id, f"已更名为“{row.name}”，原名称作为曾用名保留，仍可搜索。")
    return _small_form(row, form, "企业更名", "保存更名", f"现用名称：{row.name}。原名称会作为曾用名保留。")


@blueprint.route("/<int:enterprise_id>/move", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
@commits
def move(enterprise_id: int) -> Any:
    """Another statistical town from a day on."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    form = MoveForm(data={"version": row.version})
    form.town_id.choices = town_choices()
    if form.validate_on_submit():
        saved = attempt(form, lambda: actions.set_town(
            scope=current_scope(), enterprise_id=row.id, town_id=int(form.town_id.data), since=form.since.data, version=_version(form),
            by=current_actor(),
        ))
        if saved is not None:
            return back_to(row.id, f"已变更“{row.name}”的所在镇街，自 {form.since.data:%Y-%m-%d} 起计入新镇街。")
    return _small_form(row, form, "变更所在镇街", "保存变更", "变更只影响所填日期及以后，已结束年度的归属不变。跨县区迁移请联系市局办理。")


def _version(form: Any) -> int:
    text = str(form.version.data or "")
    return int(text) if text.isdigit() and len(text) < 9 else 0


def _small_form(row: Enterprise, form: Any, title: str, verb: str, note: str) -> Any:
    page = render_template("enterprises/form.html", e=row, form=form, title=title, verb=verb, note=note, action=request.path)
    return page, 422 if form.is_submitted() else 200
