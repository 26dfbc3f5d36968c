"""The stored summary of each enterprise, by sets: newest effective figures, growth, R&D share, size class; titles and rung come from above.

One statement for one enterprise or for a million; nothing loops over rows.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)

from app.enterprises.models import Enterprise, EnterpriseSummary, EnterpriseYear
from app.enterprises.rules import size_class
from app.enterprises.rules.figures import PRECEDENCE
from app.infra import dialect
from app.infra.db import Yuan, db

CHUNK = 5_000
_FIELDS = ("revenue_yuan", "rd_expense_yuan", "assets_yuan", "employee_count")


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
    dialect.upsert_select(db.session(), EnterpriseSummary.__table__, "enterprise_id", _fresh(ids), titles=",")  # type: ignore[arg-type]


def _effective(field: str) -> ColumnElement[Any]:
    """The value of the strongest source that knows it, inside one enterprise and year (domain rule: field by field)."""
    column = getattr(EnterpriseYear, field)
    return func.coalesce(*(func.max(case((EnterpriseYear.source == source, column))) for source in PRECEDENCE))


def _fresh(ids: Collection[int] | None) -> Select[Any]:
    """Columns of ``enterprise_summary`` that follow from figures and industry, one row per enterprise.

    Two halves instead of an outer join: SQLite would compare every enterprise with every row behind the window functions.
    """
    newest = _newest_year(ids).subquery("newest")
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


def _without_figures(ids: Collection[int] | None) -> Select[Any]:
    """The same columns of enterprises nobody reported figures of."""
    some = exists().where(EnterpriseYear.enterprise_id == Enterprise.id, EnterpriseYear.superseded_at.is_(None))
    query = select(*_unknown_figures()).where(~some)
    return query if ids is None else query.where(Enterprise.id.in_(ids))


def _unknown_figures() -> list[Any]:
    unknown = [null().label(name) for name in ("figures_year", "revenue_yuan", "growth_pct", "rd_ratio_pct", "employee_count")]
    return [Enterprise.id, *unknown, case((_starts(Enterprise.industry_code, size_class.NOT_COVERED), literal("na")))]


def _newest_year(ids: Collection[int] | None) -> Select[Any]:
    """Per enterprise the newest year with a revenue (without any: the newest year), and the revenue of the year before it."""
    query = select(EnterpriseYear.enterprise_id, EnterpriseYear.year, *(_effective(f).label(f) for f in _FIELDS))
    query = query.where(EnterpriseYear.superseded_at.is_(None))
    if ids is not None:
        query = query.where(EnterpriseYear.enterprise_id.in_(ids))
    by_year = query.group_by(EnterpriseYear.enterprise_id, EnterpriseYear.year).subquery("by_year")
    own: dict[str, Any] = {"partition_by": by_year.c.enterprise_id}
    in_order = own | {"order_by": by_year.c.year}
    with_revenue = func.max(case((by_year.c.revenue_yuan.is_not(None), by_year.c.year))).over(**own)
    rows = select(
        by_year,
        func.lag(by_year.c.revenue_yuan).over(**in_order).label("revenue_last"),
        func.lag(by_year.c.year).over(**in_order).label("year_last"),
        func.coalesce(with_revenue, func.max(by_year.c.year).over(**own)).label("newest_year"),
    ).subquery("ranked")
    before = case((rows.c.year_last == rows.c.year - 1, type_coerce(rows.c.revenue_last, Yuan())))
    wanted = [rows.c.enterprise_id, rows.c.year, *(type_coerce(rows.c[f], _TYPES[f]).label(f) for f in _FIELDS)]
    return select(*wanted, before.label("revenue_before")).where(rows.c.year == rows.c.newest_year)


_TYPES: dict[str, Any] = {f: EnterpriseYear.__table__.c[f].type for f in _FIELDS}


def size_expression(
    industry: Any, employees: ColumnElement[Any], revenue: ColumnElement[Any], assets: ColumnElement[Any]
) -> ColumnElement[Any]:
    """The table of ``rules.size_class`` as SQL: the certain class, ``na``, or NULL while a missing metric leaves it open."""
    metrics = {size_class.EMPLOYEES: employees, size_class.REVENUE: revenue, size_class.ASSETS: assets}
    cases = [(_starts(industry, rule.prefixes), _class_of(rule, metrics)) for rule in size_class.RULES]
    return case((_starts(industry, size_class.NOT_COVERED), literal("na")), *cases)


def _starts(industry: Any, prefixes: Collection[str]) -> ColumnElement[bool]:
    """The industry code lies in one of these divisions (two digits) or groups (three)."""
    short, long = [p for p in prefixes if len(p) == 2], [p for p in prefixes if len(p) == 3]
    two, three = func.substr(industry, 1, 2), func.substr(industry, 1, 3)
    return or_(*([two.in_(short)] if short else []), *([three.in_(long)] if long else []))


def _class_of(rule: size_class.SizeRule, metrics: dict[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """One industry group. Below any small limit it is micro even while another metric is unknown; above, every metric must be known."""
    needed = list(rule.limits)

    def limit(metric: str, index: int) -> Any:
        amount = size_class.stored_limit(metric, rule.limits[metric][index])
        return literal(amount) if metric == size_class.EMPLOYEES else literal(amount, Yuan())

    def reaches(index: int) -> ColumnElement[bool]:
        return and_(*(metrics[m] >= limit(m, index) for m in needed))

    return case(
        (or_(*(metrics[m] < limit(m, 2) for m in needed)), literal("micro")),
        (or_(*(metrics[m].is_(None) for m in needed)), null()),
        (reaches(0), literal("large")), (reaches(1), literal("medium")), else_=literal("small"),
    )
