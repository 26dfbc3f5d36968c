"""What happened to many enterprises at once (imports): events, dated moves, new names, status. Set-based, in the caller's transaction.

The caller has checked scope and versions, writes the audit row of the whole, and calls ``after_bulk`` once, last. Everything written can be taken
back by the ids these functions answer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from app.enterprises.models import Enterprise, EnterpriseEvent, EnterpriseName, EnterpriseTown
from app.enterprises.queries.places import read_places
from app.enterprises.rules.history import Span
from app.enterprises.rules.naming import initials
from app.infra import dialect

PART = 5_000
_EVENT, _TOWN, _NAME = (cast(Table, m.__table__) for m in (EnterpriseEvent, EnterpriseTown, EnterpriseName))


@dataclass(frozen=True)
class Happening:
    """An event to record."""

    enterprise_id: int
    kind: str
    happened_on: date
    note: str | None
    document: str | None


def parts(ids: Collection[int]) -> list[list[int]]:
    """Ids in statements of a size every database takes."""
    wanted = sorted(set(ids))
    return [wanted[start : start + PART] for start in range(0, len(wanted), PART)]


def add_events(session: Session, events: Sequence[Happening], *, now: datetime, by: int | None) -> Sequence[int]:
    """Record the events; returns their ids in order."""
    ids = dialect.reserve_ids(session, _EVENT, len(events))
    columns = ("id", "enterprise_id", "kind", "happened_on", "note", "document", "recorded_at", "recorded_by")
    rows = ((i, e.enterprise_id, e.kind, e.happened_on, e.note and e.note[:300], e.document, now, by) for i, e in zip(ids, events, strict=True))
    dialect.load_rows(session, _EVENT, columns, rows)
    return ids


def restate_event(session: Session, event_id: int, *, note: str | None, document: str | None) -> None:
    """The same event with another note or document."""
    session.execute(update(EnterpriseEvent).where(EnterpriseEvent.id == event_id).values(note=note, document=document))


def remove_events(session: Session, ids: Collection[int]) -> None:
    """Take back recorded events."""
    for part in parts(ids):
        session.execute(delete(EnterpriseEvent).where(EnterpriseEvent.id.in_(part)).execution_options(synchronize_session=False))


def spans_of(session: Session, ids: Collection[int]) -> dict[int, list[Span]]:
    """Enterprise id -> history of towns as known now, oldest first."""
    found: dict[int, list[Span]] = {i: [] for i in ids}
    columns = (EnterpriseTown.enterprise_id, EnterpriseTown.town_id, EnterpriseTown.valid_from, EnterpriseTown.valid_to, EnterpriseTown.id)
    for part in parts(ids):
        query = select(*columns).where(EnterpriseTown.enterprise_id.in_(part), EnterpriseTown.superseded_at.is_(None))
        for row in session.execute(query.order_by(EnterpriseTown.enterprise_id, EnterpriseTown.valid_from)):
            found[row[0]].append(Span(*row[1:]))
    return found


def write_spans(session: Session, wanted: Mapping[int, Sequence[Span]], *, now: datetime) -> dict[int, tuple[list[int], list[int]]]:
    """Make these the histories. Versions that go are superseded, new ones recorded; returns (superseded ids, written ids) per enterprise."""
    before = spans_of(session, wanted)
    gone = {key: [cast(int, s.id) for s in before[key] if s.id not in {w.id for w in spans}] for key, spans in wanted.items()}
    fresh = [(key, s) for key, spans in wanted.items() for s in spans if s.id is None]
    for part in parts([i for ids in gone.values() for i in ids]):
        session.execute(update(EnterpriseTown).where(EnterpriseTown.id.in_(part)).values(superseded_at=now).execution_options(synchronize_session=False))
    ids = dialect.reserve_ids(session, _TOWN, len(fresh))
    columns = ("id", "enterprise_id", "town_id", "valid_from", "valid_to", "recorded_at")
    dialect.load_rows(session, _TOWN, columns, ((i, key, s.town_id, s.valid_from, s.valid_to, now) for i, (key, s) in zip(ids, fresh, strict=True)))
    written: dict[int, list[int]] = {key: [] for key in wanted}
    for id_, (key, _) in zip(ids, fresh, strict=True):
        written[key].append(id_)
    _place(session, {key: spans[-1].town_id for key, spans in wanted.items() if spans})
    return {key: (gone[key], written[key]) for key in wanted}


def _place(session: Session, town_of: Mapping[int, int]) -> None:
    """The present town on the record follows its history."""
    places, by_town = read_places().by_id, dict[int, list[int]]()
    for key, town_id in town_of.items():
        by_town.setdefault(town_id, []).append(key)
    for town_id, ids in by_town.items():
        place = places[town_id]
        for part in parts(ids):
            session.execute(
                update(Enterprise).where(Enterprise.id.in_(part), Enterprise.town_id != town_id)
                .values(town_id=town_id, unit_id=place.unit_id, city_id=place.city_id).execution_options(synchronize_session=False)
            )


def spans_untouched(session: Session, written: Collection[int]) -> bool:
    """Whether every version written then is still in force."""
    return all(
        len(session.scalars(select(EnterpriseTown.id).where(EnterpriseTown.id.in_(part), EnterpriseTown.superseded_at.is_(None))).all()) == len(part)
        for part in parts(written)
    )


def restore_spans(session: Session, enterprise_id: int, gone: Collection[int], written: Collection[int], *, now: datetime) -> None:
    """The versions ``gone`` come back as new ones in place of ``written``."""
    current = spans_of(session, [enterprise_id])[enterprise_id]
    kept = [s for s in current if s.id not in set(written)]
    columns = (EnterpriseTown.town_id, EnterpriseTown.valid_from, EnterpriseTown.valid_to)
    back = [Span(*row) for row in session.execute(select(*columns).where(EnterpriseTown.id.in_(sorted(gone))))]
    write_spans(session, {enterprise_id: sorted([*kept, *back], key=lambda s: s.valid_from)}, now=now)


def set_names(session: Session, names: Mapping[int, str], former: Sequence[tuple[int, str, date | None, date | None]]) -> Sequence[int]:
    """Present names, and former ones as (enterprise id, name, from, to); returns the ids of the former names."""
    for key, name in names.items():
        session.execute(update(Enterprise).where(Enterprise.id == key).values(name=name, initials=initials(name)).execution_options(synchronize_session=False))
    ids = dialect.reserve_ids(session, _NAME, len(former))
    dialect.load_rows(
        session, _NAME, ("id", "enterprise_id", "name", "valid_from", "valid_to"), ((i, *row) for i, row in zip(ids, former, strict=True)),
    )
    return ids


def remove_names(session: Session, ids: Collection[int]) -> None:
    """Take back former names."""
    for part in parts(ids):
        session.execute(delete(EnterpriseName).where(EnterpriseName.id.in_(part)).execution_options(synchronize_session=False))


def set_statuses(session: Session, statuses: Mapping[int, str]) -> None:
    """Legal status per enterprise."""
    by_status: dict[str, list[int]] = {}
    for key, status in statuses.items():
        by_status.setdefault(status, []).append(key)
    for status, ids in by_status.items():
        for part in parts(ids):
            session.execute(update(Enterprise).where(Enterprise.id.in_(part)).values(status=status).execution_options(synchronize_session=False))


def count_edit(session: Session, ids: Collection[int], *, now: datetime, by: int | None) -> None:
    """Every touched record counts one edit."""
    values: dict[str, Any] = {"updated_at": now, "updated_by": by, "version": Enterprise.version + 1}
    for part in parts(ids):
        session.execute(update(Enterprise).where(Enterprise.id.in_(part)).values(**values).execution_options(synchronize_session=False))
