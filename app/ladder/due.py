"""Deadlines the ladder knows of: titles that run out, yearly updates, application windows and the applications in them. Read only, set based."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.kernel.due import DueItem
from app.kernel.scope import Scope
from app.ladder.models import Application, ApplicationWindow, Recognition
from app.ladder.queries.applications import of_cities
from app.ladder.queries.counting import NO_FILTERS
from app.ladder.queries.duties import duties_of_year, duty_statement
from app.ladder.queries.expiring import runs_out
from app.ladder.queries.lifecycle import LifeAsked
from app.packs import Pack
from app.policies.queries import packs_by_city

CAPABILITY = "ladder"
LOOK_AHEAD = 90
"""Days before a duty or a window at which it is announced; titles as early as the setting ``title_expiry_reminder_days`` says."""
WAITING = {"preparing": "closes_on", "returned": "closes_on", "submitted": "county_due_on", "county_passed": "city_due_on"}
"""State of an application -> the date of the window that is next for it."""


def due_items(today: date, scope: Scope) -> Iterator[DueItem]:
    """Everything that is due from today on (yearly updates also when their day has passed this year), within the scope. Words and dates are those
    of the pack of each enterprise's own city."""
    packs = {city.id: city.pack for city in packs_by_city() if city.pack is not None}
    yield from _titles(today, scope, packs)
    for city_id, pack in packs.items():
        yield from _duties(today, scope, city_id, pack)
    yield from _windows(today, scope, packs)
    yield from _applications(today, scope, packs)


Packs = dict[int, Pack]


def _label(packs: Packs, city_id: int | None, title: str) -> str:
    pack = packs.get(city_id or 0)
    return title if pack is None else pack.title_label(title)


def _lead(packs: Packs) -> int:
    """Days before a title runs out: the earliest any city wants to be told."""
    found = [pack.find("settings", "title_expiry_reminder_days") for pack in packs.values()]
    days = [day for entry in found for day in (getattr(entry, "value", None) or []) if isinstance(day, int)]
    return max(days, default=LOOK_AHEAD)


def _titles(today: date, scope: Scope, packs: Packs) -> Iterator[DueItem]:
    rows = db.session.execute(
        select(Recognition.id, Recognition.title_code, Recognition.valid_to, Enterprise.id, Enterprise.name, Enterprise.city_id)
        .join(Enterprise, Enterprise.id == Recognition.enterprise_id).where(runs_out(today, today + timedelta(days=_lead(packs))), in_scope(scope))
        .order_by(Recognition.valid_to, Recognition.id)
    )
    for id_, title, valid_to, enterprise_id, name, city_id in rows:
        assert valid_to is not None  # runs_out compares it
        label = f"“{name}”的{_label(packs, city_id, title)}到期"
        yield DueItem(CAPABILITY, "title_expires", f"recognition:{id_}", valid_to, label, "ladder.recognition", {"recognition_id": id_}, enterprise_id)


def _duties(today: date, scope: Scope, city_id: int, pack: Pack) -> Iterator[DueItem]:
    owed = {code: one for code, one in duties_of_year(pack, today.year).items() if one.due_on <= today + timedelta(days=LOOK_AHEAD)}
    if not owed:
        return
    of_city = duty_statement(scope, LifeAsked(today, None, NO_FILTERS), owed, today.year).where(Enterprise.city_id == city_id)
    rows = of_city.subquery("rows")
    waiting = select(rows.c.enterprise_id, rows.c.name, rows.c.title_code).where(rows.c.state.in_(("open", "overdue")))
    for enterprise_id, name, title in db.session.execute(waiting.order_by(rows.c.enterprise_id, rows.c.title_code)):
        one = owed[title]
        label = f"“{name}”的{pack.title_label(title)}：{one.entry.label}"
        arguments: dict[str, str | int] = {"duty_year": one.year, "title": title}
        subject = f"duty:{enterprise_id}:{title}:{one.year}"
        yield DueItem(CAPABILITY, "yearly_duty", subject, one.due_on, label, "ladder.life_duties", arguments, enterprise_id, one.entry.confirmed)


KINDS = (
    ("closes_on", "window_closes", "填报截止"), ("county_due_on", "county_check_due", "县级审核截止"), ("city_due_on", "recommendation_due", "市级推荐截止"),
)


def _windows(today: date, scope: Scope, packs: Packs) -> Iterator[DueItem]:
    for column, kind, words in KINDS:
        day = getattr(ApplicationWindow, column)
        found = select(ApplicationWindow).where(of_cities(scope), day.between(today, today + timedelta(days=LOOK_AHEAD)))
        for row in db.session.scalars(found.order_by(day, ApplicationWindow.id)):
            label = f"{row.batch_year}年{row.batch}{_label(packs, row.city_id, row.title_code)}申报：{words}"
            yield DueItem(CAPABILITY, kind, f"window:{row.id}", getattr(row, column), label, "ladder.window", {"window_id": row.id}, None, row.confirmed)


def _applications(today: date, scope: Scope, packs: Packs) -> Iterator[DueItem]:
    rows = db.session.execute(
        select(Application.id, Application.state, Enterprise.id, Enterprise.name, ApplicationWindow)
        .join(Enterprise, Enterprise.id == Application.enterprise_id).join(ApplicationWindow, ApplicationWindow.id == Application.window_id)
        .where(in_scope(scope), Application.state.in_(sorted(WAITING))).order_by(Application.id)
    )
    for id_, state, enterprise_id, name, window in rows:
        due_on = getattr(window, WAITING[state])
        if due_on is not None and today <= due_on <= today + timedelta(days=LOOK_AHEAD):
            label = f"“{name}”申报{_label(packs, window.city_id, window.title_code)}"
            yield DueItem(
                CAPABILITY, f"application_{state}", f"application:{id_}", due_on, label, "ladder.application", {"application_id": id_}, enterprise_id,
                window.confirmed,
            )
