"""Yearly duties of a title: which years are owed, when, and what missing them leads to.

The yearly update of 创新型, 专精特新, 小巨人: by 30 April (工信部企业〔2022〕63号), since 2026 by 31 May (工信部企业〔2026〕2号). Dates and consequences are
entries of the pack; two editions of one duty follow each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.packs.schema import CalendarEntry, Consequence

STATES = {"done": "已更新", "late_done": "逾期更新", "missed": "确认未更新", "open": "待更新", "overdue": "逾期未登记"}
TONES = {"done": "ok", "late_done": "warn", "missed": "bad", "open": "info", "overdue": "warn"}


@dataclass(frozen=True)
class Owed:
    """One yearly update: ``due_on`` and the edition of the duty it follows."""

    year: int
    due_on: date
    entry: CalendarEntry


def due_in(editions: Iterable[CalendarEntry], year: int) -> Owed | None:
    """The update of a year: of the edition that is in force on its own last day. None = no duty that year."""
    for entry in editions:
        due_on = calendar_day(year, entry.ends_on)
        if entry.in_force(due_on) and not entry.disabled:
            return Owed(year, due_on, entry)
    return None


def owed(editions: Sequence[CalendarEntry], start: date, valid_to: date | None, until: date) -> list[Owed]:
    """Every update a grant owes up to ``until``: years after the grant (``owed_after``) whose last day lies in the validity."""
    last = min(until.year, valid_to.year) if valid_to else until.year
    found = [due_in(editions, year) for year in range(start.year, last + 1)]
    return [
        one for one in found
        if one is not None and one.year >= start.year + one.entry.owed_after and one.due_on >= start and (valid_to is None or one.due_on <= valid_to)
    ]


def state_of(one: Owed, outcome: str | None, done_on: date | None, today: date) -> str:
    """done, late_done, missed, open (not yet due) or overdue (the day has passed and nobody has said anything)."""
    if outcome == "missed":
        return "missed"
    if outcome == "done":
        return "late_done" if done_on is not None and done_on > one.due_on else "done"
    return "open" if today <= one.due_on else "overdue"


@dataclass(frozen=True)
class Warning_:
    """What missed updates lead to. ``certain``: enough of them are confirmed; else only together with those nobody has reported on."""

    consequence: Consequence
    missed: int
    unreported: int
    certain: bool

    @property
    def sentence(self) -> str:
        mark = "" if self.consequence.confidence == "confirmed" else "（待核）"
        what = f"{self.consequence.label}{mark}，依据：{self.consequence.clause}"
        if self.certain:
            return f"有效期内已确认 {self.missed} 次未更新：{what}。"
        return f"有效期内确认未更新 {self.missed} 次，另有 {self.unreported} 次逾期没有登记，请先核实是否已更新：如确未更新，{what}。"


def warnings(states: Mapping[int, str], editions: Sequence[CalendarEntry]) -> list[Warning_]:
    """``states``: year -> state, of the years of one validity. Each edition in force in one of the years says what follows. One year nobody has
    reported on is not warned of: its state says so."""
    missed = sum(state == "missed" for state in states.values())
    unreported = sum(state == "overdue" for state in states.values())
    found: dict[tuple[int, str], Warning_] = {}
    for year, state in states.items():
        one = due_in(editions, year)
        if one is None or state not in ("missed", "overdue"):
            continue
        for consequence in one.entry.consequences:
            if missed + unreported >= consequence.misses and (missed or unreported > 1):
                found[consequence.misses, consequence.label] = Warning_(consequence, missed, unreported, missed >= consequence.misses)
    return [found[key] for key in sorted(found)]


def calendar_day(year: int, month_day: str) -> date:
    """05-31 in a year."""
    month, day = (int(part) for part in month_day.split("-"))
    return date(year, month, day)
