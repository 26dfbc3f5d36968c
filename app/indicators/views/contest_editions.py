"""Editions: frozen states of a round, reopened by the code on a print."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.indicators.actions import editions as actions
from app.indicators.models.contest import STAGES
from app.indicators.queries import editions as queries
from app.indicators.rules.editions import faults
from app.indicators.rules.scoring import Status
from app.indicators.views._blueprint import blueprint
from app.indicators.views.asking import checked_year
from app.indicators.views.contest_asking import Contest, contest
from app.infra.web.access import commits, current_actor, has, one_city, requires
from app.kernel.errors import Forbidden, Invalid
from app.kernel.permission import Permission


@blueprint.get("/contest/<int:year>/editions")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def contest_editions(year: int) -> str:
    """All editions of the round."""
    return _page(_whole(year))


def _whole(year: int) -> Contest:
    view = contest(checked_year(year))
    if not view.whole:
        raise Forbidden("forbidden", "本轮公示前只有市级可以查看全部镇街的评分版本；公示后可见。")
    return view


def _page(view: Contest, error: Invalid | None = None) -> str:
    return render_template(
        "indicators/contest_editions.html", view=view, editions=queries.list_editions(view.round.id), stages=STAGES, error=error,
        may_run=has(Permission.CONTEST_RUN), typed=request.form if error else {},
    )


@blueprint.post("/contest/<int:year>/editions")
@requires(Permission.CONTEST_RUN)
@one_city()
@commits
def contest_edition_make(year: int) -> Any:
    """Freeze the present state."""
    view = _whole(year)
    try:
        made = actions.make_edition(pack=view.pack, found=view.round, reason=request.form.get("reason", ""), by=current_actor())
    except Invalid as error:
        return _page(view, error), 422
    flash(f"已存为版本 {made.code}。", "ok")
    return redirect(url_for("indicators.contest_edition", year=year, code=made.code), 303)


@blueprint.get("/contest/<int:year>/editions/<code>")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def contest_edition(year: int, code: str) -> str:
    """One edition as it was, checked while it is shown."""
    view = _whole(year)
    edition = queries.get_edition(view.round.id, code)
    content = edition.content
    places = {place["code"]: place for place in content["places"]}
    rows = [(places[one["code"]], one, Status(one["status"]).label) for one in content["results"]]
    return render_template(
        "indicators/contest_edition.html", view=view, edition=edition, rows=rows, items=[item["key"] for item in content["scheme"]["items"]],
        faults=faults(content, edition.content_hash), stages=STAGES,
    )
