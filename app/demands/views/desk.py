"""承办部门 with contact persons, and 扫码链接: public addresses with their QR code."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.areas.models import Organisation
from app.demands import actions
from app.demands.actions import desk
from app.demands.forms import DepartmentForm, LinkForm, PersonForm
from app.demands.models import DemandDepartment
from app.demands.queries import departments as queries
from app.demands.queries import records
from app.demands.views._blueprint import blueprint
from app.demands.views.asking import city_of_pack, qr_code, unit_choices
from app.enterprises.queries import places as place_names
from app.infra import clock
from app.infra.db import db
from app.infra.web.access import commits, current_actor, current_scope, one_city, requires
from app.kernel.errors import DomainError, NotFound
from app.kernel.permission import Permission
from app.policies.queries import current_pack


def _city() -> int:
    """The city whose departments this person keeps: a whole city's officer."""
    city, scope = city_of_pack(current_pack()), current_scope(Permission.DEMAND_DISPATCH)
    if not (scope.everything or city in scope.city_ids):
        raise NotFound("承办部门由市局维护。")
    return city


@blueprint.get("/departments/")
@requires(Permission.DEMAND_DISPATCH)
@one_city()
def departments() -> str:
    """Departments of the city with today's contact persons and what they are asked for."""
    return _departments()


def _departments(form: DepartmentForm | None = None) -> str:
    pack, scope = current_pack(), current_scope()
    city = city_of_pack(pack)
    found = queries.list_departments([city], all_of_them=True)
    keeps = scope.everything or city in scope.city_ids
    found = found if keeps else queries.within(found, city, scope.unit_ids)
    form = form or DepartmentForm(None)
    form.offer(area_id=[(city, place_names.places().name(city)), *unit_choices()])
    domains: dict[int, list[str]] = {}
    for entry in pack.entries("demand_domains"):
        for one in queries.proposed(pack, entry.code, found):
            domains.setdefault(one.id, []).append(entry.label)
    return render_template(
        "demands/departments.html", departments=found, contacts=queries.contacts_on([one.id for one in found]), domains=domains, keeps=keeps, form=form,
        places=place_names.places(), missing=keeps and len({one.code for one in found if one.code}) < len(pack.entries("departments")),
    )


@blueprint.post("/departments/")
@requires(Permission.DEMAND_DISPATCH)
@one_city()
@commits
def department_add() -> Any:
    """A further department."""
    form, city = DepartmentForm(), _city()
    if form.validate():
        try:
            row = desk.add_department(city_id=city, area_id=form.area_id.data or 0, name=form.name.data or "", by=current_actor())
        except DomainError as error:
            db.session.rollback()
            form.put_error(error.field, error.message_zh)
        else:
            flash(f"已添加“{row.name}”，请登记联系人。", "ok")
            return redirect(url_for("demands.department", organisation_id=row.id), 303)
    return _departments(form), 422


@blueprint.post("/departments/from-pack")
@requires(Permission.DEMAND_DISPATCH)
@one_city()
@commits
def department_load() -> Any:
    """Bring the departments up to the pack."""
    added = actions.ensure_departments(_city(), by=current_actor())
    flash(f"已按政策包添加 {added} 个成员单位。" if added else "政策包里的成员单位都已在列，名称已核对。", "ok" if added else "info")
    return redirect(url_for("demands.departments"), 303)


def _department(organisation_id: int) -> tuple[Organisation, DemandDepartment]:
    scope = current_scope()
    cities = {place.id for place in place_names.places().by_id.values() if place.kind == "city"} if scope.everything else set(scope.city_ids)
    return queries.find_for_edit(cities, organisation_id)


