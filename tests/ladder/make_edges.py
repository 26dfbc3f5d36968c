"""Writes the pairs of cases at every edge of the shipped criteria: ``python tests/ladder/make_edges.py``.

For each line of a leaf and each edge of a band: one case exactly on it and one a single step on the other side. What is expected follows from the
rule's own words (不低于, 高于, the higher points at a shared edge), not from the engine; the test compares the two. Run it after a rule changes.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.packs import read_pack, vocabulary  # noqa: E402
from app.packs.criteria_edges import Edge, edges  # noqa: E402
from app.packs.schema.criteria import OP_LABELS, PERIOD_OFFSETS, Criterion, ScoreItem  # noqa: E402

CASES = Path(__file__).resolve().parent / "cases"
CITIES = ("liaocheng", "yantai", "yingkou")
STEPS = {"money": Decimal("0.01"), "pct": Decimal("0.01"), "number": Decimal("0.01"), "points": Decimal("0.01"), "count": Decimal(1)}
NEAR = Decimal("0.2")
YEAR = 2026


def as_of(criterion: Criterion) -> str:
    """A day in 2026 on which the version decides (or would)."""
    ends = [applies.to for applies in criterion.applies if applies.application == "new" and applies.to is not None]
    return "2025-06-01" if ends and ends[0].year < YEAR + 1 else f"{YEAR}-06-01"


def year_of(criterion: Criterion) -> int:
    return int(as_of(criterion)[:4])


def step(edge: Edge) -> Decimal:
    field = vocabulary.find(edge.field)
    assert field is not None
    return STEPS[field.kind]


def values(edge: Edge, value: Decimal, year: int) -> Any:
    """The fact as the situation states it: every asked year the same, so that each, any, sum and mean agree with the line."""
    if edge.period is None:
        return number(value, edge)
    offsets = PERIOD_OFFSETS[edge.period]
    if edge.span == "sum":
        first = {year - offsets[0]: number(value, edge)}
        return {**first, **{year - back: 0 for back in offsets[1:]}}
    return {year - back: number(value, edge) for back in offsets}


def number(value: Decimal, edge: Edge) -> Any:
    text = format(value.normalize(), "f")
    field = vocabulary.find(edge.field)
    if field is not None and field.kind == "money":
        return f"{text}{edge.unit}"
    return int(value) if value == value.to_integral_value() else float(text)


def selectors(edge: Edge, year: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and parameters that make the cases above the leaf apply."""
    facts: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    for choose, case in edge.chosen:
        if choose.parameter is not None:
            parameters[choose.parameter] = case.equals
        elif case.starts_with:
            facts[choose.field or ""] = case.starts_with[0]
        elif case.equals is not None:
            facts[choose.field or ""] = case.equals
        else:
            inside = case.from_ if case.from_ is not None else case.above + 1 if case.above is not None else (case.to or case.below or Decimal(2)) - 1
            assert choose.period is not None
            offset = PERIOD_OFFSETS[choose.period][0]
            facts.setdefault(choose.field or "", {})[year - offset] = f"{format(Decimal(inside).normalize(), 'f')}{choose.unit or ''}"
    return facts, parameters


def holds(op: str, value: Decimal, line: Decimal) -> bool:
    return {">=": value >= line, ">": value > line, "<=": value <= line, "<": value < line, "==": value == line}[op]


def result(edge: Edge, value: Decimal) -> str:
    if holds(edge.op, value, edge.value):
        return "met"
    rising = edge.op in (">=", ">")
    near = value >= edge.value * (1 - NEAR) if rising else value <= edge.value * (1 + NEAR)
    return "near" if edge.value > 0 and near else "unmet"


def other_side(edge: Edge) -> Decimal:
    """One step away, where the answer differs from the one on the edge."""
    down = edge.op in (">=", "<")
    return edge.value - step(edge) if down else edge.value + step(edge)


def points(item: ScoreItem, value: Decimal) -> list[str]:
    """Points of a value: the fitting band with most points (an edge belongs to it)."""
    fitting = [
        (band.points, band.points if band.points_to is None else band.points_to) for band in item.bands
        if (band.start is None or value > band.start or (value == band.start and band.above is None)) and (band.to is None or value <= band.to)
    ]
    low, high = max(fitting, key=lambda pair: (pair[1], pair[0]))
    return [format(low.normalize(), "f"), format(high.normalize(), "f")]


def case_points(item: ScoreItem, facts: dict[str, Decimal | bool]) -> list[str]:
    """Points of a row of cases when every asked number is known."""
    rows = item.cases or item.sum_of
    kept = []
    for row in rows:
        when = row.when
        fact = facts[when.field or ""]
        sure = fact is when.is_ if when.is_ is not None else holds(when.op or "", Decimal(fact), when.value or Decimal(0))
        if sure:
            kept.append((row.points, row.points_to or row.points))
    if item.sum_of:
        low, high = (min(item.max, sum((pair[side] for pair in kept), Decimal(0))) for side in (0, 1))
    else:
        low, high = (max((pair[side] for pair in kept), default=Decimal(0)) for side in (0, 1))
    return [format(low.normalize(), "f"), format(high.normalize(), "f")]


