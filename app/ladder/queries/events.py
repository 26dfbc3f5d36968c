"""What happened around the recognitions of an enterprise: recorded steps, and those a recognition itself says (认定, 撤销, 作废)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import Recognition, RecognitionEvent
from app.ladder.models.batches import CHANGES, EVENT_KINDS, RESULTS
from app.ladder.queries.places import known
from app.policies.queries import speak_of

TONES = {
    "recommended": "", "noticed": "info", "objected": "warn", "announced": "ok", "reviewed": "ok", "changed": "info", "revoked": "bad", "voided": "bad",
}


@dataclass(frozen=True)
class Step:
    """One line of the history of a title. ``id``: of the recorded event, None when the recognition itself says it."""

    kind: str
    on: date
    title_code: str
    level: str
    batch_year: int
    document: str | None = None
    reason: str | None = None
    evidence: str | None = None
    result: str | None = None
    change: str | None = None
    old_text: str | None = None
    new_text: str | None = None
    until: date | None = None
    id: int | None = None

    @property
    def label(self) -> str:
        """公示（异议不成立）, 变更（更名） …"""
        more = RESULTS.get(self.result or "") or CHANGES.get(self.change or "")
        return EVENT_KINDS[self.kind] + (f"（{more}）" if more else "")

    @property
    def tone(self) -> str:
        return "bad" if self.result == "failed" else TONES[self.kind]

    @property
    def told(self) -> str:
        """The rest in words."""
        moved = f"{self.old_text or '—'} → {self.new_text or '—'}" if self.old_text or self.new_text else None
        until = f"公示至 {self.until:%Y-%m-%d}" if self.until else None
        return "；".join(part for part in (moved, until, self.reason, f"佐证：{self.evidence}" if self.evidence else None) if part)


def events_of(scope: Scope, enterprise_id: int, known_on: date | None = None, *, title_code: str | None = None) -> list[RecognitionEvent]:
    """Recorded steps of an enterprise the viewer may see, by day."""
    query = (
        select(RecognitionEvent).join(Enterprise, Enterprise.id == RecognitionEvent.enterprise_id)
        .where(RecognitionEvent.enterprise_id == enterprise_id, in_scope(scope), known(RecognitionEvent, known_on))
    )
    if title_code:
        query = query.where(RecognitionEvent.title_code == title_code)
    return list(db.session.scalars(query.order_by(RecognitionEvent.happened_on, RecognitionEvent.id)))


def history(events: Iterable[RecognitionEvent], grants: Iterable[Recognition]) -> list[Step]:
    """Steps in order of time: what was recorded, and what the recognitions say of themselves where nobody recorded it."""
    recorded = [
        Step(
            e.kind, e.happened_on, e.title_code, e.level, e.batch_year, e.document, e.reason, e.evidence, e.result, e.change, e.old_text, e.new_text,
            e.until, e.id,
        ) for e in events
    ]
    there = {(s.kind, s.title_code, s.level, s.batch_year) for s in recorded}
    steps = [*recorded, *(s for g in grants for s in _of_itself(g) if (s.kind, s.title_code, s.level, s.batch_year) not in there)]
    order = list(EVENT_KINDS)
    return sorted(steps, key=lambda s: (s.on, order.index(s.kind)))


def _of_itself(row: Recognition) -> Iterable[Step]:
    key = (row.title_code, row.level, row.batch_year)
    begun = row.announced_on or row.valid_from
    if begun is not None:
        yield Step("announced", begun, *key, row.document, evidence=row.evidence)
    if row.revoked_on is not None:
        yield Step("revoked", row.revoked_on, *key, reason=row.revoked_reason)
    if row.voided:
        yield Step("voided", clock.local(row.recorded_at).date(), *key, reason=row.revoked_reason)


def get_event(scope: Scope, event_id: int) -> tuple[RecognitionEvent, Enterprise]:
    """A recorded step in force with its enterprise. Raises ``NotFound``, also when it is out of scope."""
    query = (
        select(RecognitionEvent, Enterprise).join(Enterprise, Enterprise.id == RecognitionEvent.enterprise_id)
        .where(RecognitionEvent.id == event_id, RecognitionEvent.superseded_at.is_(None), in_scope(scope))
    )
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound("没有找到这条经过：可能已被更正或撤下，或不在您的管辖范围内。请从企业档案重新进入。")
    speak_of(row[1].city_id)
    return row[0], row[1]


def without_recognition(events: Sequence[RecognitionEvent], grants: Sequence[Recognition]) -> list[RecognitionEvent]:
    """Steps of titles that were not granted (yet): recommended or publicly noticed only."""
    granted = {(g.title_code, g.level, g.batch_year) for g in grants if not g.voided}
    return [e for e in events if (e.title_code, e.level, e.batch_year) not in granted]
