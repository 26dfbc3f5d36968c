"""Needs of finance: heard, tutored, brought together with a bank, granted or not."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.visits.actions.steps import Refused, change, checked, note, said
from app.visits.models import FinanceNeed
from app.visits.rules.finance import KINDS, STEPS

WORD = "这项融资需求"
MOST = Decimal(10) ** 11


@dataclass(frozen=True)
class FinanceDraft:
    """What the enterprise needs money for. ``months``: how long; ``next_on``: when somebody looks again."""

    kind: str
    purpose: str
    amount_yuan: Decimal | None
    months: int | None = None
    next_on: date | None = None
    visit_id: int | None = None


def raise_need(*, enterprise: Enterprise, draft: FinanceDraft, by: Actor) -> FinanceNeed:
    """Write down a need. Raises ``Refused``."""
    found = []
    if draft.kind not in KINDS:
        found.append(("kind", "请选择融资类型。"))
    if not (draft.purpose or "").strip():
        found.append(("purpose", "请写明用途。"))
    if draft.amount_yuan is None or not 0 < draft.amount_yuan <= MOST:
        found.append(("amount_yuan", "请填写金额（万元），应大于 0 且不超过 1,000 亿元。"))
    if draft.months is not None and not 1 <= draft.months <= 360:
        found.append(("months", "期限应在 1 至 360 个月之间。"))
    if draft.next_on is not None and not clock.today() <= draft.next_on <= clock.today() + timedelta(days=366):
        found.append(("next_on", "下次跟进日期应在今天以后一年以内。"))
    if found:
        raise Refused(found)
    row = FinanceNeed(
        enterprise_id=enterprise.id, state="open", raised_on=clock.today(), created_at=clock.now(), created_by=by.user_id, version=1,
        **(asdict(draft) | {"purpose": said(draft.purpose)}),
    )
    db.session.add(row)
    db.session.flush()
    note("finance", row, enterprise, "raise", None, by=by, new={"amount_yuan": row.amount_yuan, "kind": row.kind})
    return row


def take_step(
    *, need: FinanceNeed, enterprise: Enterprise, step: str, version: int, reason: str | None, by: Actor, granted_yuan: Decimal | None = None,
    next_on: date | None = None,
) -> FinanceNeed:
    """Tutor, match (the reason names the bank), grant with its amount, fail or withdraw."""
    found = STEPS.get(step)
    if found is None:
        raise Invalid("step", "没有这个办理步骤，请从页面上的按钮操作。")
    kept, before = checked(found, need.state, reason, WORD), need.state
    values: dict[str, object] = {"state": found.to, "next_on": next_on}
    if step == "match":
        values["bank"] = (kept or "")[:120]
    if step == "grant":
        if granted_yuan is None or not 0 < granted_yuan <= MOST:
            raise Invalid("granted_yuan", "请填写获批金额（万元）。", "granted_yuan")
        values["granted_yuan"] = granted_yuan
    if step in ("grant", "fail", "withdraw"):
        values |= {"result": kept, "next_on": None}
    change(need, version, WORD, **values)
    note("finance", need, enterprise, step, before, by=by, reason=kept, new={"granted_yuan": granted_yuan})
    return need
