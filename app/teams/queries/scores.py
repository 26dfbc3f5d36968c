"""Yearly scores: of one subject, and the screening list of a year."""

from collections.abc import Collection

from sqlalchemy import case, false, func, select

from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.teams.models import ServiceMark, ServiceScore
from app.teams.queries.reach import own_city

_ORDER = case(
    (ServiceScore.proposal == "leave", 0), (ServiceScore.proposal == "warn", 1), (ServiceScore.proposal == "keep", 2), (ServiceScore.proposal == "open", 3),
    else_=4,
)


def of_subject(subject: str, subject_id: int) -> list[ServiceScore]:
    """Scores of one provider, expert or project, latest year first; the caller has checked the scope."""
    query = select(ServiceScore).where(ServiceScore.subject == subject, ServiceScore.subject_id == subject_id)
    return list(db.session.scalars(query.order_by(ServiceScore.year.desc())))


def screening(scope: Scope, subject: str, year: int, proposal: str = "", waiting: bool = False) -> list[ServiceScore]:
    """The list of a year: those proposed to leave first, then by score. ``waiting``: only undecided ones."""
    query = select(ServiceScore).where(own_city(scope, ServiceScore.city_id), ServiceScore.subject == subject, ServiceScore.year == year)
    if proposal:
        query = query.where(ServiceScore.proposal == proposal)
    if waiting:
        query = query.where(ServiceScore.decision.is_(None))
    return list(db.session.scalars(query.order_by(_ORDER, ServiceScore.score, ServiceScore.name, ServiceScore.id)))


def counts(scope: Scope, subject: str, year: int) -> dict[str, int]:
    """Proposal -> how many."""
    query = select(ServiceScore.proposal, func.count()).where(own_city(scope, ServiceScore.city_id), ServiceScore.subject == subject, ServiceScore.year == year)
    return dict(db.session.execute(query.group_by(ServiceScore.proposal)).all())


def get_score(scope: Scope, score_id: int, *, lock: bool = False) -> ServiceScore:
    """One score of the viewer's cities. Raises NotFound."""
    query = select(ServiceScore).where(ServiceScore.id == score_id, own_city(scope, ServiceScore.city_id) if 0 < score_id < 2**63 else false())
    row = db.session.scalars(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    if row is None:
        raise NotFound("没有找到这条评价，可能已重新计算，或不在您的管辖范围内。请从“年度评价”重新进入。")
    return row


def marks_of(subject: str, year: int, ids: Collection[int] | None = None) -> dict[int, dict[str, ServiceMark]]:
    """Subject id -> criterion -> mark."""
    query = select(ServiceMark).where(ServiceMark.subject == subject, ServiceMark.year == year)
    if ids is not None:
        query = query.where(ServiceMark.subject_id.in_(sorted(set(ids))))
    found: dict[int, dict[str, ServiceMark]] = {}
    for row in db.session.scalars(query):
        found.setdefault(row.subject_id, {})[row.criterion] = row
    return found


def known_ids(subject: str, year: int) -> dict[int, ServiceScore]:
    """Scores of a year by subject id, for computing them again."""
    query = select(ServiceScore).where(ServiceScore.subject == subject, ServiceScore.year == year)
    return {row.subject_id: row for row in db.session.scalars(query)}
