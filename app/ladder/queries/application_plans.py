"""The backward calendar of one application: today's diagnosis, what is missing, the dates of its window. The caller has checked the scope."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from app.infra.holidays import work_calendar
from app.ladder.criteria import Diagnosis
from app.ladder.models import Application, ApplicationItem, ApplicationWindow
from app.ladder.queries.facts import known_of
from app.ladder.queries.readiness import diagnose_on
from app.ladder.rules.applications import FINAL, still_missing
from app.ladder.rules.calendar import Deadlines, Plan, plan
from app.ladder.rules.preparing import needs
from app.packs import Pack
from app.packs.schema import Material

OFFICES = ("county_check_workdays", "city_review_workdays", "city_notice_workdays")
BEHIND = {
    "preparing": (), "returned": (), "submitted": ("fill",), "county_passed": ("fill", "county"), "recommended": ("fill", "county", "city"),
}


@dataclass(frozen=True)
class Prospect:
    """``diagnosis``: of today; ``then``: with the years the window will ask for (None when they are the same). ``plan`` None: the application is
    closed, there is nothing to count back."""

    diagnosis: Diagnosis
    then: Diagnosis | None
    plan: Plan | None
    pack: Pack


def prospect_of(application: Application, window: ApplicationWindow, items: list[ApplicationItem], today: date) -> Prospect:
    """Everything an application page says about what is still to come."""
    known = known_of([application.enterprise_id], as_of=today)[application.enterprise_id]
    diagnosis = diagnose_on(known, window.title_code, window.kind, window.closes_on, window.level)
    if application.state in FINAL:
        return Prospect(diagnosis, None, None, known.pack)
    then = None
    if window.closes_on.year != today.year:
        later = known_of([application.enterprise_id], as_of=window.closes_on)[application.enterprise_id]
        then = diagnose_on(later, window.title_code, window.kind, window.closes_on, window.level)
    missing = still_missing(items)
    wanted = needs(then or diagnosis, missing, materials_of(known.pack, today), today) if application.state in ("preparing", "returned") else []
    calendar = work_calendar(window.city_id, known.pack)
    done = frozenset(BEHIND[application.state])
    return Prospect(diagnosis, then, plan(deadlines_of(window, known.pack), wanted, today, calendar, done=done), known.pack)


def materials_of(pack: Pack, today: date) -> dict[str, Material]:
    """Papers of the pack by code."""
    return {one.code: one for one in cast("tuple[Material, ...]", pack.entries("materials", today))}


def deadlines_of(window: ApplicationWindow, pack: Pack) -> Deadlines:
    """Dates of the window with the working days the offices need (settings, 待核)."""
    county, city, notice = (_days(pack, code) for code in OFFICES)
    return Deadlines(window.opens_on, window.closes_on, window.county_due_on, window.city_due_on, county, city, notice)


def _days(pack: Pack, code: str) -> int | None:
    entry: Any = pack.find("settings", code)
    return entry.value if entry is not None and isinstance(entry.value, int) and not isinstance(entry.value, bool) else None
