"""Deadlines of teams and registers: secondments and appointments that end, memberships of the alliance, the yearly screening, open handovers
and proposals. Read only, set based."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.enterprises.queries import in_scope
from app.infra import clock
from app.infra.db import db
from app.kernel.due import DueItem
from app.kernel.scope import Scope
from app.packs import Pack
from app.policies.queries import packs_by_city
from app.teams.models import AssignmentProposal, Handover, RegisterChange, ServiceScore, ServiceTeam, TeamMember
from app.teams.models.registers import SERVING
from app.teams.models.teams import ROLES
from app.teams.queries.reach import own_city, teams_in_scope
from app.teams.queries.registers import MODELS

CAPABILITY = "teams"
LOOK_AHEAD = 90
_KINDS = {"provider": ("provider_expires", "入盟期满"), "expert": ("appointment_ends", "聘期届满"), "resource": ("resource_expires", "资源有效期满")}


def due_items(today: date, scope: Scope) -> Iterator[DueItem]:
    """Everything due within the scope from its first day of notice on, until it is done."""
    last = today + timedelta(days=LOOK_AHEAD)
    packs = {city.id: city.pack for city in packs_by_city() if city.pack is not None}
    yield from _secondments(last, scope)
    for register in _KINDS:
        yield from _entries(register, last, scope)
    yield from _handovers(scope, packs)
    yield from _proposals(scope, packs)
    yield from _changes(scope, packs)
    for city_id, pack in packs.items():
        yield from _screening(today, scope, city_id, pack)


Packs = dict[int, Pack]


def _answer_days(packs: Packs, city_id: int) -> timedelta:
    """Within which time a handover is acknowledged, a proposal or change decided (setting ``service_answer_days``; without one at once)."""
    value = getattr(packs[city_id].find("settings", "service_answer_days"), "value", None) if city_id in packs else None
    return timedelta(days=value if isinstance(value, int) else 0)


def _secondments(last: date, scope: Scope) -> Iterator[DueItem]:
    """Members whose planned last day comes or has passed without their being sent off."""
    query = (
        select(TeamMember, ServiceTeam.name, ServiceTeam.city_id).join(ServiceTeam, ServiceTeam.id == TeamMember.team_id)
        .where(teams_in_scope(scope), TeamMember.valid_to.is_not(None), TeamMember.valid_to <= last, TeamMember.ended_at.is_(None))
        .where(ServiceTeam.dissolved_on.is_(None)).order_by(TeamMember.valid_to, TeamMember.id)
    )
    for member, team, city_id in db.session.execute(query):
        kind = "secondment_ends" if member.role == "liaison" else "member_ends"
        label = f"{team}{ROLES[member.role]}“{member.name}”{'派驻期满' if member.role == 'liaison' else '聘期届满'}"
        yield DueItem(
            CAPABILITY, kind, f"member:{member.id}", member.valid_to, label, "teams.team", {"team_id": member.team_id}, user_id=member.user_id,
            team_id=member.team_id, area_id=city_id,
        )


def _entries(register: str, last: date, scope: Scope) -> Iterator[DueItem]:
    model: Any = MODELS[register]
    kind, words = _KINDS[register]
    query = select(model.id, model.name, model.valid_to, model.city_id).where(
        own_city(scope, model.city_id), model.state.in_(SERVING), model.valid_to.is_not(None), model.valid_to <= last,
    )
    for id_, name, valid_to, city_id in db.session.execute(query.order_by(model.valid_to, model.id)):
        organisation = id_ if register == "provider" else None
        yield DueItem(
            CAPABILITY, kind, f"{register}:{id_}", valid_to, f"“{name}”{words}", "teams.entry", {"register": register, "entry_id": id_},
            organisation_id=organisation, area_id=city_id,
        )


def _handovers(scope: Scope, packs: Packs) -> Iterator[DueItem]:
    query = (
        select(Handover.id, Handover.happened_on, Handover.firm_count, Handover.team_id, TeamMember.name, TeamMember.user_id, ServiceTeam.city_id)
        .join(ServiceTeam, ServiceTeam.id == Handover.team_id).join(TeamMember, TeamMember.id == Handover.to_member_id)
        .where(teams_in_scope(scope), Handover.acknowledged_at.is_(None)).order_by(Handover.id)
    )
    for id_, on, firms, team_id, name, user_id, city_id in db.session.execute(query):
        label = f"{firms} 家企业交给“{name}”，待其确认接手"
        yield DueItem(
            CAPABILITY, "handover_open", f"handover:{id_}", on + _answer_days(packs, city_id), label, "workbench.handover_record", {"handover_id": id_},
            user_id=user_id, team_id=team_id, area_id=city_id, verb="确认接手", confirmed=False,
        )


def _proposals(scope: Scope, packs: Packs) -> Iterator[DueItem]:
    query = (
        select(AssignmentProposal.id, AssignmentProposal.made_at, Enterprise.id, Enterprise.name, Enterprise.unit_id, Enterprise.city_id)
        .join(Enterprise, Enterprise.id == AssignmentProposal.enterprise_id)
        .where(AssignmentProposal.state == "open", in_scope(scope)).order_by(AssignmentProposal.id)
    )
    for id_, made_at, enterprise_id, name, unit_id, city_id in db.session.execute(query):
        due = clock.local(made_at).date() + _answer_days(packs, city_id)
        yield DueItem(
            CAPABILITY, "proposal_open", f"proposal:{id_}", due, f"服务队对“{name}”提出安排建议，待决定", "teams.proposals", {}, enterprise_id,
            area_id=unit_id, verb="决定", confirmed=False,
        )


def _changes(scope: Scope, packs: Packs) -> Iterator[DueItem]:
    model: Any = MODELS["provider"]
    query = select(RegisterChange.id, RegisterChange.made_at, model.name, model.city_id).join(model, model.id == RegisterChange.provider_id)
    for id_, made_at, name, city_id in db.session.execute(query.where(RegisterChange.state == "open", own_city(scope, model.city_id))):
        due = clock.local(made_at).date() + _answer_days(packs, city_id)
        yield DueItem(
            CAPABILITY, "change_open", f"change:{id_}", due, f"服务商“{name}”提交了资料变更，待审核", "teams.changes", {}, area_id=city_id, verb="审核",
            confirmed=False,
        )


def _screening(today: date, scope: Scope, city_id: int, pack: Pack) -> Iterator[DueItem]:
    """The screening of last year: due on the day of the setting until nothing waits for a decision."""
    value = getattr(pack.find("settings", "appraisal_due"), "value", None)
    if not isinstance(value, str) or not _reaches(scope, city_id):
        return
    month, day = (int(part) for part in value.split("-"))
    due, year = date(today.year, month, day), today.year - 1
    if due > today + timedelta(days=LOOK_AHEAD):
        return
    for subject, label in (("provider", "服务商"), ("expert", "专家")):
        of_year = (ServiceScore.subject == subject, ServiceScore.year == year, ServiceScore.city_id == city_id)
        scored = db.session.scalar(select(func.count()).select_from(ServiceScore).where(*of_year)) or 0
        waiting = db.session.scalar(select(func.count()).select_from(ServiceScore).where(*of_year, ServiceScore.decision.is_(None))) or 0
        model: Any = MODELS[subject]
        there = db.session.scalar(select(func.count()).select_from(model).where(model.city_id == city_id, model.state.in_(SERVING)))
        if waiting or (there and not scored):
            words = f"{waiting} 个待决定" if scored else "还没有计算得分"
            yield DueItem(
                CAPABILITY, "appraisal_due", f"appraisal:{subject}:{year}:{city_id}", due, f"{year} 年{label}年度评价：{words}", "teams.screening",
                {"subject": subject, "year": year}, area_id=city_id, verb="办理评价", confirmed=False,
            )


def _reaches(scope: Scope, city_id: int) -> bool:
    return scope.everything or city_id in scope.city_ids
