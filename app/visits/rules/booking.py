"""Requests and appointments: their states, the bases of a visit, and which step leads where (004 一: 非请勿扰、有求必应). Pure."""

import re
from dataclasses import dataclass

from app.visits.rules.visit import BASES as VISIT_BASES

BASES = {code: VISIT_BASES[code] for code in ("request", "appointment", "revisit")}
"""Why a visit may be planned. Only ``request`` is an invitation: it is free and has a response clock."""
SOURCES = {"contact": "企业联络员", "officer": "工作人员代填", "link": "扫码提交", "visit": "走访中提出"}
REQUEST_STATES = {
    "new": "待受理", "accepted": "已受理", "booked": "已预约", "done": "已办结", "refused": "未受理", "withdrawn": "已撤回",
}
REQUEST_TONES = {"new": "warn", "accepted": "info", "booked": "info", "done": "ok", "refused": "bad", "withdrawn": "lapsed"}
REQUEST_OPEN = ("new", "accepted", "booked")
APPOINTMENT_STATES = {
    "awaiting": "待审批", "proposed": "待企业确认", "confirmed": "企业已确认", "done": "已走访", "cancelled": "已取消", "rejected": "未批准",
}
APPOINTMENT_TONES = {"awaiting": "warn", "proposed": "info", "confirmed": "ok", "done": "ok", "cancelled": "lapsed", "rejected": "bad"}
APPOINTMENT_OPEN = ("awaiting", "proposed", "confirmed")
CONFIRMED_HOW = {"online": "企业在线确认", "phone": "电话确认", "request": "企业申请时约定"}
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True)
class Step:
    """One step: ``origin`` states it may be taken from, ``to`` where it leads ("" = the state stays)."""

    code: str
    label: str
    origin: tuple[str, ...]
    to: str
    needs_reason: bool = False


REQUEST_STEPS = {step.code: step for step in (
    Step("accept", "受理", ("new",), "accepted"),
    Step("transfer", "转其他服务队", ("new", "accepted"), "", True),
    Step("refuse", "不予受理", ("new",), "refused", True),
    Step("finish", "办结（不需要走访）", ("accepted",), "done", True),
    Step("withdraw", "撤回申请", ("new", "accepted"), "withdrawn", True),
)}
APPOINTMENT_STEPS = {step.code: step for step in (
    Step("approve", "批准", ("awaiting",), "proposed", True),
    Step("reject", "不批准", ("awaiting",), "rejected", True),
    Step("confirm", "登记企业确认", ("proposed",), "confirmed"),
    Step("cancel", "取消预约", APPOINTMENT_OPEN, "cancelled", True),
)}


def steps_from(steps: dict[str, Step], state: str) -> list[Step]:
    """Steps that may be taken in this state, in order."""
    return [step for step in steps.values() if state in step.origin]


def time_problems(starts: str, ends: str) -> list[tuple[str, str]]:
    """What is wrong with a time window; both empty = the whole day."""
    found = [(name, "时间应写成 09:30 的样子。") for name, text in (("starts", starts), ("ends", ends)) if text and not _CLOCK.fullmatch(text)]
    if not found and ends and not starts:
        found.append(("starts", "填了结束时间，请同时填写开始时间。"))
    if not found and starts and ends and ends <= starts:
        found.append(("ends", "结束时间应晚于开始时间。"))
    return found


def window_zh(starts: str | None, ends: str | None) -> str:
    """09:30–11:00 / 09:30 起 / 全天."""
    if not starts:
        return "全天"
    return f"{starts}–{ends}" if ends else f"{starts} 起"


def own_plan(planner_id: int | None, approver_id: int | None) -> bool:
    """Whether the approver arranged the visit himself: nobody approves his own."""
    return planner_id is not None and planner_id == approver_id
