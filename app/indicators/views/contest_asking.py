"""Which round a contest page is about, and which towns of it the reader may see.

Before publication a reader sees the towns of his scope, and of the others the mean and the percentiles only; ranks only who sees the whole city.
A published round is open to every official of the city. Reviewers are blind to all values until then: a mean would tell them each other's grades.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request

from app.indicators.models.contest import ContestRound
from app.indicators.queries import contest as queries
from app.indicators.queries.contest import Sheet
from app.indicators.rules.scheme import Method
from app.indicators.rules.scoring import Outcome, TownScore
from app.infra.web.access import current_scope, has
from app.kernel.errors import Invalid, NotFound
from app.kernel.permission import Permission
from app.kernel.scope import Scope
from app.ladder.queries import Place, current_pack, towns_in_scope
from app.packs import Pack

KINDS = {"subdistrict": "街道", "town": "镇", "township": "乡"}


@dataclass(frozen=True, eq=False)
class Contest:
    """A round as one reader sees it."""

    pack: Pack
    round: ContestRound
    sheet: Sheet
    outcome: Outcome
    mine: frozenset[int]

    @property
    def whole(self) -> bool:
        """He may read every town and the ranks."""
        return self.round.published or len(self.mine) == len(self.sheet.places)

    def sees(self, place: Place) -> bool:
        return self.whole or place.town_id in self.mine

    @cached_property
    def scores(self) -> dict[str, TownScore]:
        return {town.code: town for town in self.outcome.towns}

    @cached_property
    def towns(self) -> list[tuple[Place, TownScore]]:
        """Those he sees, by rank."""
        places = self.sheet.by_code
        return [(places[town.code], town) for town in self.outcome.towns if self.sees(places[town.code])]

    @property
    def units(self) -> list[tuple[str, str]]:
        return sorted({place.unit_code: place.unit_name for place, _ in self.towns if place.unit_code}.items())

    def chosen(self, unit: str, kind: str) -> list[tuple[Place, TownScore]]:
        """Of one county or zone, of one kind of town."""
        return [pair for pair in self.towns if unit in ("", pair[0].unit_code) and kind in ("", pair[0].kind)]

    def town(self, code: str) -> tuple[Place, TownScore]:
        """Raises ``NotFound`` for a town he does not see."""
        place = self.sheet.by_code.get(code)
        if place is None or not self.sees(place):
            raise NotFound("没有找到这个参评镇街，可能不在您的管辖范围内。请从排名表重新进入。")
        return place, self.scores[code]


def contest(year: int, scope: Scope | None = None) -> Contest:
    """The round of that year, scored by the method of the address. Raises ``NotFound`` without a round or without any town of one's own."""
    pack = current_pack()
    found = queries.get_round(pack, year)
    sheet = queries.sheet(pack, found)
    scope = current_scope() if scope is None else scope
    blind = has(Permission.CONTEST_GRADE) and not has(Permission.CONTEST_RUN) and not found.published
    mine = frozenset() if blind else frozenset(place.town_id for place in towns_in_scope(scope, sheet.places))
    if not mine and not _of_city(scope, found.city_id):
        raise NotFound("没有找到这一轮评选，可能不在您的管辖范围内。")
    return Contest(pack, found, sheet, sheet.score(method_argument(sheet)), mine)


def _of_city(scope: Scope, city_id: int) -> bool:
    return scope.everything or city_id in scope.city_ids


def method_argument(sheet: Sheet) -> Method:
    """The method asked for, the scheme's own without one. Raises ``Invalid`` for one that is none or lacks its targets."""
    text = request.values.get("method", "").strip()
    if not text:
        return sheet.scheme.method
    if text not in {method.value for method in Method}:
        raise Invalid("method", "没有这种计分方法，请从列表中选择。", "method")
    return sheet.scheme.checked(Method(text))


def ranks_among(rows: Sequence[tuple[Place, TownScore]]) -> dict[str, int]:
    """Ranks inside a part of the city: 1, 2, 2, 4."""
    ranked = [town for _, town in rows if town.rank is not None]
    return {town.code: 1 + sum((other.rank or 0) < (town.rank or 0) for other in ranked) for town in ranked}


def spread_rows(made: Outcome) -> list[tuple[str, dict[str, Any]]]:
    """Mean, quarter, median and three quarters of the scores of every item, over the towns that have one."""
    columns = {item.key: sorted(cell.score / cell.over for town in made.towns if (cell := town.cells[item.key]).raw is not None) for item in made.scheme.items}
    return [
        ("全市平均", {key: sum(values) / len(values) if values else None for key, values in columns.items()}),
        *((label, {key: _percentile(values, at) for key, values in columns.items()}) for label, at in (("下四分位", 25), ("中位数", 50), ("上四分位", 75))),
    ]


def _percentile(ordered: Sequence[float], at: int) -> float | None:
    if not ordered:
        return None
    low, rest = divmod((len(ordered) - 1) * at, 100)
    return ordered[low] if not rest else ordered[low] + (ordered[low + 1] - ordered[low]) * rest / 100
