"""States of a demand, the tabs they stand under, how it may end, and from which states each step is allowed."""

from dataclasses import dataclass

STATES = {
    "new": "待受理", "sent": "待签收", "handling": "办理中", "waiting": "等企业补充", "answered": "待评价", "closed": "已办结",
    "rejected": "不予受理", "withdrawn": "企业撤回",
}
"""``sent``: routed to a department that has not accepted yet; ``waiting``: the clock stands still until the enterprise supplies what was asked for."""
TONES = {
    "new": "warn", "sent": "warn", "handling": "info", "waiting": "open", "answered": "info", "closed": "ok", "rejected": "", "withdrawn": "",
}
TABS = {"intake": "待受理", "handling": "办理中", "rating": "待评价", "done": "办结"}
TAB_OF = {
    "new": "intake", "sent": "intake", "handling": "handling", "waiting": "handling", "answered": "rating", "closed": "done", "rejected": "done",
    "withdrawn": "done",
}
OPEN = frozenset(state for state, tab in TAB_OF.items() if tab in ("intake", "handling"))
OPEN_TABS = ("intake", "handling")
OUTCOMES = {"solved": "已解决", "explained": "已解释说明", "cannot": "暂不能解决", "unreachable": "联系不上企业"}
OUTCOME_TONES = {"solved": "ok", "explained": "info", "cannot": "warn", "unreachable": "open"}
SOURCES = {"officer": "工作人员登记", "visit": "走访带回", "enterprise": "企业联络员", "public": "扫码或链接", "import": "历史台账"}
RATINGS = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
PART_STATES = {"sent": "待签收", "handling": "办理中", "done": "已反馈", "refused": "已退回", "gone": "已改转"}
ROLES = {"lead": "主办", "assist": "协办"}
EXTENSION_STATES = {"asked": "待审批", "approved": "已同意", "refused": "未同意"}
STEPS = {"contact": "首次联系", "reply": "首次答复", "solve": "办结"}
"""Clocks of a demand; each has its own time limit."""


@dataclass(frozen=True)
class Step:
    """What may be done from which states. ``level``: handle = the handler, dispatch = who routes and supervises, raise = who brought it."""

    code: str
    label: str
    origins: frozenset[str]
    level: str = "handle"
    target: str | None = None


def _step(code: str, label: str, origins: str, level: str = "handle", target: str | None = None) -> tuple[str, Step]:
    return code, Step(code, label, frozenset(origins.split()), level, target)


STEP = dict((
    _step("take", "自行办理", "new", "dispatch", "handling"),
    _step("dispatch", "转办", "new sent handling", "dispatch", "sent"),
    _step("reject", "不予受理", "new sent", "dispatch", "rejected"),
    _step("duplicate", "并入已有诉求", "new sent handling", "dispatch", "rejected"),
    _step("accept", "签收", "sent", target="handling"),
    _step("refuse", "退回", "sent", target="new"),
    _step("transfer", "改转其他部门", "sent handling", target="sent"),
    _step("contact", "登记联系", "new sent handling waiting"),
    _step("reply", "登记答复", "handling waiting"),
    _step("note", "登记进展", "handling waiting"),
    _step("pause", "等企业补充", "handling", target="waiting"),
    _step("resume", "企业已补充", "waiting", target="handling"),
    _step("extend", "申请延期", "handling"),
    _step("assist", "增加协办", "sent handling waiting", "dispatch"),
    _step("instruct", "督办", "new sent handling waiting", "dispatch"),
    _step("finish", "办结答复", "handling waiting", target="answered"),
    _step("rate", "评价", "answered closed", "raise", "closed"),
    _step("reopen", "重办", "answered closed", "raise", "handling"),
    _step("call_back", "登记回访", "answered closed", "dispatch"),
    _step("withdraw", "撤回", "new sent handling waiting", "raise", "withdrawn"),
))

EVENTS = {
    "raised": "提出诉求", "matched": "对应企业", "dispatch": "转办", "take": "自行办理", "accept": "签收", "refuse": "退回", "transfer": "改转",
    "ruling": "交市局指定", "contact": "联系企业", "attempt": "联系未果", "reply": "答复", "note": "办理进展", "pause": "停表等企业补充", "resume": "恢复计时",
    "supplement": "企业补充", "extend": "申请延期", "extension_approved": "同意延期", "extension_refused": "不同意延期", "assist": "增加协办",
    "assist_accept": "协办签收", "assist_done": "协办反馈", "assist_refuse": "协办退回", "instruct": "督办", "escalate": "逾期上报", "finish": "办结答复",
    "rate": "企业评价", "unrated": "期满未评价", "reopen": "重办", "call_back": "回访", "reject": "不予受理", "duplicate": "并入已有诉求",
    "withdraw": "企业撤回", "file": "上传附件", "tagged": "绿色通道", "imported": "历史台账",
}
"""Kinds of the history."""
EVENT_TONES = {
    "refuse": "warn", "transfer": "warn", "ruling": "warn", "instruct": "bad", "escalate": "bad", "finish": "ok", "rate": "ok", "reopen": "bad",
    "extension_refused": "warn", "attempt": "warn", "accept": "info", "dispatch": "info", "take": "info", "reject": "warn",
}
TOLD = frozenset({
    "raised", "matched", "dispatch", "take", "accept", "contact", "attempt", "reply", "pause", "resume", "supplement", "extension_approved", "finish",
    "rate", "unrated", "reopen", "reject", "duplicate", "withdraw", "imported",
})
"""Kinds the enterprise itself is told of; the rest is the office's own work."""
