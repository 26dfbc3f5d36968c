"""Parts of an enterprise: yearly figures, contacts, events, tags."""

from typing import Any

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from app.enterprises import actions
from app.enterprises.actions.parts import ContactDraft
from app.enterprises.forms import ContactForm, EventForm, FiguresForm, TagsForm
from app.enterprises.models import SOURCES, EnterpriseYear
from app.enterprises.queries import records
from app.enterprises.rules import figures
from app.enterprises.views._blueprint import attempt, back_to, blueprint
from app.enterprises.views.edit import _small_form
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel.errors import NotFound
from app.kernel.permission import Permission


def _asked_year() -> int:
    text = request.args.get("year", "")
    return int(text) if text.isascii() and text.isdigit() and 1990 <= int(text[:4]) <= clock.today().year and len(text) == 4 else clock.today().year - 1


@blueprint.route("/<int:enterprise_id>/figures", methods=["GET", "POST"])
@requires(Permission.FIGURES_EDIT)
@commits
def enter_figures(enterprise_id: int) -> Any:
    """What one source says about one year; starts from what it said last."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    source = request.args.get("source", "department")
    year, source = _asked_year(), source if source in SOURCES else "department"
    present = records.current_figures(row.id, year, source)
    form = FiguresForm(data=_start(year, source, present))
    doubts: list[tuple[str, str]] = []
    if form.validate_on_submit():
        try:
            saved = attempt(form, lambda: _save_figures(form, row.id), but=actions.Stale)
        except actions.Stale as stale:
            return render_template("enterprises/figures_conflict.html", e=row, form=form, rows=_differing(form, stale.theirs)), 409
        if saved is not None:
            doubts = figures.doubts(form.figure_values())
            for _field, sentence in doubts:
                flash(sentence, "warn")
            return back_to(row.id, f"已保存“{row.name}”{form.year.data} 年数据（{SOURCES[form.source.data]}），原有版本保留在历史中。", "figures")
    page = render_template("enterprises/figures.html", e=row, form=form, fields=figures.FIELDS)
    return page, 422 if form.is_submitted() else 200


def _start(year: int, source: str, present: EnterpriseYear | None) -> dict[str, Any]:
    values = {f.code: getattr(present, f.code) for f in figures.FIELDS} if present else {}
    return {
        "year": year, "source": source, "evidence": present.evidence if present else None, "reported_on": clock.today(),
        "expected": str(present.id) if present else "", **values,
    }  # fmt: skip


def _save_figures(form: FiguresForm, enterprise_id: int) -> EnterpriseYear:
    """The version the editor saw counts only for the year and source the form was opened with."""
    opened = (str(form.year.data), form.source.data) == (request.args.get("year", str(form.year.data)), request.args.get("source", form.source.data))
    expected = form.expected.data or ""
    return actions.add_figures(
        scope=current_scope(), enterprise_id=enterprise_id, year=form.year.data, source=form.source.data, values=form.figure_values(),
        evidence=form.evidence.data, reported_on=form.reported_on.data, by=current_actor(), check_expected=opened or not expected,
        expected_id=int(expected) if expected.isdigit() and len(expected) < 19 else None,
    )


def _differing(form: FiguresForm, theirs: Any) -> list[tuple[figures.Field, Any, Any]]:
    mine = form.figure_values()
    return [(f, mine[f.code], theirs.get(f.code)) for f in figures.FIELDS if mine[f.code] != theirs.get(f.code)]


@blueprint.get("/<int:enterprise_id>/figures/<int:year>")
@requires(Permission.FIGURES_VIEW)
def figure_history(enterprise_id: int, year: int) -> str:
    """Every version of every source of one year."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    versions = records.figure_versions(row.id, year) if 1900 <= year <= 2199 else []
    if not versions:
        raise NotFound(f"“{row.name}”还没有 {year} 年的数据。")
    shown = [f for f in figures.FIELDS if any(getattr(v, f.code) is not None for v in versions)]
    return render_template("enterprises/figure_history.html", e=row, year=year, versions=versions, fields=shown, sources=SOURCES)


