"""The rows of an indicator system agree with what the head of its annex declares, on every day on which they change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from app.packs.schema import Indicator, IndicatorSystem, PackContent, ScoringScheme
from app.packs.schema.indicators import NATURE_LABELS

Fault = tuple[str, int, str, tuple[str | None, str]]


def lint_indicators(content: PackContent) -> Iterator[Fault]:
    """Counts, weights, numbering and direction per system and day; shape of every row."""
    for position, row in enumerate(content.indicators):
        for text in _row_faults(row):
            yield "indicators", position, "indicator_inconsistent", (row.code, text)
    for position, system in enumerate(content.indicator_systems):
        rows = [row for row in content.indicators if row.system == system.code and not row.disabled]
        said: set[str] = set()
        for day in _change_days(system, rows):
            for text in _system_faults(system, [row for row in rows if row.in_force(day)]):
                if text not in said:
                    said.add(text)
                    yield "indicator_systems", position, "indicator_system_inconsistent", (system.code, f"{text}（{day} 有效的各行）")
    for position, scheme in enumerate(content.scoring_schemes):
        for text in _scheme_faults(scheme, [row for row in content.indicators if row.system == scheme.system and not row.disabled]):
            yield "scoring_schemes", position, "scoring_scheme_inconsistent", (scheme.code, text)


def _scheme_faults(scheme: ScoringScheme, rows: Sequence[Indicator]) -> Iterator[str]:
    """Every key it names is a quantitative item; inverse items are continuous; growth and its amount belong to one indicator."""
    keys = {key: row for row in rows if row.nature == "quantitative" for key in row.keys}
    named = {*scheme.continuous, *scheme.growth, *scheme.growth.values(), *scheme.never_negative, *scheme.targets}
    if named - keys.keys():
        yield f"写到的取值项 {'、'.join(sorted(named - keys.keys()))} 不是本体系的定量取值项"
    if lacking := [key for key, row in keys.items() if row.direction == "inverse" and key not in scheme.continuous]:
        yield f"逆向指标 {'、'.join(lacking)} 应列入 continuous"
    if lacking := [key for key, amount in scheme.growth.items() if keys.get(key) is not keys.get(amount) or key not in scheme.continuous]:
        yield f"增速项 {'、'.join(lacking)} 应列入 continuous，并与它的总量项属于同一个指标"
    if unknown := [str(seq) for seq in scheme.ties if seq not in {row.seq for row in rows if row.nature != "veto"}]:
        yield f"同分比较的第 {'、'.join(unknown)} 号不是计分指标"


def _change_days(system: IndicatorSystem, rows: Sequence[Indicator]) -> list[date]:
    days = {system.effective_from, *(row.effective_from for row in rows)}
    return sorted(day for day in days if system.in_force(day))


def _system_faults(system: IndicatorSystem, rows: Sequence[Indicator]) -> Iterator[str]:
    def count(nature: str) -> int:
        return sum(row.nature == nature for row in rows)

    weight = sum(row.weight or 0 for row in rows)
    if sorted(row.seq for row in rows) != list(range(1, system.scored + system.veto + 1)):
        yield f"应有 {system.scored + system.veto} 行、序号从 1 连续编号，现有 {len(rows)} 行"
    if weight != system.weight_total:
        yield f"权重合计应为 {system.weight_total}，现为 {weight}"
    for nature, declared in (("quantitative", system.quantitative), ("graded", system.graded), ("veto", system.veto)):
        if count(nature) != declared:
            yield f"{NATURE_LABELS[nature]}指标应有 {declared} 个，现有 {count(nature)} 个"
    if sorted(row.seq for row in rows if row.direction == "inverse") != sorted(system.inverse):
        yield f"逆向指标应是第 {_numbers(system.inverse)} 号"
    if sorted(row.seq for row in rows if row.nature == "veto") != sorted(system.veto_rows):
        yield f"一票否决应是第 {_numbers(system.veto_rows)} 号"
    groups = tuple(dict.fromkeys(row.group for row in sorted(rows, key=lambda row: row.seq)))
    expected = (*system.groups, *([system.veto_group] if system.veto_group else []))
    if groups != expected:
        yield f"一级指标应依次为：{'、'.join(expected)}"


def _numbers(numbers: Sequence[int]) -> str:
    return "、".join(str(number) for number in numbers) or "（无）"


def _row_faults(row: Indicator) -> Iterator[str]:
    veto = row.nature == "veto"
    if veto != (row.source == "veto") or (row.nature == "graded") != (row.source == "graded"):
        yield "指标性质 nature 与数据来源 source 不一致"
    if veto and (row.weight is not None or row.direction is not None or row.items):
        yield "一票否决指标不写权重、方向和取值项"
    if not veto and (not row.weight or row.direction is None or not row.items):
        yield "计分指标必须写权重、方向和取值项"
    if row.items and sum(item.share_pct for item in row.items) != 100:
        yield "各取值项的 share_pct 合计应为 100"
    if any(key.rstrip("abcdefghijklmnopqrstuvwxyz") != str(row.seq) for key in row.keys) or len(set(row.keys)) != len(row.keys):
        yield "取值项的 key 应以序号开头且不重复"
    if (row.source == "register") != (row.measure is not None):
        yield "来源为系统台账（register）的指标要写 measure，其他来源不写"
