"""Facts as SQL: stated ones, and derived ones compared without dividing. Same rules as `criteria.look`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from app.enterprises.rules import size_class
from app.ladder.criteria.facts import Facts
from app.ladder.criteria.look import Look
from app.ladder.criteria.mass.inputs import ANSWER_SCALE, Inputs
from app.ladder.criteria.mass.sheet import STEPS, Sheet, Unsupported, parts
from app.packs import vocabulary
from app.packs.vocabulary import TITLE_PREFIX, Derivation, FactField

FEN = 100
FALSE = "1 = 0"


@dataclass(frozen=True)
class Num:
    """A stored number: value times ``scale``; NULL = unknown. ``sql`` None: unknown for everybody."""

    sql: str | None
    scale: int = 1

    @property
    def known(self) -> str:
        return FALSE if self.sql is None else f"{self.sql} IS NOT NULL"

    def test(self, sheet: Sheet, op: str, line: Fraction) -> str:
        up, down = parts(Fraction(line) * self.scale)
        return f"{sheet.scaled(self.sql or 'NULL', down)} {op} {up}"


@dataclass(frozen=True)
class Share:
    """``factor`` * top / bottom with a positive bottom; ``powers``: compared with (1 + line %) ** powers (growth), 0 = with the line itself."""

    top: Num
    bottom: Num
    factor: Fraction = Fraction(1)
    powers: int = 0

    @property
    def known(self) -> str:
        if self.top.sql is None or self.bottom.sql is None:
            return FALSE
        return f"({self.top.sql} IS NOT NULL AND {self.bottom.sql} > 0)"

    def test(self, sheet: Sheet, op: str, line: Fraction) -> str:
        wanted = Fraction(100 + line, 100) ** self.powers if self.powers else Fraction(line) / self.factor
        up, down = parts(wanted)
        return f"{sheet.scaled(str(self.top.sql), down)} {op} {sheet.scaled(str(self.bottom.sql), up)}"


@dataclass(frozen=True)
class Real:
    """A number worked out in floating point. ``rough``: the part of it that is not exact (NULL where it is)."""

    sql: str
    rough: str

    @property
    def known(self) -> str:
        return f"{self.sql} IS NOT NULL"

    def test(self, sheet: Sheet, op: str, line: Fraction) -> str:
        if line * STEPS != int(line * STEPS):
            raise Unsupported("an edge finer than four decimals")
        sheet.near_edge(self.rough, line)
        return f"{self.sql} {op} {float(line)!r}"


@dataclass(frozen=True)
class Age:
    """Time since the foundation, compared by the day on which it was just reached. ``years_on``: the value for a day of foundation."""

    founded: str
    as_of: date
    value_of: Callable[[date], Fraction | int | None]
    known: str

    def test(self, sheet: Sheet, op: str, line: Fraction) -> str:
        at_least, above = self._last_day(line, strict=False), self._last_day(line, strict=True)
        reached, passed = f"{self.founded} <= '{at_least}'", f"{self.founded} <= '{above}'"
        return {
            ">=": reached, ">": passed, "<": f"NOT ({reached})", "<=": f"NOT ({passed})", "==": f"({reached} AND NOT ({passed}))",
        }[op]

    def _last_day(self, line: Fraction, *, strict: bool) -> date:
        """The latest day of foundation whose age reaches (passes) the line."""
        low, high = date(1, 1, 2).toordinal(), min(self.as_of + timedelta(days=80_000), date(9998, 12, 31)).toordinal()
        while low < high:
            middle = (low + high + 1) // 2
            value = self.value_of(date.fromordinal(middle))
            good = value is not None and (value > line if strict else value >= line)
            low, high = (middle, high) if good else (low, middle - 1)
        return date.fromordinal(low)


@dataclass(frozen=True)
class Either:
    """What is stated, else what follows from other facts."""

    stated: Num
    derived: Value

    @property
    def known(self) -> str:
        return f"({self.stated.known} OR {self.derived.known})"

    def test(self, sheet: Sheet, op: str, line: Fraction) -> str:
        return f"(CASE WHEN {self.stated.known} THEN {self.stated.test(sheet, op, line)} ELSE {self.derived.test(sheet, op, line)} END)"


def real(value: Value) -> str | None:
    """The value as a floating-point text, NULL where unknown; None when it cannot be told so."""
    if isinstance(value, Num):
        return "CAST(NULL AS DOUBLE PRECISION)" if value.sql is None else f"{value.sql} * 1.0 / {value.scale}"
    if isinstance(value, Share) and not value.powers:
        return f"CASE WHEN {value.known} THEN {float(value.factor)} * {value.top.sql} / {value.bottom.sql} END"
    if isinstance(value, Either):
        derived = real(value.derived)
        return None if derived is None else f"CASE WHEN {value.stated.known} THEN {real(value.stated)} ELSE {derived} END"
    return value.sql if isinstance(value, Real) else None


Value = Num | Share | Real | Age | Either
NEVER = Num(None)


@dataclass(frozen=True)
class Flag:
    """1 yes, 0 no, NULL unknown, 2 left to a person. ``sql`` None: unknown for everybody."""

    sql: str | None
    human: bool = False


class Reader:
    """Facts of the vocabulary as SQL for one day."""

    def __init__(self, sheet: Sheet, inputs: Inputs, declared: dict[str, FactField]) -> None:
        self.sheet, self.inputs, self.declared = sheet, inputs, declared
        self.year = inputs.as_of.year

    def field(self, code: str) -> FactField:
        found = vocabulary.find(code, self.declared)
        if found is None:
            raise Unsupported(code)
        return found

    def number(self, code: str, year: int | None) -> Value:
        """A numeric fact."""
        field = self.field(code)
        stated, how = self._stated(field, year), field.derivation
        if how is None:
            return stated
        derived = self._derived(how, year)
        if stated.sql is None:
            return derived
        if isinstance(derived, Num):
            if derived.sql is None:
                return stated
            if derived.scale != stated.scale:
                raise Unsupported(code)
            return Num(self.sheet.define(f"coalesce({stated.sql}, {derived.sql})"), stated.scale)
        return Either(stated, derived)

    def plain(self, code: str, year: int | None) -> Num:
        """A numeric fact that is one stored number."""
        found = self.number(code, year)
        if not isinstance(found, Num):
            raise Unsupported(code)
        return found

    def _stated(self, field: FactField, year: int | None) -> Num:
        money = field.kind == "money"
        if field.column is not None:
            sql = self.inputs.state(field.column) if field.period == "state" else self.inputs.figure(field.column, int(year or 0))
            return Num(sql, FEN if money else ANSWER_SCALE if field.kind == "pct" else 1)
        sql = self.inputs.answer(field.code, year, "money" if money else "number")
        return Num(sql, FEN if money else ANSWER_SCALE)

    def _derived(self, how: Derivation, year: int | None) -> Value:
        made = _HOW.get(how.how)
        if made is None:
            raise Unsupported(how.how)
        return made(self, how, year)

    def flag(self, code: str) -> Flag:
        """A yes or no fact."""
        if code.startswith(TITLE_PREFIX):
            return Flag(self.inputs.title(code.removeprefix(TITLE_PREFIX)))
        field = self.field(code)
        stated = self.inputs.answer(code, None, "flag")
        if field.derivation is None:
            return Flag(stated)
        derived = {"both": self._both, "is_sme": self._is_sme}.get(field.derivation.how)
        if derived is None:
            raise Unsupported(code)
        found = derived(field.derivation)
        if stated is None or found.sql is None:
            return found if stated is None else Flag(stated)
        return Flag(self.sheet.define(f"coalesce({stated}, {found.sql})"), found.human)

    def word(self, code: str) -> str | None:
        """A choice or a code as text; None = unknown for everybody."""
        if code == "industry":
            return self.inputs.head("industry_code")
        if code == "credit_code":
            return self.inputs.head("credit_code")
        field = self.field(code)
        stated = self.inputs.answer(code, None, "word")
        if field.derivation is None:
            return stated
        if field.derivation.how != "entity_kind":
            raise Unsupported(code)
        individual = f"CASE WHEN substr({self.inputs.head('credit_code')}, 1, 2) = '92' THEN 'individual' END"
        return self.sheet.define(individual if stated is None else f"coalesce({stated}, {individual})")

    def _both(self, how: Derivation) -> Flag:
        flags = [self.flag(code).sql for code in how.of]
        stated = [sql for sql in flags if sql is not None]
        if not stated:
            return Flag(None)
        no = " OR ".join(f"{sql} = 0" for sql in stated)
        yes = " AND ".join(f"{sql} = 1" for sql in stated) if len(stated) == len(flags) else FALSE
        return Flag(self.sheet.define(f"CASE WHEN {no} THEN 0 WHEN {yes} THEN 1 END"))

    def _is_sme(self, _how: Derivation) -> Flag:
        """Not large by the size method of 2017; an industry it leaves out is for a person to judge."""
        year = self.year - 1
        metrics = {
            size_class.EMPLOYEES: self.plain("employees", year), size_class.REVENUE: self.plain("revenue", year),
            size_class.ASSETS: self.plain("assets", year),
        }
        industry = self.inputs.head("industry_code")
        two, three = self.sheet.define(f"substr({industry}, 1, 2)"), self.sheet.define(f"substr({industry}, 1, 3)")
        cases = [f"WHEN {starts(two, three, size_class.NOT_COVERED)} THEN 2"]
        ordered = sorted(size_class.RULES, key=lambda rule: all(len(one) == 2 for one in rule.prefixes))  # three digits go before two
        cases += [f"WHEN {starts(two, three, rule.prefixes)} THEN {self._not_large(rule, metrics)}" for rule in ordered]
        computed = f"CASE {' '.join(cases)} END"
        stated = self.inputs.answer("size_class", None, "word")
        if stated is not None:
            computed = f"CASE WHEN {stated} IS NOT NULL THEN CASE WHEN {stated} = 'large' THEN 0 ELSE 1 END ELSE {computed} END"
        return Flag(self.sheet.define(computed), True)

    def _not_large(self, rule: size_class.SizeRule, metrics: dict[str, Num]) -> str:
        limits = [(metrics[metric], Fraction(size_class.stored_limit(metric, limits[0]))) for metric, limits in rule.limits.items()]
        small = [one.test(self.sheet, "<", line) for one, line in limits if one.sql is not None]
        large = [one.test(self.sheet, ">=", line) for one, line in limits if one.sql is not None]
        no = f"WHEN {' AND '.join(large)} THEN 0" if large and len(large) == len(limits) else ""
        return f"CASE WHEN {' OR '.join(small)} THEN 1 {no} END" if small else "CAST(NULL AS INTEGER)"


def starts(two: str, three: str, prefixes: Sequence[str]) -> str:
    """An industry code beginning with one of these (two to four digits; ``three`` must reach as far)."""
    groups = {length: [one for one in prefixes if len(one) == length] for length in (2, 3)}
    if any(len(one) not in (2, 3) for one in prefixes):
        raise Unsupported("industry")
    tests = [f"{name} IN ({', '.join(quoted(one) for one in groups[length])})" for name, length in ((two, 2), (three, 3)) if groups[length]]
    return "(" + " OR ".join(tests) + ")"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _ratio(reader: Reader, how: Derivation, year: int | None) -> Value:
    top, bottom = (reader.plain(code, year) for code in how.of)
    return NEVER if top.sql is None or bottom.sql is None else Share(top, bottom, Fraction(100 * bottom.scale, top.scale))


def _compound(reader: Reader, how: Derivation, year: int | None) -> Value:
    assert year is not None
    end, base = reader.plain(how.of[0], year), reader.plain(how.of[0], year - how.years)
    return NEVER if end.sql is None or base.sql is None else Share(end, base, powers=how.years)


def _growth(reader: Reader, how: Derivation, year: int | None) -> Value:
    return _compound(reader, Derivation("compound", how.of, 1), year)


def _mean_growth(reader: Reader, how: Derivation, year: int | None) -> Value:
    assert year is not None
    values = [reader.plain(how.of[0], year - back).sql for back in range(how.years + 1)]
    if None in values:
        return NEVER
    positive = " AND ".join(f"{one} > 0" for one in values[1:])
    rates = " + ".join(f"1.0 * {values[back]} / {values[back + 1]}" for back in range(how.years))
    name = reader.sheet.define(f"CASE WHEN {positive} THEN ({rates} - {how.years}) * 100.0 / {how.years} END")
    return Real(name, name)


def _added(reader: Reader, how: Derivation, year: int | None) -> Value:
    found = [reader.plain(code, year) for code in how.of]
    if any(one.sql is None for one in found):
        return NEVER
    if len({one.scale for one in found}) != 1:
        raise Unsupported(how.how)
    return Num(reader.sheet.define("(" + (" - " if how.how == "difference" else " + ").join(str(one.sql) for one in found) + ")"), found[0].scale)


def _ratio_3y(reader: Reader, how: Derivation, year: int | None) -> Value:
    assert year is not None
    tops, bottoms = ([reader.plain(code, year - back) for back in range(3)] for code in how.of)
    if tops[0].sql is None or bottoms[0].sql is None:
        return NEVER
    top, bottom = (Num(_since_founded(reader, values, year), values[0].scale) for values in (tops, bottoms))
    return Share(top, bottom, Fraction(100 * bottom.scale, top.scale))


def _since_founded(reader: Reader, values: list[Num], year: int) -> str:
    """Sum of three years, of fewer for a firm founded within them."""
    founded = reader.inputs.head("founded_on")
    sums = [None if any(one.sql is None for one in values[: years + 1]) else " + ".join(str(one.sql) for one in values[: years + 1]) for years in range(3)]
    texts = [one or "NULL" for one in sums]
    return reader.sheet.define(
        f"CASE WHEN {founded} >= '{year + 1}-01-01' THEN NULL WHEN {founded} >= '{year}-01-01' THEN {texts[0]} "
        f"WHEN {founded} >= '{year - 1}-01-01' THEN {texts[1]} ELSE {texts[2]} END"
    )


def _high_tech_growth(reader: Reader, how: Derivation, year: int | None) -> Value:
    assert year is not None
    y3, y2, y1 = (reader.plain(how.of[0], year - back).sql for back in range(3))
    if y2 is None:
        return NEVER
    usual = "NULL" if y1 is None or y3 is None else (
        f"CASE WHEN {y1} = 0 THEN (1.0 * {y3} / {y2} - 1) * 100 WHEN {y1} > 0 THEN (1.0 * {y2} / {y1} + 1.0 * {y3} / {y2} - 2) * 50 END"
    )
    rough = reader.sheet.define(f"CASE WHEN {y2} > 0 THEN CAST({usual} AS DOUBLE PRECISION) END")
    return Real(reader.sheet.define(f"CASE WHEN {y2} <= 0 THEN 0 ELSE {rough} END"), rough)


def _age(reader: Reader, how: Derivation, year: int | None) -> Value:
    as_of, founded = reader.inputs.as_of, reader.inputs.head("founded_on")
    code = {"company_age": "company_age", "registered_days": "registered_days"}[how.how]

    def value_of(day: date) -> Fraction | int | None:
        value: Fraction | int | None = Look(Facts(as_of, {("founded_on", None): day})).value(code)
        return value

    limit = f" AND {founded} <= '{as_of}'" if code == "company_age" else ""
    return Age(founded, as_of, value_of, f"({founded} IS NOT NULL{limit})")


_HOW: dict[str, Callable[[Reader, Derivation, int | None], Value]] = {
    "ratio": _ratio, "growth": _growth, "mean_growth": _mean_growth, "compound": _compound, "difference": _added, "sum": _added,
    "ratio_3y": _ratio_3y, "high_tech_growth": _high_tech_growth, "company_age": _age, "registered_days": _age,
}
