"""The list as of a day, as it was known on another: the same address with two more arguments."""

import io
from datetime import date
from typing import Any

from flask import render_template, request, send_file
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.enterprises import exports
from app.enterprises.columns import BY_CODE, NAME, Words
from app.enterprises.queries import Sort, past
from app.enterprises.rules import industry
from app.enterprises.views import filters
from app.enterprises.views._blueprint import words
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web.access import current_actor, current_scope
from app.infra.web.asof import AsOf
from app.infra.web.pagination import page_size
from app.kernel.errors import Invalid
from app.kernel.money import UNITS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GONE = "已迁出本辖区，名称不在您的权限内"
MOST = 200_000
"""Rows one export of a past day may hold; more is asked in parts."""


def page(when: AsOf, choices: Any, *, figures: bool) -> str:
    """The list on the chosen day."""
    day, named = when.day or clock.today(), words()
    asked = filters.parse(request.args, figures=figures)
    wanted = _asked(asked, when, day, figures=figures)
    found = past.past_page(current_scope(), wanted, request.args.get("cursor"), page_size(request.args.get("size")))
    dropped = ["更新时间排序"] if asked.sort.key not in past.SORTS else []
    return render_template(
        "enterprises/past.html", page=found, asked=asked, when=when, day=day, choices=choices, figures=figures, words=named, dropped=dropped,
        chips=filters.chips(asked.filters, named), industry_of=industry.label, sort=wanted.sort.code,
    )


def _asked(asked: filters.Asked, when: AsOf, day: date, *, figures: bool) -> past.PastAsked:
    sort = asked.sort if asked.sort.key in past.SORTS else Sort("id")
    return past.PastAsked(asked.filters, day, when.known_on, sort, figures)


def export(args: "MultiDict[str, str]", when: AsOf, *, figures: bool) -> Any:
    """The same rows as a workbook; written to the audit log like any export."""
    day, named = when.day or clock.today(), words()
    asked = filters.parse(args, figures=figures)
    conditions = "、".join(text for _name, text in filters.chips(asked.filters, named)) or "全部"
    known = f"，按 {when.known_on:%Y-%m-%d} 结束时已登记的数据" if when.known_on else ""
    caption = exports.Caption("企业名单", f"{conditions}{known}", day, current_user.name)
    rows = list(_first(past.each_past(current_scope(), _asked(asked, when, day, figures=figures))))
    columns = [BY_CODE["code"], NAME, BY_CODE["town"], BY_CODE["titles"], BY_CODE["industry"]]
    columns += [BY_CODE["year"], BY_CODE["revenue"]] if figures else []
    details = {"conditions": conditions, "as_of": day.isoformat(), "known_on": when.arguments.get("known_on"), "rows": len(rows)}
    audit.record("enterprise.exported", Subject("enterprise", None, "企业名单"), None, details, by=current_actor())
    out = io.BytesIO()
    exports.write_table(out, columns, (_record(row, named, figures=figures) for row in rows), caption)
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=exports.file_name(caption))


def _first(rows: Any) -> Any:
    for number, row in enumerate(rows):
        if number >= MOST:
            raise Invalid("too_many", f"截止日名单超过 {MOST:,} 家，请先按县（市、区）或行业筛选后分次导出。")
        yield row


def _record(row: past.PastRow, named: Words, *, figures: bool) -> dict[str, Any]:
    """Heading -> cell, as the writer takes it. A firm out of reach today keeps its row without its name."""
    cells: dict[str, Any] = {
        BY_CODE["code"].heading: row.credit_code if row.visible else "—", NAME.heading: row.name if row.visible else GONE,
        BY_CODE["town"].heading: named.places.full_name(row.town_id), BY_CODE["titles"].heading: "、".join(row.titles),
        BY_CODE["industry"].heading: industry.label(row.industry_code) or "",
    }
    if figures:
        revenue = None if row.revenue_yuan is None else float(row.revenue_yuan / UNITS["万元"])
        cells |= {BY_CODE["year"].heading: row.figures_year, BY_CODE["revenue"].heading: revenue}
    return cells
