"""服务资源池: everything that can be called upon, side by side; matches for a picker."""

import io
from typing import Any

from flask import jsonify, render_template, request, send_file
from flask_login import current_user
from werkzeug.wrappers import Response

from app.enterprises.exports import Caption, file_name
from app.enterprises.views.listing import XLSX
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has_everywhere, one_city, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import NotFound
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.teams.exports import pool as exports
from app.teams.forms import domain_choices, industry_choices, unit_choices
from app.teams.models.registers import POOL_KINDS
from app.teams.queries import matching
from app.teams.queries import registers as queries
from app.teams.queries.reach import city_of_page
from app.teams.queries.registers import Asked
from app.teams.views._blueprint import blueprint
from app.teams.views.parts import whole, words


def asked_of() -> Asked:
    """What the address narrows the pool to."""
    got = request.args
    kind, domain, trade = got.get("kind", ""), got.get("domain", "")[:60], got.get("industry", "")[:4]
    return Asked(
        kind=kind if kind in POOL_KINDS else "", domain=domain if domain in dict(domain_choices(current_pack())) else "",
        industry=trade if trade in dict(industry_choices()) else "", unit_id=whole(got.get("unit")), text=got.get("q", "").strip()[:60],
        free=got.get("free") == "1",
    )


@blueprint.get("/pool")
@requires(Permission.TEAM_VIEW)
@one_city()
def pool() -> str:
    """Experts, institutions, products, courses, equipment and finance."""
    scope, asked = current_scope(), asked_of()
    city = city_of_page(scope)
    page = queries.pool_page(scope, asked, request.args.get("cursor"), page_size(request.args.get("size")))
    return render_template(
        "teams/pool.html", page=page, asked=asked, kinds=POOL_KINDS, counts=queries.pool_kinds(scope, asked), words=words(),
        domains=domain_choices(current_pack()), industries=industry_choices(), units=unit_choices(city.id),
    )


@blueprint.post("/pool/export")
@requires(Permission.ENTERPRISE_EXPORT)
@one_city()
@commits
def export_pool() -> Response:
    """The pool as listed."""
    if not has_everywhere(Permission.TEAM_VIEW):
        raise NotFound("没有找到这个名单，可能不在您的权限内。")
    found, out = queries.offers(current_scope(), asked_of(), most=20_000), io.BytesIO()
    caption = Caption("服务资源池", "当前筛选结果", clock.today(), current_user.name)
    exports.write_pool(out, found, words(), caption)
    audit.record("pool.exported", Subject("register", "pool", "服务资源池"), None, {"rows": len(found)}, by=current_actor())
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=file_name(caption))


@blueprint.get("/pool/find")
@requires(Permission.TEAM_VIEW)
@one_city()
def find() -> Any:
    """Matches for a picker: value "register:id"; with ``enterprise`` ranked for it, with the reasons as the note."""
    text, enterprise_id = request.args.get("q", "").strip()[:60], whole(request.args.get("enterprise"))
    codes = [code for code in request.args.getlist("domain")[:20] if code]
    found = matching.for_picker(current_scope(), text, enterprise_id, codes)
    return jsonify([
        {"value": f"{m.offer.register}:{m.offer.id}", "text": m.offer.name, "note": f"{m.offer.kind_label}　{'，'.join(m.reasons)}"} for m in found
    ])
