"""A plan: titles with the versions that decide them, the statement that answers them for everybody, and where each answer stands in its columns.

Columns are whole numbers of packed fields: ``verdict`` 3 bits a slot (the result code, 6 = no version), ``held`` 1 bit, ``open_N`` 4 bits (open
units, 2 = two or more, 15 = no version), ``lacking_N`` 8 bits (position of the only open unit), ``mask_N`` 3 bits a leaf (its result code),
``score_N`` 15 + 15 bits (low, high).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from app.ladder.criteria.mass.inputs import Inputs, Known
from app.ladder.criteria.mass.nodes import Maker
from app.ladder.criteria.mass.scores import Scorer, scale_for
from app.ladder.criteria.mass.sheet import POSITION, Sheet, Terms, Unsupported
from app.ladder.criteria.mass.values import Reader
from app.ladder.criteria.versions import Version

NO_VERSION, MORE = 6, 2
NEVER_OPEN = 15
MASKS, OPENS, LACKING, SCORES = 14, 2, 3, 4
SLOTS, LEAVES, SLOT_SCORES = 20, 20, 2
"""Slots in all; leaves per mask; scores per column. What does not fit is answered by the engine and not stored."""
OPENS_EACH, LACKING_EACH = 15, 7
TENTHS = 10
"""Scores are stored in tenths of a point; a jury gives no finer ones."""
COLUMNS = (
    "verdict", "held", *(f"open_{n}" for n in range(OPENS)), *(f"lacking_{n}" for n in range(LACKING)), *(f"mask_{n}" for n in range(MASKS)),
    *(f"score_{n}" for n in range(SCORES)),
)


@dataclass(frozen=True)
class Slot:
    """One question: ``new`` decides for firms that do not hold the title, ``review`` for holders; ``application``: ask this kind of everybody."""

    key: str
    title: str
    new: Version | None = None
    review: Version | None = None
    application: str | None = None

    def version_for(self, application: str) -> Version | None:
        return self.review if application == "review" else self.new

    def applications(self) -> tuple[str, ...]:
        return ("new", "review") if self.application is None else (self.application,)


@dataclass
class Layout:
    """Where a slot's answers stand. ``leaves``: id -> number over the whole plan (of the mask); ``places``: id -> position within the slot, from 1
    (what ``lacking`` names); ``score``: number of its score, None = no table. ``slow``: why the engine has to answer (None = the statement does)."""

    slot: Slot
    number: int
    leaves: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    score: int | None = None
    score_scale: int = 10
    slow: str | None = None


@dataclass(frozen=True)
class Plan:
    """``wants``: inputs by name; ``columns``: output texts; ``doubts``: when the engine must look itself; ``factor``: see `Sheet`."""

    as_of: date
    layouts: tuple[Layout, ...]
    inputs: Inputs
    sheet: Sheet
    columns: Mapping[str, str]
    registers: Mapping[str, Terms]
    doubt: str

    def layout(self, key: str) -> Layout | None:
        return next((one for one in self.layouts if one.slot.key == key), None)

    @property
    def slow(self) -> tuple[Layout, ...]:
        return tuple(one for one in self.layouts if one.slow is not None)

    @cached_property
    def definition(self) -> str:
        """Changes when the stored numbers would mean something else: other versions, other leaves, another year."""
        return definition_of([one.slot for one in self.layouts], self.as_of)

    def statement(self, source: str, keys: list[str], fence: str) -> str:
        """The whole statement; ``source`` selects the inputs and ``keys``, the first of which is the enterprise id."""
        text = self.sheet.render(source, keys, {**self.columns, "doubt": self.doubt}, dict(self.registers), fence)
        return f"SELECT {', '.join([*keys, *COLUMNS, 'doubt'])} FROM ({text}) answers"


def definition_of(slots: list[Slot], as_of: date) -> str:
    """Hash of what is asked: versions by content, the year."""
    said: list[Any] = [as_of.year, COLUMNS]
    for slot in slots:
        said.append([slot.key, slot.title, slot.application])
        for version in (slot.new, slot.review):
            said.append(None if version is None else [
                version.criterion.model_dump_json(), [part.model_dump_json() for part in version.parts], sorted(version.overrides.items()),
            ])
        rules = [version for version in (slot.new, slot.review) if version is not None]
        said.append(sorted({(code, group.model_dump_json()) for version in rules for code, group in version.groups.items()}))
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def compile_plan(slots: list[Slot], *, as_of: date, known: Known) -> Plan:
    """The plan of these slots on a day. ``known``: what exists in the data at all."""
    sheet, inputs = Sheet(), Inputs(as_of, known)
    fields = _Fields(sheet)
    layouts = tuple(Layout(slot, number) for number, slot in enumerate(slots))
    made = [(layout, _slot(layout, sheet, inputs, fields)) for layout in layouts]
    _number(layouts, fields)
    for layout, leaves in made:
        for leaf, text in leaves.items():
            at = layout.leaves.get(leaf)
            if at is not None:
                fields.put(f"mask_{at // LEAVES}", 3 * (at % LEAVES), text)
    columns, registers = fields.columns()
    return Plan(as_of, layouts, inputs, sheet, columns, registers, fields.doubt())


def _number(layouts: tuple[Layout, ...], fields: _Fields) -> None:
    """Number the leaves over the whole plan, those that wait for scores or cases last: their masks are finished later."""
    all_ = [(layout, leaf) for layout in layouts for leaf in layout.places]
    early = [one for one in all_ if one[1] not in one[0].late]
    first_late = -(-len(early) // LEAVES) * LEAVES
    fields.early_masks = first_late // LEAVES
    numbered = [*enumerate(early), *enumerate([one for one in all_ if one[1] in one[0].late], first_late)]
    for number, (layout, leaf) in numbered:
        if number < MASKS * LEAVES:
            layout.leaves[leaf] = number


class _Fields:
    """Packed fields by column."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.terms: dict[str, Terms] = {name: [] for name in COLUMNS}
        self.fixed: dict[str, int] = dict.fromkeys(COLUMNS, 0)
        self.leaves = self.scores = self.early_masks = 0  # leaves: how many were placed in all

    def put(self, column: str, shift: int, text: str) -> None:
        if text.isdigit():
            self.fixed[column] |= int(text) << shift
        else:
            self.terms[column].append((shift, text))

    def columns(self) -> tuple[dict[str, str], dict[str, Terms]]:
        """Texts of the columns, and the early masks as registers."""
        columns, registers = {}, {}
        early = {f"mask_{number}" for number in range(self.early_masks)}
        for name, terms in self.terms.items():
            fixed = [(0, str(self.fixed[name]))] if self.fixed[name] or not terms else []
            if name in early and terms:
                registers[name] = [*terms, *fixed]
                continue
            texts = [f"CAST({text} AS BIGINT)" if shift == 0 else f"{text} * CAST({1 << shift} AS BIGINT)" for shift, text in (*terms, *fixed)]
            columns[name] = " + ".join(texts)
        return columns, registers

    def doubt(self) -> str:
        doubts = self.sheet.all_doubts()
        return f"CASE WHEN {' OR '.join(doubts)} THEN 1 ELSE 0 END" if doubts else "0"


