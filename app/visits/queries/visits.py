"""Visits: the list, one visit with everything that belongs to it, the firms a person may pick from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from app.demands.models import Demand
from app.enterprises.models import Contact, Enterprise, EnterpriseSummary
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.infra.files import StoredFile
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of
from app.visits.models import Finding, Measure, Promise, Visit, VisitChange, VisitPerson, VisitPhoto, VisitTopic
from app.visits.rules.promises import OPEN
from app.visits.rules.visit import COMPLETE, DRAFT

MISSING_ZH = "没有找到这条走访，可能已删除，或企业不在您的服务和管辖范围内。请从“走访服务”重新进入。"
MOST_MINE = 400


@dataclass(frozen=True)
class VisitFilters:
    """Narrowing of the list; empty = everything. ``late``: the enterprise has not confirmed for more than so many days."""

    text_ids: tuple[int, ...] | None = None
    enterprise_id: int | None = None
    unit_id: int | None = None
    town_id: int | None = None
    team_id: int | None = None
    mode: str = ""
    since: date | None = None
    until: date | None = None
    confirm: str = ""
    review: str = ""
    severity: str = ""
    topic: tuple[str, str] | None = None
    author_id: int | None = None
    late_days: int | None = None
    voided: bool = False


@dataclass(frozen=True)
class VisitRow:
    """One line of the list."""

    id: int
    visited_on: date
    enterprise_id: int
    name: str
    town_id: int
    team_id: int | None
    mode: str
    summary: str
    created_name: str
    confirm_state: str
    review_state: str
    next_contact_on: date | None
    red: int = 0
    yellow: int = 0
    promises: int = 0


_COLUMNS = (
    Visit.id, Visit.visited_on, Visit.enterprise_id, Enterprise.name, Enterprise.town_id, Visit.team_id, Visit.mode,
    func.substr(Visit.summary, 1, 160).label("summary"), Visit.created_name, Visit.confirm_state, Visit.review_state, Visit.next_contact_on,
)


def conditions(scope: Scope, filters: VisitFilters) -> list[ColumnElement[bool]]:
    """The rows of a list as SQL conditions on ``Visit`` joined with ``Enterprise``."""
    found = [Visit.state == ("void" if filters.voided else COMPLETE), in_scope(scope)]
    for column, value in (
        (Visit.enterprise_id, filters.enterprise_id), (Enterprise.unit_id, filters.unit_id),
        (Enterprise.town_id, filters.town_id), (Visit.team_id, filters.team_id), (Visit.mode, filters.mode),
        (Visit.confirm_state, filters.confirm), (Visit.review_state, filters.review), (Visit.created_by, filters.author_id),
    ):
        if value:
            found.append(column == value)
    if filters.since:
        found.append(Visit.visited_on >= filters.since)
    if filters.until:
        found.append(Visit.visited_on <= filters.until)
    if filters.text_ids is not None:
        found.append(Visit.enterprise_id.in_(filters.text_ids))
    if filters.severity:
        found.append(select(Finding.id).where(Finding.visit_id == Visit.id, Finding.severity == filters.severity).exists())
    if filters.topic:
        kind, code = filters.topic
        found.append(select(VisitTopic.id).where(VisitTopic.visit_id == Visit.id, VisitTopic.kind == kind, VisitTopic.code == code).exists())
    if filters.late_days is not None:
        before = clock.start_of_day(clock.today() - timedelta(days=filters.late_days))
        found += [Visit.confirm_state == "open", Visit.logged_at < before]
    return found


def _rows(scope: Scope, filters: VisitFilters, *columns: Any) -> Select[Any]:
    return select(*columns).join(Enterprise, Enterprise.id == Visit.enterprise_id).where(*conditions(scope, filters))


def count_visits(scope: Scope, filters: VisitFilters, cap: int = COUNT_CAP) -> int:
    """Rows of the list, counted up to the cap + 1."""
    capped = _rows(scope, filters, Visit.id).limit(cap + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(capped)) or 0


def page_visits(scope: Scope, filters: VisitFilters, cursor: str | None, size: int) -> Page[VisitRow]:
    """Complete visits, latest first. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (date, int))
    statement, backwards = _rows(scope, filters, *_COLUMNS), bool(edge and edge.backwards)
    key = tuple_(Visit.visited_on, Visit.id)
    if edge:
        statement = statement.where(key > tuple_(*edge.values) if backwards else key < tuple_(*edge.values))
    order = (Visit.visited_on.asc(), Visit.id.asc()) if backwards else (Visit.visited_on.desc(), Visit.id.desc())
    found = db.session.execute(statement.order_by(*order).limit(size + 1)).all()
    return cut(with_counts(found), size, edge, lambda row: (row.visited_on, row.id), count_visits(scope, filters))


