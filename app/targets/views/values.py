"""Entering what no register knows."""

from datetime import date
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for

from app.infra import clock
from app.infra.web.access import commits, current_actor, one_city, requires
from app.kernel.errors import DomainError, NotFound
from app.kernel.permission import Permission
from app.targets import actions, queries
from app.targets.forms import ValueForm
from app.targets.rules.periods import year_end
from app.targets.views._blueprint import blueprint
from app.targets.views.pages import chosen_city


@blueprint.route("/<code>/value", methods=["GET", "POST"])
@requires(Permission.TARGET_EDIT)
@one_city()
@commits
def enter(code: str) -> Any:
    """A value for a day, with source and evidence; the same day again is a correction."""
    city = chosen_city()
    line = queries.find_line(city, code, clock.today())
    metric = line.metric
    if metric is None or line.counted:
        raise NotFound("这项目标由台账自动统计，不能手工填报。")
    form = ValueForm(on_day=_last_year_end())
    form.state.choices = [("", "请选择"), *((state, state) for state in metric.states)]
    if request.method == "POST" and form.validate():
        try:
            actions.enter_value(
                city=city, metric=metric, on_day=cast("date", form.on_day.data), value=form.value.data if not metric.states else None,
                state=(form.state.data or None) if metric.states else None, source=form.source.data or "", evidence=form.evidence.data or "",
                by=current_actor(),
            )
        except DomainError as error:
            form.put_error(error.field, error.message_zh)
        else:
            flash(f"已登记“{line.target.label}”截至 {form.on_day.data} 的数值。", "ok")
            return redirect(url_for("targets.show", code=code), 303)
    return render_template("targets/value.html", city=city, line=line, form=form, metric=metric), 422 if form.errors else 200


def _last_year_end() -> date:
    return year_end(clock.today().year - 1)
