"""Text of a statement in layers: every named expression stands once, in a subquery below those that use it.

Result codes are 0 met, 1 manual, 3 unknown, 7 unmet: ``all`` is then a plain OR of bits (domain.md 5), and ``any`` an AND while nobody judges.
``GREATEST`` and ``LEAST`` stand for the functions the databases name differently.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

MET, MANUAL, UNKNOWN, UNMET = 0, 1, 3, 7
DEEPEST, FEW, CHEAP = 6, 3, 40
Terms = list[tuple[int, str]]
_NAME = re.compile(r"\b(?:c[0-9]+|mask_[0-9]+)\b")
_EITHER = re.compile(r"\b(?:[ci][0-9]+|mask_[0-9]+)\b")
_OPEN = re.compile(r"\(\((c[0-9]+) >> 1\) & 1\)")
_OR, _UNITS = re.compile(r"\{OR ([^}]*)\}"), re.compile(r"\{UNITS ([^}]*)\}")
POSITION = 256
"""A weight is ``units + 256 * position``: with one unit left the position names it; two stand for "two or more"."""
_SIMPLE = re.compile(r"^(?:c[0-9]+|i[0-9]+|-?[0-9]+)$")


NEAR_EDGE = "0.0000001"
"""Values worked out in floating point closer to an edge than this are left to the engine."""
STEPS = 10_000


class Unsupported(Exception):
    """A rule says something this generator has no text for: the engine itself answers for that title."""


@dataclass(frozen=True)
class Code:
    """A result as text. ``const``: the same for everybody; ``manual``: may be 1."""

    sql: str
    manual: bool = False
    const: int | None = None


def constant(code: int) -> Code:
    return Code(str(code), code == MANUAL, code)


class Sheet:
    """Named expressions, each of a layer above those it uses. ``doubts``: conditions under which the engine must look itself.
    ``factor``: largest number a stored amount is multiplied by."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.layers: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.doubts: list[str] = []
        self.factor = 1
        self.codes: set[str] = set()
        self.edges: dict[str, set[Fraction]] = {}
        self._resting: dict[str, bool] = {}

    def define(self, sql: str) -> str:
        """A name for the expression; the same expression has one name. Plain names and numbers stay as they are."""
        if _SIMPLE.match(sql):
            return sql
        name = self._names.get(sql)
        if name is None:
            name = self._names[sql] = f"c{len(self._names)}"
            self.texts[name] = sql
            self.layers[name] = 1 + max((self.layers[one] for one in set(_NAME.findall(sql))), default=0)
        return name

    def named(self, code: Code) -> Code:
        if code.const is not None:
            return code
        name = self.define(code.sql)
        self.codes.add(name)
        return Code(name, code.manual)

    def doubt(self, condition: str) -> None:
        if condition not in self.doubts:
            self.doubts.append(condition)

    def near_edge(self, rough: str, edge: Fraction) -> None:
        """A value worked out in floating point is compared with this edge: rows close to it are left to the engine."""
        self.edges.setdefault(rough, set()).add(edge)

    def all_doubts(self) -> list[str]:
        """Conditions under which the engine must look; many edges are asked as multiples of their common step."""
        found = list(self.doubts)
        for rough, edges in self.edges.items():
            if len(edges) < 3:
                found += [f"abs({rough} - ({float(edge)!r})) < {NEAR_EDGE} + abs({rough}) * {NEAR_EDGE}" for edge in sorted(edges)]
                continue
            step = float(Fraction(gcd(*(int(edge * STEPS) for edge in edges)) or STEPS, STEPS))
            found.append(f"abs({rough} / {step!r} - round({rough} / {step!r})) < {NEAR_EDGE} + abs({rough}) * {NEAR_EDGE}")
        return found

    def scaled(self, sql: str, factor: int) -> str:
        """The amount times a whole number."""
        self.factor = max(self.factor, abs(factor))
        return sql if factor == 1 else f"{sql} * {factor}"

    def render(self, source: str, keys: Iterable[str], columns: dict[str, str], registers: dict[str, Terms], fence: str) -> str:
        """The statement: ``source`` gives the inputs and ``keys``; ``columns``: output name -> text; ``registers``: output name -> (shift, code)
        packed into one number, from which everything above takes the codes (a column costs time in every layer it is carried through).
        ``fence`` keeps a subquery from being merged into the one above (each expression would be worked out again wherever it is used)."""
        keys, outputs = list(keys), [*columns, *registers]
        texts = self._texts(columns, registers)
        layers = _layers(texts)
        top = max(layers.values(), default=0)
        last = _last_use(texts, layers, outputs, top)
        steps = [f"s0 AS ({source}\n{fence})"]
        for layer in range(1, top + 1):
            passed = [name for name, until in last.items() if until > layer and layers.get(name, 0) < layer]
            made = [f"{text} AS {name}" for name, text in texts.items() if layers[name] == layer]
            steps.append(f"s{layer} AS (SELECT {', '.join([*keys, *passed, *made])}\nFROM s{layer - 1} WHERE {keys[0]} > 0 {fence})")
        return f"WITH {', '.join(steps)}\nSELECT {', '.join([*keys, *outputs])}\nFROM s{top} WHERE {keys[0]} > 0"

    def _texts(self, columns: dict[str, str], registers: dict[str, Terms]) -> dict[str, str]:
        """Every expression that is needed, codes of the registers taken from there."""
        places: dict[str, tuple[str, int]] = {}
        for name, terms in registers.items():
            for shift, text in terms:
                if text in self.codes:
                    places.setdefault(text, (name, shift))
        packed = {name: " + ".join(_shifted(self._whole(text), shift) for shift, text in terms) for name, terms in registers.items()}
        wanted = {name: _from_registers(text, places) for name, text in columns.items()}
        found: dict[str, str] = {**packed, **wanted}
        todo = [name for text in found.values() for name in _NAME.findall(text)]
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = _from_registers(self.texts[name], places)
                todo += _NAME.findall(found[name])
        return self._inlined(found, {*columns, *registers})

    def _whole(self, text: str) -> str:
        """The text with the codes it is made of put in, and with whatever else rests on codes: a register must not look at another."""
        text = _OR.sub(lambda found: " | ".join(found[1].split()), text)
        return _NAME.sub(lambda found: f"({self._whole(self.texts[found[0]])})" if self._rests_on_codes(found[0]) else found[0], text)

    def _rests_on_codes(self, name: str) -> bool:
        if name not in self._resting:
            self._resting[name] = name in self.codes or any(self._rests_on_codes(one) for one in set(_NAME.findall(self.texts[name])))
        return self._resting[name]

    def _inlined(self, texts: dict[str, str], kept: set[str]) -> dict[str, str]:
        """Put what is used once where it is used: fewer columns to carry, and a case that does not apply is not worked out. Not too deep: the
        parser of SQLite holds a hundred open words."""
        uses = Counter(name for text in texts.values() for name in _NAME.findall(text))
        depths: dict[str, int] = {}
        made: dict[str, str] = {}

        def goes(name: str) -> bool:
            if name in kept or depths[name] >= DEEPEST:
                return False
            return uses[name] == 1 or (uses[name] <= FEW and len(made[name]) <= CHEAP)

        for name in _ordered(texts):
            text = texts[name]
            children = {one for one in _NAME.findall(text) if goes(one)}
            made[name] = _NAME.sub(lambda found, of=children: f"({made[found[0]]})" if found[0] in of else found[0], text)  # type: ignore[misc]
            depths[name] = 1 + max((depths[one] for one in children), default=0)
        return {name: text for name, text in made.items() if not goes(name)}


