"""The rules of reminding of every city, as its pack says today, with its working calendar."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, cast

from app.areas import queries as areas
from app.infra import clock
from app.infra.holidays import work_calendar
from app.kernel.worktime import WorkCalendar
from app.packs import Pack
from app.packs.schema import ReminderRule
from app.policies.queries import current_pack, pack_or_none, packs_key
from app.reminders.rules.quiet import minutes
from app.reminders.rules.steps import Step, put_off, steps

SECTION = "reminders"


def time_of(text: str) -> time:
    return time(*divmod(minutes(text), 60))


@dataclass
class CityBook:
    """Rules and settings of one city. ``city_id`` None: the installation's own city, for items that belong to none."""

    city_id: int | None
    pack: Pack
    calendar: WorkCalendar
    _planned: dict[tuple[str, date, datetime | None], list[Step]] = field(default_factory=dict)

    def rule(self, code: str) -> ReminderRule | None:
        """The rule of a kind, None when there is none or it is switched off."""
        found = cast("ReminderRule | None", self.pack.find(SECTION, code, clock.today()))
        return None if found is None or found.disabled else found

    def rules(self) -> Sequence[ReminderRule]:
        """Every rule of the city, switched off ones too."""
        return cast("Sequence[ReminderRule]", self.pack.entries(SECTION, clock.today(), disabled=True))

    def setting(self, code: str) -> Any:
        return self.pack.setting(code)

    def time(self, rule: ReminderRule | None) -> time:
        return time_of(rule.at if rule is not None and rule.at else str(self.setting("reminder_time")))

    def lead_days(self, rule: ReminderRule) -> tuple[int, ...]:
        """Those of the rule, or of the setting it names."""
        value = self.setting(rule.lead_setting) if rule.lead_setting else rule.lead_days
        return tuple(int(day) for day in (value if isinstance(value, (list, tuple)) else [value]) if isinstance(day, int))

    def planned(self, rule: ReminderRule, due_on: date, due_at: datetime | None, snoozed_until: date | None = None) -> list[Step]:
        """Every step of an item under this rule."""
        key = (rule.code, due_on, due_at)
        if key not in self._planned:
            self._planned[key] = steps(rule, due_on, due_at, self.lead_days(rule), self.time(rule), self.calendar)
        found = self._planned[key]
        return found if snoozed_until is None else put_off(found, snoozed_until, self.time(rule))

    def text(self, rule: ReminderRule) -> str:
        """The message template of a rule or of the city."""
        return rule.text or str(self.setting("reminder_text"))


class Book:
    """The books of all cities, each read once when it is first asked for, for one piece of work."""

    def __init__(self) -> None:
        self._books: dict[int | None, CityBook] = {}

    def of(self, city_id: int | None) -> CityBook:
        """The book of a city; of the installation's own one for items of no city, or of a city without a pack."""
        if city_id not in self._books:
            code = areas.code_of(city_id) if city_id is not None else None
            pack = (pack_or_none(code) if code else None) or current_pack()
            self._books[city_id] = CityBook(city_id, pack, work_calendar(city_id, pack))
        return self._books[city_id]


def book_of(city_id: int, code: str) -> CityBook | None:
    """The book of one city by its area; None while it has no pack."""
    pack = pack_or_none(code)
    return None if pack is None else CityBook(city_id, pack, work_calendar(city_id, pack))


def rules_key() -> str:
    """Changes when the pack of any city does: every planned moment is then worked out anew."""
    return packs_key()
