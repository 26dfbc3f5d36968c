"""The three rates. Each is a share of two counts, and each count is exactly the list it opens: the same conditions are used for both."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MEASURES = {
    "counted": "计入件数", "answerable": "应响应", "in_time": "按时响应", "due": "应办结", "done": "已办结", "done_in_time": "按时办结",
    "rated": "已评价", "satisfied": "满意",
}
RATES = {
    "response": ("响应率", "in_time", "answerable", "首次联系时限已到或已经联系的诉求中，在时限内联系到企业的比例。"),
    "closing": ("办结率", "done", "due", "办结时限已到或已经办结的诉求中，已经办结的比例（四种办结方式都算，解决与否另列）。重办的以最后一次为准。"),
    "punctual": ("按时办结率", "done_in_time", "due", "办结时限已到或已经办结的诉求中，在时限（含批准的延期、停表顺延）内办结的比例。"),
    "satisfaction": ("满意率", "satisfied", "rated", "企业已评价的诉求中，评 4 分、5 分的比例；没有评价的不算满意也不算不满意。"),
}
"""Code -> (name, numerator, denominator, definition). The mark from which on a rating counts as satisfied is the pack's; the sentence is completed with it."""
COMMON = "按登记时间在所选期间内的诉求计算；不予受理、并入其他诉求和企业撤回的不计。县区按企业现在的管理单位，部门按现在的主办单位。"


@dataclass(frozen=True)
class Rate:
    """``pct`` None: too few cases (``shown`` False) or nothing to divide."""

    code: str
    part: int
    whole: int
    pct: Decimal | None
    shown: bool


def rate(code: str, counts: dict[str, int], minimum: int) -> Rate:
    """One rate with one place, half up; below the minimum number of cases the share is not shown."""
    _, part, whole, _ = RATES[code]
    n, d = counts.get(part, 0), counts.get(whole, 0)
    enough = d >= max(minimum, 1)
    pct = (Decimal(n) * 100 / Decimal(d)).quantize(Decimal("0.1"), ROUND_HALF_UP) if enough else None
    return Rate(code, n, d, pct, enough)
