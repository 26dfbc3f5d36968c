"""The rows of a list that are plainly new firms, judged column by column: no Python runs per row. Whatever is in any way unusual is left
to the row-wise plan (``register.Planner``), which says everything there is to say; the two agree on what they both see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import Any

from sqlalchemy import select

from app.enterprises.imports.register_writing import PLAIN, STAGED
from app.enterprises.imports.towns import Found, Towns
from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.exchange.registry import PlanContext
from app.exchange.rules.outcome import CLEAR, Cleaned, Clear
from app.exchange.rules.values import Chunk
from app.infra import dialect

NEEDED = ("credit_code", "name")
TOWN = ("town", "area_code")


@dataclass(frozen=True)
class FreshRows:
    """``staged``: columns of the new firms in sheet order; ``others``: places in the chunk of all other rows."""

    staged: dict[str, list[Any]]
    others: list[int]


class Fresh:
    """The column-wise half of the plan of one file."""

    def __init__(self, context: PlanContext, towns: Towns, industry: Callable[[dict[str, Any], list[str]], Any]) -> None:
        self._context, self._towns, self._industry = context, towns, industry
        self._slots = tuple(c.slot for c in context.header.columns if c.field is not None)
        self._places: dict[tuple[Any, Any], Found | None] = {}
        self._codes: dict[Any, Any] = {}

    def print_of(self, values: Mapping[str, Any]) -> int:
        """What two rows of one firm are compared by: equal when they say the same."""
        return hash(tuple(map(values.get, self._slots)))

    def read(self, chunk: Chunk, seen: dict[str, tuple[int, int]]) -> FreshRows:
        """Divide a chunk, and remember the new firms in ``seen``."""
        columns = {key: chunk.column(key) for key in (*PLAIN, "credit_code", "source_author", "source_on", "county")}
        town = self._town_texts(chunk)
        others = self._unusual(chunk, columns, town, seen)
        if others:
            keep = [place not in others for place in range(len(chunk))]
            columns = {key: list(compress(column, keep)) for key, column in columns.items()}
            town = list(compress(town, keep))
        rows = [number for place, number in enumerate(chunk.numbers) if place not in others] if others else list(chunk.numbers)
        prints = map(hash, zip(*(chunk.columns[slot] for slot in self._slots), strict=True))
        kept = compress(prints, keep) if others else prints
        seen.update(zip(columns["credit_code"], zip(rows, kept, strict=True), strict=True))
        return FreshRows(self._staged(rows, columns, town), sorted(others))

    @staticmethod
    def _town_texts(chunk: Chunk) -> Sequence[Any]:
        first, second = (chunk.column(key) for key in TOWN)
        return first if None not in first else [a or b for a, b in zip(first, second, strict=True)]

    def _unusual(self, chunk: Chunk, columns: dict[str, Sequence[Any]], town: Sequence[Any], seen: dict[str, Any]) -> set[int]:
        """Places of rows that are not plainly new firms."""
        found = set(chunk.odd)
        codes, names = columns["credit_code"], columns["name"]
        for values in (codes, names, town):
            if None in values:
                found.update(place for place, value in enumerate(values) if value is None)
        for values in (*columns.values(), town):
            if Clear in set(map(type, values)):
                found.update(place for place, value in enumerate(values) if value is CLEAR)
        found |= self._said_elsewhere(codes, names, seen)
        found |= _places(zip(town, columns["county"], strict=True), self._place)
        found |= _places(columns["industry_code"], self._industry_code)
        today = self._context.today
        for key in ("founded_on", "source_on"):
            found |= _places(columns[key], lambda day: today if (isinstance(day, date) and day <= today) or day is None else None)
        return found

    def _said_elsewhere(self, codes: Sequence[Any], names: Sequence[Any], seen: dict[str, Any]) -> set[int]:
        """Firms that exist, stand twice in the file, or share a name with a visible one."""
        codes = [code.value if type(code) is Cleaned else code for code in codes]
        texts = [code for code in codes if isinstance(code, str)]
        known = {code for code in texts if code in seen}
        if len(set(texts)) < len(texts):
            once: set[str] = set()
            known |= {code for code in texts if code in once or once.add(code)}  # type: ignore[func-returns-value]
        session = self._context.session
        known |= set(session.scalars(select(Enterprise.credit_code).where(dialect.matching(session, Enterprise.credit_code, texts))))
        called = {name for name in names if isinstance(name, str)}
        namesakes = select(Enterprise.name).where(dialect.matching(session, Enterprise.name, called), in_scope(self._context.scope))
        shared = set(session.scalars(namesakes))
        found = {place for place, code in enumerate(codes) if code in known} if known else set()
        return found | {place for place, name in enumerate(names) if name in shared} if shared else found

    def _place(self, said: tuple[Any, Any]) -> Found | None:
        """Town, unit and city; None where there is something to say."""
        if said not in self._places:
            text, county = said
            answer = self._towns.find(text, county) if isinstance(text, str) and not isinstance(county, Clear) else None
            plain = isinstance(answer, Found) and not answer.note_zh and self._towns.permits(answer)
            self._places[said] = answer if plain else None  # type: ignore[assignment]
        return self._places[said]

    def _industry_code(self, text: Any) -> Any:
        """("code",), or None where there is something to say."""
        if text not in self._codes:
            notes: list[str] = []
            code = self._industry({"industry_code": text}, notes)
            self._codes[text] = None if notes else (code,)
        return self._codes[text]

    def _staged(self, rows: list[int], columns: dict[str, Sequence[Any]], town: Sequence[Any]) -> dict[str, list[Any]]:
        places = [self._places[said] for said in zip(town, columns["county"], strict=True)]
        author, on = self._context.author, self._context.on
        authors = [text or author for text in columns["source_author"]]
        plain = {key: list(columns[key]) for key in PLAIN}
        plain["industry_code"] = [self._codes[text][0] for text in columns["industry_code"]]
        plain["status"] = [status or "active" for status in columns["status"]]
        found: dict[str, list[Any]] = {
            "row": rows, "credit_code": list(columns["credit_code"]), **plain,
            "town_id": [p.town_id for p in places if p], "unit_id": [p.unit_id for p in places if p], "city_id": [p.city_id for p in places if p],
            "control_source": [(a or "导入") if control else None for a, control in zip(authors, columns["control_type"], strict=True)],
            "source_author": authors, "source_on": [day or on for day in columns["source_on"]],
            "since": [self._towns.since(p.town_id) for p in places if p],
        }
        return {name: found[name] for name in STAGED}


def _places(values: Any, judge: Callable[[Any], Any]) -> set[int]:
    """Places of the values that ``judge`` answers None to; each different value is judged once."""
    listed = list(values)
    wrong = {value for value in set(listed) if judge(value) is None}
    return {place for place, value in enumerate(listed) if value in wrong} if wrong else set()
