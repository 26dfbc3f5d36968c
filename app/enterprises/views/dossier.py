"""One enterprise (一企一档): today, or as of a day as it was known on another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.enterprises.models import CONTROL_TYPES, EVENT_KINDS, SIZE_CLASSES, SOURCES, STATUSES, Enterprise, EnterpriseName
from app.enterprises.queries import hooks, records
from app.enterprises.queries.duplicates import twins_of
from app.enterprises.queries.hooks import TimelineItem
from app.enterprises.queries.records import YearFigures
from app.enterprises.rules import figures, industry, size_class
from app.enterprises.views._blueprint import blueprint, words
from app.infra import clock
from app.infra.web import asof
from app.infra.web.access import current_scope, has, has_everywhere, requires, wants_fragment
from app.kernel.errors import NotFound
from app.kernel.permission import Permission

EVENT_TONES = {"above_scale": "ok", "below_scale": "warn", "cancelled": "bad", "merged": "info", "moved": "info", "renamed": "info"}


@dataclass(frozen=True)
class When:
    """The days a page looks from. ``known`` None = as known now; ``past``: the reader chose either."""

    day: date
    known: date | None
    past: bool

    @classmethod
    def of_request(cls) -> "When":
        asked = asof.as_of()
        return cls(asked.day or clock.today(), asked.known_on, asked.day is not None or asked.known_on is not None)


@blueprint.get("/<int:enterprise_id>")
@requires(Permission.ENTERPRISE_VIEW)
def show(enterprise_id: int) -> Any:
    """The dossier. A merged duplicate leads to the record that was kept."""
    scope, when = current_scope(), When.of_request()
    try:
        row = records.get_enterprise(scope, enterprise_id)
    except NotFound:
        kept = records.find_kept(scope, enterprise_id)
        if kept is None:
            raise
        return redirect(url_for("enterprises.show", enterprise_id=kept.id))
    return render_template("enterprises/show.html", **dossier(row, when))


def dossier(row: Enterprise, when: When) -> dict[str, Any]:
    """Everything the page shows."""
    former, named = records.names(row.id), words()
    towns = records.towns(row.id, known_on=when.known)
    here = next((t.town_id for t in towns if t.valid_from <= when.day and (t.valid_to is None or t.valid_to >= when.day)), None)
    figures_shown = _may_see_figures(row.id)
    years = records.figures(row.id, until=when.day.year, known_on=when.known) if figures_shown else []
    return {
        "e": row, "when": when, "words": named, "town_id": here if when.past else row.town_id, "former": former, "towns": towns,
        "name": records.name_on(row, former, when.day) if when.past else row.name, "contacts": records.contacts(row.id),
        "tags": records.tags(row.id), "years": years, "figures_shown": figures_shown, "kpis": kpis(row, years), "summary": records.summary_of(row.id),
        "timeline_items": timeline(row, when, former),
        "steps": [(step.label, step.note, step.state) for step in hooks.ladder_steps(row.id, when.day, when.known)],
        "shown_fields": {code for year in years[:5] for code in year.values},
        "fields": figures.FIELDS, "sources": SOURCES, "statuses": STATUSES, "controls": CONTROL_TYPES, "sizes": SIZE_CLASSES,
        "industry_label": industry.label(row.industry_code),
    }  # fmt: skip


def _may_see_figures(enterprise_id: int) -> bool:
    """Figures are shown by the post that opens them: who is expert there and organises trainings here sees none here."""
    if has_everywhere(Permission.FIGURES_VIEW) or not has(Permission.FIGURES_VIEW):
        return has(Permission.FIGURES_VIEW)
    try:
        return bool(records.get_enterprise(current_scope(Permission.FIGURES_VIEW), enterprise_id))
    except NotFound:
        return False


def kpis(row: Enterprise, years: list[YearFigures]) -> dict[str, Any]:
    """Headline figures of the newest year that has a revenue (else the newest year)."""
    newest = next((y for y in years if y.value("revenue_yuan") is not None), years[0] if years else None)
    if newest is None:
        return {}
    before = next((y for y in years if y.year == newest.year - 1), None)
    revenue = newest.value("revenue_yuan")
    verdict = size_class.classify(
        row.industry_code, employees=newest.value("employee_count"), revenue_yuan=revenue, assets_yuan=newest.value("assets_yuan")
    )
    return {
        "year": newest.year, "revenue": revenue, "growth": figures.growth_pct(revenue, before.value("revenue_yuan") if before else None),
        "rd_ratio": figures.ratio_pct(newest.value("rd_expense_yuan"), revenue), "rd": newest.value("rd_expense_yuan"),
        "profit": newest.value("net_profit_yuan"), "employees": newest.value("employee_count"), "ip1": newest.value("ip_class1_count"),
        "ip2": newest.value("ip_class2_count"), "size": verdict,
    }  # fmt: skip


def timeline(row: Enterprise, when: When, former: Sequence[EnterpriseName]) -> list[TimelineItem]:
    """Own events, foundation, and what higher capabilities know, newest first."""
    items = [
        TimelineItem(e.happened_on, EVENT_KINDS[e.kind], e.note or "", EVENT_TONES.get(e.kind, ""), e.document or "")
        for e in records.events(row.id, day=when.day, known_on=when.known)
    ]
    if row.founded_on and row.founded_on <= when.day:
        items.append(TimelineItem(row.founded_on, "企业成立", "", "", "登记信息"))
    told = {(i.on, i.title) for i in items}
    for name in former:
        if name.valid_to and name.valid_to < when.day and name.valid_from and (name.valid_to, "更名") not in told:
            items.append(TimelineItem(name.valid_to, "曾用名停用", name.name, "", "登记信息"))
    items += hooks.timeline_items(row.id, when.day, when.known)
    return sorted(items, key=lambda i: (i.on, i.title), reverse=True)


@blueprint.get("/by-code/<code>")
@requires(Permission.ENTERPRISE_VIEW)
def by_code(code: str) -> Response:
    """To the enterprise with this credit code, as printed on other documents."""
    row = records.find_by_code(current_scope(), code.strip().upper()[:40])
    if row is None:
        raise NotFound("没有找到这个统一社会信用代码的企业，可能尚未登记，或不在您的管辖范围内。")
    return redirect(url_for("enterprises.show", enterprise_id=row.id))


@blueprint.get("/<int:enterprise_id>/twins")
@requires(Permission.ENTERPRISE_MERGE)
def twins(enterprise_id: int) -> str:
    """Hints at duplicates and merges that can be taken back: a part of the dossier, fetched after it."""
    row = records.get_enterprise(current_scope(), enterprise_id)
    name = "enterprises/_twins.html" if wants_fragment() else "enterprises/twins.html"
    return render_template(name, e=row, hints=twins_of(current_scope(), row.id), merges=records.merges(row.id))
