"""Measures and promises: states, and when one counts as kept in time."""

from datetime import date

OPEN, DONE, DROPPED = "open", "done", "dropped"
MEASURE_STATES = {OPEN: "进行中", DONE: "已完成", DROPPED: "不再进行"}
PROMISE_STATES = {OPEN: "待兑现", DONE: "已兑现", DROPPED: "已说明不能兑现"}
FINDING_STATES = {OPEN: "待解决", DONE: "已解决", DROPPED: "不再跟踪"}
TONES = {OPEN: "info", DONE: "ok", DROPPED: "lapsed"}


def overdue(state: str, due_on: date | None, today: date) -> bool:
    """Still open after its day."""
    return state == OPEN and due_on is not None and due_on < today


def kept_in_time(state: str, due_on: date | None, done_on: date | None) -> bool | None:
    """Whether a kept promise was kept by its day; None while it is open, was explained away, or had no day."""
    if state != DONE or due_on is None or done_on is None:
        return None
    return done_on <= due_on
