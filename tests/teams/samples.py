"""Records behind the pages of teams and registers, for the general tests."""

from datetime import date

from app.enterprises.models import Enterprise
from app.identity.models import User
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL, Scope
from app.teams import actions
from app.teams.actions import assigning, own, scores
from app.teams.models import ServiceScore, ServiceTeam
from app.teams.queries import members_on
from tests.factories import ladder as make
from tests.factories import teams as build
from tests.pages_registry import sample

CITY = {"strangers": ("stranger_city", "yingkou"), "refused": ("town", "department", "system", "provider")}
OFFICE = {"strangers": ("stranger_city",), "refused": ("county", "leader", "town", "expert", "provider")}
TODAY = clock.today().isoformat()


def team_id() -> int:
    """The personas' own team with a leader, an expert and a liaison; made once in a database."""
    team = db.session.get(ServiceTeam, 1) or build.team(1, id=1)
    if not members_on(1, clock.today()):
        build.member(team, "陈队长", "leader", login="team_leader", phone="13900001111")
        build.member(team, "吴专家", "expert", login="expert")
        build.member(team, "郑专员", "liaison", login="liaison", phone="13900002222")
        db.session.commit()
    return 1


def other_team_id() -> int:
    """A team of its own with two experts, one of whom answers for nobody."""
    number = len(db.session.query(ServiceTeam.id).all()) + 50
    team = build.team(number)
    build.member(team, "钱专家")
    build.member(team, "孙专家")
    db.session.commit()
    return team.id


def member_id(role: str = "liaison") -> int:
    """A member of team 1 who answers for one more enterprise (the latest one)."""
    member = next(m for m in members_on(team_id(), clock.today()) if m.role == role)
    actions.assign(scope=ALL, enterprise_ids=[firm().id], team_id=1, member_id=member.id, on=date(2024, 3, 1), by=SYSTEM)
    db.session.commit()
    return member.id


def last_firm() -> int:
    return db.session.query(Enterprise.id).order_by(Enterprise.id.desc()).limit(1).scalar()


def firm() -> Enterprise:
    row = make.firm(make.area("371502001"))
    db.session.commit()
    return row


def entry_id(register: str = "provider", **more: object) -> int:
    row = build.entry(register, **more)
    db.session.commit()
    return row.id


def score_id() -> int:
    """A score of a provider that waits for a decision."""
    found = entry_id()
    scores.score_year(scope=ALL, subject="provider", year=clock.today().year - 1, by=SYSTEM)
    db.session.commit()
    return db.session.query(ServiceScore.id).filter_by(subject="provider", subject_id=found).scalar()


def my_resource() -> int:
    """The provider persona works for a provider with one resource."""
    row = build.entry()
    db.session.query(User).filter_by(login="provider").one().organisation_id = row.id
    found = build.entry("resource", provider_id=row.id, owner=row.name)
    db.session.commit()
    return found.id


def change_id() -> int:
    row = build.entry()
    db.session.query(User).filter_by(login="provider").one().organisation_id = row.id
    found = own.change_own(provider=row, values={"capacity": 30}, by=SYSTEM)
    db.session.commit()
    return found.id


@sample("teams.register", viewers=("bureau", "county", "leader", "expert"), strangers=(), refused=("town", "department", "provider"))
def register() -> str:
    entry_id()
    return "/teams/registers/provider/?domain=legal"


@sample("teams.entry", viewers=("bureau", "county", "leader", "stranger", "province"), **CITY)
def provider() -> str:
    return f"/teams/registers/provider/{entry_id()}"


@sample("teams.entry", viewers=("bureau", "county"), **CITY)
def expert() -> str:
    return f"/teams/registers/expert/{entry_id('expert', strengths=',solve,')}"


@sample("teams.entry", viewers=("bureau", "county"), **CITY)
def resource() -> str:
    return f"/teams/registers/resource/{entry_id('resource')}"


@sample("teams.entry_new", viewers=("bureau",), strangers=(), refused=OFFICE["refused"])
def entry_new() -> str:
    return "/teams/registers/resource/new"


@sample("teams.entry_new", method="POST", viewers=("bureau",), strangers=(), refused=("county", "expert", "provider"), data={
    "name": "聊城恒信会计师事务所", "kind": "accounting", "origin": "local", "on": TODAY, "domains": ["fiscal_tax"], "phone": "13812345678",
})
def entry_posted() -> str:
    return "/teams/registers/provider/new"


