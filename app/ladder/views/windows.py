"""申报批次: the windows of the city, one window with its applications by state, candidates, the recommendation table."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from app.enterprises.queries import places as place_names
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, one_city, requires
from app.infra.web.pagination import Page, page_size
from app.kernel import credit_code
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.permission import Permission
from app.ladder import actions
from app.ladder.actions import applications as acting
from app.ladder.exports import XLSX, SheetHead, write_sheet
from app.ladder.forms import CandidatesForm, WindowForm, show_problems
from app.ladder.models import ApplicationWindow
from app.ladder.queries import applications as queries
from app.ladder.queries.application_plans import deadlines_of
from app.ladder.queries.applications import ApplicationFilters, ApplicationRow
from app.ladder.queries.verdicts import ALL_MET, ONE_SHORT
from app.ladder.queries.verdicts import STATES as VERDICT_STATES
from app.ladder.queries.windows import candidates_of, city_of_pack, proposals
from app.ladder.rules.applications import STATES, TONES
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import Asked, asked
from app.ladder.views.pool_asking import whole
from app.packs import Pack
from app.policies.queries import current_pack, pack_of_city

MOST_EXPORTED = 20_000


def window_zh(window: ApplicationWindow, pack: Pack) -> str:
    """2026年第八批专精特新“小巨人”企业申报"""
    kind = "复核" if window.kind == "review" else "申报"
    return f"{window.batch_year}年{window.batch}{pack.title_label(window.title_code)}{kind}"


@blueprint.get("/applications/")
@requires(Permission.APPLICATION_VIEW)
def applications() -> str:
    """Windows of the city with the viewer's applications per state, and what the pack's calendar proposes."""
    scope, today, pack = current_scope(), clock.today(), current_pack()
    windows = queries.list_windows(scope)
    counts = queries.count_states(scope, [window.id for window in windows]) if windows else {}
    offered = proposals(pack, today, windows) if has(Permission.APPLICATION_RECOMMEND) else []
    packs = {city: pack_of_city(city) for city in {window.city_id for window in windows}}
    return render_template(
        "ladder/applications.html", windows=windows, counts=counts, packs=packs, pack=pack, proposals=offered, states=STATES, tones=TONES, today=today,
        window_zh=window_zh, may_open=has(Permission.APPLICATION_RECOMMEND),
    )


@blueprint.get("/applications/waiting")
@requires(Permission.APPLICATION_VIEW)
def applications_waiting() -> str:
    """Applications of every batch that wait in one state."""
    state = request.args.get("state", "")
    state = state if state in STATES else "submitted"
    scope = current_scope()
    page = queries.page_waiting(scope, state, request.args.get("cursor"), page_size(request.args.get("size"), 50))
    windows = {row.id: row for row in queries.list_windows(scope)}
    packs = {city: pack_of_city(city) for city in {row.city_id for row in windows.values()}}
    return render_template(
        "ladder/applications_waiting.html", page=page, state=state, states=STATES, tones=TONES, windows=windows, packs=packs, window_zh=window_zh,
        places=place_names.places(), may_edit=has(Permission.APPLICATION_EDIT),
    )


@blueprint.get("/applications/windows/<int:window_id>")
@requires(Permission.APPLICATION_VIEW)
def window(window_id: int) -> str:
    """One window: applications by state; every count is the length of its list."""
    row, question = queries.get_window(current_scope(), window_id), asked(current_scope())
    filters = _filters(question)
    counts = queries.count_states(current_scope(), [row.id], replace(filters, state=""))[row.id]
    page = queries.page_applications(current_scope(), row.id, filters, request.args.get("cursor"), page_size(request.args.get("size"), 50))
    pack = pack_of_city(row.city_id)
    return render_template(
        "ladder/application_window.html", window=row, pack=pack, heading=window_zh(row, pack), asked=question, counts=counts, filters=filters, page=page,
        states=STATES, tones=TONES, today=clock.today(), deadlines=deadlines_of(row, pack), may_edit=has(Permission.APPLICATION_EDIT),
        may_open=has(Permission.APPLICATION_RECOMMEND),
    )


def _filters(question: Asked) -> ApplicationFilters:
    state = request.args.get("state", "")
    if question.filters.town_ids is not None and not question.filters.town_ids:
        raise NotFound("没有找到这个地方，可能不在您的管辖范围内。请从“申报”重新进入。")
    return ApplicationFilters(state if state in STATES else "", question.filters.town_ids)


@blueprint.route("/applications/windows/new", methods=["GET", "POST"])
@requires(Permission.APPLICATION_RECOMMEND)
@one_city()
@commits
def window_new() -> Any:
    """Set up a batch, filled in from the pack's calendar when it was proposed."""
    pack, form = current_pack(), WindowForm()
    form.offer(pack)
    if not form.is_submitted():
        _propose(form, pack)
    city_id = city_of_pack(current_scope(), pack)
    if form.is_submitted() and form.validate():
        made = _act(form, lambda: acting.open_window(city_id=city_id, draft=_draft(form, pack), by=current_actor()))
        if made is not None:
            flash(f"已建立“{window_zh(made, pack)}”批次，可以加入企业。", "ok")
            return redirect(url_for("ladder.window", window_id=made.id), 303)
    back = url_for("ladder.applications")
    return render_template("ladder/application_window_edit.html", form=form, heading="新建申报批次", verb="建立批次", back=back), 422 if form.errors else 200


