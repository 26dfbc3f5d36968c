"""待补: recognitions with a missing date, today and on another day as known on another."""

from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_

from app.ladder.models import Recognition
from app.ladder.queries.places import known


def incomplete(day: date, known_on: date | None = None) -> ColumnElement[bool]:
    """SQL condition on ``Recognition``: out of stock on the day only because its beginning, or its end without "open ended", is missing."""
    no_start = and_(Recognition.valid_from.is_(None), Recognition.announced_on.is_(None))
    still_held = or_(Recognition.revoked_on.is_(None), Recognition.revoked_on > day)
    begun = func.coalesce(Recognition.valid_from, Recognition.announced_on) <= day
    no_end = and_(begun, Recognition.valid_to.is_(None), Recognition.open_ended.is_(False), still_held)
    return and_(known(Recognition, known_on), Recognition.voided.is_(False), or_(no_start, no_end))
