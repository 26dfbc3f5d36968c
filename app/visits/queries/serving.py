"""Which team serves an enterprise, and names of teams: teams are organisations (`areas.Organisation`), assignments belong to the enterprises."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.areas.models import Area, Organisation
from app.enterprises.models import EnterpriseAssignment
from app.infra.db import db
from app.kernel.scope import Scope


def serves(day: date) -> ColumnElement[bool]:
    """SQL condition on ``EnterpriseAssignment``: a team serves on the day."""
    return (
        EnterpriseAssignment.team_id.is_not(None) & (EnterpriseAssignment.valid_from <= day)
        & or_(EnterpriseAssignment.valid_to.is_(None), EnterpriseAssignment.valid_to >= day)
    )


def team_of(enterprise_id: int, day: date) -> int | None:
    """The team that serves the enterprise; the latest one when there are several."""
    found = teams_of([enterprise_id], day)[enterprise_id]
    return found[-1] if found else None


def teams_of(enterprise_ids: Collection[int], day: date) -> dict[int, list[int]]:
    """Enterprise id -> its teams on the day, earliest first. The caller has checked the scope."""
    found: dict[int, list[int]] = {id_: [] for id_ in enterprise_ids}
    rows = db.session.execute(
        select(EnterpriseAssignment.enterprise_id, EnterpriseAssignment.team_id).where(
            EnterpriseAssignment.enterprise_id.in_(sorted(found)), serves(day),
        ).order_by(EnterpriseAssignment.valid_from, EnterpriseAssignment.id)
    )
    for enterprise_id, team_id in rows:
        if team_id is not None and team_id not in found[enterprise_id]:
            found[enterprise_id].append(team_id)
    return found


def team_names(ids: Collection[int | None]) -> dict[int, str]:
    """Organisation id -> name."""
    wanted = sorted({id_ for id_ in ids if id_ is not None})
    if not wanted:
        return {}
    rows = db.session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def team_choices(scope: Scope, city_id: int | None = None) -> list[tuple[int, str]]:
    """Teams a viewer may choose: his own, or those of his cities."""
    statement: Any = select(Organisation.id, Organisation.name).where(Organisation.kind == "team")
    if not scope.everything:
        areas = scope.city_ids | scope.unit_ids | scope.town_ids
        cities = select(Area.city_id).where(Area.id.in_(sorted(areas))).union(select(Area.id).where(Area.id.in_(sorted(scope.city_ids))))
        homes = select(Area.id).where(or_(Area.id.in_(cities), Area.city_id.in_(cities)))
        statement = statement.where(or_(Organisation.id.in_(sorted(scope.team_ids)), Organisation.area_id.in_(homes)))
    if city_id is not None:
        statement = statement.where(Organisation.area_id.in_(select(Area.id).where(or_(Area.id == city_id, Area.city_id == city_id))))
    return [(row[0], row[1]) for row in db.session.execute(statement.order_by(Organisation.id))]
