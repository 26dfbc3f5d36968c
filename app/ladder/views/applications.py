"""One application: evidence, steps, result, backward calendar."""

from typing import Any, BinaryIO, cast

from flask import flash, redirect, render_template, request, send_file, url_for

from app.enterprises.models import Enterprise
from app.enterprises.queries import places as place_names
from app.infra import clock, files
from app.infra.web.access import commits, current_actor, current_scope, has_everywhere, requires
from app.infra.web.asof import day_argument
from app.kernel.errors import Conflict, Invalid
from app.kernel.permission import Permission
from app.ladder import actions
from app.ladder.actions import applications as acting
from app.ladder.criteria import DISCLAIMER
from app.ladder.forms import GrantForm, show_problems
from app.ladder.models import Application, ApplicationWindow
from app.ladder.queries import applications as queries
from app.ladder.queries.application_plans import materials_of, prospect_of
from app.ladder.rules import Draft
from app.ladder.rules.applications import FINAL, ITEM_STATES, STATES, STEPS, TONES, steps_from
from app.ladder.rules.calendar import STATES as PLAN_STATES
from app.ladder.rules.calendar import TONES as PLAN_TONES
from app.ladder.views._blueprint import blueprint
from app.ladder.views.windows import window_zh
from app.packs.schema import STEPS as OFFICE_STEPS
from app.policies.queries import pack_of_city

MAX_BYTES = 20 * 1024 * 1024
ACCEPT = (".pdf", ".jpg", ".jpeg", ".png", ".doc", ".docx", ".xls", ".xlsx", ".ofd", ".zip")


@blueprint.get("/applications/<int:application_id>")
@requires(Permission.APPLICATION_VIEW)
def application(application_id: int) -> str:
    """Evidence, what is still to come and when it must begin, history, and what may be done next."""
    return render_template("ladder/application.html", **_shown(*queries.get_application(current_scope(), application_id)))


@blueprint.get("/applications/<int:application_id>/calendar")
@requires(Permission.APPLICATION_VIEW)
def application_calendar(application_id: int) -> str:
    """The backward calendar on A4."""
    return render_template("ladder/application_calendar.html", **_shown(*queries.get_application(current_scope(), application_id)))


def _shown(row: Application, window: ApplicationWindow, enterprise: Enterprise) -> dict[str, Any]:
    today, items = clock.today(), queries.items_of(row.id)
    prospect = prospect_of(row, window, [item for item, _ in items], today)
    edit, recommend = has_everywhere(Permission.APPLICATION_EDIT), has_everywhere(Permission.APPLICATION_RECOMMEND)
    return {
        "row": row, "window": window, "enterprise": enterprise, "items": items, "prospect": prospect, "today": today, "pack": prospect.pack,
        "heading": window_zh(window, prospect.pack), "events": queries.events_of(row.id), "states": STATES, "tones": TONES, "item_states": ITEM_STATES,
        "materials": materials_of(prospect.pack, today), "plan_states": PLAN_STATES, "plan_tones": PLAN_TONES, "disclaimer": DISCLAIMER,
        "steps": [step for step in steps_from(row.state) if edit and (step.level == "edit" or recommend)], "closed": row.state in FINAL,
        "may_edit": edit, "office_steps": OFFICE_STEPS, "place": place_names.places().full_name(enterprise.town_id), "accept": ",".join(ACCEPT),
    }


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Conflict("application_changed", "页面内容不完整，操作没有执行。请刷新页面后重新办理。")
    return int(text)


@blueprint.post("/applications/<int:application_id>/step")
@requires(Permission.APPLICATION_EDIT)
@commits
def application_step(application_id: int) -> Any:
    """A step of the enterprise's or the county's officer."""
    return _step(application_id, "edit")


@blueprint.post("/applications/<int:application_id>/decision")
@requires(Permission.APPLICATION_RECOMMEND)
@commits
def application_decision(application_id: int) -> Any:
    """A step of the city bureau."""
    return _step(application_id, "recommend")


def _step(application_id: int, level: str) -> Any:
    row, _, enterprise = queries.get_application(current_scope(), application_id)
    step = STEPS.get(request.form.get("step", ""))
    if step is None or step.level != level or step.code == "grant":
        raise Invalid("step", "没有这个办理步骤，请从页面上的按钮操作。")
    done = acting.take_step(
        application=row, enterprise=enterprise, step=step.code, version=_version(), reason=request.form.get("reason"), by=current_actor(),
        on_day=day_argument("on_day"),
    )
    said = f"“{enterprise.name}”：{step.label}，已登记。" if done else f"“{enterprise.name}”已经是“{STATES[row.state]}”，没有重复登记。"
    flash(said, "ok" if done else "info")
    return redirect(url_for("ladder.application", application_id=row.id), 303)


