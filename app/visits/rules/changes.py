"""A correction in words: which field said what before and says what now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.visits.rules.visit import BASES, MODES

FIELDS = {
    "visited_on": "走访日期", "mode": "方式", "basis": "依据", "summary": "走访内容", "internal_note": "内部备注", "feedback_given": "政策反映",
    "feedback": "反映的内容", "next_contact_on": "下次联系日期", "next_contact_why": "下次联系为了什么", "actions": "帮扶行动", "stages": "经营环节",
    "help_areas": "帮扶方向", "domains": "服务领域", "state": "状态", "added": "补充",
}
PUBLIC = frozenset(FIELDS) - {"internal_note"}


@dataclass(frozen=True)
class Line:
    """One field of a correction."""

    label: str
    old: str
    new: str


def lines(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, labels: Mapping[str, Mapping[str, str]]) -> list[Line]:
    """Every field that changed; ``labels``: words of the codes of a field."""
    names = [name for name in FIELDS if name in (new or {})]
    return [Line(FIELDS[name], word(name, (old or {}).get(name), labels), word(name, (new or {})[name], labels)) for name in names]


def word(name: str, value: Any, labels: Mapping[str, Mapping[str, str]]) -> str:
    """A stored value as a person reads it."""
    known = {"mode": MODES, "basis": BASES, "feedback_given": {"True": "有", "False": "没有"}, **labels}.get(name, {})
    if isinstance(value, list | tuple):
        return "、".join(known.get(code, code) for code in value) or "—"
    return known.get(str(value), str(value)) if value not in (None, "") else "—"