@sample("teams.entry_edit", viewers=("bureau",), **OFFICE)
def entry_edit() -> str:
    return f"/teams/registers/provider/{entry_id()}/edit"


@sample("teams.entry_edit", method="POST", viewers=("bureau",), **OFFICE, data={
    "name": "鲁西精益咨询有限公司", "kind": "company", "origin": "elsewhere", "version": "2",
})
def entry_edited() -> str:
    return f"/teams/registers/provider/{entry_id()}/edit"


@sample("teams.entry_step", viewers=("bureau",), **OFFICE)
def entry_step() -> str:
    return f"/teams/registers/expert/{entry_id('expert')}/steps/warned"


@sample("teams.entry_step", method="POST", viewers=("bureau",), **OFFICE, data={"on": TODAY, "reason": "两次未按约上门", "version": "2"})
def entry_stepped() -> str:
    return f"/teams/registers/expert/{entry_id('expert')}/steps/warned"


@sample("teams.entry_phone", viewers=("bureau", "county"), strangers=("stranger_city",), refused=("leader", "expert", "town"))
def entry_phone() -> str:
    return f"/teams/registers/provider/{entry_id()}/phone"


@sample("teams.entry_phone", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("leader", "town"), data={"reason": "约定上门时间"})
def entry_phone_posted() -> str:
    return f"/teams/registers/provider/{entry_id()}/phone"


@sample("teams.export_register", method="POST", viewers=("bureau", "county"), strangers=(), refused=("leader", "town", "provider"))
def exported() -> str:
    entry_id("expert")
    return "/teams/registers/expert/export"


@sample("teams.team", viewers=("bureau", "county", "leader", "team_leader", "expert", "liaison", "stranger"), **CITY, statements=30)
def team() -> str:
    member_id()
    return "/teams/1"


@sample("teams.team_edit", viewers=("bureau",), **OFFICE)
def team_edit() -> str:
    return f"/teams/{team_id()}/edit"


@sample("teams.team_edit", method="POST", viewers=("bureau",), **OFFICE, data={"number": "77", "name": "第一专家服务队", "formed_on": "2022-01-01", "version": "1"})
def team_edited() -> str:
    return f"/teams/{other_team_id()}/edit"


@sample("teams.team_dissolve", viewers=("bureau",), **OFFICE)
def team_dissolve() -> str:
    return f"/teams/{team_id()}/dissolve"


@sample("teams.team_dissolve", method="POST", viewers=("bureau",), **OFFICE, data={"on": TODAY, "reason": "整合", "version": "1"})
def team_dissolved() -> str:
    return f"/teams/{other_team_id()}/dissolve"


@sample("teams.member_new", viewers=("bureau",), **OFFICE)
def member_new() -> str:
    return f"/teams/{team_id()}/members/new"


@sample("teams.member_new", method="POST", viewers=("bureau",), **OFFICE, data={"role": "expert", "name": "赵工程师", "unit": "聊城大学", "valid_from": "2024-01-01"})
def member_added() -> str:
    return f"/teams/{team_id()}/members/new"


@sample("teams.member_edit", viewers=("bureau",), **OFFICE)
def member_edit() -> str:
    return f"/teams/members/{member_id()}/edit"


@sample("teams.member_edit", method="POST", viewers=("bureau",), **OFFICE, data={
    "role": "expert", "name": "周专家", "unit": "聊城大学", "valid_from": "2022-01-01", "version": "1",
})
def member_edited() -> str:
    return f"/teams/members/{members_on(other_team_id(), clock.today())[0].id}/edit"


@sample("teams.member_end", viewers=("bureau",), **OFFICE)
def member_end() -> str:
    return f"/teams/members/{member_id()}/end"


@sample("teams.member_end", method="POST", viewers=("bureau",), **OFFICE, data={"on": TODAY, "reason": "调动", "version": "1"})
def member_ended() -> str:
    return f"/teams/members/{members_on(other_team_id(), clock.today())[1].id}/end"


@sample("teams.member_phone", viewers=("bureau", "county", "team_leader", "liaison"), strangers=("stranger_city",), refused=("leader", "expert", "town"))
def member_phone() -> str:
    return f"/teams/members/{member_id()}/phone"


@sample("teams.member_phone", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("expert", "town"), data={"reason": "联系交接"})
def member_phone_posted() -> str:
    return f"/teams/members/{member_id()}/phone"


