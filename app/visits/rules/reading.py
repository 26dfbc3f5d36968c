"""Visits as plain data (JSON of the phone, a kept draft) into the typed draft; what does not fit is told in Chinese with its place."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.visits.rules.visit import Problem, VisitDraft

SHAPE: TypeAdapter[VisitDraft] = TypeAdapter(VisitDraft)

_DATE_ZH = "日期应写成 2024-05-01 的样子。"
_WORDS = {
    "missing": "缺少这一项。", "unexpected_keyword_argument": "没有这一项，请更新页面后重试。", "int_parsing": "应填写整数。", "int_type": "应填写整数。",
    "date_from_datetime_parsing": _DATE_ZH, "date_parsing": _DATE_ZH, "date_type": _DATE_ZH, "string_type": "应填写文字。",
    "bool_parsing": "应选择是或否。", "bool_type": "应选择是或否。", "decimal_parsing": "应填写数字。",
}


class Unreadable(ValueError):
    """The data have another shape: ``problems`` as (field, sentence)."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0][1])
        self.problems = problems


def read_draft(data: Mapping[str, Any]) -> VisitDraft:
    """The typed draft. Raises ``Unreadable``; whether it says enough is asked of ``visit.problems``."""
    try:
        return SHAPE.validate_python(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise Unreadable([(".".join(map(str, one["loc"])), _WORDS.get(one["type"], "内容的格式不对，请重新填写。")) for one in found]) from error
