"""The audit log and the login log, for the audit administrator of a city."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.areas.models import Area
from app.identity.models import LoginLog, User
from app.infra import clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.infra.web.pagination import Cursor, Page, encode
from app.kernel.scope import Scope


def _of_people_in(reach: Scope, user_id: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """Acts of people whose home area lies in the cities, or is the province itself; what nobody did (the system, unknown logins) only where it
    is the only city."""
    if reach.everything:
        return true()
    if not reach.city_ids:
        return false()
    home = or_(Area.city_id.in_(sorted(reach.city_ids)), Area.id.in_(sorted(reach.province_ids)))
    people = select(User.id).join(Area, Area.id == User.area_id).where(home)
    other_cities = select(User.id).join(Area, Area.id == User.area_id).where(Area.city_id.not_in(sorted(reach.city_ids))).exists()
    return or_(user_id.in_(people), user_id.is_(None) & ~other_cities)


@dataclass(frozen=True)
class LogFilter:
    """Days inclusive (Shanghai). ``who``: part of a name or login; ``kind``: type or outcome; ``subject``: part of what it is about."""

    first: date | None = None
    last: date | None = None
    who: str = ""
    kind: str = ""
    subject: str = ""


def list_audit(reach: Scope, wanted: LogFilter, cursor: Cursor | None, size: int) -> Page[AuditRow]:
    """Newest first."""
    statement = select(AuditRow).where(_of_people_in(reach, AuditRow.actor_id), *_days(AuditRow.at, wanted))
    if wanted.who:
        statement = statement.where(AuditRow.actor_name.icontains(wanted.who, autoescape=True))
    if wanted.kind:
        statement = statement.where(AuditRow.type.startswith(wanted.kind, autoescape=True))
    if wanted.subject:
        statement = statement.where(
            or_(AuditRow.subject_label.icontains(wanted.subject, autoescape=True), AuditRow.subject_id == wanted.subject)
        )
    return _page(statement, AuditRow.id, cursor, size)


def list_logins(reach: Scope, wanted: LogFilter, cursor: Cursor | None, size: int) -> Page[LoginLog]:
    """Newest first."""
    statement = select(LoginLog).where(_of_people_in(reach, LoginLog.user_id), *_days(LoginLog.at, wanted))
    if wanted.who:
        statement = statement.where(or_(LoginLog.login.icontains(wanted.who, autoescape=True), LoginLog.ip == wanted.who))
    if wanted.kind:
        statement = statement.where(LoginLog.outcome == wanted.kind)
    return _page(statement, LoginLog.id, cursor, size)


def _days(column: InstrumentedAttribute[Any], wanted: LogFilter) -> list[ColumnElement[bool]]:
    found = []
    if wanted.first:
        found.append(column >= clock.start_of_day(wanted.first))
    if wanted.last:
        found.append(column <= clock.end_of_day(wanted.last))
    return found


def _page(statement: Select[Any], key: InstrumentedAttribute[int], cursor: Cursor | None, size: int) -> Page[Any]:
    backwards = bool(cursor and cursor.backwards)
    if cursor:
        statement = statement.where(key > cursor.values[0] if backwards else key < cursor.values[0])
    found: Sequence[Any] = db.session.scalars(statement.order_by(key if backwards else key.desc()).limit(size + 1)).all()
    rows, more = list(found[:size]), len(found) > size
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
    return Page(
        rows, encode(Cursor((rows[-1].id,))) if rows and has_next else None,
        encode(Cursor((rows[0].id,), True)) if rows and has_previous else None, size,
    )


def last_verification() -> AuditRow | None:
    """The audit row of the latest check of the chain."""
    return db.session.scalars(select(AuditRow).where(AuditRow.type == "audit.verified").order_by(AuditRow.id.desc()).limit(1)).first()
