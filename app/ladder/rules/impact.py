"""What a change of rule version means for one enterprise (影响预览)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.ladder.criteria import Verdict
from app.ladder.criteria.mass.record import VERDICT_CODES

NOBODY: Final = 9
"""Code of "no verdict": the version does not ask this enterprise."""
CODES: Final[Mapping[Verdict | None, int]] = {**VERDICT_CODES, None: NOBODY}
LABELS: Final[Mapping[int, str]] = {code: verdict.value if verdict is not None else "不作判断" for verdict, code in CODES.items()}
PASSES: Final = frozenset({VERDICT_CODES[Verdict.LIKELY], VERDICT_CODES[Verdict.BY_PERSON]})
"""Everything a machine can check is met."""
MISSING: Final = VERDICT_CODES[Verdict.DATA_MISSING]
GAIN, LOSS, UNKNOWN, OTHER = "gain", "loss", "unknown", "other"
KINDS: Final[Mapping[str, str]] = {GAIN: "新达到", LOSS: "不再达到", UNKNOWN: "转为缺数据", OTHER: "其他变化"}


def kind_of(old: int, new: int) -> str | None:
    """Gain, loss, turns unknown, another change; None = stays as it is. Each pair of different answers is exactly one of them."""
    if old == new:
        return None
    if new in PASSES and old not in PASSES:
        return GAIN
    if new == MISSING:
        return UNKNOWN
    if old in PASSES and new not in PASSES:
        return LOSS
    return OTHER


def pairs_of(kind: str) -> list[tuple[int, int]]:
    """The pairs (old, new) of a kind."""
    return [(old, new) for old in CODES.values() for new in CODES.values() if kind_of(old, new) == kind]
