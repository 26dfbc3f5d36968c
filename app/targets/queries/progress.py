"""Every target of a city on a day: what is promised, what is known, and where that stands against the calendar."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from app.kernel.errors import NotFound
from app.ladder.rules import CountKind
from app.packs import Pack
from app.packs.schema.plans import Metric, Target
from app.policies.queries import CityPack
from app.targets.models import TargetValue
from app.targets.queries.counts import Ask, counts
from app.targets.queries.values import values_until
from app.targets.rules.periods import Period, period_of, years_of
from app.targets.rules.progress import Fact, Goal, Progress, progress

KINDS = {"stock": CountKind.STOCK, "cumulative": CountKind.CUMULATIVE, "new_in_period": CountKind.NEW}
"""Bases that the register of recognitions can answer."""
PER_YEAR = "per_year"
NEAR_SETTING = "target_near_pct"


@dataclass(frozen=True)
class Year:
    """One year of a per-year target; ``reached`` None: nothing was entered for it."""

    year: int
    value: Decimal | None
    reached: bool | None


@dataclass(frozen=True)
class Line:
    """One target on one day. ``ask``: how the register counted it (None: entered, or nobody knows); ``entered``: the value it stands on."""

    target: Target
    metric: Metric | None
    unit: str
    document: str
    period: Period
    goal: Goal
    fact: Fact
    progress: Progress
    ask: Ask | None = None
    entered: TargetValue | None = None
    years: Sequence[Year] = ()
    by_kind: Mapping[CountKind, Ask] = field(default_factory=dict)

    @property
    def counted(self) -> bool:
        return self.ask is not None


def lines(city: CityPack, day: date, known_on: date | None = None, codes: Collection[str] | None = None) -> list[Line]:
    """In the order of the pack, all or those named. Two statements whatever the number of targets."""
    pack = city.pack
    if pack is None:
        return []
    metrics = {metric.code: metric for metric in cast("tuple[Metric, ...]", pack.entries("metrics", disabled=True))}
    known = cast("tuple[Target, ...]", pack.entries("targets"))
    targets = [target for target in known if target.effective_from <= day and (codes is None or target.code in codes)]
    asked = {target.code: _asks(target, metrics.get(target.metric), day) for target in targets}
    found = counts(city.id, [ask for pair in asked.values() for ask in pair], known_on)
    entered = values_until(city.id, day, known_on)
    near = Decimal(str(pack.setting(NEAR_SETTING)))
    return [_line(pack, target, metrics.get(target.metric), asked[target.code], found, entered.get(target.metric, []), day, near) for target in targets]


def find_line(city: CityPack, code: str, day: date, known_on: date | None = None) -> Line:
    """One target. Raises ``NotFound``."""
    for line in lines(city, day, known_on, {code}):
        return line
    raise NotFound("本市的政策包里没有这项目标，请从目标监测重新进入。")


def _period(target: Target) -> Period:
    return period_of(target.period_from, target.period_to, target.deadline, target.effective_from)


def _asks(target: Target, metric: Metric | None, day: date) -> list[Ask]:
    """The count of the day and, where the line to the goal begins with what was there already, that of the day before the period."""
    if metric is None or not metric.titles or target.basis not in KINDS:
        return []
    period, kind = _period(target), KINDS[target.basis]
    if kind is CountKind.NEW:
        return [Ask(metric.titles, kind, day, window(period, day))]
    return [Ask(metric.titles, kind, day), Ask(metric.titles, kind, period.begins - timedelta(days=1))]


def window(period: Period, day: date) -> tuple[int, int]:
    """The years of a count of new ones: fixed once the period has ended, so that what is recorded late still enters."""
    return period.begins.year, (period.ends or day).year


def _line(
    pack: Pack, target: Target, metric: Metric | None, asks: Sequence[Ask], found: Mapping[Ask, int], entered: Sequence[TargetValue], day: date,
    near: Decimal,
) -> Line:
    period = _period(target)
    goal = Goal(
        target.comparison, target.basis, target.value, target.value_max, target.state, metric.states if metric else (), period.begins, period.ends,
    )
    row = entered[-1] if entered and not asks else None
    years: list[Year] = []
    if asks:
        fact = Fact(Decimal(found[asks[0]]), before=Decimal(found[asks[1]]) if len(asks) > 1 else Decimal(0))
    elif target.basis == PER_YEAR:
        years = _years(goal, period, entered, day)
        row = next((one for one in reversed(entered) if one.on_day.year == day.year), None)
        fact = _entered(row)
    else:
        fact = _entered(row)
    unit = next((one.label for one in pack.entries("units", disabled=True) if one.code == target.unit), target.unit)
    kinds = {} if not asks else {
        kind: Ask(asks[0].titles, kind, day, window(period, day) if kind is CountKind.NEW else None) for kind in CountKind
    }
    return Line(
        target, metric, unit, pack.document(target.document).label, period, goal, fact, progress(goal, fact, day, near_pct=near),
        asks[0] if asks else None, row, years, kinds,
    )


def _entered(row: TargetValue | None) -> Fact:
    return Fact(entered=True) if row is None else Fact(row.value, row.state, entered=True)


def _years(goal: Goal, period: Period, entered: Sequence[TargetValue], day: date) -> list[Year]:
    """Each year alone; the newest value of the year counts."""
    newest = {row.on_day.year: row for row in entered}
    answer = []
    for year in years_of(period, day):
        row = newest.get(year)
        done = None if row is None else progress(goal, _entered(row), day, near_pct=Decimal(100)).reached
        answer.append(Year(year, None if row is None else row.value, done))
    return answer
