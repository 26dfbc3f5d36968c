"""Pages of this capability: the tree, one area, its dated membership, names, population."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm

from app.areas import actions, imports, queries
from app.areas.forms import AliasForm, AreaForm, CloseForm, ConfirmForm, MoveForm, PopulationForm, TownForm, ViewForm
from app.areas.models import KINDS, Area
from app.infra import clock, ticks
from app.infra.db import db
from app.infra.web import navigation
from app.infra.web.access import commits, current_actor, current_reach, one_city, requires
from app.kernel.errors import Conflict, DomainError, Invalid, NotFound
from app.kernel.permission import Permission

blueprint = Blueprint("areas", __name__, url_prefix="/areas")


def editable() -> frozenset[int]:
    """Cities whose areas the signed-in person may correct: held for a whole city, since moving a town concerns two units. Of several the
    one picked in the address, if any."""
    reach = current_reach(Permission.AREA_EDIT).city_ids
    return reach & {g.city_id} if g.get("city_id") else reach


def get_for_edit(area_id: int) -> Area:
    area = queries.get_area(editable(), area_id)
    db.session.refresh(area, with_for_update=True)
    return area


@blueprint.get("/")
@requires(Permission.AREA_VIEW)
@one_city()
def index() -> Any:
    """Counties and zones with their towns on a day, codes, 待核 marks and population of a year."""
    form = ViewForm(request.args)
    valid = form.validate()
    day = (form.on.data if valid else None) or clock.today()
    year = (form.year.data if valid else None) or day.year - 1
    cities = queries.list_cities(current_user.city_ids)
    city = next((c for c in cities if c.id == g.get("city_id")), cities[0] if cities else None)
    if city is None:
        raise NotFound("您的账号还没有所在城市，请联系本单位系统管理员。")
    nodes = queries.tree(city.id, day, year=year)
    return render_template(
        "areas/index.html", city=city, nodes=nodes, day=day, year=year, kinds=KINDS, editable=city.id in editable(),
    )


@blueprint.get("/<int:area_id>")
@requires(Permission.AREA_VIEW)
def show(area_id: int) -> Any:
    """One area: membership over time with what was known when, aliases, population; correction forms for who may."""
    return _page(queries.get_area(current_user.city_ids, area_id))


def _page(area: Area, status: int = 200, **forms: FlaskForm) -> Any:
    may_edit = area.city_id in editable()
    units = queries.list_units([area.city_id or 0])
    shown: dict[str, FlaskForm] = {}
    if may_edit:
        shown = {
            "area_form": AreaForm(None, obj=area), "alias_form": AliasForm(None), "close_form": CloseForm(None, obj=area),
            "move_form": MoveForm(None, obj=area), "confirm_form": ConfirmForm(None, obj=area), **forms,
        }
        shown["move_form"].unit_id.choices = [(u.id, u.name) for u in units]  # type: ignore[attr-defined]
        for key, form in shown.items():
            _own_ids(form, key.replace("_", "-"))
    return render_template(
        "areas/show.html", area=area, parent=db.session.get(Area, area.parent_id) if area.parent_id else None, kinds=KINDS, bases=actions.BASES,
        memberships=queries.list_memberships(area.id), aliases=queries.list_aliases(area.id), population=queries.list_population(area.id),
        may_edit=may_edit, today=clock.today(), leaf=area.kind in queries.LEAF_KINDS, **shown,
    ), status


def _own_ids(form: FlaskForm, prefix: str) -> None:
    """Several forms of this page have fields of one name; their ids must differ."""
    for field in form:
        field.id = field.label.field_id = f"{prefix}-{field.name}"


def _act(area: Area, name: str, form: FlaskForm, act: Callable[[], Any], done: str) -> Any:
    """Validate, act, go back to the area; on a refusal the page comes again with the input and the reason at its field."""
    if form.validate():
        try:
            act()
            flash(done, "ok")
            return redirect(url_for("areas.show", area_id=area.id), 303)
        except DomainError as error:
            db.session.rollback()
            area = queries.get_area(editable(), area.id)
            if isinstance(error, Conflict):
                flash(error.message_zh, "bad")
                return _page(area, 409)
            _refuse(form, error)
    return _page(area, 422, **{name: form})


def _refuse(form: FlaskForm, error: DomainError) -> None:
    if error.field and error.field in form:
        form[error.field].errors = [error.message_zh]
    else:
        flash(error.message_zh, "bad")


@blueprint.post("/<int:area_id>/move")
@requires(Permission.AREA_EDIT)
@commits
def move(area_id: int) -> Any:
    """Correct the managing unit from a day on."""
    area, form = get_for_edit(area_id), MoveForm()
    form.unit_id.choices = [(u.id, u.name) for u in queries.list_units(editable())]
    return _act(area, "move_form", form, lambda: actions.move_town(
        _leaf(area), unit_id=form.unit_id.data, since=form.since.data, document=(form.document.data or "").strip() or None,
        confirmed=form.confirmed.data, version=form.version_number(), by=current_actor(),
    ), f"已更正“{area.name}”的管理单位，此前年份不受影响。")


def _leaf(area: Area) -> Area:
    if area.kind not in queries.LEAF_KINDS:
        raise Invalid("not_a_town", f"“{area.name}”不是镇街，没有管理单位。")
    return area


@blueprint.post("/<int:area_id>/memberships/<int:membership_id>/confirm")
@requires(Permission.AREA_EDIT)
@commits
def confirm(area_id: int, membership_id: int) -> Any:
    """A 待核 membership is supported by a document."""
    area, form = get_for_edit(area_id), ConfirmForm()
    return _act(area, "confirm_form", form, lambda: actions.confirm_membership(
        area, membership_id, document=form.document.data or "", version=form.version_number(), by=current_actor(),
    ), f"“{area.name}”的归属已核实。")


@blueprint.post("/<int:area_id>/edit")
@requires(Permission.AREA_EDIT)
@commits
def edit(area_id: int) -> Any:
    """Name, code, note."""
    area, form = get_for_edit(area_id), AreaForm()
    return _act(area, "area_form", form, lambda: actions.edit_area(
        area, name=form.name.data or "", code=form.code.data or "", note=form.note.data, version=form.version_number(), by=current_actor(),
    ), "区划信息已保存。")


@blueprint.post("/<int:area_id>/close")
@requires(Permission.AREA_EDIT)
@commits
def close(area_id: int) -> Any:
    """The town is abolished."""
    area, form = get_for_edit(area_id), CloseForm()
    return _act(area, "close_form", form, lambda: actions.close_town(
        _leaf(area), last_day=form.last_day.data, document=form.document.data or "", version=form.version_number(), by=current_actor(),
    ), f"已登记“{area.name}”撤销，此前年份不受影响。")


@blueprint.post("/<int:area_id>/aliases")
@requires(Permission.AREA_EDIT)
@commits
def add_alias(area_id: int) -> Any:
    """Another spelling for imports."""
    area, form = get_for_edit(area_id), AliasForm()
    return _act(
        area, "alias_form", form, lambda: actions.add_alias(area, form.alias.data or "", by=current_actor()), "别名已保存，导入时可识别。"
    )


@blueprint.post("/<int:area_id>/aliases/<int:alias_id>/remove")
@requires(Permission.AREA_EDIT)
@commits
def remove_alias(area_id: int, alias_id: int) -> Any:
    """The spelling is no longer understood."""
    actions.remove_alias(get_for_edit(area_id), alias_id, by=current_actor())
    flash("别名已删除。", "ok")
    return redirect(url_for("areas.show", area_id=area_id), 303)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.AREA_EDIT)
@commits
def new() -> Any:
    """A newly founded town."""
    form = TownForm()
    units = queries.list_units(editable())
    named = _unit_choices(units)
    form.county_id.choices = [(u.id, named[u.id]) for u in units if u.kind == "county"]
    form.unit_id.choices = list(named.items())
    if form.validate_on_submit():
        try:
            town = _found(form)
            flash(f"已新增“{town.name}”，代码 {town.code}。", "ok")
            return redirect(url_for("areas.show", area_id=town.id), 303)
        except Invalid as error:
            db.session.rollback()
            _refuse(form, error)
    return render_template("areas/new.html", form=form), 422 if form.is_submitted() else 200


def _unit_choices(units: Sequence[Area]) -> dict[int, str]:
    """Names of counties and zones; with the city where several cities are offered (两市都有高新区)."""
    cities = {c.id: c.name for c in queries.list_cities({u.city_id for u in units if u.city_id})}
    return {u.id: u.name if len(cities) < 2 else f"{cities.get(u.city_id or 0, '')} {u.name}" for u in units}


def _found(form: TownForm) -> Area:
    county, unit = (queries.get_area(editable(), f.data) for f in (form.county_id, form.unit_id))
    if county.city_id != unit.city_id:
        raise Invalid("unit_city", "管理单位应与所在县（市、区）属于同一个城市。", "unit_id")
    return actions.add_town(
        county=county, unit=unit, name=form.name.data or "", kind=form.kind.data, code=form.code.data, founded=form.founded.data,
        document=form.document.data or "", by=current_actor(),
    )


@blueprint.route("/population", methods=["GET", "POST"])
@requires(Permission.AREA_EDIT)
@commits
def population() -> Any:
    """Paste the population of many towns; nothing is stored while a line is not understood."""
    form = PopulationForm()
    problems: list[imports.Problem] = []
    if form.validate_on_submit():
        pasted = imports.read_population(form.rows.data or "", queries.Resolver(editable()))
        problems = pasted.problems
        if pasted.lines and not problems:
            count = actions.set_population(
                pasted.lines, year=form.year.data or 0, basis=form.basis.data, source=form.source.data or "", by=current_actor()
            )
            flash(f"已保存 {form.year.data} 年人口：共 {len(pasted.lines)} 个镇街，其中 {count} 个有变化。", "ok")
            return redirect(url_for("areas.index", year=form.year.data), 303)
        form.rows.errors = [f"有 {len(problems)} 行没有读懂，全部内容尚未保存，请改好后再提交。" if problems else "没有读到任何镇街，请检查格式。"]
    return render_template("areas/population.html", form=form, problems=problems[:200]), 422 if form.is_submitted() else 200


def init_app(app: Flask) -> None:
    """Menu entry and the new-day chore."""
    navigation.register(navigation.NavItem("输出与管理", 60, "行政区划", "areas.index", "map-2", Permission.AREA_VIEW))
    ticks.on_new_day("areas.moved", actions.refresh_moved)