@blueprint.route("/departments/<int:organisation_id>", methods=["GET", "POST"])
@requires(Permission.DEMAND_DISPATCH)
@commits
def department(organisation_id: int) -> Any:
    """Contact persons of one department."""
    organisation, row = _department(organisation_id)
    form = PersonForm()
    if not form.is_submitted():
        form.valid_from.data = clock.today()
    elif form.validate():
        draft = desk.PersonDraft(
            form.name.data or "", form.title.data, form.contact_phone.data, form.valid_from.data or clock.today(), form.valid_to.data,
        )
        try:
            desk.add_person(organisation=organisation, draft=draft, by=current_actor())
        except DomainError as error:
            db.session.rollback()
            form.put_error(error.field, error.message_zh)
        else:
            flash("已登记联系人。", "ok")
            return redirect(url_for("demands.department", organisation_id=organisation_id), 303)
    page = render_template(
        "demands/department.html", organisation=organisation, row=row, persons=queries.contacts_of(organisation_id), form=form, today=clock.today(),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/departments/<int:organisation_id>/switch")
@requires(Permission.DEMAND_DISPATCH)
@commits
def department_switch(organisation_id: int) -> Any:
    """Use it for new demands, or no longer."""
    organisation, row = _department(organisation_id)
    active = request.form.get("active") == "1"
    changed = desk.switch_department(row, active=active, by=current_actor())
    flash(f"“{organisation.name}”已{'启用' if active else '停用，不再接收新的诉求'}。" if changed else "没有变化。", "ok" if changed else "info")
    return redirect(url_for("demands.department", organisation_id=organisation_id), 303)


@blueprint.post("/departments/<int:organisation_id>/people/<int:person_id>/end")
@requires(Permission.DEMAND_DISPATCH)
@commits
def person_end(organisation_id: int, person_id: int) -> Any:
    """Somebody else is the contact person from today on."""
    organisation, _row = _department(organisation_id)
    desk.end_person(organisation=organisation, person_id=person_id, by=current_actor())
    flash("已结束这位联系人的任期，请登记接任的联系人。", "ok")
    return redirect(url_for("demands.department", organisation_id=organisation_id), 303)


@blueprint.route("/links/", methods=["GET", "POST"])
@requires(Permission.DEMAND_DISPATCH)
@one_city()
@commits
def links() -> Any:
    """Public addresses of the viewer's places."""
    form, scope, city = LinkForm(), current_scope(), city_of_pack(current_pack())
    whole = scope.everything or city in scope.city_ids
    form.offer(unit_id=[*([("", "全市（由市局受理）")] if whole else []), *unit_choices()])
    if form.is_submitted() and form.validate():
        unit = form.unit_id.data if form.unit_id.data in {id_ for id_, _ in unit_choices()} else None
        if unit is None and not whole:
            form.put_error("unit_id", "请选择所属县区。")
        else:
            try:
                row = desk.add_link(city_id=city, unit_id=unit, label=form.label.data or "", valid_to=form.valid_to.data, by=current_actor())
            except DomainError as error:
                db.session.rollback()
                form.put_error(error.field, error.message_zh)
            else:
                flash(f"已建立“{row.label}”，可以打印二维码。", "ok")
                return redirect(url_for("demands.link", link_id=row.id), 303)
    page = render_template("demands/links.html", links=records.list_links(scope), form=form, places=place_names.places(), today=clock.today())
    return page, 422 if form.errors else 200


@blueprint.get("/links/<int:link_id>")
@requires(Permission.DEMAND_DISPATCH)
def link(link_id: int) -> str:
    """The poster: QR code and address, ready to print."""
    row = records.get_link(current_scope(), link_id)
    address = url_for("demands.public", token=row.token, _external=True)
    return render_template("demands/link.html", link=row, address=address, qr=qr_code(address, f"{row.label}：企业诉求登记"), places=place_names.places())


@blueprint.post("/links/<int:link_id>/switch")
@requires(Permission.DEMAND_DISPATCH)
@commits
def link_switch(link_id: int) -> Any:
    """Close it, or open it again."""
    row, active = records.get_link(current_scope(), link_id), request.form.get("active") == "1"
    changed = desk.switch_link(row, active=active, by=current_actor())
    flash(f"“{row.label}”已{'重新启用' if active else '停用，扫码后会提示改用其他方式'}。" if changed else "没有变化。", "ok" if changed else "info")
    return redirect(url_for("demands.links"), 303)