def each_visit(scope: Scope, filters: VisitFilters, limit: int) -> list[VisitRow]:
    """All rows up to the limit, latest first (export)."""
    statement = _rows(scope, filters, *_COLUMNS).order_by(Visit.visited_on.desc(), Visit.id.desc()).limit(limit)
    return with_counts(db.session.execute(statement).all())


def with_counts(rows: Sequence[Any]) -> list[VisitRow]:
    """Lines with their numbers of findings and promises, in one statement for the page."""
    ids = [row.id for row in rows]
    found: dict[int, dict[str, int]] = {id_: {} for id_ in ids}
    for start in range(0, len(ids), 900):
        part = ids[start : start + 900]
        severities = select(Finding.visit_id, Finding.severity, func.count()).where(Finding.visit_id.in_(part)).group_by(Finding.visit_id, Finding.severity)
        promised = select(Promise.visit_id, func.count()).where(Promise.visit_id.in_(part)).group_by(Promise.visit_id)
        for visit_id, severity, count in db.session.execute(severities):
            found[visit_id][severity] = count
        for visit_id, count in db.session.execute(promised):
            found[visit_id]["promises"] = count
    return [VisitRow(*tuple(row), **found[row.id]) for row in rows]


def drafts_of(user_id: int) -> list[Any]:
    """One's own drafts, newest first: (visit, name of the enterprise)."""
    return list(db.session.execute(
        select(Visit.id, Visit.enterprise_id, Enterprise.name, Visit.visited_on, Visit.summary, Visit.created_at)
        .join(Enterprise, Enterprise.id == Visit.enterprise_id).where(Visit.created_by == user_id, Visit.state == DRAFT)
        .order_by(Visit.id.desc()).limit(MOST_MINE)
    ))  # fmt: skip


def visible(scope: Scope, viewer_id: int | None) -> ColumnElement[bool]:
    """SQL condition on ``Visit`` joined with ``Enterprise``: one's own drafts, and everybody's complete and voided visits in the scope."""
    return and_(in_scope(scope), or_(Visit.state != DRAFT, Visit.created_by == viewer_id))


def get_visit(scope: Scope, visit_id: int, viewer_id: int | None, *, lock: bool = False) -> tuple[Visit, Enterprise]:
    """One visit with its enterprise. Raises NotFound, also when the enterprise is out of scope or the draft is somebody else's."""
    statement = select(Visit, Enterprise).join(Enterprise, Enterprise.id == Visit.enterprise_id).where(Visit.id == visit_id, visible(scope, viewer_id))
    row = db.session.execute(statement.with_for_update(of=Visit) if lock else statement).first()
    if row is None:
        raise NotFound(MISSING_ZH)
    speak_of(row[1].city_id)
    return row[0], row[1]


@dataclass(frozen=True)
class Parts:
    """What belongs to one visit. The caller has checked the scope."""

    people: Sequence[VisitPerson]
    topics: dict[str, list[str]]
    findings: Sequence[Finding]
    measures: Sequence[Measure]
    promises: Sequence[Promise]
    photos: Sequence[tuple[VisitPhoto, StoredFile]]
    changes: Sequence[VisitChange]


def parts_of(visit_id: int) -> Parts:
    """Everything that belongs to one visit, each kind in one statement."""
    def all_of(model: Any) -> Sequence[Any]:
        return db.session.scalars(select(model).where(model.visit_id == visit_id).order_by(model.id)).all()

    return Parts(all_of(VisitPerson), topics_of(visit_id), all_of(Finding), all_of(Measure), all_of(Promise), photos_of(visit_id), all_of(VisitChange))


def topics_of(visit_id: int) -> dict[str, list[str]]:
    """Kind of topic -> codes. The caller has checked the scope."""
    found: dict[str, list[str]] = {}
    for topic in db.session.scalars(select(VisitTopic).where(VisitTopic.visit_id == visit_id).order_by(VisitTopic.code)):
        found.setdefault(topic.kind, []).append(topic.code)
    return found


def photos_of(visit_id: int) -> list[tuple[VisitPhoto, StoredFile]]:
    """Photos in the order they came. The caller has checked the scope."""
    rows = db.session.execute(
        select(VisitPhoto, StoredFile).join(StoredFile, StoredFile.id == VisitPhoto.file_id).where(VisitPhoto.visit_id == visit_id).order_by(VisitPhoto.id)
    )
    return [(row[0], row[1]) for row in rows]


def get_photo(visit_id: int, photo_id: int) -> StoredFile:
    """The file of one photo of the visit. Raises NotFound. The caller has checked the scope."""
    row = db.session.scalars(
        select(StoredFile).join(VisitPhoto, VisitPhoto.file_id == StoredFile.id).where(VisitPhoto.id == photo_id, VisitPhoto.visit_id == visit_id)
    ).first()
    if row is None:
        raise NotFound("没有找到这张照片，可能已删除。请刷新页面后重试。")
    return row


