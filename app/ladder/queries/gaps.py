"""待补: recognitions with a missing date."""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_

from app.ladder.models import Recognition


def incomplete(day: date) -> ColumnElement[bool]:
    """SQL condition on ``Recognition``: out of stock on the day only because its beginning, or its end without "open ended", is missing."""
    no_start = and_(Recognition.valid_from.is_(None), Recognition.announced_on.is_(None))
    still_held = or_(Recognition.revoked_on.is_(None), Recognition.revoked_on > day)
    no_end = and_(Recognition.valid_to.is_(None), Recognition.open_ended.is_(False), still_held)
    return and_(Recognition.superseded_at.is_(None), Recognition.voided.is_(False), or_(no_start, no_end))
