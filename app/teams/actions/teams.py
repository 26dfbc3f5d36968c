"""Forming, changing and dissolving a team; who joins it and who leaves."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.areas.actions import save_organisation
from app.enterprises.actions import follow_account
from app.identity.actions.accounts import end_team_posts
from app.identity.queries.people import find_in_city
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import Scope
from app.teams.actions.phones import set_phone
from app.teams.models import Expert, ServiceTeam, TeamMember
from app.teams.models.registers import SERVING
from app.teams.models.teams import ROLES
from app.teams.queries import assignments, teams
from app.teams.queries.reach import city_of_page
from app.teams.rules import texts

ORGANISATION = "team"
AHEAD = 366
"""Days ahead a membership may begin or a secondment be planned to begin."""
LONGEST = 366 * 6


@dataclass(frozen=True)
class TeamDraft:
    """What a team is. ``domains`` … stored as ``,a,b,``."""

    number: int | None
    name: str
    domains: str = ","
    industries: str = ","
    units: str = ","
    capacity: int | None = None
    host: str = ""
    intro: str = ""
    document: str = ""
    formed_on: date | None = None


def save_team(*, scope: Scope, draft: TeamDraft, by: Actor, team_id: int | None = None, version: int | None = None) -> ServiceTeam:
    """Form a team, or change what stands of it. Raises ``Invalid``, ``Conflict``."""
    team = teams.get_team(scope, team_id, lock=True) if team_id is not None else None
    if team is not None and team.version != version:
        raise Conflict("stale", f"“{team.name}”在您编辑期间已被他人修改，请刷新页面核对后重新填写。")
    city_id = team.city_id if team is not None else city_of_page(scope).id
    name = texts.name(draft.name, "服务队名称", 80)
    number = _number(draft.number, city_id, team)
    formed = texts.day(draft.formed_on or (team.formed_on if team else clock.today()), clock.today(), what="组建日期", field="formed_on", ahead=AHEAD)
    if draft.capacity is not None and not 1 <= draft.capacity <= 10_000:
        raise Invalid("capacity", "服务能力应在 1 至 10,000 家之间。", "capacity")
    if team is None:
        organisation = save_organisation(name=name, kind=ORGANISATION, area_id=city_id)
        team = ServiceTeam(id=organisation.id, city_id=city_id, number=number, name=name, formed_on=formed, version=0)
        db.session.add(team)
        before: dict[str, Any] = {}
    else:
        before = _shown(team)
        save_organisation(name=name, kind=ORGANISATION, area_id=city_id, organisation_id=team.id, valid_to=team.dissolved_on)
    team.number, team.name, team.formed_on, team.capacity = number, name, formed, draft.capacity
    team.domains, team.industries, team.units = draft.domains, draft.industries, draft.units
    team.host, team.intro, team.document = texts.text(draft.host, 120), texts.text(draft.intro, 1000), texts.text(draft.document, 120)
    team.version += 1
    db.session.flush()
    old, new = audit.changes(before, _shown(team))
    audit.record("team.saved", subject(team), old, new, by=by)
    return team


def subject(team: ServiceTeam) -> Subject:
    """The team as the subject of an audit row."""
    return Subject("team", team.id, team.name)


def _shown(team: ServiceTeam) -> dict[str, Any]:
    return {key: getattr(team, key) for key in ("number", "name", "domains", "industries", "units", "capacity", "host", "intro", "document", "formed_on")}


def _number(number: int | None, city_id: int, team: ServiceTeam | None) -> int:
    if number is None or not 1 <= number <= 999:
        raise Invalid("number", "请填写队号，1 至 999。", "number")
    query = select(ServiceTeam.name).where(ServiceTeam.city_id == city_id, ServiceTeam.number == number)
    taken = db.session.scalars(query if team is None else query.where(ServiceTeam.id != team.id)).first()
    if taken is not None:
        raise Invalid("number_taken", f"{number} 号已是“{taken}”，请换一个队号。", "number")
    return number


def dissolve(*, scope: Scope, team_id: int, on: date | None, reason: str, version: int | None, by: Actor) -> ServiceTeam:
    """The team is no more after the day; only one that serves nobody can be dissolved. Memberships end with it."""
    team = teams.get_team(scope, team_id, lock=True)
    if team.version != version:
        raise Conflict("stale", f"“{team.name}”刚被他人修改，请刷新页面核对后再办理。")
    if team.dissolved_on is not None:
        raise Conflict("dissolved", f"“{team.name}”已于 {team.dissolved_on:%Y-%m-%d} 撤销。")
    last = texts.day(on, clock.today(), what="撤销日期", field="on")
    left = assignments.loads([team.id])[team.id]
    if left:
        raise Invalid("team_serves", f"“{team.name}”还服务 {left:,} 家企业，请先调整到其他服务队，再撤销。", "on")
    for member in teams.history_of(team.id):
        if member.valid_to is None or member.valid_to > last:
            _end(member, max(last, member.valid_from), "服务队撤销", by)
    team.dissolved_on, team.end_reason = last, texts.reason(reason)
    team.version += 1
    save_organisation(name=team.name, kind=ORGANISATION, area_id=team.city_id, organisation_id=team.id, valid_to=last)
    audit.record("team.dissolved", subject(team), None, {"on": last, "reason": team.end_reason}, by=by)
    return team


@dataclass(frozen=True)
class MemberDraft:
    """Somebody in a team. ``phone`` None = keep the stored one. ``login``: his account; ``expert_id``: his entry in the register."""

    role: str
    name: str
    unit: str = ""
    title: str = ""
    login: str = ""
    phone: str | None = None
    expert_id: int | None = None
    capacity: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    document: str = ""


def add_member(*, scope: Scope, team_id: int, draft: MemberDraft, by: Actor) -> TeamMember:
    """Somebody joins the team from a day on. Raises ``Invalid``."""
    team = teams.get_team(scope, team_id, lock=True)
    if team.dissolved_on is not None:
        raise Invalid("dissolved", f"“{team.name}”已撤销，不能再增加成员。", "name")
    member = TeamMember(team_id=team.id, version=0, recorded_at=clock.now(), recorded_name=by.name[:80])
    _take(member, team, draft)
    db.session.add(member)
    db.session.flush()
    audit.record("team.member_added", subject(team), None, _member(member), by=by)
    return member


def change_member(*, scope: Scope, member_id: int, draft: MemberDraft, version: int | None, by: Actor) -> TeamMember:
    """Correct what stands of a member or prolong a secondment. Raises ``Invalid``, ``Conflict``."""
    member, team = teams.get_member(scope, member_id, lock=True)
    if member.version != version:
        raise Conflict("stale", f"“{member.name}”的信息在您编辑期间已被他人修改，请刷新页面核对后重新填写。")
    if member.ended_at is not None:
        raise Conflict("member_ended", f"“{member.name}”已离队，记录不再修改；重新入队请新增一条。")
    before, user = _member(member), member.user_id
    _take(member, team, draft)
    db.session.flush()
    if member.user_id != user:
        follow_account(member_id=member.id, user_id=member.user_id)
    old, new = audit.changes(before, _member(member))
    audit.record("team.member_changed", subject(team), {"member": member.name, **old}, new, by=by)
    return member


def _take(member: TeamMember, team: ServiceTeam, draft: MemberDraft) -> None:
    today = clock.today()
    if draft.role not in ROLES:
        raise Invalid("role", "请选择在队中的职务。", "role")
    expert = _expert(draft.expert_id, team)
    start = texts.day(draft.valid_from, today, what="入队日期", field="valid_from", ahead=AHEAD)
    if start < team.formed_on:
        raise Invalid("before_team", f"入队日期早于服务队组建日期 {team.formed_on:%Y-%m-%d}，请核对。", "valid_from")
    texts.period(start, draft.valid_to)
    if draft.valid_to is not None and draft.valid_to > start + timedelta(days=LONGEST):
        raise Invalid("dates", "派驻期超过 6 年，请核对截止日期。", "valid_to")
    if draft.role == "liaison" and not (draft.unit.strip() and draft.valid_to):
        raise Invalid("secondment", "服务专员由单位抽调，请填写派出单位和派驻截止日期。", "valid_to" if draft.unit.strip() else "unit")
    member.role, member.valid_from, member.valid_to = draft.role, start, draft.valid_to
    member.name = texts.name(draft.name or (expert.name if expert else ""), "姓名", 60)
    unit, title = (expert.employer, expert.title or "") if expert else ("", "")
    member.unit, member.title = texts.text(draft.unit or unit, 120), texts.text(draft.title or title, 60)
    member.expert_id, member.user_id = (expert.id if expert else None), _account(draft.login, team)
    member.document, member.capacity = texts.text(draft.document, 120), draft.capacity
    set_phone(member, draft.phone)
    _check_twice(member, team)
    member.version += 1


def _expert(expert_id: int | None, team: ServiceTeam) -> Expert | None:
    if expert_id is None:
        return None
    expert = db.session.scalars(select(Expert).where(Expert.id == expert_id, Expert.city_id == team.city_id)).first()
    if expert is None or expert.state not in SERVING:
        raise Invalid("expert", "这名专家不在聘任期，请先在专家库办理聘任，或直接填写姓名。", "expert_id")
    return expert


def _account(login: str, team: ServiceTeam) -> int | None:
    if not login.strip():
        return None
    user = find_in_city(login, team.city_id)
    if user is None:
        raise Invalid("login", f"没有登录名为“{login.strip()[:40]}”的可用账号，请核对，或请系统管理员先开通。", "login")
    return user.id


def _check_twice(member: TeamMember, team: ServiceTeam) -> None:
    """No second leader and nobody twice at the same time. The team's row is locked."""
    with db.session.no_autoflush:
        others = [row for row in teams.history_of(team.id) if row.id != member.id and _overlap(row, member)]
    if member.role == "leader" and (leader := next((row for row in others if row.role == "leader"), None)):
        raise Invalid("leader_known", f"这段时间的队长是“{leader.name}”，请先办理其离队或调整职务。", "role")
    for row in others:
        same = (row.user_id is not None and row.user_id == member.user_id) or (row.expert_id is not None and row.expert_id == member.expert_id)
        if same or (row.name, row.unit) == (member.name, member.unit):
            raise Invalid("member_known", f"“{member.name}”在这段时间已是本队{ROLES[row.role]}，没有重复登记。", "name")


