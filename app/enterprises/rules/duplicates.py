"""How likely two records are one enterprise. Points order the hints; nobody is merged by points."""

from __future__ import annotations

from dataclasses import dataclass

from app.enterprises.rules.naming import core_name, likeness, search_key

SIMILAR = 0.75
"""From this likeness on two names of one town are called similar (a working value of the screen, not of any policy)."""


@dataclass(frozen=True)
class Identity:
    """What is compared. ``names``: present, short and former ones; ``marks``: phone marks of its contacts."""

    credit_code: str
    name: str
    names: frozenset[str] = frozenset()
    town_id: int | None = None
    marks: frozenset[str] = frozenset()
    legal_person: str | None = None


@dataclass(frozen=True)
class Reason:
    """Why two records look alike: stable code, Chinese words, points."""

    code: str
    label: str
    points: int


def reasons(first: Identity, second: Identity) -> list[Reason]:
    """All reasons, strongest first; empty when nothing speaks for a duplicate."""
    found = [r for r in (_by_name(first, second), _by_code(first, second), _by_phone(first, second)) if r]
    if found and first.legal_person and first.legal_person == second.legal_person:
        found.append(Reason("same_person", "法定代表人相同", 10))
    return sorted(found, key=lambda r: -r.points)


def score(found: list[Reason]) -> int:
    """Sum of points, at most 100."""
    return min(sum(r.points for r in found), 100)


def one_slip_apart(first: str, second: str) -> bool:
    """One character differs, or two neighbours are swapped."""
    if len(first) != len(second) or first == second:
        return False
    places = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    if len(places) == 1:
        return True
    i, j = places[0], places[-1]
    return len(places) == 2 and j == i + 1 and first[i] == second[j] and first[j] == second[i]


def _by_name(first: Identity, second: Identity) -> Reason | None:
    a, b = search_key(first.name), search_key(second.name)
    if a == b:
        return Reason("same_name", "企业名称相同", 60)
    if core_name(first.name) == core_name(second.name):
        return Reason("same_core_name", "除公司类型外名称相同", 50)
    if a in {search_key(n) for n in second.names} or b in {search_key(n) for n in first.names}:
        return Reason("former_name", "名称与另一家的简称或曾用名相同", 45)
    if first.town_id is not None and first.town_id == second.town_id and likeness(core_name(first.name), core_name(second.name)) >= SIMILAR:
        return Reason("similar_name", "同一镇街且名称相近", 30)
    return None


def _by_code(first: Identity, second: Identity) -> Reason | None:
    if one_slip_apart(first.credit_code, second.credit_code):
        return Reason("code_slip", "信用代码只差一个字符", 40)
    if first.credit_code[8:17] == second.credit_code[8:17] and first.credit_code != second.credit_code:
        return Reason("same_organisation", "组织机构代码相同", 50)
    return None


def _by_phone(first: Identity, second: Identity) -> Reason | None:
    return Reason("same_phone", "联系电话相同", 25) if first.marks & second.marks else None
