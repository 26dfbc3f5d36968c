"""One's own: channels beside the inbox, quiet hours, calendar subscriptions; the calendar as a page and as a file."""

import calendar
from datetime import date, timedelta
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.infra import clock, crypto
from app.infra.settings import settings as configured
from app.infra.web.access import commits, current_actor, public, requires
from app.infra.web.asof import day_argument
from app.kernel.errors import Invalid
from app.kernel.permission import Permission
from app.reminders.actions import choosing
from app.reminders.forms import ChoiceForm, show_problem, time_text
from app.reminders.queries import desk, links
from app.reminders.rules.calendar_file import Entry, calendar_file
from app.reminders.rules.messages import remaining
from app.reminders.rules.people import keys_of
from app.reminders.views._blueprint import blueprint
from app.reminders.views.asking import lines, my_keys

MOST_ENTRIES, KEPT_DAYS = 500, 30


def _masked(cipher: str | None) -> str:
    """Enough to recognise one's own address."""
    if not cipher:
        return ""
    text = crypto.decrypt(cipher)
    name, at, host = text.partition("@")
    return f"{name[:2]}***{at}{host}" if at else f"{text[:3]}****{text[-4:]}"


@blueprint.route("/settings", methods=["GET", "POST"])
@requires(Permission.REMINDER_VIEW)
@commits
def settings() -> Any:
    """How one wants to be told."""
    row, form = links.find_preference(current_user.user_id), ChoiceForm()
    if not form.is_submitted() and row is not None:
        form.mail_mode.data, form.sms_mode.data, form.version.data = row.mail_mode, row.sms_mode, str(row.version)
        for name in ("quiet_from", "quiet_to", "digest_at"):
            form[name].data = time_text(getattr(row, name))
    if form.is_submitted() and form.validate() and _saved(form):
        flash("提醒设置已保存。", "ok")
        return redirect(url_for("reminders.settings"), 303)
    page = render_template(
        "reminders/settings.html", form=form, mail=_masked(row.mail_cipher if row else None), phone=_masked(row.phone_cipher if row else None),
        links=links.list_links(current_user.user_id), sending=configured().sending,
    )
    return page, 422 if form.is_submitted() else 200


def _saved(form: ChoiceForm) -> bool:
    def address(name: str) -> str | None:
        return "" if form[f"forget_{name}"].data else (form[name].data or "").strip() or None

    try:
        choosing.choose(choice=choosing.Choice(
            address("mail"), address("phone"), form.mail_mode.data, form.sms_mode.data, form.time("quiet_from"), form.time("quiet_to"),
            form.time("digest_at"), int(form.version.data) if str(form.version.data).isdigit() else 0,
        ), by=current_actor())
    except Invalid as problem:
        show_problem(form, problem, "mail")
        return False
    return True


@blueprint.post("/settings/links")
@requires(Permission.REMINDER_VIEW)
@commits
def link() -> str:
    """A new subscription; its address is shown this once."""
    token = choosing.make_link(by=current_actor())
    return render_template("reminders/link.html", url=url_for("reminders.subscription", token=token, _external=True))


@blueprint.post("/settings/links/<int:link_id>/revoke")
@requires(Permission.REMINDER_VIEW)
@commits
def revoke(link_id: int) -> Any:
    """The address answers no more."""
    choosing.revoke_link(link=links.get_link(current_user.user_id, link_id), by=current_actor())
    flash("订阅地址已停用，手机日历里的旧地址不再更新。", "ok")
    return redirect(url_for("reminders.settings"), 303)


@blueprint.get("/calendar")
@requires(Permission.REMINDER_VIEW)
def month() -> str:
    """One month of one's items, and the list of a day."""
    today = clock.today()
    day = day_argument("day", request.args)
    shown = (day or day_argument("month", request.args) or today).replace(day=1)
    last = shown.replace(day=calendar.monthrange(shown.year, shown.month)[1])
    counts = desk.by_day(my_keys(), desk.Span(shown, last))
    weeks = calendar.Calendar(firstweekday=0).monthdatescalendar(shown.year, shown.month)
    chosen = day or (today if shown <= today <= last else None)
    return render_template(
        "reminders/month.html", shown=shown, weeks=weeks, counts=counts, today=today, chosen=chosen,
        lines=lines(desk.of_day(my_keys(), chosen)) if chosen else [], before=_month(shown - timedelta(days=1)), after=_month(last + timedelta(days=1)),
    )


def _month(day: date) -> str:
    return url_for("reminders.month", month=day.replace(day=1).isoformat())


@blueprint.get("/subscriptions/<token>.ics")
@public
def subscription(token: str) -> Response:
    """The calendar file behind a secret address: for phones and Outlook, which cannot sign in. Unknown and revoked ones look the same."""
    person = links.person_of(choosing.token_hash(token)) if len(token) < 100 else None
    if person is None:
        abort(404)
    keys = keys_of(person.user_id, person.organisation_id, person.posts)
    today, base = clock.today(), configured().base_url.rstrip("/")
    entries = [
        Entry(
            f"due-{row.id}@yumiao", row.plan_on, f"{row.verb or '处理'}：{row.label}", row.opened_at,
            f"{remaining(row.due_on, today)}。" + ("" if row.confirmed else "日期待核。"),
            f"{base}{url_for('reminders.item', due_id=row.id)}" if base else "", row.due_at if row.plan_on == row.due_on else None, row.version,
        )
        for row in desk.for_calendar(keys, today - timedelta(days=KEPT_DAYS), MOST_ENTRIES)
    ]
    body = calendar_file(f"育苗待办（{person.name}）", entries)
    return Response(body, mimetype="text/calendar", headers={"Content-Disposition": 'inline; filename="yumiao.ics"', "Referrer-Policy": "no-referrer"})
