"""One page of any list of the service: keyset order, capped count. Column rows, no entities loaded twice."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_

from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode


def capped(statement: Select[Any], count_on: Any) -> int:
    """How many rows, up to the cap + 1."""
    rows = statement.with_only_columns(count_on).order_by(None).limit(COUNT_CAP + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def page_of(
    statement: Select[Any], keys: Sequence[Any], kinds: Sequence[type], key: Callable[[Any], tuple[Any, ...]], cursor: str | None, size: int, *,
    descending: bool = True,
) -> Page[Any]:
    """A page of the statement ordered by ``keys`` (the last one unique), all in one direction. Raises ``Invalid`` for a cursor that is none."""
    edge, total = decode(cursor, kinds), capped(statement, keys[-1])
    backwards = bool(edge and edge.backwards)
    upwards = descending == backwards
    if edge:
        place = tuple_(*(literal(value) for value in edge.values))
        statement = statement.where(tuple_(*keys) > place if upwards else tuple_(*keys) < place)
    rows = list(db.session.execute(statement.order_by(*(one.asc() if upwards else one.desc() for one in keys)).limit(size + 1)))
    return cut(rows, size, edge, key, total)
