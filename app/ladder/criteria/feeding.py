"""Facts from stored figures: what the enterprise base knows, under the names of the vocabulary. Pure: takes plain rows, reads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.ladder.criteria.facts import Facts, Key, Origin, exact
from app.packs import vocabulary
from app.packs.vocabulary import TITLE_PREFIX

SOURCE_LABELS = {"department": "部门提供", "platform": "平台导出", "enterprise": "企业填报", "visit": "走访"}


@dataclass(frozen=True)
class Figure:
    """The effective value of one column of one year and where it comes from (``source``: code of the yearly figures)."""

    value: Any
    source: str | None = None
    on: date | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Stored:
    """One enterprise as stored. ``years``: year -> column of ``EnterpriseYear`` -> figure (money in 元). ``held``: codes of the titles valid on the
    day; every other code of ``titles`` is known not to be held. ``extra``: facts by name, plain or as a `Figure` with its origin; they go before figures."""

    region: str
    industry: str | None = None
    founded_on: date | None = None
    credit_code: str | None = None
    years: Mapping[int, Mapping[str, Figure]] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    extra: Mapping[Key, Any] = field(default_factory=dict)


def build_facts(stored: Stored, *, as_of: date, titles: Iterable[str]) -> Facts:
    """Facts of one enterprise on a day; a state comes from the latest year that knows it, never from one after the day."""
    values: dict[Key, Any] = {(TITLE_PREFIX + code, None): code in stored.held for code in titles}
    origins: dict[Key, Origin] = {}
    head = {"industry": stored.industry, "founded_on": stored.founded_on, "credit_code": stored.credit_code}
    values |= {(name, None): value for name, value in head.items() if value is not None}
    for one in _COLUMNED:
        for year in sorted(year for year in stored.years if year <= as_of.year):
            figure = stored.years[year].get(one.column or "")
            if figure is not None and figure.value is not None:
                key = (one.code, year if one.period == "year" else None)
                values[key] = exact(figure.value)
                if figure.source is not None:
                    origins[key] = _origin(figure)
    for key, given in stored.extra.items():
        figure = given if isinstance(given, Figure) else Figure(given)
        if figure.value is not None:
            values[key] = exact(figure.value)
            origins.pop(key, None)
            if figure.source is not None:
                origins[key] = _origin(figure)
    return Facts(as_of, values, stored.region, origins)


def _origin(figure: Figure) -> Origin:
    return Origin(SOURCE_LABELS.get(figure.source or "", figure.source or ""), figure.on, figure.evidence)


_COLUMNED = tuple(one for one in vocabulary.BUILT_IN if one.column is not None)
