"""Pages of the import centre: upload, mapping of columns, preview, background apply with progress, undo, refused rows, batch list."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from app.exchange import actions, exports, preview, queries, reading, registry, samples, table
from app.exchange.forms import ACCEPT, mapping_of, options_of, upload_form
from app.exchange.models import OUTCOMES, STATES, ImportBatch
from app.exchange.registry import Importer
from app.infra import files, ticks
from app.infra.db import db
from app.infra.web import navigation
from app.infra.web.access import commits, current_actor, current_scope, has, requires, wants_fragment
from app.infra.web.pagination import decode, page_size
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.kernel.permission import Permission

blueprint = Blueprint("exchange", __name__, url_prefix="/exchange")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHECKED_AT_ONCE = 5000
"""Up to so many records the undo page says beforehand what would stay; above, the job finds out and lists it afterwards."""
WORKING = {"reading": "正在核对文件", "applying": "正在导入", "undoing": "正在撤回"}
STEPS = ["上传文件", "对应列", "核对预览", "导入"]
STEP_OF = {"reading": 0, "mapping": 1, "planned": 2, "applying": 3, "applied": 4, "undoing": 4, "undone": 4, "refused": 0, "cancelled": 0}


def _permitted() -> list[Importer]:
    """Importers whose data the signed-in person may edit."""
    return [i for i in registry.all_importers() if has(i.permission)]


def _importer(kind: str) -> Importer:
    importer = registry.find(kind)
    if importer is None:
        raise NotFound("没有这种导入，请从导入中心选择。")
    if not has(importer.permission):
        raise Forbidden("forbidden", f"您的角色没有“{importer.permission.label}”权限，不能导入{importer.label}。如工作需要，请联系本单位系统管理员。")
    return importer


def _batch(batch_id: int) -> tuple[ImportBatch, Importer]:
    """A batch of one's own, or of one's area for those who see its jobs; and its importer, whose permission is needed, too."""
    administers = has(Permission.JOB_VIEW)
    scope = current_scope(Permission.JOB_VIEW) if administers else current_scope()
    batch = queries.get_batch(scope, batch_id, user_id=current_user.user_id, administers=administers)
    return batch, _importer(batch.kind)


def _own(batch_id: int) -> tuple[ImportBatch, Importer]:
    """For changes: only the uploader goes on with his batch."""
    batch, importer = _batch(batch_id)
    if batch.created_by != current_user.user_id:
        raise Forbidden("not_own_batch", f"这次导入由{batch.created_name}上传，请由本人继续操作。")
    return batch, importer


@blueprint.get("/")
@requires(Permission.IMPORT_USE)
def index() -> Any:
    """What can be imported, and the batches so far."""
    administers = has(Permission.JOB_VIEW)
    page = queries.list_batches(
        current_scope(Permission.JOB_VIEW) if administers else current_scope(), user_id=current_user.user_id, administers=administers,
        kind=request.args.get("kind"), cursor=decode(request.args.get("cursor"), (int,)), size=page_size(request.args.get("size")),
    )
    labels = {i.kind: i.label for i in registry.all_importers()}
    return render_template("exchange/index.html", importers=_permitted(), page=page, labels=labels, states=STATES)


@blueprint.get("/<kind>/template")
@requires(Permission.IMPORT_USE)
def template(kind: str) -> Any:
    """The empty form to fill in."""
    importer, out = _importer(kind), io.BytesIO()
    said = samples.of_reader(importer, current_scope())
    exports.write_template(out, importer.fields, title=importer.label, notes=importer.notes, samples=said)
    out.seek(0)
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=f"{importer.label}导入模板.xlsx")


@blueprint.route("/<kind>/new", methods=["GET", "POST"])
@requires(Permission.IMPORT_USE)
@commits
def new(kind: str) -> Any:
    """Upload a file; it is read in the background."""
    importer = _importer(kind)
    form = upload_form(importer)
    if form.validate_on_submit():
        try:
            batch = actions.upload(
                kind=kind, stream=form.file.data.stream, filename=form.file.data.filename or "", options=options_of(form),
                author=form.author.data, on=form.on.data, scope=current_scope(importer.permission), by=current_actor(),
            )
            return redirect(url_for("exchange.show", batch_id=batch.id), 303)
        except Invalid as problem:
            _put_on_field(form, problem)
    status = 422 if request.method == "POST" else 200
    limit = reading.Limits().file_bytes // (1024 * 1024)
    page = render_template("exchange/new.html", importer=importer, form=form, accept=ACCEPT, max_mb=limit, steps=STEPS, rows=reading.MAX_DATA_ROWS)
    return page, status


def _put_on_field(form: Any, problem: Invalid) -> None:
    name = problem.field or "file"
    field = next((form[n] for n in (name, f"option_{name}") if n in form), form.file)
    field.errors = [*field.errors, problem.message_zh]


@blueprint.get("/batches/<int:batch_id>")
@requires(Permission.IMPORT_USE)
def show(batch_id: int) -> Any:
    """One batch in whatever state it is: progress, mapping, preview, result."""
    batch, importer = _batch(batch_id)
    told = queries.progress(batch)
    if batch.state in WORKING and not (told and told.finished and told.state != "done"):
        return render_template("exchange/working.html", batch=batch, importer=importer, told=told, words=WORKING, steps=STEPS, step=STEP_OF[batch.state])
    if batch.state == "mapping":
        return _columns_page(batch, importer, [], 200)
    counts = batch.counts or {}
    outcome = _outcome(counts)
    page = None
    if batch.state in ("planned", "applying", "applied", "undoing", "undone") and not batch.forgotten_at:
        cursor = decode(request.args.get("cursor"), (int, int))
        page = queries.list_rows(batch.id, outcome, cursor=cursor, size=page_size(request.args.get("size")), only_noted=request.args.get("noted") == "1")
    lines = preview.lines(db.session(), importer, page.rows) if page else []
    return render_template(
        "exchange/show.html", batch=batch, importer=importer, told=told, counts=counts, outcome=outcome, outcomes=OUTCOMES, page=page, lines=lines,
        states=STATES, steps=STEPS, step=STEP_OF[batch.state], own=batch.created_by == current_user.user_id, undo_days=actions.UNDO_DAYS,
        kept=queries.list_kept(batch.id) if batch.state == "undone" else [], options=preview.options(importer, batch),
        afterwards=registry.afterwards(importer, db.session()) if batch.state == "applied" else None,
    )


def _outcome(counts: dict[str, Any]) -> str:
    """The chosen tab; without a choice the first one that needs a look."""
    given = request.args.get("tab", "")
    if given in OUTCOMES:
        return given
    return next((name for name in ("rejected", "updated", "created", "unchanged") if counts.get(name)), "created")


@blueprint.get("/batches/<int:batch_id>/progress")
@requires(Permission.IMPORT_USE)
def progress(batch_id: int) -> Any:
    """The polled fragment: asks again while there is work, and reloads the page when it is done."""
    batch, importer = _batch(batch_id)
    told = queries.progress(batch)
    if not wants_fragment():
        return redirect(url_for("exchange.show", batch_id=batch.id))
    if batch.state in WORKING and not (told and told.finished):
        return render_template("exchange/_progress.html", batch=batch, importer=importer, told=told, words=WORKING)
    response = Response("", 200)
    response.headers["HX-Redirect"] = url_for("exchange.show", batch_id=batch.id)
    return response


@blueprint.route("/batches/<int:batch_id>/columns", methods=["GET", "POST"])
@requires(Permission.IMPORT_USE)
@commits
def columns(batch_id: int) -> Any:
    """Which column means what; remembered for the next file with the same header."""
    batch, importer = _own(batch_id)
    if batch.state not in ("mapping", "planned"):
        return redirect(url_for("exchange.show", batch_id=batch.id), 303)
    if request.method == "GET":
        return _columns_page(batch, importer, [], 200)
    found = _table(batch, importer)
    mapping, problems = mapping_of(request.form, found.headers(), importer.fields)
    if problems:
        return _columns_page(batch, importer, problems, 422)
    actions.choose_columns(batch, mapping, found.signature, by=current_actor())
    return redirect(url_for("exchange.show", batch_id=batch.id), 303)


def _table(batch: ImportBatch, importer: Importer) -> table.Table:
    try:
        read = reading.load_reading(table.folder_of(batch))
    except reading.Refused as gone:
        raise Conflict("file_gone", "读取的内容已被清理，请重新上传文件。") from gone
    found = table.find(read, importer.fields, batch.mapping)
    remembered = None if batch.mapping else queries.find_mapping(batch.kind, found.signature, batch.created_by)
    return table.find(read, importer.fields, remembered) if remembered else found


def _columns_page(batch: ImportBatch, importer: Importer, problems: list[str], status: int) -> Any:
    found = _table(batch, importer)
    guessed = {c.index: c.field.key for c in found.header.mapped if c.field} if found.header else {}
    chosen = {index: request.form.get(f"column_{index}", guessed.get(index, "")) for index, _ in found.headers()}
    page = render_template(
        "exchange/columns.html", batch=batch, importer=importer, headers=found.headers(), samples=table.samples(found), chosen=chosen,
        problems=problems, sheet=found.sheet.name, steps=STEPS, lacking=table.lacking(importer, found.header),
    )
    return page, status


@blueprint.post("/batches/<int:batch_id>/apply")
@requires(Permission.IMPORT_USE)
@commits
def apply(batch_id: int) -> Any:
    """Confirm the plan that was shown; a second click changes nothing."""
    batch, importer = _own(batch_id)
    scope = current_scope(importer.permission)
    if actions.request_apply(batch, request.form.get("plan", ""), scope=scope, by=current_actor()) == "planning":
        flash("您的管辖范围有变化，已重新核对，请再看一遍预览。", "warn")
    return redirect(url_for("exchange.show", batch_id=batch.id), 303)


@blueprint.post("/batches/<int:batch_id>/retry")
@requires(Permission.IMPORT_USE)
@commits
def retry(batch_id: int) -> Any:
    """Reading or undoing stopped for good (server stopped, disk full): once more."""
    batch, _ = _own(batch_id)
    actions.retry(batch, by=current_actor())
    return redirect(url_for("exchange.show", batch_id=batch.id), 303)


@blueprint.post("/batches/<int:batch_id>/cancel")
@requires(Permission.IMPORT_USE)
@commits
def cancel(batch_id: int) -> Any:
    """Give up; nothing was imported."""
    batch, _ = _own(batch_id)
    actions.cancel(batch, by=current_actor())
    flash("已放弃这次导入，数据没有改动。", "ok")
    return redirect(url_for("exchange.index"), 303)


@blueprint.route("/batches/<int:batch_id>/undo", methods=["GET", "POST"])
@requires(Permission.IMPORT_USE)
@commits
def undo(batch_id: int) -> Any:
    """What an undo would do now; then do it."""
    batch, importer = _own(batch_id)
    if request.method == "POST":
        actions.request_undo(batch, by=current_actor())
        return redirect(url_for("exchange.show", batch_id=batch.id), 303)
    if batch.state != "applied":
        return redirect(url_for("exchange.show", batch_id=batch.id), 303)
    total = queries.count_journal(batch.id)
    found = importer.undoable(db.session(), batch.id) if total <= CHECKED_AT_ONCE else None
    return render_template(
        "exchange/undo.html", batch=batch, importer=importer, found=found, total=total, shown=found.kept[:200] if found else [], undo_days=actions.UNDO_DAYS
    )


@blueprint.post("/batches/<int:batch_id>/rejected")
@requires(Permission.IMPORT_USE)
@commits
def rejected(batch_id: int) -> Any:
    """Refused rows as they came, with the reasons: correct and upload again."""
    batch, importer = _batch(batch_id)
    found = _table(batch, importer)
    if found.header is None:
        abort(404)
    reasons = {row: "；".join(r[2] for r in problems) for row, problems in queries.rejected(db.session(), batch.id)}
    if not reasons:
        raise NotFound("这次导入没有退回的行。")
    actions.record_download(batch, len(reasons), by=current_actor())
    date_1904 = reading.load_reading(table.folder_of(batch)).date_1904
    out = tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False)  # noqa: SIM115  (closed and removed after it was sent)
    out.close()
    path = Path(out.name)
    try:
        exports.write_rejected(path, reading.iter_rows(found.sheet), found.header, reasons, date_1904=date_1904)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return _sent(path, f"退回的行-{Path(batch.file_name).stem}.xlsx")


def _sent(path: Path, name: str) -> Response:
    """The file in pieces; it is gone as soon as it is open (or, where that is not possible, when it was sent)."""
    handle = open(path, "rb")  # noqa: SIM115
    path.unlink(missing_ok=True)

    def pieces() -> Iterator[bytes]:
        with handle:
            while piece := handle.read(1 << 16):
                yield piece

    response = Response(pieces(), mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(files.display_name(name))}"
    return response


def init_app(_app: Flask) -> None:
    """Menu entry, and the clearing of old staging."""
    navigation.register(navigation.NavItem("输出与管理", 10, "导入中心", "exchange.index", "table-export", Permission.IMPORT_USE))
    ticks.register("exchange.forget", 3600, actions.forget_old, "清理过期的导入暂存")
