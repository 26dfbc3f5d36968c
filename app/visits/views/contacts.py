"""打扰记录 and the figures of the principle: how often we came uninvited, how fast we answered, every figure with the rows behind it."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.enterprises.queries import get_enterprise
from app.enterprises.queries import places as place_names
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, requires, wants_fragment
from app.infra.web.pagination import page_size
from app.kernel.errors import DomainError, Invalid
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.teams.queries import assignment_of
from app.visits.actions.disturbance import record_contact
from app.visits.queries import disturbance as queries
from app.visits.queries import requests
from app.visits.queries.appointments import appointments_of
from app.visits.queries.policy import ANSWER_WORKDAYS, CAP, POINTS, QUIET
from app.visits.rules.booking import (
    APPOINTMENT_OPEN,
    APPOINTMENT_STATES,
    APPOINTMENT_TONES,
    REQUEST_STATES,
    REQUEST_TONES,
    window_zh,
)
from app.visits.rules.disturbance import KINDS, quarter_of
from app.visits.rules.visit import MODES
from app.visits.views import shared
from app.visits.views._blueprint import blueprint
from app.visits.views.booking_forms import ContactForm


def _period() -> tuple[date, date]:
    """The days of the address; this quarter when there are none."""
    first, last = quarter_of(clock.today())
    first, last = shared.day_of("first", first), shared.day_of("last", last)
    if last < first or (last - first).days > 3 * 366:
        raise Invalid("period", "结束日期应在开始日期之后、三年以内，请重新选择。", "last")
    return first, last


def _flag(name: str) -> bool | None:
    return {"1": True, "0": False}.get(request.args.get(name, ""))


@blueprint.get("/contacts")
@requires(Permission.VISIT_VIEW)
def contacts() -> str:
    """Every contact of a period; ``invited`` and ``over`` narrow it to what the figures count."""
    first, last = _period()
    asked = queries.Asked(
        first, last, _flag("invited"), _flag("over"), request.args.get("kind", "") if request.args.get("kind") in KINDS else "",
        shared.whole("team"), shared.whole("unit"),
    )
    page = queries.page_contacts(current_scope(), asked, request.args.get("cursor"), page_size(request.args.get("size")))
    return render_template(
        "visits/contacts.html", page=page, asked=asked, kinds=KINDS, **shared.filters(), **shared.frame([row[0].team_id for row in page.rows]),
    )


@blueprint.get("/numbers")
@requires(Permission.ENTERPRISE_COUNT)
def numbers() -> str:
    """非请勿扰、有求必应 in figures, by county: numbers for everybody who may count, names for those who may see them."""
    first, last = _period()
    scope, pack = current_scope(), current_pack()
    told = queries.tally(scope, queries.Asked(first, last))
    asked = requests.tally(scope, requests.Asked(first=first, last=last))
    names = place_names.places()
    units = sorted(set(told) | set(asked), key=lambda id_: names.by_id[id_].code if id_ in names.by_id else "")
    lines = [(id_, names.name(id_), told.get(id_, queries.Tally()), asked.get(id_, requests.ClockTally())) for id_ in units]
    total = (
        queries.Tally(*(sum(getattr(line[2], name) for line in lines) for name in ("contacts", "invited", "over"))),
        requests.ClockTally(*(sum(getattr(line[3], name) for line in lines) for name in ("asked", "in_time", "late", "running"))),
    )
    settings = [entry for code in (POINTS, CAP, QUIET, ANSWER_WORKDAYS) if (entry := pack.find("settings", code)) is not None]
    return render_template(
        "visits/numbers.html", first=first, last=last, lines=lines, total=total, named=has_everywhere(Permission.VISIT_VIEW), settings=settings,
        **shared.frame(),
    )


@blueprint.get("/enterprises/<int:enterprise_id>/service")
@requires(Permission.VISIT_VIEW)
def enterprise_panel(enterprise_id: int) -> str:
    """What the service knows of an enterprise: its quarter, what is planned, what it asked for. A part of the dossier, fetched after it."""
    enterprise, today = get_enterprise(current_scope(), enterprise_id), clock.today()
    planned = appointments_of(current_scope(), enterprise_id, states=APPOINTMENT_OPEN, limit=5)
    asked = requests.requests_of(current_scope(), enterprise_id, 5)
    template = "visits/_panel.html" if wants_fragment() else "visits/panel.html"
    return render_template(
        template, enterprise=enterprise, ledger=queries.ledger_of(enterprise, today), planned=planned, asked=asked, kinds=KINDS, modes=MODES,
        states=REQUEST_STATES, tones=REQUEST_TONES, appointment_states=APPOINTMENT_STATES, appointment_tones=APPOINTMENT_TONES, window_zh=window_zh,
        may_log=has(Permission.VISIT_LOG), may_plan=has(Permission.VISIT_PLAN), **shared.frame([one.team_id for one in (*planned, *asked)]),
    )


@blueprint.route("/enterprises/<int:enterprise_id>/contacts/new", methods=["GET", "POST"])
@requires(Permission.VISIT_LOG)
@commits
def new_contact(enterprise_id: int) -> Any:
    """A call, a form or an invitation nobody planned in the system."""
    enterprise = get_enterprise(current_scope(), enterprise_id)
    form = ContactForm()
    back = url_for("visits.enterprise_panel", enterprise_id=enterprise.id)
    if form.is_submitted() and shared.sent_before():
        return redirect(back, 303)
    if form.is_submitted() and form.validate():
        served = assignment_of(enterprise.id, clock.today())
        try:
            row = record_contact(
                enterprise=enterprise, kind=form.kind.data, on_day=form.on_day.data, invited=form.invited.data, note=form.note.data,
                team_id=None if served is None else served.team_id, by=current_actor(),
            )
        except DomainError as error:
            shared.show(form, error)
        else:
            shared.remember(row.id)
            flash(f"已登记对“{enterprise.name}”的联系" + ("，超过本季度上限，已单独列示。" if row.over_cap else "。"), "warn" if row.over_cap else "ok")
            return redirect(back, 303)
    if not form.is_submitted():
        form.on_day.data = clock.today()
    form.once.data = form.once.data or shared.new_once()
    page = render_template("visits/contact_new.html", form=form, enterprise=enterprise, ledger=queries.ledger_of(enterprise, clock.today()), kinds=KINDS)
    return page, 422 if form.errors else 200
