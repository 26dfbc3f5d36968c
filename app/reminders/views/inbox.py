"""The inbox: one's own messages, read and unread, those folded under a summary."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.infra import clock
from app.infra.web.access import commits, requires
from app.infra.web.asof import day_argument
from app.infra.web.pagination import page_size
from app.kernel.permission import Permission
from app.reminders.actions import choosing
from app.reminders.queries import inbox as queries
from app.reminders.views._blueprint import blueprint
from app.reminders.views.asking import link_to

MOST_AT_ONCE = 200


@blueprint.get("/")
@requires(Permission.REMINDER_VIEW)
def inbox() -> str:
    """Unread messages, or all of them."""
    asked = queries.Asked("all" if request.args.get("show") == "all" else "", day_argument("day", request.args))
    page = queries.list_inbox(current_user.user_id, asked, request.args.get("cursor"), page_size(request.args.get("size"), 20))
    return render_template("reminders/inbox.html", page=page, asked=asked, shown=queries.SHOWN, today=clock.today(), link_to=link_to)


@blueprint.get("/messages/<int:notice_id>")
@requires(Permission.REMINDER_VIEW)
def message(notice_id: int) -> str:
    """One message in full."""
    row = queries.get_notice(current_user.user_id, notice_id)
    return render_template("reminders/message.html", row=row, url=link_to(row.endpoint, row.arguments))


@blueprint.post("/messages/read")
@requires(Permission.REMINDER_VIEW)
@commits
def read() -> Any:
    """Mark the ticked messages as read; one's own only."""
    ids = [int(text) for text in request.form.getlist("ids")[:MOST_AT_ONCE] if text.isdigit() and len(text) < 19]
    done = choosing.read(rows=[queries.get_notice(current_user.user_id, notice_id) for notice_id in ids])
    flash(f"已将 {done} 条消息标为已读。" if ids else "还没有勾选消息，请先勾选再标为已读。", "ok" if ids else "info")
    return redirect(url_for("reminders.inbox"), 303)