def _ordered(texts: dict[str, str]) -> list[str]:
    """Each expression after those it uses."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in done:
            for one in dict.fromkeys(_NAME.findall(texts[name])):
                visit(one)
            done[name] = None

    for name in texts:
        visit(name)
    return list(done)


def _layers(texts: dict[str, str]) -> dict[str, int]:
    layers: dict[str, int] = {}
    for name in _ordered(texts):
        layers[name] = 1 + max((layers[one] for one in set(_NAME.findall(texts[name]))), default=0)
    return layers


def _last_use(texts: dict[str, str], layers: dict[str, int], outputs: Iterable[str], top: int) -> dict[str, int]:
    """Name -> the highest layer that uses it (the output is ``top + 1``)."""
    last: dict[str, int] = dict.fromkeys(outputs, top + 1)
    for name, text in texts.items():
        for one in _EITHER.findall(text):
            last[one] = max(last.get(one, 0), layers[name])
    return last


def _shifted(text: str, shift: int) -> str:
    return f"CAST({text} AS BIGINT)" if shift == 0 else f"({text}) * CAST({1 << shift} AS BIGINT)"


def _from_registers(text: str, places: dict[str, tuple[str, int]]) -> str:
    def open_(found: re.Match[str]) -> str:
        place = places.get(found[1])
        return found[0] if place is None else f"(({place[0]} >> {place[1] + 1}) & 1)"

    def code(found: re.Match[str]) -> str:
        place = places.get(found[0])
        return found[0] if place is None else f"(({place[0]} >> {place[1]}) & 7)"

    text = _UNITS.sub(lambda found: _units(found[1].split(), places), _OR.sub(lambda found: _or(found[1].split(), places), text))
    return _NAME.sub(code, _OPEN.sub(open_, text))


def _grouped(names: list[str], places: dict[str, tuple[str, int]]) -> tuple[dict[str, list[str]], list[str]]:
    """Register -> names in it; and the names in none."""
    groups: dict[str, list[str]] = {}
    for name in names:
        if name in places:
            groups.setdefault(places[name][0], []).append(name)
    alone = [name for name in names if name not in places or len(groups[places[name][0]]) < 3]
    return {register: group for register, group in groups.items() if len(group) >= 3}, alone


def _or(names: list[str], places: dict[str, tuple[str, int]]) -> str:
    """The OR of codes: those of one register are looked at together."""
    groups, found = _grouped(names, places)
    for register, group in groups.items():
        unmet, unknown, manual = (sum(bit << places[name][1] for name in group) for bit in (4, 2, 1))
        found.append(
            f"CASE WHEN {register} & {unmet} <> 0 THEN 7 WHEN {register} & {unknown} <> 0 THEN 3 WHEN {register} & {manual} <> 0 THEN 1 ELSE 0 END"
        )
    return "(" + " | ".join(found) + ")"


def _units(words: list[str], places: dict[str, tuple[str, int]]) -> str:
    """The sum of weights of leaves (``name:position``): a register is looked at once; a single bit left says which leaf."""
    positions = {name: int(position) for name, position in (word.split(":") for word in words)}
    groups, alone = _grouped(list(positions), places)
    found = [f"(({name} >> 1) & 1) * {1 + POSITION * positions[name]}" for name in alone]
    for register, group in groups.items():
        open_ = f"({register} & {sum(2 << places[name][1] for name in group)})"
        single = " ".join(f"WHEN {2 << places[name][1]} THEN {1 + POSITION * positions[name]}" for name in group)
        found.append(f"CASE WHEN {open_} = 0 THEN 0 WHEN ({open_} & ({open_} - 1)) <> 0 THEN 2 ELSE CASE {open_} {single} END END")
    return "(" + " + ".join(found) + ")"


def parts(number: Fraction) -> tuple[int, int]:
    return number.numerator, number.denominator


def all_of(sheet: Sheet, codes: Iterable[Code]) -> Code:
    """unmet > unknown > manual > met; nothing = met."""
    found = list(codes)
    fixed = 0
    for one in found:
        fixed |= one.const or 0
    open_ = list(dict.fromkeys(one.sql for one in found if one.const is None))
    if fixed == UNMET or not open_:
        return constant(fixed)
    manual = any(one.manual for one in found)
    named = [one for one in open_ if one in sheet.codes]
    if len(named) > 2:
        open_ = ["{OR " + " ".join(named) + "}", *(one for one in open_ if one not in sheet.codes)]
    sql = " | ".join([*open_, *([str(fixed)] if fixed else [])])
    return Code(f"({sql})" if len(open_) > 1 or fixed else sql, manual)


def any_of(sheet: Sheet, codes: Iterable[Code]) -> Code:
    """met > unknown > manual > unmet; nothing = met."""
    found = list(codes)
    if not found or any(one.const == MET for one in found):
        return constant(MET)
    open_ = [sheet.named(one) for one in found if one.const is None]
    fixed = {one.const for one in found if one.const is not None}
    if not open_:
        return constant(UNKNOWN if UNKNOWN in fixed else MANUAL if MANUAL in fixed else UNMET)
    names = list(dict.fromkeys(one.sql for one in open_))
    manual = any(one.manual for one in found)
    if not manual:
        sql = " & ".join([*names, *([str(UNKNOWN)] if UNKNOWN in fixed else [])])
        return Code(f"({sql})" if " & " in sql else sql)
    if len(names) == 1 and fixed <= {UNMET}:
        return open_[0]
    met = " OR ".join(f"{one} = 0" for one in names)
    unknown = "1 = 1" if UNKNOWN in fixed else " OR ".join(f"{one} = 3" for one in names)
    by_person = "1 = 1" if MANUAL in fixed else " OR ".join(f"{one} = 1" for one in names)
    return Code(f"CASE WHEN {met} THEN 0 WHEN {unknown} THEN 3 WHEN {by_person} THEN 1 ELSE 7 END", True)


def without_unknown(sheet: Sheet, code: Code) -> Code:
    """A veto counts when it is known to fail; unknown does not hold up the verdict."""
    if code.const is not None:
        return constant(MET) if code.const == UNKNOWN else code
    name = sheet.define(code.sql)
    return Code(f"CASE WHEN {name} = 3 THEN 0 ELSE {name} END", code.manual)
