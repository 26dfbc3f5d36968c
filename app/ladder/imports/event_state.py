"""What a plan of events knows of the firms it names, kept up to date while it reads on: row 9 sees what row 4 will have done."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enterprises.actions.happenings import parts, spans_of
from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseName
from app.enterprises.rules.history import Span
from app.ladder.models import Recognition, RecognitionEvent
from app.ladder.rules import Grant, State

STEP_SAID = ("until", "document", "reason", "evidence", "result", "change", "old_text", "new_text")
"""What a step of a recognition says beside its identity."""
StepKey = tuple[str, str, int, str, date]
"""Title, level, batch year, kind, day."""


@dataclass(frozen=True)
class Held:
    """A recognition as known now. ``id`` None: made by an earlier row of the same file."""

    id: int | None
    title_code: str
    level: str
    batch_year: int
    document: str | None = None
    announced_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    revoked_on: date | None = None
    revoked_reason: str | None = None
    evidence: str | None = None
    open_ended: bool = False
    voided: bool = False
    source: str | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        return self.title_code, self.level, self.batch_year

    @property
    def start(self) -> date | None:
        return self.valid_from or self.announced_on

    def state(self, day: date) -> State:
        return Grant(
            self.title_code, self.level, self.batch_year, self.announced_on, self.valid_from, self.valid_to, self.open_ended, self.revoked_on, self.voided,
        ).state(day)

    def plain(self, seen: int | None) -> dict[str, Any]:
        """The recognition as a plan stages it; ``seen``: the version it saw (None: none, or one of the same file)."""
        return {"seen": seen, **{name: getattr(self, name) for name in Held.__dataclass_fields__ if name != "id"}}


@dataclass
class Firm:
    """One firm of the file. ``events``: (kind, day) -> (document, note); ``steps``: identity -> what is said."""

    id: int
    name: str
    version: int
    status: str
    city_id: int
    former: set[str] = field(default_factory=set)
    spans: list[Span] = field(default_factory=list)
    events: dict[tuple[str, date], tuple[str | None, str | None]] = field(default_factory=dict)
    grants: dict[tuple[str, str, int], Held] = field(default_factory=dict)
    steps: dict[StepKey, tuple[Any, ...]] = field(default_factory=dict)

    def of_title(self, title_code: str, level: str | None = None) -> list[Held]:
        """Recognitions of a title that were not voided, latest first."""
        mine = [g for g in self.grants.values() if g.title_code == title_code and (level is None or g.level == level) and not g.voided]
        return sorted(mine, key=lambda g: (g.start or date.min, g.batch_year), reverse=True)

    def put(self, held: Held, **changed: Any) -> Held:
        new = replace(held, id=None, **changed)
        self.grants[new.key] = new
        return new


def load(session: Session, ids: Collection[int]) -> dict[int, Firm]:
    """Everything a plan asks about these firms: six statements per 5,000."""
    found: dict[int, Firm] = {}
    for part in parts(ids):
        columns = (Enterprise.id, Enterprise.name, Enterprise.version, Enterprise.status, Enterprise.city_id)
        for row in session.execute(select(*columns).where(Enterprise.id.in_(part))):
            found[row[0]] = Firm(*row)
        for key, name in session.execute(select(EnterpriseName.enterprise_id, EnterpriseName.name).where(EnterpriseName.enterprise_id.in_(part))):
            found[key].former.add(name)
        _events(session, part, found)
        for key, held in grants(session, part):
            found[key].grants[held.key] = held
        for key, step, said, _ in steps(session, part):
            found[key].steps[step] = said
    for key, spans in spans_of(session, found).items():
        found[key].spans = spans
    return found


def _events(session: Session, ids: Collection[int], found: dict[int, Firm]) -> None:
    columns = (EnterpriseEvent.enterprise_id, EnterpriseEvent.kind, EnterpriseEvent.happened_on, EnterpriseEvent.document, EnterpriseEvent.note)
    for key, kind, on, document, note in session.execute(select(*columns).where(EnterpriseEvent.enterprise_id.in_(ids)).order_by(EnterpriseEvent.id)):
        found[key].events[kind, on] = (document, note)


def grants(session: Session, ids: Collection[int]) -> Iterable[tuple[int, Held]]:
    """(enterprise id, recognition as known now)."""
    columns = [getattr(Recognition, name) for name in Held.__dataclass_fields__]
    query = select(Recognition.enterprise_id, *columns).where(Recognition.enterprise_id.in_(ids), Recognition.superseded_at.is_(None))
    for row in session.execute(query):
        yield row[0], Held(*row[1:])


def steps(session: Session, ids: Collection[int]) -> Iterable[tuple[int, StepKey, tuple[Any, ...], int]]:
    """(enterprise id, identity of the step, what it says, id) of those known now."""
    event = RecognitionEvent
    identity = (event.enterprise_id, event.title_code, event.level, event.batch_year, event.kind, event.happened_on)
    said = [getattr(event, name) for name in STEP_SAID]
    for row in session.execute(select(*identity, event.id, *said).where(event.enterprise_id.in_(ids), event.superseded_at.is_(None))):
        yield row[0], tuple(row[1:6]), tuple(row[7:]), row[6]
