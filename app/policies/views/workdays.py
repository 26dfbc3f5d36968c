"""工作日历: which days of a year are worked, what a city says about them, and a warning where a year has not been announced."""

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.areas import queries as areas
from app.areas.models import Area
from app.infra import clock, holidays
from app.infra.web.access import commits, current_actor, current_reach, one_city, requires
from app.kernel.errors import DomainError, NotFound
from app.kernel.permission import Permission
from app.policies.forms import WorkdayForm, WorkdayListForm
from app.policies.queries import work_calendar
from app.policies.views._blueprint import blueprint
from app.policies.views.choice import choice


def _city() -> Area:
    """The city whose days the person keeps; of several the picked one."""
    own = current_reach(Permission.AREA_EDIT)
    cities = [city for city in choice().shown if own.everything or city.id in own.city_ids]
    if not cities and (own.everything or own.city_ids):
        cities = areas.list_cities(None if own.everything else own.city_ids)
    if not cities:
        raise NotFound("您的账号没有负责的城市，请联系本单位系统管理员。")
    return cities[0]


def _year() -> int:
    text = request.values.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year
    return year if holidays.FIRST <= year <= holidays.LAST else clock.today().year


@blueprint.get("/workdays/")
@requires(Permission.AREA_EDIT)
@one_city()
def workdays() -> str:
    """The days of a year that differ from their weekday, and the city's own table."""
    return _page()


def _page(day_form: WorkdayForm | None = None, list_form: WorkdayListForm | None = None, problems: Any = ()) -> str:
    city, year = _city(), _year()
    calendar, today = work_calendar(city.id), clock.today()
    own = {row.day: row for row in holidays.list_days(city.id, year)}
    first = date(year, 1, 1)
    every = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    special = [day for day in every if day in own or calendar.is_workday(day) != (day.weekday() < 5)]
    return render_template(
        "policies/workdays.html", city=city, year=year, own=own, days=[(day, calendar.is_workday(day), own.get(day)) for day in special],
        known=calendar.known(year), count=sum(map(calendar.is_workday, every)), hours=calendar.hours, problems=problems,
        unknown=calendar.unknown_years(today, today + timedelta(days=180)), day_form=_own_ids(day_form or WorkdayForm(None), "day"),
        list_form=_own_ids(list_form or WorkdayListForm(None, year=year), "list"),
        years=[(str(y), f"{y} 年") for y in range(today.year + 2, today.year - 6, -1)],
    )


def _own_ids(form: Any, prefix: str) -> Any:
    """Both forms of the page have fields of one name; their ids must differ."""
    for field in form:
        field.id = field.label.field_id = f"{prefix}-{field.name}"
    return form


@blueprint.post("/workdays/day")
@requires(Permission.AREA_EDIT)
@one_city()
@commits
def workday_set() -> Any:
    """One day: worked or not."""
    form = WorkdayForm()
    if form.validate():
        draft = holidays.DayDraft(form.day.data, form.worked.data == "1", form.label.data or "")
        try:
            changed = holidays.set_days(city_id=_city().id, drafts=[draft], document=form.document.data or "", listed=False, by=current_actor())
        except DomainError as error:
            form.put_error(error.field, error.message_zh)
        else:
            flash(f"{draft.day} 已登记为{'上班' if draft.worked else '放假'}。" if changed else "与已登记的内容一致，未改动。", "ok" if changed else "info")
            return redirect(url_for("policies.workdays", year=draft.day.year), 303)
    return _page(day_form=form), 422


@blueprint.post("/workdays/list")
@requires(Permission.AREA_EDIT)
@one_city()
@commits
def workday_list() -> Any:
    """The list of a whole year, pasted; nothing is stored while a line is not understood."""
    form, problems = WorkdayListForm(), []
    if form.validate():
        read = holidays.read_days(form.rows.data or "")
        years, problems = {draft.day.year for draft in read.drafts}, read.problems
        if problems or not read.drafts:
            form.rows.errors = [f"有 {len(problems)} 行没有读懂，全部内容尚未保存，请改好后再提交。" if problems else "没有读到任何日期，请检查格式。"]
        elif len(years) > 1 and years != {form.year.data, (form.year.data or 0) - 1}:
            form.rows.errors = ["内容里有几个年份，请一年一年登记（元旦前的连休可以带上上一年的几天）。"]
        elif form.year.data not in years:
            form.year.errors = [f"内容里没有 {form.year.data} 年的日期，请核对年度。"]
        else:
            return _store_list(form, read.drafts)
    return _page(list_form=form, problems=problems[:100]), 422


def _store_list(form: WorkdayListForm, drafts: list[holidays.DayDraft]) -> Any:
    city, document, by = _city().id, form.document.data or "", current_actor()
    year = form.year.data or 0
    try:
        changed = holidays.set_days(
            city_id=city, drafts=[d for d in drafts if d.day.year == year], document=document, listed=True, by=by,
        ) + holidays.set_days(city_id=city, drafts=[d for d in drafts if d.day.year != year], document=document, listed=False, by=by)
    except DomainError as error:
        form.put_error(error.field, error.message_zh)
        return _page(list_form=form), 422
    flash(f"已登记 {year} 年放假安排，{changed} 天有变化，时限按新的工作日计算。", "ok")
    return redirect(url_for("policies.workdays", year=year), 303)


@blueprint.post("/workdays/forget")
@requires(Permission.AREA_EDIT)
@one_city()
@commits
def workday_forget() -> Any:
    """Take a day out of the city's table."""
    form = WorkdayForm()
    if not form.day.data:
        raise NotFound("没有找到这一天，请刷新页面后重试。")
    gone = holidays.forget_day(city_id=_city().id, day=form.day.data, by=current_actor())
    flash(f"{form.day.data} 已恢复为系统内置安排。" if gone else "这一天没有单独登记，未改动。", "ok" if gone else "info")
    return redirect(url_for("policies.workdays", year=form.day.data.year), 303)
