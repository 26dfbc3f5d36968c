"""The rules of a city: overview, editor (a local version of the pack), and who would be told what today."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for

from app.infra import clock
from app.infra.web.access import commits, current_actor, current_reach, one_city, requires
from app.kernel.errors import Conflict, DomainError, NotFound
from app.kernel.permission import Permission
from app.packs.schema import AUDIENCES, ReminderRule
from app.policies import actions as policies
from app.policies import queries as packs
from app.policies.views.choice import choice
from app.reminders.forms import RuleForm, fill_rule, show_problem
from app.reminders.queries import preview, sendings
from app.reminders.queries.book import SECTION, CityBook, book_of
from app.reminders.rules import messages
from app.reminders.views._blueprint import blueprint


@dataclass(frozen=True)
class Place:
    """The city whose rules are shown, and its book."""

    city_id: int
    name: str
    book: CityBook


def _place() -> Place:
    city = choice().chosen or next(iter(choice().cities), None)
    reach = current_reach(Permission.REMINDER_EDIT)
    book = book_of(city.id, city.code) if city is not None and (reach.everything or city.id in reach.city_ids) else None
    if city is None or book is None:
        raise NotFound("这个城市还没有政策包，或不在您的管辖范围内。")
    return Place(city.id, city.name, book)


def _rule(place: Place, code: str) -> ReminderRule:
    rule = place.book.pack.find(SECTION, code, clock.today())
    if rule is None:
        raise NotFound("没有找到这条提醒规则，可能已改名。请从“提醒规则”页进入。")
    return cast(ReminderRule, rule)


@blueprint.get("/rules")
@requires(Permission.REMINDER_EDIT)
@one_city()
def rules() -> str:
    """Every rule of the city with the number of open items, and what the last collections say."""
    place = _place()
    counts = sendings.counts_by_code(place.city_id)
    known = {rule.code for rule in place.book.rules()}
    return render_template(
        "reminders/rules.html", place=place, counts=counts, audiences=AUDIENCES, unruled=sorted(set(counts) - known), collections=sendings.collections(),
    )


@blueprint.route("/rules/<code>", methods=["GET", "POST"])
@requires(Permission.REMINDER_EDIT)
@one_city()
@commits
def rule(code: str) -> Any:
    """Change a rule; the pack of the city gets a local version, and every planned moment follows at the next collection."""
    place = _place()
    found, version = _rule(place, code), packs.latest_version(place.book.pack.code)
    form = RuleForm()
    if not form.is_submitted():
        fill_rule(form, found)
        form.version_id.data = version.id if version else ""
    if form.is_submitted() and form.validate() and _saved(form, place, found):
        flash(f"提醒规则“{found.label}”已保存，{place.name}的政策包有了新的版本。", "ok")
        return redirect(url_for("reminders.rules"), 303)
    today = clock.today()
    sample = messages.fill(
        place.book.text(found), label=f"“示例企业”{found.label}", due_on=today + timedelta(days=3), today=today, verb=found.verb or "",
    )
    page = render_template(
        "reminders/rule.html", place=place, rule=found, form=form, sample=sample, stored=version is not None,
        document=place.book.pack.document(found.document), leads=place.book.lead_days(found), audiences=AUDIENCES,
    )
    return page, 422 if form.is_submitted() else 200


def _saved(form: RuleForm, place: Place, found: ReminderRule) -> bool:
    try:
        policies.edit_entry(
            city=place.book.pack.code, section=SECTION, code=found.code, effective_from=found.effective_from, values=form.values(found),
            reason=form.reason.data or "", version_id=int(form.version_id.data) if str(form.version_id.data).isdigit() else 0, by=current_actor(),
        )
    except Conflict:
        raise
    except DomainError as problem:
        show_problem(form, problem, "reason")
        return False
    return True


@blueprint.get("/rules-today")
@requires(Permission.REMINDER_EDIT)
@one_city()
def rules_today() -> str:
    """Dry run: every step that falls on a day, and its people. Nothing is sent."""
    place = _place()
    day = clock.today()
    found = preview.on_day(place.city_id, day, request.args.get("code", "")[:60])
    by_person = Counter(name for line in found.lines for name in line.people)
    return render_template("reminders/rules_today.html", place=place, day=day, found=found, by_person=by_person.most_common(30), step_words=messages.step_words)
