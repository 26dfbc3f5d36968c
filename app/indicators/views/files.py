"""Export in the layout of the annex, and the button that counts a year anew."""

from typing import Any

from flask import flash, redirect, send_file, url_for

from app.indicators import actions, exports
from app.indicators.views._blueprint import blueprint
from app.indicators.views.asking import shown, year_argument
from app.infra import clock
from app.infra.web.access import commits, current_actor, one_city, requires
from app.kernel.permission import Permission
from app.ladder.queries import current_pack


@blueprint.post("/export")
@requires(Permission.INDICATOR_EXPORT)
@one_city()
@commits
def export() -> Any:
    """The reader's part of the table as a workbook; the export is written to the audit log."""
    view, actor = shown(), current_actor()
    sheet = exports.Sheet(
        view.table, view.rows, view.chosen, current_pack().content.manifest.area_name, actor.name, clock.local(clock.now()), view.as_of,
        view.whole_city and not view.unit,
    )
    book = exports.workbook(sheet)
    actions.record_export(year=view.table.year, day=view.table.day, towns=len(view.rows), by=actor)
    name = f"{view.table.year}年度强镇建设指标汇总表.xlsx"
    return send_file(book, mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_attachment=True, download_name=name)


@blueprint.post("/compute")
@requires(Permission.INDICATOR_COMPUTE)
@one_city()
@commits
def compute() -> Any:
    """Count one data year anew at its 31 December."""
    year = year_argument()
    actions.compute(year=year, by=current_actor())
    flash(f"已按现有认定和年度数据重新计算 {year} 年度的系统指标。", "ok")
    return redirect(url_for("indicators.index", year=year), 303)
