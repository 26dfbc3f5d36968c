"""Rule versions: every leaf has a source clause and known words, groups have no cycle, versions do not overlap, tables have no gap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from app.packs import vocabulary
from app.packs.criteria_tree import CycleFound, applications_of, item_conditions, items, walk
from app.packs.lint_bands import Message, lint_cases, lint_item, lint_parts, lint_sum
from app.packs.schema import PackContent
from app.packs.schema.criteria import (
    APPLICATION_LABELS,
    APPLICATIONS,
    PERIOD_OFFSETS,
    Applies,
    Choose,
    Condition,
    Criterion,
    LocalScore,
    ScoreItem,
)

Fault = tuple[str, int, str, tuple[str | None, str]]
FactFields = dict[str, vocabulary.FactField]


def lint_criteria(content: PackContent) -> Iterator[Fault]:
    """Every fault of the criteria of a pack."""
    groups = {group.code: group.rule for group in content.condition_groups}
    declared = declared_facts(content)
    for position, group in enumerate(content.condition_groups):
        for code, name, text in _group_faults(group.code, group.rule, groups):
            yield "condition_groups", position, code, (group.code if name == group.code else f"{group.code}/{name}", text)
    for position, criterion in enumerate(content.criteria):
        for code, name, text in (*_version_faults(criterion, content), *_tree_faults(criterion, groups, declared, content)):
            yield "criteria", position, code, (f"{criterion.code}/{name}" if name else criterion.code, text)
    for position, local in enumerate(content.local_scores):
        for code, name, text in _local_faults(local, content, declared):
            yield "local_scores", position, code, (f"{local.code}/{name}", text)
    for position, fact in enumerate(content.facts):
        if vocabulary.find(fact.code) or fact.code in vocabulary.ALIASES:
            yield "facts", position, "duplicate_code", (fact.code, f"数据项“{fact.code}”系统已有，请换一个代码。")
    yield from _overlaps(content)


def declared_facts(content: PackContent) -> FactFields:
    """The pack's own facts as fields of the vocabulary."""
    return {
        fact.code: vocabulary.FactField(fact.code, fact.label, fact.kind, fact.unit or "", fact.period) for fact in content.facts
    }


def _group_faults(code: str, rule: Condition, groups: Mapping[str, Condition]) -> Iterator[Message]:
    try:
        for _ in walk(rule, groups, (code,)):
            pass
    except CycleFound as cycle:
        yield "cycle", code, f"共用条件互相引用成环：{cycle}，请拆开。"


def _version_faults(criterion: Criterion, content: PackContent) -> Iterator[Message]:
    if criterion.title not in {title.code for title in content.titles}:
        yield "bad_reference", "", f"字段“title”引用的称号“{criterion.title}”不存在，请核对代码，或先补上该称号。"
    for applies in criterion.applies:
        if applies.to is not None and applies.to < applies.from_:
            yield "dates_reversed", "", "applies 的 to 早于 from，请核对两个日期。"
        if applies.from_ < criterion.effective_from or (criterion.effective_to or date.max) < (applies.to or date.max):
            yield "dates_outside", "", "applies 的期间超出了 effective_from、effective_to，请核对。"
    yield from lint_parts(criterion.parts)


def _tree_faults(criterion: Criterion, groups: Mapping[str, Condition], declared: FactFields, content: PackContent) -> Iterator[Message]:
    try:
        nodes = list(walk(criterion.rule, groups))
    except CycleFound as cycle:
        yield "cycle", "", f"共用条件互相引用成环：{cycle}，请拆开。"
        return
    parameters = {one.code for one in criterion.parameters}
    parts = {"total", *(part.code for part in criterion.parts)}
    titles = {title.code for title in content.titles}
    for node in nodes:
        yield from _node_faults(node, groups, declared, parameters, parts, titles)
    for item in items(criterion.parts):
        yield from item_faults(item, declared, parameters, titles)
    yield from _same_ids(nodes, criterion)


