"""Why a number changed: one reason for every enterprise that came into a count or left it between two settings (domain.md §5, §13).

A setting is a day, a knowledge and the rules. The way from one setting to the other is walked in three legs: first the rules change (口径变化),
then the knowledge (补录, 更正, 作废 …, the day stands still), then the day (新认定, 到期, 迁移 …). Each leg changes one thing, so the leg on which an
enterprise crosses the border says what kind of reason it was, and its history on that leg says which. Exactly one reason each: the reasons add
up to the difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.ladder.rules.counting import CountKind, Grant, State
from app.ladder.rules.explain_history import History, Known, RevenueRule, RungRule, Setting, TitleRule, Version, knowledge


class Reason(StrEnum):
    """Why one enterprise came in or left."""

    GRANTED = "granted"
    AGAIN = "again"
    PROMOTED = "promoted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    MOVED = "moved"
    UNIT = "unit"
    LATE = "late"
    CORRECTED = "corrected"
    VOIDED = "voided"
    MERGED = "merged"
    RULE = "rule"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _WORDS[self][0]

    @property
    def meaning(self) -> str:
        """One sentence for the table of reasons."""
        return _WORDS[self][1]


_WORDS = {
    Reason.GRANTED: ("新认定", "两个截止日之间首次获得。"),
    Reason.AGAIN: ("再次认定", "以前有过，中断后重新有效。"),
    Reason.PROMOTED: ("升入更高一层", "取得更高层级的称号，不再列在这一层。"),
    Reason.EXPIRED: ("到期", "有效期在两个截止日之间届满。"),
    Reason.REVOKED: ("撤销", "称号被撤销。"),
    Reason.CANCELLED: ("注销", "企业注销，自注销之日起不计入存量。"),
    Reason.MOVED: ("迁移", "企业所在镇街变更，或所在镇街的登记有更正。"),
    Reason.UNIT: ("托管单位变更", "所在镇街改由另一个县（市、区）或开发区管理。"),
    Reason.LATE: ("补录", "截止日以前的认定、数据或企业，后来才登记。"),
    Reason.CORRECTED: ("更正", "已登记的内容后来更正，或导入被撤回。"),
    Reason.VOIDED: ("作废", "登记有误的记录后来作废。"),
    Reason.MERGED: ("合并", "重复登记的企业合并，或合并被撤销。"),
    Reason.RULE: ("口径变化", "政策包中的梯度、指标口径有变化。"),
    Reason.OTHER: ("其他", "未能归入以上原因，请查看企业档案。"),
}


@dataclass(frozen=True)
class Cause:
    """The reason with what it was about. ``on``: business date; ``recorded_at``: when it was entered; towns for a move."""

    reason: Reason
    on: date | None = None
    recorded_at: datetime | None = None
    grant: Grant | None = None
    towns: tuple[int | None, int | None] = field(default=(None, None))


@dataclass(frozen=True)
class _At:
    """One enterprise at one setting: the parts that must all hold."""

    setting: Setting
    known: Known
    met: bool
    alive: bool
    town_id: int | None
    placed: bool

    @property
    def inside(self) -> bool:
        return self.met and self.alive and self.placed and not self.known.merged


def _at(history: History, setting: Setting) -> _At:
    known = knowledge(history, setting.moment)
    town_id = known.town(setting.day)
    alive = not (setting.rule.lives and known.cancelled_on is not None and known.cancelled_on <= setting.day)
    placed = town_id is not None and (town_id in setting.towns or (history.named and not setting.narrowed))
    return _At(setting, known, setting.rule.met(known, setting.day), alive, town_id, placed)


def inside(history: History, setting: Setting) -> bool:
    """Whether the enterprise is counted at the setting (the pure twin of the SQL)."""
    return _at(history, setting).inside


def explain(history: History, way: Sequence[Setting]) -> Cause:
    """Why the enterprise is in exactly one of the first and the last setting. Neighbours on ``way`` differ in rules, knowledge or day alone."""
    points = [_at(history, setting) for setting in way]
    crossing = next((n for n in range(len(points) - 1, 0, -1) if points[n].inside != points[n - 1].inside), None)
    if crossing is None:
        return Cause(Reason.OTHER)
    before, after = points[crossing - 1], points[crossing]
    if before.setting.rule != after.setting.rule:
        return Cause(Reason.RULE)
    if before.setting.moment != after.setting.moment:
        return _by_knowledge(*_forward(before, after, _later(before.setting.moment, after.setting.moment)))
    return _by_time(*_forward(before, after, before.setting.day > after.setting.day))


def _later(one: datetime | None, other: datetime | None) -> bool:
    return one is None if other is not None and one is None else other is not None and one is not None and one > other


def _forward(before: _At, after: _At, turned: bool) -> tuple[_At, _At]:
    """Reasons are read forward in time, whichever way the comparison goes."""
    return (after, before) if turned else (before, after)


# --- the day stands still, the knowledge grows


def _by_knowledge(before: _At, after: _At) -> Cause:
    """What came or went at the moment of a merge did so by it."""
    cause = _learnt(before, after)
    return Cause(Reason.MERGED, recorded_at=cause.recorded_at, grant=cause.grant) if cause.recorded_at in after.known.joined else cause


def _learnt(before: _At, after: _At) -> Cause:
    outside = before if after.inside else after
    if outside.known.merged != (after if after.inside else before).known.merged:
        return Cause(Reason.MERGED)
    if before.town_id is None and not before.known.stays:
        return Cause(Reason.LATE, recorded_at=min((s.span.recorded_at for s in after.known.stays), default=None))
    if not outside.met:
        return _records(before, after)
    if not outside.alive:
        other = after if after.inside else before
        if after.inside:
            return Cause(Reason.CORRECTED, on=outside.known.cancelled_on)
        return Cause(Reason.CANCELLED, on=outside.known.cancelled_on or other.known.cancelled_on)
    return _place(before, after)


def _records(before: _At, after: _At) -> Cause:
    rule = before.setting.rule
    if isinstance(rule, RevenueRule):
        return _figures(rule, before, after)
    assert isinstance(rule, TitleRule | RungRule)
    own_before, own_after = rule.own(before.known), rule.own(after.known)
    day = before.setting.day
    if after.inside:
        gone = _lost(rule.above(before.known, day), after.known.grants, day)
        new = [v for v in own_after if _counts(v, rule, day) and v not in own_before]
        if gone is not None and not new:
            return gone
        known_keys = {v.key for v in before.known.grants}
        corrected = [v for v in new if v.key in known_keys]
        if new and not corrected:
            return _of(Reason.LATE, _latest(new))
        return _of(Reason.CORRECTED, _latest(corrected)) if corrected else _lost(own_before, after.known.grants, day) or Cause(Reason.CORRECTED)
    higher = [v for v in rule.above(after.known, day) if v not in before.known.grants]
    if higher:
        return _of(Reason.LATE, _latest(higher))
    gone = _lost([v for v in own_before if _counts(v, rule, day)], after.known.grants, day)
    if gone is not None:
        return gone
    earlier = [v for v in own_after if v not in own_before]
    return _of(Reason.LATE, _latest(earlier)) if earlier else Cause(Reason.CORRECTED)


def _counts(version: Version, rule: TitleRule | RungRule, day: date) -> bool:
    return version.grant.state(day) is State.VALID if rule.kind is CountKind.STOCK else version.grant.started(day)


def _lost(standing: Iterable[Version], now: Sequence[Version], day: date) -> Cause | None:
    """What became of records that counted: voided, revoked, corrected, withdrawn; None = they stand as they did."""
    by_key = {v.key: v for v in now}
    found: list[Cause] = []
    for old in standing:
        new = by_key.get(old.key)
        if new is None:
            found.append(Cause(Reason.CORRECTED, recorded_at=old.span.superseded_at, grant=old.grant))
        elif new.grant.voided:
            found.append(_of(Reason.VOIDED, new))
        elif new.grant.revoked_on is not None and new.grant.revoked_on <= day and new.grant.revoked_on != old.grant.revoked_on:
            found.append(_of(Reason.REVOKED, new, new.grant.revoked_on))
        elif new.grant != old.grant:
            found.append(_of(Reason.CORRECTED, new))
    order = (Reason.VOIDED, Reason.REVOKED, Reason.CORRECTED)
    return min(found, key=lambda cause: order.index(cause.reason), default=None)


def _figures(rule: RevenueRule, before: _At, after: _At) -> Cause:
    """A figure entered late, or replaced by another version or a stronger source."""
    knew = any(a.year == rule.year and a.yuan is not None for a in before.known.amounts)
    fresh = [a.span.recorded_at for a in after.known.amounts if a.year == rule.year and a not in before.known.amounts]
    return Cause(Reason.CORRECTED if knew else Reason.LATE, recorded_at=max(fresh, default=None))


# --- the knowledge stands still, the day moves on


def _by_time(before: _At, after: _At) -> Cause:
    """Of several changes the one that decided: the last one needed to come in, the first one that led out."""
    entering = after.inside
    outside = before if entering else after
    found: list[Cause] = []
    if not outside.met:
        found.append(_gained(before, after) if entering else _ended(before, after))
    if not outside.alive:
        found.append(Cause(Reason.CANCELLED, on=outside.known.cancelled_on))
    if not outside.placed:
        found.append(_place(before, after))
    if not found:
        return Cause(Reason.OTHER)
    edge = after.setting.day
    return (max if entering else min)(found, key=lambda cause: cause.on or edge)


def _gained(before: _At, after: _At) -> Cause:
    rule, first, last = before.setting.rule, before.setting.day, after.setting.day
    if not isinstance(rule, TitleRule | RungRule):
        return Cause(Reason.OTHER)
    higher = rule.above(before.known, first)
    if higher:
        return _end_of(higher, last)
    own = rule.own(after.known)
    counted = [v for v in own if _counts(v, rule, last)]
    again = any(v.grant.started(first) for v in own)
    start = max((v.grant.start for v in counted if v.grant.start is not None), default=None)
    newest = next((v for v in counted if v.grant.start == start), None)
    return Cause(Reason.AGAIN if again else Reason.GRANTED, start, newest.span.recorded_at if newest else None, newest.grant if newest else None)


def _ended(before: _At, after: _At) -> Cause:
    rule, first, last = before.setting.rule, before.setting.day, after.setting.day
    if not isinstance(rule, TitleRule | RungRule):
        return Cause(Reason.OTHER)
    higher = rule.above(after.known, last)
    if higher:
        return _of(Reason.PROMOTED, higher[0], higher[0].grant.start)
    standing = [v for v in rule.own(before.known) if v.grant.state(first) is State.VALID]
    if rule.kind is CountKind.STOCK and standing:
        return _end_of(standing, last)
    started = [v for v in rule.own(after.known) if v.grant.started(last) and not v.grant.started(first)]
    return _of(Reason.GRANTED, started[0], started[0].grant.start) if started else Cause(Reason.OTHER)


def _end_of(standing: Sequence[Version], day: date) -> Cause:
    """How the last of these titles ended by ``day``."""
    ends = []
    for version in standing:
        grant = version.grant
        expires = grant.valid_to + timedelta(days=1) if grant.valid_to else date.max
        revoked = grant.revoked_on or date.max
        ends.append((min(expires, revoked), Reason.REVOKED if revoked <= min(expires, day) else Reason.EXPIRED, version))
    on, reason, version = max(ends, key=lambda end: end[0])
    return _of(reason, version, None if on == date.max else on)


# --- places


def _place(before: _At, after: _At) -> Cause:
    """The enterprise stands in another town, or its town under another unit."""
    towns = (before.town_id, after.town_id)
    if before.town_id == after.town_id and before.town_id is not None:
        return Cause(Reason.UNIT, towns=towns)
    stay = next((s for s in after.known.stays if s.covers(after.setting.day)), None)
    if before.town_id is None and stay is not None and before.setting.day < stay.first and all(s.first >= stay.first for s in after.known.stays):
        return Cause(Reason.LATE if before.setting.moment != after.setting.moment else Reason.MOVED, stay.first, stay.span.recorded_at, towns=towns)
    return Cause(Reason.MOVED, stay.first if stay else None, stay.span.recorded_at if stay else None, towns=towns)


def _of(reason: Reason, version: Version, on: date | None = None) -> Cause:
    return Cause(reason, on or version.grant.start, version.span.recorded_at, version.grant)


def _latest(versions: Collection[Version]) -> Version:
    return max(versions, key=lambda v: v.span.recorded_at)


def sums(reasons: Iterable[tuple[Reason, bool]]) -> dict[Reason, tuple[int, int]]:
    """Reason -> (came in, left), in the order of ``Reason``; their difference is the difference of the two numbers."""
    found: dict[Reason, list[int]] = {}
    for reason, came in reasons:
        found.setdefault(reason, [0, 0])[0 if came else 1] += 1
    return {reason: (found[reason][0], found[reason][1]) for reason in Reason if reason in found}


def way(start: Setting, goal: Setting, towns_between: frozenset[int]) -> list[Setting]:
    """The points between two settings. ``towns_between``: the places counted on the first day as known at the goal."""
    new_rules = replace(start, rule=goal.rule)
    return [start, new_rules, replace(new_rules, moment=goal.moment, towns=towns_between, narrowed=goal.narrowed), goal]
