"""Deadlines a capability announces: read-only rows that reminders collect and the desk shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from app.kernel.scope import Scope


@dataclass(frozen=True)
class DueItem:
    """Something that is due. Unique by (capability, kind, subject, due_on). ``endpoint`` and ``arguments`` lead to the page to act on;
    ``enterprise_id``: whose matter it is, None for a matter of the office. ``confirmed`` False: the date itself is 待核.

    Yield an item from its first day of notice on and as long as it is neither done nor given up: also after its day, so that it can be seen
    as overdue. What is not yielded any more counts as done. How early people are told, who and how often stands in the pack (section
    ``reminders``, entry ``capability.kind``), never here.

    Who is meant, as far as the capability knows: ``user_id`` a person, ``team_id`` an expert team, ``organisation_id`` a department or
    office, ``area_id`` a city, county, zone or town whose office answers. Without any of them the enterprise decides (its team, its
    county or zone, its city). ``due_at``: the moment, where hours count (the day of ``due_on`` in Shanghai). ``verb``: the button on the
    desk (登记走访, 受理, 审核 …).
    """

    capability: str
    kind: str
    subject: str
    due_on: date
    label: str
    endpoint: str
    arguments: dict[str, str | int] = field(default_factory=dict, compare=False)
    enterprise_id: int | None = None
    confirmed: bool = True
    user_id: int | None = field(default=None, compare=False)
    team_id: int | None = field(default=None, compare=False)
    organisation_id: int | None = field(default=None, compare=False)
    area_id: int | None = field(default=None, compare=False)
    due_at: datetime | None = field(default=None, compare=False)
    verb: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str, str, date]:
        """What makes it the same item when it is collected again."""
        return (self.capability, self.kind, self.subject, self.due_on)


Provider = Callable[[date, Scope], Iterator[DueItem]]
_providers: dict[str, Provider] = {}


def register(capability: str, provider: Provider) -> None:
    """Make the deadlines of a capability known; the factory calls it for every package with a ``due.py``."""
    _providers[capability] = provider


def providers() -> dict[str, Provider]:
    """Every registered capability with its ``due_items``."""
    return dict(_providers)
