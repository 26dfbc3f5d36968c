"""One town of a round, one cell of it with everything behind the points, and entering a value."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.indicators.actions import contest as actions
from app.indicators.imports import read_value
from app.indicators.models.contest import DEPARTMENT, ENTRY_STAGES, STAGES, SUBSTITUTE, TOWN, VALUE_SOURCES
from app.indicators.queries import contest as queries
from app.indicators.queries import table_columns
from app.indicators.rules.columns import Column
from app.indicators.rules.explain import explain, said
from app.indicators.rules.scoring import Cell
from app.indicators.views._blueprint import blueprint
from app.indicators.views.asking import checked_year, listed_towns
from app.indicators.views.contest_asking import Contest, contest, spread_rows
from app.infra.web.access import commits, current_actor, current_scope, has, one_city, requires
from app.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.kernel.permission import Permission
from app.ladder.queries import Place, towns_in_scope

MOST_NOTE = 300


@blueprint.get("/contest/<int:year>/<town_code>/")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def contest_town(year: int, town_code: str) -> str:
    """Every item of a town: raw value, source, points and the sentence."""
    view = contest(checked_year(year))
    place, town = view.town(town_code)
    spread = spread_rows(view.outcome)[0][1]
    lines = [
        (item, town.cells[item.key], view.sheet.counting(place.town_id, item.key), _words(view, item.key, town.cells[item.key]), spread[item.key])
        for item in view.sheet.scheme.items
    ]
    known = sum(given is not None and given.source in (queries.SYSTEM, queries.COMPUTED, DEPARTMENT) for _, _, given, _, _ in lines)
    return render_template(
        "indicators/contest_town.html", view=view, place=place, town=town, lines=lines, known=known, stages=STAGES, say=_say,
        enters=view.round.stage in ENTRY_STAGES and has(Permission.CONTEST_ENTER), above=_above(town.cells, spread),
    )


def _above(cells: Any, mean: Any) -> int:
    """How many items are at or above the city mean."""
    return sum(cell.raw is not None and mean[key] is not None and cell.score / cell.over >= mean[key] for key, cell in cells.items())


def _say(value: Fraction | Decimal) -> str:
    return said(Fraction(value))


def _words(view: Contest, key: str, cell: Cell) -> str:
    scheme, made = view.sheet.scheme, view.outcome
    return explain(scheme, made.method, scheme.by_key[key], cell, made.references.get(key)).split("：", 1)[1]


@blueprint.get("/contest/<int:year>/<town_code>/<item>")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def contest_cell(year: int, town_code: str, item: str) -> str:
    """The value that counts, what others said, every version, and the points by every method."""
    view = contest(checked_year(year))
    return _cell_page(view, town_code, item)


def _cell_page(view: Contest, town_code: str, item: str, error: DomainError | None = None) -> str:
    place, town = view.town(town_code)
    scheme = view.sheet.scheme
    if item not in scheme.by_key and item != queries.VETO_ITEM:
        raise NotFound("没有这项指标，请从排名表重新进入。")
    scored = scheme.by_key.get(item)
    ways = []
    if scored is not None:
        for method in scheme.methods:
            made = view.sheet.score(method)
            found = made.town(town_code)
            if found is not None:
                ways.append((method, found.cells[item], explain(scheme, method, scored, found.cells[item], made.references.get(item)).split("：", 1)[1]))
    column = _column(view, item)
    history = queries.history(view.round.id, place.town_id, item)
    return render_template(
        "indicators/contest_cell.html", view=view, place=place, town=town, item=scored, key=item, column=column, ways=ways, error=error,
        given=view.sheet.given.get((place.town_id, item), ()), history=history, sources=VALUE_SOURCES, stages=STAGES, say=_say,
        enterable=_sources(view, place, column), seen={one.source: one.id for one in history if one.superseded_at is None}, typed=request.form,
        listed=column is not None and column.counted and place.town_id in listed_towns([place]), veto_item=queries.VETO_ITEM,
    )


def _sources(view: Contest, place: Place, column: Column | None) -> list[str]:
    """What the reader may enter of this item: the bureau for departments and substitutes, a department its own indicators, a town its own."""
    if view.round.stage not in ENTRY_STAGES or not has(Permission.CONTEST_ENTER):
        return []
    scope = current_scope(Permission.CONTEST_ENTER)
    if not towns_in_scope(scope, [place]):
        return []
    if has(Permission.CONTEST_RUN):
        return [DEPARTMENT, SUBSTITUTE]
    if place.town_id in scope.town_ids:
        return [TOWN]
    return [DEPARTMENT] if column is not None and queries.owns(current_user.organisation_id, column.owner) else []


def _column(view: Contest, item: str) -> Column | None:
    """The row of the annex an item belongs to."""
    return next((column for column in table_columns(view.pack, view.round.year) if column.key == item.rstrip("ab")), None)


@blueprint.post("/contest/<int:year>/<town_code>/<item>")
@requires(Permission.CONTEST_ENTER)
@one_city()
@commits
def contest_enter(year: int, town_code: str, item: str) -> Any:
    """A new version of one source's value. Nothing typed is lost when it is refused."""
    view = contest(checked_year(year), current_scope(Permission.INDICATOR_VIEW))
    place, _ = view.town(town_code)
    if item not in view.sheet.scheme.by_key and item != queries.VETO_ITEM:
        raise NotFound("没有这项指标，请从排名表重新进入。")
    if place.town_id not in view.mine:
        raise NotFound("没有找到这个参评镇街，可能不在您的管辖范围内。请从排名表重新进入。")
    try:
        notes = _record(view, place, item)
    except (Invalid, Conflict) as error:  # answered on the same page, with what was typed
        return _cell_page(view, town_code, item, error), 422
    flash("数据已登记，原来的数保留在历史中。" + "".join(f"{note}。" for note in notes), "ok")
    return redirect(url_for("indicators.contest_cell", year=year, town_code=town_code, item=item), 303)


def _record(view: Contest, place: Place, item: str) -> list[str]:
    actions.check_open(view.round)
    source, text, note = (request.form.get(name, "").strip() for name in ("source", "value", "note"))
    if source not in _sources(view, place, _column(view, item)):
        raise Forbidden("forbidden", "您不能登记这个来源的数据。如工作需要，请联系市局。")
    if not text:
        raise Invalid("value", "请填写数值；没有数据请不要保存。", "value")
    if len(note) > MOST_NOTE:
        raise Invalid("note", f"说明不能超过 {MOST_NOTE} 字。", "note")
    if source == SUBSTITUTE and not note:
        raise Invalid("note", "登记替代值要写明依据（批准人、文件和理由）。", "note")
    notes: list[str] = []
    try:
        given = read_value(view.sheet.scheme, item, text[:100], notes)
    except ValueError as error:
        raise Invalid("value", str(error), "value") from error
    seen = request.form.get(f"seen_{source}", "")
    actions.record_value(
        found=view.round, town_id=place.town_id, item=item, source=source, said=given, note=note or None, by=current_actor(),
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0,
    )
    return notes
