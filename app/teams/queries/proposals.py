"""What team leaders want changed."""

from typing import Any

from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra.db import db
from app.kernel.scope import Scope
from app.teams.models import AssignmentProposal


def open_ones(scope: Scope) -> list[tuple[AssignmentProposal, Any]]:
    """Proposals waiting for a decision about enterprises of the scope, oldest first, with (id, name) of the enterprise."""
    query = (
        select(AssignmentProposal, Enterprise.name).join(Enterprise, Enterprise.id == AssignmentProposal.enterprise_id)
        .where(AssignmentProposal.state == "open", in_scope(scope)).order_by(AssignmentProposal.id).limit(200)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def count_open(scope: Scope) -> int:
    query = select(func.count()).select_from(AssignmentProposal).join(Enterprise, Enterprise.id == AssignmentProposal.enterprise_id)
    return db.session.scalar(query.where(AssignmentProposal.state == "open", in_scope(scope))) or 0


def of_team(scope: Scope, team_id: int) -> list[AssignmentProposal]:
    """The latest proposals of a team about enterprises the viewer may see."""
    query = select(AssignmentProposal).join(Enterprise, Enterprise.id == AssignmentProposal.enterprise_id)
    query = query.where(AssignmentProposal.team_id == team_id, in_scope(scope)).order_by(AssignmentProposal.id.desc()).limit(20)
    return list(db.session.scalars(query))


def of_firm(enterprise_id: int) -> list[AssignmentProposal]:
    """Every proposal about an enterprise, latest first; the caller has checked the scope."""
    query = select(AssignmentProposal).where(AssignmentProposal.enterprise_id == enterprise_id).order_by(AssignmentProposal.id.desc())
    return list(db.session.scalars(query))
