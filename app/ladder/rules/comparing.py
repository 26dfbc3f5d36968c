"""Two diagnoses of one enterprise side by side: what changed, in words. Works on `Diagnosis.as_json` data, so old ones never need today's code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WORDS = {"met": "符合", "near": "接近", "unmet": "不符合", "unknown": "缺数据", "manual": "待人工核验"}


@dataclass(frozen=True)
class Change:
    """What changed about one title. ``verdict``: one sentence; ``lines``: conditions whose result or value differs; ``rule``: the version differs."""

    title: str
    verdict: str
    moved: bool
    rule: str
    lines: tuple[str, ...]


def compare(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[Change]:
    """Titles of either side, in the order of ``after``, then those that were only asked before."""
    earlier, later = ({str(one["title"]): one for one in side} for side in (before, after))
    return [_title(earlier.get(code), later.get(code)) for code in dict.fromkeys([*later, *earlier])]


def _title(then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Change:
    known = now or then or {}
    label = str(known.get("title_label", known.get("title", "")))
    if then is None or now is None:
        said = "留存时没有比对这项称号" if then is None else "现在不再比对这项称号"
        return Change(label, f"{said}。", True, "", ())
    verdict, moved = _verdict(then, now)
    rule = "" if then["rule"] == now["rule"] else f"认定条件版本由“{then['rule_label']}”换成“{now['rule_label']}”，条件不逐项对应。"
    return Change(label, verdict, moved, rule, () if rule else tuple(_leaves(then, now)))


def _verdict(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, bool]:
    first, second = then["verdict"] or "不作判断", now["verdict"] or "不作判断"
    kind = "" if then["application"] == now["application"] else f"（由{then['application_label']}转为{now['application_label']}）"
    lacked, lacking = len(then["open"]), len(now["open"])
    count = f"，还差 {lacking} 项" + (f"（当时 {lacked} 项）" if lacking != lacked else "")
    if first == second:
        return f"仍为“{second}”{kind}{count}。", bool(kind) or lacking != lacked
    return f"由“{first}”变为“{second}”{kind}{count}。", True


def _leaves(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    earlier = {leaf["id"]: leaf for leaf in then["leaves"]}
    for leaf in now["leaves"]:
        old = earlier.pop(leaf["id"], None)
        if old is None:
            yield f"{leaf['label']}：当时没有问到，现在{WORDS[leaf['result']]}。"
        elif (old["result"], old["value"], old["threshold"]) != (leaf["result"], leaf["value"], leaf["threshold"]):
            yield _leaf(old, leaf)
    for old in earlier.values():
        yield f"{old['label']}：当时{WORDS[old['result']]}，现在不再问到。"


def _leaf(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    result = f"由“{WORDS[old['result']]}”变为“{WORDS[new['result']]}”" if old["result"] != new["result"] else f"仍为“{WORDS[new['result']]}”"
    value = "" if old["value"] == new["value"] else f"，现值由 {shown(old['value'], old['unit'])} 变为 {shown(new['value'], new['unit'])}"
    line = "" if old["threshold"] == new["threshold"] else f"，门槛由 {shown(old['threshold'], old['unit'])} 变为 {shown(new['threshold'], new['unit'])}"
    return f"{new['label']}：{result}{value}{line}。"


def shown(value: Any, unit: str) -> str:
    """A JSON value for the eye."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(one) for one in value) or "没有"
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, (int, float)) else str(value)
    return f"{text}{unit}" if unit in ("%", "") else f"{text} {unit}"