def _same_ids(nodes: list[Condition], criterion: Criterion) -> Iterator[Message]:
    for application in APPLICATIONS:
        leaves = {id(node): node for node in nodes if node.is_leaf and application in applications_of(node)}
        names = [node.id for node in leaves.values()]  # a group used in several cases is one thing
        names += [item.id for item in items(criterion.parts)]
        for name in sorted({name for name in names if name is not None and names.count(name) > 1}):
            yield "duplicate_id", name, f"编号“{name}”在同一版本里用了两次（{APPLICATION_LABELS[application]}），请改成不同的编号。"


def _node_faults(
    node: Condition, groups: Mapping[str, Condition], declared: FactFields, parameters: set[str], parts: set[str], titles: set[str],
) -> Iterator[Message]:
    name = node.id or node.label or node.field or node.use or "（无编号）"
    if node.use is not None and node.use not in groups:
        yield "bad_reference", name, f"字段“use”引用的共用条件“{node.use}”不存在。"
    if any(child.veto or child.advisory for child in node.any or ()):
        yield "veto_in_any", name, "any 里不能放 veto 或 advisory 条件，请移到外层的 all。"
    if node.choose is not None:
        if node.id is None or not node.clause:
            yield "clause_missing", name, "choose 条件要写编号 id 和依据条款 clause。"
        yield from lint_cases(name, node.cases)
        yield from _choose_faults(name, node, node.choose, declared, parameters)
    if node.is_leaf:
        yield from leaf_faults(node, declared, parameters, titles)
        if node.id is None:
            yield "id_missing", name, "叶子条件没有写编号 id。"
        if node.score is not None and node.score not in parts:
            yield "bad_reference", name, f"字段“score”引用的评分部分“{node.score}”不存在，只能是：{'、'.join(sorted(parts))}。"


def _choose_faults(name: str, node: Condition, choose: Choose, declared: FactFields, parameters: set[str]) -> Iterator[Message]:
    if choose.parameter is not None:
        if choose.parameter not in parameters:
            yield "bad_reference", name, f"字段“choose.parameter”引用的参数“{choose.parameter}”不存在。"
        return
    field = vocabulary.find(choose.field or "", declared)
    if field is None:
        yield _unknown(name, choose.field)
        return
    if field.period == "year" and choose.period is None:
        yield "period_missing", name, f"“{field.label}”是按年的数，要写 period。"
    if field.kind == "choice":
        known = {code for code, _ in field.choices}
        for case in node.cases:
            if case.equals not in known:
                yield "bad_value", name, f"“{case.equals}”不是“{field.label}”的选项，只能是：{'、'.join(sorted(known))}。"


def leaf_faults(node: Condition, declared: FactFields, parameters: set[str], titles: set[str]) -> Iterator[Message]:
    """One leaf: clause, field, period, unit, choices, titles, parameter."""
    name = node.id or node.label or node.field or "（无编号）"
    if not node.clause:
        yield "clause_missing", name, "没有写依据条款 clause，每个叶子条件都必须写明出处。"
    for title in (*node.holds_any, *node.holds_all):
        if title not in titles:
            yield "bad_reference", name, f"引用的称号“{title}”不存在，请核对代码。"
    if node.parameter is not None and node.parameter not in parameters:
        yield "bad_reference", name, f"引用的参数“{node.parameter}”不存在。"
    if node.field is not None:
        field = vocabulary.find(node.field, declared)
        if field is None:
            yield _unknown(name, node.field)
        else:
            yield from _field_faults(name, node, field)


