"""年度更新: who owes the yearly update, who has done it, and recording it for many at once."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from app.infra import audit
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, one_city, requires
from app.infra.web.pagination import COUNT_CAP, page_size
from app.kernel import credit_code
from app.kernel.errors import Invalid
from app.kernel.permission import Permission
from app.ladder import actions
from app.ladder.actions import duties as recording
from app.ladder.exports import XLSX, SheetHead, write_sheet
from app.ladder.forms import UpdateForm, show_problems
from app.ladder.queries import duties
from app.ladder.queries.applications import enterprises_by_code, enterprises_by_id
from app.ladder.queries.duties import DutyRow
from app.ladder.rules.duties import STATES, TONES
from app.ladder.views._blueprint import blueprint
from app.ladder.views.lifecycle import MOST_EXPORTED, Desk, desk

MOST_AT_ONCE = 2000


def _year(one: Desk) -> int:
    text = request.values.get("duty_year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else one.question.day.year
    if not one.question.day.year - 10 <= year <= one.question.day.year + 1:
        raise Invalid("year", "年度超出范围，请从列表中选择。", "duty_year")
    return year


@blueprint.get("/lifecycle/duties")
@requires(Permission.LADDER_VIEW)
@one_city()
def life_duties() -> str:
    """Holders that owe the update of a year, by what became of it."""
    one = desk()
    year, state = _year(one), request.args.get("state", "")
    owed, state = duties.duties_of_year(one.pack, year), state if state in STATES else ""
    counts = duties.count_duties(current_scope(), one.life, owed, year)
    total = counts.get(state, 0) if state else min(sum(counts.values()), COUNT_CAP + 1)
    statement = duties.duty_statement(current_scope(), one.life, owed, year, state)
    page = duties.page_duties(statement, request.args.get("cursor"), page_size(request.args.get("size"), 50), total)
    spans = [(row.enterprise_id, row.title, row.since, row.until) for row in page.rows]
    return render_template(
        "ladder/lifecycle_duties.html", desk=one, year=year, owed=owed, state=state, states=STATES, tones=TONES, counts=counts, page=page, total=total,
        warned=duties.warnings_of(one.pack, spans, one.question.day, one.question.known_on), years=_years(one, year),
    )


def _years(one: Desk, year: int) -> list[tuple[str, str]]:
    now = one.question.day.year
    return [(str(y), f"{y} 年") for y in sorted({*range(now - 4, now + 1), year}, reverse=True)]


@blueprint.route("/lifecycle/duties/record", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@one_city()
@commits
def life_record() -> Any:
    """Record the update of ticked rows, or of pasted credit codes, for one title and year."""
    one = desk()
    form = UpdateForm()
    form.offer(one.pack, _year(one))
    chosen = _chosen(form)
    if form.is_submitted() and "from_list" not in request.form and form.validate():
        changed = _record(form, one, chosen)
        if changed is not None:
            flash(changed, "ok")
            return redirect(url_for("ladder.life_duties", duty_year=form.duty_year.data, title=form.title_code.data), 303)
    firms = enterprises_by_id(current_scope(), [id_ for id_, _ in chosen]) if chosen else []
    status = 422 if form.errors else 200
    return render_template("ladder/lifecycle_record.html", desk=one, form=form, firms=firms, pairs=chosen), status


def _chosen(form: UpdateForm) -> list[tuple[int, str]]:
    """(enterprise id, title) of the ticked rows; the first title leads."""
    pairs = []
    for text in request.form.getlist("ids")[:MOST_AT_ONCE]:
        number, _, title = text.partition(":")
        if number.isascii() and number.isdigit() and len(number) < 19:
            pairs.append((int(number), title[:40]))
    if pairs and not form.title_code.data:
        form.title_code.data = pairs[0][1]
    return [pair for pair in pairs if pair[1] == form.title_code.data]


def _record(form: UpdateForm, one: Desk, chosen: Sequence[tuple[int, str]]) -> str | None:
    """Check and record; None = refused, the reasons are on the fields."""
    title, year = form.title_code.data, form.duty_year.data or 0
    owed = duties.duties_of_year(one.pack, year).get(title)
    firms = {firm.id: firm for firm in enterprises_by_id(current_scope(), [id_ for id_, _ in chosen])}
    codes = [credit_code.normalize(word) for word in (form.codes.data or "").replace(",", " ").replace("，", " ").split()]
    found = enterprises_by_code(current_scope(), codes) if codes else []
    firms |= {firm.id: firm for firm in found}
    unknown = [code for code in dict.fromkeys(codes) if code not in {firm.credit_code for firm in found}]
    if unknown:
        named = "、".join(code[:24] for code in unknown[:5]) + ("…" if len(unknown) > 5 else "")
        form.codes.errors = [f"有 {len(unknown)} 个代码在您的管辖范围内没有找到：{named}。请核对后重试，本次没有登记。"]
    elif owed is None:
        form.duty_year.errors = [f"“{one.pack.title_label(title)}”在 {year} 年没有年度更新，请核对称号和年度。"]
    elif not firms:
        form.codes.errors = ["请勾选企业，或粘贴统一社会信用代码。"]
    else:
        return _write(form, one, owed, list(firms.values()))
    return None


def _write(form: UpdateForm, one: Desk, owed: Any, firms: Sequence[Any]) -> str | None:
    title, year = form.title_code.data, form.duty_year.data or 0
    pairs = [(firm.id, title) for firm in firms]
    owing = duties.owing_pairs(current_scope(), one.life, {title: owed}, pairs)
    strangers = [firm.name for firm in firms if (firm.id, title) not in owing]
    if strangers:
        names = "、".join(strangers[:5]) + ("等" if len(strangers) > 5 else "")
        form.codes.errors = [f"{names}在 {year} 年不需要更新这项称号（截止日无有效认定，或当年新认定）。请去掉后重试，本次没有登记。"]
        return None
    draft = recording.DutyDraft(title, year, form.outcome.data, form.done_on.data, form.evidence.data, owed.due_on)
    try:
        changed = recording.record_updates(enterprises=firms, draft=draft, by=current_actor())
    except actions.Refused as error:
        show_problems(form, error.problems)
        return None
    same = len(firms) - changed
    return f"已登记 {changed} 家企业 {year} 年度“{one.pack.title_label(title)}”更新情况" + (f"，另有 {same} 家与原登记一致，未改动。" if same else "。")


@blueprint.post("/lifecycle/duties/export")
@requires(Permission.ENTERPRISE_EXPORT)
@one_city()
@commits
def life_duties_export() -> Any:
    """The list of a year as a workbook."""
    one = desk()
    year, state = _year(one), request.args.get("state", "")
    owed = duties.duties_of_year(one.pack, year)
    rows = duties.every_duty(duties.duty_statement(current_scope(), one.life, owed, year, state if state in STATES else ""), limit=MOST_EXPORTED + 1)
    if len(rows) > MOST_EXPORTED:
        raise Invalid("too_many", f"名单超过 {MOST_EXPORTED:,} 项，请先按县区或称号筛选后再导出。")
    title = f"{year}年度称号信息更新情况"
    line = f"数据截至：{one.question.day:%Y-%m-%d}　导出人：{current_user.name}"
    audit.record("duties.exported", Subject("yearly_duty", None, title), None, {"rows": len(rows), "year": year}, by=current_actor())
    book = write_sheet(SheetHead(title, line, _HEADINGS), _cells(one, rows, {code: item.due_on for code, item in owed.items()}))
    return send_file(book, XLSX, as_attachment=True, download_name=f"年度更新_{year}.xlsx")


_HEADINGS = (
    ("统一社会信用代码", 22.0), ("企业名称", 34.0), ("县（市、区）", 14.0), ("乡镇（街道）", 16.0), ("称号", 22.0), ("有效期起", 12.0), ("有效期止", 12.0),
    ("更新截止", 12.0), ("更新情况", 12.0), ("更新日期", 12.0), ("依据", 40.0),
)


def _cells(one: Desk, rows: Sequence[DutyRow], due: dict[str, date]) -> Iterator[Sequence[Any]]:
    for row in rows:
        place = one.question.towns.get(row.town_id or 0)
        yield (
            row.credit_code, row.name, place.unit_name if place else "", place.name if place else "", one.pack.title_label(row.title), row.since, row.until,
            due.get(row.title), STATES[row.state], row.done_on, row.evidence,
        )
