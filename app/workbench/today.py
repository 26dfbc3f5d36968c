"""What happens today: everybody's visits, and three risks, for leaders and officers. Each number opens exactly its rows."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for

from app.enterprises.queries import places as place_names
from app.infra import clock
from app.infra.web.access import current_scope, requires
from app.infra.web.asof import day_argument
from app.infra.web.pagination import COUNT_CAP, page_size
from app.kernel.permission import Permission
from app.ladder.queries.expiring import SOON, count_expiring
from app.policies.queries import current_pack
from app.policies.views.choice import choice
from app.reminders.queries import desk as queries
from app.reminders.queries.book import SECTION
from app.reminders.views.asking import lines
from app.teams.queries.teams import team_names
from app.visits.queries import appointments, visits
from app.visits.queries.visits import VisitFilters
from app.visits.rules.booking import APPOINTMENT_STATES
from app.visits.rules.visit import MODES
from app.workbench._blueprint import blueprint

MOST = 100


@dataclass(frozen=True)
class Risk:
    """A number a leader should know; ``more``: counted only up to the cap."""

    label: str
    count: int
    unit: str
    note: str
    url: str

    @property
    def shown(self) -> str:
        return f"{COUNT_CAP:,}+" if self.count > COUNT_CAP else f"{self.count:,}"


@blueprint.get("/today")
@requires(Permission.VISIT_VIEW)
def today() -> str:
    """Visits planned for and made on a day, within the viewer's area."""
    now = clock.today()
    day = day_argument("day", request.args) or now
    scope = current_scope()
    planned = appointments.list_between(scope, appointments.Asked(first=day, last=day), now, MOST)
    made = visits.page_visits(scope, VisitFilters(since=day, until=day), None, MOST)
    units = queries.overdue_by_unit(scope)
    names = place_names.places()
    by_unit = sorted(((unit, names.by_id[unit].name, count) for unit, count in units.items() if unit in names.by_id), key=lambda row: (-row[2], row[1]))
    return render_template(
        "workbench/today.html", day=day, planned=planned, made=made, risks=_risks(now), by_unit=by_unit, states=APPOINTMENT_STATES, modes=MODES,
        teams=team_names([row.team_id for row in (*planned, *made.rows)]), before=day - timedelta(days=1), after=day + timedelta(days=1), now_on=now, most=MOST,
        codes={unit: place.code for unit, place in names.by_id.items()},
    )


def _risks(now: Any) -> list[Risk]:
    scope = current_scope()
    counts = queries.count_area(scope, ("overdue", "supervised"))
    expiring = url_for("workbench.expiring") if choice().several and choice().chosen is None else url_for("ladder.life", tab=str(SOON))
    return [
        Risk("逾期未办", counts["overdue"], "项", "到期还没有办结的事项", url_for("workbench.desk_area", span="overdue")),
        Risk("督办未结", counts["supervised"], "项", "已列为督办的事项", url_for("workbench.desk_area", span="supervised")),
        Risk(f"{SOON} 天内到期的称号", count_expiring(scope, now, now + timedelta(days=SOON)), "项", "没有续期的称号", expiring),
    ]


@blueprint.get("/desk/area")
@requires(Permission.REMINDER_VIEW)
def desk_area() -> Any:
    """Open items of one's area, whoever has them on the desk."""
    scope = current_scope(Permission.ENTERPRISE_VIEW)
    if scope.is_empty:  # a role that counts firms and sees none of them has its own desk only
        return redirect(url_for("workbench.desk"), 303)
    span, names = request.args.get("span", ""), place_names.places()
    span = span if span in queries.AREA_SPANS else ""
    units = names.units(scope)
    unit_id = next((unit.id for unit in units if unit.code == request.args.get("unit")), None)
    page = queries.list_area(scope, span, unit_id, request.args.get("cursor"), page_size(request.args.get("size"), 50))
    return render_template(
        "workbench/desk_area.html", page=page, span=span, spans=queries.AREA_SPANS, lines=lines(page.rows), units=[(unit.code, unit.name) for unit in units],
        unit=request.args.get("unit", ""), today=clock.today(), labels={rule.code: rule.label for rule in current_pack().entries(SECTION)},
    )
