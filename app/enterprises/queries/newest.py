"""The newest effective figures of each enterprise and the size class they make, in SQL: for the stored summaries and for lists of past days."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_, select, type_coerce

from app.enterprises.models import EnterpriseYear
from app.enterprises.rules import size_class
from app.enterprises.rules.figures import PRECEDENCE
from app.infra.db import Yuan

_FIELDS = ("revenue_yuan", "rd_expense_yuan", "assets_yuan", "employee_count")


def _effective(field: str) -> ColumnElement[Any]:
    """The value of the strongest source that knows it, inside one enterprise and year (domain rule: field by field)."""
    column = getattr(EnterpriseYear, field)
    return func.coalesce(*(func.max(case((EnterpriseYear.source == source, column))) for source in PRECEDENCE))


def newest_year(*known: ColumnElement[bool]) -> Select[Any]:
    """Per enterprise the newest year with a revenue (without any: the newest year), and the revenue of the year before it. ``known``:
    conditions on ``EnterpriseYear``, the versions to go by among them."""
    query = select(EnterpriseYear.enterprise_id, EnterpriseYear.year, *(_effective(f).label(f) for f in _FIELDS)).where(*known)
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
    cases = [(starts(industry, rule.prefixes), _class_of(rule, metrics)) for rule in size_class.RULES]
    return case((starts(industry, size_class.NOT_COVERED), literal("na")), *cases)


def starts(industry: Any, prefixes: Collection[str]) -> ColumnElement[bool]:
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
