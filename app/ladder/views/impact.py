"""影响预览: choose two versions, compare in the background, read who gains and who loses."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.enterprises.queries.places import places
from app.infra import audit, clock, jobs
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, one_city, requires, wants_fragment
from app.infra.web.pagination import page_size
from app.kernel.errors import Invalid
from app.kernel.permission import Permission
from app.ladder.exports.sheets import XLSX, SheetHead, write_sheet
from app.ladder.models import ImpactRun
from app.ladder.queries import impact as queries
from app.ladder.rules import impact as rules
from app.ladder.views._blueprint import blueprint
from app.ladder.views.gap_list import city_id
from app.ladder.views.pool_asking import whole
from app.packs import Pack
from app.packs.schema.criteria import APPLICATION_LABELS
from app.policies.queries import current_pack, pack_of_city

KIND = "ladder.impact"


@blueprint.get("/impact")
@requires(Permission.DIAGNOSIS_VIEW)
@one_city()
def impact() -> str:
    """Comparisons made, and the form for another one."""
    pack, city = current_pack(), city_id()
    titles = queries.titles_with_versions(pack)
    chosen = request.args.get("title", "")
    chosen = chosen if chosen in dict(titles) else titles[0][0] if titles else ""
    job = jobs.unfinished(KIND, city_id=city)
    return render_template(
        "ladder/impact.html", pack=pack, titles=titles, title=chosen, versions=queries.versions_of(pack, chosen), new=request.args.get("new", ""),
        old=request.args.get("old", ""), runs=queries.list_runs(city), kinds=APPLICATION_LABELS, today=clock.today(), job=job,
        progress=jobs.progress_of(job) if job else None, may_compare=has(Permission.PACK_EDIT), latest=pack.hash,
    )


@blueprint.post("/impact")
@requires(Permission.PACK_EDIT)
@one_city()
@commits
def compare_versions() -> Response:
    """Start a comparison; one at a time per city."""
    pack, city = current_pack(), city_id()
    title, application = request.form.get("title", "")[:40], "review" if request.form.get("application") == "review" else "new"
    asked = queries.question(
        pack, title=title, old=request.form.get("old", "")[:60] or None, new=request.form.get("new", "")[:60], application=application,
        day=_day(request.form.get("as_of", "")),
    )
    job = jobs.unfinished(KIND, city_id=city)
    if job is not None and job.state != "failed":
        flash("正在比较，不需要重复提交。", "info")
    else:
        payload = {
            "city_id": city, "title": title, "old": asked.old.code, "new": asked.new.code, "application": application, "day": asked.day.isoformat(),
        }
        jobs.enqueue(KIND, payload, label=f"影响预览：{asked.old.code} → {asked.new.code}", by=current_actor())
        flash("已开始比较，完成后列在下面。", "ok")
    return redirect(url_for("ladder.impact", title=title, old=asked.old.code, new=asked.new.code), 303)


def _day(text: str) -> date:
    if not text.strip():
        return clock.today()
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid("date", "日期应写成 2026-12-31 的形式，请修改后重试。", "as_of") from error
    if not 2000 <= day.year <= clock.today().year + 5:
        raise Invalid("date", "日期应在 2000 年以后、五年以内，请修改后重试。", "as_of")
    return day


@blueprint.get("/impact/progress")
@requires(Permission.DIAGNOSIS_VIEW)
@one_city()
def impact_progress() -> Any:
    """How far the comparison is; asks again by itself."""
    if not wants_fragment():
        return redirect(url_for("ladder.impact"))
    job = jobs.unfinished(KIND, city_id=city_id())
    return render_template("ladder/_impact_progress.html", job=job, progress=jobs.progress_of(job) if job else None)


def _run(run_id: int) -> tuple[ImpactRun, Pack]:
    scope = current_scope()
    run = queries.get_run(None if scope.everything else frozenset({city_id()}), run_id)
    return run, pack_of_city(run.city_id)


def _narrow() -> tuple[str | None, tuple[int, int] | None, int | None]:
    kind, old, new = request.args.get("kind", ""), whole(request.args.get("old")), whole(request.args.get("new"))
    pair = (old, new) if old in rules.LABELS and new in rules.LABELS and old is not None and new is not None else None
    return (kind if kind in rules.KINDS else None), pair, whole(request.args.get("unit"))


@blueprint.get("/impact/<int:run_id>")
@requires(Permission.DIAGNOSIS_VIEW)
def impact_run(run_id: int) -> str:
    """Who gains, who loses, who turns unknown: numbers that open their enterprises."""
    run, pack = _run(run_id)
    scope, (kind, pair, unit) = current_scope(), _narrow()
    found = queries.cells(scope, run)
    totals = {name: sum(firms for cell, firms in found.items() if rules.kind_of(*cell) == name) for name in rules.KINDS}
    page = queries.page(
        scope, run, kind=kind, pair=pair, unit_id=unit, cursor=request.args.get("cursor"), size=page_size(request.args.get("size")),
    )
    named = places()
    return render_template(
        "ladder/impact_run.html", run=run, pack=pack, cells=found, totals=totals, page=page, kind=kind, pair=pair, unit=unit, labels=rules.LABELS,
        kinds=rules.KINDS, places=named, units=[(one.id, one.name) for one in named.units(scope)], applications=APPLICATION_LABELS,
        outdated=run.pack_hash != pack.hash, may_export=has(Permission.ENTERPRISE_EXPORT), may_switch=has(Permission.PACK_EDIT), kind_of=rules.kind_of,
    )


@blueprint.post("/impact/<int:run_id>/export")
@requires(Permission.ENTERPRISE_EXPORT)
@commits
def export_impact(run_id: int) -> Any:
    """The enterprises as filtered, as a workbook."""
    run, pack = _run(run_id)
    kind, pair, unit = _narrow()
    named = places()
    rows = [
        (
            row.credit_code, row.name, named.full_name(row.town_id), rules.LABELS[row.old], rules.LABELS[row.new],
            rules.KINDS[rules.kind_of(row.old, row.new) or rules.OTHER],
        )
        for row in queries.each(current_scope(), run, kind=kind, pair=pair, unit_id=unit)
    ]
    head = SheetHead(
        f"{pack.title_label(run.title)}条件变化影响预览",
        f"{run.old_label} → {run.new_label}，{APPLICATION_LABELS[run.application]}，数据截至 {run.day}，初步比对结果不作为认定依据",
        [("统一社会信用代码", 22), ("企业名称", 34), ("所在镇街", 24), ("原版本", 16), ("新版本", 16), ("变化", 14)],
    )
    audit.record("impact.exported", Subject("impact_run", run.id, run.new_code), None, {"rows": len(rows), "kind": kind}, by=current_actor())
    return send_file(write_sheet(head, rows), XLSX, as_attachment=True, download_name=f"影响预览_{run.new_code}_{run.day}.xlsx")
