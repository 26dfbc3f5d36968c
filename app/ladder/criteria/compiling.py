"""From the pack's condition trees to nodes that can be asked: groups put in, units turned into 元, comparisons chosen. Done once per version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.ladder.criteria.facts import exact
from app.ladder.criteria.scores import Row, Table, compile_row, scale_of
from app.ladder.criteria.tree import (
    Branch,
    Choice,
    Group,
    ManualLeaf,
    Node,
    NumberLeaf,
    ScoreLeaf,
    WordLeaf,
    combine_all,
    combine_any,
    period_backs,
    reaches,
)
from app.packs import vocabulary
from app.packs.schema.criteria import Case, Condition, ScorePart
from app.packs.vocabulary import MONEY_UNITS, TITLE_PREFIX, FactField


class Compiler:
    """``groups``: shared conditions by code; ``declared``: further facts of the pack."""

    def __init__(self, groups: Mapping[str, Condition], declared: Mapping[str, FactField]) -> None:
        self._groups, self._declared = groups, dict(declared)

    def node(self, source: Condition) -> Node:
        """The node of a condition that the linter has accepted."""
        if source.use is not None:
            inner = self._groups[source.use]
            return Group(source, (self.node(inner),), combine_all)
        if source.all is not None:
            return Group(source, tuple(self.node(child) for child in source.all), combine_all)
        if source.any is not None:
            return Group(source, tuple(self.node(child) for child in source.any), combine_any)
        return self._choice(source) if source.choose is not None else self._leaf(source)

    def table(self, parts: tuple[ScorePart, ...]) -> Table:
        """A score table."""
        return Table(tuple((part, tuple(self._row(item) for item in part.items)) for part in parts))

    def _row(self, item: Any) -> Row:
        def node_of(when: Condition) -> Node:
            return self.node(when.model_copy(update={"id": when.id or item.id, "clause": when.clause or item.clause}))

        return compile_row(item, node_of, scale_of(item))

    def _choice(self, source: Condition) -> Choice:
        choose = source.choose
        assert choose is not None
        scale = MONEY_UNITS.get(choose.unit or "", 1)
        ranked = self._field(choose.field) if choose.field else None
        branches = tuple(Branch(_holds(case, scale, ranked), case.label or case.then.label, self.node(case.then), case.starts_with) for case in source.cases)
        backs = period_backs(choose.period)
        return Choice(source, choose.field, backs[0] if backs else None, choose.parameter, branches)

    def _leaf(self, source: Condition) -> Node:
        if source.manual:
            return ManualLeaf(source)
        if source.score is not None:
            return ScoreLeaf(source, source.score, None if source.value is None else exact(source.value), reaches(source.op or ">="))
        if source.op is not None:
            return self._number(source)
        return self._word(source)

    def _number(self, source: Condition) -> NumberLeaf:
        assert source.field is not None and source.op is not None
        scale = MONEY_UNITS.get(source.unit or "", 1)
        line = None if source.value is None else exact(source.value) * scale
        return NumberLeaf(source, source.field, period_backs(source.period), source.span, line, scale, reaches(source.op))

    def _word(self, source: Condition) -> WordLeaf:
        backs = period_backs(source.period)
        back = backs[0] if backs else None
        if source.holds_any or source.holds_all:
            titles = tuple(TITLE_PREFIX + title for title in source.holds_any or source.holds_all)
            return WordLeaf(source, titles, None, lambda value: value is True, every=bool(source.holds_all))
        assert source.field is not None
        return WordLeaf(source, (source.field,), back, self._word_test(source, self._field(source.field)))

    def _word_test(self, source: Condition, field: FactField) -> Callable[[Any], bool]:
        if source.is_ is not None:
            wanted = source.is_
            return lambda value: bool(value) is wanted
        if source.at_least is not None:
            ranks = {code: position for position, (code, _) in enumerate(field.choices)}
            line = ranks[source.at_least]
            return lambda value: ranks[value] >= line
        if source.one_of:
            allowed = frozenset(source.one_of)
            return lambda value: value in allowed
        starts = source.starts_with
        return lambda value: str(value).startswith(starts)

    def _field(self, code: str) -> FactField:
        found = vocabulary.find(code, self._declared)
        if found is None:
            raise KeyError(code)
        return found


def _holds(case: Case, scale: int, field: FactField | None) -> Callable[[Any], bool]:
    if case.equals is not None:
        wanted = case.equals
        if field is not None and field.kind == "flag":
            return lambda value: value is (wanted == "true")
        return lambda value: bool(value == wanted)
    if case.starts_with:
        starts = case.starts_with
        return lambda value: str(value).startswith(starts)
    low, above, high, below = (None if one is None else exact(one) * scale for one in (case.from_, case.above, case.to, case.below))

    def holds(value: Any) -> bool:
        return (
            (low is None or value >= low) and (above is None or value > above)
            and (high is None or value <= high) and (below is None or value < below)
        )

    return holds
