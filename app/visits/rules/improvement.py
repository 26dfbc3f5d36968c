"""Diagnoses and improvement plans: what must be there before the next step; the three tiers of 百千万 (004 三(六)). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

KINDS = {"light": "轻诊断", "full": "全面诊断"}
DIAGNOSIS_STATES = {"draft": "填写中", "finished": "已完成"}
DIAGNOSIS_TONES = {"draft": "open", "finished": "ok"}
ANSWERS = {"ok": "正常", "yellow": "黄（一般）", "red": "红（严重）", "na": "不适用"}
ANSWER_TONES = {"ok": "ok", "yellow": "warn", "red": "bad", "na": ""}
FOUND = ("yellow", "red")
ITEM_STATES = {"open": "进行中", "done": "已完成", "dropped": "不再实施"}
ITEM_TONES = {"open": "info", "done": "ok", "dropped": "lapsed"}
CONSULT_KINDS = {"consult": "管理咨询", "training": "管理培训"}
TIERS = {
    "hundred": "百家全面诊断和综合改造", "thousand": "千家规上培训和诊断", "ten_thousand": "万家管理咨询",
}
TIER_TARGETS = {"hundred": "YM-T12", "thousand": "YM-T13", "ten_thousand": "YM-T14"}
TIER_RULES = {
    "hundred": "已完成全面诊断，并且有已开始、待验收或已验收的“管理提升综合改造”项目的企业；只诊断没有改造、或改造已终止的不计。",
    "thousand": "今天持有规上（小升规）称号，并且既有管理培训记录、又有已完成诊断（轻诊断或全面诊断）的企业；只有一样的不计。",
    "ten_thousand": "有管理咨询记录的企业；走访、培训和诊断不算咨询。",
}
"""Each tier counts distinct enterprises, each enterprise once per tier; one may stand in all three."""


@dataclass(frozen=True)
class Checked:
    """One row of a diagnosis as far as it is filled in."""

    label: str
    answer: str | None
    text: str | None


def lacking(kind: str, items: Iterable[Checked], conclusion: str | None) -> list[str]:
    """What keeps a diagnosis from being finished, in words. A light one may leave rows open, a full one none."""
    rows, found = list(items), []
    if not (conclusion or "").strip():
        found.append("请填写诊断结论。")
    unanswered = [row.label for row in rows if row.answer is None]
    if kind == "full" and unanswered:
        found.append(f"全面诊断要逐项作答，还有 {len(unanswered)} 项：{'、'.join(unanswered[:5])}{'等' if len(unanswered) > 5 else ''}。")
    if kind == "light" and len(unanswered) == len(rows):
        found.append("请至少对一个条目作答。")
    silent = [row.label for row in rows if row.answer in FOUND and not (row.text or "").strip()]
    if silent:
        found.append(f"标为黄或红的条目要写明问题：{'、'.join(silent[:5])}{'等' if len(silent) > 5 else ''}。")
    return found


@dataclass(frozen=True)
class Milestone:
    """One line of a plan."""

    state: str
    owner: str | None
    due_on: date | None
    measure: str | None


def plan_lacking(step: str, items: Iterable[Milestone]) -> list[str]:
    """What keeps a plan from its next step: it starts with owners and days, it ends with nothing open."""
    rows = list(items)
    if step == "start":
        if not rows:
            return ["方案里还没有条目，请先列出问题和措施。"]
        bare = sum(1 for row in rows if row.state == "open" and not (row.owner and row.due_on and row.measure))
        return [f"有 {bare} 条没有写全措施、责任人和期限，请补齐后再开始实施。"] if bare else []
    if step == "deliver":
        still = sum(1 for row in rows if row.state == "open")
        return [f"还有 {still} 条没有完成，请登记完成情况或注明不再实施。"] if still else []
    return []
