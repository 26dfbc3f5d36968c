"""What the pack's calendar proposes as the next windows, and the city a window belongs to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.areas.models import Area
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import ApplicationWindow
from app.ladder.rules.duties import calendar_day
from app.packs import Pack
from app.packs.schema import CalendarEntry


@dataclass(frozen=True)
class Proposal:
    """One window of a year, with the dates of the year the pack saw: to be checked against this year's notice."""

    entry: CalendarEntry
    title: str
    level: str
    year: int
    opens_on: date
    closes_on: date


def proposals(pack: Pack, today: date, windows: Collection[ApplicationWindow]) -> list[Proposal]:
    """The next window of every title the calendar knows that has not been set up, soonest first."""
    known = {(window.calendar_code, window.title_code, window.batch_year) for window in windows}
    found = []
    for entry in pack.entries("calendar"):
        if not isinstance(entry, CalendarEntry) or entry.kind != "window" or entry.starts_on is None:
            continue
        year = today.year if calendar_day(today.year, entry.ends_on) >= today else today.year + 1
        for title in entry.titles:
            one = pack.find_title(title)
            if one is not None and not one.disabled and (entry.code, title, year) not in known:
                level = str(one.level or (one.levels[0] if one.levels else ""))
                found.append(Proposal(entry, title, level, year, calendar_day(year, entry.starts_on), calendar_day(year, entry.ends_on)))
    return sorted(found, key=lambda one: (one.closes_on, one.title))


def city_of_pack(scope: Scope, pack: Pack) -> int:
    """Id of the pack's city, when the viewer answers for it. Raises NotFound."""
    city_id = db.session.scalar(select(Area.id).where(Area.code == pack.area_code, Area.kind == "city"))
    if city_id is None or not (scope.everything or city_id in scope.city_ids):
        raise NotFound("没有找到可以建立申报批次的市，请先在页面上方选择您负责的市。")
    return int(city_id)
