"""What teams add to the page of an enterprise: who served it when."""

from collections.abc import Iterable
from datetime import date

from flask import url_for

from app.enterprises.queries import TimelineItem
from app.infra import clock
from app.teams.queries import assignments


def timeline(enterprise_id: int, day: date, known_on: date | None) -> Iterable[TimelineItem]:
    """Assignments begun up to the day; those recorded later than ``known_on`` were not known then."""
    for spell in assignments.spells_of(enterprise_id):
        corrected = spell.valid_to is not None and spell.valid_to < spell.valid_from
        recorded = spell.recorded_at
        unknown = known_on is not None and recorded is not None and recorded > clock.end_of_day(known_on)
        if corrected or unknown or spell.valid_from > day:
            continue
        words = "，".join(word for word in (f"负责人{spell.member}" if spell.member else "", spell.reason or "") if word)
        yield TimelineItem(spell.valid_from, f"由{spell.team}服务", words, "info", "服务安排", url_for("teams.firm", enterprise_id=enterprise_id))
        if spell.valid_to is not None and spell.valid_to <= day:
            yield TimelineItem(spell.valid_to, f"{spell.team}结束服务", spell.end_reason or "", "", "服务安排")
