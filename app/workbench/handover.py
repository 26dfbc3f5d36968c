"""工作交接包: everything a person of a team answers for, on the day he hands it over: enterprises, what is promised and open, who to call.

Worked out on the spot from what every capability knows. One statement per kind, whatever the number of enterprises (chunks of 900).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.demands.models import Demand
from app.demands.queries.scope import demand_in_scope
from app.demands.rules.states import OPEN_TABS
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import Scope
from app.teams.queries import assignments
from app.teams.queries.assignments import Asked, FirmLine
from app.visits.models import Appointment, Finding, Measure, Promise, ServiceRequest, Visit
from app.visits.queries.day import MainContact, main_contacts
from app.visits.rules.booking import APPOINTMENT_OPEN, REQUEST_OPEN

CHUNK, MOST = 900, 2_000
KINDS = {
    "promises": "未兑现的承诺", "measures": "未完成的措施", "findings": "未了结的问题", "requests": "未办结的申请",
    "appointments": "已约的走访", "demands": "办理中的诉求",
}


@dataclass(frozen=True)
class Item:
    """Something open about an enterprise: what it is, until when."""

    text: str
    due_on: date | None = None


@dataclass(frozen=True)
class Firm:
    """One enterprise of the portfolio."""

    line: FirmLine
    contact: MainContact | None
    next_contact_on: date | None
    next_contact_why: str | None
    last_words: str
    items: dict[str, tuple[Item, ...]]

    @property
    def open_count(self) -> int:
        return sum(len(found) for found in self.items.values())


@dataclass(frozen=True)
class Package:
    """The whole portfolio of a person within the reader's scope. ``hidden``: enterprises of it the reader may not see."""

    firms: tuple[Firm, ...]
    hidden: int

    @property
    def totals(self) -> dict[str, int]:
        """Kind -> open matters."""
        return {kind: sum(len(firm.items[kind]) for firm in self.firms) for kind in KINDS}


def build(member_id: int, scope: Scope, demand_scope: Scope, whole: int) -> Package:
    """The package of a member; ``whole``: how many enterprises he answers for altogether."""
    lines = assignments.firms(scope, Asked(member_id=member_id), MOST)
    ids = [line.id for line in lines]
    contacts, last = main_contacts(ids), _last_visits(ids)
    found = {kind: _gathered(ids, reader(demand_scope)) for kind, reader in _READERS.items()}
    firms = tuple(
        Firm(line, contacts.get(line.id), *last.get(line.id, (None, None, "")), {kind: tuple(rows.get(line.id, ())) for kind, rows in found.items()})
        for line in lines
    )
    return Package(firms, max(0, whole - len(lines)))


Rows = Callable[[Sequence[int]], Any]


def _gathered(ids: Sequence[int], rows: Rows) -> dict[int, list[Item]]:
    found: dict[int, list[Item]] = defaultdict(list)
    for part in _chunks(ids):
        for enterprise_id, text, due_on in db.session.execute(rows(part)):
            found[enterprise_id].append(Item(str(text or "")[:200], clock.local(due_on).date() if isinstance(due_on, datetime) else due_on))
    return found


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _last_visits(ids: Sequence[int]) -> dict[int, tuple[date | None, str | None, str]]:
    """Next contact and the last words of the latest complete visit of each enterprise."""
    found: dict[int, tuple[date | None, str | None, str]] = {}
    for part in _chunks(ids):
        latest = select(func.max(Visit.id)).where(Visit.enterprise_id.in_(part), Visit.state == "complete").group_by(Visit.enterprise_id)
        columns = (Visit.enterprise_id, Visit.next_contact_on, Visit.next_contact_why, Visit.summary)
        for enterprise_id, on, why, words in db.session.execute(select(*columns).where(Visit.id.in_(latest))):
            found[enterprise_id] = (on, why, (words or "")[:120])
    return found


def _outcome(model: Any, due: Any) -> Callable[[Scope], Rows]:
    def reader(_scope: Scope) -> Rows:
        def rows(ids: Sequence[int]) -> Any:
            query = select(model.enterprise_id, model.text, due).join(Visit, Visit.id == model.visit_id)
            return query.where(model.enterprise_id.in_(ids), model.state == "open", Visit.state == "complete").order_by(model.id)

        return rows

    return reader


def _requests(_scope: Scope) -> Rows:
    return lambda ids: select(ServiceRequest.enterprise_id, ServiceRequest.text, ServiceRequest.wished_on).where(
        ServiceRequest.enterprise_id.in_(ids), ServiceRequest.state.in_(REQUEST_OPEN),
    ).order_by(ServiceRequest.id)


def _appointments(_scope: Scope) -> Rows:
    return lambda ids: select(Appointment.enterprise_id, Appointment.purpose, Appointment.planned_on).where(
        Appointment.enterprise_id.in_(ids), Appointment.state.in_(APPOINTMENT_OPEN),
    ).order_by(Appointment.planned_on, Appointment.id)


def _demands(scope: Scope) -> Rows:
    return lambda ids: select(Demand.enterprise_id, Demand.title, Demand.solve_due_at).where(
        Demand.enterprise_id.in_(ids), Demand.tab.in_(OPEN_TABS), demand_in_scope(scope),
    ).order_by(Demand.id)


_READERS: dict[str, Callable[[Scope], Rows]] = {
    "promises": _outcome(Promise, Promise.due_on), "measures": _outcome(Measure, Measure.due_on), "findings": _outcome(Finding, Visit.visited_on),
    "requests": _requests, "appointments": _appointments, "demands": _demands,
}
