"""Applications: windows of the viewer's city, applications of the enterprises he may see, their evidence and history."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import city_in_scope, in_scope
from app.infra import clock
from app.infra.db import db
from app.infra.files import StoredFile
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.ladder.models import Application, ApplicationEvent, ApplicationItem, ApplicationWindow
from app.ladder.rules.applications import STATES, still_missing
from app.policies.queries import speak_of

FILE_PURPOSE = "application"


@dataclass(frozen=True)
class ApplicationRow:
    """One application in a list. ``missing``: pieces of evidence still to come; ``needed``: all that are asked for."""

    application: Application
    enterprise_id: int
    name: str
    credit_code: str
    town_id: int | None
    missing: int = 0
    needed: int = 0


@dataclass(frozen=True)
class ApplicationFilters:
    """Narrowing of the list of a window. ``state`` empty = every state."""

    state: str = ""
    town_ids: frozenset[int] | None = None


def of_cities(scope: Scope) -> ColumnElement[bool]:
    """SQL condition on ``ApplicationWindow``: windows of the cities the viewer belongs to (a window itself holds no enterprise data)."""
    return city_in_scope(scope, ApplicationWindow.city_id)


def list_windows(scope: Scope, *, closing_from: date | None = None) -> list[ApplicationWindow]:
    """Windows by their last day, latest first. ``closing_from``: only those that close on or after the day."""
    statement = select(ApplicationWindow).where(of_cities(scope))
    if closing_from is not None:
        statement = statement.where(ApplicationWindow.closes_on >= closing_from)
    return list(db.session.scalars(statement.order_by(ApplicationWindow.closes_on.desc(), ApplicationWindow.id.desc())))


def get_window(scope: Scope, window_id: int) -> ApplicationWindow:
    """One window. Raises NotFound, also when it is another city's."""
    row = db.session.scalars(select(ApplicationWindow).where(ApplicationWindow.id == window_id, of_cities(scope))).first()
    if row is None:
        raise NotFound("没有找到这个申报批次，可能已删除，或不属于您所在的市。请从“申报”重新进入。")
    return row


def count_states(scope: Scope, window_ids: Collection[int], filters: ApplicationFilters = ApplicationFilters()) -> dict[int, dict[str, int]]:
    """Window id -> state -> applications the viewer may see (every given id is a key)."""
    found: dict[int, dict[str, int]] = {id_: {} for id_ in window_ids}
    statement = (
        select(Application.window_id, Application.state, func.count()).join(Enterprise, Enterprise.id == Application.enterprise_id)
        .where(Application.window_id.in_(sorted(found)), in_scope(scope), *_place(filters)).group_by(Application.window_id, Application.state)
    )
    for window_id, state, count in db.session.execute(statement):
        found[window_id][state] = count
    return found


def _place(filters: ApplicationFilters) -> list[ColumnElement[bool]]:
    return [] if filters.town_ids is None else [Enterprise.town_id.in_(sorted(filters.town_ids))]


def _of_window(scope: Scope, window_id: int, filters: ApplicationFilters) -> Select[Any]:
    statement: Any = (
        select(Application, Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id)
        .join(Enterprise, Enterprise.id == Application.enterprise_id).where(Application.window_id == window_id, in_scope(scope), *_place(filters))
    )
    return statement.where(Application.state == filters.state) if filters.state in STATES else statement  # type: ignore[no-any-return]


