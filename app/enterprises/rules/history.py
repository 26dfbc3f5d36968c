"""Where an enterprise stood over time, as spans that touch without overlapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True)
class Span:
    """A town from ``valid_from`` to ``valid_to`` (None = open). ``id`` None: not stored yet."""

    town_id: int
    valid_from: date
    valid_to: date | None
    id: int | None = None


def town_on(spans: Sequence[Span], day: date) -> Span | None:
    """The span that covers the day."""
    return next((s for s in spans if s.valid_from <= day and (s.valid_to is None or s.valid_to >= day)), None)


def moved(spans: Sequence[Span], day: date, town_id: int) -> list[Span] | None:
    """The history with a move to ``town_id`` on ``day``: the span of that day is cut, later moves stay. None: the day lies before the history.

    A span that begins on the very day is replaced (the move was recorded with another town). Kept spans keep their id.
    """
    ordered = sorted(spans, key=lambda s: s.valid_from)
    at = town_on(ordered, day)
    if at is None:
        return None
    if at.town_id == town_id:
        return list(ordered)
    new = Span(town_id, day, at.valid_to)
    before = [] if at.valid_from == day else [replace(at, valid_to=day - timedelta(days=1), id=None)]
    place = ordered.index(at)
    return _joined([*ordered[:place], *before, new, *ordered[place + 1 :]])


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Neighbours of one town as one span."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].town_id == span.town_id:
            found[-1] = replace(found[-1], valid_to=span.valid_to, id=None)
        else:
            found.append(span)
    return found
