"""Rungs of a ladder computed from the titles held, and the steps of one enterprise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum


class StepState(StrEnum):
    """A rung in the stepper of one enterprise."""

    HELD = "held"
    SKIPPED = "skipped"
    NEXT = "next"
    AHEAD = "ahead"

    @property
    def label(self) -> str:
        return {"held": "已达到", "skipped": "未经过", "next": "下一级", "ahead": "未达到"}[self.value]


def highest_rung(rungs: Sequence[Collection[str]], held: Collection[str]) -> int | None:
    """Position of the highest rung any of whose titles is held; None = on no rung. A title on several rungs counts for the highest."""
    reached = [position for position, titles in enumerate(rungs) if any(title in held for title in titles)]
    return reached[-1] if reached else None


def steps(rungs: Sequence[Collection[str]], held: Collection[str]) -> list[StepState]:
    """State of every rung: titles are held in parallel, so a lower rung may be hollow below a held one."""
    top = highest_rung(rungs, held)
    reached = -1 if top is None else top
    return [
        StepState.HELD if any(title in held for title in titles)
        else StepState.SKIPPED if position < reached
        else StepState.NEXT if position == reached + 1 else StepState.AHEAD
        for position, titles in enumerate(rungs)
    ]


def rung_by_title(rungs: Sequence[Collection[str]]) -> dict[str, int]:
    """Highest rung a title stands for."""
    return {title: position for position, titles in enumerate(rungs) for title in titles}


def at_or_above(on_rung: Mapping[int, int], rung_count: int) -> list[int]:
    """Funnel from enterprises per highest rung: how many reached each rung or a higher one (达到该级及以上)."""
    return [sum(count for rung, count in on_rung.items() if rung >= position) for position in range(rung_count)]
