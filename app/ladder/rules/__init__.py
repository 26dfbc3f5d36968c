"""Pure rules of the ladder: counting recognitions, rungs, what may be recorded."""

from app.ladder.rules.counting import (
    LEVELS,
    CountKind,
    Grant,
    Metric,
    Part,
    State,
    any_level,
    at_least,
    counts,
    exactly,
)
from app.ladder.rules.drafts import FIRST_YEAR, Draft, problems
from app.ladder.rules.rungs import StepState, at_or_above, highest_rung, rung_by_title, steps

__all__ = [
    "FIRST_YEAR", "LEVELS", "CountKind", "Draft", "Grant", "Metric", "Part", "State", "StepState", "any_level", "at_least", "at_or_above", "counts",
    "exactly", "highest_rung", "problems", "rung_by_title", "steps",
]