@dataclass(frozen=True)
class Firm:
    """An enterprise a person may log a visit to, as the phone keeps it."""

    id: int
    name: str
    credit_code: str
    town_id: int
    last_visit_on: date | None
    contact: str
    phone: str
    promises: int
    demands: int


def firms_to_visit(scope: Scope, limit: int = MOST_MINE, *, only: Collection[int] | None = None) -> list[Firm]:
    """Enterprises of one's teams and posts (never a whole county or city), those longest without a visit first.

    ``only``: these enterprises, inside the whole scope.
    """
    inside = in_scope(scope.named) if only is None else and_(in_scope(scope), Enterprise.id.in_(sorted(only)))
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id, EnterpriseSummary.last_visit_on)
        .join(EnterpriseSummary, EnterpriseSummary.enterprise_id == Enterprise.id, isouter=True)
        .where(inside, Enterprise.status.in_(("active", "suspended"))).order_by(Enterprise.name, Enterprise.id).limit(limit)
    ).all()  # fmt: skip
    ids = [row.id for row in rows]
    contacts: dict[int, tuple[str, str]] = {}
    if ids:
        known = select(Contact.enterprise_id, Contact.name, Contact.phone_masked).where(Contact.enterprise_id.in_(ids), Contact.is_primary)
        contacts = {row.enterprise_id: (row.name, row.phone_masked or "") for row in db.session.execute(known)}
    promised = select(Promise.enterprise_id, func.count()).where(Promise.enterprise_id.in_(ids), Promise.state == OPEN)
    asked = select(Demand.enterprise_id, func.count()).where(Demand.enterprise_id.in_(ids), Demand.tab != "done")
    promises, demands = (
        {key: number for key, number in db.session.execute(counted.group_by(column))} if ids else {}  # noqa: C416
        for counted, column in ((promised, Promise.enterprise_id), (asked, Demand.enterprise_id))
    )
    return [
        Firm(
            row.id, row.name, row.credit_code, row.town_id, row.last_visit_on, *contacts.get(row.id, ("", "")), promises.get(row.id, 0),
            demands.get(row.id, 0),
        )
        for row in rows
    ]


def visited_before(scope: Scope, user_id: int, limit: int = 100) -> list[int]:
    """Enterprises this person logged visits to, latest first: what somebody without a team of his own picks from."""
    latest = func.max(Visit.id)
    rows = select(Visit.enterprise_id).join(Enterprise, Enterprise.id == Visit.enterprise_id).where(
        Visit.created_by == user_id, Visit.state == COMPLETE, in_scope(scope),
    )
    return list(db.session.scalars(rows.group_by(Visit.enterprise_id).order_by(latest.desc()).limit(limit)))


def visits_of_enterprise(enterprise_id: int, day: date, known_on: date | None, limit: int = 200) -> list[Any]:
    """(id, day, mode, summary, author, red findings) of complete visits up to a day, as recorded until another, for the timeline."""
    red = select(func.count()).where(Finding.visit_id == Visit.id, Finding.severity == "red").scalar_subquery()
    statement = select(Visit.id, Visit.visited_on, Visit.mode, Visit.summary, Visit.created_name, red.label("red")).where(
        Visit.enterprise_id == enterprise_id, Visit.state == COMPLETE, Visit.visited_on <= day,
    )
    if known_on is not None:
        statement = statement.where(Visit.logged_at <= clock.end_of_day(known_on))
    return list(db.session.execute(statement.order_by(Visit.visited_on.desc(), Visit.id.desc()).limit(limit)))


def neighbours(scope: Scope, filters: VisitFilters, visit: Visit) -> tuple[int | None, int | None]:
    """Ids of the visits before and after this one in a list (latest first), each None at its end."""
    key, here = tuple_(Visit.visited_on, Visit.id), tuple_(visit.visited_on, visit.id)
    up = _rows(scope, filters, Visit.id).where(key > here).order_by(Visit.visited_on, Visit.id).limit(1)
    down = _rows(scope, filters, Visit.id).where(key < here).order_by(Visit.visited_on.desc(), Visit.id.desc()).limit(1)
    return db.session.scalar(up), db.session.scalar(down)


def same_day(enterprise_id: int, day: date, not_id: int) -> Sequence[int]:
    """Other complete visits to the enterprise on the same day: one meeting is one visit."""
    return db.session.scalars(
        select(Visit.id).where(Visit.enterprise_id == enterprise_id, Visit.state == COMPLETE, Visit.visited_on == day, Visit.id != not_id).order_by(Visit.id)
    ).all()
