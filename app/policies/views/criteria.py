"""Rule versions as drafts: stand a new one beside the old, change its numbers or the whole, compare, switch it on for a day."""

from __future__ import annotations

from typing import Any

import yaml
from flask import flash, redirect, render_template, request, url_for
from wtforms.fields import SelectChoice

from app.infra import clock
from app.infra.web.access import commits, current_actor, requires
from app.infra.web.templating import url_if
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.permission import Permission
from app.packs import Pack, drafting
from app.packs.criteria_outline import outline
from app.packs.problems import Problem
from app.packs.schema.criteria import APPLICATION_LABELS
from app.packs.yaml_source import parse_source
from app.policies import actions, queries
from app.policies.forms import BodyForm, DraftForm, ReasonForm, SwitchForm
from app.policies.models import PackVersion
from app.policies.views._blueprint import blueprint, may_edit

SECTION = drafting.SECTION


def _version(city: str) -> tuple[PackVersion, Pack]:
    """The stored version an administrator changes, and its pack."""
    version = queries.latest_version(city) if may_edit(city) else None
    if version is None:
        raise NotFound("没有找到可以修改的政策包。政策包要先载入（flask packs load），且在您的管辖范围内。")
    return version, queries.pack_of_version(version.id)


def _row(pack: Pack, code: str) -> dict[str, Any]:
    return drafting.find(pack.content.plain(), code)


@blueprint.route("/<city>/criteria/<code>/draft", methods=["GET", "POST"])
@requires(Permission.PACK_EDIT)
@commits
def new_draft(city: str, code: str) -> Any:
    """A new version from this one."""
    version, pack = _version(city)
    row = _row(pack, code)
    start = {"code": f"{row['title']}_{clock.today().year + 1}", "label": row["label"], "document": row["document"], "clause": row["clause"]}
    form = DraftForm(data={**start, "starts": clock.today(), "version_id": version.id})
    form.document.choices = [SelectChoice(one.code, one.label) for one in pack.content.documents]
    if form.is_submitted() and form.validate():
        def change(plain: dict[str, Any]) -> None:
            drafting.add_draft(
                plain, code, code=form.code.data or "", label=form.label.data or "", document=form.document.data, clause=form.clause.data or "",
                starts=form.starts.data or clock.today(), note=form.note.data or None,
            )

        if _store(form, city, change, f"据 {code} 另立草稿 {form.code.data}"):
            flash(f"已另立草稿“{form.label.data}”。请修改门槛，再做影响预览。", "ok")
            return redirect(url_for("policies.draft", city=city, code=form.code.data), 303)
    page = render_template("policies/draft_new.html", pack=pack, row=row, form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/<city>/criteria/<code>/numbers", methods=["GET", "POST"])
@requires(Permission.PACK_EDIT)
@commits
def draft(city: str, code: str) -> Any:
    """A draft: its numbers, one by one."""
    version, pack = _version(city)
    row = _row(pack, code)
    form = ReasonForm(data={"version_id": version.id})
    given = {name.removeprefix("n."): text for name, text in request.form.items() if name.startswith("n.")}
    if form.is_submitted() and form.validate():
        values = {path: text.strip() for path, text in given.items()}
        if _store(form, city, lambda plain: drafting.change_numbers(plain, code, values), f"修改草稿 {code} 的门槛"):
            flash("已保存门槛。", "ok")
            return redirect(url_for("policies.draft", city=city, code=code), 303)
    criterion = next(one for one in reversed(pack.content.criteria) if one.code == code)
    page = render_template(
        "policies/draft.html", pack=pack, row=row, form=form, numbers=drafting.numbers(row), given=given, is_draft=drafting.is_draft(row),
        lines=outline(criterion, pack.content), impact=url_if("ladder.impact"),
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/<city>/criteria/<code>/text", methods=["GET", "POST"])
@requires(Permission.PACK_EDIT)
@commits
def draft_text(city: str, code: str) -> Any:
    """A draft as text, for what is more than a number."""
    version, pack = _version(city)
    row = _row(pack, code)
    body = {key: row[key] for key in drafting.BODY if key in row}
    form = BodyForm(data={"version_id": version.id, "body": yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=150)})
    if form.is_submitted() and form.validate():
        def change(plain: dict[str, Any]) -> None:
            drafting.change_body(plain, code, _parsed(form.body.data or ""))

        if _store(form, city, change, f"修改草稿 {code} 的条件"):
            flash("已保存条件。", "ok")
            return redirect(url_for("policies.draft", city=city, code=code), 303)
    page = render_template("policies/draft_text.html", pack=pack, row=row, form=form, is_draft=drafting.is_draft(row))
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/<city>/criteria/<code>/switch", methods=["GET", "POST"])
@requires(Permission.PACK_EDIT)
@commits
def switch_criterion(city: str, code: str) -> Any:
    """From a day on this version decides."""
    version, pack = _version(city)
    row = _row(pack, code)
    form = SwitchForm(data={"version_id": version.id, "applications": ["new"]})
    form.applications.choices = [SelectChoice(*one) for one in APPLICATION_LABELS.items()]
    if form.is_submitted() and form.validate():
        on, chosen = form.on.data, tuple(form.applications.data or ())
        if on is None or on < clock.today():
            form.put_error("on", "启用日不能早于今天，已经受理的申报按原版本办理。请改为今天或以后的日期。")
        elif _store(form, city, lambda plain: drafting.switch_on(plain, code, applications=chosen, on=on), f"自 {on} 起启用 {code}"):
            kinds = "、".join(APPLICATION_LABELS[one] for one in chosen)
            flash(f"“{row['label']}”自 {on} 起用于{kinds}，原版本到前一天为止。", "ok")
            return redirect(url_for("policies.entry", city=city, section=SECTION, code=code), 303)
    page = render_template("policies/draft_switch.html", pack=pack, row=row, form=form, impact=url_if("ladder.impact"))
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/<city>/criteria/<code>/drop")
@requires(Permission.PACK_EDIT)
@commits
def drop_draft(city: str, code: str) -> Any:
    """Take a draft out."""
    _version(city)
    version_id = request.form.get("version_id", type=int)
    if version_id is None:
        raise Invalid("version_missing", "请刷新页面后重新操作。")
    actions.change_criteria(
        city=city, change=lambda plain: drafting.drop_draft(plain, code), reason=request.form.get("reason", "") or "不再需要", version_id=version_id,
        what=f"删除草稿 {code}", by=current_actor(),
    )
    flash(f"已删除草稿 {code}。", "ok")
    return redirect(url_for("policies.section", city=city, section=SECTION), 303)


def _parsed(text: str) -> dict[str, Any]:
    source = parse_source("条件", text)
    if isinstance(source, Problem):
        raise Invalid(source.code, f"第 {source.line or 1} 行：{source.message_zh}", "body")
    found = source.data
    if not isinstance(found, dict):
        raise Invalid("body_shape", "条件要写成 rule: … 的形式，请对照原文修改。", "body")
    return found


def _store(form: Any, city: str, change: Any, what: str) -> bool:
    """Run the change; a refusal goes onto its field."""
    try:
        actions.change_criteria(
            city=city, change=change, reason=form.reason.data or "", version_id=form.version_id.data or 0, what=what, by=current_actor(),
        )
    except DomainError as error:
        form.put_error(error.field, error.message_zh)
        return False
    return True
