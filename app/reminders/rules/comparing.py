"""What a collection changes: which deadlines are new, which moved to another day, which are described anew, which are gone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Key = tuple[str, str, date]
"""Kind, subject, day."""


@dataclass
class Difference:
    """``moved``: from the old key to the new one; ``changed``: the same key with other values."""

    added: list[Key] = field(default_factory=list)
    moved: list[tuple[Key, Key]] = field(default_factory=list)
    changed: list[Key] = field(default_factory=list)
    gone: list[Key] = field(default_factory=list)

    def come_back(self, closed: Collection[Key]) -> None:
        """A subject that moves to a day it had before takes up the old row again."""
        back = [(old, new) for old, new in self.moved if new in closed]
        self.moved = [pair for pair in self.moved if pair not in back]
        self.gone += [old for old, _ in back]
        self.added += [new for _, new in back]


def compare(stored: Mapping[Key, Any], announced: Mapping[Key, Any]) -> Difference:
    """Values are compared as they are (fingerprints). A subject with exactly one day gone and one day new has moved."""
    found = Difference()
    new = [key for key in announced if key not in stored]
    gone = [key for key in stored if key not in announced]
    found.changed = [key for key, value in announced.items() if key in stored and stored[key] != value]
    days_new, days_gone = _by_subject(new), _by_subject(gone)
    pairs = {
        (kind, subject): (days[0], days_new[kind, subject][0]) for (kind, subject), days in days_gone.items()
        if len(days) == 1 and len(days_new.get((kind, subject), ())) == 1
    }
    found.moved = [((*subject, old), (*subject, day)) for subject, (old, day) in pairs.items()]
    found.added = [key for key in new if key[:2] not in pairs]
    found.gone = [key for key in gone if key[:2] not in pairs]
    return found


def _by_subject(keys: Iterable[Key]) -> dict[tuple[str, str], list[date]]:
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    for kind, subject, day in keys:
        days[kind, subject].append(day)
    return days
