"""Titles that run out soon: what the home page counts and lists (the life-cycle desk builds on the same rows)."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.queries.counting import struck_off
from app.ladder.queries.places import known

SOON = 90
"""Days ahead that are stored beside the other counts of the day (T-90 of the reminder calendar)."""


def runs_out(today: date, until: date, known_on: date | None = None) -> ColumnElement[bool]:
    """SQL condition on ``Recognition``: in stock today (a cancelled firm is not), its last day in [today, until], and
    no later grant of the same title follows. ``known_on``: by what was recorded until then."""
    return and_(
        _ends_between(today, until, today, known_on), func.coalesce(Recognition.valid_from, Recognition.announced_on) <= today,
        or_(Recognition.revoked_on.is_(None), Recognition.revoked_on > today),
    )


def lapsed(since: date, today: date, known_on: date | None = None) -> ColumnElement[bool]:
    """SQL condition on ``Recognition``: ran out in [since, yesterday] without being revoked before, and no later grant of the same title follows."""
    return and_(
        _ends_between(since, today - timedelta(days=1), today, known_on),
        or_(Recognition.revoked_on.is_(None), Recognition.revoked_on > Recognition.valid_to),
    )


def _ends_between(first: date, last: date, today: date, known_on: date | None) -> ColumnElement[bool]:
    """The last day lies in [first, last] and nothing follows. Of two grants with the same last day only the one recorded later is listed."""
    later = aliased(Recognition)
    renewed = select(later.id).where(
        later.enterprise_id == Recognition.enterprise_id, later.title_code == Recognition.title_code, later.level == Recognition.level,
        known(later, known_on), later.voided.is_(False), later.revoked_on.is_(None),
        or_(later.open_ended, later.valid_to > Recognition.valid_to, and_(later.valid_to == Recognition.valid_to, later.id > Recognition.id)),
    )
    return and_(
        Recognition.valid_to.between(first, last), known(Recognition, known_on), Recognition.voided.is_(False), Recognition.open_ended.is_(False),
        ~renewed.exists(), ~struck_off(Recognition.enterprise_id, today, known_on),
    )


def _expiring(scope: Scope, today: date, until: date) -> Select[Recognition, Enterprise]:
    return (
        select(Recognition, Enterprise).join(Enterprise, Enterprise.id == Recognition.enterprise_id)
        .where(runs_out(today, until), in_scope(scope))
    )


def count_expiring(scope: Scope, today: date, until: date) -> int:
    """How many, counted up to the cap + 1 (shown as 1000+)."""
    rows = _expiring(scope, today, until).with_only_columns(Recognition.id).limit(COUNT_CAP + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def list_expiring(scope: Scope, today: date, until: date, cursor: str | None = None, size: int = 100) -> Page[tuple[Recognition, Enterprise]]:
    """One page of the rows, soonest first. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (date, int))
    keys = (Recognition.valid_to, Recognition.id)
    statement = _expiring(scope, today, until)
    backwards = bool(edge and edge.backwards)
    if edge:
        place = tuple_(*(literal(value, key.type) for value, key in zip(edge.values, keys, strict=True)))
        statement = statement.where(tuple_(*keys) < place if backwards else tuple_(*keys) > place)
    rows = db.session.execute(statement.order_by(*(key.desc() if backwards else key.asc() for key in keys)).limit(size + 1))
    found = [(row[0], row[1]) for row in rows]
    return cut(found, size, edge, lambda row: (row[0].valid_to, row[0].id), count_expiring(scope, today, until))
