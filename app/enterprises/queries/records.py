"""One enterprise: the row itself, its parts, and how it looked on a day as it was known on another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.enterprises.models import (
    Contact,
    Enterprise,
    EnterpriseEvent,
    EnterpriseMerge,
    EnterpriseName,
    EnterpriseSummary,
    EnterpriseTag,
    EnterpriseTown,
    EnterpriseYear,
)
from app.enterprises.queries.attribution import town_as_of
from app.enterprises.queries.scope import in_scope
from app.enterprises.rules.figures import FIELDS, Effective, effective
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of

MISSING_ZH = "没有找到这家企业，可能已并入其他企业，或不在您的管辖范围内。"


def get_enterprise(scope: Scope, enterprise_id: int, *, lock: bool = False) -> Enterprise:
    """The enterprise inside the scope. Raises ``NotFound``. ``lock`` holds the row until the transaction ends (for writing).

    What is done about it goes by the policy of its own city (``infra.city``).
    """
    if not 0 < enterprise_id < 2**63:
        raise NotFound(MISSING_ZH)
    query = select(Enterprise).where(Enterprise.id == enterprise_id, in_scope(scope))
    row = db.session.scalars(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(MISSING_ZH)
    speak_of(row.city_id)
    return row


def find_by_code(scope: Scope, credit_code: str) -> Enterprise | None:
    """The enterprise of the scope with this credit code (merged duplicates lead to the kept one)."""
    row = db.session.scalars(select(Enterprise).where(Enterprise.credit_code == credit_code)).first()
    steps = 0
    while row is not None and row.merged_into_id is not None and steps < 20:
        row, steps = db.session.get(Enterprise, row.merged_into_id), steps + 1
    return None if row is None else db.session.scalars(select(Enterprise).where(Enterprise.id == row.id, in_scope(scope))).first()


def summary_of(enterprise_id: int) -> EnterpriseSummary | None:
    """The stored summary of one enterprise (the caller has checked the scope)."""
    return db.session.get(EnterpriseSummary, enterprise_id)


def known_at(recorded: InstrumentedAttribute[datetime], superseded: InstrumentedAttribute[datetime | None], known_on: date | None) -> ColumnElement[bool]:
    """Versions in force at the end of ``known_on`` (None = now)."""
    if known_on is None:
        return superseded.is_(None)
    end = clock.end_of_day(known_on)
    return and_(recorded <= end, or_(superseded.is_(None), superseded > end))


@dataclass(frozen=True)
class YearFigures:
    """Effective figures of one year: field code -> value with its source, plus what was computed from it."""

    year: int
    values: dict[str, Effective]
    versions: tuple[EnterpriseYear, ...]

    def value(self, code: str) -> Any:
        return self.values[code].value if code in self.values else None


def figures(enterprise_id: int, *, until: int | None = None, known_on: date | None = None) -> list[YearFigures]:
    """Effective figures by year, newest first; only years up to ``until``, as known on a day."""
    query = select(EnterpriseYear).where(
        EnterpriseYear.enterprise_id == enterprise_id, known_at(EnterpriseYear.recorded_at, EnterpriseYear.superseded_at, known_on)
    )
    if until is not None:
        query = query.where(EnterpriseYear.year <= until)
    by_year: dict[int, list[EnterpriseYear]] = {}
    for row in db.session.scalars(query.order_by(EnterpriseYear.year.desc(), EnterpriseYear.id)):
        by_year.setdefault(row.year, []).append(row)
    codes = ["source", *(f.code for f in FIELDS)]
    return [
        YearFigures(year, effective([{c: getattr(row, c) for c in codes} for row in rows]), tuple(rows)) for year, rows in by_year.items()
    ]


def figure_versions(enterprise_id: int, year: int) -> Sequence[EnterpriseYear]:
    """Every version of every source of one year, newest first (the history view)."""
    return db.session.scalars(
        select(EnterpriseYear)
        .where(EnterpriseYear.enterprise_id == enterprise_id, EnterpriseYear.year == year)
        .order_by(EnterpriseYear.recorded_at.desc(), EnterpriseYear.id.desc())
    ).all()


def current_figures(enterprise_id: int, year: int, source: str) -> EnterpriseYear | None:
    """What one source says about one year now."""
    return db.session.scalars(
        select(EnterpriseYear).where(
            EnterpriseYear.enterprise_id == enterprise_id, EnterpriseYear.year == year, EnterpriseYear.source == source,
            EnterpriseYear.superseded_at.is_(None),
        )
    ).first()


def names(enterprise_id: int) -> Sequence[EnterpriseName]:
    """Former names, newest first."""
    return db.session.scalars(
        select(EnterpriseName)
        .where(EnterpriseName.enterprise_id == enterprise_id)
        .order_by(EnterpriseName.valid_to.desc(), EnterpriseName.id.desc())
    ).all()


def name_on(enterprise: Enterprise, former: Sequence[EnterpriseName], day: date) -> str:
    """The registered name on a day: a former one while its dates hold, else today's."""
    for row in former:
        if row.valid_to is not None and row.valid_to >= day and (row.valid_from is None or row.valid_from <= day):
            return row.name
    return enterprise.name


