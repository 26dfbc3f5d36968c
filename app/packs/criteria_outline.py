"""A rule version in plain words, line by line, for pages and for people who check it against the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.packs import vocabulary
from app.packs.lint_criteria import declared_facts
from app.packs.schema import PackContent
from app.packs.schema.criteria import (
    APPLICATION_LABELS,
    OP_LABELS,
    PERIOD_LABELS,
    SPAN_LABELS,
    Case,
    Condition,
    Criterion,
    ScoreItem,
    ScorePart,
)
from app.packs.vocabulary import FactField


@dataclass(frozen=True)
class Line:
    """One line. ``depth`` counts from 0; ``confirmed`` False = 待核; ``id`` is empty for groups."""

    depth: int
    id: str
    text: str
    clause: str
    confirmed: bool
    note: str | None = None


def outline(criterion: Criterion, content: PackContent) -> list[Line]:
    """Conditions, then the score table."""
    parameters = {
        one.code: f"{one.label} {_plain(one.value) if one.value is not None else one.choices[one.choice or '']}" for one in criterion.parameters
    }
    asked = conditions(criterion.rule, content, confirmed=criterion.confirmed, parameters=parameters)
    return [*asked, *_Writer(content, criterion.confirmed).parts(criterion.parts)]


def conditions(rule: Condition, content: PackContent, *, confirmed: bool, parameters: Mapping[str, str] | None = None) -> list[Line]:
    """A condition tree, shared groups put in. ``parameters``: code -> how it reads."""
    return list(_Writer(content, confirmed, parameters).node(rule, 0))


def rows(items: tuple[ScoreItem, ...], content: PackContent, *, confirmed: bool) -> list[Line]:
    """Rows of a score table."""
    writer = _Writer(content, confirmed)
    return [line for item in items for line in writer.item(item, 0)]


class _Writer:
    def __init__(self, content: PackContent, confirmed: bool, parameters: Mapping[str, str] | None = None) -> None:
        self._parameters = parameters or {}
        self._groups = {group.code: group for group in content.condition_groups}
        self._titles: Mapping[str, str] = {title.code: title.label for title in content.titles}
        self._declared: dict[str, FactField] = declared_facts(content)
        self._confirmed = confirmed

    def node(self, node: Condition, depth: int) -> Iterator[Line]:
        if node.use is not None:
            group = self._groups[node.use]
            yield self._line(node, depth, f"{group.label}：须全部符合")
            yield from self.node(group.rule, depth + 1)
        elif node.all is not None or node.any is not None:
            how = "须全部符合" if node.all is not None else "符合一项即可"
            name = f"{node.label}：{how}" if node.label else how
            yield self._line(node, depth, name)
            for child in node.all or node.any or ():
                yield from self.node(child, depth + 1)
        elif node.choose is not None:
            yield self._line(node, depth, f"{node.label}：{self._subject(node)}")
            for case in node.cases:
                yield Line(depth + 1, "", self._case(case), node.clause or "", self._confirmed)
                yield from self.node(case.then, depth + 2)
        else:
            yield self._line(node, depth, self.leaf(node))

    def _line(self, node: Condition, depth: int, text: str) -> Line:
        only = f"（只在{APPLICATION_LABELS[node.applications[0]]}时）" if len(node.applications) == 1 else ""
        kind = "（只作提示）" if node.advisory else "（一票否决）" if node.veto else ""
        confirmed = self._confirmed if node.confidence is None else node.confidence == "confirmed"
        return Line(depth, node.id or "", f"{text}{only}{kind}", node.clause or "", confirmed, node.note)

    def _subject(self, node: Condition) -> str:
        choose = node.choose
        assert choose is not None
        if choose.parameter is not None:
            return f"按参数（{self._parameters.get(choose.parameter, choose.parameter)}）"
        field = self._field(choose.field or "")
        return f"按{PERIOD_LABELS.get(choose.period or '', '')}{field.label}分档"

    def _wanted(self, node: Condition) -> str:
        return self._parameters.get(node.parameter or "", node.parameter or "") if node.value is None else _plain(node.value)

    def _case(self, case: Case) -> str:
        if case.label:
            return case.label
        if case.equals is not None or case.starts_with:
            return case.equals or "行业 " + "、".join(case.starts_with)
        bounds = ((case.from_, "不低于"), (case.above, "高于"), (case.to, "不高于"), (case.below, "低于"))
        return "，".join(f"{word} {_plain(value)}" for value, word in bounds if value is not None)

    def leaf(self, node: Condition) -> str:
        """One leaf: what is compared with what."""
        name = f"{node.label}：" if node.label else ""
        if node.manual:
            return f"{name}人工核验"
        if node.score is not None:
            wanted = self._wanted(node)
            return f"{name}得分{OP_LABELS[node.op or '>=']} {wanted} 分"
        if node.holds_any or node.holds_all:
            titles = "、".join(self._titles.get(code, code) for code in node.holds_any or node.holds_all)
            return f"{name}持有有效的{titles}{'之一' if len(node.holds_any) > 1 else ''}"
        field = self._field(node.field or "")
        when = PERIOD_LABELS.get(node.period or "", "") + SPAN_LABELS.get(node.span or "", "")
        if node.op is not None:
            wanted = self._wanted(node)
            return f"{name}{when}{field.label}{OP_LABELS[node.op]} {wanted}{node.unit or ''}"
        if node.is_ is not None:
            return f"{name}{field.label}为“{'是' if node.is_ else '否'}”"
        if node.at_least is not None:
            return f"{name}{field.label}不低于{field.choice_label(node.at_least)}"
        return f"{name}{field.label}为{'、'.join(field.choice_label(code) for code in node.one_of) or '、'.join(node.starts_with)}"

    def parts(self, parts: tuple[ScorePart, ...]) -> Iterator[Line]:
        for part in parts:
            local = "，各项由省规定" if part.local else ""
            yield Line(0, "", f"评分：{part.label}（满分 {_plain(part.max)} 分{local}）", "", self._confirmed)
            for item in part.items:
                yield from self.item(item, 1)

    def item(self, item: ScoreItem, depth: int) -> Iterator[Line]:
        confirmed = self._confirmed if item.confidence is None else item.confidence == "confirmed"
        yield Line(depth, item.id, f"{item.label}（满分 {_plain(item.max)} 分）：{self._points(item)}", item.clause or "", confirmed, item.note)
        for inner in item.better_of:
            yield from self.item(inner, depth + 1)

    def _points(self, item: ScoreItem) -> str:
        if item.bands:
            return "；".join(f"{self._band(band.start, band.to, item.unit or '')} {_span(band)}" for band in item.bands) + "；边界取较高分"
        if item.per is not None:
            return f"每满 {_plain(item.per)}{item.unit or ''}得 {_plain(item.points or Decimal(0))} 分"
        rows = item.cases or item.sum_of
        if rows:
            rest = f"，都不符合得 {_plain(item.otherwise)} 分" if item.otherwise else ""
            how = f"取最高一项{rest}" if item.cases else "各项相加，不超过满分"
            return "；".join(f"{self.leaf(row.when)} {_span(row)}" for row in rows) + f"（{how}）"
        return "下列各项取高" if item.better_of else "专家评定"

    def _band(self, low: Decimal | None, high: Decimal | None, unit: str) -> str:
        if low is None:
            return f"{_plain(high or Decimal(0))}{unit}以下"
        return f"{_plain(low)}{unit}以上" if high is None else f"{_plain(low)}至{_plain(high)}{unit}"

    def _field(self, code: str) -> FactField:
        found = vocabulary.find(code, self._declared)
        assert found is not None
        if code.startswith(vocabulary.TITLE_PREFIX):
            return FactField(code, f"持有{self._titles.get(code.removeprefix(vocabulary.TITLE_PREFIX), code)}", "flag")
        return found


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _span(row: object) -> str:
    points, top = getattr(row, "points", Decimal(0)), getattr(row, "points_to", None)
    return f"{_plain(points)} 分" if top is None else f"{_plain(points)}至{_plain(top)} 分"
