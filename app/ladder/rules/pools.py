"""Which step may follow in a pool, and on which day. Pure: takes plain values, answers sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

NOMINATED, MEMBER, REFUSED, RELEASED, VOIDED = "nominated", "member", "refused", "released", "voided"
ADMIT, REFUSE, STAGE, OWNER, RELEASE = "admitted", "refused", "stage", "owner", "released"
MAY_FOLLOW = {NOMINATED: (ADMIT, REFUSE, OWNER), MEMBER: (STAGE, OWNER, RELEASE), REFUSED: (), RELEASED: (), VOIDED: ()}
STATE_AFTER = {ADMIT: MEMBER, STAGE: MEMBER, REFUSE: REFUSED, RELEASE: RELEASED}
NEEDS_REASON = frozenset({ADMIT, REFUSE, RELEASE})
FIRST_DAY = date(2000, 1, 1)
_DONE = {NOMINATED: "还没有入库", MEMBER: "已经在库", REFUSED: "已决定不予入库", RELEASED: "已经出库", VOIDED: "已经撤回"}
_VERBS = {ADMIT: "入库", REFUSE: "不予入库", STAGE: "调整阶段", OWNER: "指定责任人", RELEASE: "出库"}

Problem = tuple[str, str]


@dataclass(frozen=True)
class Spell:
    """What a step has to fit to: the state now, its stage, the day of the last step."""

    state: str
    stage_code: str | None
    last_on: date
    owner: str | None = None


def day_problem(on: date | None, today: date, not_before: date | None = None) -> str | None:
    """Why a step cannot be dated so, or None."""
    if on is None:
        return "请填写日期。"
    if on > today:
        return f"日期不能晚于今天（{today:%Y-%m-%d}）。"
    if on < FIRST_DAY:
        return f"日期应在 {FIRST_DAY:%Y-%m-%d} 以后，请核对年份。"
    if not_before is not None and on < not_before:
        return f"日期不能早于上一步（{not_before:%Y-%m-%d}）。上一步日期有误的，请先撤回上一步再重新登记。"
    return None


def refusal(spell: Spell, kind: str) -> str | None:
    """Why this kind of step may not follow, or None."""
    if kind in MAY_FOLLOW[spell.state]:
        return None
    return f"这条记录{_DONE[spell.state]}，不能再办理“{_VERBS[kind]}”。请刷新页面，按最新状态办理。"


def step_problems(
    spell: Spell, kind: str, on: date | None, today: date, *, reason: str = "", stage: str | None = None, owner: str = "",
    stages: tuple[str, ...] = (),
) -> list[Problem]:
    """Everything wrong with a step as (field, sentence). ``stages``: codes of the pool."""
    found: list[Problem] = []
    if problem := day_problem(on, today, spell.last_on):
        found.append(("on", problem))
    if kind in NEEDS_REASON and not reason.strip():
        found.append(("reason", f"请写明{_VERBS[kind]}的理由。"))
    if len(reason) > 300:
        found.append(("reason", "理由不能超过 300 字。"))
    if kind in (STAGE, ADMIT) and stage not in stages:
        found.append(("stage", "请选择这个库的一个阶段。"))
    if kind == STAGE and stage == spell.stage_code:
        found.append(("stage", "已经在这个阶段，没有需要保存的内容。"))
    if len(owner) > 60:
        found.append(("owner", "责任人不能超过 60 字。"))
    if kind == OWNER and owner.strip() == (spell.owner or ""):
        found.append(("owner", "责任人没有变化，没有需要保存的内容。"))
    return found


def stage_order(stages: tuple[str, ...], code: str | None) -> int:
    """Place of a stage in the pool, -1 when the pool no longer has it."""
    return stages.index(code) if code in stages else -1
