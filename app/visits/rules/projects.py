"""Service projects (004 四(二): the object that is rewarded): states and steps. Pure."""

from app.visits.rules.booking import Step

KINDS = {"service": "服务项目", "transform": "管理提升综合改造"}
"""``transform`` is the 综合改造工程 of 百家 (004 三(六))."""
STATES = {"draft": "拟定", "active": "实施中", "delivered": "待验收", "accepted": "已验收", "stopped": "已终止"}
TONES = {"draft": "", "active": "info", "delivered": "warn", "accepted": "ok", "stopped": "lapsed"}
RUNNING = ("active", "delivered")
STEPS = {step.code: step for step in (
    Step("start", "开始实施", ("draft",), "active"),
    Step("deliver", "提请验收", ("active",), "delivered"),
    Step("accept", "验收通过", ("delivered",), "accepted", True),
    Step("return", "退回整改", ("delivered",), "active", True),
    Step("stop", "终止", ("draft", "active", "delivered"), "stopped", True),
)}
DECISIONS = ("accept", "return")
"""Steps that another person than the one who delivers takes."""


def lacking(*, step: str, results: int, visits: int, summary: str | None) -> list[str]:
    """What is missing for a step, in words: a project is delivered with a summary and at least one result or visit behind it."""
    if step != "deliver":
        return []
    found = []
    if not (summary or "").strip():
        found.append("请先填写成果小结。")
    if not results and not visits:
        found.append("还没有走访记录或成果数据，请至少登记一项后再提请验收。")
    return found
