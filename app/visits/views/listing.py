"""The list of visits, one's own drafts, and the list as a workbook."""

import io
from typing import Any
from urllib.parse import parse_qsl

from flask import render_template, request, send_file
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.enterprises.exports import Caption, file_name
from app.enterprises.queries import listing as firms
from app.enterprises.queries import places as place_names
from app.enterprises.queries import search
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web import asof
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import Invalid
from app.kernel.permission import Permission
from app.visits import exports
from app.visits.models.visit import CONFIRM_STATES, REVIEW_STATES
from app.visits.queries import visits as queries
from app.visits.queries.choices import choices_of, setting
from app.visits.queries.serving import team_names
from app.visits.queries.visits import VisitFilters
from app.visits.rules.visit import MODES, SEVERITIES
from app.visits.views._blueprint import blueprint

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_FOUND = 500
"""Enterprises a typed name may stand for on the list of visits; more: the text is too common to narrow by."""


def late_days() -> int:
    """Days after which a visit the enterprise has not confirmed is shown separately."""
    found = setting("visit_unconfirmed_days")
    return found if isinstance(found, int) else 7


def parse(args: Any) -> VisitFilters:
    """The filters of an address; what cannot be understood is left out."""
    def code(name: str, known: Any) -> str:
        return args.get(name, "") if args.get(name, "") in known else ""

    text, action = args.get("q", "").strip()[:60], code("action", choices_of().actions)
    return VisitFilters(
        text_ids=_named(text) if text else None, enterprise_id=_id(args.get("enterprise")), unit_id=_id(args.get("unit")),
        town_id=_id(args.get("town")), team_id=_id(args.get("team")),
        mode=code("mode", MODES), since=asof.day_argument("since", args), until=asof.day_argument("until", args), confirm=code("confirm", CONFIRM_STATES),
        review=code("review", REVIEW_STATES), severity=code("severity", SEVERITIES), topic=("action", action) if action else None,
        author_id=current_user.user_id if args.get("mine") == "1" else None, late_days=late_days() if args.get("late") == "1" else None,
        voided=args.get("voided") == "1",
    )  # fmt: skip


def id_argument(name: str) -> int | None:
    """An id of the address; None where it is none."""
    return _id(request.args.get(name))


def _id(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _named(text: str) -> tuple[int, ...]:
    """Enterprises of the scope a typed name means."""
    if search.too_short(text):
        return ()
    page = firms.list_enterprises(current_scope(), firms.Filters(text=text), firms.Sort("name"), None, MOST_FOUND)
    return tuple(row.id for row in page.rows)


@blueprint.get("/")
@requires(Permission.VISIT_VIEW)
def index() -> str:
    """Complete visits, latest first."""
    filters, scope = parse(request.args), current_scope()
    page = queries.page_visits(scope, filters, request.args.get("cursor"), page_size(request.args.get("size")))
    names = place_names.places()
    waiting = queries.count_visits(scope, VisitFilters(review="open")) if has(Permission.VISIT_REVIEW) else None
    return render_template(
        "visits/index.html", page=page, filters=filters, places=names, teams=team_names([row.team_id for row in page.rows]), modes=MODES,
        confirm_states=CONFIRM_STATES, review_states=REVIEW_STATES, severities=SEVERITIES, actions=list(choices_of().actions.items()),
        units=[(unit.id, unit.name) for unit in names.units(scope)], filtered=filters != VisitFilters(), late_days=late_days(), waiting=waiting,
        late=queries.count_visits(scope, VisitFilters(late_days=late_days())), drafts=len(queries.drafts_of(current_user.user_id)) if _writes() else 0,
        too_short=search.too_short(request.args.get("q", "")),
    )  # fmt: skip


def _writes() -> bool:
    return has(Permission.VISIT_LOG)


@blueprint.get("/drafts")
@requires(Permission.VISIT_LOG)
def drafts() -> str:
    """One's own drafts kept on the server (those on the phone stand on the phone)."""
    return render_template("visits/drafts.html", rows=queries.drafts_of(current_user.user_id))


@blueprint.post("/export")
@requires(Permission.VISIT_REVIEW)
@commits
def export() -> Any:
    """The filtered list as a workbook; more rows than one sheet should hold are refused, never cut."""
    args: MultiDict[str, str] = MultiDict(parse_qsl(request.form.get("query", "")[:4000], max_num_fields=100))
    filters = parse(args)
    rows = queries.each_visit(current_scope(), filters, exports.MOST + 1)
    if len(rows) > exports.MOST:
        raise Invalid("too_many", f"符合条件的走访超过 {exports.MOST:,} 条。请按日期或县区缩小范围后分次导出。")
    caption = Caption("走访记录", "按页面筛选条件" if filters != VisitFilters() else "全部", clock.today(), current_user.name)
    said = {"query": request.form.get("query", "")[:500], "rows": len(rows)}
    audit.record("visit.exported", Subject("visit", None, "走访记录"), None, said, by=current_actor())
    out = io.BytesIO()
    exports.write_visits(out, rows, place_names.places(), team_names([row.team_id for row in rows]), caption)
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=file_name(caption))
