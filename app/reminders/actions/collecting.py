"""Collecting: what the capabilities announce becomes rows. Adds what is new, moves what has another day, closes what is gone; the rest is not
touched. Reading and comparing hold no lock; writing is one short transaction per capability."""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.infra import clock, dialect
from app.infra.audit import AuditRow
from app.infra.db import db, only_reading
from app.kernel import due
from app.kernel.due import DueItem, Provider
from app.kernel.scope import ALL
from app.reminders.actions.placing import holder_for, places_of
from app.reminders.models import DueRow, Refresh
from app.reminders.queries.book import Book, rules_key
from app.reminders.queries.staff import present
from app.reminders.rules.comparing import Key, compare
from app.reminders.rules.people import Matter, Staff
from app.reminders.rules.steps import first_at

LOG = logging.getLogger("yumiao.reminders")

LEASE = timedelta(minutes=2)
"""A collection that takes longer than this may be begun a second time; both write the same."""
PIECE = 2000
PLAIN = (
    "label", "endpoint", "verb", "confirmed", "enterprise_id", "user_id", "team_id", "liaison_id", "organisation_id", "town_id", "unit_id", "city_id",
    "due_at", "holder",
)
"""What a collection may describe anew, beside the arguments."""
Values = dict[str, Any]


@dataclass
class Collected:
    """What one collection did. ``unruled``: kinds no rule of the pack speaks of: on the desk, but nobody is reminded."""

    items: int = 0
    added: int = 0
    moved: int = 0
    changed: int = 0
    closed: int = 0
    unruled: set[str] = field(default_factory=set)

    @property
    def touched(self) -> int:
        return self.added + self.moved + self.changed + self.closed


def collect_stale() -> int:
    """Collect every capability in which something may have changed: a new day, other rules, or any change in the house since. Commits each."""
    with only_reading():
        newest, key, today = newest_change(), rules_key(), clock.today()
        known = {row.capability: row for row in db.session.scalars(select(Refresh))}
        waiting = [
            name for name in sorted(due.providers())
            if (row := known.get(name)) is None or row.day != today or row.rules_key != key or row.seen_audit_id < newest
        ]
    return sum(collect(name) for name in waiting)


def newest_change() -> int:
    """Number of the last audit row: every change of the house writes one."""
    return int(db.session.scalar(select(func.max(AuditRow.id))) or 0)


def collected_since(change: int) -> list[str]:
    """Capabilities whose rows know everything up to a change. One that cannot be collected counts: better an old reminder than none."""
    rows = db.session.execute(select(Refresh.capability).where(or_(Refresh.seen_audit_id >= change, Refresh.error.is_not(None))))
    return [name for (name,) in rows]


def collect(capability: str) -> int:
    """Collect one capability now, unless another process does. Returns how many rows changed; a failing provider is noted and disturbs no other."""
    provider = due.providers()[capability]
    if not _lease(capability):
        return 0
    started = time.perf_counter()
    with only_reading():
        newest, key = newest_change(), rules_key()
    values: Values = {"lease_until": None}
    done = Collected()
    try:
        done = _collect(capability, provider)
        values |= {
            "seen_audit_id": newest, "day": clock.today(), "rules_key": key, "finished_at": clock.now(), "item_count": done.items,
            "changed_count": done.touched, "unruled": "、".join(sorted(done.unruled))[:300] or None, "error": None,
        }
    except (SQLAlchemyError, ValueError, LookupError, TypeError) as problem:
        db.session.rollback()
        LOG.exception("collecting deadlines failed")
        values["error"] = f"{type(problem).__name__}: {problem}"[:200]
    values["milliseconds"] = int((time.perf_counter() - started) * 1000)
    db.session.execute(update(Refresh).where(Refresh.capability == capability).values(**values))
    db.session.commit()
    return done.touched