def _overlap(one: TeamMember, other: TeamMember) -> bool:
    return (one.valid_to is None or one.valid_to >= other.valid_from) and (other.valid_to is None or other.valid_to >= one.valid_from)


def _member(member: TeamMember) -> dict[str, Any]:
    keys = ("name", "role", "unit", "title", "user_id", "expert_id", "phone_masked", "capacity", "valid_from", "valid_to", "document")
    return {key: getattr(member, key) for key in keys}


def end_member(*, scope: Scope, member_id: int, on: date | None, reason: str, version: int | None, by: Actor) -> TeamMember:
    """Somebody leaves the team; the day is his last one. Only who answers for no enterprise any more can leave: hand over first."""
    member, team = teams.get_member(scope, member_id, lock=True)
    if member.ended_at is not None:
        raise Conflict("member_ended", f"“{member.name}”已于 {member.valid_to:%Y-%m-%d} 离队，没有重复办理。")
    if member.version != version:
        raise Conflict("stale", f"“{member.name}”的信息刚被他人修改，请刷新页面核对后再办理。")
    last = texts.day(on, clock.today(), what="离队日期", field="on")
    if last < member.valid_from:
        raise Invalid("dates", f"离队日期早于入队日期 {member.valid_from:%Y-%m-%d}，请核对。", "on")
    left = assignments.member_loads([member.id])[member.id]
    if left:
        raise Invalid("member_serves", f"“{member.name}”还负责 {left:,} 家企业，请先办理交接。", "on")
    why = texts.reason(reason)
    _end(member, last, why, by)
    audit.record("team.member_ended", subject(team), {"member": member.name, "role": member.role}, {"on": last, "reason": why}, by=by)
    return member


def _end(member: TeamMember, last: date, reason: str, by: Actor) -> None:
    member.valid_to, member.end_reason, member.ended_at = last, reason, clock.now()
    member.version += 1
    if member.user_id is not None:
        end_team_posts(user_id=member.user_id, team_id=member.team_id, last_day=last, by=by)
    db.session.flush()
