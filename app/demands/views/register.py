"""诉求台账: tabs with counts that equal their rows, filters, saved views, export; backlog by person; the three rates."""

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.demands.exports.register import write_register
from app.demands.queries import departments as offices
from app.demands.queries import register as queries
from app.demands.queries.register import ALL_TABS, DemandFilters
from app.demands.rules.rates import COMMON, MEASURES, RATES, rate
from app.demands.rules.states import OUTCOME_TONES, OUTCOMES, RATINGS, SOURCES, STATES, TONES
from app.demands.views._blueprint import blueprint
from app.demands.views.asking import Words, asked, city_of_pack, domain_choices, filters_of, is_enterprise, unit_choices, words
from app.enterprises import actions as enterprises
from app.enterprises.queries import places as place_names
from app.enterprises.queries.views import list_views
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, one_city, requires
from app.infra.web.navigation import carried_city, path_for
from app.infra.web.pagination import page_size
from app.kernel.errors import Invalid
from app.kernel.permission import Permission

PAGE = "demands"
MOST_EXPORTED = 20_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/")
@requires(Permission.DEMAND_VIEW)
@one_city()
def index() -> str:
    """The register."""
    scope, filters, said = current_scope(), asked(), words()
    counts = queries.count_tabs(scope, filters, said.policy, said.now)
    page = queries.page_demands(
        scope, filters, said.policy, request.args.get("cursor"), page_size(request.args.get("size")), now=said.now, total=counts.get(filters.tab),
    )
    return render_template(
        "demands/index.html", page=page, filters=filters, words=said, tabs=_tabs(filters, counts), chips=_chips(filters, said),
        states=STATES, tones=TONES, outcomes=OUTCOMES, outcome_tones=OUTCOME_TONES, ratings=RATINGS, sources=SOURCES, units=unit_choices(),
        domains=domain_choices(said.pack), departments=_department_choices(said), places=place_names.places(),
        views=list_views(current_user.user_id, _home(), PAGE), as_enterprise=is_enterprise(), nowhere=scope.is_empty,
    )


def _department_choices(said: Words) -> list[tuple[int, str]]:
    """Departments of the viewer's places; who sees demands by name or by his department chooses none."""
    scope, city = current_scope(), city_of_pack(said.pack)
    if scope.everything or city in scope.city_ids:
        return [(one.id, one.name) for one in said.departments.values()]
    return [(one.id, one.name) for one in offices.within(list(said.departments.values()), city, scope.unit_ids)] if scope.unit_ids else []


def _tabs(filters: DemandFilters, counts: dict[str, int]) -> list[tuple[str, str, bool, str | None]]:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("tab", "cursor", "city")]
    found = []
    for tab, label in ALL_TABS.items():
        if tab == queries.OPEN_ONES and filters.tab != tab:
            continue
        url = f"{path_for('demands.index')}?{urlencode([('tab', tab), *kept, *carried_city().items()])}"
        found.append((label, url, tab == filters.tab, counts.get(tab)))
    return found  # type: ignore[return-value]


def _chips(filters: DemandFilters, said: Words) -> list[tuple[str, str]]:
    """Active conditions as (argument, words)."""
    names = place_names.places()
    named = [
        ("q", f"搜索“{filters.text}”" if filters.text else ""), ("domain", said.domain(filters.domain) if filters.domain else ""),
        ("source", SOURCES.get(filters.source, "")), ("state", STATES.get(filters.state, "")), ("outcome", OUTCOMES.get(filters.outcome, "")),
        ("organisation", "" if filters.organisation is None else said.department(filters.organisation) or "没有承办部门"),
        ("unit", names.name(filters.unit) if filters.unit else ""),
        ("handler", "" if filters.handler is None else "指定接办人" if filters.handler else "没有接办人"),
        ("enterprise", "指定企业" if filters.enterprise else ""), ("fast", "绿色通道" if filters.fast else ""),
        ("ruling", "待市局指定" if filters.ruling else ""), ("extension", "延期待审批" if filters.extension else ""),
        ("unmatched", "未对应企业" if filters.unmatched else ""), ("low", "差评" if filters.low else ""),
        ("lamp", {"red": "红灯", "yellow": "黄灯", "green": "绿灯"}.get(filters.lamp, "")),
        ("first", f"{filters.first} 起" if filters.first else ""), ("last", f"至 {filters.last}" if filters.last else ""),
        ("measure", MEASURES.get(filters.measure, "")),
    ]
    return [(name, text) for name, text in named if text]


