"""One deadline: what it is, who was told, what people did with it, what can be done now; next and previous of the list it came from."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.infra.web.asof import day_argument
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.permission import Permission
from app.reminders.actions import handling
from app.reminders.models import DUE_STATES, NOTE_KINDS, DueRow
from app.reminders.queries import desk, inbox
from app.reminders.queries.book import Book
from app.reminders.queries.holders import candidates, labels
from app.reminders.views._blueprint import blueprint
from app.reminders.views.asking import link_to, my_keys

SAID = {
    "done": "已标记完成，不再提醒。", "reopened": "已恢复为待办。", "planned": "已改期，到时再提醒。", "snoozed": "已暂缓提醒。",
    "handed": "已转办，对方会收到消息。",
    "urged": "已催办，经办人会收到消息。", "supervised": "已列为督办，经办人及上级会收到消息。", "lifted": "已解除督办。",
}
OWN = ("done", "reopened", "planned", "snoozed", "handed")
"""Steps of whoever has it on the desk, and of officers over it; the others need the permission to urge."""


def _get(due_id: int, *, lock: bool = False) -> DueRow:
    return desk.get_item(current_scope(Permission.ENTERPRISE_VIEW), my_keys(), due_id, lock=lock)


def _asked() -> desk.Asked:
    span = request.values.get("span", "")
    return desk.Asked(span if span in desk.SPANS else "", request.values.get("code", "")[:60])


def may(row: DueRow) -> set[str]:
    """Steps the signed-in person may take now."""
    found = set()
    if row.holder in my_keys() or has(Permission.REMINDER_URGE):
        found |= {"reopened"} if row.state == "done" else {"done", "planned", "snoozed", "handed"} if row.state == "open" else set()
    if has(Permission.REMINDER_URGE) and row.state == "open":
        found |= {"urged", "lifted" if row.supervised_at else "supervised"}
    return found


@blueprint.get("/items/<int:due_id>")
@requires(Permission.REMINDER_VIEW)
def item(due_id: int) -> str:
    """The page of one deadline."""
    return _page(_get(due_id), None)


def _page(row: DueRow, problem: DomainError | None) -> str:
    asked, page = _asked(), Book().of(row.city_id)
    rule = page.rule(row.code)
    steps = may(row)
    before, after = desk.neighbours(my_keys(), row, asked)
    carried = {name: value for name, value in (("span", asked.span), ("code", asked.code)) if value}
    return render_template(
        "reminders/item.html", row=row, rule=rule, url=link_to(row.endpoint, row.arguments), states=DUE_STATES, kinds=NOTE_KINDS, may=steps,
        planned=page.planned(rule, row.due_on, row.due_at, row.snoozed_until) if rule else [], notes=desk.notes_of(row.id), told=inbox.told_of(row.id),
        holders=labels({row.holder, row.handed_to}), people=candidates(row) if "handed" in steps else [], today=clock.today(),
        before=before and url_for("reminders.item", due_id=before, **carried), after=after and url_for("reminders.item", due_id=after, **carried),
        problem=problem, carried=carried, typed=request.form,
    )


@blueprint.post("/items/<int:due_id>/<step>")
@requires(Permission.REMINDER_VIEW)
@commits
def act(due_id: int, step: str) -> Any:
    """One step, from the item page or with one click from the desk."""
    row = _get(due_id, lock=True)
    if step not in NOTE_KINDS or (step not in OWN and not has(Permission.REMINDER_URGE)):
        raise NotFound("没有这项操作，请返回工作台重新进入。")
    if row.holder not in my_keys() and not has(Permission.REMINDER_URGE):
        raise NotFound("这项提醒由他人办理，您可以查看，不能代为处理。")
    asked = _asked()
    carried = {name: value for name, value in (("span", asked.span), ("code", asked.code)) if value}
    _, after = desk.neighbours(my_keys(), row, asked)
    try:
        _act(row, step)
    except Invalid as problem:
        return _page(row, problem), 422
    flash(f"“{row.label}”：{SAID[step]}", "ok")
    if request.form.get("back") == "desk":
        return redirect(url_for("workbench.desk", **carried), 303)
    leaves = step in ("done", "handed", "snoozed") and after is not None
    return redirect(url_for("reminders.item", due_id=after if leaves else row.id, **carried), 303)


def _act(row: DueRow, step: str) -> None:
    form, by = request.form, current_actor()
    note, version = form.get("note", ""), form.get("version", type=int) or 0
    if step in ("planned", "snoozed"):
        change = handling.plan if step == "planned" else handling.snooze
        change(row=row, day=_day(), note=note, version=version, by=by)
    elif step == "handed":
        holder = form.get("holder", "")
        if holder not in {code for code, _ in candidates(row)}:
            raise Invalid("holder", "请从列表中选择转办对象。", "holder")
        handling.hand_over(row=row, holder=holder, note=note, version=version, by=by)
    else:
        plain = {"done": handling.finish, "reopened": handling.reopen, "urged": handling.urge, "supervised": handling.supervise, "lifted": handling.lift}
        plain[step](row=row, note=note, version=version, by=by)


def _day() -> date:
    day = day_argument("day", request.form)
    if day is None:
        raise Invalid("day", "请选择日期。", "day")
    return day
