"""百千万 counters, the heat map of findings, consulting records, finance needs."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.enterprises.queries import get_enterprise
from app.enterprises.queries import places as place_names
from app.enterprises.rules import industry
from app.exchange.rules import amounts
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.visits.actions import consulting, finance
from app.visits.queries import finance as needs
from app.visits.queries import heat, management
from app.visits.queries.providers import provider_choices
from app.visits.queries.requests import steps_of
from app.visits.rules.booking import steps_from
from app.visits.rules.finance import KINDS as FINANCE_KINDS
from app.visits.rules.finance import STATES as FINANCE_STATES
from app.visits.rules.finance import STEPS as FINANCE_STEPS
from app.visits.rules.finance import TONES as FINANCE_TONES
from app.visits.rules.improvement import CONSULT_KINDS, TIER_RULES, TIER_TARGETS, TIERS
from app.visits.rules.visit import SEVERITIES, SEVERITY_TONES
from app.visits.views import shared
from app.visits.views._blueprint import blueprint
from app.visits.views.choosing import labels
from app.visits.views.improvement_forms import ConsultForm, FinanceForm

FINANCE_STEP_ZH = {"raise": "登记需求", **{code: step.label for code, step in FINANCE_STEPS.items()}}


@blueprint.get("/management")
@requires(Permission.ENTERPRISE_COUNT)
def tiers() -> str:
    """Three counters of distinct enterprises by county, each with its exact rule; names only for those who may see them."""
    scope, today, pack = current_scope(), clock.today(), current_pack()
    counts = {tier: management.count_by_unit(scope, tier, today) for tier in TIERS}
    names = place_names.places()
    units = sorted({unit for found in counts.values() for unit in found}, key=lambda id_: names.by_id[id_].code if id_ in names.by_id else "")
    targets = {tier: pack.find("targets", code) for tier, code in TIER_TARGETS.items()}
    return render_template(
        "visits/management.html", tiers=TIERS, rules=TIER_RULES, counts=counts, units=[(id_, names.name(id_)) for id_ in units], targets=targets,
        named=has_everywhere(Permission.VISIT_VIEW), may_log=has(Permission.VISIT_LOG), **shared.frame(),
    )


@blueprint.get("/management/<tier>")
@requires(Permission.VISIT_VIEW)
def tier(tier: str) -> str:
    """The enterprises of one counter."""
    if tier not in TIERS:
        raise NotFound("没有这个计数，请从“百千万”重新进入。")
    unit = shared.whole("unit")
    page = management.page_tier(current_scope(), tier, clock.today(), unit, request.args.get("cursor"), page_size(request.args.get("size")))
    return render_template(
        "visits/tier.html", page=page, tier=tier, tiers=TIERS, rules=TIER_RULES, unit=unit, last=management.last_help([row[0] for row in page.rows]),
        **shared.filters(), **shared.frame(),
    )


@blueprint.get("/consults")
@requires(Permission.VISIT_VIEW)
def consults() -> str:
    """Consulting and training records, latest first."""
    kind, unit = request.args.get("kind", ""), shared.whole("unit")
    page = management.page_consults(current_scope(), kind, unit, request.args.get("cursor"), page_size(request.args.get("size")))
    return render_template(
        "visits/consults.html", page=page, kind=kind, kinds=CONSULT_KINDS, unit=unit, may_log=has(Permission.VISIT_LOG), **shared.filters(), **shared.frame(),
    )


@blueprint.route("/enterprises/<int:enterprise_id>/consults/new", methods=["GET", "POST"])
@requires(Permission.VISIT_LOG)
@commits
def new_consult(enterprise_id: int) -> Any:
    """One line of management help."""
    enterprise = get_enterprise(current_scope(), enterprise_id)
    form = ConsultForm()
    form.offer(provider_choices(enterprise.city_id))
    if form.is_submitted() and form.validate():
        try:
            done = consulting.record(enterprise=enterprise, draft=form.draft(), by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            flash(f"已登记“{enterprise.name}”的{CONSULT_KINDS[form.kind.data]}。" if done else "这条记录已经登记过，没有重复登记。", "ok" if done else "info")
            return redirect(url_for("visits.consults"), 303)
    if not form.is_submitted():
        form.held_on.data = clock.today()
    return render_template("visits/consult_new.html", form=form, enterprise=enterprise), 422 if form.errors else 200


def _asked() -> heat.Asked:
    today = clock.today()
    first, last = shared.day_of("first", today - timedelta(days=365)), shared.day_of("last", today)
    if last < first or (last - first).days > 5 * 366:
        raise Invalid("period", "结束日期应在开始日期之后、五年以内，请重新选择。", "last")
    args = request.args
    return heat.Asked(
        first, last, args.get("severity", ""), args.get("stage", "")[:60], args.get("source", ""), args.get("division", "")[:2], shared.whole("unit"),
        shared.whole("town"),
    )


@blueprint.get("/heat")
@requires(Permission.VISIT_VIEW)
def heat_map() -> str:
    """Findings by industry and county, by town once a county is chosen; every cell opens its rows."""
    asked = _asked()
    found = heat.cells(current_scope(), asked)
    places = place_names.places()
    columns = sorted({place for _, place in found}, key=lambda id_: places.by_id[id_].code if id_ in places.by_id else "")
    divisions = sorted({division for division, _ in found}, key=lambda code: (-sum(n for (d, _), n in found.items() if d == code), code))
    top = max(found.values(), default=1)
    return render_template(
        "visits/heat.html", asked=asked, found=found, columns=columns, divisions=divisions, top=top, industry=_division,
        stages=labels(current_pack(), "service_stages"), severities=SEVERITIES, sources=heat.SOURCES, **shared.filters(), **shared.frame(),
    )


@blueprint.get("/findings")
@requires(Permission.VISIT_VIEW)
def findings() -> str:
    """The rows behind the heat map."""
    asked = _asked()
    page = heat.page_findings(current_scope(), asked, request.args.get("cursor"), page_size(request.args.get("size")))
    return render_template(
        "visits/findings.html", asked=asked, page=page, industry=_division, stages=labels(current_pack(), "service_stages"), severities=SEVERITIES,
        tones=SEVERITY_TONES, sources=heat.SOURCES, **shared.filters(), **shared.frame(),
    )


@blueprint.get("/finance")
@requires(Permission.VISIT_VIEW)
def finance_needs() -> str:
    """Needs of finance with their sums."""
    asked = needs.Asked(request.args.get("state", ""), request.args.get("kind", ""), shared.whole("unit"))
    page = needs.page_needs(current_scope(), asked, request.args.get("cursor"), page_size(request.args.get("size")))
    sums = needs.sums(current_scope(), needs.Asked("", asked.kind, asked.unit_id))
    return render_template(
        "visits/finance.html", page=page, asked=asked, sums=sums, may_log=has(Permission.VISIT_LOG), **_finance_words(), **shared.filters(), **shared.frame(),
    )


def _finance_words() -> dict[str, Any]:
    return {"states": FINANCE_STATES, "tones": FINANCE_TONES, "kinds": FINANCE_KINDS}


@blueprint.route("/enterprises/<int:enterprise_id>/finance/new", methods=["GET", "POST"])
@requires(Permission.VISIT_LOG)
@commits
def new_finance(enterprise_id: int) -> Any:
    """Write down a need."""
    enterprise = get_enterprise(current_scope(), enterprise_id)
    form = FinanceForm()
    if form.is_submitted() and (known := shared.sent_before()):
        return redirect(url_for("visits.finance_need", need_id=known), 303)
    if form.is_submitted() and form.validate():
        try:
            row = finance.raise_need(enterprise=enterprise, draft=form.draft(None), by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            shared.remember(row.id)
            flash(f"已登记“{enterprise.name}”的融资需求。", "ok")
            return redirect(url_for("visits.finance_need", need_id=row.id), 303)
    form.once.data = form.once.data or shared.new_once()
    return render_template("visits/finance_new.html", form=form, enterprise=enterprise), 422 if form.errors else 200


@blueprint.get("/finance/<int:need_id>")
@requires(Permission.VISIT_VIEW)
def finance_need(need_id: int) -> str:
    """One need and what was done about it."""
    row, enterprise = needs.get_need(current_scope(), need_id)
    may = has_everywhere(Permission.VISIT_LOG)
    return render_template(
        "visits/finance_need.html", row=row, enterprise=enterprise, steps=steps_from(FINANCE_STEPS, row.state) if may else [],
        history=steps_of("finance", row.id), step_zh=FINANCE_STEP_ZH, **_finance_words(), **shared.frame(),
    )


@blueprint.post("/finance/<int:need_id>/step")
@requires(Permission.VISIT_LOG)
@commits
def finance_step(need_id: int) -> Any:
    """Tutor, match, grant, fail, withdraw."""
    row, enterprise = needs.get_need(current_scope(), need_id)
    step = request.form.get("step", "")
    finance.take_step(
        need=row, enterprise=enterprise, step=step, version=shared.version(), reason=request.form.get("reason"), granted_yuan=_wan("granted"),
        next_on=_day("next_on"), by=current_actor(),
    )
    flash(f"“{enterprise.name}”的融资需求：{FINANCE_STEPS[step].label}，已登记。", "ok")
    return redirect(url_for("visits.finance_need", need_id=row.id), 303)


def _wan(name: str) -> Decimal | None:
    """An amount in 万元 as 元; a wrong one is refused in words."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    found = amounts.number_outcome(text)
    value = getattr(found, "value", None)
    if not isinstance(value, Decimal | int):
        raise Invalid("granted_yuan", "金额应为数字（万元），如 500。", name)
    return Decimal(value) * 10_000


def _day(name: str) -> date | None:
    text = request.form.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("next_on", "日期应写成 2026-03-10 的样子。", name) from error


def _division(code: str) -> str:
    """Name of a division of the industry classification, "" for none."""
    found = industry.divisions().get(code)
    return "" if found is None else found.name
