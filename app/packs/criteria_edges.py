"""Every number at which an answer changes: the lines of leaves and the edges of bands. For generated cases and for the check that there are some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.packs.criteria_tree import CycleFound, item_conditions
from app.packs.schema import PackContent
from app.packs.schema.criteria import Case, Choose, Condition, Criterion, ScoreItem

Chosen = tuple[tuple[Choose, Case], ...]


@dataclass(frozen=True)
class Edge:
    """One number of one rule. ``kind``: leaf (a line), band (an edge of a band), case (a line inside a score row), choose (an edge between cases).
    ``chosen``: the cases that must apply for the leaf to be asked at all. ``parent``: the row this one is an alternative of."""

    rule: str
    id: str
    kind: str
    value: Decimal
    field: str
    unit: str
    period: str | None
    span: str | None
    op: str
    label: str
    chosen: Chosen = ()
    item: ScoreItem | None = None
    node: Condition | None = None
    parent: ScoreItem | None = None

    @property
    def key(self) -> tuple[str, str, Decimal]:
        return self.rule, self.id, self.value


def edges(content: PackContent) -> Iterator[Edge]:
    """Edges of every version, local score rows included (they carry the code of the version they fill)."""
    groups = {group.code: group.rule for group in content.condition_groups}
    seen: set[tuple[str, str, Decimal, str]] = set()
    for criterion in content.criteria:
        parameters = {one.code: one.value for one in criterion.parameters}
        found = [*_of_tree(criterion.rule, criterion, groups, parameters, (), ())]
        for part in criterion.parts:
            for item in part.items:
                found += _of_item(item, criterion.code)
        for local in content.local_scores:
            if local.criterion == criterion.code:
                for item in local.items:
                    found += _of_item(item, criterion.code)
        for edge in found:
            mark = (*edge.key, edge.kind)
            if mark not in seen:
                seen.add(mark)
                yield edge


def _of_tree(
    node: Condition, criterion: Criterion, groups: Mapping[str, Condition], parameters: Mapping[str, Decimal | None], chosen: Chosen,
    path: tuple[str, ...],
) -> Iterator[Edge]:
    if node.use is not None and node.use in groups:
        if node.use in path:
            raise CycleFound((*path, node.use))
        yield from _of_tree(groups[node.use], criterion, groups, parameters, chosen, (*path, node.use))
    for child in (*(node.all or ()), *(node.any or ())):
        yield from _of_tree(child, criterion, groups, parameters, chosen, path)
    if node.choose is not None:
        yield from _of_choose(node, node.choose, criterion.code, chosen)
        for case in node.cases:
            yield from _of_tree(case.then, criterion, groups, parameters, (*chosen, (node.choose, case)), path)
    if node.op is not None and node.field is not None:
        value = node.value if node.value is not None else parameters.get(node.parameter or "")
        if value is not None:
            yield Edge(
                criterion.code, node.id or "", "leaf", value, node.field, node.unit or "", node.period, node.span, node.op, node.label or "", chosen,
                node=node,
            )


def _of_choose(node: Condition, choose: Choose, rule: str, chosen: Chosen) -> Iterator[Edge]:
    if choose.field is None:
        return
    for case in node.cases:
        for value, op in ((case.from_, ">="), (case.above, ">"), (case.to, "<="), (case.below, "<")):
            if value is not None:
                yield Edge(rule, node.id or "", "choose", value, choose.field, choose.unit or "", choose.period, None, op, node.label or "", chosen, node=node)


def _of_item(item: ScoreItem, rule: str, parent: ScoreItem | None = None) -> Iterator[Edge]:
    for band in item.bands:
        if band.start is not None and item.field is not None:
            op = ">" if band.above is not None else ">="
            yield Edge(rule, item.id, "band", band.start, item.field, item.unit or "", item.period, item.span, op, item.label, item=item, parent=parent)
    for inner in item.better_of:
        yield from _of_item(inner, rule, item)
    if not item.better_of:
        for node in item_conditions(item):
            if node.op is not None and node.field is not None and node.value is not None:
                name = f"{item.id}:{node.field}"
                yield Edge(rule, name, "case", node.value, node.field, node.unit or "", node.period, node.span, node.op, item.label, item=item, node=node)
