"""Attainment and pace of a target (domain rules, "Targets"). Pure; decided on exact numbers, rounded only to be shown.

Comparisons: ``>=`` not less, ``>`` more than, ``about`` reached from 95 % on exactly and without an upper bound, ``range`` from the lower end,
``state`` an ordered list, better also meets. Pace: a straight line by days, the as-of day included, from the state on the day before the period
(0 for new in period); none for per-year, one-off, ratio, multiple, state and entered values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

ABOUT = Fraction(95, 100)
PACED = ("stock", "cumulative", "new_in_period")
"""Bases whose way to the goal is a straight line."""

BASES = {
    "stock": "存量", "cumulative": "累计", "new_in_period": "期内新增", "per_year": "每年", "one_off": "一次性", "ratio": "比例", "multiple": "倍数",
    "state": "状态",
}
STATUS = {
    "reached": "已达到", "ahead": "不慢于序时", "near": "略慢于序时", "behind": "明显慢于序时", "missed": "到期未达到", "open": "进行中", "waiting": "尚未开始",
    "unknown": "待报",
}
TONES = {"reached": "ok", "ahead": "ok", "near": "warn", "behind": "bad", "missed": "bad", "open": "info", "waiting": "", "unknown": ""}


@dataclass(frozen=True)
class Goal:
    """What is promised. ``value`` in the printed unit (None for a state); ``begins``/``ends``: both days belong to the period, ``ends`` None =
    the text names no end. ``states``: from worst to best, for a state only."""

    comparison: str
    basis: str
    value: Decimal | None = None
    value_max: Decimal | None = None
    state: str | None = None
    states: Sequence[str] = ()
    begins: date | None = None
    ends: date | None = None


@dataclass(frozen=True)
class Fact:
    """What is known on a day: ``value`` or ``state``; None of them = nobody knows. ``before``: the same count on the day before the period.
    ``entered``: written down by a person for a year end, not counted from a register."""

    value: Decimal | None = None
    state: str | None = None
    before: Decimal = Decimal(0)
    entered: bool = False

    @property
    def known(self) -> bool:
        return self.value is not None or self.state is not None


@dataclass(frozen=True)
class Progress:
    """``attainment_pct`` is not capped; ``expected``: where the straight line is on the day, in the goal's unit; ``pace_pct``: share of the period's
    days that have passed; ``lacking``: how much is still missing (0 when reached). All shown with two places, half up."""

    status: str
    reached: bool | None
    attainment_pct: Decimal | None
    expected: Decimal | None
    pace_pct: Decimal | None
    lacking: Decimal | None

    @property
    def label(self) -> str:
        return STATUS[self.status]


def progress(goal: Goal, fact: Fact, day: date, *, near_pct: Decimal) -> Progress:
    """Where a target stands on ``day``. ``near_pct``: from which share of the expected value on it is called a little slow (a setting)."""
    reached = is_reached(goal, fact)
    passed = elapsed(goal, day)
    expected = _expected(goal, fact, passed)
    status = _status(goal, fact, day, reached, expected, near_pct)
    return Progress(
        status, reached, attainment(goal, fact), None if expected is None else rounded(expected),
        None if passed is None else rounded(passed * 100), _lacking(goal, fact, reached),
    )


def is_reached(goal: Goal, fact: Fact) -> bool | None:
    """None while nobody knows."""
    if goal.comparison == "state":
        if fact.state is None or goal.state is None:
            return None
        if fact.state == goal.state:
            return True
        order = list(goal.states)
        return fact.state in order and goal.state in order and order.index(fact.state) >= order.index(goal.state)
    if fact.value is None or goal.value is None:
        return None
    if goal.comparison == ">":
        return fact.value > goal.value
    if goal.comparison == "about":
        return Fraction(fact.value) >= ABOUT * Fraction(goal.value)
    return fact.value >= goal.value


def attainment(goal: Goal, fact: Fact) -> Decimal | None:
    """Actual as a percentage of the goal (of the lower end of a range)."""
    if fact.value is None or not goal.value:
        return None
    return rounded(Fraction(fact.value) * 100 / Fraction(goal.value))


def elapsed(goal: Goal, day: date) -> Fraction | None:
    """Share of the period that has passed by the end of ``day``; None without a period."""
    if goal.begins is None or goal.ends is None or goal.ends < goal.begins:
        return None
    whole = (goal.ends - goal.begins).days + 1
    return Fraction(min(max((day - goal.begins).days + 1, 0), whole), whole)


def _expected(goal: Goal, fact: Fact, passed: Fraction | None) -> Fraction | None:
    if goal.basis not in PACED or passed is None or goal.value is None or fact.entered:
        return None
    start = Fraction(0) if goal.basis == "new_in_period" else Fraction(fact.before)
    return start + (Fraction(goal.value) - start) * passed


def _status(goal: Goal, fact: Fact, day: date, reached: bool | None, expected: Fraction | None, near_pct: Decimal) -> str:
    if reached:
        return "reached"
    if goal.begins is not None and day < goal.begins:
        return "waiting"
    if reached is None:
        return "unknown"
    if goal.ends is not None and day >= goal.ends:
        return "missed"
    if expected is None:
        return "open"
    assert fact.value is not None
    have = Fraction(fact.value)
    if have >= expected:
        return "ahead"
    return "near" if have >= expected * Fraction(near_pct) / 100 else "behind"


def _lacking(goal: Goal, fact: Fact, reached: bool | None) -> Decimal | None:
    if reached is None or goal.value is None or fact.value is None:
        return None
    if reached:
        return Decimal(0)
    needed = ABOUT * Fraction(goal.value) if goal.comparison == "about" else Fraction(goal.value)
    return rounded(needed - Fraction(fact.value))


def rounded(number: Fraction | Decimal) -> Decimal:
    """Two places, half up, from the exact number."""
    exact = Fraction(number)
    hundredths = (abs(exact) * 100).limit_denominator(10**12) if exact.denominator > 10**12 else abs(exact) * 100
    whole = int(hundredths + Fraction(1, 2))
    return (Decimal(whole) / 100 * (-1 if exact < 0 else 1)).quantize(Decimal("0.01"), ROUND_HALF_UP)
