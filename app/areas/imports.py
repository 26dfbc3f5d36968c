"""Pasted population tables: one town per line, as copied from a spreadsheet."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.areas.actions import PopulationLine
from app.areas.queries import Resolver
from app.areas.rules import Resolution
from app.kernel.text import clean, plain_signs

LIMIT = 3000
LARGEST = 5_000_000
"""More people than any town has: a slip of the unit."""
_TOTALS = ("合计", "总计", "小计", "全市")


@dataclass(frozen=True)
class Problem:
    """Why a pasted line was not taken; ``line`` counts from 1."""

    line: int
    text: str
    message_zh: str


@dataclass(frozen=True)
class Pasted:
    lines: list[PopulationLine]
    problems: list[Problem]


def read_population(text: str, resolver: Resolver) -> Pasted:
    """Lines ``town, persons``, ``county, town, persons`` or ``code, town, persons``, separated by tab, comma or blank.

    Head, total and blank lines are passed over. A town named twice with different figures is a problem.
    """
    lines: dict[int, int] = {}
    problems: list[Problem] = []
    rows = text.splitlines()
    if len(rows) > LIMIT:
        return Pasted([], [Problem(LIMIT + 1, "", f"一次最多粘贴 {LIMIT} 行，请分次粘贴。")])
    for number, raw in enumerate(rows, 1):
        cells = [clean(c) for c in re.split(r"\t|[,，;；]|\s{1,}", _join_thousands(raw.strip())) if clean(c)]
        if not cells or any(word in cells[0] for word in _TOTALS) or (number == 1 and not re.search(r"\d", plain_signs(cells[-1]))):
            continue
        message = _take(cells, resolver, lines)
        if message:
            problems.append(Problem(number, raw.strip()[:60], message))
    return Pasted([PopulationLine(town, persons) for town, persons in lines.items()], problems)


def _join_thousands(text: str) -> str:
    """12,345 is one number, not two cells."""
    return re.sub(r"(?<=\d)[,，](?=\d{3}(\D|$))", "", text)


def _take(cells: list[str], resolver: Resolver, lines: dict[int, int]) -> str | None:
    if len(cells) < 2:
        return "这一行缺少镇街或人数，应为“镇街 人数”。"
    persons = _persons(cells[-1])
    if persons is None:
        return f"“{cells[-1]}”不是人数，请填整数，如 45210 或 4.5万。"
    if not 0 <= persons <= LARGEST:
        return f"人数 {persons} 不合常理，请核对单位（人）。"
    found = _town(cells[:-1], resolver)
    if found.town is None:
        return found.message_zh
    if lines.get(found.town.id, persons) != persons:
        return f"“{found.town.label}”在粘贴内容中出现两次且人数不同，请只保留一行。"
    lines[found.town.id] = persons
    return None


def _town(names: list[str], resolver: Resolver) -> Resolution:
    first = resolver.resolve(names[0])
    if first.town or len(names) == 1:
        return first
    return resolver.resolve(names[1], names[0] if not names[0].isdigit() else None)


def _persons(text: str) -> int | None:
    plain = plain_signs(text).removesuffix("人")
    factor = Decimal(10_000) if plain.endswith("万") else Decimal(1)
    try:
        value = Decimal(plain.removesuffix("万")) * factor
    except InvalidOperation:
        return None
    return int(value) if value.is_finite() and value == value.to_integral_value() else None
