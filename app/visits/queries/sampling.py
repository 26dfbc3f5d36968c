"""Visits of a month as facts for the sample; what was drawn, with whom to call; results of call-backs."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.demands.models import Demand
from app.enterprises.models import Contact, Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.visits.models import Finding, Measure, Promise, Visit, VisitCallback
from app.visits.rules.sampling import Facts
from app.visits.rules.visit import COMPLETE

MOST = 50_000


def facts_of(scope: Scope, since: date, until: date) -> list[Facts]:
    """Complete visits of a period inside the scope, earliest first."""
    inside = (
        select(Visit.id).join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(Visit.state == COMPLETE, Visit.visited_on.between(since, until), in_scope(scope))
    )
    leaves: dict[int, int] = {}
    for model in (Finding, Measure, Promise, Demand):
        for visit_id, count in db.session.execute(select(model.visit_id, func.count()).where(model.visit_id.in_(inside)).group_by(model.visit_id)):
            leaves[visit_id] = leaves.get(visit_id, 0) + count
    rows = db.session.execute(
        select(
            Visit.id, Visit.created_by, Visit.enterprise_id, Visit.visited_on, func.substr(Visit.summary, 1, 500), Visit.device_at, Visit.logged_at,
            Visit.latitude, Visit.longitude, Visit.feedback_given,
        ).where(Visit.id.in_(inside)).order_by(Visit.visited_on, Visit.id).limit(MOST)
    )
    return [
        Facts(row[0], row[1], row[2], row[3], row[4], row[5] or row[6], row[7], row[8], leaves.get(row[0], 0) + (1 if row[9] else 0)) for row in rows
    ]


def drawn(scope: Scope, ids: Collection[int]) -> list[Any]:
    """(visit, enterprise, main contact, call-back) of the drawn visits, in the order of the visits."""
    rows = db.session.execute(
        select(Visit, Enterprise, Contact, VisitCallback).join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .join(Contact, (Contact.enterprise_id == Enterprise.id) & Contact.is_primary, isouter=True)
        .join(VisitCallback, VisitCallback.visit_id == Visit.id, isouter=True)
        .where(Visit.id.in_(sorted(ids)[:900]), in_scope(scope)).order_by(Visit.visited_on, Visit.id)
    )
    seen: dict[int, Any] = {}
    for row in rows:
        seen.setdefault(row[0].id, row)
    return list(seen.values())


def get_sampled(scope: Scope, visit_id: int) -> tuple[Visit, Enterprise]:
    """One complete visit of the scope. Raises NotFound."""
    row = db.session.execute(
        select(Visit, Enterprise).join(Enterprise, Enterprise.id == Visit.enterprise_id).where(Visit.id == visit_id, Visit.state == COMPLETE, in_scope(scope))
    ).first()
    if row is None:
        raise NotFound("没有找到这条走访，可能已作废，或不在您的管辖范围内。")
    return row[0], row[1]
