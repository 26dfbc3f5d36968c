"""What a ladder page is asked for: day, knowledge, place, industry, count. The address holds everything, so that every number can be shared."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from app.enterprises.rules import industry
from app.infra import clock
from app.infra.web import asof
from app.infra.web.access import has
from app.kernel.level import Level
from app.kernel.permission import Permission
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.queries import Filters, Place, current_pack, places, towns_in_scope
from app.ladder.rules import CountKind
from app.packs import Pack
from app.packs.schema import Title
from app.policies.queries import CityPack, pack_or_none
from app.policies.views.choice import choice


@dataclass(frozen=True)
class Asked:
    """A question about the ladder. ``default`` = today as known now: what stored counts answer."""

    day: date
    known_on: date | None
    kind: CountKind
    year: int
    unit: str
    town: str
    section: str
    towns: dict[int, Place]
    filters: Filters

    @property
    def default(self) -> bool:
        return self.day == clock.today() and self.known_on is None and not self.section

    @property
    def window(self) -> tuple[int, int]:
        return (self.year, self.year)

    @property
    def units(self) -> list[tuple[str, str]]:
        """(code, name) of the units in reach."""
        found = {place.unit_code: place.unit_name for place in self.towns.values() if place.unit_code}
        return sorted(found.items())

    @property
    def chosen(self) -> list[Place]:
        """Towns left by the place filters."""
        return [p for p in self.towns.values() if self.filters.town_ids is None or p.town_id in self.filters.town_ids]

    @property
    def query(self) -> dict[str, Any]:
        """Arguments that links inside the page carry on."""
        said = {"as_of": self.day if self.day != clock.today() else None, "known_on": self.known_on, "industry": self.section or None}
        return {key: str(value) for key, value in said.items() if value is not None}

    @property
    def carried(self) -> dict[str, Any]:
        """The same with the place: for pages that show the same place at the same time in another way."""
        return self.query | {key: value for key, value in (("unit", self.unit), ("town", self.town)) if value}

    @property
    def basis(self) -> str:
        """口径 of what is shown."""
        window = f"统计年度（批次年度）：{self.year} 年。" if self.kind is CountKind.NEW else ""
        known = f"按 {self.known_on:%Y-%m-%d} 结束时系统内已登记的数据。" if self.known_on else ""
        return f"{self.kind.basis_zh}{window}{known}企业归属按截止日所在镇街及其管理单位计算。"


def asked(scope: Scope) -> Asked:
    """Read the question of this request. Raises ``Invalid`` for a date that is none."""
    when = asof.as_of()
    return asked_on(scope, when.day or clock.today(), when.known_on)


def asked_on(scope: Scope, day: date, known_on: date | None) -> Asked:
    """The same question (place, industry, count) on another day or as known on another: places are those of that day."""
    reach = {place.town_id: place for place in towns_in_scope(scope, places(day, known_on).values())}
    unit, town, section = (request.args.get(name, "")[:20] for name in ("unit", "town", "industry"))
    kind = request.args.get("count", "")
    year = request.args.get("year", "")
    return Asked(
        day, known_on, CountKind(kind) if kind in set(CountKind) else CountKind.STOCK,
        int(year) if year.isascii() and year.isdigit() and len(year) == 4 else day.year,
        unit, town, section, reach, Filters(_chosen(reach.values(), unit, town), _divisions(section)),
    )


def _chosen(reach: Collection[Place], unit: str, town: str) -> frozenset[int] | None:
    if town:
        return frozenset(p.town_id for p in reach if p.code == town)
    return frozenset(p.town_id for p in reach if p.unit_code == unit) if unit else None


def _divisions(section: str) -> tuple[str, ...]:
    """Divisions of a section of GB/T 4754-2017 (C = 制造业); an unknown letter narrows nothing."""
    return tuple(division.code for division in industry.divisions().values() if division.section == section)


def industries() -> list[tuple[str, str]]:
    """(letter, name) of the sections, for the filter."""
    return list(industry.sections().items())


class TitleWords:
    """Titles by code through the packs of several cities: a code means one title everywhere, the first pack that knows it says its name."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = packs

    def find_title(self, code: str) -> Title | None:
        return next((title for pack in self.packs if (title := pack.find_title(code)) is not None), None)

    def title_label(self, code: str) -> str:
        title = self.find_title(code)
        return code if title is None else title.label

    def titles(self) -> list[Title]:
        """Titles of the first city in its order, then what the others add."""
        return [{title.code: title for pack in reversed(self.packs) for title in pack.titles()}[code] for code in self._codes()]

    def _codes(self) -> list[str]:
        return list(dict.fromkeys(title.code for pack in self.packs for title in pack.titles()))


def packs_shown() -> list[CityPack]:
    """The cities this page speaks of that have a pack, the installation's own first."""
    shown = [CityPack(city.id, city.code, city.name, pack_or_none(city.code)) for city in choice().shown]
    return [city for city in shown if city.pack is not None]


def title_words() -> TitleWords:
    """Names of titles for a page that may speak of several cities."""
    return TitleWords([city.pack for city in packs_shown() if city.pack is not None] or [current_pack()])


def title_zh(pack: Pack | TitleWords, row: Recognition) -> str:
    """瞪羚企业（市级）: the level is said where the title alone does not say it."""
    title = pack.find_title(row.title_code)
    said = row.level in set(Level) and (title is None or len(title.levels) != 1)
    return pack.title_label(row.title_code) + (f"（{Level(row.level).label}）" if said else "")


def may_list() -> bool:
    """Whether counts become links for this person: lists of names need the permission to see firms."""
    return has(Permission.ENTERPRISE_VIEW) and has(Permission.LADDER_VIEW)
