"""到期与复核: what runs out, what has lapsed, readiness for review, forecast of the stock. Yearly updates: ``duties``."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request, send_file
from flask_login import current_user

from app.infra import audit
from app.infra.audit import Subject
from app.infra.web import asof
from app.infra.web.access import commits, current_actor, current_scope, one_city, requires
from app.infra.web.pagination import Page, page_size
from app.kernel.errors import Invalid, NotFound
from app.kernel.permission import Permission
from app.ladder import queries
from app.ladder.criteria import Verdict
from app.ladder.exports import XLSX, SheetHead, write_sheet
from app.ladder.models import Recognition
from app.ladder.queries import duties, lifecycle, readiness
from app.ladder.queries.lifecycle import TABS, LifeAsked, LifeRow, Period
from app.ladder.rules import State
from app.ladder.rules.periods import HALF, QUARTER, next_periods
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import Asked, asked, title_zh
from app.packs import Pack
from app.packs.schema.titles import CYCLE_LABELS

LAPSED = "lapsed"
STEPS = {"quarter": ("按季度", QUARTER, 8), "half": ("按半年", HALF, 6)}
MOST_EXPORTED = 100_000
MOST_FORECAST = 600
"""Leaving enterprises whose readiness is worked out while the forecast of one title is drawn."""
MOST_JUDGED = 600
"""Rows whose verdicts are worked out for one page; more are listed without counts per verdict."""
NO_REVIEW, NO_VERSION = "no_review", "no_version"
READY_LABELS = {**{verdict.value: verdict.label for verdict in Verdict}, NO_VERSION: "不作判断", NO_REVIEW: "不需复核"}
AHEAD = 365
"""Days ahead in which a title is looked at for its review."""


@dataclass(frozen=True)
class Desk:
    """What a page of the desk is asked: place and days (``question``), one title or all, since when something has lapsed."""

    question: Asked
    pack: Pack
    title: str
    since: date

    @property
    def life(self) -> LifeAsked:
        return LifeAsked(self.question.day, self.question.known_on, self.question.filters, self.title)

    @property
    def titles(self) -> list[tuple[str, str]]:
        """Titles that can run out, for the filter."""
        return [(title.code, title.label) for title in self.pack.titles() if not title.open_ended]

    @property
    def query(self) -> dict[str, Any]:
        """Arguments that links between the pages of the desk carry on."""
        return self.question.carried | ({"title": self.title} if self.title else {})


def desk() -> Desk:
    """Read the question. An unknown title or place is not found; a wrong date is refused in words."""
    question, pack = asked(current_scope()), queries.current_pack()
    title = request.args.get("title", "")[:40]
    if title and pack.find_title(title) is None:
        raise NotFound("政策包里没有这项称号，请从“到期与复核”重新选择。")
    if question.filters.town_ids is not None and not question.filters.town_ids:
        raise NotFound("没有找到这个地方，可能不在您的管辖范围内。请从“到期与复核”重新进入。")
    since = asof.day_argument("since") or date(question.day.year - 1, 1, 1)
    return Desk(question, pack, title, since)


def _statement(one: Desk, tab: str) -> Any:
    scope = current_scope()
    return lifecycle.lapsed_statement(scope, one.life, one.since) if tab == LAPSED else lifecycle.expiring_statement(scope, one.life, TABS[tab])


def _tab() -> str:
    tab = request.args.get("tab", "")
    return tab if tab in TABS or tab == LAPSED else "180"


@blueprint.get("/lifecycle/")
@requires(Permission.LADDER_VIEW)
@one_city()
def life() -> str:
    """Titles that run out within 180, 90, 30 days, and lapsed ones; every count is the length of its list."""
    one, tab = desk(), _tab()
    page = lifecycle.page_listed(_statement(one, tab), request.args.get("cursor"), page_size(request.args.get("size"), 50), latest_first=tab == LAPSED)
    counts = {code: page.total if code == tab else lifecycle.count_listed(_statement(one, code)) for code in (*TABS, LAPSED)}
    return render_template("ladder/lifecycle.html", desk=one, tab=tab, page=page, counts=counts, **_about(one, page.rows))


def _about(one: Desk, rows: Sequence[LifeRow]) -> dict[str, Any]:
    """What the rows of a page are shown with: readiness for the review and warnings of missed updates."""
    shown = [row.recognition for row in rows if row.visible]
    ready = readiness.readiness_of(shown, as_of=one.question.day, known_on=one.question.known_on)
    spans = [(r.enterprise_id, r.title_code, start, r.valid_to) for r in shown if (start := r.valid_from or r.announced_on)]
    warned = duties.warnings_of(one.pack, spans, one.question.day, one.question.known_on)
    return {"ready": ready, "warned": warned, "name_of": title_zh, "cycles": CYCLE_LABELS, "lapsed": LAPSED}


@blueprint.get("/lifecycle/readiness")
@requires(Permission.LADDER_VIEW)
@one_city()
def life_readiness() -> str:
    """复核准备: does what runs out within a year still meet the version that will decide then?"""
    one, wanted = desk(), request.args.get("verdict", "")
    statement = lifecycle.expiring_statement(current_scope(), one.life, AHEAD)
    codes = _codes(one, statement)
    wanted = wanted if codes is not None and wanted in READY_LABELS else ""
    if wanted:
        statement = statement.where(Recognition.id.in_([id_ for id_, code in (codes or {}).items() if code == wanted]))
    page = lifecycle.page_listed(statement, request.args.get("cursor"), page_size(request.args.get("size"), 50))
    counts = None if codes is None else Counter(codes.values())
    return render_template(
        "ladder/lifecycle_readiness.html", desk=one, page=page, days=AHEAD, counts=counts, total=len(codes or {}), wanted=wanted, labels=READY_LABELS,
        most=MOST_JUDGED, **_about(one, page.rows),
    )


def _codes(one: Desk, statement: Any) -> dict[int, str] | None:
    """Recognition id -> verdict of everything asked for; None when it is too much to work out for one page."""
    rows = lifecycle.every_listed(statement, limit=MOST_JUDGED + 1)
    if len(rows) > MOST_JUDGED:
        return None
    judged = readiness.verdict_codes([row.recognition for row in rows if row.visible], as_of=one.question.day, known_on=one.question.known_on)
    return {row.recognition.id: judged.get(row.recognition.id, NO_REVIEW) or NO_VERSION for row in rows}


@blueprint.get("/lifecycle/forecast")
@requires(Permission.LADDER_VIEW)
@one_city()
def life_forecast() -> str:
    """Net stock per title at the end of the coming quarters or half-years, from recorded dates alone."""
    one = desk()
    step = request.args.get("step", "")
    step = step if step in STEPS else "quarter"
    _, months, count = STEPS[step]
    periods = [Period(*period) for period in next_periods(one.question.day, months, count)]
    titles = [one.title] if one.title else [code for code, _ in one.titles]
    rows = lifecycle.forecast(current_scope(), one.life, titles, periods)
    before = _before(one, periods)
    expected = _expected(one, before, periods) if one.title and rows and sum(rows[0].leaving) <= MOST_FORECAST else None
    return render_template(
        "ladder/lifecycle_forecast.html", desk=one, step=step, steps=STEPS, periods=periods, rows=rows, before=before, expected=expected,
        most=MOST_FORECAST, verdicts=[(verdict.value, verdict.label) for verdict in Verdict],
    )


def _expected(one: Desk, before: Sequence[date], periods: Sequence[Period]) -> list[Counter[str]]:
    """Per period: how many of those that leave would get which verdict at their review (empty code = no version to judge by)."""
    scope, leaving = current_scope(), []
    for start, period in zip(before, periods, strict=True):
        statement = lifecycle.leaving_statement(scope, one.life, one.title, start, period.last)
        leaving.append([row.enterprise_id for row in queries.member_rows(scope, statement, limit=MOST_FORECAST)])
    grants = queries.recognitions_of(scope, [id_ for ids in leaving for id_ in ids], one.question.known_on)
    ending = [
        [grant for id_ in ids if (grant := _last_grant(grants.get(id_, []), one.title, start)) is not None]
        for start, ids in zip(before, leaving, strict=True)
    ]
    ready = readiness.readiness_of([grant for part in ending for grant in part], as_of=one.question.day, known_on=one.question.known_on)
    return [Counter(_verdict_code(ready.get(grant.id)) for grant in part) for part in ending]


def _verdict_code(ready: readiness.Readiness | None) -> str:
    return "" if ready is None or ready.diagnosis.verdict is None else ready.diagnosis.verdict.value


def _before(one: Desk, periods: Sequence[Period]) -> list[date]:
    """The day before each period: the day itself, then the end of the period before."""
    return [one.question.day, *(period.last for period in periods[:-1])]


@blueprint.get("/lifecycle/leaving")
@requires(Permission.LADDER_VIEW)
@one_city()
def life_leaving() -> str:
    """The enterprises behind one number of the forecast: in stock on ``after``, no longer on ``by``."""
    one = desk()
    after, by = asof.day_argument("after"), asof.day_argument("by")
    if not one.title or after is None or by is None or not after < by:
        raise Invalid("period", "请从“存量预测”的数字进入名单。")
    statement = lifecycle.leaving_statement(current_scope(), one.life, one.title, after, by)
    page = queries.member_page(current_scope(), statement, request.args.get("cursor"), page_size(request.args.get("size"), 50))
    grants = _ending(page, one, after)
    about = _about(one, [LifeRow(grant, grant.enterprise_id, "", "", 0, True) for grant in grants.values()])
    return render_template("ladder/lifecycle_leaving.html", desk=one, page=page, after=after, by=by, grants=grants, **about)


def _ending(page: Page[Any], one: Desk, after: date) -> dict[int, Any]:
    """Enterprise id -> its grant of the title that was valid on ``after`` and ends last."""
    rows = queries.recognitions_of(current_scope(), [row.enterprise_id for row in page.rows if row.visible], one.question.known_on)
    found = {enterprise_id: _last_grant(grants, one.title, after) for enterprise_id, grants in rows.items()}
    return {enterprise_id: grant for enterprise_id, grant in found.items() if grant is not None}


def _last_grant(grants: Sequence[Recognition], title: str, day: date) -> Recognition | None:
    """The grant of the title that is valid on the day and ends last."""
    valid = [grant for grant in grants if grant.title_code == title and queries.grant_of(grant).state(day) is State.VALID]
    return max(valid, key=lambda grant: grant.valid_to or date.max, default=None)


@blueprint.post("/lifecycle/export")
@requires(Permission.ENTERPRISE_EXPORT)
@one_city()
@commits
def life_export() -> Any:
    """The list of a tab as a workbook, with the readiness of every row."""
    one, tab = desk(), _tab()
    statement = lifecycle.expiring_statement(current_scope(), one.life, AHEAD) if request.args.get("list") == "readiness" else _statement(one, tab)
    rows = lifecycle.every_listed(statement, limit=MOST_EXPORTED + 1)
    if len(rows) > MOST_EXPORTED:
        raise Invalid("too_many", f"名单超过 {MOST_EXPORTED:,} 项，请先按县区或称号筛选后再导出。")
    title = f"{one.question.day:%Y-%m-%d}{'已失效称号' if tab == LAPSED else '即将到期称号'}"
    line = f"数据截至：{one.question.day:%Y-%m-%d}　导出人：{current_user.name}　复核准备为系统初步比对，不作为认定依据"
    book = write_sheet(SheetHead(title, line, _HEADINGS), _sheet_rows(one, rows))
    audit.record("lifecycle.exported", Subject("recognition", None, title), None, {"rows": len(rows), "tab": tab}, by=current_actor())
    return send_file(book, XLSX, as_attachment=True, download_name=f"到期与复核_{one.question.day:%Y%m%d}.xlsx")


_HEADINGS = (
    ("统一社会信用代码", 22.0), ("企业名称", 34.0), ("县（市、区）", 14.0), ("乡镇（街道）", 16.0), ("称号", 22.0), ("批次年度", 10.0), ("文号", 24.0),
    ("有效期起", 12.0), ("最后一天", 12.0), ("到期办理", 10.0), ("复核准备", 12.0), ("适用条件", 30.0), ("主要原因", 60.0),
)


def _sheet_rows(one: Desk, rows: Sequence[LifeRow]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(rows), 500):
        part = rows[first : first + 500]
        ready = readiness.readiness_of([row.recognition for row in part if row.visible], as_of=one.question.day, known_on=one.question.known_on)
        for row in part:
            yield _sheet_row(one, row, ready.get(row.recognition.id))


def _sheet_row(one: Desk, row: LifeRow, ready: readiness.Readiness | None) -> Sequence[Any]:
    grant, place, title = row.recognition, one.question.towns.get(row.town_id), one.pack.find_title(row.recognition.title_code)
    verdict = ready.diagnosis.verdict if ready else None
    version = ready.diagnosis.version if ready else None
    return (
        row.credit_code if row.visible else "—", row.name if row.visible else "已迁出本辖区", place.unit_name if place else "", place.name if place else "",
        title_zh(one.pack, grant), grant.batch_year or None, grant.document, grant.valid_from or grant.announced_on, grant.valid_to,
        CYCLE_LABELS[title.cycle] if title else "", verdict.label if verdict else ("不作判断" if ready else "—"),
        version.criterion.label if version else None, "；".join(ready.diagnosis.reasons[:3]) if ready else None,
    )