@blueprint.route("/applications/<int:application_id>/grant", methods=["GET", "POST"])
@requires(Permission.APPLICATION_RECOMMEND)
@commits
def application_grant(application_id: int) -> Any:
    """The title was granted: record the recognition with it."""
    row, window, enterprise = queries.get_application(current_scope(), application_id)
    form, pack, back = GrantForm(), pack_of_city(window.city_id), url_for("ladder.application", application_id=row.id)
    if not form.is_submitted():
        form.version.data = row.version
    if form.is_submitted() and form.validate():
        draft = Draft(
            window.title_code, window.level, window.batch_year, form.document.data.strip(), form.announced_on.data, form.valid_from.data, form.valid_to.data,
        )
        try:
            done = acting.grant_application(application=row, window=window, enterprise=enterprise, version=_version(), draft=draft, by=current_actor())
        except actions.Refused as error:
            show_problems(form, error.problems)
        else:
            said = f"已登记“{enterprise.name}”获得“{pack.title_label(window.title_code)}”。" if done else "这项认定已经登记过，没有重复登记。"
            flash(said, "ok" if done else "info")
            return redirect(back, 303)
    page = render_template("ladder/application_grant.html", form=form, row=row, enterprise=enterprise, heading=window_zh(window, pack), back=back)
    return page, 422 if form.errors else 200


@blueprint.post("/applications/<int:application_id>/items/<int:item_id>")
@requires(Permission.APPLICATION_EDIT)
@commits
def application_item(application_id: int, item_id: int) -> Any:
    """Say whether a piece of evidence is there, with its file."""
    row, _, enterprise = queries.get_application(current_scope(), application_id)
    item, stored = queries.get_item(row.id, item_id), _upload()
    state = request.form.get("state", "")
    count = acting.set_evidence(
        application=row, enterprise=enterprise, item=item, state="ready" if stored is not None and state == "missing" else state,
        note=request.form.get("note"), file=stored, alike=request.form.get("alike") == "1", by=current_actor(),
    )
    flash(f"已更新“{item.label}”" + (f"等 {count} 项（同一材料）。" if count > 1 else "。"), "ok")
    return redirect(url_for("ladder.application", application_id=row.id, _anchor="evidence"), 303)


def _upload() -> files.StoredFile | None:
    given = request.files.get("file")
    if given is None or not given.filename:
        return None
    if not given.filename.lower().endswith(ACCEPT):
        raise Invalid("file_type", f"附件只接受 {'、'.join(ACCEPT)} 格式，请转换后再上传。", "file")
    return files.save(cast(BinaryIO, given.stream), name=given.filename, purpose=queries.FILE_PURPOSE, max_bytes=MAX_BYTES, by=current_actor().user_id)


@blueprint.get("/applications/<int:application_id>/files/<token>")
@requires(Permission.APPLICATION_VIEW)
def application_file(application_id: int, token: str) -> Any:
    """An attached file, always as a download."""
    row, _, _ = queries.get_application(current_scope(), application_id)
    stored = queries.get_file(row.id, token)
    return send_file(files.path_of(stored.sha256), "application/octet-stream", as_attachment=True, download_name=stored.name)


@blueprint.post("/applications/<int:application_id>/diagnose")
@requires(Permission.APPLICATION_EDIT)
@commits
def application_diagnose(application_id: int) -> Any:
    """Diagnose anew and bring the evidence list into line with the version in use."""
    row, window, enterprise = queries.get_application(current_scope(), application_id)
    added, gone = acting.refresh_evidence(application=row, window=window, enterprise=enterprise, version=_version(), by=current_actor())
    flash(f"已按当前数据重新比对并留存；清单新增 {added} 项，去掉 {gone} 项。", "ok")
    return redirect(url_for("ladder.application", application_id=row.id), 303)


@blueprint.post("/applications/<int:application_id>/remove")
@requires(Permission.APPLICATION_EDIT)
@commits
def application_remove(application_id: int) -> Any:
    """Take out a candidate added by mistake."""
    row, window, enterprise = queries.get_application(current_scope(), application_id)
    acting.take_out(application=row, enterprise=enterprise, by=current_actor())
    flash(f"已把“{enterprise.name}”移出这个批次。", "ok")
    return redirect(url_for("ladder.window", window_id=window.id), 303)


__all__ = ["application", "application_calendar"]
