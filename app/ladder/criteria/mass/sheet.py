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

MET, MANUAL, UNKNOWN, UNMET = 0, 1, 3, 7
DEEPEST, FEW, CHEAP = 6, 3, 40
_STAGES = ((0, 3), (3, 5), (5, 1000))
_NAME = re.compile(r"\bc[0-9]+\b")
_EITHER = re.compile(r"\b[ci][0-9]+\b")
_SIMPLE = re.compile(r"^(?:c[0-9]+|i[0-9]+|-?[0-9]+)$")


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
        self._kept: set[str] = set()

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

    def layer_of(self, sql: str) -> int:
        """The layer above everything the text uses."""
        return max((self.layers[one] for one in _NAME.findall(sql)), default=0)

    def folded(self, sign: str, texts: list[str]) -> str:
        """Many texts joined by one sign, those that are ready early put together early: what they are made of need not be carried on."""
        steps = [[one for one in texts if low <= self.layer_of(one) < high] for low, high in _STAGES]
        found = []
        for step in steps:
            if len(step) > 2 and len(step) < len(texts):
                name = self.define(f" {sign} ".join(step))
                self._kept.add(name)
                step = [name]
            found += step
        return f" {sign} ".join(found)

    def named(self, code: Code) -> Code:
        return code if code.const is not None else Code(self.define(code.sql), code.manual)

    def doubt(self, condition: str) -> None:
        if condition not in self.doubts:
            self.doubts.append(condition)

    def scaled(self, sql: str, factor: int) -> str:
        """The amount times a whole number."""
        self.factor = max(self.factor, abs(factor))
        return sql if factor == 1 else f"{sql} * {factor}"

    def render(self, source: str, keys: Iterable[str], columns: dict[str, str], fence: str) -> str:
        """The statement: ``source`` gives the inputs and ``keys``; ``columns``: output name -> text. ``fence`` keeps a subquery from being
        merged into the one above (each expression would be worked out again wherever it is used)."""
        keys = list(keys)
        texts = self._inlined({**{name: self.texts[name] for name in self._reach(columns.values())}, **columns}, set(columns))
        layers = self._layers(texts)
        top = max(layers.values(), default=0)
        last = self._last_use(texts, layers, columns, top)
        steps = [f"s0 AS ({source}\n{fence})"]
        for layer in range(1, top + 1):
            passed = [name for name, until in last.items() if until > layer and layers.get(name, 0) < layer]
            made = [f"{text} AS {name}" for name, text in texts.items() if layers[name] == layer]
            steps.append(f"s{layer} AS (SELECT {', '.join([*keys, *passed, *made])}\nFROM s{layer - 1} WHERE {keys[0]} > 0 {fence})")
        return f"WITH {', '.join(steps)}\nSELECT {', '.join([*keys, *columns])}\nFROM s{top} WHERE {keys[0]} > 0"

    def _reach(self, texts: Iterable[str]) -> list[str]:
        """Expressions that are used at all, each after those it uses."""
        found: dict[str, None] = {}
        todo = [name for text in texts for name in _NAME.findall(text)]
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = None
                todo += _NAME.findall(self.texts[name])
        return sorted(found, key=lambda name: (self.layers[name], int(name[1:])))

    def _inlined(self, texts: dict[str, str], kept: set[str]) -> dict[str, str]:
        """Put what is used once where it is used: fewer columns to carry, and a case that does not apply is not worked out. Not too deep: the
        parser of SQLite holds a hundred open words."""
        uses = Counter(name for text in texts.values() for name in _NAME.findall(text))
        depths: dict[str, int] = {}
        made: dict[str, str] = {}

        def goes(name: str) -> bool:
            if name in kept or name in self._kept or depths[name] >= DEEPEST:
                return False
            return uses[name] == 1 or (uses[name] <= FEW and len(made[name]) <= CHEAP)

        for name, text in texts.items():
            children = {one for one in _NAME.findall(text) if goes(one)}
            made[name] = _NAME.sub(lambda found, of=children: f"({made[found[0]]})" if found[0] in of else found[0], text)  # type: ignore[misc]
            depths[name] = 1 + max((depths[one] for one in children), default=0)
        return {name: text for name, text in made.items() if not goes(name)}

    def _layers(self, texts: dict[str, str]) -> dict[str, int]:
        layers: dict[str, int] = {}
        for name, text in texts.items():
            layers[name] = 1 + max((layers[one] for one in set(_NAME.findall(text))), default=0)
        return layers

    def _last_use(self, texts: dict[str, str], layers: dict[str, int], columns: Iterable[str], top: int) -> dict[str, int]:
        """Name -> the highest layer that uses it (the output is ``top + 1``)."""
        last: dict[str, int] = dict.fromkeys(columns, top + 1)
        for name, text in texts.items():
            for one in _EITHER.findall(text):
                last[one] = max(last.get(one, 0), layers[name])
        return last


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
    sql = sheet.folded("|", [*open_, *([str(fixed)] if fixed else [])])
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
