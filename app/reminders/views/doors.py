"""Doors out of the house: group channels, and everything that was sent, failed or is unknown. For officers, within their areas."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.infra.settings import settings
from app.infra.web.access import commits, current_actor, current_reach, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import Conflict, DomainError, NotFound
from app.kernel.permission import Permission
from app.packs.schema import ReminderRule
from app.policies.queries import current_pack
from app.reminders.actions import choosing
from app.reminders.forms import ChannelForm, show_problem
from app.reminders.models import CHANNELS, DELIVERY_STATES, Channel
from app.reminders.queries import sendings as queries
from app.reminders.queries.book import SECTION
from app.reminders.views._blueprint import blueprint

TONES = {"sent": "ok", "failed": "bad", "unknown": "warn", "sending": "info", "waiting": "info"}
ANSWERED = {"received": "已登记为收到，不再重发。", "again": "已重新排队，稍后发送；接收方凭同一编号可以识别重复。", "cancel": "已取消，不再发送。"}


@blueprint.get("/sendings")
@requires(Permission.REMINDER_EDIT)
def sendings() -> str:
    """What left the house."""
    reach = current_reach(Permission.REMINDER_EDIT)
    state, channel = request.args.get("state", ""), request.args.get("channel", "")
    asked = queries.Asked(state if state in DELIVERY_STATES else "", channel if channel in CHANNELS else "")
    page = queries.list_sendings(reach, asked, request.args.get("cursor"), page_size(request.args.get("size"), 50))
    return render_template(
        "reminders/sendings.html", page=page, asked=asked, counts=queries.count_states(reach), states=DELIVERY_STATES, tones=TONES, channels=CHANNELS,
    )


@blueprint.post("/sendings/<int:delivery_id>/<answer>")
@requires(Permission.REMINDER_EDIT)
@commits
def settle(delivery_id: int, answer: str) -> Any:
    """What an officer knows of an interrupted message, or another try."""
    if answer not in ANSWERED:
        raise NotFound("没有这项操作，请返回发送记录重新进入。")
    row = queries.get_sending(current_reach(Permission.REMINDER_EDIT), delivery_id)
    choosing.settle(row=row, answer=answer, by=current_actor())
    flash(ANSWERED[answer], "ok")
    return redirect(url_for("reminders.sendings", state=request.form.get("state") or None), 303)


@blueprint.get("/channels")
@requires(Permission.REMINDER_EDIT)
def channels() -> str:
    """Group robots and hooks of the areas."""
    found = queries.list_channels(current_reach(Permission.REMINDER_EDIT))
    return render_template("reminders/channels.html", rows=found, kinds=CHANNELS, sending=settings().sending)


@blueprint.route("/channels/new", methods=["GET", "POST"])
@requires(Permission.REMINDER_EDIT)
@commits
def channel_new() -> Any:
    """Add one."""
    return _edit(None)


@blueprint.route("/channels/<int:channel_id>", methods=["GET", "POST"])
@requires(Permission.REMINDER_EDIT)
@commits
def channel(channel_id: int) -> Any:
    """Change one; address and secret stay hidden."""
    return _edit(queries.get_channel(current_reach(Permission.REMINDER_EDIT), channel_id))


@blueprint.post("/channels/<int:channel_id>/test")
@requires(Permission.REMINDER_EDIT)
@commits
def channel_test(channel_id: int) -> Any:
    """A trial message on the usual way."""
    row = queries.get_channel(current_reach(Permission.REMINDER_EDIT), channel_id)
    choosing.test_channel(row=row, by=current_actor())
    flash("测试消息已排队，结果见发送记录。", "ok")
    return redirect(url_for("reminders.sendings"), 303)


def _edit(row: Channel | None) -> Any:
    form = ChannelForm(obj=row) if row is not None and request.method == "GET" else ChannelForm()
    areas = queries.areas_for_channels(current_reach(Permission.REMINDER_EDIT))
    form.area.choices = [(area.code, area.name) for area in areas]
    rules = [rule for rule in current_pack().entries(SECTION) if isinstance(rule, ReminderRule)]
    form.codes.choices = [(rule.code, rule.label) for rule in rules]
    if row is not None:
        form.kind.choices = [(row.kind, CHANNELS[row.kind])]
        if request.method == "GET":
            form.codes.data, form.secret.data, form.version.data = list(row.codes or ()), "", str(row.version)
            form.area.data = next((area.code for area in areas if area.id == row.area_id), None)
    if form.is_submitted() and form.validate() and _saved(form, row, {area.code: area.id for area in areas}):
        flash(f"通道“{form.name.data}”已保存。可以发一条测试消息确认。", "ok")
        return redirect(url_for("reminders.channels"), 303)
    page = render_template("reminders/channel.html", form=form, row=row, hosts=settings().sending.hook_hosts)
    return page, 422 if form.is_submitted() else 200


def _saved(form: ChannelForm, row: Channel | None, areas: dict[str, int]) -> bool:
    draft = choosing.ChannelDraft(
        form.kind.data, form.name.data or "", areas[form.area.data], (form.url.data or "").strip(), form.secret.data or "", form.keyword.data or "",
        tuple(form.codes.data or ()), form.mode.data, bool(form.honours_key.data), bool(form.enabled.data),
    )
    try:
        version = int(form.version.data) if str(form.version.data).isdigit() else 0
        choosing.save_channel(row=row, draft=draft, version=version, by=current_actor())
    except Conflict:
        raise
    except DomainError as problem:
        show_problem(form, problem, "name")
        return False
    return True
