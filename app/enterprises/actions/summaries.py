"""The stored summary of each enterprise, by sets: newest effective figures, growth, R&D share, size class; titles and rung come from above.

One statement for one enterprise or for a million; nothing loops over rows.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Insert,
    Select,
    Table,
    bindparam,
    case,
    exists,
    insert,
    literal,
    null,
    select,
    union_all,
    update,
)

from app.enterprises.models import Enterprise, EnterpriseSummary, EnterpriseYear
from app.enterprises.queries.newest import newest_year, size_expression, starts
from app.enterprises.rules import size_class
from app.infra import dialect
from app.infra.db import db

CHUNK = 5_000
_TABLE = cast(Table, EnterpriseSummary.__table__)
Ids = Collection[int] | BindParameter[Any] | None


@dataclass(frozen=True)
class Titles:
    """What ``ladder`` tells about one enterprise: codes valid today, highest rung of the city's main ladder."""

    codes: tuple[str, ...] = ()
    rung: str | None = None

    @property
    def stored(self) -> str:
        return "," + "".join(f"{code}," for code in self.codes)


def refresh_summaries(ids: Collection[int]) -> None:
    """Bring the summaries of these enterprises up to date (a missing one is created)."""
    db.session.flush()
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), CHUNK):
        _refresh(wanted[start : start + CHUNK])
    _expire()


def add_summaries(added: range) -> None:
    """First summaries of enterprises that nobody reported figures of yet (ids in a row)."""
    columns = ["enterprise_id", "figures_year", "revenue_yuan", "growth_pct", "rd_ratio_pct", "employee_count", "size_class", "titles"]
    fresh = select(*_unknown_figures(), literal(",")).where(Enterprise.id.between(added.start, added.stop - 1))
    db.session.execute(insert(EnterpriseSummary).from_select(columns, fresh, include_defaults=False))


def refresh_all_summaries() -> None:
    """Bring every summary up to date; rows that stay equal are not written."""
    db.session.flush()
    _refresh(None)
    _expire()


def set_titles(titles: Mapping[int, Titles]) -> None:
    """Store what an enterprise holds today; enterprises without a summary get one first. Called by ``ladder`` in its own transaction."""
    if not titles:
        return
    known = set()
    ids = sorted(titles)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        known.update(db.session.scalars(select(EnterpriseSummary.enterprise_id).where(EnterpriseSummary.enterprise_id.in_(part))))
    refresh_summaries([i for i in ids if i not in known])
    table = EnterpriseSummary.__table__
    db.session.connection().execute(
        update(table).where(table.c.enterprise_id == bindparam("b_id")).values(titles=bindparam("b_titles"), rung=bindparam("b_rung")),  # type: ignore[arg-type]
        [{"b_id": i, "b_titles": titles[i].stored, "b_rung": titles[i].rung} for i in ids],
    )
    _expire()


def _expire() -> None:
    """Loaded summaries are read again: the statements above went past the session."""
    for row in list(db.session.identity_map.values()):
        if isinstance(row, EnterpriseSummary):
            db.session.expire(row)


def _refresh(ids: Collection[int] | None) -> None:
    """All of them, or these: some few are brought up to date with every change of a record, so their statement is built once."""
    session = db.session()
    if ids is not None and (kept := _kept_statement(dialect.name_of(session))) is not None:
        session.execute(kept, {"ids": list(ids)})
        return
    dialect.upsert_select(session, _TABLE, "enterprise_id", _fresh(ids), titles=",")


@lru_cache(maxsize=4)
def _kept_statement(_kind: str) -> Insert | None:
    """For the enterprises in the parameter ``ids``, in the words of this kind of database."""
    return dialect.upsert_statement(db.session(), _TABLE, "enterprise_id", _fresh(bindparam("ids", expanding=True)), titles=",")


def _fresh(ids: Ids) -> Select[Any]:
    """Columns of ``enterprise_summary`` that follow from figures and industry, one row per enterprise.

    Two halves instead of an outer join: SQLite would compare every enterprise with every row behind the window functions.
    """
    newest = newest_year(EnterpriseYear.superseded_at.is_(None), *_of(ids)).subquery("newest")
    session = db.session()
    rising = newest.c.revenue_yuan - newest.c.revenue_before
    known = select(
        Enterprise.id.label("enterprise_id"),
        newest.c.year.label("figures_year"),
        newest.c.revenue_yuan,
        dialect.percent_of(session, rising, newest.c.revenue_before).label("growth_pct"),
        dialect.percent_of(session, newest.c.rd_expense_yuan, newest.c.revenue_yuan).label("rd_ratio_pct"),
        newest.c.employee_count,
        size_expression(Enterprise.industry_code, newest.c.employee_count, newest.c.revenue_yuan, newest.c.assets_yuan).label("size_class"),
    ).join(newest, newest.c.enterprise_id == Enterprise.id)
    both = union_all(known, _without_figures(ids)).subquery("both")
    return select(*both.c).where(both.c.enterprise_id > 0)


def _of(ids: Ids) -> list[ColumnElement[bool]]:
    return [] if ids is None else [EnterpriseYear.enterprise_id.in_(ids)]


def _without_figures(ids: Ids) -> Select[Any]:
    """The same columns of enterprises nobody reported figures of."""
    some = exists().where(EnterpriseYear.enterprise_id == Enterprise.id, EnterpriseYear.superseded_at.is_(None))
    query = select(*_unknown_figures()).where(~some)
    return query if ids is None else query.where(Enterprise.id.in_(ids))


def _unknown_figures() -> list[Any]:
    unknown = [null().label(name) for name in ("figures_year", "revenue_yuan", "growth_pct", "rd_ratio_pct", "employee_count")]
    return [Enterprise.id, *unknown, case((starts(Enterprise.industry_code, size_class.NOT_COVERED), literal("na")))]
