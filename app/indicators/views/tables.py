"""Town, county and city tables, and the order of towns by one indicator."""

from typing import Any

from flask import render_template, request

from app.indicators import queries
from app.indicators.queries import Row
from app.indicators.rules import Column, ranks, spread
from app.indicators.views._blueprint import blueprint
from app.indicators.views.asking import Shown, shown
from app.indicators.views.drawing import town_rows
from app.infra.web.access import current_scope, has, one_city, requires
from app.infra.web.templating import kept
from app.kernel.permission import Permission
from app.ladder.queries import current_pack


@blueprint.get("/")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def index() -> str:
    """Towns x 26 indicators."""
    view = shown()
    matrix = kept(("indicators", view.table, view.listed, current_scope()), lambda: _matrix(view))
    return render_template("indicators/index.html", view=view, rows=view.rows, matrix=matrix, **_common(view))


def _matrix(view: Shown) -> str:
    return render_template(
        "indicators/_matrix.html", view=view, body=town_rows(view, _sorted(view.rows), view.table.columns),
        totals=_totals(view, view.chosen, _total_code(view)), **_common(view),
    )


def _common(view: Shown) -> dict[str, Any]:
    groups: list[tuple[str, int]] = []
    for column in view.table.columns:
        if groups and groups[-1][0] == column.group:
            groups[-1] = (column.group, groups[-1][1] + 1)
        else:
            groups.append((column.group, 1))
    return {
        "groups": groups, "columns": view.table.columns, "pack": current_pack(), "may_compute": has(Permission.INDICATOR_COMPUTE),
        "may_export": has(Permission.INDICATOR_EXPORT),
    }


def _sorted(rows: list[Row]) -> list[Row]:
    """By unit and code, or by the column of ``?sort=`` (``-9`` = largest first)."""
    text = request.args.get("sort", "")
    key, down = text.removeprefix("-"), text.startswith("-")
    if key == "name":
        return sorted(rows, key=lambda row: row.place.code, reverse=down)
    if not rows or key not in rows[0].values:
        return rows
    return sorted(rows, key=lambda row: (-row.values[key] if down else row.values[key], row.place.code))


def _total_code(view: Shown) -> str | None:
    """Code under which the sum of the shown rows opens as a list: the city, or the one unit they all belong to."""
    units = {row.place.unit_code for row in view.chosen}
    if not view.unit and view.whole_city:
        return current_pack().area_code
    whole = [row for row in view.table.rows if row.place.unit_code in units]
    return units.pop() if len(units) == 1 and len(whole) == len(view.chosen) else None


def _totals(view: Shown, rows: list[Row], code: str | None) -> dict[str, tuple[int, str | None]]:
    """Column key -> (sum, address of its list)."""
    return {c.key: (view.table.total(c.key, rows), view.link(code, c.key, rows) if code else None) for c in view.table.counted}


@blueprint.get("/counties")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def counties() -> str:
    """Counties and zones x 26 indicators, 区直 and functional areas included."""
    view = shown()
    mine = {row.place.unit_code for row in view.all_rows}
    units = []
    for code, name in view.units:
        rows = [row for row in view.table.rows if row.place.unit_code == code]
        if code in mine and all(row in view.all_rows for row in rows):
            units.append((code, name, sum(row.place.ranked for row in rows), _totals(view, rows, code)))
    return render_template(
        "indicators/counties.html", view=view, units=units, totals=_totals(view, view.all_rows, _total_code(view)) if view.whole_city else None,
        **_common(view),
    )


@blueprint.get("/city")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def city() -> str:
    """The 26 rows as printed, with the reader's sum, the mean and the spread over the ranked towns of the city, and how each is counted."""
    view = shown()
    lines = []
    for column in view.table.columns:
        over = spread([row.values[column.key] for row in view.table.ranked]) if column.counted else None
        mine = _totals(view, view.all_rows, _total_code(view))[column.key] if column.counted else None
        lines.append((column, mine, over))
    return render_template("indicators/city.html", view=view, lines=lines, **_common(view))


@blueprint.get("/ranking")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def ranking() -> str:
    """Towns in the order of one computed indicator. Ranks of the whole city only for those who may read every town."""
    view = shown()
    column = _chosen_column(view)
    values = {row.place.town_id: row.values[column.key] for row in (view.table.ranked if view.whole_city and not view.unit else view.rows)}
    order = ranks(values)
    rows = sorted(view.rows, key=lambda row: (order[row.place.town_id], row.place.code))
    return render_template(
        "indicators/ranking.html", view=view, column=column, rows=rows, order=order, chart=_chart(view, column, rows),
        over=spread([row.values[column.key] for row in view.table.ranked]), **_common(view),
    )


def _chosen_column(view: Shown) -> Column:
    wanted = view.table.column(request.args.get("item", ""))
    return wanted if wanted is not None and wanted.counted else next(c for c in view.table.counted if c.kind is queries.ColumnKind.COMPUTED)


def _chart(view: Shown, column: Column, rows: list[Row], most: int = 20) -> dict[str, Any] | None:
    """The first towns as bars; nothing to draw when nobody has any."""
    top = [row for row in rows[:most] if row.values[column.key]]
    if not top:
        return None
    return {
        "kind": "bar", "horizontal": True, "whole": True, "unit": column.unit,
        "label": f"{column.label}最多的镇街：" + "，".join(f"{row.place.name} {row.values[column.key]} {column.unit}" for row in top[:5]),
        "categories": [f"{row.place.unit_name}{row.place.name}" for row in top],
        "series": [{
            "name": column.label, "values": [row.values[column.key] for row in top],
            "links": [view.link(row.place.code, column.key, [row]) for row in top],
        }],
    }
