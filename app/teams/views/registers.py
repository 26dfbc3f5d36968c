"""The three registers: list, one entry with its history, writing down, steps, phone, export."""

import io
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.enterprises.exports import Caption, file_name
from app.enterprises.views.listing import XLSX
from app.identity.queries.people import logins_of, people_of
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, one_city, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import NotFound
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.teams.actions import registers as actions
from app.teams.exports import registers as exports
from app.teams.forms import FORMS, StepForm, blank, domain_choices, industry_choices, unit_choices
from app.teams.models.registers import (
    ORIGINS,
    PLATFORM_TIERS,
    PROVIDER_KINDS,
    REGISTERS,
    RESOURCE_KINDS,
    STATE_LABELS,
    STEP_LABELS,
    STRENGTHS,
)
from app.teams.queries import registers as queries
from app.teams.queries import scores
from app.teams.queries.reach import city_of_page
from app.teams.queries.registers import Asked
from app.teams.rules import registers as rules
from app.teams.views._blueprint import blueprint
from app.teams.views.parts import attempt, phone_page, whole, words

View = TypeVar("View", bound=Callable[..., Any])
KINDS = {"provider": PROVIDER_KINDS, "expert": {}, "resource": RESOURCE_KINDS}
ANY = "registers/<register>"
NEW = {"provider": "登记服务商", "expert": "登记专家", "resource": "登记资源"}


def known_register(view: View) -> View:
    """The page is of one of the three registers; any other word is not found."""

    @wraps(view)
    def checked(register: str, **more: Any) -> Any:
        if register not in REGISTERS:
            raise NotFound()
        return view(register, **more)

    return cast("View", checked)


def asked_of(register: str) -> Asked:
    """What the address narrows the list to; what is not offered is left out."""
    got = request.args
    unit = whole(got.get("unit"))

    def one(name: str, allowed: Any) -> str:
        value = got.get(name, "")[:60]
        return value if value in allowed else ""

    return Asked(
        state=one("state", {**STATE_LABELS[register], "serving": ""}), kind=one("kind", KINDS[register]), origin=one("origin", ORIGINS),
        tier=one("tier", PLATFORM_TIERS), strength=one("strength", STRENGTHS), domain=one("domain", dict(domain_choices(current_pack()))),
        industry=one("industry", dict(industry_choices())), unit_id=unit, text=got.get("q", "").strip()[:60], free=got.get("free") == "1",
    )


def choices(city_id: int) -> dict[str, Any]:
    """What the filters offer."""
    return {
        "domains": domain_choices(current_pack()), "industries": industry_choices(), "units": unit_choices(city_id), "origins": list(ORIGINS.items()),
        "tiers": list(PLATFORM_TIERS.items()), "strengths": list(STRENGTHS.items()),
    }


@blueprint.get(f"/{ANY}/")
@requires(Permission.TEAM_VIEW)
@one_city()
@known_register
def register(register: str) -> str:
    """One register as a list."""
    scope, asked = current_scope(), asked_of(register)
    city = city_of_page(scope)
    page = queries.page(scope, register, asked, request.args.get("cursor"), page_size(request.args.get("size")))
    return render_template(
        "teams/register.html", register=register, label=REGISTERS[register], page=page, asked=asked, states=STATE_LABELS[register],
        kinds=KINDS[register], counts=queries.count_states(scope, register), origins=queries.count_origins(scope) if register == "provider" else {},
        origin_labels=ORIGINS, strength_labels=STRENGTHS, choices=choices(city.id), words=words(), new=NEW[register], may_edit=has(Permission.TEAM_EDIT),
        providers=queries.provider_names([row.provider_id for row in page.rows]) if register != "provider" else {},
        changes=queries.open_changes(current_scope(Permission.TEAM_EDIT)) if has(Permission.TEAM_EDIT) and register == "provider" else [],
    )


@blueprint.get(f"/{ANY}/<int:entry_id>")
@requires(Permission.TEAM_VIEW)
@known_register
def entry(register: str, entry_id: int) -> str:
    """One entry: what stands of it, its history, scores, and the steps that may follow."""
    row = queries.get_entry(current_scope(), register, entry_id)
    verbs = [(kind, STEP_LABELS[register][kind]) for kind in rules.MAY_FOLLOW[row.state] if kind != rules.PROPOSED] if has(Permission.TEAM_EDIT) else []
    return render_template(
        "teams/entry.html", register=register, label=REGISTERS[register], row=row, states=STATE_LABELS[register], kinds=KINDS[register],
        origin_labels=ORIGINS, tiers=PLATFORM_TIERS, strength_labels=STRENGTHS, steps=queries.steps_of(register, entry_id), step_labels=STEP_LABELS[register],
        verbs=verbs, again=rules.PROPOSED in rules.MAY_FOLLOW[row.state] and has(Permission.TEAM_EDIT), words=words(),
        scores=scores.of_subject(register, entry_id) if register != "resource" else [], may_edit=has(Permission.TEAM_EDIT),
        resources=queries.resources_of(entry_id) if register == "provider" else [],
        experts=queries.experts_of(entry_id) if register == "provider" else [], resource_states=STATE_LABELS["resource"],
        expert_states=STATE_LABELS["expert"], resource_kinds=RESOURCE_KINDS, people=people_of(entry_id) if register == "provider" else [],
        providers=queries.provider_names([getattr(row, "provider_id", None), getattr(row, "parent_id", None)]),
        login=logins_of([getattr(row, "user_id", None)]), may_reveal=has(Permission.CONTACT_REVEAL) and bool(row.phone_masked),
        change=queries.open_change(register, entry_id) if register != "expert" and has(Permission.TEAM_EDIT) else None,
    )