@sample("teams.firm", viewers=("bureau", "county", "leader", "team_leader", "liaison"), strangers=("stranger", "zone", "stranger_city"), refused=("town", "provider"))
def served() -> str:
    member_id()
    return f"/teams/enterprises/{last_firm()}"


@sample("teams.firm", method="POST", viewers=("team_leader",), strangers=("stranger", "bureau", "expert"), refused=("town", "provider"), data={
    "kind": "end", "reason": "企业已停产",
})
def proposed() -> str:
    member_id()
    return f"/teams/enterprises/{last_firm()}"


@sample("teams.firm_panel", viewers=("bureau", "county", "expert"), strangers=("stranger", "stranger_city"), refused=("town", "provider"))
def served_panel() -> str:
    member_id()
    return f"/teams/enterprises/{last_firm()}/panel"


@sample("teams.proposal", method="POST", viewers=("county",), strangers=("stranger", "stranger_city"), refused=("team_leader", "expert", "town"), data={"verdict": "accept"})
def decided() -> str:
    member_id()
    row = assigning.propose(
        scope=Scope(team_ids=frozenset({1})), enterprise_id=last_firm(), team_id=1, kind="end", to_team_id=None,
        reason="企业已停产", by=SYSTEM,
    )
    db.session.commit()
    return f"/teams/proposals/{row.id}"


@sample("teams.score", viewers=("bureau", "county", "leader"), **CITY)
def score() -> str:
    return f"/teams/scores/{score_id()}"


@sample("teams.give_mark", method="POST", viewers=("bureau",), **OFFICE, data={"criterion": "strength", "points": "80", "reason": "团队稳定"})
def marked() -> str:
    return f"/teams/scores/{score_id()}/mark"


@sample("teams.decide_score", method="POST", viewers=("bureau",), **OFFICE, data={"verdict": "keep", "decision_reason": "案例少，保留观察", "version": "1"})
def score_decided() -> str:
    return f"/teams/scores/{score_id()}/decide"


@sample("teams.own_resource", viewers=("provider",), strangers=(), refused=("bureau", "county", "town"))
def own_resource() -> str:
    return f"/teams/own/resources/{my_resource()}"


@sample("teams.own_resource", method="POST", viewers=("provider",), strangers=(), refused=("bureau", "town"), data={
    "name": "6S现场管理导入", "kind": "product", "free": "y", "capacity": "9",
})
def own_resource_posted() -> str:
    return f"/teams/own/resources/{my_resource()}"


@sample("teams.own_withdraw", method="POST", viewers=("provider",), strangers=(), refused=("bureau", "county", "town"))
def withdrawn() -> str:
    return f"/teams/own/changes/{change_id()}/withdraw"


@sample("teams.change", method="POST", viewers=("bureau",), **OFFICE, data={"verdict": "accept"})
def taken() -> str:
    return f"/teams/changes/{change_id()}"


@sample("workbench.handover", viewers=("bureau", "county", "team_leader", "liaison", "stranger"), **CITY, statements=26)
def package() -> str:
    return f"/handover/{member_id()}"


@sample("workbench.handover", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("town", "provider"), data={
    "to_member_id": "2", "on": TODAY, "reason": "派驻期满",
})
def handed() -> str:
    return f"/handover/{member_id()}"


@sample("workbench.export_handover", method="POST", viewers=("bureau", "liaison"), **CITY)
def package_exported() -> str:
    return f"/handover/{member_id()}/export"


@sample("workbench.handover_record", viewers=("bureau", "expert", "team_leader"), **CITY)
def handover_record() -> str:
    row = actions.hand_over(scope=ALL, firms=ALL, member_id=member_id(), to_member_id=2, on=clock.today(), reason="轮换", by=SYSTEM)
    db.session.commit()
    return f"/handovers/{row.id}"


@sample("workbench.handover_record", method="POST", viewers=("expert",), strangers=("stranger_city",), refused=("town", "provider"), data={"note": "已接收"})
def acknowledged() -> str:
    row = actions.hand_over(scope=ALL, firms=ALL, member_id=member_id(), to_member_id=2, on=clock.today(), reason="轮换", by=SYSTEM)
    db.session.commit()
    return f"/handovers/{row.id}"


@sample("workbench.matching", viewers=("bureau", "county", "leader"), strangers=("stranger", "stranger_city"), refused=("town", "provider"), statements=30)
def matching() -> str:
    build.entry("expert")
    return f"/enterprises/{firm().id}/matching"
