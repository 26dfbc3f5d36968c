"""First grants of two rungs per enterprise, and the enterprises behind a median."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, select

from app.infra.db import db
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from app.ladder.queries.counting import Filters, attributed, near, started
from app.ladder.queries.places import known
from app.ladder.rules.durations import Duration, duration
from app.ladder.rules.transitions import Rungs

SETTING = "duration_min_sample"
"""Pack setting (待核): fewer enterprises than this are shown as 样本不足."""


def durations(scope: Scope, rungs: Rungs, day: date, known_on: date | None, filters: Filters) -> dict[tuple[int, int], Duration]:
    """(lower rung, higher rung) -> months between first grants, of the enterprises counted on the day."""
    firsts = _first_grants(rungs, day, known_on, filters)
    pairs = [(low, high) for low in range(len(rungs)) for high in range(low + 1, len(rungs))]
    found: dict[tuple[int, int], dict[tuple[date, date], int]] = {pair: {} for pair in pairs}
    columns = [firsts.c[f"rung_{place}"] for place in range(len(rungs))]
    rows = attributed(scope, firsts, day, known_on, filters).with_only_columns(*columns, func.count()).group_by(*columns)
    for *starts, count in db.session.execute(rows):
        for low, high in pairs:
            if starts[low] is not None and starts[high] is not None:
                key = (_day(starts[low]), _day(starts[high]))
                found[low, high][key] = found[low, high].get(key, 0) + count
    return {pair: duration(days) for pair, days in found.items()}


def _day(value: Any) -> date:
    """An aggregate over a CASE comes back as text from SQLite."""
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _first_grants(rungs: Rungs, day: date, known_on: date | None, filters: Filters) -> Subquery:
    """(enterprise id, first start of every rung) of everybody who had at least one."""
    start = func.coalesce(Recognition.valid_from, Recognition.announced_on)
    columns = [func.min(case((Recognition.title_code.in_(sorted(titles)), start), else_=None)).label(f"rung_{n}") for n, titles in enumerate(rungs)]
    titles = sorted({title for rung in rungs for title in rung})
    return (
        select(Recognition.enterprise_id, *columns)
        .where(Recognition.title_code.in_(titles), near(filters), started(day), known(Recognition, known_on))
        .group_by(Recognition.enterprise_id).subquery("firsts")
    )


def statement(scope: Scope, rungs: Rungs, pair: tuple[int, int], day: date, known_on: date | None, filters: Filters, *, turned: bool = False) -> Select[Any]:
    """The enterprises behind one median (``turned``: those that had the higher rung first), for ``member_page``."""
    firsts = _first_grants(rungs, day, known_on, filters)
    low, high = firsts.c[f"rung_{pair[0]}"], firsts.c[f"rung_{pair[1]}"]
    both = and_(low.is_not(None), high.is_not(None))
    return attributed(scope, firsts, day, known_on, filters).where(both, high < low if turned else high >= low)


def starts_of(ids: Collection[int], rungs: Rungs, day: date, known_on: date | None) -> dict[int, list[date | None]]:
    """Enterprise -> first grant of every rung, for the rows of a list."""
    firsts = _first_grants(rungs, day, known_on, Filters())
    rows = db.session.execute(select(firsts).where(firsts.c.enterprise_id.in_(sorted(ids)))) if ids else ()
    return {id_: [None if value is None else _day(value) for value in starts] for id_, *starts in rows}


__all__ = ["SETTING", "durations", "starts_of", "statement"]
