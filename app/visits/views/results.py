"""千企服务成果数据库: one row per served enterprise, one page each, one exportable table; who was never visited or not contacted for long."""

from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from app.enterprises.queries import get_enterprise
from app.enterprises.queries import places as place_names
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import Invalid
from app.kernel.permission import Permission
from app.ladder.exports import XLSX, SheetHead, write_sheet
from app.policies.queries import current_pack
from app.teams.queries import team_names
from app.visits import sheets
from app.visits.actions import snapshots as taking
from app.visits.models import Finding, Measure
from app.visits.queries import results as queries
from app.visits.queries.improvement import diagnoses_of, plans_of
from app.visits.queries.policy import days_of
from app.visits.queries.projects import projects_of, results_of
from app.visits.queries.trail import findings_of, measures_of
from app.visits.queries.visits import visits_of_enterprise
from app.visits.rules.improvement import KINDS as DIAGNOSIS_KINDS
from app.visits.rules.projects import STATES as PROJECT_STATES
from app.visits.rules.projects import TONES as PROJECT_TONES
from app.visits.rules.promises import FINDING_STATES, MEASURE_STATES
from app.visits.rules.promises import TONES as OUTCOME_TONES
from app.visits.rules.results import SNAPSHOT_KINDS, silent_days
from app.visits.rules.visit import MODES, SEVERITIES, SEVERITY_TONES
from app.visits.views import shared
from app.visits.views._blueprint import blueprint

MOST_EXPORTED = 5_000
NEVER = "never"


def _asked() -> queries.Asked:
    silence = request.args.get("silence", "")
    known = silence == NEVER or (silence.isascii() and silence.isdigit() and len(silence) < 5)
    return queries.Asked(shared.whole("team"), shared.whole("unit"), silence if known else "")


def _silences() -> dict[str, str]:
    """Lists of silence: never visited, then the days of the city's setting."""
    days = days_of(current_pack(), "no_contact_days", [30, 60, 90])
    return {NEVER: "从未走访", **{str(day): f"{day} 天未联系" for day in days}}


@blueprint.get("/results")
@requires(Permission.VISIT_VIEW)
def results() -> str:
    """Every served enterprise: where it began, where it stands, what was done."""
    asked = _asked()
    page = queries.page_served(current_scope(), asked, request.args.get("cursor"), page_size(request.args.get("size")))
    ids = [row.id for row in page.rows]
    kept = queries.snapshots_of(ids)
    return render_template(
        "visits/results.html", page=page, asked=asked, silences=_silences(), work=queries.work_of(ids), ends={id_: sheets.ends(kept[id_]) for id_ in ids},
        growth=sheets.growth, silent_days=silent_days, may_take=has(Permission.VISIT_REVIEW), titles=_titles(), **shared.filters(),
        **shared.frame([row.team_id for row in page.rows]),
    )


def _titles() -> dict[str, str]:
    return {title.code: title.label for title in current_pack().titles()}


@blueprint.post("/results/export")
@requires(Permission.ENTERPRISE_EXPORT)
@commits
def export_results() -> Any:
    """The whole table as a workbook."""
    scope, asked = current_scope(), _asked()
    firms = queries.every_served(scope, asked, MOST_EXPORTED + 1)
    if len(firms) > MOST_EXPORTED:
        raise Invalid("too_many", f"超过 {MOST_EXPORTED:,} 家，请先按服务队或县区筛选后再导出。")
    ids = [firm.id for firm in firms]
    table = sheets.rows(
        firms, queries.snapshots_of(ids), queries.work_of(ids), team_names({firm.team_id for firm in firms}), place_names.places(), _titles(),
    )
    title = "千企服务成果数据库"
    audit.record("results.exported", Subject("results", None, title), None, {"rows": len(firms)}, by=current_actor())
    line = f"数据截至：{clock.today():%Y-%m-%d}　共 {len(firms)} 家　导出人：{current_user.name}"
    return send_file(write_sheet(SheetHead(title, line, sheets.HEADINGS), table), XLSX, as_attachment=True, download_name=f"{title}.xlsx")


@blueprint.post("/results/snapshot")
@requires(Permission.VISIT_REVIEW)
@commits
def take_snapshot() -> Any:
    """Keep the figures of a data year for everybody served in scope; baselines that are missing are taken, too."""
    year = shared.whole("year")
    today = clock.today()
    if year is None or not 2015 <= year <= today.year:
        raise Invalid("year", "请选择数据年度。", "year")
    firms = queries.every_served(current_scope(), queries.Asked(), MOST_EXPORTED)
    begun = taking.take_baselines(by=current_actor(), today=today)
    written = taking.take_year(year=year, enterprise_ids=[firm.id for firm in firms], by=current_actor())
    flash(f"{year} 年度快照：新增或更新 {written} 家" + (f"，补齐入队基线 {begun} 家。" if begun else "。"), "ok")
    return redirect(url_for("visits.results"), 303)


@blueprint.get("/results/<int:enterprise_id>")
@requires(Permission.VISIT_VIEW)
def result(enterprise_id: int) -> str:
    """One enterprise: baseline and years side by side, visits -> findings -> measures -> results."""
    scope = current_scope()
    enterprise = get_enterprise(scope, enterprise_id)
    projects = projects_of(scope, enterprise.id)
    found: list[Finding] = findings_of(enterprise.id)
    measures: list[Measure] = measures_of(enterprise.id)
    return render_template(
        "visits/result.html", enterprise=enterprise, kept=queries.snapshots_of([enterprise.id])[enterprise.id],
        work=queries.work_of([enterprise.id])[enterprise.id], visits=visits_of_enterprise(enterprise.id, clock.today(), None, 30), found=found,
        measures=measures, projects=[(one, results_of(one.id)) for one in projects[:10]], diagnoses=diagnoses_of(scope, enterprise.id),
        plans=plans_of(scope, enterprise.id), titles=_titles(), snapshot_kinds=SNAPSHOT_KINDS, modes=MODES, severities=SEVERITIES,
        severity_tones=SEVERITY_TONES, finding_states=FINDING_STATES, measure_states=MEASURE_STATES, outcome_tones=OUTCOME_TONES,
        project_states=PROJECT_STATES, project_tones=PROJECT_TONES, kinds=DIAGNOSIS_KINDS, **shared.frame([one.team_id for one in projects]),
    )
