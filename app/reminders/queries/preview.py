"""Who would be told what on a day, by today's rules and people; writes nothing."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from app.identity.queries.present import names_of
from app.infra import clock
from app.infra.db import db
from app.reminders.models import DueRow
from app.reminders.queries.book import Book
from app.reminders.queries.staff import present
from app.reminders.rules.people import Matter, recipients
from app.reminders.rules.steps import Step

MOST_ROWS, MOST_LINES = 20_000, 200


@dataclass(frozen=True)
class Line:
    """One step of one item."""

    due_id: int
    code: str
    label: str
    due_on: date
    step: Step
    people: tuple[str, ...]


@dataclass
class Preview:
    """``total``: how many steps there are; ``lines``: the first of them. ``cut``: more open items than are looked through."""

    lines: list[Line] = field(default_factory=list)
    total: int = 0
    cut: bool = False


def on_day(city_id: int, day: date, code: str = "") -> Preview:
    """Steps of open items of a city that fall on the day."""
    query = select(DueRow).where(DueRow.city_id == city_id, DueRow.state == "open", DueRow.next_at.is_not(None)).order_by(DueRow.next_at, DueRow.id)
    if code:
        capability, _, kind = code.partition(".")
        query = query.where(DueRow.capability == capability, DueRow.kind == kind)
    start, end = clock.start_of_day(day), clock.end_of_day(day)
    rows = db.session.scalars(query.where(DueRow.next_at <= end).limit(MOST_ROWS + 1)).all()
    book, staff, found = Book(), present(), Preview(cut=len(rows) > MOST_ROWS)
    drafts: list[tuple[DueRow, Step, frozenset[int]]] = []
    for row in rows[:MOST_ROWS]:
        page = book.of(row.city_id)
        rule = page.rule(row.code)
        for step in page.planned(rule, row.due_on, row.due_at, row.snoozed_until) if rule else ():
            if start <= step.at <= end:
                found.total += 1
                if len(drafts) < MOST_LINES:
                    matter = Matter(**{name: getattr(row, name) for name in Matter.__dataclass_fields__})
                    drafts.append((row, step, recipients(row.holder, step.audience, rule.to, rule.copy_to, matter, staff) if rule else frozenset()))
    names = names_of(frozenset().union(*(people for _, _, people in drafts)))
    found.lines = [
        Line(row.id, row.code, row.label, row.due_on, step, tuple(sorted(names.get(user, "") for user in people))) for row, step, people in drafts
    ]
    return found
