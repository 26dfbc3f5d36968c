"""Pages of the pre-visit brief: with the frame, plain for phones without network, and as JSON."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, render_template

from app.demands.rules.states import STATES as DEMAND_STATES
from app.enterprises.queries import get_enterprise
from app.enterprises.queries import places as place_names
from app.infra import clock
from app.infra.web.access import current_scope, requires
from app.kernel.permission import Permission
from app.visits.rules.booking import window_zh
from app.visits.rules.visit import MODES, SEVERITIES, SEVERITY_TONES
from app.workbench import brief as briefs
from app.workbench._blueprint import blueprint


def _brief(enterprise_id: int) -> tuple[briefs.Brief, str]:
    enterprise = get_enterprise(current_scope(), enterprise_id)
    found = briefs.build(enterprise, clock.today(), current_scope(), current_scope(Permission.DEMAND_VIEW))
    return found, place_names.places().full_name(enterprise.town_id)


def _shared(enterprise_id: int) -> dict[str, Any]:
    found, place = _brief(enterprise_id)
    return {
        "brief": found, "enterprise": found.enterprise, "place": place, "window_zh": window_zh, "modes": MODES, "severities": SEVERITIES,
        "tones": SEVERITY_TONES, "demand_states": DEMAND_STATES, "today": clock.today(),
    }


@blueprint.get("/enterprises/<int:enterprise_id>/brief")
@requires(Permission.VISIT_VIEW)
def brief(enterprise_id: int) -> str:
    """One page to read before the visit; printable."""
    return render_template("workbench/brief.html", **_shared(enterprise_id))


@blueprint.get("/enterprises/<int:enterprise_id>/brief/plain")
@requires(Permission.VISIT_VIEW)
def brief_plain(enterprise_id: int) -> str:
    """The same without navigation and without anything fetched later: a phone keeps it for the road."""
    return render_template("workbench/brief_plain.html", **_shared(enterprise_id))


@blueprint.get("/enterprises/<int:enterprise_id>/brief.json")
@requires(Permission.VISIT_VIEW)
def brief_json(enterprise_id: int) -> Response:
    """The same as data."""
    return jsonify(briefs.plain(*_brief(enterprise_id)))
