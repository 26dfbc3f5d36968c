"""What the ladder adds to the pages of an enterprise: timeline items, stepper, words of rungs and titles."""

from collections.abc import Iterator
from datetime import date

from flask import url_for

from app.enterprises.queries import LadderWords, Step, TimelineItem
from app.infra import clock
from app.kernel.scope import ALL, Scope
from app.ladder import queries
from app.ladder.rules import State, StepState, highest_rung, steps
from app.ladder.views.asking import title_zh


def timeline(enterprise_id: int, day: date, known_on: date | None) -> Iterator[TimelineItem]:
    """Recognitions granted, run out and revoked up to the day. The caller has checked that the viewer may see the enterprise."""
    pack = queries.current_pack()
    for row in queries.recognitions_of(ALL, [enterprise_id], known_on)[enterprise_id]:
        grant = queries.grant_of(row)
        if grant.voided or grant.start is None or grant.start > day:
            continue
        label = title_zh(pack, row)
        url = url_for("ladder.recognition", recognition_id=row.id) if known_on is None else None
        yield TimelineItem(grant.start, f"认定：{label}", row.document or "", "ok", row.source or "", url)
        if row.revoked_on and row.revoked_on <= day:
            yield TimelineItem(row.revoked_on, f"撤销：{label}", row.revoked_reason or "", "bad", row.source or "", url)
        elif grant.state(day) is State.EXPIRED and row.valid_to:
            yield TimelineItem(row.valid_to, f"到期：{label}", "", "", row.source or "", url)


def stepper(enterprise_id: int, day: date, known_on: date | None) -> Iterator[Step]:
    """The city's main ladder with what the enterprise holds on the day."""
    pack = queries.current_pack()
    ladder = pack.ladders()[0]
    rungs = [rung.titles for rung in ladder.rungs]
    held = queries.held_titles([enterprise_id], day, known_on)[enterprise_id]
    top = highest_rung(rungs, held)
    for place, (rung, state) in enumerate(zip(ladder.rungs, steps(rungs, held), strict=True)):
        note = "、".join(pack.title_label(code) for code in rung.titles if code in held) or state.label
        yield Step(rung.label, note, "now" if place == top else {StepState.HELD: "done", StepState.NEXT: "next"}.get(state, ""))


def enterprises_stored(scope: Scope) -> int | None:
    """How many enterprises the scope holds, from the stored counts of today."""
    return queries.stored_total(scope, "all", clock.today())


def words() -> LadderWords:
    """Labels of rungs and titles from the pack in force."""
    pack = queries.current_pack()
    rungs = {rung.code: (rung.label, min(place + 1, 5)) for place, rung in enumerate(pack.ladders()[0].rungs)}
    return LadderWords(rungs, {title.code: title.label for title in pack.entries("titles", disabled=True)})  # type: ignore[misc]
