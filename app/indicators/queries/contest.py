"""A round of the contest: which value of each item counts for each town and who said so, and the score made of them.

Precedence: department > system > town > approved substitute. The system's own values are the stock counts of 31 December of the data year;
number 21 is the published rate, else computed from two years of number 20.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import select

from app.areas.models import Area, Organisation
from app.indicators.models.contest import DEPARTMENT, SUBSTITUTE, TOWN, VALUE_SOURCES, ContestRound, ContestStep, ContestValue
from app.indicators.queries import ColumnKind, Table, city_table
from app.indicators.queries.marks import grades
from app.indicators.queries.vetoes import vetoes
from app.indicators.rules.references import Reference
from app.indicators.rules.scheme import ItemKind, Method, Scheme
from app.indicators.rules.scoring import Outcome, TownFacts, Veto, improvement, panel, score
from app.indicators.rules.vetoes import worst
from app.infra.db import db
from app.kernel.errors import NotFound
from app.ladder.queries import Place
from app.packs import Pack

SYSTEM, COMPUTED, PANEL = "system", "computed", "panel"
SOURCE_LABELS = VALUE_SOURCES | {PANEL: "评审员评定", SYSTEM: "系统台账", COMPUTED: "由两年 PM2.5 计算"}
VETO_ITEM, PM25, IMPROVEMENT = "26", "20", "21"
VETO_STATES = {0: Veto.CLEAR, 1: Veto.POSITIVE, 2: Veto.PENDING}


class Given(NamedTuple):
    """One value with where it is from. ``value`` is None for growth that does not apply and for a panel without enough marks."""

    value: Fraction | None
    source: str
    applies: bool = True
    marks: str | None = None
    office: str | None = None
    reporter: str | None = None
    reported_on: date | None = None
    note: str | None = None
    recorded_at: datetime | None = None
    recorded_name: str | None = None

    @property
    def label(self) -> str:
        return SOURCE_LABELS[self.source]


@dataclass(frozen=True)
class Sheet:
    """All values of a round. ``given``: (town id, item) -> values in order of precedence, the first one counts."""

    year: int
    scheme: Scheme
    places: Sequence[Place]
    given: Mapping[tuple[int, str], Sequence[Given]]
    frozen: Mapping[str, Reference] | None = None
    extra_vetoes: Mapping[int, Veto] = field(default_factory=dict)

    @cached_property
    def facts(self) -> list[TownFacts]:
        return [self._facts(place) for place in self.places]

    @cached_property
    def by_code(self) -> dict[str, Place]:
        return {place.code: place for place in self.places}

    def counting(self, town_id: int, item: str) -> Given | None:
        """The value that counts."""
        found = self.given.get((town_id, item))
        return found[0] if found else None

    def _facts(self, place: Place) -> TownFacts:
        values, spare, away = {}, {}, set()
        for item in self.scheme.items:
            one = self.counting(place.town_id, item.key)
            if one is None:
                continue
            if not one.applies:
                away.add(item.key)
            elif one.value is not None:
                (spare if one.source == SUBSTITUTE else values)[item.key] = one.value
        return TownFacts(place.code, values, spare, frozenset(away), self._veto(place.town_id))

    def _veto(self, town_id: int) -> Veto:
        said = self.counting(town_id, VETO_ITEM)
        found = {VETO_STATES[int(said.value)] if said is not None and said.value is not None else Veto.CLEAR, self.extra_vetoes.get(town_id, Veto.CLEAR)}
        return worst(found)

    def score(self, method: Method | None = None) -> Outcome:
        """Scored by the round's scheme, or by another method over the same values."""
        return score(self.scheme, self.facts, method, self.frozen)


def find_round(pack: Pack, year: int) -> ContestRound | None:
    """The round of the pack's city."""
    query = select(ContestRound).join(Area, Area.id == ContestRound.city_id).where(Area.code == pack.area_code, ContestRound.year == year)
    return db.session.scalars(query).first()


def get_round(pack: Pack, year: int) -> ContestRound:
    """Raises ``NotFound`` in words."""
    found = find_round(pack, year)
    if found is None:
        raise NotFound(f"{year} 年度的强镇评选还没有启动，请由市局先启动本轮，或核对年度。", "round_unknown")
    return found


def list_rounds(pack: Pack) -> Sequence[ContestRound]:
    """Latest first."""
    query = select(ContestRound).join(Area, Area.id == ContestRound.city_id).where(Area.code == pack.area_code)
    return db.session.scalars(query.order_by(ContestRound.year.desc())).all()


