"""Reads facts for the rules: stated values first, else derived ones; remembers what it worked out.

Last year is the year of the day of the question less one; an older year never stands in for it. A ratio or growth without a positive
denominator is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from app.enterprises.rules import size_class
from app.ladder.criteria.facts import HUMAN, Compound, Facts, Key, Number
from app.packs import vocabulary
from app.packs.vocabulary import Derivation, FactField

YUAN_PER_WAN = 10_000


class Look:
    """One reading of one enterprise under one version. Not shared between threads. ``seen``: an earlier reading of the same facts, whose derived
    values are taken over."""

    __slots__ = ("_cache", "_lacking", "application", "declared", "facts", "judgements", "near", "parameters", "scores", "year")

    def __init__(
        self, facts: Facts, *, application: str = "new", parameters: Mapping[str, Any] | None = None,
        judgements: Mapping[str, Any] | None = None, near_pct: int = 20, declared: Mapping[str, FactField] | None = None, seen: Look | None = None,
    ) -> None:
        self.facts, self.year, self.application = facts, facts.year, application
        self.parameters, self.judgements = parameters or {}, judgements or {}
        self.near, self.declared = near_pct, declared or {}
        self.scores: dict[str, Any] = {}
        self._cache: dict[Key, Any] = dict(facts.values) if seen is None else seen._cache
        self._lacking: dict[Key, tuple[Key, ...]] = {} if seen is None else seen._lacking

    def field(self, code: str) -> FactField:
        """The fact's description; the linter has made sure that it exists."""
        found = vocabulary.BY_CODE.get(code) or vocabulary.find(code, dict(self.declared))
        if found is None:
            raise KeyError(code)
        return found

    def value(self, code: str, year: int | None = None) -> Any:
        """A number, True/False, choice, text, `Compound`, HUMAN, or None when unknown."""
        key = (code, year)
        try:
            return self._cache[key]
        except KeyError:
            field = vocabulary.BY_CODE.get(code)
            derivation = None if field is None else field.derivation
            found = None if derivation is None else _HOW[derivation.how](self, derivation, year)
            self._cache[key] = found
            return found

    def ends(self, code: str, year: int | None) -> tuple[Number | None, Number | None]:
        """Lowest and highest the value can be; None = no limit known."""
        known = self.value(code, year)
        if isinstance(known, (int, Fraction)):
            return known, known
        field = self.field(code)
        high = self.value(field.below, year) if field.below else None
        return (0 if field.floor_zero else None), high if isinstance(high, (int, Fraction)) else None

    def missing(self, code: str, year: int | None) -> tuple[Key, ...]:
        """The stated facts that would settle an unknown value."""
        if self.value(code, year) is not None:
            return ()
        known = self._lacking.get((code, year))
        if known is None:
            known = self._lacking[code, year] = self._sources(code, year)
        return known

    def _sources(self, code: str, year: int | None) -> tuple[Key, ...]:
        field = vocabulary.BY_CODE.get(code)
        derivation = None if field is None else field.derivation
        if derivation is None or not derivation.of:
            return ((code, year),)
        years = _YEARS.get(derivation.how, _same_year)(derivation)
        found: dict[Key, None] = {}
        for part in _size_parts(self) if derivation.how == "size_class" else derivation.of:
            for back in years:
                at = None if self.field(part).period == "state" else (self.year - 1 if year is None else year) - back
                found.update(dict.fromkeys(self.missing(part, at)))
        return tuple(found) or ((code, year),)


def _number(value: Any) -> Number | None:
    return value if isinstance(value, (int, Fraction)) and not isinstance(value, bool) else None


def _ratio(look: Look, how: Derivation, year: int | None) -> Number | None:
    part, whole = _number(look.value(how.of[0], year)), _number(look.value(how.of[1], year))
    if part is None or whole is None or whole <= 0:
        return None
    if type(part) is int and type(whole) is int:
        return Fraction(part * 100, whole)
    return Fraction(part) * 100 / Fraction(whole)


def _rate(end: Number | None, base: Number | None) -> Number | None:
    return None if end is None or base is None or base <= 0 else (Fraction(end) / Fraction(base) - 1) * 100


def _growth(look: Look, how: Derivation, year: int | None) -> Number | None:
    assert year is not None
    return _rate(_number(look.value(how.of[0], year)), _number(look.value(how.of[0], year - 1)))


def _mean_growth(look: Look, how: Derivation, year: int | None) -> Number | None:
    assert year is not None
    values = [_number(look.value(how.of[0], year - back)) for back in range(how.years + 1)]
    rates = [_rate(values[back], values[back + 1]) for back in range(how.years)]
    known = [rate for rate in rates if rate is not None]
    return Fraction(sum(known, Fraction(0)), how.years) if len(known) == how.years else None


def _compound(look: Look, how: Derivation, year: int | None) -> Compound | None:
    assert year is not None
    end, base = _number(look.value(how.of[0], year)), _number(look.value(how.of[0], year - how.years))
    return None if end is None or base is None or base <= 0 else Compound(base, end, how.years)