@blueprint.route(f"/{ANY}/new", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
@one_city()
@commits
@known_register
def entry_new(register: str) -> Any:
    """Write a new entry down."""
    form = _form(register, None)
    if not form.is_submitted():
        form.on.data = clock.today()
    if form.is_submitted() and form.validate():
        saved = attempt(form, lambda: _save(register, form, None))
        if saved is not None:
            flash(f"已登记“{saved.name}”，状态：{STATE_LABELS[register][saved.state]}。", "ok")
            return redirect(url_for("teams.entry", register=register, entry_id=saved.id), 303)
    return _drawn(register, form, None)


@blueprint.route(f"/{ANY}/<int:entry_id>/edit", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
@commits
@known_register
def entry_edit(register: str, entry_id: int) -> Any:
    """Change what stands of an entry."""
    row = queries.get_entry(current_scope(), register, entry_id)
    form = _form(register, row)
    if form.is_submitted() and form.validate():
        saved = attempt(form, lambda: _save(register, form, row))
        if saved is not None:
            flash(f"已保存“{saved.name}”。", "ok")
            return redirect(url_for("teams.entry", register=register, entry_id=saved.id), 303)
    return _drawn(register, form, row)


def _form(register: str, row: Any) -> Any:
    form, scope = FORMS[register](), current_scope()
    form.offer(current_pack(), row.city_id if row is not None else city_of_page(scope).id)
    providers = queries.provider_choices(scope)
    for name in ("provider_id", "parent_id"):
        if name in form:
            form[name].choices = blank(providers, "不在联盟内" if name == "provider_id" else "没有上级平台")
    if row is not None and not form.is_submitted():
        form.show(row)
        if "login" in form:
            form.login.data = logins_of([row.user_id]).get(row.user_id or 0, "")
    if row is not None:
        del form.on, form.reason
    return form


def _save(register: str, form: Any, row: Any) -> Any:
    values = form.values() | form.consent(row)
    scope = current_scope()
    if "login" in form:
        values["user_id"] = actions.account_of(form.login.data or "", row.city_id if row is not None else city_of_page(scope).id)
    if register == "resource" and values.get("provider_id") and not (values.get("owner") or "").strip():
        values["owner"] = queries.provider_names([values["provider_id"]]).get(values["provider_id"], "")
    more = {"entry_id": row.id, "version": whole(form.version.data) or 0} if row is not None else {"on": form.on.data, "reason": form.reason.data or ""}
    return actions.save_entry(scope=scope, register=register, values=values, by=current_actor(), **more)


def _drawn(register: str, form: Any, row: Any) -> Any:
    back = url_for("teams.entry", register=register, entry_id=row.id) if row is not None else url_for("teams.register", register=register)
    page = render_template("teams/entry_form.html", form=form, register=register, label=REGISTERS[register], row=row, new=NEW[register], back=back)
    return page, 422 if form.errors else 200


@blueprint.route(f"/{ANY}/<int:entry_id>/steps/<what>", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
@commits
@known_register
def entry_step(register: str, entry_id: int, what: str) -> Any:
    """Admit, warn, renew, end: the form, and doing it."""
    row = queries.get_entry(current_scope(), register, entry_id)
    if what not in STEP_LABELS[register] or what in (rules.CHANGED,):
        raise NotFound()
    form, verb = StepForm(), STEP_LABELS[register][what]
    if not form.is_submitted():
        form.on.data, form.version.data = clock.today(), str(row.version)
    if form.is_submitted() and form.validate():
        done = attempt(form, lambda: actions.take_step(
            scope=current_scope(), register=register, entry_id=entry_id, kind=what, on=form.on.data, reason=form.reason.data or "",
            document=form.document.data or "", valid_to=form.valid_to.data, version=whole(form.version.data) or 0, by=current_actor(),
        ))
        if done is not None:
            flash(f"已对“{done.name}”办理{verb}。", "ok")
            return redirect(url_for("teams.entry", register=register, entry_id=entry_id), 303)
    back = url_for("teams.entry", register=register, entry_id=entry_id)
    page = render_template(
        "teams/entry_step.html", form=form, register=register, label=REGISTERS[register], row=row, verb=verb, what=what, dated=what in rules.DATED,
        states=STATE_LABELS[register], back=back,
    )
    return page, 422 if form.errors else 200


@blueprint.route(f"/{ANY}/<int:entry_id>/phone", methods=["GET", "POST"])
@requires(Permission.CONTACT_REVEAL)
@commits
@known_register
def entry_phone(register: str, entry_id: int) -> Any:
    """The full number, with a reason that is recorded."""
    row = queries.get_entry(current_scope(), register, entry_id)
    return phone_page(row, actions.subject(register, row), row.contact_name or row.name, url_for("teams.entry", register=register, entry_id=entry_id))


@blueprint.post(f"/{ANY}/export")
@requires(Permission.ENTERPRISE_EXPORT)
@one_city()
@commits
@known_register
def export_register(register: str) -> Response:
    """The register as listed, as a workbook that the import reads again."""
    if not has_everywhere(Permission.TEAM_VIEW):
        raise NotFound("没有找到这个名单，可能不在您的权限内。")
    scope, asked = current_scope(), asked_of(register)
    conditions = "、".join(word for word in (STATE_LABELS[register].get(asked.state, ""), asked.text) if word) or "全部"
    caption, out = Caption(REGISTERS[register], conditions, clock.today(), current_user.name), io.BytesIO()
    rows = exports.write_register(out, register, queries.each(scope, register, asked), words(), caption)
    audit.record("register.exported", Subject("register", register, REGISTERS[register]), None, {"conditions": conditions, "rows": rows}, by=current_actor())
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=file_name(caption))
