"""The disturbance ledger: what an enterprise was asked for, and whether one more contact is within the cap."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.infra.web.pagination import Page
from app.kernel.scope import Scope
from app.policies.queries import pack_of_city
from app.visits.models.requests import Disturbance
from app.visits.queries.paging import page_of
from app.visits.queries.policy import calendar_of, disturbance_policy
from app.visits.rules.disturbance import Decision, Policy, quarter_of


@dataclass(frozen=True)
class Ledger:
    """One enterprise in one quarter. ``used``: points of contacts nobody invited, planned ones included."""

    policy: Policy
    first: date
    last: date
    used: int
    rows: list[Disturbance]


@dataclass(frozen=True)
class Asked:
    """Which contacts: days, both included; ``invited`` / ``over`` None = all. Places are ids of ``area``."""

    first: date
    last: date
    invited: bool | None = None
    over: bool | None = None
    kind: str = ""
    team_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True)
class Tally:
    """Contacts of a unit."""

    contacts: int = 0
    invited: int = 0
    over: int = 0


def counts(enterprise_ids: Collection[int], day: date, *, without: int | None = None) -> dict[int, int]:
    """Enterprise id -> points of the quarter of ``day``. ``without``: a ledger row that is being replaced. The caller has checked the scope."""
    first, last = quarter_of(day)
    statement = select(Disturbance.enterprise_id, func.sum(Disturbance.points)).where(
        Disturbance.enterprise_id.in_(sorted(set(enterprise_ids))), Disturbance.on_day.between(first, last), Disturbance.voided_at.is_(None),
    )
    if without is not None:
        statement = statement.where(Disturbance.id != without)
    found = {row[0]: int(row[1] or 0) for row in db.session.execute(statement.group_by(Disturbance.enterprise_id))}
    return {id_: found.get(id_, 0) for id_ in enterprise_ids}


def decide(enterprise: Enterprise, day: date, kind: str, *, invited: bool, without: int | None = None) -> Decision:
    """Whether one more contact on that day needs an approval."""
    policy = disturbance_policy(pack_of_city(enterprise.city_id))
    quiet = policy.quiet.reason(day, calendar_of(enterprise.city_id).is_workday(day)) if policy.quiet.is_set else ""
    return Decision(policy.cost(kind, invited=invited), counts([enterprise.id], day, without=without)[enterprise.id], policy.cap, quiet)


def ledger_of(enterprise: Enterprise, day: date) -> Ledger:
    """The quarter of one enterprise. The caller has checked the scope."""
    first, last = quarter_of(day)
    rows = list(db.session.scalars(
        select(Disturbance).where(
            Disturbance.enterprise_id == enterprise.id, Disturbance.on_day.between(first, last), Disturbance.voided_at.is_(None),
        ).order_by(Disturbance.on_day.desc(), Disturbance.id.desc())
    ))
    return Ledger(disturbance_policy(pack_of_city(enterprise.city_id)), first, last, sum(row.points for row in rows), rows)


def _where(scope: Scope, asked: Asked) -> list[ColumnElement[bool]]:
    found = [Disturbance.on_day.between(asked.first, asked.last), Disturbance.voided_at.is_(None), in_scope(scope)]
    if asked.invited is not None:
        found.append(Disturbance.invited.is_(asked.invited))
    if asked.over is not None:
        found.append(Disturbance.over_cap.is_(asked.over))
    if asked.kind:
        found.append(Disturbance.kind == asked.kind)
    if asked.team_id is not None:
        found.append(Disturbance.team_id == asked.team_id)
    if asked.unit_id is not None:
        found.append(Enterprise.unit_id == asked.unit_id)
    return found


def _contacts(scope: Scope, asked: Asked) -> Select[Any]:
    statement: Any = select(Disturbance, Enterprise.id, Enterprise.name, Enterprise.town_id).join(Enterprise, Enterprise.id == Disturbance.enterprise_id)
    return statement.where(*_where(scope, asked))  # type: ignore[no-any-return]


def tally(scope: Scope, asked: Asked) -> dict[int, Tally]:
    """Unit id -> contacts, invited ones, those over the cap: one statement, every figure the length of the list it opens."""
    over, invited = func.sum(case((Disturbance.over_cap, 1), else_=0)), func.sum(case((Disturbance.invited, 1), else_=0))
    statement = (
        select(Enterprise.unit_id, func.count(), invited, over).select_from(Disturbance).join(Enterprise, Enterprise.id == Disturbance.enterprise_id)
        .where(*_where(scope, asked)).group_by(Enterprise.unit_id)
    )
    return {row[0]: Tally(row[1], int(row[2]), int(row[3])) for row in db.session.execute(statement)}


def page_contacts(scope: Scope, asked: Asked, cursor: str | None, size: int) -> Page[Any]:
    """Contacts, latest first. Raises ``Invalid`` for a cursor that is none."""
    keys = (Disturbance.on_day, Disturbance.id)
    return page_of(_contacts(scope, asked), keys, (date, int), lambda row: (row[0].on_day, row[0].id), cursor, size)
