"""Deadlines a capability announces: read-only rows that reminders collect and the home page counts."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class DueItem:
    """Something that is due. Unique by (capability, kind, subject, due_on). ``endpoint`` and ``arguments`` lead to the page to act on;
    ``enterprise_id``: whose matter it is, None for a matter of the office. ``confirmed`` False: the date itself is 待核."""

    capability: str
    kind: str
    subject: str
    due_on: date
    label: str
    endpoint: str
    arguments: dict[str, str | int] = field(default_factory=dict, compare=False)
    enterprise_id: int | None = None
    confirmed: bool = True

    @property
    def key(self) -> tuple[str, str, str, date]:
        """What makes it the same item when it is collected again."""
        return (self.capability, self.kind, self.subject, self.due_on)
