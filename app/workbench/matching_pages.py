"""找资源和专家: what the pool offers for one enterprise, ranked by its gaps, industry and place, with the reasons."""

from __future__ import annotations

from flask import render_template, request

from app.enterprises.queries import get_enterprise
from app.enterprises.queries.places import places
from app.enterprises.rules import industry
from app.infra import clock
from app.infra.web.access import current_scope, has, requires
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.teams.forms import domain_choices
from app.teams.models.registers import POOL_KINDS
from app.teams.queries import matching as ranking
from app.teams.views.parts import words
from app.workbench import matching
from app.workbench._blueprint import blueprint


@blueprint.get("/enterprises/<int:enterprise_id>/matching", endpoint="matching")
@requires(Permission.TEAM_VIEW)
def match(enterprise_id: int) -> str:
    """Offers for an enterprise. The domains come from its open conditions unless the reader chooses others."""
    scope = current_scope()
    row = get_enterprise(scope, enterprise_id)
    offered = dict(domain_choices(current_pack()))
    chosen = [code for code in dict.fromkeys(request.args.getlist("domain")) if code in offered]
    gaps = matching.domains_of(enterprise_id, clock.today()) if has(Permission.DIAGNOSIS_VIEW) else []
    wanted = chosen or [need.domain for need in gaps]
    kind = request.args.get("kind", "")
    kind = kind if kind in POOL_KINDS else ""
    return render_template(
        "workbench/matching.html", enterprise=row, found=ranking.for_enterprise(scope, row, wanted, kind=kind), domains=offered, chosen=chosen, wanted=wanted,
        gaps=gaps, kinds=POOL_KINDS, kind=kind, words=words(), place=places().full_name(row.town_id), industry=industry.label(row.industry_code),
    )
