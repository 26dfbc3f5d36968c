"""A list beside our records, firm by firm: counts that open their rows, what to do about each, export."""

from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for

from app.infra import audit
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.infra.web.pagination import Cursor, Page, decode, encode, page_size
from app.kernel.errors import Invalid
from app.kernel.permission import Permission
from app.ladder.actions import reconciliation as actions
from app.ladder.exports import XLSX, SheetHead, write_sheet
from app.ladder.models.lists import SETTLEMENTS
from app.ladder.queries.reconciliation import compare_list, comparison_day, settled
from app.ladder.rules.reconciliation import CORRECTABLE, REASONS, RECORDABLE, Difference
from app.ladder.views._blueprint import blueprint
from app.ladder.views.lists import get

COLUMNS = [
    ("行号", 8.0), ("企业名称", 34.0), ("原因", 18.0), ("原因代码", 20.0), ("名单", 30.0), ("系统", 36.0), ("处理", 10.0), ("说明", 30.0), ("处理人", 12.0),
]


@blueprint.get("/lists/<int:list_id>/compare")
@requires(Permission.RECOGNITION_EDIT)
def compare_page(list_id: int) -> str:
    """All differences as they are now."""
    listed = get(list_id)
    found, done = compare_list(current_scope(), listed), settled(listed.id)
    code, state = request.args.get("code", ""), request.args.get("state", "")
    counts = {name: sum(d.code == name for d in found.differences) for name in REASONS}
    waiting = [d for d in found.differences if (d.code, d.subject) not in done]
    shown = [d for d in found.differences if (code not in REASONS or d.code == code) and _in_state(state, (d.code, d.subject) in done)]
    return render_template(
        "ladder/compare.html", listed=listed, found=found, done=done, counts=counts, waiting=len(waiting), code=code if code in REASONS else "", state=state,
        page=_page(shown), reasons=REASONS, settlements=SETTLEMENTS, day=comparison_day(listed), writable=(*RECORDABLE, *CORRECTABLE),
    )


def _in_state(state: str, is_settled: bool) -> bool:
    return is_settled if state == "settled" else not is_settled if state == "waiting" else True


def _page(rows: list[Difference]) -> Page[Difference]:
    """One page of computed rows; the cursor is the place in the list."""
    edge, size = decode(request.args.get("cursor"), (int,)), page_size(request.args.get("size"), 100)
    first = max(edge.values[0], 0) if edge else 0
    following = encode(Cursor((first + size,))) if first + size < len(rows) else None
    return Page(rows[first : first + size], following, encode(Cursor((max(first - size, 0),))) if first else None, size, len(rows))


@blueprint.post("/lists/<int:list_id>/settle")
@requires(Permission.RECOGNITION_EDIT)
@commits
def settle(list_id: int) -> Any:
    """Record, correct, leave with a reason, or take up again what was ticked."""
    listed, what = get(list_id, lock=True), request.form.get("what", "")
    chosen = [(code, subject) for text in request.form.getlist("ids") for code, _, subject in [text.partition("|")] if code in REASONS]
    if not chosen:
        raise Invalid("ids", "没有勾选任何一条差异。请先勾选要处理的差异。")
    more: dict[str, Any] = {"listed": listed, "chosen": chosen, "scope": current_scope(), "by": current_actor()}
    if what == "write":
        done = actions.write(**more)
        flash(f"已按名单登记 {done['new']} 条、更正 {done['differs']} 条，{done['refused']} 条未能写入。", "ok" if not done["refused"] else "warn")
    elif what == "ignore":
        flash(f"{actions.ignore(reason=request.form.get('reason', ''), **more)} 条差异标为不处理。", "ok")
    elif what == "take_up":
        flash(f"{actions.take_up(**more)} 条差异恢复为待处理。", "ok")
    else:
        raise Invalid("what", "请选择要做的操作。")
    return redirect(url_for("ladder.compare_page", list_id=listed.id, code=request.form.get("code") or None, state=request.form.get("state") or None), 303)


@blueprint.post("/lists/<int:list_id>/compare/export")
@requires(Permission.ENTERPRISE_EXPORT)
@commits
def export_comparison(list_id: int) -> Any:
    """All differences as a workbook."""
    listed = get(list_id)
    found, done = compare_list(current_scope(), listed), settled(listed.id)
    by = current_actor()
    line = f"数据截至：{comparison_day(listed):%Y-%m-%d}　一致 {found.same} 行　辖区外 {found.outside} 行　差异 {len(found.differences)} 条　导出人：{by.name}"
    out = write_sheet(SheetHead("名单核对差异", line, COLUMNS), ([*_cells(d), *_settlement(done.get((d.code, d.subject)))] for d in found.differences))
    audit.record("list.exported", Subject("official_list", listed.id, listed.name), None, {"rows": len(found.differences)}, by=by)
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=f"名单核对差异_{listed.id}.xlsx")


def _cells(d: Difference) -> list[Any]:
    return [str(d.row or ""), d.name, REASONS[d.code], d.code, d.theirs, d.ours]


def _settlement(row: Any) -> list[Any]:
    return [SETTLEMENTS[row.settlement], row.reason or "", row.settled_name] if row is not None else ["待处理", "", ""]
