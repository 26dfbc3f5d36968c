"""What the ladder adds to the pages of an enterprise: timeline items, stepper, words of rungs and titles."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from flask import has_request_context, url_for

from app.enterprises.models import Enterprise
from app.enterprises.queries import LadderWords, Step, TimelineItem
from app.infra import clock
from app.infra.db import db
from app.infra.web.access import has
from app.kernel.permission import Permission
from app.kernel.scope import ALL, Scope
from app.ladder import queries
from app.ladder.queries import applications
from app.ladder.rules import State, StepState, highest_rung, steps
from app.ladder.rules.applications import STATES as APPLICATION_STATES
from app.ladder.rules.applications import TONES as APPLICATION_TONES
from app.ladder.views.asking import packs_shown, title_zh
from app.packs import Pack
from app.policies.queries import pack_of_city, packs_by_city


def timeline(enterprise_id: int, day: date, known_on: date | None) -> Iterator[TimelineItem]:
    """Recognitions granted, run out and revoked up to the day. The caller has checked that the viewer may see the enterprise."""
    pack = _pack_of(enterprise_id)
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


def application_timeline(enterprise_id: int, day: date, known_on: date | None) -> Iterator[TimelineItem]:
    """Steps of applications up to the day, as recorded until the other. The caller has checked that the viewer may see the enterprise."""
    if has_request_context() and not has(Permission.APPLICATION_VIEW):
        return
    pack = _pack_of(enterprise_id)
    for event, application_id, title in applications.steps_of_enterprise(enterprise_id, day, known_on):
        tone = APPLICATION_TONES[event.to_state]
        url = url_for("ladder.application", application_id=application_id) if known_on is None else None
        words = f"申报{pack.title_label(title)}：{APPLICATION_STATES[event.to_state]}"
        yield TimelineItem(event.on_day, words, event.reason or "", tone if tone in ("ok", "info", "warn", "bad") else "", event.by_name, url)


def stepper(enterprise_id: int, day: date, known_on: date | None) -> Iterator[Step]:
    """The city's main ladder with what the enterprise holds on the day."""
    pack = _pack_of(enterprise_id)
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
    """Labels of rungs and titles: of the city the page speaks of, or of each city where it speaks of several (a job of all)."""
    cities = [city for city in packs_by_city() if city.pack is not None] if not has_request_context() else packs_shown()
    each = {city.id: _words(city.pack) for city in cities if city.pack is not None}
    if len(each) == 1:
        return next(iter(each.values()))
    if not each:
        return _words(queries.current_pack())
    titles = {code: label for words in reversed(each.values()) for code, label in words.titles.items()}
    return LadderWords({}, titles, each)


@lru_cache(maxsize=32)
def _words(pack: Pack) -> LadderWords:
    rungs = {rung.code: (rung.label, min(place + 1, 5)) for place, rung in enumerate(pack.ladders()[0].rungs)}
    return LadderWords(rungs, {title.code: title.label for title in pack.entries("titles", disabled=True)})  # type: ignore[misc]


def _pack_of(enterprise_id: int) -> Pack:
    """The pack of the enterprise's own city."""
    enterprise = db.session.get(Enterprise, enterprise_id)
    return queries.current_pack() if enterprise is None else pack_of_city(enterprise.city_id)