def _slot(layout: Layout, sheet: Sheet, inputs: Inputs, fields: _Fields) -> Mapping[str, str]:
    """Everything of one slot but the masks; returns the texts of its leaves."""
    slot, number = layout.slot, layout.number
    try:
        if number >= SLOTS:
            raise Unsupported("more titles than are stored")
        asked = {kind: _ask(layout, kind, sheet, inputs, fields) for kind in slot.applications()}
    except Unsupported as reason:
        layout.slow = str(reason)
        if number < SLOTS:
            fields.put("verdict", 3 * number, str(NO_VERSION))
        return {}
    held = inputs.title(slot.title)
    fields.put("held", number, held)

    def chosen(texts: list[str]) -> str:
        if len(set(texts)) == 1:
            return texts[0]
        new, review = texts
        return sheet.define(f"CASE WHEN {held} = 1 THEN {review} ELSE {new} END")

    found = list(asked.values())
    fields.put("verdict", 3 * number, chosen([one.code for one in found]))
    weight = chosen([one.weight for one in found])
    count = f"({weight} & {POSITION - 1})" if not weight.isdigit() else str(int(weight) & (POSITION - 1))
    open_ = str(min(int(count), MORE)) if count.isdigit() else f"LEAST({count}, {MORE})"
    versions = [slot.version_for(kind) for kind in asked]
    if None in versions:
        open_ = chosen([str(NEVER_OPEN) if version is None else open_ for version in versions])
    fields.put(f"open_{number // OPENS_EACH}", 4 * (number % OPENS_EACH), open_)
    lacking = f"CASE WHEN {count} = 1 THEN {weight} >> 8 ELSE 0 END" if not weight.isdigit() else str(int(weight) >> 8 if count == "1" else 0)
    fields.put(f"lacking_{number // LACKING_EACH}", 8 * (number % LACKING_EACH), lacking)
    if layout.score is not None:
        column, shift = f"score_{layout.score // SLOT_SCORES}", 30 * (layout.score % SLOT_SCORES)
        fields.put(column, shift, sheet.define(chosen([one.low for one in found])))
        fields.put(column, shift + 15, sheet.define(chosen([one.high for one in found])))
    return {leaf: chosen([one.leaves.get(leaf, "0") for one in found]) for leaf in layout.places}


