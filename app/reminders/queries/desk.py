"""What a person has to do: items held by what he stands for, oldest day first; counts by urgency; what he waits for."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true, tuple_, union_all

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.reminders.models import DueNote, DueRow

SPANS = {"": "全部", "overdue": "逾期", "today": "今天", "week": "七天内", "later": "以后", "snoozed": "已暂缓"}
WEEK = timedelta(days=7)
ORDER = (DueRow.plan_on, DueRow.id)
COLUMNS = (
    DueRow.id, DueRow.capability, DueRow.kind, DueRow.label, DueRow.due_on, DueRow.due_at, DueRow.plan_on, DueRow.verb, DueRow.endpoint,
    DueRow.arguments, DueRow.confirmed, DueRow.enterprise_id, DueRow.holder, DueRow.supervised_at, DueRow.snoozed_until, DueRow.handed_by,
    DueRow.version, DueRow.state,
)


@dataclass(frozen=True)
class Asked:
    """What the desk is asked for: a span of days (``SPANS``) and a kind (code of its rule)."""

    span: str = ""
    code: str = ""


@dataclass
class Counts:
    """Numbers of the pills, each counted up to the cap + 1."""

    by_span: dict[str, int] = field(default_factory=dict)
    waiting: int = 0
    """What the person handed over and waits for."""

    def label(self, span: str) -> str:
        count = self.by_span.get(span, 0)
        return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


def _span(span: str, today: date) -> ColumnElement[bool]:
    awake = or_(DueRow.snoozed_until.is_(None), DueRow.snoozed_until <= today)
    if span == "snoozed":
        return DueRow.snoozed_until > today
    if span == "overdue":
        return and_(awake, DueRow.plan_on < today)
    if span == "today":
        return and_(awake, DueRow.plan_on == today)
    if span == "week":
        return and_(awake, DueRow.plan_on > today, DueRow.plan_on <= today + WEEK)
    return and_(awake, DueRow.plan_on > today + WEEK) if span == "later" else awake


def _narrowed(asked: Asked, today: date) -> list[ColumnElement[bool]]:
    found = [DueRow.state == "open", _span(asked.span, today)]
    if asked.code:
        capability, _, kind = asked.code.partition(".")
        found += [DueRow.capability == capability, DueRow.kind == kind]
    return found


def list_desk(keys: Collection[str], asked: Asked, cursor: str | None = None, size: int = 20) -> Page[Any]:
    """A page of open items of these holders. Each holder is read from its own stretch of the index, so a page costs the same for 5 and for
    100,000 items."""
    today, edge = clock.today(), decode(cursor, (date, int))
    backwards = bool(edge and edge.backwards)
    parts = []
    for key in sorted(keys):
        one = select(*COLUMNS).where(DueRow.holder == key, *_narrowed(asked, today))
        if edge:
            place = tuple_(*ORDER)
            one = one.where(place < edge.values if backwards else place > edge.values)
        order = [column.desc() for column in ORDER] if backwards else list(ORDER)
        parts.append(select(one.order_by(*order).limit(size + 1).subquery()))
    together = union_all(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    columns = (together.c.plan_on, together.c.id)
    rows = db.session.execute(
        select(together).order_by(*(column.desc() if backwards else column for column in columns)).limit(size + 1)
    ).all()
    return cut(rows, size, edge, lambda row: (row.plan_on, row.id))


def count_desk(keys: Collection[str], asked: Asked | None = None) -> Counts:
    """How many per span, in one statement, each up to the cap."""
    row = db.session.execute(_counts_statement(tuple(sorted(keys)), asked.code if asked else "", clock.today())).one()
    return Counts({span: getattr(row, span or "all") for span in SPANS}, row.waiting)


@lru_cache(maxsize=256)
def _counts_statement(keys: tuple[str, ...], code: str, today: date) -> Select[Any]:
    """Kept: the first page asks it every time."""
    parts = [_capped(DueRow.holder.in_(keys), *_narrowed(Asked(span, code), today)).label(span or "all") for span in SPANS]
    parts.append(_capped(DueRow.handed_by == _user_of(keys), DueRow.state == "open").label("waiting"))
    return select(*parts)


def _user_of(keys: Collection[str]) -> int | None:
    return next((int(key.removeprefix("user:")) for key in keys if key.startswith("user:")), None)


def _capped(*conditions: ColumnElement[bool]) -> Any:
    inner = select(DueRow.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(inner).scalar_subquery()


def visible(scope: Scope, keys: Collection[str]) -> ColumnElement[bool]:
    """SQL condition on ``DueRow``: held by the person, handed over by him, or of an enterprise or an office of his area."""
    parts = [DueRow.holder.in_(sorted(keys))]
    user_id = _user_of(keys)
    if user_id is not None:
        parts.append(DueRow.handed_by == user_id)
    if not scope.is_empty:
        parts.append(DueRow.enterprise_id.in_(select(Enterprise.id).where(in_scope(scope))))
        office = [column.in_(sorted(ids)) for column, ids in (
            (DueRow.city_id, scope.city_ids), (DueRow.unit_id, scope.unit_ids), (DueRow.town_id, scope.town_ids), (DueRow.team_id, scope.team_ids),
        ) if ids]  # fmt: skip
        parts += [and_(DueRow.enterprise_id.is_(None), one) for one in office]
        if scope.everything:
            parts.append(DueRow.enterprise_id.is_(None))
    return or_(*parts)


def get_item(scope: Scope, keys: Collection[str], due_id: int, *, lock: bool = False) -> DueRow:
    """One item. Raises ``NotFound`` outside what the person may see."""
    query = select(DueRow).where(DueRow.id == due_id, visible(scope, keys))
    row = db.session.scalars(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("没有找到这项提醒，可能已清理或不在您的权限内。请从工作台重新进入。")
    return row


def neighbours(keys: Collection[str], row: DueRow, asked: Asked) -> tuple[int | None, int | None]:
    """Previous and next item on the same desk, for working down a list."""
    conditions = [DueRow.holder.in_(sorted(keys)), *_narrowed(asked, clock.today())]
    place, here = tuple_(*ORDER), (row.plan_on, row.id)
    before = select(DueRow.id).where(*conditions, place < here).order_by(DueRow.plan_on.desc(), DueRow.id.desc()).limit(1)
    after = select(DueRow.id).where(*conditions, place > here).order_by(*ORDER).limit(1)
    return db.session.scalar(before), db.session.scalar(after)


def notes_of(due_id: int) -> list[DueNote]:
    """What people did with it, newest first."""
    return list(db.session.scalars(select(DueNote).where(DueNote.due_id == due_id).order_by(DueNote.id.desc()).limit(100)))


def waiting_for(user_id: int, limit: int = 50) -> list[Any]:
    """Open items the person handed over, newest first."""
    return list(db.session.execute(_waiting(user_id).limit(limit)))


def _waiting(user_id: int) -> Select[Any]:
    return select(*COLUMNS).where(DueRow.handed_by == user_id, DueRow.state == "open").order_by(DueRow.plan_on, DueRow.id)


@dataclass(frozen=True)
class Span:
    """Days of a calendar page."""

    first: date
    last: date


def by_day(keys: Collection[str], span: Span) -> dict[date, int]:
    """Open items per day they are planned for."""
    rows = db.session.execute(
        select(DueRow.plan_on, func.count()).where(
            DueRow.holder.in_(sorted(keys)), DueRow.state == "open", DueRow.plan_on.between(span.first, span.last),
        ).group_by(DueRow.plan_on)
    )
    return {row[0]: row[1] for row in rows}


def of_day(keys: Collection[str], day: date, limit: int = 200) -> list[Any]:
    """Open items of one day."""
    return list(db.session.execute(
        select(*COLUMNS).where(DueRow.holder.in_(sorted(keys)), DueRow.state == "open", DueRow.plan_on == day).order_by(DueRow.id).limit(limit)
    ))


def for_calendar(keys: Collection[str], since: date, limit: int) -> list[Any]:
    """Open items for a subscription, from a day on."""
    return list(db.session.execute(
        select(*COLUMNS, DueRow.opened_at).where(DueRow.holder.in_(sorted(keys)), DueRow.state == "open", DueRow.plan_on >= since)
        .order_by(DueRow.plan_on, DueRow.id).limit(limit)
    ))


AREA_SPANS = {"overdue": "逾期", "supervised": "督办", "week": "七天内到期", "": "全部未办"}


def _of_area(scope: Scope) -> ColumnElement[bool]:
    """SQL condition on ``DueRow``: of the places, teams and firms of a scope, by the columns of the row (indexed)."""
    if scope.everything:
        return true()
    parts = [column.in_(sorted(ids)) for column, ids in (
        (DueRow.city_id, scope.city_ids), (DueRow.unit_id, scope.unit_ids), (DueRow.town_id, scope.town_ids), (DueRow.team_id, scope.team_ids),
        (DueRow.enterprise_id, scope.enterprise_ids),
    ) if ids]  # fmt: skip
    return or_(*parts) if parts else false()


def _area(scope: Scope, span: str, unit_id: int | None) -> list[ColumnElement[bool]]:
    today, found = clock.today(), [_of_area(scope), DueRow.state == "open"]
    if unit_id is not None:
        found.append(DueRow.unit_id == unit_id)
    if span == "supervised":
        found.append(DueRow.supervised_at.is_not(None))
    elif span == "overdue":
        found.append(DueRow.due_on < today)
    elif span == "week":
        found += [DueRow.due_on >= today, DueRow.due_on <= today + WEEK]
    return found


def list_area(scope: Scope, span: str, unit_id: int | None, cursor: str | None, size: int) -> Page[Any]:
    """Open items of an area, whoever has them, oldest first."""
    edge, conditions = decode(cursor, (date, int)), _area(scope, span, unit_id)
    backwards = bool(edge and edge.backwards)
    query = select(*COLUMNS, DueRow.unit_id).where(*conditions)
    if edge:
        place = tuple_(*ORDER)
        query = query.where(place < edge.values if backwards else place > edge.values)
    rows = db.session.execute(query.order_by(*([c.desc() for c in ORDER] if backwards else ORDER)).limit(size + 1)).all()
    inner = select(DueRow.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    return cut(rows, size, edge, lambda row: (row.plan_on, row.id), db.session.scalar(select(func.count()).select_from(inner)) or 0)


def count_area(scope: Scope, spans: Collection[str]) -> dict[str, int]:
    """Open items of an area per span, in one statement, each up to the cap + 1."""
    named = list(spans)
    row = db.session.execute(select(*(_capped(*_area(scope, span, None)) for span in named))).one()
    return dict(zip(named, row, strict=True))


def overdue_by_unit(scope: Scope) -> dict[int | None, int]:
    """Overdue items per county or zone."""
    rows = db.session.execute(select(DueRow.unit_id, func.count()).where(*_area(scope, "overdue", None)).group_by(DueRow.unit_id))
    return {row[0]: row[1] for row in rows}
