"""The list, its saved views, bulk tags and export."""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from app.enterprises import actions, columns, exports
from app.enterprises.columns import Words
from app.enterprises.models import CONTROL_TYPES, SIZE_CLASSES, STATUSES
from app.enterprises.queries import listing, search
from app.enterprises.queries.views import list_views
from app.enterprises.rules import industry
from app.enterprises.views import drawing, filters, past
from app.enterprises.views._blueprint import blueprint, words
from app.infra import audit, clock, files, jobs
from app.infra.audit import Subject
from app.infra.db import db
from app.infra.web import asof
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, one_city, requires, wants_fragment
from app.infra.web.navigation import path_for
from app.infra.web.pagination import page_size
from app.kernel.errors import Invalid, NotFound
from app.kernel.permission import Permission
from app.kernel.scope import Scope

PAGE = "enterprises"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/")
@requires(Permission.ENTERPRISE_VIEW)
@one_city("rung")
def index() -> str:
    """The list: everything it shows stands in the address."""
    figures, named, when = has_everywhere(Permission.FIGURES_VIEW), words(), asof.as_of()
    asked = filters.parse(request.args, figures=figures)
    if when.chosen:
        return past.page(when, _choices(named, current_scope(), asked.filters.unit_id, clock.today().year), figures=figures)
    page = listing.list_enterprises(
        current_scope(), asked.filters, asked.sort, request.args.get("cursor"), page_size(request.args.get("size"))
    )
    shown = columns.chosen(set(request.args.getlist("col")), figures=figures)
    return render_template(
        "enterprises/index.html", page=page, asked=asked, columns=shown,
        column_pairs=[(c.code, c.heading) for c in columns.allowed(figures=figures)],
        body=drawing.list_rows(page.rows, shown, named, editing=has(Permission.ENTERPRISE_EDIT)),
        chips=filters.chips(asked.filters, named), views=list_views(current_user.user_id, _home_area(), PAGE),
        too_short=search.too_short(asked.filters.text), figures=figures,
        choices=_choices(named, current_scope(), asked.filters.unit_id, clock.today().year),
    )  # fmt: skip


Pairs = list[tuple[Any, str]]


@dataclass(frozen=True, eq=False)
class Choices:
    """What the filter form offers, as (value, text)."""

    units: Pairs
    towns: Pairs
    sections: Pairs
    divisions: Pairs
    rungs: Pairs
    titles: Pairs
    sizes: Pairs
    statuses: Pairs
    controls: Pairs
    years: Pairs


@lru_cache(maxsize=64)
def _choices(named: Words, scope: Scope, unit: int | None, year: int) -> Choices:
    """Made once per viewer's scope and reading of the areas."""
    return Choices(
        units=[(u.id, u.name) for u in named.places.units(scope)], towns=named.places.town_choices(scope, unit),
        sections=list(industry.sections().items()), divisions=[(d.code, f"{d.code} {d.name}") for d in industry.divisions().values()],
        rungs=[*((code, label) for code, (label, _tone) in named.ladder.rungs.items()), ("none", "未入梯队")],
        titles=list(named.ladder.titles.items()), sizes=[*SIZE_CLASSES.items(), ("unknown", "未知")],
        statuses=list(STATUSES.items())[:-1], controls=[*CONTROL_TYPES.items(), ("unknown", "未知")],
        years=[(y, f"{y} 年") for y in range(year - 1, year - 5, -1)],
    )  # fmt: skip


def _home_area() -> int | None:
    return current_user.area.id if current_user.area else None


@blueprint.post("/views")
@requires(Permission.ENTERPRISE_VIEW)
@commits
def save_view() -> AnyResponse:
    """Keep the present filters under a name."""
    row = actions.save_view(
        owner_id=current_user.user_id, area_id=_home_area(), page=PAGE, name=request.form.get("name", ""), query=request.form.get("query", "")[:4000],
        shared=request.form.get("shared") == "1", by=current_actor(),
    )
    flash(f"已存为视图“{row.name}”{'，本辖区同事也能看到' if row.shared else ''}。", "ok")
    return redirect(f"{path_for('enterprises.index')}?{row.query}", 303)


