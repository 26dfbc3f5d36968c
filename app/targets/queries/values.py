"""Entered values: as of a day and as known on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from app.infra.db import db
from app.ladder.queries.places import known
from app.targets.models import TargetValue


def values_until(city_id: int, day: date, known_on: date | None) -> dict[str, list[TargetValue]]:
    """Metric -> its values on or before the day, the newest last."""
    rows = db.session.scalars(
        select(TargetValue).where(TargetValue.city_id == city_id, TargetValue.on_day <= day, known(TargetValue, known_on))
        .order_by(TargetValue.metric_code, TargetValue.on_day, TargetValue.id)
    )
    found: dict[str, list[TargetValue]] = {}
    for row in rows:
        found.setdefault(row.metric_code, []).append(row)
    return found


def current_value(city_id: int, metric_code: str, on_day: date) -> TargetValue | None:
    """What we know now of one day."""
    return db.session.scalars(
        select(TargetValue).where(
            TargetValue.city_id == city_id, TargetValue.metric_code == metric_code, TargetValue.on_day == on_day, TargetValue.superseded_at.is_(None)
        )
    ).first()


def versions(city_id: int, metric_code: str) -> Sequence[TargetValue]:
    """Every version of every day of a metric, the newest day and version first."""
    return db.session.scalars(
        select(TargetValue).where(TargetValue.city_id == city_id, TargetValue.metric_code == metric_code)
        .order_by(TargetValue.on_day.desc(), TargetValue.id.desc()).limit(200)
    ).all()
