"""Changing a pack in the pages: one entry, or back to the files."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.infra.web.access import commits, current_actor, requires
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.permission import Permission
from app.packs.schema import Entry
from app.policies import actions, queries
from app.policies.forms import EntryForm, form_for
from app.policies.models import PackVersion
from app.policies.views import show
from app.policies.views._blueprint import blueprint, get_pack, may_edit


@blueprint.route("/<city>/<section>/<code>/edit", methods=["GET", "POST"])
@requires(Permission.PACK_EDIT)
@commits
def edit(city: str, section: str, code: str) -> Any:
    """Change the common fields of one edition (``?from=`` its first day) and, for settings, the value."""
    entry, version = _target(city, section, code)
    form = form_for(entry, version.id)
    if form.is_submitted() and form.validate() and _save(form, city, section, entry):
        flash(f"已修改“{entry.label}”，政策包更新为第 {_number(city)} 版。", "ok")
        return redirect(url_for("policies.entry", city=city, section=section, code=code), 303)
    found = show.SECTION_BY_KEY[section]
    page = render_template("policies/edit.html", pack=get_pack(city), section=found, entry=entry, form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/<city>/restore")
@requires(Permission.PACK_EDIT)
@commits
def restore(city: str) -> Any:
    """Drop the local edits."""
    if not may_edit(city):
        raise NotFound("没有找到这个城市的政策包，或不在您的管辖范围内。")
    version_id = request.form.get("version_id", type=int)
    if version_id is None:
        raise Invalid("version_missing", "请刷新页面后重新操作。")
    version = actions.restore_files(city=city, version_id=version_id, reason=request.form.get("reason", ""), by=current_actor())
    flash(f"已恢复为文件内容，政策包为第 {version.number} 版。", "ok")
    return redirect(url_for("policies.versions", city=city), 303)


def _target(city: str, section: str, code: str) -> tuple[Entry, PackVersion]:
    """The edition to change and the version it stands in."""
    version = queries.latest_version(city) if may_edit(city) else None
    if version is None or section not in show.SECTION_BY_KEY:
        raise NotFound("没有找到可以修改的政策包条目。政策包要先载入（flask packs load），且在您的管辖范围内。")
    pack = queries.pack_of_version(version.id)
    start = _day(request.args.get("from"))
    for entry in reversed(getattr(pack.content, section)):
        if entry.code == code and start in (None, entry.effective_from):
            return entry, version
    raise NotFound(f"政策包里没有条目 {code[:60]}，可能已改名。请从列表进入。")


def _save(form: EntryForm, city: str, section: str, entry: Entry) -> bool:
    try:
        actions.edit_entry(
            city=city, section=section, code=entry.code, effective_from=entry.effective_from, values=form.values(),
            reason=form.reason.data or "", version_id=form.version_id.data or 0, by=current_actor(),
        )
    except DomainError as error:
        form.put_error(error.field, error.message_zh)
        return False
    return True


def _number(city: str) -> int:
    version = queries.latest_version(city)
    return 0 if version is None else version.number


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
