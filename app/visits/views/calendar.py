"""预约日历 and the list of a day: whom we see when, in which order."""

from calendar import Calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from flask import render_template, request
from flask_login import current_user

from app.enterprises.queries import places as place_names
from app.infra import clock, holidays
from app.infra.web.access import current_scope, has, requires
from app.kernel.permission import Permission
from app.visits.queries import appointments as queries
from app.visits.queries.day import main_contacts, open_promises, positions_of
from app.visits.rules.booking import APPOINTMENT_STATES, APPOINTMENT_TONES, BASES, window_zh
from app.visits.rules.routes import Leg, Stop, in_order
from app.visits.rules.visit import MODES
from app.visits.views import shared
from app.visits.views._blueprint import blueprint

MOST_SHOWN = 400
MOST_OF_DAY = 200
WHO = {"mine": "我的", "team": "本队", "all": "全部"}


@dataclass(frozen=True)
class Day:
    """One cell of the calendar."""

    day: date
    inside: bool
    workday: bool
    rows: list[queries.Row]
    count: int


def _asked(first: date, last: date) -> tuple[queries.Asked, str]:
    """The period with the person or team asked for; who is in one team sees it first, others see everything in their scope."""
    own = sorted(current_user.scope.team_ids)
    who = request.args.get("who", "team" if own else "all")
    team = shared.whole("team") or (own[0] if who == "team" and own else None)
    asked = queries.Asked(first, last, "", team, current_user.user_id if who == "mine" else None, shared.whole("unit"))
    return asked, who if who in WHO else "all"


@blueprint.get("/calendar")
@requires(Permission.VISIT_VIEW)
def calendar() -> str:
    """A month or a week, of a person, a team or everybody in scope."""
    today = clock.today()
    day, week = shared.day_of("day", today), request.args.get("view") == "week"
    days = [day - timedelta(days=day.weekday() - n) for n in range(7)] if week else list(Calendar(0).itermonthdates(day.year, day.month))
    asked, who = _asked(days[0], days[-1])
    scope = current_scope()
    counts = queries.count_by_day(scope, asked, today)
    few = sum(counts.values()) <= MOST_SHOWN
    rows: dict[date, list[queries.Row]] = defaultdict(list)
    for row in queries.list_between(scope, asked, today, MOST_SHOWN) if few else ():
        rows[row.planned_on].append(row)
    work = holidays.work_calendar(current_user.city_id)
    cells = [Day(one, week or one.month == day.month, work.is_workday(one), rows[one], counts.get(one, 0)) for one in days]
    back, forward = (day - timedelta(days=7), day + timedelta(days=7)) if week else (days[10].replace(day=1) - timedelta(days=1), days[10] + timedelta(days=31))
    return render_template(
        "visits/calendar.html", day=day, week=week, weeks=[cells[n : n + 7] for n in range(0, len(cells), 7)], few=few, who=who, whose=WHO, asked=asked,
        back=back, forward=forward.replace(day=1) if not week else forward, total=sum(counts.values()), may_plan=has(Permission.VISIT_PLAN),
        unknown_years=[] if work.known(day.year) else [day.year], states=APPOINTMENT_STATES, tones=APPOINTMENT_TONES, window_zh=window_zh,
        **shared.filters(), **shared.frame([team for cell in cells for row in cell.rows for team in (row.team_id, *row.teams)]),
    )


@blueprint.get("/day")
@requires(Permission.VISIT_VIEW)
def day_list() -> str:
    """The visits of a day in the order they are driven to (nearest first) or by time; made to be printed."""
    today = clock.today()
    day, by_time = shared.day_of("day", today), request.args.get("order") == "time"
    asked, who = _asked(day, day)
    found = queries.list_between(current_scope(), asked, today, MOST_OF_DAY + 1)
    rows, legs, known = _ordered(found[:MOST_OF_DAY], by_time)
    firms = [row.enterprise_id for row in rows]
    return render_template(
        "visits/day.html", day=day, rows=rows, legs=legs, known=known, by_time=by_time, who=who, whose=WHO, asked=asked, more=len(found) > MOST_OF_DAY,
        promises=open_promises(firms), contacts=main_contacts(firms), states=APPOINTMENT_STATES, tones=APPOINTMENT_TONES, bases=BASES, modes=MODES,
        window_zh=window_zh, before=day - timedelta(days=1), after=day + timedelta(days=1),
        **shared.filters(), **shared.frame([team for row in rows for team in (row.team_id, *row.teams)]),
    )


def _ordered(found: list[queries.Row], by_time: bool) -> tuple[list[queries.Row], dict[int, Leg], int]:
    """Rows in order, the legs between them, and for how many the place is known."""
    if by_time:
        return found, {}, 0
    at = positions_of([row.enterprise_id for row in found])
    areas = place_names.places().by_id
    codes = {id_: place.code for id_, place in areas.items()}
    stops = [Stop(row.id, codes.get(row.unit_id, ""), codes.get(row.town_id, ""), at.get(row.enterprise_id)) for row in found]
    order = in_order(stops)
    by_id = {row.id: row for row in found}
    return [by_id[leg.id] for leg in order], {leg.id: leg for leg in order}, sum(row.enterprise_id in at for row in found)
