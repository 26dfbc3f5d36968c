"""The enterprise's own page of the service: ask for help, answer proposed appointments, see what became of it."""

from contextlib import suppress
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.enterprises.models import Enterprise
from app.enterprises.queries import get_enterprise
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.permission import Permission
from app.policies.queries import pack_of_city
from app.visits.actions import appointments, requests
from app.visits.queries.appointments import appointments_of, get_appointment
from app.visits.queries.requests import get_request, requests_of
from app.visits.rules.booking import APPOINTMENT_STATES, APPOINTMENT_TONES, REQUEST_STATES, REQUEST_TONES, window_zh
from app.visits.rules.visit import MODES
from app.visits.views import shared
from app.visits.views._blueprint import blueprint
from app.visits.views.booking_forms import RequestForm


def _own() -> list[Enterprise]:
    """Enterprises the person speaks for."""
    scope, own = current_scope(), []
    for id_ in sorted(scope.enterprise_ids):
        with suppress(NotFound):  # it was deleted, or the account is older than the register
            own.append(get_enterprise(scope, id_))
    return own


def _chosen(own: list[Enterprise]) -> Enterprise:
    wanted = shared.whole("enterprise_id")
    found = next((one for one in own if wanted in (None, one.id)), None)
    if found is None:
        raise NotFound("没有找到您所在的企业，请联系系统管理员核对账号。")
    return found


@blueprint.route("/mine", methods=["GET", "POST"])
@requires(Permission.VISIT_REQUEST)
@commits
def mine() -> Any:
    """Ask, and see requests and appointments of the own enterprise."""
    own = _own()
    if not own:
        return render_template("visits/mine_none.html")
    enterprise = _chosen(own)
    form = RequestForm()
    form.offer(pack_of_city(enterprise.city_id), [])
    if form.is_submitted() and shared.sent_before():
        return redirect(url_for("visits.mine"), 303)
    if form.is_submitted() and form.validate():
        try:
            row = requests.raise_request(enterprise=enterprise, draft=form.draft("contact"), by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            shared.remember(row.id)
            flash(f"申请已提交，服务队将在 {clock.local(row.due_at):%m月%d日 %H:%M} 前答复您。服务免费。", "ok")
            return redirect(url_for("visits.mine"), 303)
    form.once.data = form.once.data or shared.new_once()
    scope = current_scope()
    asked = requests_of(scope, enterprise.id)
    booked = appointments_of(scope, enterprise.id, states=set(APPOINTMENT_STATES) - {"awaiting", "rejected"})
    page = render_template(
        "visits/mine.html", form=form, enterprise=enterprise, own=own, asked=asked, booked=booked, states=REQUEST_STATES, tones=REQUEST_TONES,
        appointment_states=APPOINTMENT_STATES, appointment_tones=APPOINTMENT_TONES, modes=MODES, window_zh=window_zh, at=clock.now(),
        **shared.frame([*(one.team_id for one in asked), *(one.team_id for one in booked)]),
    )
    return page, 422 if form.errors else 200


@blueprint.get("/mine/of/<int:enterprise_id>")
@requires(Permission.VISIT_REQUEST)
def mine_of(enterprise_id: int) -> Any:
    """Where a message leads: the page of this enterprise."""
    return redirect(url_for("visits.mine", enterprise_id=get_enterprise(current_scope(), enterprise_id).id))


@blueprint.post("/mine/requests/<int:request_id>/withdraw")
@requires(Permission.VISIT_REQUEST)
@commits
def withdraw_request(request_id: int) -> Any:
    """The enterprise needs it no more."""
    row, enterprise = get_request(current_scope(), request_id)
    reason = request.form.get("reason") or "企业撤回"
    requests.take_step(request=row, enterprise=enterprise, step="withdraw", version=shared.version(), reason=reason, by=current_actor())
    flash("申请已撤回。", "ok")
    return redirect(url_for("visits.mine"), 303)


@blueprint.post("/mine/appointments/<int:appointment_id>/answer")
@requires(Permission.VISIT_REQUEST)
@commits
def answer_appointment(appointment_id: int) -> Any:
    """Agree, ask for another time, or decline: nobody comes unasked."""
    row, enterprise = get_appointment(current_scope(), appointment_id)
    answer, by, seen = request.form.get("answer", ""), current_actor(), shared.version()
    if row.state in ("awaiting", "rejected"):
        raise NotFound("没有找到这次预约。")
    if answer == "agree":
        appointments.take_step(appointment=row, enterprise=enterprise, step="confirm", version=seen, reason=None, by=by, how="online")
        flash(f"已确认 {row.planned_on:%m月%d日} 的走访。", "ok")
    elif answer == "change":
        appointments.ask_change(appointment=row, enterprise=enterprise, wish=request.form.get("wish"), version=seen, by=by)
        flash("已告诉服务队，他们会与您另约时间。", "ok")
    elif answer == "decline":
        reason = request.form.get("wish") or "企业谢绝"
        appointments.take_step(appointment=row, enterprise=enterprise, step="cancel", version=seen, reason=reason, by=by)
        flash("已谢绝这次走访，服务队不会上门。", "ok")
    else:
        raise Invalid("answer", "请从页面上的按钮回复。")
    return redirect(url_for("visits.mine"), 303)
