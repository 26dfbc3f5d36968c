"""The desk: what a person has to do, oldest day first, one verb per row; what he waits for; his enterprises."""

from dataclasses import dataclass, field
from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user

from app.enterprises.queries import serving
from app.infra import clock
from app.infra.web.access import current_scope, has, requires
from app.infra.web.pagination import page_size
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.reminders.queries import desk as queries
from app.reminders.queries.book import SECTION
from app.reminders.views.asking import Line, lines, my_keys
from app.workbench._blueprint import blueprint

FIRST = 8
"""Lines on the first page; the heads of the columns lead to all of them."""


@dataclass
class Desk:
    """The part of the first page that says what to do now."""

    counts: queries.Counts = field(default_factory=queries.Counts)
    lines: list[Line] = field(default_factory=list)
    firms: list[Any] = field(default_factory=list)


def build() -> Desk:
    """For the signed-in person; a handful of indexed statements, whatever the number of items."""
    keys = my_keys()
    found = Desk(queries.count_desk(keys))
    if found.counts.by_span[""]:
        found.lines = lines(queries.list_desk(keys, queries.Asked(), size=FIRST).rows, named=False)
    if has(Permission.ENTERPRISE_VIEW):
        scope = current_scope(Permission.ENTERPRISE_VIEW)
        if scope.team_ids or scope.enterprise_ids:
            found.firms = serving.longest_unvisited(scope, FIRST)
    return found


def asked() -> queries.Asked:
    """Span and kind of the address."""
    span = request.args.get("span", "")
    return queries.Asked(span if span in queries.SPANS else "", request.args.get("code", "")[:60])


@blueprint.get("/desk")
@requires(Permission.REMINDER_VIEW)
def desk() -> str:
    """Everything on the desk, by span and kind."""
    keys, question = my_keys(), asked()
    page = queries.list_desk(keys, question, request.args.get("cursor"), page_size(request.args.get("size"), 50))
    carried = {name: value for name, value in (("span", question.span), ("code", question.code)) if value}
    labels = {rule.code: rule.label for rule in current_pack().entries(SECTION)}
    return render_template(
        "workbench/desk.html", page=page, asked=question, lines=lines(page.rows, carried), counts=queries.count_desk(keys, question),
        kinds=tuple(labels.items()),
        spans=queries.SPANS, today=clock.today(), carried=carried, labels=labels,
    )


@blueprint.get("/desk/waiting")
@requires(Permission.REMINDER_VIEW)
def desk_waiting() -> str:
    """What one handed over and waits for."""
    found = lines(queries.waiting_for(current_user.user_id))
    return render_template("workbench/desk_waiting.html", lines=found, today=clock.today(), back=url_for("workbench.desk"))