@blueprint.route("/<int:enterprise_id>/contacts/new", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
@commits
def new_contact(enterprise_id: int) -> Any:
    """Add a contact person."""
    row, form = records.get_enterprise(current_scope(), enterprise_id), ContactForm()
    if form.validate_on_submit():
        draft = ContactDraft(form.name.data, form.title.data, form.phone.data or "", form.consent_on.data, form.is_primary.data)
        saved = attempt(form, lambda: actions.save_contact(scope=current_scope(), enterprise_id=row.id, draft=draft, by=current_actor()))
        if saved is not None:
            return back_to(row.id, f"已添加联系人“{saved.name}”。", "contacts")
    return _small_form(row, form, "添加联系人", "保存联系人", "电话号码加密保存；查看完整号码需说明用途并留下记录。")


@blueprint.route("/<int:enterprise_id>/contacts/<int:contact_id>/edit", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
@commits
def edit_contact(enterprise_id: int, contact_id: int) -> Any:
    """Change a contact person; an empty phone field keeps the stored number."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    contact = records.get_contact(row.id, contact_id)
    form = ContactForm(obj=contact)
    if form.validate_on_submit():
        draft = ContactDraft(form.name.data, form.title.data, form.phone.data or None, form.consent_on.data, form.is_primary.data)
        version = int(form.version.data) if (form.version.data or "").isdigit() and len(form.version.data) < 9 else 0
        saved = attempt(form, lambda: actions.save_contact(
            scope=current_scope(), enterprise_id=row.id, draft=draft, by=current_actor(), contact_id=contact.id, version=version
        ))
        if saved is not None:
            return back_to(row.id, f"已保存联系人“{saved.name}”。", "contacts")
    return _small_form(row, form, "修改联系人", "保存联系人", f"已登记电话：{contact.phone_masked or '无'}。电话留空表示不变。")


@blueprint.post("/<int:enterprise_id>/contacts/<int:contact_id>/remove")
@requires(Permission.ENTERPRISE_EDIT)
@commits
def remove_contact(enterprise_id: int, contact_id: int) -> Response:
    """Delete a contact person."""
    actions.remove_contact(scope=current_scope(), enterprise_id=enterprise_id, contact_id=contact_id, by=current_actor())
    return back_to(enterprise_id, "联系人已删除。", "contacts")


@blueprint.get("/<int:enterprise_id>/contacts/<int:contact_id>/phone")
@requires(Permission.CONTACT_REVEAL)
def ask_phone(enterprise_id: int, contact_id: int) -> str:
    """Ask what the full number is needed for."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    return render_template("enterprises/phone.html", e=row, contact=records.get_contact(row.id, contact_id), number=None)


@blueprint.post("/<int:enterprise_id>/contacts/<int:contact_id>/phone")
@requires(Permission.CONTACT_REVEAL)
@commits
def reveal_phone(enterprise_id: int, contact_id: int) -> str:
    """Show the full number once; who, when and why is logged."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    number = actions.reveal_phone(
        scope=current_scope(), enterprise_id=row.id, contact_id=contact_id, reason=request.form.get("reason", ""), by=current_actor()
    )
    return render_template("enterprises/phone.html", e=row, contact=records.get_contact(row.id, contact_id), number=number)


@blueprint.route("/<int:enterprise_id>/events/new", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
@commits
def new_event(enterprise_id: int) -> Any:
    """Record something that happened."""
    row, form = records.get_enterprise(current_scope(), enterprise_id), EventForm()
    if form.validate_on_submit():
        saved = attempt(form, lambda: actions.add_event(
            scope=current_scope(), enterprise_id=row.id, kind=form.kind.data, happened_on=form.happened_on.data, note=form.note.data,
            document=form.document.data, by=current_actor(),
        ))
        if saved is not None:
            return back_to(row.id, "大事记已登记。", "timeline")
    return _small_form(row, form, "登记大事记", "登记大事记", "更名和迁移请用“企业更名”“变更所在镇街”，会自动记入大事记。")


@blueprint.route("/<int:enterprise_id>/tags", methods=["GET", "POST"])
@requires(Permission.ENTERPRISE_EDIT)
@commits
def edit_tags(enterprise_id: int) -> Any:
    """The tags of one enterprise."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    present = records.tags(row.id)
    form = TagsForm(data={"tags": "，".join(present)})
    if form.validate_on_submit():
        wanted = [t for t in (form.tags.data or "").replace("，", ",").replace("；", ",").replace("、", ",").replace(";", ",").split(",") if t.strip()]
        gone = set(present) - {t.strip() for t in wanted}
        saved = attempt(form, lambda: actions.set_tags(scope=current_scope(), ids=[row.id], add=wanted, remove=gone, by=current_actor()))
        if saved is not None:
            return back_to(row.id, "标签已保存。")
    return _small_form(row, form, "维护标签", "保存标签", "标签可在企业库中筛选。")
