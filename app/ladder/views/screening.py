"""准四上 screening: who comes near the line, who cannot be judged, into a pool with them."""

import io
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.enterprises.exports import Caption, file_name
from app.enterprises.models import SOURCES, STATUSES
from app.enterprises.queries.places import places
from app.enterprises.rules import industry
from app.enterprises.views.listing import XLSX
from app.infra import audit, clock, jobs
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, requires
from app.infra.web.pagination import COUNT_CAP, Page, page_size
from app.kernel.errors import NotFound
from app.kernel.permission import Permission
from app.ladder.exports import long
from app.ladder.exports import pools as exports
from app.ladder.queries import pools as members
from app.ladder.queries import screening as queries
from app.ladder.queries.screening import Asked
from app.ladder.rules.screening import METRICS
from app.ladder.views._blueprint import blueprint
from app.ladder.views.pool_asking import whole
from app.packs.schema import Pool
from app.policies.queries import current_pack

INSIDE = {"out": "未入库的", "in": "已在库的"}
AT_ONCE = 5_000
"""Up to this many rows the workbook is the answer of the request; more is a background job."""


def asked_near(lines: queries.Lines) -> Asked:
    """What the address asks for; what it does not know narrows nothing."""
    tier, inside, section = whole(request.args.get("tier")), request.args.get("inside", ""), request.args.get("section", "")
    return Asked(
        tier if tier in {one.pct for one in lines.tiers} else None, whole(request.args.get("unit")), whole(request.args.get("town")),
        section if section in industry.sections() else None, request.args.get("q", "").strip()[:60], _pool_code(),
        {"in": True, "out": False}.get(inside),
    )


def screening_pools() -> list[Pool]:
    """Pools of the city to which firms near the line are offered."""
    return [pool for pool in members.kept_pools(current_pack()) if pool.screening]


def _pool_code() -> str | None:
    """The pool asked for, else the first one that screens."""
    codes = [pool.code for pool in screening_pools()]
    wanted = request.args.get("pool", "")
    return wanted if wanted in codes else codes[0] if codes else None


@blueprint.get("/pools/screening")
@requires(Permission.POOL_VIEW)
def screening() -> str:
    """Firms outside the library by how near last year's figure comes to the line."""
    scope = current_scope()
    lines, stored, current = queries.today_lines()
    asked = asked_near(lines)
    counted = queries.by_tier(scope, asked)
    total = counted.get(asked.tier, 0) if asked.tier is not None else sum(counted.values())
    found = queries.page(scope, asked, request.args.get("cursor"), page_size(request.args.get("size")))
    page = Page(found.rows, found.next, found.previous, found.size, min(total, COUNT_CAP), total > COUNT_CAP)
    named = places()
    return render_template(
        "ladder/screening.html", asked=asked, page=page, lines=lines, stored=stored, current=current, counted=counted, total=total, metrics=METRICS,
        bands={band.code: band for band in lines.bands}, tiers={tier.pct: tier for tier in lines.tiers}, share=exports.share_pct, sources=SOURCES,
        statuses=STATUSES, places=named, units=[(u.id, u.name) for u in named.units(scope)], towns=named.town_choices(scope, asked.unit_id),
        sections=list(industry.sections().items()), pools=screening_pools(), inside=members.open_spells([row.enterprise_id for row in page.rows]),
        pool_labels={p.code: p.label for p in current_pack().entries("pools", disabled=True)}, industry_label=industry.label,
        may_edit=has(Permission.POOL_EDIT) and bool(screening_pools()), year=clock.today().year - 1,
        unknown=queries.count_unknown(scope, lines.prefixes), insides=INSIDE,
    )


@blueprint.get("/pools/screening/unknown")
@requires(Permission.POOL_VIEW)
def screening_unknown() -> str:
    """待补: enterprises whose industry is not known well enough to have a line."""
    lines, _, _ = queries.today_lines()
    page = queries.unknown_page(current_scope(), lines.prefixes, request.args.get("cursor"), page_size(request.args.get("size"), 100))
    return render_template("ladder/screening_unknown.html", page=page, places=places(), lines=lines)


@blueprint.post("/pools/screening/export")
@requires(Permission.ENTERPRISE_EXPORT)
@commits
def screening_export() -> Any:
    """The list as filtered, as a workbook."""
    lines, _, _ = queries.today_lines()
    if not has_everywhere(Permission.POOL_VIEW):
        raise NotFound("没有找到这份名单，可能不在您的权限内。")
    scope, asked = current_scope(), asked_near(lines)
    counted = queries.by_tier(scope, asked)
    total = counted.get(asked.tier, 0) if asked.tier is not None else sum(counted.values())
    words = "、".join(_words(asked, lines)) or "全部"
    caption = Caption("准四上筛查名单", words, clock.today(), current_user.name)
    if total > AT_ONCE:
        audit.record("screening.exported", Subject("pool", None, "准四上筛查名单"), None, {"conditions": words, "rows": total}, by=current_actor())
        job = jobs.enqueue(long.JOB, long.order("screening", scope, asked, caption), label=f"导出准四上筛查名单（{words}）", by=current_actor())
        return redirect(url_for("enterprises.export_status", job_id=job.id), 303)
    labels = {p.code: p.label for p in current_pack().entries("pools", disabled=True)}
    out = io.BytesIO()
    rows = exports.write_near(out, queries.each(scope, asked), lines, places(), labels, caption)
    audit.record("screening.exported", Subject("pool", None, "准四上筛查名单"), None, {"conditions": words, "rows": rows}, by=current_actor())
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=file_name(caption))


def words_asked() -> list[str]:
    """The filters of the address in words."""
    lines, _, _ = queries.today_lines()
    return _words(asked_near(lines), lines)


def _words(asked: Asked, lines: queries.Lines) -> list[str]:
    tier = next((one.label for one in lines.tiers if one.pct == asked.tier), None)
    found = [
        tier, places().name(asked.unit_id), places().full_name(asked.town_id), industry.sections().get(asked.section or ""),
        f"搜索“{asked.text}”" if asked.text else None, INSIDE.get({True: "in", False: "out"}.get(asked.inside, "")),  # type: ignore[arg-type]
    ]
    return [word for word in found if word]


@blueprint.post("/pools/screening/refresh")
@requires(Permission.POOL_EDIT)
@commits
def screening_refresh() -> Response:
    """Compute the list anew in the background (after a change of lines or tiers)."""
    jobs.enqueue("ladder.screening", {}, label="重算准四上筛查", by=current_actor())
    flash("已开始重算，完成后刷新本页即可看到新名单。", "ok")
    return redirect(url_for("ladder.screening"), 303)