@dataclass(frozen=True)
class _Asked:
    code: str
    weight: str
    leaves: Mapping[str, str]
    low: str = "0"
    high: str = "0"


def _ask(layout: Layout, kind: str, sheet: Sheet, inputs: Inputs, fields: _Fields) -> _Asked:
    """One version asked at one kind of application."""
    version = layout.slot.version_for(kind)
    if version is None:
        return _Asked(str(NO_VERSION), "0", {})
    reader = Reader(sheet, inputs, dict(version.declared))

    def place(leaf: str, late: bool) -> int:
        if leaf not in layout.places:
            if fields.leaves >= (MASKS - 1) * LEAVES or len(layout.places) >= POSITION - 1:
                raise Unsupported("more conditions than are stored")
            layout.places[leaf] = len(layout.places) + 1
            fields.leaves += 1
            if late:
                layout.late.add(leaf)
        return layout.places[leaf]

    def maker(place_of: Any) -> Maker:
        return Maker(reader, rule=version.code, application=kind, parameters=version.parameters, place=place_of)

    asker, root_maker = maker(lambda _leaf, _late: 0), maker(place)
    if version.parts:
        root_maker.points_scale = scale_for(version.parts)
        Scorer(asker, version.node_of, root_maker.points_scale).table(version.parts)
        root_maker.scores = asker.scores
    made = root_maker.make(version.root)
    names = {at: leaf for leaf, at in layout.places.items()}
    leaves = {names[at]: text for at, text in _leaf_texts(sheet, made.leaves).items()}
    return _Asked(sheet.named(made.code).sql, sheet.define(made.weight), leaves, *_score(layout, root_maker, fields))


def _leaf_texts(sheet: Sheet, leaves: tuple[tuple[int, str], ...]) -> dict[int, str]:
    """One text per leaf; a leaf that stands in several cases is asked in one of them at most."""
    found: dict[int, list[str]] = {}
    for at, text in leaves:
        found.setdefault(at, []).append(text)
    answer = {}
    for at, texts in found.items():
        unique = list(dict.fromkeys(texts))
        answer[at] = sheet.define(unique[0]) if len(unique) == 1 else sheet.define(" | ".join(sheet.define(one) for one in unique))
    return answer


def _score(layout: Layout, maker: Maker, fields: _Fields) -> tuple[str, str]:
    if "total" not in maker.scores:
        return "0", "0"
    low, high, _ = maker.scores["total"]
    if layout.score is None:
        if fields.scores >= SCORES * SLOT_SCORES:
            return "0", "0"
        layout.score, layout.score_scale = fields.scores, TENTHS
        fields.scores += 1
    if TENTHS % maker.points_scale:
        raise Unsupported("points finer than tenths")
    times = TENTHS // maker.points_scale
    return _times(low, times), _times(high, times)


def _times(text: str, times: int) -> str:
    return str(int(text) * times) if text.isdigit() else f"{text} * {times}"


__all__ = ["COLUMNS", "Layout", "Plan", "Slot", "compile_plan", "definition_of"]
