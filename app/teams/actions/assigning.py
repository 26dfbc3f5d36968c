"""Assigning enterprises to teams and persons, from forms, bulk plans and proposals: one door to ``enterprises.actions.assign``."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import select

from app.enterprises import actions as enterprises
from app.enterprises.models import Enterprise
from app.enterprises.queries import get_enterprise, in_scope
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.scope import Scope
from app.teams.models import AssignmentProposal, ServiceTeam, TeamMember
from app.teams.models.teams import PROPOSAL_KINDS
from app.teams.queries import assignments, teams
from app.teams.queries.reach import own_city
from app.teams.rules import texts
from app.teams.rules.texts import storable


def _team(scope: Scope, team_id: int | None) -> ServiceTeam:
    """A standing team of the cities in reach (of somebody in a team also the other ones of the city)."""
    team = db.session.scalars(select(ServiceTeam).where(ServiceTeam.id == (team_id or 0), own_city(scope, ServiceTeam.city_id))).first()
    if team is None:
        raise Invalid("team", "请选择服务队。", "team_id")
    if team.dissolved_on is not None and team.dissolved_on < clock.today():
        raise Invalid("dissolved", f"“{team.name}”已撤销，请选择其他服务队。", "team_id")
    return team


def _member(team: ServiceTeam, member_id: int | None, on: date) -> TeamMember | None:
    if member_id is None:
        return None
    member = next((row for row in teams.members_on(team.id, max(on, clock.today())) if row.id == member_id), None)
    if member is None:
        raise Invalid("member", f"请选择“{team.name}”的在队成员作为负责人。", "member_id")
    return member


def assign(
    *, scope: Scope, enterprise_ids: Collection[int], team_id: int | None, member_id: int | None = None, on: date | None = None, reason: str = "",
    by: Actor,
) -> enterprises.Assigned:
    """Give enterprises to a team (and to a person in it) from a day on; changing what stands needs a reason. Raises ``Invalid``, ``Conflict``."""
    day = on or clock.today()
    team = _team(scope, team_id)
    member = _member(team, member_id, day)
    standing = assignments.serving(enterprise_ids, day)
    moved = [row for row in standing.values() if row.team_id != team.id]
    if moved:
        reason = texts.reason(reason)
    _check_city(scope, enterprise_ids, team)
    server = enterprises.Server(team.id, member.id if member else None, member.user_id if member else None)
    return enterprises.assign(scope=scope, enterprise_ids=enterprise_ids, server=server, on=day, reason=reason, by=by)


def _check_city(scope: Scope, enterprise_ids: Collection[int], team: ServiceTeam) -> None:
    """A team serves its own city."""
    ids = sorted(set(enterprise_ids))
    for start in range(0, len(ids), 900):
        query = select(Enterprise.name).where(Enterprise.id.in_(ids[start : start + 900]), Enterprise.city_id != team.city_id, in_scope(scope))
        if name := db.session.scalars(query.limit(1)).first():
            raise Invalid("other_city", f"“{name}”不在“{team.name}”所在的市，不能安排。", "codes")


def assign_plan(*, scope: Scope, plan: Mapping[int, tuple[int, int | None]], on: date | None, reason: str, by: Actor) -> int:
    """Many enterprises, each with its own team and person, as confirmed on the preview. Returns how many were given."""
    groups: dict[tuple[int, int | None], list[int]] = {}
    for enterprise_id, server in plan.items():
        groups.setdefault(server, []).append(enterprise_id)
    if not groups:
        raise Invalid("nothing_chosen", "没有要安排的企业。请在预览中至少保留一家。")
    done = 0
    for (team_id, member_id), ids in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
        found = assign(scope=scope, enterprise_ids=ids, team_id=team_id, member_id=member_id, on=on, reason=reason, by=by)
        done += len(found.changed)
    return done


def release(*, scope: Scope, enterprise_ids: Collection[int], on: date | None, reason: str, by: Actor) -> int:
    """No team serves these enterprises after the day. Raises ``Invalid``."""
    ended = enterprises.end_assignments(
        scope=scope, enterprise_ids=enterprise_ids, kind="team", on=on or clock.today(), reason=texts.reason(reason), by=by,
    )
    return len(ended)


def propose(
    *, scope: Scope, enterprise_id: int, team_id: int, kind: str, to_team_id: int | None, reason: str, by: Actor,
) -> AssignmentProposal:
    """A team wants an enterprise moved or its service ended. Raises ``Invalid``, ``Conflict``."""
    team = teams.get_team(scope, team_id)
    enterprise = get_enterprise(scope, enterprise_id)
    if kind not in PROPOSAL_KINDS:
        raise Invalid("kind", "请选择建议的内容。", "kind")
    target = _team(scope, to_team_id) if kind == "move" else None
    if target is not None and target.id == team.id:
        raise Invalid("same_team", "请选择另一支服务队。", "to_team_id")
    open_ = select(AssignmentProposal.id).where(AssignmentProposal.enterprise_id == enterprise.id, AssignmentProposal.state == "open")
    if db.session.scalars(open_).first() is not None:
        raise Conflict("proposal_open", f"“{enterprise.name}”已有一条建议等待决定，请等决定后再提。")
    row = AssignmentProposal(
        enterprise_id=enterprise.id, team_id=team.id, kind=kind, to_team_id=target.id if target else None, reason=texts.reason(reason),
        made_at=clock.now(), made_by=by.user_id, made_name=by.name[:80],
    )
    db.session.add(row)
    db.session.flush()
    audit.record("assignment.proposed", Subject("enterprise", enterprise.id, enterprise.name), None,
                 {"team": team.name, "kind": kind, "to": target.name if target else None, "reason": row.reason}, by=by)  # fmt: skip
    return row


def decide_proposal(*, scope: Scope, proposal_id: int, accept: bool, answer: str, by: Actor) -> AssignmentProposal:
    """An officer whose area holds the enterprise takes or refuses a proposal; taking it changes the assignment at once."""
    query = select(AssignmentProposal).join(Enterprise, Enterprise.id == AssignmentProposal.enterprise_id)
    row = db.session.scalars(
        query.where(AssignmentProposal.id == storable(proposal_id), in_scope(scope)).with_for_update(of=AssignmentProposal)
    ).first()
    if row is None:
        raise NotFound("没有找到这条建议，可能不在您的管辖范围内。")
    if row.state != "open":
        raise Conflict("proposal_closed", "这条建议已经有了决定，没有重复办理。")
    row.answer = texts.text(answer, 300) if accept else texts.reason(answer, "answer")
    row.state, row.decided_at, row.decided_name = ("accepted" if accept else "refused"), clock.now(), by.name[:80]
    if accept and row.kind == "end":
        release(scope=scope, enterprise_ids=[row.enterprise_id], on=None, reason=row.reason, by=by)
    elif accept:
        assign(scope=scope, enterprise_ids=[row.enterprise_id], team_id=row.to_team_id, reason=row.reason, by=by)
    db.session.flush()
    audit.record("assignment.proposal_decided", Subject("enterprise", row.enterprise_id), None, {"state": row.state, "answer": row.answer}, by=by)
    return row