def page_applications(scope: Scope, window_id: int, filters: ApplicationFilters, cursor: str | None, size: int) -> Page[ApplicationRow]:
    """Applications of a window in the order they were put in. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (int,))
    statement = _of_window(scope, window_id, filters)
    capped = statement.with_only_columns(Application.id).limit(COUNT_CAP + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(capped)) or 0
    backwards = bool(edge and edge.backwards)
    if edge:
        statement = statement.where(Application.id < literal(edge.values[0]) if backwards else Application.id > literal(edge.values[0]))
    order = Application.id.desc() if backwards else Application.id.asc()
    return cut(_with_evidence(db.session.execute(statement.order_by(order).limit(size + 1))), size, edge, lambda row: (row.application.id,), total)


def _waiting(scope: Scope, state: str) -> Select[Any]:
    statement: Any = (
        select(Application, Enterprise.id, Enterprise.name, Enterprise.credit_code, Enterprise.town_id)
        .join(Enterprise, Enterprise.id == Application.enterprise_id).where(Application.state == state, in_scope(scope))
    )
    return statement  # type: ignore[no-any-return]


def count_waiting(scope: Scope, state: str) -> int:
    """Applications in a state over all windows, up to the cap + 1."""
    return counts_waiting(scope, [state])[state]


def counts_waiting(scope: Scope, states: Sequence[str]) -> dict[str, int]:
    """The same for several states in one statement."""
    if not states:
        return {}
    return dict(zip(states, db.session.execute(_counts_statement(scope, tuple(states), clock.today())).one(), strict=True))


@lru_cache(maxsize=256)
def _counts_statement(scope: Scope, states: tuple[str, ...], _today: date) -> Select[Any]:
    """Kept: the first page asks it every time. The scope of a team holds for a day."""
    rows = [_waiting(scope, state).with_only_columns(Application.id).limit(COUNT_CAP + 1).subquery() for state in states]
    return select(*(select(func.count()).select_from(one).scalar_subquery() for one in rows))


def page_waiting(scope: Scope, state: str, cursor: str | None, size: int) -> Page[ApplicationRow]:
    """Applications in a state over all windows, oldest first. Raises ``Invalid`` for a cursor that is none."""
    edge = decode(cursor, (int,))
    statement, backwards = _waiting(scope, state), bool(edge and edge.backwards)
    if edge:
        statement = statement.where(Application.id < literal(edge.values[0]) if backwards else Application.id > literal(edge.values[0]))
    rows = db.session.execute(statement.order_by(Application.id.desc() if backwards else Application.id.asc()).limit(size + 1))
    return cut(_with_evidence(rows), size, edge, lambda row: (row.application.id,), count_waiting(scope, state))


def every_application(scope: Scope, window_id: int, filters: ApplicationFilters, *, limit: int) -> list[ApplicationRow]:
    """All rows up to the limit, for the recommendation table."""
    statement = _of_window(scope, window_id, filters).order_by(Enterprise.unit_id, Application.id).limit(limit)
    return _with_evidence(db.session.execute(statement))


def _with_evidence(rows: Iterable[Any]) -> list[ApplicationRow]:
    found: list[tuple[Any, ...]] = [tuple(row) for row in rows]
    items: dict[int, list[Any]] = {row[0].id: [] for row in found}
    ids = sorted(items)
    for first in range(0, len(ids), 900):
        statement = select(ApplicationItem.application_id, ApplicationItem.choice, ApplicationItem.state).where(
            ApplicationItem.application_id.in_(ids[first : first + 900])
        )
        for item in db.session.execute(statement):
            items[item.application_id].append(item)
    return [
        ApplicationRow(
            row[0], row[1], row[2], row[3], row[4], len(still_missing(items[row[0].id])), sum(item.state != "not_needed" for item in items[row[0].id]),
        )
        for row in found
    ]


def get_application(scope: Scope, application_id: int) -> tuple[Application, ApplicationWindow, Enterprise]:
    """One application with its window and enterprise. Raises NotFound, also when the enterprise is out of scope."""
    row = db.session.execute(
        select(Application, ApplicationWindow, Enterprise).join(ApplicationWindow, ApplicationWindow.id == Application.window_id)
        .join(Enterprise, Enterprise.id == Application.enterprise_id).where(Application.id == application_id, in_scope(scope))
    ).first()
    if row is None:
        raise NotFound("没有找到这项申报，可能已删除，或企业不在您的管辖范围内。请从“申报”重新进入。")
    speak_of(row[2].city_id)
    return row[0], row[1], row[2]


def items_of(application_id: int) -> list[tuple[ApplicationItem, StoredFile | None]]:
    """The evidence list in its order, each with its file. The caller has checked the scope."""
    rows = db.session.execute(
        select(ApplicationItem, StoredFile).join(StoredFile, StoredFile.id == ApplicationItem.file_id, isouter=True)
        .where(ApplicationItem.application_id == application_id).order_by(ApplicationItem.position, ApplicationItem.id)
    )
    return [(row[0], row[1]) for row in rows]


def get_item(application_id: int, item_id: int) -> ApplicationItem:
    """One piece of evidence of the application. Raises NotFound."""
    row = db.session.scalars(
        select(ApplicationItem).where(ApplicationItem.id == item_id, ApplicationItem.application_id == application_id)
    ).first()
    if row is None:
        raise NotFound("清单里没有这一项，可能已按新的条件更新。请刷新页面后重试。")
    return row


def get_file(application_id: int, token: str) -> StoredFile:
    """A file attached to this application. Raises NotFound. The caller has checked the scope."""
    row = db.session.scalars(
        select(StoredFile).join(ApplicationItem, ApplicationItem.file_id == StoredFile.id)
        .where(ApplicationItem.application_id == application_id, StoredFile.token == token[:43], StoredFile.purpose == FILE_PURPOSE).limit(1)
    ).first()
    if row is None:
        raise NotFound("没有找到这个附件，可能已被替换。请刷新页面后重试。")
    return row


def events_of(application_id: int) -> list[ApplicationEvent]:
    """History, oldest first."""
    return list(db.session.scalars(select(ApplicationEvent).where(ApplicationEvent.application_id == application_id).order_by(ApplicationEvent.id)))


def applications_of(scope: Scope, enterprise_id: int) -> list[tuple[Application, ApplicationWindow]]:
    """Applications of one enterprise, latest window first."""
    rows = db.session.execute(
        select(Application, ApplicationWindow).join(ApplicationWindow, ApplicationWindow.id == Application.window_id)
        .join(Enterprise, Enterprise.id == Application.enterprise_id).where(Application.enterprise_id == enterprise_id, in_scope(scope))
        .order_by(ApplicationWindow.closes_on.desc(), Application.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def enterprises_by_id(scope: Scope, ids: Collection[int]) -> list[Enterprise]:
    """Those of the ids the viewer may see."""
    return list(db.session.scalars(select(Enterprise).where(Enterprise.id.in_(sorted(set(ids))), in_scope(scope)).order_by(Enterprise.id)))


def enterprises_by_code(scope: Scope, codes: Collection[str]) -> list[Enterprise]:
    """Those of the credit codes the viewer may see."""
    return list(db.session.scalars(select(Enterprise).where(Enterprise.credit_code.in_(sorted(set(codes))), in_scope(scope)).order_by(Enterprise.id)))


def already_in(window_id: int, enterprise_ids: Collection[int]) -> set[int]:
    """Which of the enterprises have an application in the window."""
    statement = select(Application.enterprise_id).where(Application.window_id == window_id, Application.enterprise_id.in_(sorted(set(enterprise_ids))))
    return set(db.session.scalars(statement))


def last_steps(application_ids: Collection[int]) -> dict[int, dict[str, ApplicationEvent]]:
    """Application id -> state -> the last step that led there. The caller has checked the scope."""
    found: dict[int, dict[str, ApplicationEvent]] = {}
    ids = sorted(set(application_ids))
    for first in range(0, len(ids), 900):
        part = select(ApplicationEvent).where(ApplicationEvent.application_id.in_(ids[first : first + 900]))
        for event in db.session.scalars(part.order_by(ApplicationEvent.id)):
            found.setdefault(event.application_id, {})[event.to_state] = event
    return found


def steps_of_enterprise(enterprise_id: int, day: date, known_on: date | None) -> list[tuple[ApplicationEvent, int, str]]:
    """(step, application id, title) up to a business day, as recorded until another. The caller has checked the scope."""
    statement = (
        select(ApplicationEvent, Application.id, ApplicationWindow.title_code)
        .join(Application, Application.id == ApplicationEvent.application_id).join(ApplicationWindow, ApplicationWindow.id == Application.window_id)
        .where(Application.enterprise_id == enterprise_id, ApplicationEvent.on_day <= day).order_by(ApplicationEvent.id)
    )
    if known_on is not None:
        statement = statement.where(ApplicationEvent.at <= clock.end_of_day(known_on))
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]
