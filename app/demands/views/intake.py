"""Registering a demand: by an officer, a team, the enterprise's own contact; hints at what is registered already; matching."""

from typing import Any, BinaryIO, cast

from flask import Response, flash, jsonify, redirect, render_template, request, url_for

from app.demands import actions
from app.demands.forms import ACCEPT, MatchForm, RaiseForm, number_or_none
from app.demands.queries.records import FILE_PURPOSE, get_demand, similar_demands
from app.demands.rules.states import STATES, TONES
from app.demands.rules.texts import cleaned
from app.demands.views._blueprint import blueprint
from app.demands.views.asking import domain_choices, is_enterprise, own_enterprise
from app.enterprises.models import Enterprise
from app.enterprises.queries import find_by_code, get_enterprise, quick_search
from app.infra import files
from app.infra.db import db
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel import credit_code
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.permission import Permission
from app.policies.queries import current_pack, pack_of_city

MAX_BYTES = 20 * 1024 * 1024


@blueprint.get("/find-enterprise")
@requires(Permission.DEMAND_RAISE)
def find_enterprise() -> Response:
    """Matches for the enterprise picker."""
    hits = quick_search(current_scope(), request.args.get("q", "")[:60], 20)
    return jsonify([{"value": str(hit.id), "text": hit.name, "note": f"{hit.credit_code} {hit.town}"} for hit in hits])


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.DEMAND_RAISE)
@commits
def new() -> Any:
    """Register a demand; what looks like one already registered is shown first, and may be registered all the same."""
    form, own = RaiseForm(), own_enterprise()
    enterprise = _chosen(form, own)
    pack = pack_of_city(enterprise.city_id) if enterprise is not None else current_pack()
    form.offer(domain=[("", "按内容判断"), *domain_choices(pack)], enterprise_id=[(enterprise.id, enterprise.name)] if enterprise else [("", "请选择企业")])
    if form.enterprise_id.data is None and enterprise is not None:
        form.enterprise_id.data = enterprise.id
    alike: list[Any] = []
    if form.is_submitted() and form.validate():
        alike = _alike(form, enterprise)
        if not alike:
            made = _register(form, enterprise)
            if made is not None:
                flash(f"已登记，编号 {made.number}。{'请选择承办部门，或自行办理。' if not is_enterprise() else '工作人员会在时限内联系您。'}", "ok")
                return redirect(url_for("demands.show", demand_id=made.id), 303)
    status = 422 if form.errors or alike else 200
    return render_template(
        "demands/new.html", form=form, own=own, enterprise=enterprise, alike=alike, states=STATES, tones=TONES, accept=",".join(ACCEPT),
        visit_id=number_or_none(request.values.get("visit_id")),
    ), status


def _chosen(form: RaiseForm, own: int | None) -> Enterprise | None:
    """The enterprise of the form, of the address, or one's own; out of scope is none."""
    wanted = own or form.enterprise_id.data or number_or_none(request.args.get("enterprise_id"))
    if wanted is None:
        return None
    try:
        return get_enterprise(current_scope(), wanted)
    except NotFound:
        if form.is_submitted():
            form.enterprise_id.errors = ["没有找到这家企业，可能不在您的管辖范围内，请重新选择。"]
        return None


def _alike(form: RaiseForm, enterprise: Enterprise | None) -> list[Any]:
    """Demands of the same firm with a like text, unless the person has seen them ("仍要登记")."""
    if enterprise is None or request.form.get("seen") == "1":
        return []
    body = cleaned(form.text.data)
    return [row for row in similar_demands(current_scope(), enterprise.id, body) if row.tab != "done" or row.text != body]


def _register(form: RaiseForm, enterprise: Enterprise | None) -> Any:
    by = current_actor()
    visit = number_or_none(request.form.get("visit_id"))
    source = "enterprise" if is_enterprise() else "visit" if visit else "officer"
    try:
        if enterprise is None:
            raise Invalid("enterprise_missing", "请选择提出诉求的企业。", "enterprise_id")
        made = actions.raise_demand(
            enterprise_id=enterprise.id, text=form.text.data or "", domain=form.domain.data or None, source=source, visit_id=visit, by=by,
            scope=current_scope(), contact_name=form.contact_name.data, contact_phone=form.contact_phone.data, consent=bool(form.consent.data),
        )
        actions.add_files(demand=made, files=uploads(by.user_id), told=True, by=by)
    except DomainError as error:
        db.session.rollback()
        form.put_error(error.field, error.message_zh)
        return None
    return made


def uploads(user_id: int | None, *, most: int = 5, max_bytes: int = MAX_BYTES) -> list[files.StoredFile]:
    """Stored files of this request's ``files``. Raises ``Invalid`` on the field."""
    given = [one for one in request.files.getlist("files") if one.filename]
    if len(given) > most:
        raise Invalid("too_many_files", f"一次最多上传 {most} 个附件，请分次上传。", "files")
    for one in given:
        if not (one.filename or "").lower().endswith(ACCEPT):
            raise Invalid("file_type", f"附件只接受 {'、'.join(ACCEPT)} 格式，请转换后再上传。", "files")
    return [
        files.save(cast(BinaryIO, one.stream), name=one.filename or "", purpose=FILE_PURPOSE, max_bytes=max_bytes, by=user_id) for one in given
    ]


@blueprint.route("/<int:demand_id>/match", methods=["GET", "POST"])
@requires(Permission.DEMAND_DISPATCH)
@commits
def match(demand_id: int) -> Any:
    """Which enterprise a demand without account comes from."""
    demand, form = get_demand(current_scope(), demand_id), MatchForm()
    guess = find_by_code(current_scope(), credit_code.normalize(demand.claimed_code)) if demand.claimed_code else None
    hits = [] if guess else quick_search(current_scope(), (demand.claimed_name or "")[:60], 5)
    form.offer(enterprise_id=[(form.enterprise_id.data or "", "请选择企业")])
    if not form.is_submitted():
        form.version.data = demand.version
    elif form.validate():
        try:
            code = credit_code.normalize(form.code.data or "")
            found = find_by_code(current_scope(), code) if code else None
            if found is None and form.enterprise_id.data is None:
                raise Invalid("enterprise_missing", "请选择企业，或填写本辖区内企业的统一社会信用代码。", "code" if code else "enterprise_id")
            chosen = found.id if found is not None else form.enterprise_id.data or 0
            changed = actions.match_demand(
                demand=demand, enterprise_id=chosen, version=form.version_number(), scope=current_scope(), by=current_actor(),
            )
            flash("已对应企业。" if changed else "此前已对应到这家企业，未改动。", "ok" if changed else "info")
            return redirect(url_for("demands.show", demand_id=demand.id), 303)
        except DomainError as error:
            db.session.rollback()
            form.put_error(error.field, error.message_zh)
            demand = get_demand(current_scope(), demand_id)
            form.version.data = demand.version
    return render_template("demands/match.html", demand=demand, form=form, guess=guess, hits=hits), 422 if form.errors else 200


__all__ = ["uploads"]
