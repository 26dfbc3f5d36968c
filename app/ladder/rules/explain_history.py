"""What is known of an enterprise at a moment, and who counts by it: the pure twin of the counting statements, for explaining differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from app.ladder.rules.counting import CountKind, Grant, Metric, State, counts
from app.ladder.rules.rungs import highest_rung


@dataclass(frozen=True)
class Span:
    """When a version was known: recorded, and superseded (None = still in force)."""

    recorded_at: datetime
    superseded_at: datetime | None = None

    def known(self, moment: datetime | None) -> bool:
        """``moment`` None = now."""
        if moment is None:
            return self.superseded_at is None
        return self.recorded_at <= moment and (self.superseded_at is None or self.superseded_at > moment)


@dataclass(frozen=True)
class Version:
    """A recognition as it was known for a while."""

    grant: Grant
    span: Span

    @property
    def key(self) -> tuple[str, str, int]:
        return (self.grant.title_code, self.grant.level, self.grant.batch_year)


@dataclass(frozen=True)
class Stay:
    """A statistical town with its dates, as it was known for a while."""

    town_id: int
    first: date
    last: date | None
    span: Span

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Amount:
    """A yearly figure of one source; ``strength``: 0 is the strongest source."""

    year: int
    strength: int
    yuan: Decimal | None
    span: Span


@dataclass(frozen=True)
class History:
    """Everything known about one enterprise, whenever it was known. ``endings``: (day of the cancellation, recorded at).

    ``named``: the viewer sees it by name wherever it stands (own enterprise, own team). ``merged``: spans in which it was merged away;
    ``joined``: moments when another record was merged into it, or such a merge was undone.
    """

    versions: Sequence[Version] = ()
    stays: Sequence[Stay] = ()
    endings: Sequence[tuple[date, datetime]] = ()
    amounts: Sequence[Amount] = ()
    named: bool = False
    merged: Sequence[Span] = ()
    joined: frozenset[datetime] = frozenset()


class Rule(Protocol):
    """Who counts, but for place and cancellation. ``lives``: a cancelled enterprise is out."""

    @property
    def lives(self) -> bool: ...

    def met(self, known: Known, day: date) -> bool: ...


@dataclass(frozen=True)
class Known:
    """What is known of an enterprise at one moment."""

    grants: tuple[Version, ...]
    stays: tuple[Stay, ...]
    cancelled_on: date | None
    amounts: tuple[Amount, ...]
    merged: bool
    joined: frozenset[datetime]

    def town(self, day: date) -> int | None:
        return next((stay.town_id for stay in self.stays if stay.covers(day)), None)


@dataclass(frozen=True)
class TitleRule:
    """Holders of a metric by one of the three counts."""

    metric: Metric
    kind: CountKind = CountKind.STOCK
    window: tuple[int, int] | None = None

    @property
    def lives(self) -> bool:
        return self.kind is CountKind.STOCK

    def met(self, known: Known, day: date) -> bool:
        return counts((v.grant for v in known.grants), self.metric, self.kind, day, window=self.window)

    def own(self, known: Known) -> list[Version]:
        return [v for v in known.grants if self.metric.matches(v.grant.title_code, v.grant.level)]

    def above(self, _known: Known, _day: date) -> list[Version]:
        return []


@dataclass(frozen=True)
class RungRule:
    """Enterprises whose highest rung is ``place`` (``or_above``: or a higher one)."""

    rungs: tuple[frozenset[str], ...]
    place: int
    or_above: bool = False
    lives: bool = True
    kind: CountKind = CountKind.STOCK

    def met(self, known: Known, day: date) -> bool:
        top = highest_rung(self.rungs, {v.grant.title_code for v in known.grants if v.grant.state(day) is State.VALID})
        return top is not None and (top >= self.place if self.or_above else top == self.place)

    def own(self, known: Known) -> list[Version]:
        titles = frozenset().union(*(self.rungs[self.place :] if self.or_above else self.rungs[self.place : self.place + 1]))
        return [v for v in known.grants if v.grant.title_code in titles]

    def above(self, known: Known, day: date) -> list[Version]:
        """Valid titles of higher rungs, which take the enterprise out of this one."""
        if self.or_above:
            return []
        higher = frozenset[str]().union(*self.rungs[self.place + 1 :])
        return [v for v in known.grants if v.grant.title_code in higher and v.grant.state(day) is State.VALID]


@dataclass(frozen=True)
class RevenueRule:
    """Enterprises whose revenue of a year, from the strongest source that knows it, reaches a line."""

    year: int
    minimum_yuan: int
    lives: bool = True

    def met(self, known: Known, _day: date) -> bool:
        best = min((a for a in known.amounts if a.year == self.year and a.yuan is not None), key=lambda a: a.strength, default=None)
        return best is not None and best.yuan is not None and best.yuan >= self.minimum_yuan


@dataclass(frozen=True)
class Setting:
    """One point of the way. ``moment`` None = what is known now; ``towns``: where the viewer counts; ``narrowed``: a place was chosen."""

    day: date
    moment: datetime | None
    rule: Rule
    towns: frozenset[int]
    narrowed: bool = False


def knowledge(history: History, moment: datetime | None) -> Known:
    """What was known at the moment."""
    ended = [day for day, recorded_at in history.endings if moment is None or recorded_at <= moment]
    return Known(
        tuple(v for v in history.versions if v.span.known(moment)), tuple(s for s in history.stays if s.span.known(moment)), min(ended, default=None),
        tuple(a for a in history.amounts if a.span.known(moment)), any(span.known(moment) for span in history.merged), history.joined,
    )
