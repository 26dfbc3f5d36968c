"""Findings, measures and promises: settled once, with what came of it; a promise only with evidence."""

from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, update

from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.text import clean
from app.visits.models import Finding, Measure, Promise
from app.visits.rules.promises import DONE, DROPPED, FINDING_STATES, MEASURE_STATES, OPEN, PROMISE_STATES

Outcome = Finding | Measure | Promise
WORDS = {
    Finding: ("visit_finding", "问题", FINDING_STATES), Measure: ("visit_measure", "措施", MEASURE_STATES),
    Promise: ("visit_promise", "承诺", PROMISE_STATES),
}


def settle(*, row: Outcome, state: str, on: date | None, note: str, version: int, informed: bool = False, by: Actor) -> bool:
    """Say that it is done, or honestly that it will not be; ``open`` takes that back. False = it was said already (a second click)."""
    kind, label, states = WORDS[type(row)]
    said = clean(note)[:300] or None
    if state not in states:
        raise Invalid("state", "请选择办理结果。", "state")
    if (row.state, row.settled_note) == (state, said) and state != OPEN:
        return False
    day = None if state == OPEN else on or clock.today()
    _check(row, state, day, said, label)
    values: dict[str, Any] = {"state": state, "settled_on": day, "settled_note": None if state == OPEN else said}
    if isinstance(row, Promise):
        values["informed_on"] = clock.today() if informed and state != OPEN else None
    old = {"state": row.state, "note": row.settled_note}
    model = type(row)
    statement = update(model).where(model.id == row.id, model.version == version).values(**values, version=model.version + 1)
    if not cast("CursorResult[Any]", db.session.execute(statement)).rowcount:
        raise Conflict("outcome_changed", f"这条{label}刚被别人办理过，您的内容没有保存。请刷新页面核对。")
    db.session.refresh(row)
    audit.record(f"{kind}.settled", Subject(kind, row.id, row.text[:80]), old, {"state": state, "on": day, "note": said}, by=by)
    db.session.flush()
    return True


def _check(row: Outcome, state: str, day: date | None, said: str | None, label: str) -> None:
    if state in (DONE, DROPPED) and said is None and (isinstance(row, Promise) or state == DROPPED):
        ask = "请写明兑现的凭据（做了什么、谁确认）。" if state == DONE else "请写明原因，企业问起时能够说明。"
        raise Invalid("settled_note", ask, "note")
    if day is not None and (day > clock.today() or day < row.created_at.date().replace(year=row.created_at.year - 5)):
        raise Invalid("settled_on", f"{label}的办理日期不对，请核对。", "on")
