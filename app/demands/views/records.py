"""One demand: what is asked, the clocks, who is on it, its history, and what may be done next; papers; the phone on request."""

from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for

from app.demands import actions
from app.demands.actions import Seat
from app.demands.forms import ACCEPT
from app.demands.models import ACTIVE, Demand
from app.demands.queries import departments as offices
from app.demands.queries import records
from app.demands.rules.clocks import LAMP_TONES, lamp
from app.demands.rules.states import (
    EVENT_TONES,
    EVENTS,
    EXTENSION_STATES,
    OPEN,
    OUTCOME_TONES,
    OUTCOMES,
    PART_STATES,
    RATINGS,
    ROLES,
    SOURCES,
    STATES,
    STEP,
    STEPS,
    TOLD,
    TONES,
)
from app.demands.views._blueprint import blueprint
from app.demands.views.asking import is_enterprise, moment, qr_code, seat_for, words
from app.demands.views.intake import uploads
from app.enterprises.queries import places as place_names
from app.infra import audit, clock, crypto, files
from app.infra.audit import Subject
from app.infra.db import db
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.kernel.errors import DomainError, NotFound
from app.kernel.permission import Permission
from app.policies.queries import pack_of_city

HANDLE = ("accept", "contact", "reply", "note", "pause", "resume", "extend", "finish", "transfer", "refuse")
DISPATCH = ("take", "dispatch", "assist", "instruct", "duplicate", "reject", "call_back")
OWN = ("rate", "reopen", "withdraw")


def steps_for(demand: Demand, seat: Seat, permission: Permission, codes: tuple[str, ...]) -> list[str]:
    """Steps the person may take now, in the order of use."""
    if not has(permission):
        return []
    found = [code for code in codes if demand.state in STEP[code].origins]
    if permission == Permission.DEMAND_HANDLE:
        if not seat.office and demand.organisation_id not in seat.organisation_ids:
            return []
        if demand.ruled:
            found = [code for code in found if code not in ("refuse", "transfer")]
        if demand.state == "new":
            found = [code for code in found if code == "contact" and seat.office]
    if permission == Permission.DEMAND_RAISE and not (is_enterprise() or has(Permission.DEMAND_DISPATCH)):
        found = [code for code in found if code != "rate"]
    if permission == Permission.DEMAND_DISPATCH:
        if demand.needs_ruling and not seat.city:
            found = [code for code in found if code not in ("dispatch", "take")]
        if demand.enterprise_id is None:
            found = [code for code in found if code != "duplicate"]
    return found


@blueprint.get("/<int:demand_id>")
@requires(Permission.DEMAND_VIEW)
def show(demand_id: int) -> str:
    """The whole demand."""
    return page(records.get_demand(current_scope(), demand_id))


def _reaches(demand: Demand, permission: Permission) -> bool:
    """Whether the permission holds for this demand, not only somewhere."""
    try:
        return has(permission) and records.get_demand(current_scope(permission), demand.id).id == demand.id
    except NotFound:
        return False


def page(demand: Demand) -> str:
    said, around, enterprise = words(pack_of_city(demand.city_id)), records.around(demand.id), records.enterprise_of(demand)
    handle, dispatch = (_reaches(demand, one) for one in (Permission.DEMAND_HANDLE, Permission.DEMAND_DISPATCH))
    seat, ruler = seat_for(demand), seat_for(demand, Permission.DEMAND_DISPATCH)
    proposed = offices.proposed(said.pack, demand.domain, said.departments.values())
    opens = has(Permission.ENTERPRISE_VIEW) and enterprise is not None and not (seat.organisation_ids and not seat.office)
    involved = {part.organisation_id for part in around.parts} | {demand.organisation_id or 0}
    return _drawn(
        demand, said, around=around, enterprise=enterprise, seat=seat, opens=opens, proposed=proposed,
        contacts=offices.contacts_on([id_ for id_ in involved if id_]),
        handle_steps=steps_for(demand, seat, Permission.DEMAND_HANDLE, HANDLE) if handle else [],
        dispatch_steps=steps_for(demand, ruler, Permission.DEMAND_DISPATCH, DISPATCH) if dispatch else [],
        own_steps=steps_for(demand, seat, Permission.DEMAND_RAISE, OWN) if _reaches(demand, Permission.DEMAND_RAISE) else [],
        may_decide=dispatch and any(one.state == "asked" for one in around.extensions), may_match=dispatch and demand.enterprise_id is None,
        may_call=handle, may_file=handle or (is_enterprise() and demand.state in OPEN),
        alike=records.similar_demands(current_scope(), demand.enterprise_id, demand.text, but=demand.id) if dispatch and demand.enterprise_id else [],
    )


