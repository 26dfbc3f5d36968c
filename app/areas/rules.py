"""Reading the names of towns as people type them into spreadsheets. Pure: an index over the areas of one or more cities."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.kernel.text import squeeze

TOWN_SUFFIXES = ("街道办事处", "街道办", "办事处", "街办", "街道", "镇", "乡", "办")
"""Longest first. Offices are written for the unit they serve."""
_OFFICES = ("街道办事处", "街道办", "办事处", "街办", "办")
_GOVERNMENT = ("人民政府", "政府", "党工委", "党委")
_SEPARATORS = re.compile(r"[-‐‑–—―/\\·•・、,，.。>＞→()（）\[\]【】〔〕:：;；_|｜'’\"“”]+")
_ZONE_WORDS = {
    "经济": ("经开区", "开发区", "经济开发区", "经济技术开发区", "经开", "经技开发区"),
    "高新": ("高新区", "高新技术开发区", "高新技术产业开发区", "高新开发区", "高新"),
    "度假": ("度假区", "旅游度假区", "江北水城度假区", "江北水城旅游度假区"),
    "保税": ("保税区", "综保区"),
}
"""What a development zone is called for short, by a word its full name contains."""


@dataclass(frozen=True)
class Unit:
    """A county or development zone."""

    id: int
    code: str
    name: str
    kind: str
    city_id: int
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Town:
    """A town as the index knows it; ``county_id`` statistical, ``unit_id`` the managing county or zone today (None: none recorded)."""

    id: int
    code: str
    name: str
    kind: str
    city_id: int
    county_id: int
    county_name: str
    unit_id: int | None
    unit_name: str | None
    aliases: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """东昌府区柳园街道; a 区直 pseudo-town already names its zone."""
        return self.name if self.kind == "direct" else f"{self.county_name}{self.name}"


@dataclass(frozen=True)
class City:
    id: int
    code: str
    name: str
    province: str


@dataclass(frozen=True)
class Resolution:
    """``status``: unique, ambiguous or none. ``exact`` False: found although another kind of suffix was typed (许营乡 for 许营镇).

    ``reason`` when not unique: blank, unknown, ambiguous, county_unknown, county_mismatch, county_only.
    """

    status: str
    town: Town | None = None
    candidates: tuple[Town, ...] = ()
    reason: str = ""
    exact: bool = True

    @property
    def message_zh(self) -> str:
        """Why there is no single town and what to do, in Chinese; empty when unique."""
        names = "、".join(t.label for t in self.candidates[:6]) + ("等" if len(self.candidates) > 6 else "")
        return {
            "blank": "没有填写所属镇街。",
            "unknown": "没有找到这个镇街，请按区划全称填写，写成“××区××街道”。",
            "ambiguous": f"有多个同名镇街：{names}。请在前面加上县（市、区）名称。",
            "county_unknown": "没有找到所填的县（市、区）或开发区，请核对名称。",
            "county_mismatch": f"所填县（市、区）没有这个镇街；同名镇街有：{names}。请核对。",
            "county_only": f"只写了县（市、区）或开发区，请写明镇街，如：{names}。",
        }.get(self.reason, "")


@dataclass
class _Keys:
    full: dict[str, list[Town]] = field(default_factory=lambda: defaultdict(list))
    base: dict[str, list[Town]] = field(default_factory=lambda: defaultdict(list))


def comparable(text: str) -> str:
    """Squeezed, without separators and the words for its government."""
    plain = _SEPARATORS.sub("", squeeze(text))
    for word in _GOVERNMENT:
        plain = plain.removesuffix(word)
    return plain


def base_name(name: str) -> str:
    """The name without its kind: 柳园街道 -> 柳园, 梁水镇镇 -> 梁水镇. One character is never left over (贾镇 stays)."""
    for suffix in TOWN_SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


class TownIndex:
    """Finds the one town a text means. Answers are remembered: 100,000 rows name some hundred towns."""

    def __init__(self, cities: Iterable[City], units: Iterable[Unit], towns: Iterable[Town]) -> None:
        self.towns = tuple(towns)
        self._by_id = {t.id: t for t in self.towns}
        self._codes = {t.code.casefold(): t for t in self.towns}
        self._keys = _Keys()
        for town in self.towns:
            self._add(town)
        self._cities = tuple(cities)
        self._units = self._unit_names(tuple(units))
        self._prefixes = tuple(sorted(self._city_names(), key=len, reverse=True))
        self._unit_words = tuple(sorted(self._units, key=len, reverse=True))
        self._known: dict[tuple[str, str], Resolution] = {}

    def _add(self, town: Town) -> None:
        for name in (town.name, *town.aliases):
            full = comparable(name)
            base = base_name(full)
            offices = [base + suffix for suffix in _OFFICES] if full.endswith("街道") else []
            for key in (full, *offices):
                _put(self._keys.full, key, town)
            _put(self._keys.base, base, town)
            if full.endswith("镇"):  # 梁水镇 + 镇: official lists and notices write both 梁水镇镇 and 梁水镇
                _put(self._keys.full, full + "镇", town)
            if full.endswith("镇镇"):
                _put(self._keys.full, full[:-1], town)
                _put(self._keys.base, base_name(base), town)

    def _city_names(self) -> set[str]:
        names: set[str] = set()
        for city in self._cities:
            for name in (city.name, city.province):
                names |= {name, name.removesuffix("市").removesuffix("省")}
            names.add(city.province + city.name)
        return {n for n in names if len(n) >= 2}

    def _unit_names(self, units: tuple[Unit, ...]) -> dict[str, set[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        for unit in units:
            for name in (unit.name, *unit.aliases):
                full = comparable(name)
                found[full].add(unit.id)
                for city in self._cities:
                    found[full.removeprefix(city.name.removesuffix("市"))].add(unit.id)
                short = full[:-1] if unit.kind == "county" and full[-1] in "县市区" else full
                if len(short) >= 2:
                    found[short].add(unit.id)
            if unit.kind == "zone":
                for word, shorts in _ZONE_WORDS.items():
                    if word in unit.name:
                        for short in shorts:
                            found[short].add(unit.id)
            found[unit.code.casefold()].add(unit.id)
        return dict(found)

    def town(self, town_id: int) -> Town | None:
        return self._by_id.get(town_id)

    def unit_ids(self, text: str) -> frozenset[int]:
        """Counties or zones a text names; empty when none."""
        plain = self._without_city(comparable(text))
        return frozenset(self._units.get(plain, ()))

    def resolve(self, text: str, county_text: str | None = None) -> Resolution:
        """The town meant by ``text`` (name, name with county, alias or code), narrowed by the county column of the same row."""
        key = (text, county_text or "")
        if key not in self._known:
            if len(self._known) > 50_000:
                self._known.clear()
            self._known[key] = self._resolve(*key)
        return self._known[key]

    def _resolve(self, text: str, county_text: str) -> Resolution:
        plain = comparable(text)
        if not plain:
            return Resolution("none", reason="blank")
        by_code = self._codes.get(plain) or self._codes.get(plain[:9] if len(plain) == 12 and plain.isdecimal() else "")  # 12 digits: of a village
        if by_code:
            return Resolution("unique", by_code)
        allowed, problem = self._county(county_text)
        if problem:
            return Resolution("none", reason=problem)
        found = self._direct(plain, allowed) or self._match(plain, allowed)
        if found.status == "none" and found.reason == "unknown":
            return self._with_prefix(plain, allowed) or found
        return found

    def _county(self, county_text: str) -> tuple[frozenset[int] | None, str]:
        """Allowed units (None = any) from the county column."""
        plain = comparable(county_text)
        rest = self._without_city(plain)
        if not plain or not rest:
            return None, ""
        units = self._units.get(rest)
        return (frozenset(units), "") if units else (None, "county_unknown")

    def _match(self, plain: str, allowed: frozenset[int] | None) -> Resolution:
        """By full name, else by the name without its kind."""
        everywhere: list[Town] = []
        for keys, key, exact in ((self._keys.full, plain, True), (self._keys.base, plain, True), (self._keys.base, base_name(plain), False)):
            found = keys.get(key, [])
            inside = [t for t in found if allowed is None or t.county_id in allowed or t.unit_id in allowed]
            if len(inside) == 1:
                return Resolution("unique", inside[0], exact=exact)
            if inside:
                return Resolution("ambiguous", candidates=tuple(inside), reason="ambiguous")
            everywhere = everywhere or found
        if everywhere:
            return Resolution("none", candidates=tuple(everywhere), reason="county_mismatch")
        return Resolution("none", reason="unknown")

    def _direct(self, plain: str, allowed: frozenset[int] | None) -> Resolution | None:
        """区直 of a zone: 经开区区直, 经开区（区直）, or 区直 beside the zone in the county column."""
        if not plain.endswith(("区直", "区直属", "市直")):
            return None
        head = self._without_city(re.sub("(区直属|区直|市直)$", "", plain))
        units = self._units.get(head) or self._units.get(head + "区") or (allowed if not head else None)
        towns = [t for t in self.towns if t.kind == "direct" and units and t.county_id in units]
        if len(towns) == 1 and (allowed is None or towns[0].county_id in allowed):
            return Resolution("unique", towns[0])
        return Resolution("ambiguous", candidates=tuple(towns), reason="ambiguous") if len(towns) > 1 else None

    def _with_prefix(self, plain: str, allowed: frozenset[int] | None) -> Resolution | None:
        """Province, city and county written before (or in brackets behind) the town's name."""
        rest = self._without_city(plain)
        if rest in self._units:
            units = self._units[rest]
            towns = tuple(t for t in self.towns if t.county_id in units or t.unit_id in units)
            return Resolution("ambiguous", candidates=towns, reason="county_only")
        answers = [Resolution("none", reason="unknown")]
        if rest != plain:
            answers.append(self._match(rest, allowed))
        for word in self._unit_words:
            for name in (rest.removeprefix(word), rest.removesuffix(word)):
                if name and name != rest:
                    meant = frozenset(self._units[word])
                    inside = meant if allowed is None else self._narrow(meant, allowed)
                    answers.append(self._direct(name, inside) or self._match(name, inside))
        return max(answers, key=lambda a: (a.status == "unique", a.exact, a.status == "ambiguous", a.reason == "county_mismatch"))

    def _narrow(self, units: frozenset[int], allowed: frozenset[int]) -> frozenset[int]:
        """Both the county in the text and the county column: a town's statistical county and its zone may both be named."""
        if units & allowed:
            return units & allowed
        both = {t.id for t in self.towns if {t.county_id, t.unit_id} & units and {t.county_id, t.unit_id} & allowed}
        return units if both else frozenset()

    def _without_city(self, plain: str) -> str:
        for _ in range(2):
            for prefix in self._prefixes:
                if plain.startswith(prefix) and plain not in self._units:
                    plain = plain[len(prefix):]
                    break
        return plain


def _put(keys: dict[str, list[Town]], key: str, town: Town) -> None:
    if len(key) >= 2 and town not in keys[key]:
        keys[key].append(town)
