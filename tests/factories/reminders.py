"""A capability that announces what a test tells it to, and the people it means."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.identity.models import User
from app.infra import clock
from app.infra.clock import SHANGHAI
from app.infra.db import db
from app.kernel import due
from app.kernel.due import DueItem
from app.kernel.scope import Scope
from app.reminders.models import DueRow, Notice
from tests.factories import ladder as make
from tests.personas import PERSONAS


def at(text: str) -> datetime:
    """``2026-04-10 09:00`` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@dataclass
class Announcer:
    """Stands for the capability ``demands``: what is in ``items`` is announced, what is taken out is done."""

    items: list[DueItem] = field(default_factory=list)

    def __call__(self, _today: date, _scope: Scope) -> Iterator[DueItem]:
        yield from self.items

    def add(self, subject: str = "demand:1", due_on: date = date(2026, 4, 20), kind: str = "solve_due", **more: Any) -> DueItem:
        values: dict[str, Any] = {"label": f"办结{subject}", "endpoint": "workbench.home", "area_id": make.area("371502").id, **more}
        item = DueItem("demands", kind, subject, due_on, **values)
        self.items.append(item)
        return item


def announcer(monkeypatch: pytest.MonkeyPatch) -> Announcer:
    """The only provider while the test runs."""
    made = Announcer()
    monkeypatch.setattr(due, "_providers", {"demands": made})
    return made


def person(persona: str) -> User:
    """The account of a persona."""
    return db.session.scalars(select(User).where(User.name == PERSONAS[persona].name)).one()


def row() -> DueRow:
    """The only item there is, as stored now."""
    db.session.expire_all()
    return db.session.scalars(select(DueRow)).one()


def heard(persona: str) -> list[str]:
    """Steps a person was told of, in order."""
    rows = db.session.scalars(select(Notice).where(Notice.user_id == person(persona).id).order_by(Notice.id))
    return [one.step for one in rows]


def pass_to(moment: str) -> None:
    clock.freeze(at(moment))


def later(**more: float) -> None:
    clock.freeze(clock.now() + timedelta(**more))


def row_unit() -> int:
    """东昌府区."""
    return make.area("371502").id
