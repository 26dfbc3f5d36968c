"""Conditions as SQL: for every node its result, the open units on the shortest way, and the results of its leaves. Mirrors `criteria.tree`.

A weight is ``units + 256 * position`` summed over the way: with one unit left the position names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.ladder.criteria.facts import exact
from app.ladder.criteria.mass.sheet import (
    MANUAL,
    MET,
    POSITION,
    UNKNOWN,
    UNMET,
    Code,
    Unsupported,
    all_of,
    any_of,
    constant,
    without_unknown,
)
from app.ladder.criteria.mass.values import FALSE, NEVER, Num, Reader, Real, Value, quoted, real, starts
from app.ladder.criteria.tree import Choice, Group, ManualLeaf, NumberLeaf, ScoreLeaf, WordLeaf, combine_any
from app.packs.schema.criteria import Case, Condition
from app.packs.vocabulary import MONEY_UNITS

_LEAF_WEIGHT = re.compile(r"^\(\((c[0-9]+) >> 1\) & 1\) \* ([0-9]+)$")
_OTHERWISE = {"met": MET, "manual": MANUAL, "unknown": UNKNOWN, "unmet": UNMET}
Place = Callable[[str, bool], int]
"""Leaf id, and whether it waits for scores or cases -> position within the title."""


@dataclass(frozen=True)
class Made:
    """A node as SQL. ``weight``: see the module; ``leaves``: position -> result while asked (else met); ``missing``: condition under which
    an unknown result names facts that would settle it (what a score asks of its rows)."""

    code: Code
    weight: str = "0"
    leaves: tuple[tuple[int, str], ...] = ()
    missing: str = FALSE


class Maker:
    """Nodes of one version for one application. ``scores``: part -> (low, high, missing) as names, points times ``points_scale``."""

    def __init__(
        self, reader: Reader, *, rule: str, application: str, parameters: Mapping[str, Any], place: Place,
    ) -> None:
        self.reader, self.sheet, self.inputs = reader, reader.sheet, reader.inputs
        self.rule, self.application, self.parameters, self.place = rule, application, parameters, place
        self.scores: dict[str, tuple[str, str, str]] = {}
        self.points_scale = 1

    def make(self, node: Any) -> Made:
        """Any node."""
        if isinstance(node, Group):
            return self._group(node)
        if isinstance(node, Choice):
            return self._choice(node)
        code, missing, settled = self._result(node)
        named = self.sheet.named(code)
        return self._as_leaf(node.source, Made(named, missing=missing), settled)

    def _as_leaf(self, source: Condition, made: Made, settled: str = FALSE) -> Made:
        """Weight and record of a leaf. ``settled``: condition under which a person has to settle it (it is no open unit then)."""
        counted = without_unknown(self.sheet, made.code) if source.veto else made.code
        counted = self.sheet.named(counted)
        position = self.place(source.id or source.label or "", source.score is not None or source.choose is not None)
        if source.entered or settled == "1 = 1" or counted.const in (MET, MANUAL):
            weight = "0"
        elif counted.const is not None:
            weight = str(1 + POSITION * position)
        else:
            weight = f"(({counted.sql} >> 1) & 1) * {1 + POSITION * position}"
            if settled != FALSE:
                weight = f"CASE WHEN {settled} THEN 0 ELSE {weight} END"
        leaves = ((position, counted.sql),) if not source.advisory else ()
        return Made(made.code, weight, leaves, made.missing)

    def _result(self, node: Any) -> tuple[Code, str, str]:
        """Result, when an unknown names missing facts, when a person settles it."""
        if isinstance(node, NumberLeaf):
            return (*self._number(node), FALSE)
        if isinstance(node, WordLeaf):
            return self._word(node)
        if isinstance(node, ManualLeaf):
            return self._by_person(node.source), FALSE, "1 = 1"
        if isinstance(node, ScoreLeaf):
            return self._score(node), FALSE, FALSE
        raise Unsupported(type(node).__name__)

    # --- groups

    def _asked(self, node: Any) -> bool:
        applications = node.source.applications
        if applications and self.application not in applications:
            return False
        return not isinstance(node, Choice) or node.parameter is None or node.branch(self.parameters.get(node.parameter)) is not None

    def _group(self, node: Group) -> Made:
        children = [(child, self.make(child)) for child in node.children if self._asked(child)]
        is_any = node.combine is combine_any
        if is_any and any(child.source.veto for child, _ in children):
            raise Unsupported("veto inside any")
        if any(child.source.veto and isinstance(child, (Group, Choice)) for child, _ in children):
            raise Unsupported("veto group")
        counted = [(child, made) for child, made in children if not child.source.advisory]
        codes = [without_unknown(self.sheet, made.code) if child.source.veto else made.code for child, made in counted]
        code = any_of(self.sheet, codes) if is_any else all_of(self.sheet, codes)
        if is_any:
            code = self.sheet.named(code)
        # advice shows, it never counts: its leaves are not recorded
        leaves = tuple(leaf for _, made in counted for leaf in made.leaves)
        weight = self._shortest(node, counted, code) if node.source.any is not None else self._sum([made.weight for _, made in counted])
        return Made(code, weight, leaves)

    def _sum(self, weights: list[str]) -> str:
        fixed = sum(int(one) for one in weights if one.lstrip("-").isdigit())
        open_ = [one for one in weights if not one.lstrip("-").isdigit()]
        leaves = [found for one in open_ if (found := _LEAF_WEIGHT.match(one)) is not None]
        if len(leaves) > 2:
            token = "{UNITS " + " ".join(f"{found[1]}:{(int(found[2]) - 1) // POSITION}" for found in leaves) + "}"
            open_ = [token, *(one for one in open_ if _LEAF_WEIGHT.match(one) is None)]
        texts = [*open_, *([str(fixed)] if fixed or not open_ else [])]
        return texts[0] if len(texts) == 1 else "(" + " + ".join(texts) + ")"

    def _shortest(self, node: Group, counted: list[tuple[Any, Made]], code: Code) -> str:
        """Nothing once met; else the way with the fewest units, the first of equals; only the usual ways when some are marked."""
        if code.const == MET:
            return "0"
        usual = [made for child, made in counted if child.source.usual]
        ways = [made.weight for made in (usual or [made for _, made in counted])]
        if not ways:
            return "0"
        best = ways[0]
        for other in ways[1:]:
            one, two = self.sheet.define(best), self.sheet.define(other)
            if one == two or one == "0":
                best = one
                continue
            best = f"CASE WHEN ({one} & {POSITION - 1}) <= ({two} & {POSITION - 1}) THEN {one} ELSE {two} END"
        best = self.sheet.define(best)
        if best == "0" or code.const is not None:
            return best
        return f"CASE WHEN {code.sql} = 0 THEN 0 ELSE {best} END"

    # --- cases

    def _choice(self, node: Choice) -> Made:
        if node.field is None:
            branch = node.branch(self.parameters.get(node.parameter or ""))
            if branch is None:
                return self._undecided(node, constant(_OTHERWISE[node.source.otherwise]), False)
            return self._inside(branch.then)
        which = self._which(node)
        made = [self._inside(branch.then) for branch in node.branches]
        otherwise = constant(_OTHERWISE[node.source.otherwise])
        agreed = self._agreed([one.code for one in made], otherwise)
        if which == "0":
            return self._undecided(node, agreed, True)
        texts = [f"WHEN {place} THEN {one.code.sql}" for place, one in enumerate(made, 1)]
        manual = any(one.manual for one in (*(each.code for each in made), otherwise, agreed))
        code = self.sheet.named(Code(f"CASE {which} {' '.join(texts)} WHEN 0 THEN {agreed.sql} ELSE {otherwise.sql} END", manual))
        own = self._as_leaf(node.source, Made(code))
        own_weight = self.sheet.define(own.weight)
        weights = [f"WHEN {place} THEN {one.weight}" for place, one in enumerate(made, 1)]
        weight = self.sheet.define(f"CASE {which} {' '.join(weights)} ELSE {own_weight} END")
        leaves = [(at, f"CASE WHEN {which} = {place} THEN {sql} ELSE 0 END") for place, one in enumerate(made, 1) for at, sql in one.leaves]
        leaves += [(at, f"CASE WHEN {which} <= 0 THEN {sql} ELSE 0 END") for at, sql in own.leaves]
        return Made(code, weight, tuple(leaves), f"({which} = 0 AND {code.sql} = 3)")

    def _inside(self, node: Any) -> Made:
        """A branch: its own result decides, whatever application it is asked at."""
        if node.source.advisory or node.source.veto:
            raise Unsupported("advisory or veto case")
        return self.make(node)

    def _undecided(self, node: Choice, code: Code, by_fact: bool) -> Made:
        made = Made(code, missing="1 = 1" if by_fact and code.const == UNKNOWN else f"{code.sql} = 3" if by_fact and code.const is None else FALSE)
        return self._as_leaf(node.source, Made(self.sheet.named(code), missing=made.missing))

    def _agreed(self, codes: list[Code], otherwise: Code) -> Code:
        """While the case is unknown: what all cases agree on."""
        every = {one.sql: one for one in (*codes, otherwise)}
        if len(every) == 1:
            return otherwise
        fixed = {one.const for one in every.values() if one.const is not None}
        if len(fixed) > 1:
            return constant(UNKNOWN)
        names = [self.sheet.define(one.sql) for one in every.values() if one.const is None]
        same = " AND ".join(f"{one} = {otherwise.const}" for one in names)
        return self.sheet.named(Code(f"CASE WHEN {same} THEN {otherwise.const} ELSE 3 END", otherwise.manual))

    def _which(self, node: Choice) -> str:
        """Name of a number: 0 undecided, 1, 2 … the case, -1 none of them."""
        field = self.reader.field(node.field or "")
        year = None if node.back is None else self.reader.year - node.back
        cases = node.source.cases
        if field.numeric:
            value = self.reader.number(field.code, year)
            if value.known == FALSE:
                return "0"
            scale = self._money_scale(node.source)
            tests = [f"WHEN {self._within(value, case, scale)} THEN {place}" for place, case in enumerate(cases, 1)]
            return self.sheet.define(f"CASE WHEN NOT ({value.known}) THEN 0 {' '.join(tests)} ELSE -1 END")
        if field.kind == "flag":
            flag = self.reader.flag(field.code).sql
            if flag is None:
                return "0"
            tests = [f"WHEN {flag} = {1 if case.equals == 'true' else 0} THEN {place}" for place, case in enumerate(cases, 1)]
            return self.sheet.define(f"CASE WHEN {flag} IS NULL OR {flag} = 2 THEN 0 {' '.join(tests)} ELSE -1 END")
        word = self.reader.word(field.code)
        if word is None:
            return "0"
        return self._by_word(word, cases)

    def _by_word(self, word: str, cases: tuple[Case, ...]) -> str:
        two, three = self.sheet.define(f"substr({word}, 1, 2)"), self.sheet.define(f"substr({word}, 1, 3)")
        tests = [
            f"WHEN {starts(two, three, case.starts_with) if case.starts_with else f'{word} = {quoted(case.equals or str())}'} THEN {place}"
            for place, case in enumerate(cases, 1)
        ]
        shorter = sorted({start[:length] for case in cases for start in case.starts_with for length in range(1, len(start))})
        partial = f"WHEN {word} IN ({', '.join(quoted(one) for one in ('', *shorter))}) THEN 0" if shorter else ""
        return self.sheet.define(f"CASE WHEN {word} IS NULL THEN 0 {' '.join(tests)} {partial} ELSE -1 END")

    def _money_scale(self, source: Condition) -> int:
        assert source.choose is not None
        return MONEY_UNITS.get(source.choose.unit or "", 1)

    def _within(self, value: Value, case: Case, scale: int) -> str:
        if case.equals is not None:
            raise Unsupported("a number that equals a choice")
        edges = ((">=", case.from_), (">", case.above), ("<=", case.to), ("<", case.below))
        return " AND ".join(value.test(self.sheet, op, Fraction(exact(edge)) * scale) for op, edge in edges if edge is not None)

    # --- leaves

    def _number(self, node: NumberLeaf) -> tuple[Code, str]:
        line = node.line
        if line is None:
            line = self.parameters[node.source.parameter or ""] * node.scale
        year = self.reader.year
        if node.span is None:
            return self._single(node, year - node.backs[0] if node.backs else None, Fraction(line))
        if node.span in ("each", "any"):
            singles = [self._single(node, year - back, Fraction(line)) for back in node.backs]
            codes = [self.sheet.named(code) for code, _ in singles]
            combined = all_of(self.sheet, codes) if node.span == "each" else any_of(self.sheet, codes)
            return combined, "1 = 1"
        return self._total(node, Fraction(line)), "1 = 1"

    def _single(self, node: NumberLeaf, year: int | None, line: Fraction) -> tuple[Code, str]:
        op = node.source.op or ">="
        value = self.reader.number(node.field, year)
        field = self.reader.field(node.field)
        high = self.reader.number(field.below, year) if field.below else NEVER
        unknown = self._bounded(op, Fraction(0) if field.floor_zero else None, high, line)
        if value.known == FALSE:
            return unknown, "1 = 1"
        met = value.test(self.sheet, op, line)
        return Code(f"CASE WHEN {value.known} THEN CASE WHEN {met} THEN 0 ELSE 7 END ELSE {unknown.sql} END"), f"NOT ({value.known})"

    def _bounded(self, op: str, low: Fraction | None, high: Value, line: Fraction) -> Code:
        """Unknown, unless even the best or the worst it can be decides."""
        if op == "==":
            return constant(UNKNOWN)
        up, known = op in (">=", ">"), high.known
        low_reaches = low is not None and _holds(low, op, line)
        high_reaches = None if known == FALSE else high.test(self.sheet, op, line)
        if up:
            if high_reaches is None:
                return constant(MET if low_reaches else UNKNOWN)
            return Code(f"CASE WHEN {known} AND NOT ({high_reaches}) THEN 7 ELSE {MET if low_reaches else UNKNOWN} END")
        if low is not None and not low_reaches:
            return constant(UNMET)
        return constant(UNKNOWN) if high_reaches is None else Code(f"CASE WHEN {known} AND {high_reaches} THEN 0 ELSE 3 END")

    def _total(self, node: NumberLeaf, line: Fraction) -> Code:
        """Sum or mean of several years; with a gap only what the known years and the limits settle."""
        field, op = self.reader.field(node.field), node.source.op or ">="
        years = [self.reader.year - back for back in node.backs]
        values = [self.reader.number(node.field, year) for year in years]
        if not all(isinstance(one, Num) for one in values):
            return self._total_of_shares(node, values, line)
        numbers = [one for one in values if isinstance(one, Num)]
        goal = line * (len(years) if node.span == "mean" else 1)
        highs = [self.reader.plain(field.below, year) if field.below else NEVER for year in years]
        scale = numbers[0].scale
        known = [one.sql for one in numbers if one.sql is not None]
        unknown = self._total_bounded(op, numbers, highs, field.floor_zero, goal)
        if len(known) < len(numbers):
            return unknown
        total = Num(self.sheet.define("(" + " + ".join(known) + ")"), scale)
        met = total.test(self.sheet, op, goal)
        return Code(f"CASE WHEN {total.known} THEN CASE WHEN {met} THEN 0 ELSE 7 END ELSE {unknown.sql} END")

    def _total_bounded(self, op: str, numbers: list[Num], highs: list[Num], floor_zero: bool, goal: Fraction) -> Code:
        if op == "==":
            return constant(UNKNOWN)
        scale = numbers[0].scale
        lows = [f"coalesce({one.sql}, 0)" for one in numbers if one.sql is not None] or ["0"]
        low = Num(self.sheet.define("(" + " + ".join(lows) + ")"), scale) if floor_zero else NEVER
        tops = [
            None if one.sql is None and high.sql is None else one.sql if high.sql is None else high.sql if one.sql is None
            else f"coalesce({one.sql}, {high.sql})" for one, high in zip(numbers, highs, strict=True)
        ]
        if any(high.sql is not None and high.scale != scale for high in highs):
            raise Unsupported("limits of another kind")
        high = NEVER if None in tops else Num(self.sheet.define("(" + " + ".join(str(one) for one in tops) + ")"), scale)
        best, worst = (high, low) if op in (">=", ">") else (low, high)
        tests = []
        if best.sql is not None:
            tests.append(f"WHEN {best.known} AND NOT ({best.test(self.sheet, op, goal)}) THEN 7")
        if worst.sql is not None:
            tests.append(f"WHEN {worst.known} AND {worst.test(self.sheet, op, goal)} THEN 0")
        return Code(f"CASE {' '.join(tests)} ELSE 3 END") if tests else constant(UNKNOWN)

    def _total_of_shares(self, node: NumberLeaf, values: list[Value], line: Fraction) -> Code:
        """Sum or mean of ratios, in floating point: a row near the line is looked at by the engine."""
        field, op = self.reader.field(node.field), node.source.op or ">="
        texts = [real(one) for one in values]
        if field.below or not field.floor_zero or op == "==" or None in texts:
            raise Unsupported("sum of these")
        terms = [self.sheet.define(str(one)) for one in texts]
        low = self.sheet.define(" + ".join(f"coalesce({one}, 0)" for one in terms))
        met = Real(low, low).test(self.sheet, op, line * (len(values) if node.span == "mean" else 1))
        gap = " OR ".join(f"{one} IS NULL" for one in terms)
        settled = f"CASE WHEN {met} THEN 0 ELSE 3 END" if op in (">=", ">") else f"CASE WHEN {met} THEN 3 ELSE 7 END"
        return Code(f"CASE WHEN {gap} THEN {settled} WHEN {met} THEN 0 ELSE 7 END")

    def _word(self, node: WordLeaf) -> tuple[Code, str, str]:
        source = node.source
        if source.holds_any or source.holds_all or (source.is_ is not None):
            wanted = 1 if source.is_ is None or source.is_ else 0
            flags = [self.reader.flag(name) for name in node.fields]
            human = [flag.sql for flag in flags if flag.human]
            codes = [self._flag_code(flag.sql, wanted, flag.human, source) for flag in flags]
            combined = (all_of if node.every else any_of)(self.sheet, codes)
            if human and len(flags) > 1:
                raise Unsupported("several facts left to a person")
            return combined, f"{self.sheet.named(combined).sql} = 3", f"{human[0]} = 2" if human else FALSE
        word = self.reader.word(node.fields[0])
        if word is None:
            return constant(UNKNOWN), "1 = 1", FALSE
        return Code(f"CASE WHEN {word} IS NULL THEN 3 WHEN {self._word_test(source, word)} THEN 0 ELSE 7 END"), f"{word} IS NULL", FALSE

    def _flag_code(self, flag: str | None, wanted: int, human: bool, source: Condition) -> Code:
        if flag is None:
            return constant(UNKNOWN)
        by_person = self._by_person(source) if human else None
        left = f"WHEN {flag} = 2 THEN {by_person.sql}" if by_person is not None else ""
        return self.sheet.named(Code(f"CASE WHEN {flag} = {wanted} THEN 0 WHEN {flag} = {1 - wanted} THEN 7 {left} ELSE 3 END", human))

    def _word_test(self, source: Condition, word: str) -> str:
        if source.starts_with:
            two, three = self.sheet.define(f"substr({word}, 1, 2)"), self.sheet.define(f"substr({word}, 1, 3)")
            return starts(two, three, source.starts_with)
        allowed = list(source.one_of)
        if source.at_least is not None:
            choices = [code for code, _ in self.reader.field(source.field or "").choices]
            allowed = choices[choices.index(source.at_least):]
        return f"{word} IN ({', '.join(quoted(one) for one in allowed)})"

    def _by_person(self, source: Condition) -> Code:
        said = self.inputs.judgement(self.rule, source.id or "", "flag")
        if said is None:
            return constant(MANUAL)
        return self.sheet.named(Code(f"CASE WHEN {said} IS NULL THEN 1 WHEN {said} <> 0 THEN 0 ELSE 7 END", True))

    def _score(self, node: ScoreLeaf) -> Code:
        low, high, missing = self.scores[node.part]
        line = Fraction(self.parameters[node.source.parameter or ""] if node.line is None else node.line) * self.points_scale
        op = node.source.op or ">="
        up, down = line.numerator, line.denominator
        left = "" if down == 1 else f" * {down}"
        if low.isdigit() and high.isdigit() and missing in ("0", "1"):
            if _holds(Fraction(int(low)) * down, op, Fraction(up)):
                return constant(MET)
            if not _holds(Fraction(int(high)) * down, op, Fraction(up)):
                return constant(UNMET)
            return constant(UNKNOWN if missing == "1" else MANUAL)
        return Code(
            f"CASE WHEN {low}{left} {op} {up} THEN 0 WHEN NOT ({high}{left} {op} {up}) THEN 7 WHEN {missing} = 1 THEN 3 ELSE 1 END", True,
        )


def _holds(value: Fraction, op: str, line: Fraction) -> bool:
    return {">=": value >= line, ">": value > line, "<=": value <= line, "<": value < line, "==": value == line}[op]
