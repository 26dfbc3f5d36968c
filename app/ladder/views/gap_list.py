"""差距清单: candidates of a title first, then who lacks what; filters, paging, export."""

from __future__ import annotations

import io
from typing import Any

from flask import redirect, render_template, request, send_file, url_for
from flask_login import current_user

from app.areas import queries as areas
from app.enterprises.exports import Caption, file_name
from app.enterprises.queries.places import places
from app.enterprises.rules import industry
from app.enterprises.views.listing import XLSX
from app.infra import audit, clock, jobs
from app.infra.audit import Subject
from app.infra.web import asof
from app.infra.web.access import commits, current_actor, current_scope, has_everywhere, one_city, requires, wants_fragment
from app.infra.web.pagination import page_size
from app.infra.web.templating import url_if
from app.kernel.errors import NotFound
from app.kernel.permission import Permission
from app.ladder.criteria import RESULT_LABELS
from app.ladder.exports import gap_list as exports
from app.ladder.exports import long
from app.ladder.queries import gap_list as queries
from app.ladder.queries.gap_list import TABS, Asked
from app.ladder.queries.verdicts import ALL_MET, ONE_SHORT, REACHABLE
from app.ladder.views._blueprint import blueprint
from app.ladder.views.pool_asking import whole
from app.packs import Pack
from app.packs.schema.criteria import APPLICATION_LABELS
from app.policies.queries import current_pack
from app.policies.views.choice import choice

AT_ONCE = 1_000
"""Every row is told what it lacks: up to this many the workbook is the answer of the request, more is a background job."""
TONES = {"met": "ok", "near": "warn", "unmet": "bad", "unknown": "open", "manual": "info"}


def city_id() -> int:
    """The city the page speaks of; the installation's own for somebody who serves single enterprises."""
    chosen = choice().chosen
    if chosen is not None:
        return chosen.id
    code = current_pack().area_code
    found = next((city.id for city in areas.list_cities() if city.code == code), None)
    if found is None:
        raise NotFound("没有找到这个城市的区划，请先载入区划数据。", "city_unknown")
    return found


def asked_gaps(pack: Pack) -> Asked:
    """What the address asks for; what it does not know narrows nothing."""
    codes = [title.code for title in queries.titles(pack)]
    wanted, tab, section = (request.args.get(name, "") for name in ("title", "tab", "section"))
    when = asof.as_of()
    missing = request.args.get("missing", "")[:60] or None
    tab = tab if tab in TABS else ONE_SHORT
    return Asked(
        wanted if wanted in codes else queries.default_title(pack, clock.today()) or "", tab, None if tab == ALL_MET else missing,
        bool(missing) and request.args.get("data") == "1", "review" if request.args.get("type") == "review" else "new",
        whole(request.args.get("unit")), whole(request.args.get("town")), section if section in industry.sections() else None,
        whole(request.args.get("team")), when.day, when.known_on,
    )


@blueprint.get("/gap-list")
@requires(Permission.DIAGNOSIS_VIEW)
@one_city()
def gap_list() -> str:
    """Who meets a title's conditions, who lacks one only, who lacks which."""
    pack, scope = current_pack(), current_scope()
    asked = asked_gaps(pack)
    if not asked.title:
        return render_template("ladder/gap_list_none.html", pack=pack)
    city = city_id()
    counts, lacking = queries.tab_counts(scope, asked, city), queries.missing(scope, asked, city)
    answer = queries.firms(
        scope, asked, city, request.args.get("cursor"), page_size(request.args.get("size")), queries.known_total(asked, counts, lacking),
    )
    named = places()
    return render_template(
        "ladder/gap_list.html", asked=asked, pack=pack, answer=answer, page=answer.page, gaps=queries.gaps(answer.page.rows, asked), tabs=TABS,
        counts=counts, missing=lacking, titles=queries.titles(pack), places=named,
        units=[(unit.id, unit.name) for unit in named.units(scope)], towns=named.town_choices(scope, asked.unit_id), teams=queries.teams(scope),
        sections=list(industry.sections().items()), words=RESULT_LABELS, tones=TONES, kinds=APPLICATION_LABELS, reachable=REACHABLE, met_tab=ALL_MET,
        card=lambda row: url_if("workbench.gap_card", enterprise_id=row.id, title=asked.title),
    )


@blueprint.get("/gap-list/line")
@requires(Permission.DIAGNOSIS_VIEW)
@one_city()
def gap_line() -> Any:
    """One line for the home page: how many lack one condition only of the city's first title with several conditions."""
    if not wants_fragment():
        return redirect(url_for("ladder.gap_list"))
    pack = current_pack()
    title = queries.default_title(pack, clock.today())
    count = queries.one_short_count(current_scope(), title, city_id()) if title else 0
    return render_template("ladder/_gap_line.html", count=count, title=title, label=pack.title_label(title or ""))


@blueprint.post("/gap-list/export")
@requires(Permission.ENTERPRISE_EXPORT)
@one_city()
@commits
def gap_list_export() -> Any:
    """The list as filtered, as a workbook."""
    pack = current_pack()
    asked, city = asked_gaps(pack), city_id()
    if not has_everywhere(Permission.DIAGNOSIS_VIEW) or not asked.title:
        raise NotFound("没有找到这份清单，可能不在您的权限内。")
    scope = current_scope()
    caption = Caption("差距清单", "、".join(in_words(asked, pack)), asked.day, current_user.name)
    if queries.count(scope, asked, city, AT_ONCE) > AT_ONCE:
        audit.record("gaps.exported", Subject("enterprise", None, "差距清单"), None, {"conditions": caption.conditions, "rows": None}, by=current_actor())
        job = jobs.enqueue(long.JOB, long.order("gaps", scope, asked, caption, city_id=city), label=f"导出差距清单（{caption.conditions}）", by=current_actor())
        return redirect(url_for("enterprises.export_status", job_id=job.id), 303)
    out = io.BytesIO()
    rows = exports.write_gaps(out, queries.each(scope, asked, city), asked, places(), caption)
    audit.record("gaps.exported", Subject("enterprise", None, "差距清单"), None, {"conditions": caption.conditions, "rows": rows}, by=current_actor())
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=file_name(caption))


def in_words(asked: Asked, pack: Pack) -> list[str]:
    """The filters of the address in words."""
    named, label = places(), pack.title_label(asked.title)
    found = [label, APPLICATION_LABELS[asked.application], TABS[asked.tab]]
    if asked.missing:
        found.append(f"条件 {asked.missing}" + ("（缺数据）" if asked.data_only else ""))
    found += [named.name(place) for place in (asked.unit_id, asked.town_id) if place is not None]
    found += [f"行业门类 {asked.section}"] if asked.section else []
    found += [f"第 {asked.team_id} 服务队"] if asked.team_id is not None else []
    return found + ([f"按 {asked.known_on} 已登记的数据"] if asked.known_on else []) + [f"截至 {clock.today() if asked.as_of is None else asked.as_of}"]
