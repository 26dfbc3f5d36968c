"""What the phone asks for before it can work without a network: session, choices of the form, enterprises to pick from."""

from typing import Any

from flask import request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from app.api.views._blueprint import blueprint
from app.enterprises.queries import places as place_names
from app.enterprises.queries import quick_search
from app.infra import clock
from app.infra.web.access import current_scope, has, requires, signed_in
from app.kernel.permission import Permission
from app.visits.queries import visits as queries
from app.visits.queries.choices import choices_of
from app.visits.rules import visit as rules

FOUND = 20


@blueprint.get("/session")
@signed_in
def session() -> dict[str, Any]:
    """Who is signed in, and a form token for the next write."""
    return {
        "user": {"id": current_user.user_id, "name": current_user.name}, "may_log_visits": has(Permission.VISIT_LOG), "csrf_token": generate_csrf(),
        "today": clock.today().isoformat(),
    }


@blueprint.get("/visit-form")
@requires(Permission.VISIT_LOG)
def visit_form() -> dict[str, Any]:
    """Codes and labels a visit may use, and how much fits in."""
    choices = choices_of()
    lists = {
        "modes": rules.MODES, "bases": rules.BASES, "help_areas": rules.HELP_AREAS, "severities": rules.SEVERITIES, "finding_kinds": rules.FINDING_KINDS,
        "actions": choices.actions, "stages": choices.stages, "domains": choices.domains, "demand_domains": choices.demand_domains,
    }
    limits = {"summary": rules.MOST_TEXT, "line": rules.MOST_LINE, "name": rules.MOST_NAME, "rows": rules.MOST_ROWS, "photos": rules.MOST_PHOTOS}
    return {"choices": {name: [{"code": c, "label": label} for c, label in words.items()] for name, words in lists.items()}, "limits": limits}


@blueprint.get("/enterprises")
@requires(Permission.VISIT_LOG)
def enterprises() -> dict[str, Any]:
    """Enterprises to pick from: one's own (of the team, assigned, visited before), or those a text means."""
    text, scope, names = request.args.get("q", "").strip()[:60], current_scope(), place_names.places()
    only = None if scope.by_name else queries.visited_before(scope, current_user.user_id)
    if text:
        only = [hit.id for hit in quick_search(scope, text, FOUND)]
    rows = queries.firms_to_visit(scope, only=only)
    return {"user": current_user.user_id, "enterprises": [
        {
            "id": firm.id, "name": firm.name, "credit_code": firm.credit_code, "town": names.full_name(firm.town_id), "contact": firm.contact,
            "phone": firm.phone, "last_visit_on": firm.last_visit_on and firm.last_visit_on.isoformat(), "open_promises": firm.promises,
            "open_demands": firm.demands,
        }
        for firm in rows
    ]}  # fmt: skip