def towns(enterprise_id: int, *, known_on: date | None = None) -> Sequence[EnterpriseTown]:
    """Statistical towns over time, newest first, as known on a day."""
    return db.session.scalars(
        select(EnterpriseTown)
        .where(EnterpriseTown.enterprise_id == enterprise_id, known_at(EnterpriseTown.recorded_at, EnterpriseTown.superseded_at, known_on))
        .order_by(EnterpriseTown.valid_from.desc(), EnterpriseTown.id.desc())
    ).all()


def town_on(enterprise_id: int, day: date, known_on: date | None = None) -> int | None:
    """The statistical town on a day as known on another; None before the first version."""
    versions = town_as_of(day, known_on).subquery()
    return db.session.scalar(select(versions.c.town_id).where(versions.c.enterprise_id == enterprise_id))


def events(enterprise_id: int, *, day: date | None = None, known_on: date | None = None) -> Sequence[EnterpriseEvent]:
    """Recorded events, newest first; only up to a day, as known on a day."""
    query = select(EnterpriseEvent).where(EnterpriseEvent.enterprise_id == enterprise_id)
    if day is not None:
        query = query.where(EnterpriseEvent.happened_on <= day)
    if known_on is not None:
        query = query.where(EnterpriseEvent.recorded_at <= clock.end_of_day(known_on))
    return db.session.scalars(query.order_by(EnterpriseEvent.happened_on.desc(), EnterpriseEvent.id.desc())).all()


def contacts(enterprise_id: int) -> Sequence[Contact]:
    """Contact persons, the main one first."""
    return db.session.scalars(
        select(Contact).where(Contact.enterprise_id == enterprise_id).order_by(Contact.is_primary.desc(), Contact.id)
    ).all()


def get_contact(enterprise_id: int, contact_id: int) -> Contact:
    """One contact of one enterprise. Raises ``NotFound``."""
    row = db.session.get(Contact, contact_id) if 0 < contact_id < 2**63 else None
    if row is None or row.enterprise_id != enterprise_id:
        raise NotFound("没有找到这位联系人，可能已被删除。请刷新企业页面。")
    return row


def tags(enterprise_id: int) -> list[str]:
    """Tags by alphabet."""
    return list(db.session.scalars(select(EnterpriseTag.tag).where(EnterpriseTag.enterprise_id == enterprise_id).order_by(EnterpriseTag.tag)))


def merges(enterprise_id: int) -> Sequence[EnterpriseMerge]:
    """Merges into this enterprise that are not undone, newest first."""
    return db.session.scalars(
        select(EnterpriseMerge)
        .where(EnterpriseMerge.kept_id == enterprise_id, EnterpriseMerge.undone_at.is_(None))
        .order_by(EnterpriseMerge.id.desc())
    ).all()


def find_kept(scope: Scope, merged_id: int) -> Enterprise | None:
    """Where a merged duplicate went, inside the scope; None when it is none."""
    row = db.session.get(Enterprise, merged_id) if 0 < merged_id < 2**63 else None
    return find_by_code(scope, row.credit_code) if row is not None and row.merged_into_id is not None else None