def _difference(look: Look, how: Derivation, year: int | None) -> Number | None:
    first, second = (_number(look.value(code, year)) for code in how.of)
    return None if first is None or second is None else first - second


def _sum(look: Look, how: Derivation, year: int | None) -> Number | None:
    values = [_number(look.value(code, year)) for code in how.of]
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _both(look: Look, how: Derivation, year: int | None) -> bool | None:
    values = [look.value(code, year) for code in how.of]
    return False if False in values else None if None in values else True


def _ratio_3y(look: Look, how: Derivation, year: int | None) -> Number | None:
    """高企: a firm under three years old uses its real period (facts: evaluation rules)."""
    assert year is not None
    founded = look.value("founded_on")
    first = max(year - 2, founded.year) if isinstance(founded, date) else year - 2
    sums: list[Number] = []
    for code in how.of:
        values = [_number(look.value(code, one)) for one in range(first, year + 1)]
        known = [value for value in values if value is not None]
        if not values or len(known) < len(values):
            return None
        sums.append(sum(known))
    return None if sums[1] <= 0 else Fraction(sums[0]) * 100 / Fraction(sums[1])


def _high_tech_growth(look: Look, how: Derivation, year: int | None) -> Number | None:
    """Mean of the two yearly ratios less one; first year 0: the last two years alone; second year 0 or less: no growth."""
    assert year is not None
    y3, y2, y1 = (_number(look.value(how.of[0], year - back)) for back in range(3))
    if y2 is not None and y2 <= 0:
        return 0
    if y1 is None or y2 is None or y3 is None or y1 < 0:
        return None
    if y1 == 0:
        return _rate(y3, y2)
    return (Fraction(y2) / Fraction(y1) + Fraction(y3) / Fraction(y2) - 2) * 50


def _company_age(look: Look, how: Derivation, year: int | None) -> Number | None:
    founded = look.value("founded_on")
    if not isinstance(founded, date) or founded > look.facts.as_of:
        return None
    today = look.facts.as_of
    last = _anniversary(founded, today.year)
    years = today.year - founded.year - (last > today)
    start, end = _anniversary(founded, founded.year + years), _anniversary(founded, founded.year + years + 1)
    return years + Fraction((today - start).days, (end - start).days)


def _anniversary(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def _registered_days(look: Look, how: Derivation, year: int | None) -> Number | None:
    founded = look.value("founded_on")
    return (look.facts.as_of - founded).days if isinstance(founded, date) else None


def _entity_kind(look: Look, how: Derivation, year: int | None) -> str | None:
    """A code starting with 92 is a 个体工商户; 91 does not tell a company from its branch."""
    code = look.value("credit_code")
    return "individual" if isinstance(code, str) and code.startswith("92") else None


def _size(look: Look) -> size_class.SizeVerdict:
    year = look.year - 1
    employees, revenue, assets = (_number(look.value(code, year)) for code in ("employees", "revenue", "assets"))
    industry = look.value("industry")
    return size_class.classify(
        industry if isinstance(industry, str) else None, employees=employees, revenue_yuan=revenue, assets_yuan=assets,  # type: ignore[arg-type]
    )


def _size_parts(look: Look) -> tuple[str, ...]:
    """What the size class of this industry depends on: the industry, then only the metrics its limits name."""
    rule = _size(look).rule
    names = {size_class.EMPLOYEES: "employees", size_class.REVENUE: "revenue", size_class.ASSETS: "assets"}
    return ("industry",) if rule is None else tuple(names[metric] for metric in rule.limits)


def _size_class(look: Look, how: Derivation, year: int | None) -> Any:
    code = _size(look).code
    return HUMAN if code == "na" else code


def _is_sme(look: Look, how: Derivation, year: int | None) -> Any:
    stated = look.facts.values.get(("size_class", None))
    if stated is not None:
        return stated != "large"
    verdict = _size(look)
    return verdict.is_sme if verdict.applies else HUMAN


_HOW: dict[str, Callable[[Look, Derivation, int | None], Any]] = {
    "ratio": _ratio, "growth": _growth, "mean_growth": _mean_growth, "compound": _compound, "difference": _difference, "sum": _sum, "both": _both,
    "ratio_3y": _ratio_3y, "high_tech_growth": _high_tech_growth, "company_age": _company_age, "registered_days": _registered_days,
    "entity_kind": _entity_kind, "size_class": _size_class, "is_sme": _is_sme,
}
def _same_year(how: Derivation) -> tuple[int, ...]:
    return (0,)


_YEARS: dict[str, Callable[[Derivation], tuple[int, ...]]] = {
    "growth": lambda one: (0, 1), "mean_growth": lambda one: tuple(range(one.years + 1)), "compound": lambda one: (0, one.years),
    "ratio_3y": lambda one: (0, 1, 2), "high_tech_growth": lambda one: (0, 1, 2),
}