@blueprint.post("/views/<int:view_id>/delete")
@requires(Permission.ENTERPRISE_VIEW)
@commits
def delete_view(view_id: int) -> AnyResponse:
    """Delete one's own view."""
    actions.delete_view(owner_id=current_user.user_id, view_id=view_id, by=current_actor())
    flash("视图已删除。", "ok")
    return redirect(url_for("enterprises.index"), 303)


@blueprint.post("/tags")
@requires(Permission.ENTERPRISE_EDIT)
@commits
def tag_many() -> AnyResponse:
    """Add or remove one tag on the ticked rows."""
    ids = [int(i) for i in request.form.getlist("ids") if i.isascii() and i.isdigit() and len(i) < 19][:500]
    tag, removing = request.form.get("tag", ""), request.form.get("what") == "remove"
    if not ids:
        raise Invalid("nothing_chosen", "请先在列表中勾选企业，再设置标签。")
    count = actions.set_tags(
        scope=current_scope(), ids=ids, add=() if removing else (tag,), remove=(tag,) if removing else (), by=current_actor()
    )
    flash(f"已为 {count} 家企业{'移除' if removing else '加上'}标签“{tag}”，其余 {len(set(ids)) - count} 家无需改动。", "ok")
    return redirect(_list_address(), 303)


def _list_address() -> str:
    """Back to the list with the filters it had."""
    query = request.form.get("query", "")[:4000]
    kept = "&".join(part for part in query.split("&") if part and "\n" not in part and "\r" not in part)
    return path_for("enterprises.index") + (f"?{kept}" if kept else "")


@blueprint.post("/export")
@requires(Permission.ENTERPRISE_EXPORT)
@commits
def export() -> Any:
    """The filtered list as a workbook: at once up to ``exports.AT_ONCE`` rows, else as a background job."""
    figures, scope = has_everywhere(Permission.FIGURES_VIEW), current_scope()
    args: MultiDict[str, str] = MultiDict(parse_qsl(request.form.get("query", "")[:4000], max_num_fields=300))
    when = asof.read(args)
    if when.chosen:
        return past.export(args, when, figures=figures)
    asked = filters.parse(args, figures=figures)
    codes = [c.code for c in columns.chosen(set(args.getlist("col")), figures=figures)]
    conditions = "、".join(text for _name, text in filters.chips(asked.filters, words())) or "全部"
    caption = exports.Caption("企业名单", conditions, clock.today(), current_user.name)
    count = listing.count_enterprises(scope, asked.filters, cap=exports.AT_ONCE)
    subject = Subject("enterprise", None, "企业名单")
    details = {"conditions": conditions, "columns": codes, "rows": count if count <= exports.AT_ONCE else None}
    audit.record("enterprise.exported", subject, None, details, by=current_actor())
    if count > exports.AT_ONCE:
        payload = exports.payload(scope, asked.filters, asked.sort, codes, caption)
        job = jobs.enqueue("enterprises.export", payload, label=f"导出企业名单（{conditions}）", by=current_actor())
        return redirect(url_for("enterprises.export_status", job_id=job.id), 303)
    out = io.BytesIO()
    exports.write_list(out, scope, asked.filters, asked.sort, exports.columns_of(codes), caption)
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=exports.file_name(caption))


def _own_export(job_id: int) -> jobs.Job:
    job = db.session.get(jobs.Job, job_id) if 0 < job_id < 2**63 else None
    if job is None or not exports.is_export(job.kind) or job.created_by != current_user.user_id:
        raise NotFound("没有找到这个导出任务，或不是您提交的。")
    return job


@blueprint.get("/exports/<int:job_id>")
@requires(Permission.ENTERPRISE_EXPORT)
def export_status(job_id: int) -> str:
    """How far a background export is; asks again by itself."""
    job = _own_export(job_id)
    name = "enterprises/_export.html" if wants_fragment() else "enterprises/export.html"
    return render_template(name, job=job, progress=jobs.progress_of(job))


@blueprint.get("/exports/<int:job_id>/file")
@requires(Permission.ENTERPRISE_EXPORT)
def export_file(job_id: int) -> Response:
    """The finished workbook, for the person who asked for it."""
    job = _own_export(job_id)
    stored = exports.find_file(job.result or {}) if job.state == "done" else None
    if stored is None:
        raise NotFound("导出文件还没有生成，或已过期清理，请重新导出。")
    return send_file(files.path_of(stored.sha256), XLSX, as_attachment=True, download_name=stored.name)