def _field_faults(name: str, node: Condition, field: vocabulary.FactField) -> Iterator[Message]:
    yield from _period_faults(name, node.period, node.span, field)
    if node.op is not None and not field.numeric:
        yield "bad_value", name, f"“{field.label}”不是数值，不能用 op 比较。"
    if field.kind == "money" and node.op is not None and node.unit not in vocabulary.MONEY_UNITS:
        yield "unit_mismatch", name, f"“{field.label}”是金额，unit 要写 {'、'.join(vocabulary.MONEY_UNITS)} 之一。"
    if node.is_ is not None and field.kind != "flag":
        yield "bad_value", name, f"“{field.label}”不是“是/否”项，不能用 is。"
    choices = {code for code, _ in field.choices}
    for code in ((node.at_least,) if node.at_least else ()) + node.one_of:
        if code not in choices:
            yield "bad_value", name, f"“{code}”不是“{field.label}”的选项，只能是：{'、'.join(sorted(choices)) or '（没有选项）'}。"


def _period_faults(name: str, period: str | None, span: str | None, field: vocabulary.FactField) -> Iterator[Message]:
    if (field.period == "year") != (period is not None):
        yield "period_missing", name, f"“{field.label}”{'是按年的数，要写 period' if field.period == 'year' else '不分年度，不写 period'}。"
    elif period is not None and (len(PERIOD_OFFSETS[period]) > 1) != (span is not None):
        yield "span_missing", name, "period 含几个年度时要写 span（each、any、sum、mean），只有一个年度时不写。"


def item_faults(item: ScoreItem, declared: FactFields, parameters: set[str], titles: set[str]) -> Iterator[Message]:
    """The field and conditions of one score row."""
    for node in item_conditions(item):
        clause = node.clause or item.clause
        yield from leaf_faults(node.model_copy(update={"clause": clause, "id": node.id or item.id}), declared, parameters, titles)
        if node.is_group:
            yield "bad_shape", item.id, "评分项里的 when 只能是单个条件。"
    if item.field is not None:
        field = vocabulary.find(item.field, declared)
        if field is None:
            yield _unknown(item.id, item.field)
        else:
            yield from _period_faults(item.id, item.period, item.span, field)
            if not field.numeric:
                yield "bad_value", item.id, f"“{field.label}”不是数值，不能分档计分。"
            if field.kind == "money" and item.unit not in vocabulary.MONEY_UNITS:
                yield "unit_mismatch", item.id, f"“{field.label}”是金额，unit 要写 {'、'.join(vocabulary.MONEY_UNITS)} 之一。"


def _local_faults(local: LocalScore, content: PackContent, declared: FactFields) -> Iterator[Message]:
    criterion = next((one for one in content.criteria if one.code == local.criterion), None)
    part = None if criterion is None else next((one for one in criterion.parts if one.code == local.part and one.local), None)
    if criterion is None or part is None:
        yield "bad_reference", local.part, f"认定条件“{local.criterion}”里没有由省定的部分“{local.part}”（local: true）。"
        return
    yield from lint_sum(part.code, part.max, local.items)
    for item in local.items:
        yield from lint_item(item)
        yield from item_faults(item, declared, {one.code for one in criterion.parameters}, {title.code for title in content.titles})


def _overlaps(content: PackContent) -> Iterator[Fault]:
    """No day on which two versions decide the same application of the same title in the same region."""
    periods: dict[tuple[str, str, str | None, str], list[tuple[Applies, int, Criterion]]] = defaultdict(list)
    for position, criterion in enumerate(content.criteria):
        if not criterion.disabled:
            for applies in criterion.applies:
                periods[criterion.title, criterion.region, criterion.level, applies.application].append((applies, position, criterion))
    for (_, _, _, application), same in periods.items():
        same.sort(key=lambda row: row[0].from_)
        for (earlier, _, one), (later, position, other) in pairwise(same):
            if later.from_ <= (earlier.to or date.max):
                label = APPLICATION_LABELS[application]
                text = f"与“{one.code}”在{label}上的适用期间重叠（{later.from_} 起），同一天只能有一个版本，请调整 applies。"
                yield "criteria", position, "versions_overlap", (other.code, text)


def _unknown(name: str, field: str | None) -> Message:
    return "unknown_field", name, f"不认识数据项“{field}”，请核对拼写，或在 facts 里声明。"
