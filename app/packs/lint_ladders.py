"""Ladders lead upwards: a pack has one, no title stands on two of its steps, nothing leads back to itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from app.packs.criteria_tree import applications_of
from app.packs.schema import Ladder, PackContent
from app.packs.schema.criteria import Condition, Criterion

Fault = tuple[str, int, str, tuple[str | None, str]]


def lint_ladders(content: PackContent) -> Iterator[Fault]:
    """Faults of the ladders and of what titles ask of one another."""
    if all(ladder.disabled for ladder in content.ladders):
        yield "ladders", 0, "ladder_missing", (None, "政策包里没有梯度，页面无从分层。请在 ladders.yaml 至少写一个梯度，或引入带梯度的基础包。")
    for position, ladder in enumerate(content.ladders):
        for code, text in _of_ladder(ladder):
            yield "ladders", position, code, (ladder.code, text)
    known = {ladder.code for ladder in content.ladders}
    for position, setting in enumerate(content.settings):
        if setting.code == "default_ladder" and setting.value not in known:
            yield "settings", position, "bad_reference", (setting.code, f"默认梯度“{setting.value}”不存在，请核对代码。")
    yield from _needs(content)


def _of_ladder(ladder: Ladder) -> Iterator[tuple[str, str]]:
    codes: dict[str, int] = {}
    standing: dict[str, str] = {}
    for place, rung in enumerate(ladder.rungs):
        if rung.code in codes:
            yield "duplicate_code", f"层级代码“{rung.code}”用了两次（第 {codes[rung.code] + 1} 层和第 {place + 1} 层），请改成不同的代码。"
        codes.setdefault(rung.code, place)
        for title in rung.titles:
            if title in standing and ladder.ordered:
                text = f"称号“{title}”既在“{standing[title]}”又在“{rung.label}”，上下层成环，一个称号在有序梯度里只能在一层。"
                yield "cycle", text
            standing.setdefault(title, rung.label)
    for place, rung in enumerate(ladder.rungs):
        above = {title for higher in ladder.rungs[place:] for title in higher.titles}
        for title in sorted(above.intersection(rung.approach)) if ladder.ordered else ():
            yield "cycle", f"“{rung.label}”的 approach 写了本层或更高层的称号“{title}”，成环；正在接近的称号应低于本层。"


def _needs(content: PackContent) -> Iterator[Fault]:
    """A title whose holders must already hold it, directly or by way of others, can never be granted for the first time."""
    told: set[str] = set()
    groups = {group.code: group.rule for group in content.condition_groups}
    needed = [(position, one, frozenset(_held_first(one.rule, groups, ()))) for position, one in enumerate(content.criteria) if not one.disabled]
    for day in sorted({applies.from_ for _, one, _ in needed for applies in one.applies}):
        edges = {one.title: titles for _, one, titles in needed if _applies(one, day)}
        for position, one, _titles in needed:
            way = _way_back(one.title, edges) if _applies(one, day) else ()
            if way and one.code not in told:
                told.add(one.code)
                yield "criteria", position, "cycle", (one.code, f"新申报要求先持有的称号成环：{' → '.join(way)}，谁也无法首次获得，请拆开。")


def _applies(criterion: Criterion, day: date) -> bool:
    return any(one.application == "new" and one.from_ <= day and (one.to is None or day <= one.to) for one in criterion.applies)


def _held_first(node: Condition, groups: Mapping[str, Condition], path: tuple[str, ...]) -> Iterator[str]:
    """Titles without which nobody can apply for the first time."""
    if node.advisory or "new" not in applications_of(node):
        return
    yield from node.holds_all
    if len(node.holds_any) == 1:
        yield node.holds_any[0]
    inner = groups.get(node.use or "")
    if inner is not None and node.use not in path:
        yield from _held_first(inner, groups, (*path, str(node.use)))
    for child in node.all or ():
        yield from _held_first(child, groups, path)


def _way_back(start: str, edges: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The titles from ``start`` back to itself, or nothing."""
    waiting: list[tuple[str, ...]] = [(start,)]
    known = {start}
    while waiting:
        way = waiting.pop()
        for title in sorted(edges.get(way[-1], ())):
            if title == start:
                return (*way, start)
            if title not in known:
                known.add(title)
                waiting.append((*way, title))
    return ()
