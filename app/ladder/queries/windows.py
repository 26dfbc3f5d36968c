"""What the pack's calendar proposes as the next windows, and the city a window belongs to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select

from app.areas.models import Area
from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import Application, ApplicationWindow
from app.ladder.queries.verdicts import ALL_MET, ONE_SHORT, candidates
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


def running_windows(city_id: int, today: date) -> dict[tuple[str, str], int]:
    """(title, kind of application) -> the window of the city that takes enterprises now or next; the one that closes first."""
    row = ApplicationWindow
    found = db.session.execute(
        select(row.title_code, row.kind, row.id).where(row.city_id == city_id, row.closes_on >= today).order_by(row.closes_on.desc(), row.id.desc())
    )
    return {(title, kind): id_ for title, kind, id_ in found}


@dataclass(frozen=True)
class Candidate:
    """An enterprise that could be put into a window."""

    enterprise_id: int
    name: str
    credit_code: str
    town_id: int | None


def candidates_of(
    scope: Scope, window: ApplicationWindow, state: str, town_ids: frozenset[int] | None, cursor: str | None, size: int,
) -> tuple[Page[Candidate], dict[str, int], str]:
    """Enterprises that meet the title's rule (or lack one condition) and are not in the window: a page, the counts per state, and what to say when
    the stored answers are not of today. Raises ``Invalid`` when the title has no rule, or for a cursor that is none."""
    edge, counts, said = decode(cursor, (int,)), {}, ""
    base: Any = select(Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id).where(in_scope(scope), ~_in_window(window))
    if town_ids is not None:
        base = base.where(Enterprise.town_id.in_(sorted(town_ids)))
    for one in (ALL_MET, ONE_SHORT):
        found = candidates(scope, window.title_code, city_id=window.city_id, application=window.kind, state=one)
        of_state = base.where(found.condition)
        counts[one] = db.session.scalar(select(func.count()).select_from(of_state.with_only_columns(Enterprise.id).limit(COUNT_CAP + 1).subquery())) or 0
        if one == state:
            statement, said = of_state, found.stamp.text if found.stamp is not None else ""
    backwards = bool(edge and edge.backwards)
    if edge:
        statement = statement.where(Enterprise.id < literal(edge.values[0]) if backwards else Enterprise.id > literal(edge.values[0]))
    rows = db.session.execute(statement.order_by(Enterprise.id.desc() if backwards else Enterprise.id).limit(size + 1))
    return cut([Candidate(*row) for row in rows], size, edge, lambda row: (row.enterprise_id,), counts[state]), counts, said


def _in_window(window: ApplicationWindow) -> ColumnElement[bool]:
    return select(Application.id).where(Application.window_id == window.id, Application.enterprise_id == Enterprise.id).exists()


def city_of_pack(scope: Scope, pack: Pack) -> int:
    """Id of the pack's city, when the viewer answers for it. Raises NotFound."""
    city_id = db.session.scalar(select(Area.id).where(Area.code == pack.area_code, Area.kind == "city"))
    if city_id is None or not (scope.everything or city_id in scope.city_ids):
        raise NotFound("没有找到可以建立申报批次的市，请先在页面上方选择您负责的市。")
    return int(city_id)