def _home() -> int | None:
    return current_user.area.id if current_user.area else None


@blueprint.post("/views")
@requires(Permission.DEMAND_VIEW)
@commits
def save_view() -> Any:
    """Keep the present filters under a name."""
    row = enterprises.save_view(
        owner_id=current_user.user_id, area_id=_home(), page=PAGE, name=request.form.get("name", ""), query=request.form.get("query", "")[:4000],
        shared=request.form.get("shared") == "1", by=current_actor(),
    )
    flash(f"已存为视图“{row.name}”{'，本辖区同事也能看到' if row.shared else ''}。", "ok")
    return redirect(f"{path_for('demands.index')}?{row.query}", 303)


@blueprint.post("/views/<int:view_id>/delete")
@requires(Permission.DEMAND_VIEW)
@commits
def delete_view(view_id: int) -> Any:
    """Delete one's own view."""
    enterprises.delete_view(owner_id=current_user.user_id, view_id=view_id, by=current_actor())
    flash("视图已删除。", "ok")
    return redirect(url_for("demands.index"), 303)


@blueprint.post("/export")
@requires(Permission.DEMAND_VIEW)
@one_city()
@commits
def export() -> Any:
    """The present list as a workbook in the office's layout."""
    args: MultiDict[str, str] = MultiDict(parse_qsl(request.form.get("query", "")[:4000], max_num_fields=100))
    filters, said = filters_of(args), words()
    rows = queries.every_demand(current_scope(), filters, said.policy, now=said.now, limit=MOST_EXPORTED + 1)
    if len(rows) > MOST_EXPORTED:
        raise Invalid("too_many", f"名单超过 {MOST_EXPORTED:,} 件，请先按时间、部门或县区筛选后再导出。")
    conditions = "、".join(text for _, text in _chips(filters, said)) or "全部"
    title = f"企业诉求台账（{ALL_TABS[filters.tab]}）"
    audit.record("demands.exported", Subject("demand", None, title), None, {"rows": len(rows), "conditions": conditions}, by=current_actor())
    place = current_user.area.name if current_user.area else said.pack.label
    book = write_register(rows, said, title=title, place=place, author=current_user.name, conditions=conditions, today=clock.today())
    return send_file(book, XLSX, as_attachment=True, download_name=f"企业诉求台账_{clock.today():%Y%m%d}.xlsx")


@blueprint.get("/people")
@requires(Permission.DEMAND_VIEW)
@one_city()
def people() -> str:
    """Open demands by person: whom to ask."""
    said = words()
    return render_template("demands/people.html", loads=queries.backlog(current_scope(), said.now), words=said)


@blueprint.get("/rates")
@requires(Permission.DEMAND_COUNT)
@one_city()
def rates() -> str:
    """响应率, 办结率, 满意率 by department or county; every number opens exactly its demands for who may see them."""
    scope, said, today = current_scope(), words(), clock.today()
    given = filters_of(request.args)
    first, last = given.first or date(today.year, 1, 1), given.last or today
    by = "unit" if request.args.get("by") == "unit" else "organisation"
    filters = DemandFilters(tab=queries.EVERY, domain=given.domain, fast=given.fast, first=first, last=last)
    groups = queries.count_measures(scope, filters, said.policy, said.now, by=by)
    names = place_names.places()
    labels = {key: (said.department(key) if by == "organisation" else names.name(key)) or ("市、县直接办理" if by == "organisation" else "未对应企业")
              for key in groups}  # fmt: skip
    total = {name: sum(group[name] for group in groups.values()) for name in (*MEASURES, *OUTCOMES)}
    opens = has(Permission.DEMAND_VIEW) and current_scope(Permission.DEMAND_VIEW) == scope
    lines = sorted(groups.items(), key=lambda item: (item[0] is None, -item[1]["counted"], labels[item[0]]))
    return render_template(
        "demands/rates.html", by=by, first=first, last=last, filters=filters, lines=lines, labels=labels, total=total, words=said, opens=opens,
        shares=lambda counts: [rate(code, counts, said.policy.rate_min_count) for code in RATES], rate_words=RATES, common=COMMON, outcomes=OUTCOMES,
        domains=domain_choices(said.pack), city_id=city_of_pack(said.pack),
    )
