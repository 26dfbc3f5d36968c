"""Answers of enterprises: the visit behind a link, ratings in groups, reported charges."""

import hashlib
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.infra.web.pagination import COUNT_CAP, Page, cut, decode
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of
from app.visits.models import Visit, VisitAnswer, VisitLink
from app.visits.rules.answers import Rated, rated
from app.visits.rules.visit import COMPLETE


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_token(token: str) -> tuple[VisitLink, Visit, Enterprise]:
    """The link with its visit and enterprise, whatever its state. Raises NotFound for what is no link of ours."""
    row = None
    if 20 <= len(token) <= 64:
        row = db.session.execute(
            select(VisitLink, Visit, Enterprise).join(Visit, Visit.id == VisitLink.visit_id).join(Enterprise, Enterprise.id == Visit.enterprise_id)
            .where(VisitLink.token_hash == token_hash(token))
        ).first()
    if row is None:
        raise NotFound("链接不完整或无效。请重新扫码，或请服务队重新发送链接。", "link_unknown")
    speak_of(row[2].city_id)
    return row[0], row[1], row[2]


def live(link: VisitLink) -> bool:
    """Whether the link may still be answered."""
    return link.used_at is None and link.revoked_at is None and link.expires_at > clock.now()


def answer_of(visit_id: int) -> VisitAnswer | None:
    """The answer to one visit. The caller has checked the scope and shows only what may be shown singly."""
    return db.session.scalars(select(VisitAnswer).where(VisitAnswer.visit_id == visit_id)).first()


def waiting_link(visit_id: int) -> VisitLink | None:
    """The link that is out now, if any."""
    row = db.session.scalars(select(VisitLink).where(VisitLink.visit_id == visit_id).order_by(VisitLink.id.desc()).limit(1)).first()
    return row if row is not None and live(row) else None


def ratings(scope: Scope, since: date, until: date, smallest: int) -> dict[int | None, Rated]:
    """Team id -> its ratings of the period inside the scope; below ``smallest`` only their number. Key None: all together."""
    rows = db.session.execute(
        select(VisitAnswer.team_id, VisitAnswer.rating).join(Enterprise, Enterprise.id == VisitAnswer.enterprise_id)
        .join(Visit, Visit.id == VisitAnswer.visit_id)
        .where(in_scope(scope), Visit.state == COMPLETE, VisitAnswer.rating.is_not(None), VisitAnswer.answered_on.between(since, until))
    )
    groups: dict[int | None, list[int]] = {None: []}
    for team_id, rating in rows:
        groups[None].append(rating)
        if team_id is not None:
            groups.setdefault(team_id, []).append(rating)
    return {team: rated(found, smallest) for team, found in groups.items()}


def _charges(scope: Scope, state: str, *columns: Any) -> Select[Any]:
    statement = select(*columns).join(Visit, Visit.id == VisitAnswer.visit_id).join(Enterprise, Enterprise.id == VisitAnswer.enterprise_id)
    return statement.where(in_scope(scope), VisitAnswer.charge_state == state)


def page_charges(scope: Scope, state: str, cursor: str | None, size: int) -> Page[Any]:
    """(answer, visit, name of the enterprise), latest first."""
    edge = decode(cursor, (int,))
    statement, backwards = _charges(scope, state, VisitAnswer, Visit, Enterprise.name), bool(edge and edge.backwards)
    if edge:
        statement = statement.where(VisitAnswer.id > edge.values[0] if backwards else VisitAnswer.id < edge.values[0])
    found = db.session.execute(statement.order_by(VisitAnswer.id.asc() if backwards else VisitAnswer.id.desc()).limit(size + 1)).all()
    capped = _charges(scope, state, VisitAnswer.id).limit(COUNT_CAP + 1).subquery()
    return cut(found, size, edge, lambda row: (row[0].id,), db.session.scalar(select(func.count()).select_from(capped)) or 0)


def get_charge(scope: Scope, answer_id: int) -> VisitAnswer:
    """One reported charge of the scope. Raises NotFound."""
    row = db.session.scalars(
        select(VisitAnswer).join(Enterprise, Enterprise.id == VisitAnswer.enterprise_id)
        .where(VisitAnswer.id == answer_id, VisitAnswer.charge_state.is_not(None), in_scope(scope))
    ).first()
    if row is None:
        raise NotFound("没有找到这条收费反映，可能不在您的管辖范围内。")
    return row


def own_visits(scope: Scope, limit: int = 200) -> list[Any]:
    """(visit, name) of complete visits to the viewer's own enterprise, latest first: for its contact person."""
    return list(db.session.execute(
        select(Visit, Enterprise.name).join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(in_scope(Scope(enterprise_ids=scope.enterprise_ids)), Visit.state == COMPLETE).order_by(Visit.visited_on.desc(), Visit.id.desc()).limit(limit)
    ))  # fmt: skip


def own_visit(scope: Scope, visit_id: int) -> tuple[Visit, Enterprise]:
    """One complete visit to the viewer's own enterprise. Raises NotFound."""
    row = db.session.execute(
        select(Visit, Enterprise).join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(Visit.id == visit_id, Visit.state == COMPLETE, in_scope(Scope(enterprise_ids=scope.enterprise_ids)))
    ).first()
    if row is None:
        raise NotFound("没有找到这次走访，可能已撤销，或不是对本企业的走访。")
    speak_of(row[1].city_id)
    return row[0], row[1]