def _propose(form: WindowForm, pack: Pack) -> None:
    wanted, year = request.args.get("calendar", ""), request.args.get("year", "")
    for one in proposals(pack, clock.today(), []):
        if one.entry.code == wanted and (not year or str(one.year) == year) and request.args.get("title", "") in ("", one.title):
            form.title_code.data, form.level.data, form.kind.data, form.batch_year.data = one.title, one.level, one.entry.application or "new", one.year
            form.opens_on.data, form.closes_on.data = one.opens_on, one.closes_on  # type: ignore[assignment]
            form.calendar_code.data = one.entry.code
            return


def _draft(form: WindowForm, pack: Pack) -> acting.WindowDraft:
    assert form.opens_on.data is not None and form.closes_on.data is not None  # both fields are required
    return acting.WindowDraft(
        form.title_code.data, form.checked_level(pack), form.kind.data, form.batch_year.data or 0, (form.batch.data or "").strip(), form.opens_on.data,
        form.closes_on.data, form.county_due_on.data, form.city_due_on.data, (form.document.data or "").strip() or None,
        (form.note.data or "").strip() or None, bool(form.confirmed.data), (form.calendar_code.data or "")[:60] or None,
    )


def _act(form: Any, act: Any) -> Any:
    """The result, or None when it was refused: the sentences stand on their fields."""
    try:
        return act()
    except actions.Refused as error:
        show_problems(form, error.problems)
    except DomainError as error:
        show_problems(form, [(error.field or "", error.message_zh)])
    return None


@blueprint.route("/applications/windows/<int:window_id>/edit", methods=["GET", "POST"])
@requires(Permission.APPLICATION_RECOMMEND)
@commits
def window_edit(window_id: int) -> Any:
    """Correct dates and document of a batch."""
    row = queries.get_window(current_scope(), window_id)
    pack, form, back = pack_of_city(row.city_id), WindowForm(obj=row), url_for("ladder.window", window_id=row.id)
    form.offer(pack, keep=row.title_code)
    version = form.version.data if str(form.version.data or "").isdigit() else "0"
    if form.is_submitted() and form.validate():
        changed = _act(form, lambda: acting.change_window(window=row, draft=_draft(form, pack), version=int(version), by=current_actor()))
        if changed is not None:
            flash("已保存批次的修改。" if changed else "内容没有变化。", "ok" if changed else "info")
            return redirect(back, 303)
    heading = f"修改：{window_zh(row, pack)}"
    return render_template("ladder/application_window_edit.html", form=form, heading=heading, verb="保存修改", back=back), 422 if form.errors else 200


@blueprint.route("/applications/windows/<int:window_id>/add", methods=["GET", "POST"])
@requires(Permission.APPLICATION_EDIT)
@commits
def window_add(window_id: int) -> Any:
    """Put enterprises into a batch: ticked ones (``ids``) or pasted credit codes; ``enterprise``: the one a card or a board speaks of."""
    row = queries.get_window(current_scope(), window_id)
    pack, form, back = pack_of_city(row.city_id), CandidatesForm(), url_for("ladder.window", window_id=row.id)
    ids = [int(text) for text in request.form.getlist("ids") if text.isascii() and text.isdigit() and len(text) < 19]
    firms = queries.enterprises_by_id(current_scope(), ids[: acting.MOST_AT_ONCE + 1]) if ids else []
    if not form.is_submitted() and (named := whole(request.args.get("enterprise"))) is not None:
        form.codes.data = "\n".join(firm.credit_code for firm in queries.enterprises_by_id(current_scope(), [named]))
    if form.is_submitted() and not ids and form.validate():
        firms = _pasted(form)
    if firms and not form.errors:
        added = _act(form, lambda: acting.add_candidates(window=row, enterprises=firms, by=current_actor()))
        if added is not None:
            same = f"，另有 {added.known} 家此前已在批次中" if added.known else ""
            flash(f"已加入 {len(added.application_ids)} 家企业{same}。", "ok")
            return redirect(back, 303)
    page = render_template("ladder/application_add.html", window=row, pack=pack, form=form, heading=window_zh(row, pack), back=back)
    return page, 422 if form.errors else 200


