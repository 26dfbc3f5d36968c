"""A sample of visits for call-back: random and weighted by signs in the record. Never a ranking, nobody is counted, position is never forced.

The same seed over the same records gives the same sample, so that two officers call the same enterprises.
"""

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from app.kernel.text import squeeze

COPIED, TRAVEL, MINUTE, EMPTY = "copied", "travel", "minute", "empty"
SIGNS = {COPIED: "内容与另一条相同", TRAVEL: "位置变化过快", MINUTE: "一分钟内写下多条", EMPTY: "没有问题、措施、承诺、诉求，内容很短"}
WEIGHT, LONGEST_EMPTY, SHORTEST_COPY, MANY_A_MINUTE = 4, 15, 10, 3
EARTH_KM = 6371.0


@dataclass(frozen=True)
class Facts:
    """What is looked at. ``written_at``: by the phone's clock where it gave one. ``leaves``: outcomes of any kind."""

    id: int
    author_id: int | None
    enterprise_id: int
    visited_on: date
    summary: str
    written_at: datetime
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    leaves: int = 0


def signs(rows: Sequence[Facts], kmh: float) -> dict[int, list[str]]:
    """Visit id -> signs, in the order of ``SIGNS``; only visits that have one."""
    found: dict[int, set[str]] = defaultdict(set)
    for kind, group in ((COPIED, _copied(rows)), (TRAVEL, _travel(rows, kmh)), (MINUTE, _minute(rows)), (EMPTY, _empty(rows))):
        for id_ in group:
            found[id_].add(kind)
    return {id_: [kind for kind in SIGNS if kind in kinds] for id_, kinds in found.items()}


def _copied(rows: Iterable[Facts]) -> Iterable[int]:
    """The same words about different meetings; figures and dates may differ."""
    groups: dict[str, list[Facts]] = defaultdict(list)
    for row in rows:
        words = re.sub(r"[\d\W]+", "", squeeze(row.summary))
        if len(words) >= SHORTEST_COPY:
            groups[words].append(row)
    return [row.id for group in groups.values() if len({(r.enterprise_id, r.visited_on) for r in group}) > 1 for row in group]


def _by_author(rows: Iterable[Facts], key: Callable[[Facts], object]) -> Iterable[list[Facts]]:
    groups: dict[object, list[Facts]] = defaultdict(list)
    for row in rows:
        if row.author_id is not None:
            groups[row.author_id, key(row)].append(row)
    return groups.values()


def _travel(rows: Iterable[Facts], kmh: float) -> Iterable[int]:
    """Two positions of one person that nobody can have reached one after the other."""
    found = []
    for group in _by_author((r for r in rows if r.latitude is not None and r.longitude is not None), lambda row: row.visited_on):
        for one, next_ in pairwise(sorted(group, key=lambda row: row.written_at)):
            hours = (next_.written_at - one.written_at).total_seconds() / 3600
            if (km := distance_km(one, next_)) > 2 and km > kmh * max(hours, 0.0):
                found += [one.id, next_.id]
    return found


def distance_km(one: Facts, other: Facts) -> float:
    """Great-circle distance of two positions."""
    assert one.latitude is not None and one.longitude is not None and other.latitude is not None and other.longitude is not None
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(float(other.longitude - one.longitude)) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def _minute(rows: Iterable[Facts]) -> Iterable[int]:
    groups = _by_author(rows, lambda row: row.written_at.replace(second=0, microsecond=0))
    return [row.id for group in groups if len({r.enterprise_id for r in group}) >= MANY_A_MINUTE for row in group]


def _empty(rows: Iterable[Facts]) -> Iterable[int]:
    return [row.id for row in rows if row.leaves == 0 and len(squeeze(row.summary)) < LONGEST_EMPTY]


def sample(rows: Sequence[Facts], marked: dict[int, list[str]], pct: float, seed: str) -> list[int]:
    """Ids of the visits to call back: ``pct`` percent, at least one; those with signs are drawn more often. In the order of the visits."""
    if not rows:
        return []
    size = min(len(rows), max(1, math.ceil(len(rows) * pct / 100)))

    def draw(row: Facts) -> float:
        number = (int.from_bytes(hashlib.sha256(f"{seed}:{row.id}".encode()).digest()[:8], "big") + 1) / 2**64
        return number ** (1 / (1 + WEIGHT * len(marked.get(row.id, ()))))

    drawn = {row.id for row in sorted(rows, key=draw, reverse=True)[:size]}
    return [row.id for row in rows if row.id in drawn]
