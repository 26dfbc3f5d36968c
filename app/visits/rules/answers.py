"""What the enterprise may say of a visit, and when ratings may be shown: never singly, only in groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.kernel.text import clean
from app.visits.rules.visit import EARLIEST, MODES, Problem

CONFIRMED, DIFFERS, DENIED = "confirmed", "differs", "denied"
RATINGS = {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "很不满意"}
MOST_YUAN = Decimal(100_000_000)


@dataclass(frozen=True)
class Answer:
    """One answer. ``said_on`` and ``said_mode``: the two facts the enterprise may put right."""

    verdict: str
    said_on: date | None = None
    said_mode: str = ""
    rating: int | None = None
    comment: str = ""
    charged: bool = False
    charge_yuan: Decimal | None = None
    charge_text: str = ""


def problems(answer: Answer, visited_on: date, mode: str, today: date) -> list[Problem]:
    """Everything that keeps the answer from being stored."""
    found: list[Problem] = []
    if answer.verdict not in (CONFIRMED, DIFFERS, DENIED):
        found.append(("verdict", "请选择这次走访是否属实。"))
    if answer.said_on is not None and not EARLIEST <= answer.said_on <= today:
        found.append(("said_on", "日期不对，请核对。"))
    if answer.said_mode and answer.said_mode not in MODES:
        found.append(("said_mode", "请从列表中选择方式。"))
    if answer.verdict == DIFFERS and not differs(answer, visited_on, mode):
        found.append(("said_on", "请写明实际的日期或方式；没有出入请选“属实”。"))
    if answer.rating is not None and answer.rating not in RATINGS:
        found.append(("rating", "请从列表中选择评价。"))
    if len(answer.comment) > 500 or len(answer.charge_text) > 500:
        found.append(("comment", "文字不能超过 500 字。"))
    if answer.charged and len(clean(answer.charge_text)) < 4:
        found.append(("charge_text", "请写明谁收的、为什么收（至少 4 个字），便于核查。"))
    if answer.charge_yuan is not None and not 0 < answer.charge_yuan < MOST_YUAN:
        found.append(("charge_yuan", "金额不对，请核对。"))
    return found


def differs(answer: Answer, visited_on: date, mode: str) -> bool:
    """Whether one of the two facts is another than recorded."""
    return (answer.said_on or visited_on) != visited_on or (answer.said_mode or mode) != mode


@dataclass(frozen=True)
class Rated:
    """Ratings of one group; ``average`` and ``satisfied_pct`` are None while there are too few to be shown."""

    count: int
    average: float | None
    satisfied_pct: float | None


def rated(ratings: Sequence[int], smallest: int) -> Rated:
    """The figures of a group of ratings, hidden below ``smallest``."""
    if len(ratings) < smallest:
        return Rated(len(ratings), None, None)
    return Rated(len(ratings), sum(ratings) / len(ratings), 100 * sum(r >= 4 for r in ratings) / len(ratings))
