"""Grading of the graded indicators. A reviewer sees his own marks and nobody else's; the office sees how many there are."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.indicators.actions import marks as actions
from app.indicators.models.contest import ENTRY_STAGES, STAGES
from app.indicators.queries import marks as queries
from app.indicators.rules.scheme import ItemKind, ScoredItem
from app.indicators.views._blueprint import blueprint
from app.indicators.views.asking import checked_year
from app.indicators.views.contest_asking import Contest, contest
from app.infra.web.access import commits, current_actor, has, one_city, requires
from app.kernel.errors import Invalid, NotFound
from app.kernel.permission import Permission
from app.ladder.queries import Place


@blueprint.get("/contest/<int:year>/grading")
@requires(Permission.CONTEST_GRADE)
@one_city()
def contest_grading(year: int) -> str:
    """Towns x graded items: the reviewer's own grades, or for the office how many reviewers there are."""
    view = contest(checked_year(year))
    items, office = _items(view), has(Permission.CONTEST_RUN)
    given: dict[tuple[int, str], str] = dict(queries.grades(view.round.id)) if office else {
        key: mark.grade for key, mark in queries.own_marks(view.round.id, current_user.user_id).items()
    }
    places = sorted(view.sheet.places, key=lambda place: (place.unit_code, place.code))
    least = view.sheet.scheme.graders_min
    done = sum(len(text) >= (least if office else 1) for text in given.values())
    return render_template(
        "indicators/contest_grading.html", view=view, items=items, places=places, given=given, office=office, least=least, done=done,
        whole=len(places) * len(items), stages=STAGES,
    )


def _items(view: Contest) -> list[ScoredItem]:
    return [item for item in view.sheet.scheme.items if item.kind is ItemKind.GRADED]


def _place(view: Contest, town_code: str) -> Place:
    place = view.sheet.by_code.get(town_code)
    if place is None:
        raise NotFound("没有找到这个参评镇街，请从评审页面重新进入。")
    return place


@blueprint.get("/contest/<int:year>/<town_code>/grading")
@requires(Permission.CONTEST_GRADE)
@one_city()
def contest_grade_page(year: int, town_code: str) -> str:
    """The graded items of one town with their rubric and the reviewer's own marks."""
    view = contest(checked_year(year))
    return _page(view, _place(view, town_code))


def _page(view: Contest, place: Place, error: Invalid | None = None, item: str = "") -> str:
    rubrics = {item: row.rubric for row in view.pack.indicators() for item in row.keys}
    return render_template(
        "indicators/contest_grade.html", view=view, place=place, items=_items(view), marks=queries.own_marks(view.round.id, current_user.user_id),
        rubrics=rubrics, grades=list(view.sheet.scheme.marks), error=error, faulty=item, typed=request.form if error else {},
        open=view.round.stage in ENTRY_STAGES and not has(Permission.CONTEST_RUN), stages=STAGES,
    )


@blueprint.post("/contest/<int:year>/<town_code>/<item>/grade")
@requires(Permission.CONTEST_GRADE)
@one_city()
@commits
def contest_grade(year: int, town_code: str, item: str) -> Any:
    """One mark. Who runs the contest does not grade in it."""
    view = contest(checked_year(year))
    place = _place(view, town_code)
    if has(Permission.CONTEST_RUN):
        raise Invalid("reviewer", "组织评选的账号不能评定等次，请由评审员评定。")
    try:
        actions.grade(
            found=view.round, town_id=place.town_id, item=item, mark=request.form.get("grade", ""), reason=request.form.get("reason", ""),
            evidence=request.form.get("evidence", ""), by=current_actor(),
        )
    except Invalid as error:
        return _page(view, place, error, item), 422
    flash(f"已评定{place.name}第 {item} 号，评审结束前可以修改。", "ok")
    return redirect(url_for("indicators.contest_grade_page", year=year, town_code=town_code, _anchor=f"item-{item}"), 303)
