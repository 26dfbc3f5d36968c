"""What is wrong with a pack, in words that name file, line, entry and field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import DomainError


@dataclass(frozen=True)
class Problem:
    """One fault. ``code`` is stable ASCII for machines; ``line`` counts from 1 (None when the fault has no single place)."""

    code: str
    file: str
    message_zh: str
    entry: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file} 第 {self.line} 行"
        return f"{place}{f'，条目 {self.entry}' if self.entry else ''}：{self.message_zh}"


class PackInvalid(DomainError):
    """The pack is refused as a whole; ``problems`` lists every fault found."""

    def __init__(self, city: str, problems: Iterable[Problem]) -> None:
        self.city = city
        self.problems = tuple(problems)
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__("pack_invalid", f"政策包 {city} 有 {len(self.problems)} 处错误，未载入。请按下列提示改正后重试：\n{lines}")


def describe(error: Mapping[str, Any]) -> tuple[str, str]:
    """Code and Chinese sentence of one pydantic error (an item of ``ValidationError.errors()``)."""
    kind, context = str(error["type"]), error.get("ctx") or {}
    field = field_path(error["loc"])
    if kind == "extra_forbidden":
        return "unknown_key", f"不认识字段“{field}”，请检查拼写，或删除该字段。"
    if kind == "missing":
        return "missing_key", f"缺少字段“{field}”，请补上。"
    if kind in ("literal_error", "enum"):
        return "bad_value", f"字段“{field}”的值“{error['input']}”不在可选范围内，只能是：{context.get('expected', '')}。"
    if kind == "value_error":
        return "bad_value", f"字段“{field}”有误：{context.get('error', '')}"
    return "bad_value", f"字段“{field}”的值“{_shorten(error.get('input'))}”不对，{_expected(kind, context)}。"


def field_path(location: Sequence[Any]) -> str:
    """``measure.titles[2]`` from pydantic's location, without the names of union branches."""
    parts: list[str] = []
    for step in location:
        if isinstance(step, int):
            parts.append(f"[{step + 1}]")
        elif step and step[0].islower():
            parts.append(f".{step}" if parts else str(step))
    return "".join(parts)


def _expected(kind: str, context: Mapping[str, Any]) -> str:
    if kind.startswith("date"):
        return "应为日期，写成 2023-01-05（不加引号）"
    if kind.startswith("string_pattern"):
        return "只能用小写或大写英文字母、数字、点、短横线和下划线，且以字母或数字开头"
    if kind.startswith("string"):
        return "应为文字；编号、区划代码等请加引号"
    if kind.startswith(("int", "decimal")):
        return "应为数字"
    if kind.startswith("bool"):
        return "只能是 true 或 false"
    if kind.startswith(("tuple", "list")):
        return "应为列表（每行以“- ”开头）"
    if kind.startswith(("model", "dict")):
        return "应为一组“字段: 值”"
    bound = next((str(value) for value in context.values()), "")
    return f"超出允许的范围 {bound}".rstrip()


def _shorten(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"