def steps_of(round_id: int) -> Sequence[ContestStep]:
    return db.session.scalars(select(ContestStep).where(ContestStep.round_id == round_id).order_by(ContestStep.id)).all()


def sheet(pack: Pack, found: ContestRound) -> Sheet:
    """Everything a score needs: a handful of statements, column rows."""
    scheme = Scheme.from_plain(found.scheme)
    table = city_table(pack, found.year)
    places = [row.place for row in table.ranked]
    given = _standing(scheme, found.id)
    _add_system(table, given)
    _add_marks(scheme, found.id, given)
    before = find_round(pack, found.year - 1)
    _add_improvement(places, given, _standing(scheme, before.id, PM25) if before is not None else {})
    ordered = {key: sorted(rows, key=lambda one: ORDER[one.source]) for key, rows in given.items()}
    frozen = None if found.frozen is None else {key: Reference.from_plain(said) for key, said in found.frozen.items()}
    return Sheet(found.year, scheme, places, ordered, frozen, vetoes(pack, found))


ORDER = {PANEL: -1, DEPARTMENT: 0, COMPUTED: 1, SYSTEM: 2, TOWN: 3, SUBSTITUTE: 4}


def _standing(scheme: Scheme, round_id: int, item: str | None = None) -> dict[tuple[int, str], list[Given]]:
    v = ContestValue
    query = select(
        v.town_id, v.item, v.value, v.source, v.applies, v.marks, v.office, v.reporter, v.reported_on, v.note, v.recorded_at, v.recorded_name,
    ).where(v.round_id == round_id, v.superseded_at.is_(None))
    found: dict[tuple[int, str], list[Given]] = {}
    for town_id, key, value, source, applies, marks, *rest in db.session.execute(query if item is None else query.where(v.item == item)):
        found.setdefault((town_id, key), []).append(Given(exact(scheme, value, marks), source, applies, marks, *rest))
    return found


def exact(scheme: Scheme, value: Decimal | None, marks: str | None) -> Fraction | None:
    """The number of a stored value: its own, or the mean of its marks."""
    if marks:
        return panel(scheme, marks)
    return None if value is None else Fraction(value)


def _add_system(table: Table, given: dict[tuple[int, str], list[Given]]) -> None:
    computed = [column.key for column in table.columns if column.kind is ColumnKind.COMPUTED]
    for row in table.ranked:
        for key in computed:
            given.setdefault((row.place.town_id, key), []).append(Given(Fraction(row.values[key]), SYSTEM))


def _add_marks(scheme: Scheme, round_id: int, given: dict[tuple[int, str], list[Given]]) -> None:
    """Enough reviewers come before a file's mark; too few are shown only where nobody else said anything."""
    for key, marks in grades(round_id).items():
        mean = panel(scheme, marks)
        if mean is not None or key not in given:
            given.setdefault(key, []).append(Given(mean, PANEL, marks=marks))


def _add_improvement(
    places: Sequence[Place], given: dict[tuple[int, str], list[Given]], before: Mapping[tuple[int, str], Sequence[Given]],
) -> None:
    def measured(rows: Mapping[tuple[int, str], Sequence[Given]], town_id: int) -> Fraction | None:
        known = sorted(rows.get((town_id, PM25), ()), key=lambda one: ORDER[one.source])
        return known[0].value if known and known[0].source != SUBSTITUTE else None

    for place in places:
        rate = improvement(measured(before, place.town_id), measured(given, place.town_id))
        if rate is not None:
            given.setdefault((place.town_id, IMPROVEMENT), []).append(Given(rate, COMPUTED))


def history(round_id: int, town_id: int, item: str) -> Sequence[ContestValue]:
    """Every version of every source, latest first."""
    query = select(ContestValue).where(ContestValue.round_id == round_id, ContestValue.town_id == town_id, ContestValue.item == item)
    return db.session.scalars(query.order_by(ContestValue.id.desc())).all()


def is_graded(scheme: Scheme, item: str) -> bool:
    found = scheme.by_key.get(item)
    return found is not None and found.kind is ItemKind.GRADED


def owns(organisation_id: int | None, owner: str) -> bool:
    """Whether the department is one of those the annex's row names (市统计局、市税务局；市统计局（人口）)."""
    name = db.session.scalar(select(Organisation.name).where(Organisation.id == organisation_id)) if organisation_id else None
    return name is not None and name in {part.split("（")[0].strip() for part in re.split("[、；]", owner)}