def leaf_case(edge: Edge, value: Decimal, criterion: Criterion) -> dict[str, Any]:
    facts, parameters = selectors(edge, year_of(criterion))
    own = values(edge, value, year_of(criterion))
    if isinstance(own, dict) and isinstance(facts.get(edge.field), dict):
        own = {**own, **facts[edge.field]} if edge.value == value else {**facts[edge.field], **own}
    facts[edge.field] = own
    said = {"met": "符合", "near": "不符合（接近）", "unmet": "不符合"}[result(edge, value)]
    name = f"{edge.label or edge.id}：{shown(value, edge)}，要求{OP_LABELS[edge.op]} {shown(edge.value, edge)}，{said}"
    case: dict[str, Any] = {"name": name, "facts": facts, "expect": {"leaves": {edge.id: result(edge, value)}}}
    if parameters:
        case["parameters"] = parameters
    if edge.node is not None and edge.node.applications == ("review",):
        case["application"] = "review"
    return case


def band_case(edge: Edge, value: Decimal, criterion: Criterion) -> dict[str, Any]:
    assert edge.item is not None
    got = points(edge.item, value)
    name = f"{edge.label}：{shown(value, edge)}，得 {'至'.join(dict.fromkeys(got))} 分"
    facts = {edge.field: values(edge, value, year_of(criterion))}
    for sibling in edge.parent.better_of if edge.parent is not None else ():
        if sibling.field is not None and sibling.field != edge.field:  # the alternative earns nothing, so the row shows this one's points
            facts[sibling.field] = 0
    row = edge.parent or edge.item
    return {"name": name, "facts": facts, "expect": {"points": {row.id: [float(got[0]), float(got[1])]}}}


def row_case(edge: Edge, value: Decimal, criterion: Criterion) -> dict[str, Any]:
    assert edge.item is not None
    known: dict[str, Decimal | bool] = {}
    for row in (*edge.item.cases, *edge.item.sum_of):
        when = row.when
        known[when.field or ""] = not when.is_ if when.is_ is not None else Decimal(0 if when.op in (">=", ">") else 999)
    known[edge.field] = value
    got = case_points(edge.item, known)
    facts = {name: one if isinstance(one, bool) else number(one, edge) for name, one in known.items()}
    name = f"{edge.label}：{vocabulary.BY_CODE[edge.field].label} {shown(value, edge)}，得 {'至'.join(dict.fromkeys(got))} 分"
    return {"name": name, "facts": facts, "expect": {"points": {edge.item.id: [float(got[0]), float(got[1])]}}}


def choose_case(edge: Edge, value: Decimal, criterion: Criterion) -> dict[str, Any]:
    """Which case applies on and beside the edge between cases: named by the label of the case."""
    assert edge.node is not None
    fitting = [
        case for case in edge.node.cases
        if (case.from_ is None or value >= case.from_) and (case.above is None or value > case.above)
        and (case.to is None or value <= case.to) and (case.below is None or value < case.below)
    ]
    facts, parameters = selectors(edge, year_of(criterion))
    facts[edge.field] = values(edge, value, year_of(criterion))
    label = fitting[0].label if fitting else None
    name = f"{edge.label}：{vocabulary.BY_CODE[edge.field].label} {shown(value, edge)}，适用“{label or '没有对应的一档，不符合'}”"
    expect = {"case": {edge.id: label}} if fitting else {"leaves": {edge.id: "unmet"}}
    return {"name": name, "facts": facts, "expect": expect, **({"parameters": parameters} if parameters else {})}


def shown(value: Decimal, edge: Edge) -> str:
    unit = edge.unit or vocabulary.BY_CODE[edge.field].unit
    return f"{format(value.normalize(), 'f')}{unit if unit == '%' else ' ' + unit}".strip()


MAKERS = {"leaf": leaf_case, "band": band_case, "case": row_case, "choose": choose_case}


def pair(edge: Edge, criterion: Criterion) -> list[dict[str, Any]]:
    mark = {"rule": edge.rule, "id": edge.id, "value": format(edge.value.normalize(), "f")}
    other = other_side(edge)
    found = []
    for value, side in ((edge.value, "at"), (other, "below" if other < edge.value else "above")):
        case = MAKERS[edge.kind](edge, value, criterion)
        found.append({**case, "edge": {**mark, "side": side}})
    return found


def write() -> None:
    """One file per version; the first city that has the version is asked."""
    done: set[str] = set()
    for city in CITIES:
        content = read_pack(city).content
        found = list(edges(content))
        for criterion in content.criteria:
            rows = [edge for edge in found if edge.rule == criterion.code]
            if criterion.code in done or not rows:
                continue
            done.add(criterion.code)
            cases = [case for edge in rows for case in pair(edge, criterion)]
            head = {"city": city, "rule": criterion.code, "as_of": as_of(criterion), "cases": cases}
            text = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=150, default_flow_style=None)
            path = CASES / f"edges_{criterion.code}.yaml"
            path.write_text(f"# 由 tests/ladder/make_edges.py 生成：每个门槛、每个分档边界，正好在边界上和差一步各一例。\n{text}", "utf-8")


if __name__ == "__main__":
    write()
