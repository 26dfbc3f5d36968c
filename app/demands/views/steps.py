"""Steps of a demand: one small page each, so that nothing typed is lost when somebody else was faster. Three doors, by permission."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.demands import actions
from app.demands.actions import Seat
from app.demands.forms import (
    AcceptForm,
    AssistForm,
    ContactForm,
    DecideForm,
    DispatchForm,
    DuplicateForm,
    ExtendForm,
    FinishForm,
    RateForm,
    StepForm,
    TextForm,
    TransferForm,
)
from app.demands.models import Demand
from app.demands.queries import departments as offices
from app.demands.queries import records
from app.demands.rules.states import OUTCOMES, STATES, STEP
from app.demands.views._blueprint import blueprint
from app.demands.views.asking import is_enterprise, seat_for, words
from app.infra.db import db
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.kernel.permission import Permission
from app.policies.queries import pack_of_city


@dataclass(frozen=True)
class Deed:
    """One step as a page. ``act(demand, form, seat, by)`` returns False when nothing was changed; ``button``: the verb; ``note``: said above the form."""

    form: type[StepForm]
    button: str
    act: Callable[[Demand, Any, Seat, Actor], Any]
    done: str
    note: str = ""
    label: str = ""
    tone: str = "btn-primary"


def _text(form: Any) -> str:
    return form.text.data or ""


def _finish(demand: Demand, form: FinishForm, seat: Seat, by: Actor) -> bool:
    return actions.finish_demand(demand=demand, outcome=form.outcome.data or "", text=_text(form), version=form.version_number(), by=by, seat=seat)


def _duplicate(demand: Demand, form: DuplicateForm, _seat: Seat, by: Actor) -> bool:
    original = records.find_by_number(current_scope(), form.original.data or "")
    if original is None:
        raise Invalid("original", "没有找到这个编号的诉求，请核对（如 SQ2026112000012）。", "original")
    return actions.mark_duplicate(demand=demand, original=original, version=form.version_number(), by=by)


def _rate(demand: Demand, form: RateForm, _seat: Seat, by: Actor) -> bool:
    if not (is_enterprise() or has(Permission.DEMAND_DISPATCH)):
        raise Forbidden("rating", "评价由企业作出，或由受理单位回访后代记。请把专用页面的二维码交给企业。")
    mark = int(form.rating.data) if form.rating.data in ("1", "2", "3", "4", "5") else 0
    via = "contact" if is_enterprise() else "officer"
    return actions.rate_demand(demand=demand, rating=mark, note=_text(form), via=via, version=form.version_number(), by=by)


def _reopen(demand: Demand, form: TextForm, seat: Seat, by: Actor) -> bool:
    return actions.reopen_demand(demand=demand, reason=_text(form), version=form.version_number(), by=by, seat=seat, by_enterprise=is_enterprise())


HANDLE: dict[str, Deed] = {
    "accept": Deed(
        AcceptForm, "签收", lambda d, f, s, by: actions.accept_demand(demand=d, version=f.version_number(), by=by, seat=s), "已签收，您是接办人",
    ),
    "contact": Deed(
        ContactForm, "登记联系",
        lambda d, f, s, by: actions.log_contact(demand=d, text=_text(f), reached=f.reached.data == "1", by=by, seat=s), "已登记联系情况",
    ),
    "reply": Deed(
        TextForm, "登记答复", lambda d, f, s, by: actions.log_reply(demand=d, text=_text(f), by=by, seat=s), "已登记答复",
        "告诉企业打算怎么办、谁来办、什么时候办好。企业会看到这段文字。", "答复内容",
    ),
    "note": Deed(
        TextForm, "登记进展", lambda d, f, s, by: actions.log_note(demand=d, text=_text(f), by=by, seat=s), "已登记进展", "只在办理单位之间可见。", "进展",
    ),
    "pause": Deed(
        TextForm, "停表等企业补充",
        lambda d, f, s, by: actions.pause(demand=d, reason=_text(f), version=f.version_number(), by=by, seat=s), "已停表，等企业补充",
        "办理时限停走，企业补充后或停表期满时恢复，时限按停走的工作时间顺延。企业会看到需要补充什么。", "需要企业补充什么",
    ),
    "resume": Deed(
        TextForm, "恢复计时", lambda d, f, s, by: actions.resume(demand=d, text=_text(f), version=f.version_number(), by=by, seat=s), "已恢复计时",
        label="企业补充的情况",
    ),
    "extend": Deed(
        ExtendForm, "提交延期申请",
        lambda d, f, s, by: actions.ask_extension(demand=d, workdays=f.workdays.data or 0, reason=_text(f), version=f.version_number(), by=by, seat=s),
        "已提交延期申请，等受理单位审批",
    ),
    "finish": Deed(FinishForm, "办结并答复企业", _finish, "已办结，等企业评价", "办结方式要如实选择：没有解决的选“暂不能解决”，并说明原因和今后打算。"),
    "transfer": Deed(
        TransferForm, "改转",
        lambda d, f, s, by: actions.transfer_demand(
            demand=d, organisation_id=f.organisation_id.data or 0, reason=_text(f), version=f.version_number(), by=by, seat=s,
        ),
        "已改转", "每次退回或改转都会计数，达到规定次数后由市局指定承办部门，不能再退。",
    ),
    "refuse": Deed(
        TextForm, "退回", lambda d, f, s, by: actions.refuse_demand(demand=d, reason=_text(f), version=f.version_number(), by=by, seat=s), "已退回受理单位",
        "不知道该由谁办的退回受理单位；知道的请用“改转其他部门”。", "退回原因", "btn-plain",
    ),
}
DISPATCH: dict[str, Deed] = {
    "take": Deed(AcceptForm, "自行办理", lambda d, f, s, by: actions.take_demand(demand=d, version=f.version_number(), by=by, seat=s), "已受理，您是接办人"),
    "dispatch": Deed(
        DispatchForm, "转办",
        lambda d, f, s, by: actions.dispatch_demand(
            demand=d, organisation_id=f.organisation_id.data or 0, ask=f.ask.data, version=f.version_number(), by=by, seat=s,
        ),
        "已转办",
    ),
    "assist": Deed(
        AssistForm, "增加协办", lambda d, f, s, by: actions.add_assist(demand=d, organisation_id=f.organisation_id.data or 0, ask=f.ask.data or "", by=by),
        "已增加协办", "主办部门不变；协办部门各自签收、各自反馈，全部反馈后才能办结。",
    ),
    "instruct": Deed(TextForm, "督办", lambda d, f, s, by: actions.instruct(demand=d, text=_text(f), by=by), "已督办", label="督办意见"),
    "duplicate": Deed(DuplicateForm, "并入", _duplicate, "已并入", "同一企业同一件事只办一次；并入后在原件办理和答复。"),
    "reject": Deed(
        TextForm, "不予受理", lambda d, f, s, by: actions.reject_demand(demand=d, reason=_text(f), version=f.version_number(), by=by), "已登记不予受理",
        "企业会看到理由，请写明依据和企业可以找谁。", "理由", "btn-danger",
    ),
    "call_back": Deed(TextForm, "登记回访", lambda d, f, s, by: actions.log_call_back(demand=d, text=_text(f), by=by), "已登记回访", label="回访情况"),
    "decide": Deed(
        DecideForm, "提交审批意见", lambda d, f, s, by: actions.decide_extension(demand=d, approve=f.approve.data == "1", text=_text(f), by=by),
        "已审批延期申请",
    ),
}
OWN: dict[str, Deed] = {
    "rate": Deed(RateForm, "提交评价", _rate, "已登记评价", "以最后一次评价为准。"),
    "reopen": Deed(TextForm, "要求重办", _reopen, "已重办，时限重新计算", "原来的办理记录和用时都会保留。", "没有解决的地方"),
    "withdraw": Deed(
        TextForm, "撤回诉求", lambda d, f, s, by: actions.withdraw_demand(demand=d, reason=_text(f), version=f.version_number(), by=by), "已撤回",
        label="撤回原因（可不填）", tone="btn-danger",
    ),
}


@blueprint.route("/<int:demand_id>/handle/<step>", methods=["GET", "POST"])
@requires(Permission.DEMAND_HANDLE)
@commits
def handle(demand_id: int, step: str) -> Any:
    """A step of the handler."""
    return _page(demand_id, step, HANDLE, "demands.handle", Permission.DEMAND_HANDLE)


@blueprint.route("/<int:demand_id>/dispatch/<step>", methods=["GET", "POST"])
@requires(Permission.DEMAND_DISPATCH)
@commits
def dispatch(demand_id: int, step: str) -> Any:
    """A step of who routes and supervises."""
    return _page(demand_id, step, DISPATCH, "demands.dispatch", Permission.DEMAND_DISPATCH)


@blueprint.route("/<int:demand_id>/own/<step>", methods=["GET", "POST"])
@requires(Permission.DEMAND_RAISE)
@commits
def own(demand_id: int, step: str) -> Any:
    """A step of who brought it: rate, reopen, withdraw."""
    return _page(demand_id, step, OWN, "demands.own", Permission.DEMAND_RAISE)


def _page(demand_id: int, step: str, deeds: dict[str, Deed], endpoint: str, permission: Permission) -> Any:
    demand, deed = records.get_demand(current_scope(), demand_id), deeds.get(step)
    if deed is None:
        raise NotFound("没有这个办理步骤，请从诉求页面上的按钮操作。")
    form = deed.form()
    _offer(form, demand, deed)
    if not form.is_submitted():
        form.version.data = demand.version
        return _drawn(demand, step, deed, form, endpoint)
    status = 422
    if form.validate():
        try:
            return _do(demand, deed, form, permission)
        except (Conflict, Invalid, Forbidden) as error:
            db.session.rollback()
            status = error.status
            form.put_error(error.field, error.message_zh)
    return _again(demand_id, step, deed, form, endpoint, status)


def _do(demand: Demand, deed: Deed, form: StepForm, permission: Permission) -> Any:
    changed = deed.act(demand, form, seat_for(demand, permission), current_actor())
    said = f"诉求 {demand.number}：{deed.done}。" if changed else f"诉求 {demand.number} 已经办过这一步，没有重复登记。"
    flash(said, "ok" if changed else "info")
    try:
        records.get_demand(current_scope(Permission.DEMAND_VIEW), demand.id)
    except NotFound:  # it is another's matter now
        return redirect(url_for("demands.index"), 303)
    return redirect(url_for("demands.show", demand_id=demand.id), 303)


def _again(demand_id: int, step: str, deed: Deed, form: StepForm, endpoint: str, status: int) -> Any:
    """The page once more with everything typed, on the present state; also when the demand has gone to somebody else meanwhile."""
    try:
        demand = records.get_demand(current_scope(), demand_id)
    except NotFound:
        typed = [(one.label.text, one.data) for one in form if one.type == "TextAreaField" and one.data]
        return render_template("demands/gone.html", typed=typed, messages=[m for found in form.errors.values() for m in found]), 409
    form.version.data = demand.version
    _offer(form, demand, deed)
    return _drawn(demand, step, deed, form, endpoint), status


def _offer(form: StepForm, demand: Demand, deed: Deed) -> None:
    if "organisation_id" in form:
        pack = pack_of_city(demand.city_id)
        known = offices.within(offices.list_departments([demand.city_id]), demand.city_id, [demand.unit_id] if demand.unit_id else [])
        first = offices.proposed(pack, demand.domain, known)
        rest = [one for one in known if one not in first and one.id != demand.organisation_id]
        pairs = [(one.id, f"{one.name}（按类别建议）") for one in first if one.id != demand.organisation_id] + [(one.id, one.name) for one in rest]
        form.offer(organisation_id=[("", "请选择"), *pairs])
        if not form.is_submitted() and pairs and first and not isinstance(form, AssistForm | TransferForm):
            form["organisation_id"].data = pairs[0][0]
    if "text" in form and deed.label:
        form["text"].label.text = deed.label


def _drawn(demand: Demand, step: str, deed: Deed, form: StepForm, endpoint: str) -> str:
    label = STEP[step].label if step in STEP else "审批延期"
    return render_template(
        "demands/step.html", demand=demand, form=form, deed=deed, label=label, states=STATES, outcomes=OUTCOMES, enterprise=records.enterprise_of(demand),
        action=url_for(endpoint, demand_id=demand.id, step=step), words=words(pack_of_city(demand.city_id)),
    )


PARTS = {
    "accept": ("assist_accept", "已签收协办"), "done": ("assist_done", "已反馈协办意见"), "refuse": ("assist_refuse", "已退回协办"),
}


@blueprint.route("/<int:demand_id>/parts/<int:part_id>", methods=["GET", "POST"])
@requires(Permission.DEMAND_HANDLE)
@commits
def part(demand_id: int, part_id: int) -> Any:
    """The share of an assisting department: accept, give an opinion, send back."""
    demand = records.get_demand(current_scope(), demand_id)
    seat, form = seat_for(demand), TextForm()
    form.text.label.text = "协办意见"
    mine = next((one for one in records.around(demand.id).assisting if one.id == part_id), None)
    if mine is None or not (seat.office or mine.organisation_id in seat.organisation_ids):
        raise NotFound("没有找到这项协办，可能已撤销或由其他部门协办。请从诉求页面重新进入。")
    step, done = PARTS.get(request.form.get("step", "done"), PARTS["done"])
    if form.is_submitted() and form.validate():
        try:
            changed = actions.answer_part(demand=demand, part_id=part_id, step=step, text=form.text.data, by=current_actor(), seat=seat)
        except DomainError as error:
            db.session.rollback()
            form.put_error(error.field, error.message_zh)
        else:
            flash(f"诉求 {demand.number}：{done}。" if changed else "已经登记过，没有重复登记。", "ok" if changed else "info")
            gone = step == "assist_refuse" and not seat.office
            return redirect(url_for("demands.index") if gone else url_for("demands.show", demand_id=demand.id), 303)
    page = render_template("demands/part.html", demand=demand, form=form, part=mine, words=words(pack_of_city(demand.city_id)))
    return page, 422 if form.errors else 200
