"""Demo rows behind 为什么变了: in the last weeks some recognitions were entered late and some corrected, so that a month ago other numbers were known.

Today's counts stay as they are: only when something was known, and what was known before, is added.
"""

from datetime import timedelta

from sqlalchemy import Select, func, select

from app.areas.models import Area
from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.ladder.models import Recognition

MARK = "演示数据（更正前）"
TITLES = ("srdi", "high_tech", "scale_up", "innovative_sme")
EACH = 5
MOST = 200


def load(city_code: str) -> int:
    """Add what is missing; returns how many versions. A second call adds nothing. Flushes, does not commit."""
    if db.session.scalar(select(Recognition.id).where(Recognition.source == MARK).limit(1)) is not None:
        return 0
    added = 0
    size = min(MOST, EACH + (db.session.scalar(select(func.count()).select_from(Enterprise)) or 0) // 500)
    for title in TITLES:
        late, short, long = _chosen(city_code, title, size)
        for number, row in enumerate(late):
            row.recorded_at = clock.now() - timedelta(days=3 + number % 20)
        for number, row in enumerate([*short, *long]):
            added += _known_otherwise(row, number, longer=row in long)
    db.session.flush()
    return added


def _chosen(city_code: str, title: str, size: int) -> tuple[list[Recognition], list[Recognition], list[Recognition]]:
    """Valid ones to be late, valid ones whose end was known wrongly, and ended ones that were thought to go on."""
    today = clock.today()
    valid = list(db.session.scalars(_of(city_code, title).where(Recognition.valid_to > today).offset(size).limit(2 * size)))
    ended = list(db.session.scalars(_of(city_code, title).where(Recognition.valid_to < today - timedelta(days=60)).limit(max(size // 2, 1))))
    return valid[:size], valid[size:], ended


def _of(city_code: str, title: str) -> Select[Recognition]:
    city = select(Area.id).where(Area.code == city_code).scalar_subquery()
    return (
        select(Recognition).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(
            Enterprise.city_id == city, Enterprise.status == "active", Recognition.title_code == title, Recognition.superseded_at.is_(None),
            Recognition.voided.is_(False), Recognition.revoked_on.is_(None), Recognition.recorded_at < clock.now() - timedelta(days=90),
        ).order_by(Recognition.enterprise_id, Recognition.id)
    )


def _known_otherwise(row: Recognition, number: int, *, longer: bool) -> int:
    """The version before: with another end, replaced some days ago by the present one."""
    if row.valid_to is None:
        return 0
    corrected = clock.now() - timedelta(days=4 + number % 15)
    columns = [c.key for c in Recognition.__table__.columns if c.key not in ("id", "superseded_at", "valid_to", "source")]
    values = {key: getattr(row, key) for key in columns}
    end = row.valid_to + timedelta(days=365 * 3) if longer else min(row.valid_to, clock.today()) - timedelta(days=200)
    db.session.add(Recognition(**values, valid_to=end, source=MARK, superseded_at=corrected))
    row.recorded_at = corrected
    return 1