def _pasted(form: CandidatesForm) -> list[Any]:
    codes = [credit_code.normalize(word) for word in (form.codes.data or "").replace(",", " ").replace("，", " ").split()]
    if len(set(codes)) > acting.MOST_AT_ONCE:
        form.codes.errors = [f"一次最多加入 {acting.MOST_AT_ONCE} 家，本次有 {len(set(codes))} 个代码，请分批加入。"]
        return []
    found = queries.enterprises_by_code(current_scope(), codes)
    unknown = [code for code in dict.fromkeys(codes) if code not in {firm.credit_code for firm in found}]
    if unknown:
        more = "…" if len(unknown) > 5 else ""
        form.codes.errors = [f"有 {len(unknown)} 个代码在您的管辖范围内没有找到：{'、'.join(c[:24] for c in unknown[:5])}{more}。请核对后重试，本次没有加入。"]
        return []
    return found


@blueprint.get("/applications/windows/<int:window_id>/candidates")
@requires(Permission.APPLICATION_EDIT)
def window_candidates(window_id: int) -> str:
    """Who could apply: enterprises that meet everything a machine can check, or all but one condition, and are not in the batch yet."""
    row, question = queries.get_window(current_scope(), window_id), asked(current_scope())
    _filters(question)
    state = ONE_SHORT if request.args.get("state") == ONE_SHORT else ALL_MET
    size = page_size(request.args.get("size"), 100)
    try:
        page, counts, said = candidates_of(current_scope(), row, state, question.filters.town_ids, request.args.get("cursor"), size)
    except Invalid as error:
        if error.code != "title_without_rule":
            raise
        page, counts, said = Page([], None, None, size, 0), {ALL_MET: 0, ONE_SHORT: 0}, error.message_zh
    pack = pack_of_city(row.city_id)
    return render_template(
        "ladder/application_candidates.html", window=row, pack=pack, heading=window_zh(row, pack), asked=question, state=state, page=page, counts=counts,
        said=said, words=VERDICT_STATES, back=url_for("ladder.window", window_id=row.id),
    )


@blueprint.post("/applications/windows/<int:window_id>/export")
@requires(Permission.ENTERPRISE_EXPORT)
@commits
def window_export(window_id: int) -> Any:
    """推荐汇总表: the applications of the list as a workbook."""
    if not has(Permission.APPLICATION_VIEW):
        raise NotFound
    row, question = queries.get_window(current_scope(), window_id), asked(current_scope())
    filters, pack = _filters(question), pack_of_city(row.city_id)
    rows = queries.every_application(current_scope(), row.id, filters, limit=MOST_EXPORTED + 1)
    if len(rows) > MOST_EXPORTED:
        raise Invalid("too_many", f"名单超过 {MOST_EXPORTED:,} 家，请先按县区或状态筛选后再导出。")
    title = f"{window_zh(row, pack)}{'推荐汇总表' if filters.state == 'recommended' else '情况汇总表'}"
    line = f"数据截至：{clock.today():%Y-%m-%d}　状态：{STATES.get(filters.state, '全部')}　导出人：{current_user.name}"
    audit.record("applications.exported", Subject("application_window", row.id, title), None, {"rows": len(rows)}, by=current_actor())
    book = write_sheet(SheetHead(title, line, _HEADINGS), _cells(rows, question))
    return send_file(book, XLSX, as_attachment=True, download_name=f"{title}.xlsx")


_HEADINGS = (
    ("序号", 6.0), ("企业名称", 34.0), ("统一社会信用代码", 22.0), ("县（市、区）", 14.0), ("乡镇（街道）", 16.0), ("状态", 12.0), ("系统初步比对", 14.0),
    ("材料（已备/应备）", 16.0), ("县级审核日期", 14.0), ("县级审核人", 12.0), ("市级意见", 12.0), ("市级意见日期", 14.0), ("原因或文号", 40.0),
)
_VERDICTS = {"likely": "初步符合", "by_person": "待人工核验", "data_missing": "待补数据", "not_yet": "暂不满足"}


def _cells(rows: Sequence[ApplicationRow], question: Asked) -> Iterator[Sequence[Any]]:
    steps = queries.last_steps([row.application.id for row in rows])
    for number, row in enumerate(rows, 1):
        place, said = question.towns.get(row.town_id or 0), steps.get(row.application.id, {})
        county, city = said.get("county_passed"), said.get("recommended") or said.get("not_recommended")
        yield (
            number, row.name, row.credit_code, place.unit_name if place else "", place.name if place else "", STATES[row.application.state],
            _VERDICTS.get(row.application.verdict or "", "不作判断"),
            f"{row.needed - row.missing}/{row.needed}", _day(county), county.by_name if county else None,
            STATES[city.to_state] if city else None, _day(city), row.application.reason,
        )


def _day(event: Any) -> date | None:
    return event.on_day if event else None
