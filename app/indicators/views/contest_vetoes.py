"""否决核查 of a round: the register, the candidates with the four departments' answers, what still blocks publication."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.indicators.actions import vetoes as actions
from app.indicators.queries import contest as rounds
from app.indicators.queries import table_columns
from app.indicators.queries import vetoes as queries
from app.indicators.rules.vetoes import GRADES, KINDS, STATES, bars, window
from app.indicators.views._blueprint import blueprint
from app.indicators.views.asking import checked_year
from app.indicators.views.contest_asking import Contest, contest
from app.infra.web.access import commits, current_actor, has, one_city, requires
from app.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from app.kernel.permission import Permission

OFFICES = ("市应急管理局", "市市场监管局", "市生态环境局", "市统计局")


@blueprint.get("/contest/<int:year>/vetoes")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def contest_vetoes(year: int) -> str:
    """Candidates and the register."""
    return _page(contest(checked_year(year)))


def _page(view: Contest, error: DomainError | None = None) -> str:
    pack, found = view.pack, view.round
    years, day = queries.window_years(pack), queries.decided_on(found)
    events = queries.list_events(found.city_id, None if len(view.mine) == len(view.sheet.places) else view.mine)
    places = {place.town_id: place for place in view.sheet.places}
    rows = [(row, places.get(row.town_id), bars(queries.event_of(row), found.year, years, day), queries.event_of(row).last_year(years)) for row in events]
    chosen = [pair for pair in view.towns if pair[1].code in set(queries.candidates(pack, view.outcome))] if view.whole else []
    return render_template(
        "indicators/contest_vetoes.html", view=view, rows=rows, candidates=chosen, signed=queries.signoffs(found.id) if chosen else {}, kinds=KINDS,
        grades=GRADES, states=STATES, window=window(found.year, years, day), may_run=has(Permission.CONTEST_RUN),
        signs=[] if view.round.published else _signs(view), error=error,
        typed=request.form if error else {}, quota=queries.quota(pack), offices=dict(zip(KINDS, OFFICES, strict=True)),
        faults=queries.publication_faults(pack, found, view.outcome, {p.code: p.town_id for p in view.sheet.places}) if view.whole else [],
    )


def _signs(view: Contest) -> list[str]:
    """Kinds the reader signs for: all for the bureau, its own for a department."""
    if not has(Permission.CONTEST_VETO):
        return []
    if has(Permission.CONTEST_RUN):
        return list(KINDS)
    owner = next((column.owner for column in table_columns(view.pack, view.round.year) if column.key == rounds.VETO_ITEM), "")
    mine = [office for office in OFFICES if office in owner and rounds.owns(current_user.organisation_id, office)]
    return [kind for kind, office in zip(KINDS, OFFICES, strict=True) if office in mine]


@blueprint.post("/contest/<int:year>/vetoes")
@requires(Permission.CONTEST_VETO)
@one_city()
@commits
def contest_veto_register(year: int) -> Any:
    """A new event of a town."""
    view = contest(checked_year(year))
    try:
        place = _place(view)
        report = actions.Report(
            request.form.get("kind", ""), request.form.get("grade", ""), _day("happened_on"), _day("found_on"), request.form.get("document", ""),
            request.form.get("note", ""),
        )
        if report.kind in KINDS and report.kind not in _signs(view):
            raise Forbidden("forbidden", "您的部门不负责这类事项。如工作需要，请联系市局。")
        actions.register(town_id=place.town_id, report=report, by=current_actor())
    except Invalid as error:
        return _page(view, error), 422
    flash(f"已登记{place.name}的否决事项，待核查。", "ok")
    return redirect(url_for("indicators.contest_vetoes", year=year), 303)


def _place(view: Contest) -> Any:
    text = request.form.get("town", "").strip()
    place = view.sheet.by_code.get(text) or next((p for p in view.sheet.places if f"{p.unit_name}{p.name}" == text), None)
    if place is None or place.town_id not in view.mine:
        raise Invalid("town", f"没有代码为“{text[:20]}”的参评镇街，请从列表中选择。", "town")
    return place


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(name, f"“{text[:20]}”不是日期，请写成 2025-06-01。", name) from error


@blueprint.post("/contest/<int:year>/vetoes/<int:event_id>")
@requires(Permission.CONTEST_RUN)
@one_city()
@commits
def contest_veto_decide(year: int, event_id: int) -> Any:
    """Found true or not."""
    view = contest(checked_year(year))
    event = queries.get_event(view.round.city_id, event_id)
    text = request.form.get("version", "")
    try:
        actions.decide(
            event=event, state=request.form.get("state", ""), reason=request.form.get("reason", ""), found_on=_day("found_on"),
            version=int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0, by=current_actor(),
        )
    except Invalid as error:
        return _page(view, error), 422
    flash(f"已记为“{STATES[event.state]}”，排名随之更新。", "ok")
    return redirect(url_for("indicators.contest_vetoes", year=year), 303)


@blueprint.post("/contest/<int:year>/<town_code>/signoff")
@requires(Permission.CONTEST_VETO)
@one_city()
@commits
def contest_sign(year: int, town_code: str) -> Any:
    """A department's answer for one candidate."""
    view = contest(checked_year(year))
    place, _ = view.town(town_code)
    if place.town_id not in view.mine:
        raise NotFound("没有找到这个参评镇街，可能不在您的管辖范围内。")
    kind = request.form.get("kind", "")
    if kind in KINDS and kind not in _signs(view):
        raise Forbidden("forbidden", "您的部门不负责会签这类事项。如工作需要，请联系市局。")
    try:
        actions.sign(
            found=view.round, town_id=place.town_id, kind=kind, clear=request.form.get("clear") == "1", note=request.form.get("note", ""), by=current_actor(),
        )
    except Invalid as error:
        return _page(view, error), 422
    flash(f"{place.name}的“{KINDS[kind]}”已会签。", "ok")
    return redirect(url_for("indicators.contest_vetoes", year=year), 303)