def _lease(capability: str) -> bool:
    """Only one process collects a capability at a time."""
    now = clock.now()
    free = or_(Refresh.lease_until.is_(None), Refresh.lease_until < now, Refresh.lease_until > now + LEASE * 2)
    take = update(Refresh).where(Refresh.capability == capability, free).values(lease_until=now + LEASE)
    taken = cast("CursorResult[Any]", db.session.execute(take.execution_options(synchronize_session=False))).rowcount
    if not taken:  # somebody else has it, or it was never collected
        first = {"capability": capability, "seen_audit_id": 0, "lease_until": now + LEASE, "item_count": 0, "changed_count": 0, "milliseconds": 0}
        taken = dialect.insert_new(db.session(), Refresh, [first])
    db.session.commit()
    return taken > 0


def _collect(capability: str, provider: Provider) -> Collected:
    with only_reading():
        book, staff = Book(), present()
        announced = _described(list(provider(clock.today(), ALL)), book, staff)
        stored = _stored(capability, announced, book, staff)
        previous = db.session.scalar(select(Refresh.rules_key).where(Refresh.capability == capability))
        anew = previous != rules_key()
        difference = compare({key: row[1] for key, row in stored.items()}, {key: one["print"] for key, one in announced.items()})
        days = [*difference.added, *(after for _, after in difference.moved)]
        known = _closed_before(capability, days) if stored or previous else {}
        difference.come_back(known)
        replan = {key: row for key, row in stored.items() if anew and key in announced}
    done = Collected(len(announced), unruled={f"{capability}.{key[0]}" for key, one in announced.items() if not one["ruled"]})
    _write(capability, announced, stored, difference, known, replan, book, done)
    return done


def _described(items: list[DueItem], book: Book, staff: Staff) -> dict[Key, Values]:
    """Every item as the columns of its row; the first one of a key counts."""
    places, found = places_of(items), {}
    for item in items:
        key = (item.kind, item.subject, item.due_on)
        if key in found:
            continue
        matter = places.matter(item)
        code = f"{item.capability}.{item.kind}"
        rule = book.of(matter.city_id).rule(code)
        if rule is not None and rule.stop_after_days is not None and clock.today() > item.due_on + timedelta(days=rule.stop_after_days):
            continue  # the rule gives it up: off the desk, too
        values: Values = {
            **vars(matter), "label": item.label[:300], "endpoint": item.endpoint, "verb": (rule.verb if rule and rule.verb else item.verb)[:20],
            "confirmed": item.confirmed, "due_at": item.due_at, "holder": holder_for(code, matter, book, staff),
        }
        arguments = item.arguments
        found[key] = {"values": values, "arguments": arguments, "print": _print(values, arguments), "ruled": rule is not None}
    return found


def _print(values: Mapping[str, Any], arguments: Any) -> tuple[Any, ...]:
    return (*(values[name] for name in PLAIN), json.dumps(arguments or {}, sort_keys=True, default=str))


def _stored(capability: str, announced: dict[Key, Values], book: Book, staff: Staff) -> dict[Key, tuple[Any, tuple[Any, ...]]]:
    """Rows not closed, with their fingerprint. What was handed over stays with whom it was handed to, as long as he is there."""
    table = DueRow.__table__
    found = {}
    for row in db.session.execute(select(*table.columns).where(DueRow.capability == capability, DueRow.state != "closed")):
        key, values = (row.kind, row.subject, row.due_on), row._mapping
        one = announced.get(key)
        if row.handed_to and one is not None:
            matter = Matter(**{name: one["values"][name] for name in Matter.__dataclass_fields__})
            one["values"]["holder"] = holder_for(f"{capability}.{row.kind}", matter, book, staff, row.handed_to)
            one["print"] = _print(one["values"], one["arguments"])
        found[key] = (row, _print(values, row.arguments))
    return found


def _closed_before(capability: str, added: list[Key]) -> dict[Key, int]:
    """Closed rows of keys that come back."""
    found: dict[Key, int] = {}
    subjects = sorted({subject for _, subject, _ in added})
    for start in range(0, len(subjects), PIECE):
        rows = db.session.execute(
            select(DueRow.id, DueRow.kind, DueRow.subject, DueRow.due_on)
            .where(DueRow.capability == capability, DueRow.subject.in_(subjects[start:start + PIECE]), DueRow.state == "closed")
        )
        found |= {(row.kind, row.subject, row.due_on): row.id for row in rows}
    return found


