"""When people are reminded of what: one entry per kind of deadline, ``code`` = capability.kind as the capability announces it."""

from __future__ import annotations

import string
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from app.packs.schema.base import Code, Entry, Model, Text

Audience = Literal["person", "team", "team_leader", "department", "town", "unit", "city", "leader", "enterprise"]
AUDIENCES: dict[str, str] = {
    "person": "指定的经办人", "team": "服务队", "team_leader": "服务队队长", "department": "承办部门", "town": "镇街填报员", "unit": "县区经办",
    "city": "市局经办", "leader": "市领导", "enterprise": "企业联络员",
}
PLACEHOLDERS: dict[str, str] = {"label": "事项", "due": "到期日", "remaining": "还剩或逾期多少天", "verb": "操作"}
"""What a message template may contain, as ``{label}``."""

Days = Annotated[int, Field(ge=1, le=1000, strict=True)]
Hours = Annotated[int, Field(ge=1, le=240, strict=True)]
Time = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Escalation(Model):
    """``after_days`` after the day it was due, ``to`` is told as well."""

    after_days: Days
    to: Audience


class ReminderRule(Entry):
    """``to``: who acts; the first one that exists has the item on the desk, the next ones stand in when nobody is there.
    ``copy_to``: who is told as well. ``lead_days`` before the day, ``on_day`` on it, ``overdue_days`` after it; ``lead_setting`` names a setting that
    holds the lead days instead; ``lead_hours`` before the moment, where hours count. ``workdays``: a step on a day off comes on the working
    day before (in advance) or after (overdue). ``stop_after_days``: so long after its day nobody is told any more. ``gather``: one message
    a day for all items of the kind instead of one each. ``text``: the message, with ``PLACEHOLDERS``."""

    verb: Text | None = None
    lead_days: tuple[Days, ...] = ()
    lead_setting: Code | None = None
    lead_hours: tuple[Hours, ...] = ()
    on_day: bool = Field(default=True, strict=True)
    overdue_days: tuple[Days, ...] = ()
    stop_after_days: Days | None = None
    workdays: bool = Field(default=False, strict=True)
    at: Time | None = None
    to: tuple[Audience, ...] = Field(min_length=1)
    copy_to: tuple[Audience, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    gather: bool = Field(default=False, strict=True)
    text: Text | None = None

    @model_validator(mode="after")
    def _sound(self) -> ReminderRule:
        if self.lead_setting and self.lead_days:
            raise ValueError("lead_days 和 lead_setting 只能写一个")
        if "." not in self.code:
            raise ValueError("code 应写成 模块.种类，如 ladder.title_expires")
        fault = template_fault(self.text) if self.text else None
        if fault:
            raise ValueError(fault)
        return self


def template_fault(text: str) -> str | None:
    """Why a message template cannot be used, in Chinese; None when it can."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return "花括号不成对，请核对"
    for _, name, spec, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            return f"不认识 {{{name}}}，只能用 " + "、".join(f"{{{one}}}" for one in PLACEHOLDERS)
    return None