def _drawn(demand: Demand, said: Any, **more: Any) -> str:
    now = clock.now()
    lamps = {
        one.id: "none" if one.met_at else lamp(one.due_at, one.yellow_at, now, paused=demand.paused_at is not None)
        for one in more["around"].clocks
    }
    original = db.session.get(Demand, demand.duplicate_of_id) if demand.duplicate_of_id else None
    return render_template(
        "demands/show.html", demand=demand, words=said, moment=moment, lamps=lamps, lamp_tones=LAMP_TONES, states=STATES, tones=TONES, step=STEP,
        step_names=STEPS, outcomes=OUTCOMES, outcome_tones=OUTCOME_TONES, sources=SOURCES, ratings=RATINGS, events=EVENTS, event_tones=EVENT_TONES,
        part_states=PART_STATES, roles=ROLES, active=ACTIVE, extension_states=EXTENSION_STATES, place=place_names.places().full_name(demand.town_id),
        as_enterprise=is_enterprise(), told_kinds=TOLD, accept=",".join(ACCEPT), original=original, **more,
    )


@blueprint.post("/<int:demand_id>/phone")
@requires(Permission.DEMAND_HANDLE)
@commits
def phone(demand_id: int) -> Any:
    """The full number of the contact person: whoever handles the demand must call. Noted in the audit log."""
    demand = records.get_demand(current_scope(), demand_id)
    if not demand.contact_phone_cipher:
        raise NotFound("这件诉求没有登记联系电话。请从企业档案查找，或联系登记人。")
    subject = Subject("demand", demand.id, f"{demand.number} {demand.title}")
    audit.record("demand.phone_shown", subject, None, {"contact": demand.contact_name}, by=current_actor())
    return render_template("demands/phone.html", demand=demand, number=crypto.decrypt(demand.contact_phone_cipher))


@blueprint.post("/<int:demand_id>/files")
@requires(Permission.DEMAND_VIEW)
@commits
def upload(demand_id: int) -> Any:
    """Attach papers: the handler, or the enterprise's contact to its own open demand."""
    demand, by = records.get_demand(current_scope(), demand_id), current_actor()
    if not (_reaches(demand, Permission.DEMAND_HANDLE) or (is_enterprise() and demand.state in OPEN)):
        raise NotFound("您不能给这件诉求上传附件，请联系承办部门。")
    try:
        count = actions.add_files(demand=demand, files=uploads(by.user_id), told=is_enterprise() or "told" in request.form, by=by)
    except DomainError as error:
        db.session.rollback()
        flash(error.message_zh, "bad")
    else:
        flash(f"已上传 {count} 个附件。" if count else "没有选择附件，请先选择文件。", "ok" if count else "warn")
    return redirect(url_for("demands.show", demand_id=demand_id, _anchor="papers"), 303)



@blueprint.get("/<int:demand_id>/files/<token>")
@requires(Permission.DEMAND_VIEW)
def paper(demand_id: int, token: str) -> Any:
    """A paper, always as a download. The enterprise opens those meant for it."""
    demand = records.get_demand(current_scope(), demand_id)
    stored = records.get_file(demand.id, token, told=is_enterprise())
    return send_file(files.path_of(stored.sha256), "application/octet-stream", as_attachment=True, download_name=stored.name)


@blueprint.get("/<int:demand_id>/receipt")
@requires(Permission.DEMAND_VIEW)
def receipt(demand_id: int) -> str:
    """The receipt to hand out: number, QR code of the enterprise's own page."""
    demand = records.get_demand(current_scope(), demand_id)
    address = url_for("demands.track", token=demand.token, _external=True)
    return render_template(
        "demands/receipt.html", demand=demand, address=address, enterprise=records.enterprise_of(demand), moment=moment,
        qr=qr_code(address, f"诉求 {demand.number}"),
    )


__all__ = ["page", "steps_for"]
