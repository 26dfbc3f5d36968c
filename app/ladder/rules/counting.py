"""Counting of recognitions, as pure functions (exact rules of counting: 聊城 育苗扶壮 三(二), 强镇建设方案 附件 9 to 22).

Every rule here stands a second time as SQL in ``queries``; a test with random histories keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kernel.level import Level

LEVELS = ("", *(level.value for level in Level))
"""Every stored value of ``recognition.level``; "" = the title knows no level, or the table did not say one."""


class CountKind(StrEnum):
    """The three counts. A page says which one it shows and lets the reader switch."""

    STOCK = "stock"
    NEW = "new"
    CUMULATIVE = "cumulative"

    @property
    def label(self) -> str:
        return {"stock": "存量", "new": "新增", "cumulative": "累计"}[self.value]

    @property
    def basis_zh(self) -> str:
        """What the number means, in one sentence."""
        return _BASIS[self]


_BASIS = {
    CountKind.STOCK: "存量：当日仍在有效期内（首尾两日均计入），已撤销、作废或企业已注销的不计，一家企业只计一次。",
    CountKind.NEW: "新增：首次获得本项称号且批次年度在统计年度内的企业，晋级、复核和中断后重新认定不计新增，一家企业只计一次。",
    CountKind.CUMULATIVE: "累计：截至当日曾经获得本项称号的企业，作废的不计，一家企业只计一次。",
}


class State(StrEnum):
    """What one recognition is on a day; only ``VALID`` is in stock."""

    VALID = "valid"
    VOIDED = "voided"
    START_MISSING = "start_missing"
    NOT_YET = "not_yet"
    REVOKED = "revoked"
    END_MISSING = "end_missing"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        return _STATES[self][0]

    @property
    def tone(self) -> str:
        """Tone of the tag that shows it."""
        return _STATES[self][1]


_STATES = {
    State.VALID: ("有效", "ok"), State.VOIDED: ("作废", ""), State.START_MISSING: ("待补起始日期", "warn"), State.NOT_YET: ("未生效", "info"),
    State.REVOKED: ("已撤销", "bad"), State.END_MISSING: ("待补有效期止", "warn"), State.EXPIRED: ("已到期", ""),
}


@dataclass(frozen=True)
class Grant:
    """The countable part of a recognition. ``batch_year`` 0 = blank. A public notice (公示) is no recognition and never becomes one of these."""

    title_code: str
    level: str = ""
    batch_year: int = 0
    announced_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    open_ended: bool = False
    revoked_on: date | None = None
    voided: bool = False

    @property
    def start(self) -> date | None:
        """First day: the beginning of the validity, or the announcement when that is blank."""
        return self.valid_from or self.announced_on

    @property
    def year(self) -> int | None:
        """Batch year; blank = year of the announcement (of the validity's beginning when that is unknown too)."""
        day = self.announced_on or self.valid_from
        return self.batch_year or (day.year if day else None)

    @property
    def undated(self) -> bool:
        """Known by its batch year alone: it counts nowhere before a date is filled in, but what follows it is no first grant (docs/adr/0006)."""
        return not self.voided and self.start is None and self.batch_year != 0

    def started(self, day: date) -> bool:
        """Counted as new or cumulative from this day on."""
        return not self.voided and self.start is not None and self.start <= day

    def state(self, day: date) -> State:
        """Where the recognition stands on ``day``; both ends of the validity and the day of the revocation are decided by the day itself."""
        if self.voided:
            return State.VOIDED
        if self.start is None:
            return State.START_MISSING
        if self.start > day:
            return State.NOT_YET
        if self.revoked_on is not None and self.revoked_on <= day:
            return State.REVOKED
        if self.valid_to is None:
            return State.VALID if self.open_ended else State.END_MISSING
        return State.VALID if day <= self.valid_to else State.EXPIRED


@dataclass(frozen=True)
class Part:
    """One title of a metric with the stored levels that count; ``levels`` None = every level."""

    title_code: str
    levels: frozenset[str] | None = None

    def matches(self, title_code: str, level: str) -> bool:
        return title_code == self.title_code and (self.levels is None or level in self.levels)


@dataclass(frozen=True)
class Metric:
    """What is counted as one thing: 省级以上专精特新 = srdi + little_giant. An enterprise counts once, whatever it holds of it."""

    parts: tuple[Part, ...]

    def matches(self, title_code: str, level: str) -> bool:
        return any(part.matches(title_code, level) for part in self.parts)

    @property
    def title_codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.title_code for part in self.parts))

    def pairs(self) -> list[tuple[str, str]]:
        """Every (title, stored level) that counts."""
        return [(part.title_code, level) for part in self.parts for level in LEVELS if part.levels is None or level in part.levels]


def any_level(*title_codes: str) -> Metric:
    """The titles at whatever level."""
    return Metric(tuple(Part(code) for code in title_codes))


def at_least(title_code: str, minimum: Level, *, allowed: Sequence[Level] = (), default: Level | None = None) -> Part:
    """The title at ``minimum`` or above (市级以上). A row without a level has the title's only or default level, if there is one."""
    levels = {level.value for level in Level if level.at_least(minimum)}
    unstated = allowed[0] if len(allowed) == 1 else default
    if unstated is not None and unstated.at_least(minimum):
        levels.add("")
    return Part(title_code, frozenset(levels))


def exactly(title_code: str, level: Level, *, allowed: Sequence[Level] = (), default: Level | None = None) -> Part:
    """The title at this level only."""
    unstated = allowed[0] if len(allowed) == 1 else default
    return Part(title_code, frozenset({level.value, ""} if unstated is level else {level.value}))


def counts(
    grants: Iterable[Grant], metric: Metric, kind: CountKind, day: date, *, window: tuple[int, int] | None = None, cancelled_on: date | None = None,
) -> bool:
    """Whether an enterprise with these grants is one of the counted on ``day``.

    ``window``: first and last batch year of "new" (default: the year of ``day``). ``cancelled_on``: the enterprise was struck off; from that day
    on it is out of stock, and stays new and cumulative.
    """
    own = [grant for grant in grants if metric.matches(grant.title_code, grant.level)]
    if kind is CountKind.STOCK:
        return not (cancelled_on and cancelled_on <= day) and any(grant.state(day) is State.VALID for grant in own)
    years = [grant.year for grant in own if grant.started(day) and grant.year is not None]
    if kind is CountKind.CUMULATIVE:
        return bool(years)
    first, last = window or (day.year, day.year)
    before = any(grant.undated and grant.batch_year < first for grant in own)
    return bool(years) and first <= min(years) <= last and not before
