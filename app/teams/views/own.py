"""A provider's own pages: its record, its resources, what it wants changed; and the officer's look at such wishes."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.enterprises.forms import AmountField, DayField
from app.identity.queries.people import organisation_of
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.teams.actions import own as actions
from app.teams.forms import ProviderForm, ResourceForm
from app.teams.models import Provider
from app.teams.models.registers import CHANGE_STATES, ORIGINS, PROVIDER_KINDS, RESOURCE_KINDS, STATE_LABELS, STEP_LABELS
from app.teams.queries import registers as queries
from app.teams.queries import scores
from app.teams.views._blueprint import blueprint
from app.teams.views.parts import attempt, words

FIELD_LABELS = {
    "name": "名称", "intro": "简介", "contact_name": "联系人", "phone": "联系电话", "capacity": "服务能力", "staff_count": "从业人员", "domains": "服务领域",
    "industries": "服务行业", "units": "服务区域", "qualification": "资质", "address": "地址", "free": "免费", "price_yuan": "价格", "price_note": "收费说明",
    "valid_to": "有效期止",
}
_LEFT_OUT = {
    "provider": ("name", "credit_code", "kind", "origin", "tier", "parent_id", "valid_from", "valid_to", "document", "on", "reason", "public"),
    "resource": ("owner", "provider_id", "valid_from", "document", "on", "reason", "public"),
}


def _mine() -> Provider:
    return queries.get_own(organisation_of(current_user.user_id))


def _nobody() -> bool:
    """The account belongs to no provider (yet)."""
    organisation = organisation_of(current_user.user_id)
    return organisation is None or queries.find_provider(organisation) is None


@blueprint.get("/own")
@requires(Permission.PROVIDER_OWN)
def own() -> str:
    """The provider's own record."""
    if _nobody():
        return render_template("teams/own_none.html")
    row = _mine()
    return render_template(
        "teams/own.html", row=row, states=STATE_LABELS["provider"], kinds=PROVIDER_KINDS, origins=ORIGINS, words=words(),
        resources=queries.resources_of(row.id),
        resource_kinds=RESOURCE_KINDS, resource_states=STATE_LABELS["resource"], changes=queries.changes_of(row.id), change_states=CHANGE_STATES,
        labels=FIELD_LABELS, steps=queries.steps_of("provider", row.id), step_labels=STEP_LABELS["provider"], scores=scores.of_subject("provider", row.id),
    )


def _short(form: Any, register: str) -> Any:
    for name in _LEFT_OUT[register]:
        del form[name]
    return form


class OwnForm(ProviderForm):
    """What a provider may want changed of its own record."""

    name = StringField("名称", [Optional()])


class OwnResourceForm(ResourceForm):
    """A resource as its provider writes it down."""

    name = StringField("资源名称", [InputRequired("请填写名称。"), Length(max=120, message="不能超过 120 字。")])
    price_yuan = AmountField("价格（万元）", [Optional()], kind="money")
    valid_to = DayField("有效期止", [Optional()])
    intro = TextAreaField("简介", [Length(max=1000, message="不能超过 1000 字。")])


@blueprint.route("/own/edit", methods=["GET", "POST"])
@requires(Permission.PROVIDER_OWN)
@commits
def own_edit() -> Any:
    """Ask for a change of the own record."""
    if _nobody():
        return redirect(url_for("teams.own"), 303)
    row, form = _mine(), _short(OwnForm(), "provider")
    form.offer(current_pack(), row.city_id)
    if not form.is_submitted():
        form.show(row)
    if form.is_submitted() and form.validate() and attempt(form, lambda: actions.change_own(provider=row, values=form.values(), by=current_actor())):
        flash("变更已提交，市局审核后生效。", "ok")
        return redirect(url_for("teams.own"), 303)
    return _own_form(form, "修改本机构资料", row, "provider")


def _own_form(form: Any, title: str, row: Any, register: str) -> Any:
    page = render_template("teams/own_form.html", form=form, title=title, row=row, register=register, back=url_for("teams.own"))
    return page, 422 if form.errors else 200


@blueprint.route("/own/resources/new", methods=["GET", "POST"])
@requires(Permission.PROVIDER_OWN)
@commits
def own_resource_new() -> Any:
    """Put a new resource forward."""
    if _nobody():
        return redirect(url_for("teams.own"), 303)
    row, form = _mine(), _short(OwnResourceForm(), "resource")
    form.offer(current_pack(), row.city_id)
    if form.is_submitted() and form.validate():
        saved = attempt(form, lambda: actions.add_resource(scope=current_scope(), provider=row, values=form.values(), by=current_actor()))
        if saved is not None:
            flash(f"“{saved.name}”已申报，市局审核入池后公开。", "ok")
            return redirect(url_for("teams.own"), 303)
    return _own_form(form, "申报服务资源", None, "resource")


@blueprint.route("/own/resources/<int:resource_id>", methods=["GET", "POST"])
@requires(Permission.PROVIDER_OWN)
@commits
def own_resource(resource_id: int) -> Any:
    """Keep one of the own resources current."""
    mine = _mine()
    row, form = queries.get_own_resource(mine, resource_id), _short(OwnResourceForm(), "resource")
    form.offer(current_pack(), row.city_id)
    if not form.is_submitted():
        form.show(row)
    if form.is_submitted() and form.validate():
        done = attempt(form, lambda: (actions.change_resource(
            scope=current_scope(), provider=mine, resource_id=resource_id, values=form.values(), by=current_actor(),
        ),))
        if done is not None:
            flash("变更已提交，市局审核后生效。" if done[0] is not None else "已保存。", "ok")
            return redirect(url_for("teams.own"), 303)
    return _own_form(form, f"修改：{row.name}", row, "resource")


@blueprint.post("/own/changes/<int:change_id>/withdraw")
@requires(Permission.PROVIDER_OWN)
@commits
def own_withdraw(change_id: int) -> Response:
    """Take a wish back."""
    actions.withdraw(provider=_mine(), change_id=change_id, by=current_actor())
    flash("已撤回，可以重新提交。", "ok")
    return redirect(url_for("teams.own"), 303)


@blueprint.get("/changes")
@requires(Permission.TEAM_EDIT)
def changes() -> str:
    """What providers want changed, with old and new side by side."""
    found, named = queries.open_changes(current_scope()), words()

    def shown(key: str, value: Any) -> str:
        if key in ("domains", "industries", "units"):
            return "、".join({"domains": named.domain_labels, "industries": named.industry_labels, "units": named.unit_labels}[key](value)) or "—"
        if isinstance(value, dict):
            return str(value.get("day") or f"{value.get('yuan')} 元")
        return "—" if value is None else "是" if value is True else "否" if value is False else str(value)

    return render_template("teams/changes.html", rows=found, labels=FIELD_LABELS, shown=shown)


@blueprint.post("/changes/<int:change_id>")
@requires(Permission.TEAM_EDIT)
@commits
def change(change_id: int) -> Response:
    """Take a wish into the register, or send it back."""
    accept = request.form.get("verdict") == "accept"
    row = actions.decide(scope=current_scope(), change_id=change_id, accept=accept, reason=request.form.get("reason", ""), by=current_actor())
    flash("已通过，登记册已更新。" if row.state == "taken" else "已退回，服务机构可以看到原因。", "ok")
    return redirect(url_for("teams.changes"), 303)
