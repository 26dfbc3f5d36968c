"""Every point in one Chinese sentence: raw value, reference, formula with the numbers put in, score, weight, points."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from app.indicators.rules.methods import count_goal, floor_of, is_sparse
from app.indicators.rules.references import Reference
from app.indicators.rules.scheme import ItemKind, Method, Scheme, ScoredItem
from app.indicators.rules.scoring import Cell, Outcome, half_up

PLACES = 4


def said(value: Fraction) -> str:
    """At most four decimals; ≈ before a number that has more."""
    scaled = abs(value) * 10**PLACES
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    head, tail = divmod(whole, 10**PLACES)
    digits = f"{head}.{tail:0{PLACES}d}".rstrip("0").rstrip(".")
    return ("" if scaled.denominator == 1 else "≈") + ("－" if value < 0 and whole else "") + digits


def sentence(outcome: Outcome, code: str, key: str) -> str:
    """Why this town has these points for this item."""
    town = outcome.town(code)
    return "" if town is None else explain(outcome.scheme, outcome.method, outcome.scheme.by_key[key], town.cells[key], outcome.references.get(key))


def explain(scheme: Scheme, method: Method, item: ScoredItem, cell: Cell, found: Reference | None) -> str:
    """The sentence of one cell."""
    head = f"第 {item.key} 号 {item.label}："
    if cell.not_applicable:
        return f"{head}增速不适用，其权重并入第 {item.amount} 号，本项不计分。"
    if cell.raw is None:
        return f"{head}还没有数据，不按 0 计，全部补齐前暂不排名。"
    unit = "分" if item.kind is ItemKind.GRADED else item.unit
    raw = f"{head}{'批准的替代值' if cell.substitute else '原值'} {said(cell.raw)}{'' if unit == '%' else ' '}{unit}"
    score, points = half_up(cell.score, cell.over), cell.shown_points
    weight = Fraction(cell.weight, 100)
    share = f"，乘权重 {said(weight)}% 得 {points} 分{'（含并入的增速权重）' if cell.weight > item.weight else ''}。"
    entered = item.entered(cell.raw)
    capped = f"，{_cap_words(item)}按 {said(entered)} 计" if entered != cell.raw else ""
    how = _by_rank(cell) if method is Method.RANK and cell.over > 1 and item.kind is not ItemKind.GRADED else _how(scheme, method, item, entered, found)
    return f"{raw}{capped}，{how}＝{score}{share}"


def _cap_words(item: ScoredItem) -> str:
    low, high = item.cap
    return f"增速限在 {said(Fraction(low or 0))} 至 {said(Fraction(high))} 之间" if high is not None else "负值"


def _how(scheme: Scheme, method: Method, item: ScoredItem, x: Fraction, found: Reference | None) -> str:
    if item.kind is ItemKind.GRADED or found is None:
        return "评审等次平均分"
    if method is Method.TARGET:
        return _by_target(item, x)
    floor = floor_of(scheme, method)
    if item.kind is ItemKind.COUNT and found.flat and found.maximum == 0 and x == 0:
        return f"{found.n} 个镇街都没有，按起点分计，得分"
    if found.flat and (x == found.maximum or (item.kind is ItemKind.COUNT and method is Method.HYBRID and x > found.maximum)):
        return f"{found.n} 个镇街数值相同，得分"
    if method is Method.HYBRID and item.kind is ItemKind.COUNT:
        return _by_count(scheme, x, found, floor)
    names = ("最小值", "最大值") if method is Method.MINMAX else (f"第 {scheme.low_pct} 百分位", f"第 {scheme.high_pct} 百分位")
    low, high = (found.minimum, found.maximum) if method is Method.MINMAX else (found.low, found.high)
    return _between(item, x, low, high, floor, names, found.n)


def _by_rank(cell: Cell) -> str:
    n = cell.over // 2 + 1
    place = n - Fraction(cell.score * (n - 1), 100 * cell.over)
    return f"在 {n} 个有数据的镇街中位次 {said(place)}（并列取平均位次），100×（{n}－{said(place)}）÷（{n}－1）"


def _between(item: ScoredItem, x: Fraction, low: Fraction, high: Fraction, floor: int, names: tuple[str, str], n: int) -> str:
    bounds = f"参照 {n} 个镇街的{names[0]} {said(low)}、{names[1]} {said(high)}"
    good, bad = (low, high) if item.inverse else (high, low)
    reverse = "（越低越好）" if item.inverse else ""
    if low == high:
        return f"{bounds}，两者相同，{'达到' if _reaches(item, x, low) else '未达到'}{reverse}，得分"
    if (x <= good) if item.inverse else (x >= good):
        return f"{bounds}{reverse}，达到或好于{names[0] if item.inverse else names[1]}，得分"
    if (x >= bad) if item.inverse else (x <= bad):
        return f"{bounds}{reverse}，不好于{names[1] if item.inverse else names[0]}，按起点分，得分"
    above = f"（{said(high)}－{_in_sum(x)}）" if item.inverse else f"（{_in_sum(x)}－{_in_sum(low)}）"
    return f"{bounds}{reverse}，{_rise(floor)}{above}÷（{said(high)}－{_in_sum(low)}）"


def _reaches(item: ScoredItem, x: Fraction, bound: Fraction) -> bool:
    if item.inverse:
        return x <= bound
    return x > bound or (x == bound and not (item.kind is ItemKind.COUNT and not bound))


def _in_sum(value: Fraction) -> str:
    """A number behind a minus."""
    return f"（{said(value)}）" if value < 0 else said(value)


def _rise(floor: int) -> str:
    return f"{floor}＋{100 - floor}×" if floor else "100×"


def _by_count(scheme: Scheme, x: Fraction, found: Reference, floor: int) -> str:
    if is_sparse(scheme, found):
        steps = "、".join(f"{place}{' 个及以上' if place == len(scheme.sparse_steps) - 1 else ' 个'} {step}" for place, step in enumerate(scheme.sparse_steps))
        base = f"，再按 {floor}＋{100 - floor}%折算" if floor else ""
        return f"{found.n} 个镇街的第 {scheme.count_pct} 百分位 {said(found.count)} 小于 {scheme.sparse_below}，按分档（{steps}）计{base}，得分"
    goal = count_goal(found)
    name = f"目标值 {said(goal)}" if found.target is not None and found.target > found.count else f"{found.n} 个镇街的第 {scheme.count_pct} 百分位 {said(goal)}"
    if x >= goal:
        return f"参照 {name}，已达到，得分"
    return f"参照 {name}，{_rise(floor)}{said(x)}÷{said(goal)}"


def _by_target(item: ScoredItem, x: Fraction) -> str:
    goal = item.target or Fraction(0)
    reached = x <= goal if item.inverse else x >= goal
    if reached:
        return f"目标值 {said(goal)}{'（越低越好）' if item.inverse else ''}，已完成，得分"
    if x <= 0:
        return f"目标值 {said(goal)}，没有完成，得分"
    return f"目标值 {said(goal)}，100×{said(goal)}÷{said(x)}" if item.inverse else f"目标值 {said(goal)}，100×{said(x)}÷{said(goal)}"


def reference_words(scheme: Scheme, method: Method, item: ScoredItem, found: Reference | None) -> str:
    """What the item is measured against, for the head of a column."""
    if item.kind is ItemKind.GRADED or found is None:
        return "等次平均分" if item.kind is ItemKind.GRADED else "—"
    if method is Method.TARGET:
        return f"目标 {said(item.target or Fraction(0))}"
    if method is Method.RANK:
        return f"{found.n} 个镇街位次"
    if method is Method.MINMAX:
        return f"{said(found.minimum)}～{said(found.maximum)}"
    if method is Method.HYBRID and item.kind is ItemKind.COUNT:
        return "分档" if is_sparse(scheme, found) else f"满分 {said(count_goal(found))}"
    return f"{said(found.low)}～{said(found.high)}"


def reference_plain(found: Reference | None, scheme: Scheme) -> Mapping[str, object] | None:
    """For the command's JSON: numbers by the names of the percentiles."""
    if found is None:
        return None
    numbers = {
        "min": found.minimum, "max": found.maximum, f"p{scheme.low_pct}": found.low, f"p{scheme.high_pct}": found.high, f"p{scheme.count_pct}": found.count,
        "target": found.target,
    }
    return {"n": found.n} | {name: None if value is None else number_plain(value) for name, value in numbers.items()}


def number_plain(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)
