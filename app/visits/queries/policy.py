"""What the pack of a city says about requests and disturbance, and its working calendar."""

from datetime import datetime
from typing import Any

from app.infra import holidays
from app.kernel.worktime import WorkCalendar
from app.packs import Pack
from app.policies.queries import pack_of_city
from app.visits.rules import disturbance

ANSWER_WORKDAYS = "request_answer_workdays"
POINTS, CAP, QUIET = "disturbance_points", "visit_cap_per_quarter", "quiet_days"


def value_of(pack: Pack, code: str) -> Any:
    """Value of a setting, None when the pack has none."""
    entry = pack.find("settings", code)
    return None if entry is None else getattr(entry, "value", None)


def days_of(pack: Pack, code: str, default: list[int]) -> list[int]:
    """A setting that holds numbers of days, smallest first."""
    value = value_of(pack, code)
    found = value if isinstance(value, list) else [value]
    return sorted(day for day in found if isinstance(day, int) and not isinstance(day, bool)) or default


def confirmed(pack: Pack, *codes: str) -> bool:
    """Whether all these settings are confirmed."""
    return all(entry is not None and entry.confirmed for entry in (pack.find("settings", code) for code in codes))


def disturbance_policy(pack: Pack) -> disturbance.Policy:
    """Points, cap and quiet days of the city."""
    return disturbance.policy_of(value_of(pack, POINTS), value_of(pack, CAP), value_of(pack, QUIET), confirmed=confirmed(pack, POINTS, CAP, QUIET))


def calendar_of(city_id: int) -> WorkCalendar:
    """Working days and hours of the city."""
    return holidays.work_calendar(city_id, pack_of_city(city_id))


def answer_due(city_id: int, asked_at: datetime) -> datetime:
    """When a request has to be answered: the clock runs in working time."""
    days = value_of(pack_of_city(city_id), ANSWER_WORKDAYS)
    return calendar_of(city_id).due_after(asked_at, days if isinstance(days, int) else 1)
