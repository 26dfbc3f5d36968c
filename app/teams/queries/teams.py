"""Teams and who is in them on a day."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, case, false, or_, select

from app.infra import clock
from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.scope import Scope
from app.policies.queries import speak_of
from app.teams.models import Expert, Handover, ServiceTeam, TeamMember
from app.teams.queries.reach import teams_in_scope

TEAM_MISSING = "没有找到这支服务队，可能已撤销，或不在您的管辖范围内。请从“服务队”重新进入。"
MEMBER_MISSING = "没有找到这名成员，可能不在您的管辖范围内。请从服务队页面重新进入。"
_ORDER = case((TeamMember.role == "leader", 0), (TeamMember.role == "deputy", 1), (TeamMember.role == "expert", 2), else_=3)


def in_force(day: date) -> ColumnElement[bool]:
    """SQL condition on ``TeamMember``: in the team on the day, both ends inclusive."""
    return (TeamMember.valid_from <= day) & or_(TeamMember.valid_to.is_(None), TeamMember.valid_to >= day)


def list_teams(scope: Scope, *, dissolved: bool = False, city_id: int | None = None) -> Sequence[ServiceTeam]:
    """Teams by number; ``dissolved``: also those that are no more."""
    query = select(ServiceTeam).where(teams_in_scope(scope))
    if not dissolved:
        query = query.where(or_(ServiceTeam.dissolved_on.is_(None), ServiceTeam.dissolved_on >= clock.today()))
    if city_id is not None:
        query = query.where(ServiceTeam.city_id == city_id)
    return db.session.scalars(query.order_by(ServiceTeam.city_id, ServiceTeam.number, ServiceTeam.id)).all()


def team_choices(scope: Scope) -> list[tuple[int, str]]:
    """(id, name) of the teams of today for a filter or a form."""
    return [(team.id, team.name) for team in list_teams(scope)]


def team_names(ids: Collection[int | None]) -> dict[int, str]:
    """Names by id, dissolved ones too; for records the viewer may see anyway."""
    wanted = sorted({i for i in ids if i is not None})
    return dict(db.session.execute(select(ServiceTeam.id, ServiceTeam.name).where(ServiceTeam.id.in_(wanted))).all()) if wanted else {}


def get_team(scope: Scope, team_id: int, *, lock: bool = False) -> ServiceTeam:
    """One team of the scope. Raises NotFound."""
    query = select(ServiceTeam).where(ServiceTeam.id == team_id, teams_in_scope(scope) if 0 < team_id < 2**31 else false())
    team = db.session.scalars(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    if team is None:
        raise NotFound(TEAM_MISSING)
    speak_of(team.city_id)
    return team


def members_on(team_id: int, day: date) -> list[TeamMember]:
    """Who is in the team on a day: leader first, liaisons last."""
    query = select(TeamMember).where(TeamMember.team_id == team_id, in_force(day))
    return list(db.session.scalars(query.order_by(_ORDER, TeamMember.valid_from, TeamMember.id)))


def members_by_team(team_ids: Collection[int], day: date) -> dict[int, list[TeamMember]]:
    """The same for several teams at once."""
    found: dict[int, list[TeamMember]] = {team_id: [] for team_id in team_ids}
    if found:
        query = select(TeamMember).where(TeamMember.team_id.in_(sorted(found)), in_force(day)).order_by(_ORDER, TeamMember.valid_from, TeamMember.id)
        for row in db.session.scalars(query):
            found[row.team_id].append(row)
    return found


def history_of(team_id: int) -> list[TeamMember]:
    """Everybody who ever was or will be in the team, latest first."""
    return list(db.session.scalars(select(TeamMember).where(TeamMember.team_id == team_id).order_by(TeamMember.valid_from.desc(), TeamMember.id.desc())))


def get_member(scope: Scope, member_id: int, *, lock: bool = False) -> tuple[TeamMember, ServiceTeam]:
    """A member, also a former one, of a team of the scope. Raises NotFound."""
    query = select(TeamMember, ServiceTeam).join(ServiceTeam, ServiceTeam.id == TeamMember.team_id)
    query = query.where(TeamMember.id == member_id, teams_in_scope(scope) if 0 < member_id < 2**63 else false())
    found = db.session.execute(query.with_for_update(of=TeamMember).execution_options(populate_existing=True) if lock else query).first()
    if found is None:
        raise NotFound(MEMBER_MISSING)
    speak_of(found[1].city_id)
    return found[0], found[1]


def experts_of_team(team_id: int, day: date) -> list[TeamMember]:
    """Leader, deputies and experts of a day (without the liaisons)."""
    return [member for member in members_on(team_id, day) if member.role != "liaison"]


def leaders_of(team_ids: Collection[int], day: date) -> dict[int, TeamMember]:
    """Team -> its leader on the day, where there is one."""
    query = select(TeamMember).where(TeamMember.team_id.in_(sorted(set(team_ids))), TeamMember.role == "leader", in_force(day))
    return {row.team_id: row for row in db.session.scalars(query.order_by(TeamMember.id))} if team_ids else {}


def teams_of_user(user_id: int, day: date) -> list[int]:
    """Teams a person with this account was in on a day."""
    query = select(TeamMember.team_id).where(TeamMember.user_id == user_id, in_force(day)).distinct()
    return list(db.session.scalars(query.order_by(TeamMember.team_id)))


def member_names(ids: Collection[int | None]) -> dict[int, str]:
    """Names by member id."""
    wanted, found = sorted({i for i in ids if i is not None}), dict[int, str]()
    for start in range(0, len(wanted), 900):
        found |= dict(db.session.execute(select(TeamMember.id, TeamMember.name).where(TeamMember.id.in_(wanted[start : start + 900]))).all())
    return found


def member_of_id(member_id: int | None) -> TeamMember | None:
    """A member named by an assignment the viewer may see."""
    return db.session.get(TeamMember, member_id) if member_id is not None else None


def expert_states(ids: Collection[int | None]) -> Mapping[int, Expert]:
    """Experts behind members, for their state in the register."""
    wanted = sorted({i for i in ids if i is not None})
    return {row.id: row for row in db.session.scalars(select(Expert).where(Expert.id.in_(wanted)))} if wanted else {}


def get_handover(scope: Scope, handover_id: int) -> tuple[Handover, TeamMember, TeamMember, ServiceTeam]:
    """A handover with both persons and the team, if the team lies in the scope. Raises NotFound."""
    row = db.session.get(Handover, handover_id) if 0 < handover_id < 2**63 else None
    if row is None:
        raise NotFound("没有找到这次交接，可能不在您的管辖范围内。")
    team = get_team(scope, row.team_id)
    return row, db.session.get_one(TeamMember, row.from_member_id), db.session.get_one(TeamMember, row.to_member_id), team


def handovers_of(team_id: int) -> list[Handover]:
    """Handovers of a team, latest first."""
    return list(db.session.scalars(select(Handover).where(Handover.team_id == team_id).order_by(Handover.id.desc()).limit(100)))
