"""States an enterprise can be in on one of two days, and the sums of a table of flows (聊城育苗扶壮 一, boards of domain.md §5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Rungs = Sequence[Collection[str]]
"""Titles of every rung, lowest first."""

NO_RUNG, MOVED_IN, FOUNDED, MOVED_OUT, CANCELLED = -1, -2, -3, -4, -5
"""Beside the positions of rungs: here without a title of the ladder; not here yet (elsewhere, or not registered); not here any more."""

ORIGINS, GOALS = (NO_RUNG, MOVED_IN, FOUNDED), (NO_RUNG, MOVED_OUT, CANCELLED)
LABELS: Mapping[int, str] = {NO_RUNG: "未上梯", MOVED_IN: "迁入", FOUNDED: "新登记", MOVED_OUT: "迁出", CANCELLED: "注销"}
CODES: Mapping[int, str] = {NO_RUNG: "none", MOVED_IN: "moved_in", FOUNDED: "founded", MOVED_OUT: "moved_out", CANCELLED: "cancelled"}


@dataclass(frozen=True)
class Moves:
    """What a table of flows says in one line."""

    stayed: int
    up: int
    down: int
    entered: int
    left: int


def moves(flows: Mapping[tuple[int, int], int]) -> Moves:
    """Sum flows: ``entered`` = onto the ladder from 未上梯 or from outside, ``left`` = off the ladder whatever the reason."""
    parts = {"stayed": 0, "up": 0, "down": 0, "entered": 0, "left": 0}
    for (origin, goal), count in flows.items():
        parts[_kind(origin, goal)] += count
    return Moves(**parts)


def _kind(origin: int, goal: int) -> str:
    if origin < 0:
        return "entered"
    if goal < 0:
        return "left"
    return "stayed" if origin == goal else "up" if goal > origin else "down"
