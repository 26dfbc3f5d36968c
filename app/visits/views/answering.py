"""The enterprise's side: the page behind a one-time link (no account), and the pages of its signed-in contact person."""

from decimal import Decimal
from typing import Any

import segno
from flask import Flask, abort, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup

from app.enterprises.models import Enterprise
from app.identity.guard import Brake
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, public, requires
from app.kernel.errors import DomainError
from app.kernel.permission import Permission
from app.visits.actions import Refused
from app.visits.actions.answers import FIRM, answer_visit, make_link
from app.visits.forms import AnswerForm
from app.visits.models import Visit, VisitLink
from app.visits.queries import answers as queries
from app.visits.queries import visits
from app.visits.queries.serving import team_names
from app.visits.rules.answers import Answer
from app.visits.views._blueprint import blueprint
from app.visits.views.show import words

PER_MINUTE = 30
"""Requests to links per minute and address: enough for an office behind one address, useless for trying tokens."""


def init_app(app: Flask) -> None:
    """A brake of its own for the open pages."""
    app.extensions["yumiao_link_brake"] = Brake()


def _brake() -> None:
    brake: Brake = current_app.extensions["yumiao_link_brake"]
    limit = min(PER_MINUTE, current_app.config["SETTINGS"].web_rps) if not current_app.testing else current_app.config.get("LINKS_PER_MINUTE", 10_000)
    if brake.exceeded(request.remote_addr or "", limit):
        abort(429)


@blueprint.post("/<int:visit_id>/link")
@requires(Permission.VISIT_LOG)
@commits
def link(visit_id: int) -> Any:
    """Make a link and show it, this once: only its hash is kept."""
    row, enterprise = visits.get_visit(current_scope(), visit_id, current_user.user_id)
    made = make_link(visit=row, enterprise=enterprise, by=current_actor())
    address = url_for("visits.answer", token=made.token, _external=True)
    return render_template("visits/link.html", row=row, enterprise=enterprise, address=address, drawing=qr(address), link=made.row)


def qr(text: str) -> Markup:
    """A QR code as inline SVG, drawn from rectangles and paths only."""
    code = segno.make(text, error="m")
    return Markup(code.svg_inline(scale=5, border=2, svgclass="qr", lineclass=None, omitsize=False))  # noqa: S704


@blueprint.route("/a/<token>", methods=["GET", "POST"])
@public
@commits
def answer(token: str) -> Any:
    """Confirm, put two facts right, rate, report a charge. Single use."""
    _brake()
    given, row, enterprise = queries.by_token(token)
    if not queries.live(given) or row.confirm_state != "open":
        return render_template("visits/answered.html", link=given, used=given.used_at is not None, now_=clock.now()), 410
    return _asked(row, enterprise, given)


def _asked(row: Visit, enterprise: Enterprise, given: VisitLink | None) -> Any:
    form = AnswerForm()
    if form.is_submitted() and form.validate():
        try:
            answer_visit(visit=row, enterprise=enterprise, answer=_said(form), link=given, by=FIRM if given else current_actor())
            if given is None:
                flash("谢谢，您的反馈已记录。", "ok")
                return redirect(url_for("visits.ours"), 303)
            return render_template("visits/thanks.html", charged=form.charged.data)
        except Refused as error:
            form.show(error.problems)
        except DomainError as error:
            form.show([("verdict", error.message_zh)])
    elif not form.is_submitted():
        form.said_on.data, form.said_mode.data = row.visited_on, row.mode
    left = visits.parts_of(row.id)
    page = render_template(
        "visits/answer.html", form=form, row=row, enterprise=enterprise, people=[p for p in left.people if p.side == "team"], promises=left.promises,
        team=team_names([row.team_id]).get(row.team_id or 0), link=given, today=clock.today(), modes=words()["modes"],
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _said(form: AnswerForm) -> Answer:
    amount = form.charge_yuan.data
    return Answer(
        form.verdict.data or "", form.said_on.data, form.said_mode.data or "", int(form.rating.data) if form.rating.data else None,
        form.comment.data or "", bool(form.charged.data), Decimal(amount) if amount is not None else None, form.charge_text.data or "",
    )


@blueprint.get("/ours")
@requires(Permission.VISIT_OWN)
def ours() -> str:
    """Visits to the viewer's own enterprise."""
    return render_template("visits/ours.html", rows=queries.own_visits(current_scope()), **words())


@blueprint.route("/ours/<int:visit_id>", methods=["GET", "POST"])
@requires(Permission.VISIT_OWN)
@commits
def our(visit_id: int) -> Any:
    """One visit to it, without what is internal; the answer is given here as long as there is none."""
    row, enterprise = queries.own_visit(current_scope(), visit_id)
    if row.confirm_state == "open":
        return _asked(row, enterprise, None)
    if request.method == "POST":
        flash("这次走访已经反馈过，没有再记录一次。", "info")
        return redirect(url_for("visits.our", visit_id=row.id), 303)
    said = queries.answer_of(row.id)
    return render_template(
        "visits/our.html", row=row, enterprise=enterprise, said=said, left=visits.parts_of(row.id), team=team_names([row.team_id]).get(row.team_id or 0),
        **words(),
    )  # fmt: skip


__all__ = ["answer", "init_app", "link", "our", "ours"]