def _next(book: Book, capability: str, key: Key, values: Values, spoken: datetime | None, snoozed: date | None = None) -> datetime | None:
    page = book.of(values["city_id"])
    rule = page.rule(f"{capability}.{key[0]}")
    return None if rule is None else first_at(page.planned(rule, key[2], values["due_at"], snoozed), spoken)


def _write(
    capability: str, announced: dict[Key, Values], stored: dict[Key, tuple[Any, tuple[Any, ...]]], difference: Any, known: dict[Key, int],
    replan: dict[Key, tuple[Any, Any]], book: Book, done: Collected,
) -> None:
    now, table = clock.now(), DueRow.__table__
    fresh = []
    for key in difference.added:
        one = announced[key]
        values = {**one["values"], "arguments": one["arguments"], "next_at": _next(book, capability, key, one["values"], None)}
        if key in known:
            spoken = db.session.scalar(select(DueRow.spoken_until).where(DueRow.id == known[key]))
            values |= {"next_at": _next(book, capability, key, one["values"], spoken), "state": "open", "closed_at": None, "plan_on": key[2]}
            db.session.execute(update(DueRow).where(DueRow.id == known[key], DueRow.state == "closed").values(**values, version=DueRow.version + 1))
        else:
            fresh.append({
                "capability": capability, "kind": key[0], "subject": key[1], "due_on": key[2], "plan_on": key[2], "opened_at": now, "state": "open",
                "version": 1, **values,
            })
        done.added += 1
    for start in range(0, len(fresh), PIECE):
        dialect.insert_new(db.session(), DueRow, fresh[start:start + PIECE])
    for before, after in difference.moved:
        row, one = stored[before][0], announced[after]
        values = {**one["values"], "arguments": one["arguments"], "due_on": after[2], "plan_on": after[2], "snoozed_until": None, "state": "open"}
        values["next_at"] = _next(book, capability, after, one["values"], None)
        db.session.execute(
            update(DueRow).where(DueRow.id == row.id, DueRow.due_on == before[2]).values(**values, spoken_until=None, version=DueRow.version + 1)
        )
        done.moved += 1
    _rewrite(capability, announced, stored, difference.changed, replan, book, done)
    gone = [{"b_id": stored[key][0].id} for key in difference.gone]
    if gone:
        closing = update(table).where(table.c.id == bindparam("b_id"), table.c.state != "closed")
        db.session.connection().execute(closing.values(state="closed", closed_at=now, next_at=None, supervised_at=None), gone)
        done.closed = len(gone)


def _rewrite(
    capability: str, announced: dict[Key, Values], stored: dict[Key, tuple[Any, Any]], changed: list[Key], replan: dict[Key, Any], book: Book,
    done: Collected,
) -> None:
    """Rows with other values, and every row's next moment when the rules changed."""
    table, rows = DueRow.__table__, []
    for key in {*changed, *replan}:
        row, one = stored[key][0], announced[key]
        open_ = row.state == "open"
        next_at = _next(book, capability, key, one["values"], row.spoken_until, row.snoozed_until) if open_ else None
        if key not in changed and next_at == row.next_at:
            continue
        rows.append({
            "b_id": row.id, "b_version": row.version, "b_next_at": next_at, "b_arguments": one["arguments"],
            **{f"b_{name}": one["values"][name] for name in PLAIN},
        })
    if rows:
        names = (*PLAIN, "next_at", "arguments")
        change = update(table).where(table.c.id == bindparam("b_id"), table.c.version == bindparam("b_version"))
        db.session.connection().execute(change.values({name: bindparam(f"b_{name}") for name in names}), rows)
    done.changed = len(rows)


def items_now(today: date) -> Iterator[DueItem]:
    """What every capability announces, for previews."""
    for provider in due.providers().values():
        yield from provider(today, ALL)
