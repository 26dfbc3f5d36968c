"""Which town an enterprise belonged to on a day, as it was known on another day."""

from datetime import date

from sqlalchemy import Select, or_, select

from app.enterprises.models import EnterpriseTown
from app.infra import clock


def town_as_of(day: date, known_on: date | None = None) -> Select[tuple[int, int]]:
    """Rows (enterprise_id, town_id): the statistical town on ``day`` by the versions known at the end of ``known_on`` (Shanghai; None = now).

    Both ends of a version are inclusive. Use it as a subquery: ``town_as_of(day, known).subquery()``.
    """
    query = select(EnterpriseTown.enterprise_id, EnterpriseTown.town_id).where(
        EnterpriseTown.valid_from <= day, or_(EnterpriseTown.valid_to.is_(None), EnterpriseTown.valid_to >= day)
    )
    if known_on is None:
        return query.where(EnterpriseTown.superseded_at.is_(None))
    end = clock.end_of_day(known_on)
    return query.where(EnterpriseTown.recorded_at <= end, or_(EnterpriseTown.superseded_at.is_(None), EnterpriseTown.superseded_at > end))
