"""Who was in a team on a day, who may join it and what leaving it does."""

from datetime import date

import pytest
from sqlalchemy import select

from app.identity.models import Post
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import ALL
from app.teams import actions, queries
from app.teams.actions import teams
from app.teams.actions.teams import MemberDraft
from tests.factories import ladder as make
from tests.factories import teams as build


def test_members_of_a_past_day(app):
    team = build.team(1)
    build.member(team, "甲专家", valid_to=date(2023, 6, 30))
    build.member(team, "乙专家", valid_from=date(2023, 7, 1))
    assert [m.name for m in queries.members_on(team.id, date(2023, 6, 30))] == ["甲专家"]
    assert [m.name for m in queries.members_on(team.id, date(2023, 7, 1))] == ["乙专家"]


def test_one_leader_at_a_time(app):
    team = build.team(1)
    build.member(team, "陈队长", "leader", valid_to=date(2023, 12, 31))
    build.member(team, "林队长", "leader", valid_from=date(2024, 1, 1))
    with pytest.raises(Invalid, match="林队长"):
        build.member(team, "罗队长", "leader", valid_from=date(2024, 5, 1))


def test_nobody_twice_at_the_same_time(app):
    team = build.team(1)
    build.member(team, "甲专家")
    with pytest.raises(Invalid, match="没有重复登记"):
        build.member(team, "甲专家", "deputy")


def test_a_liaison_is_seconded_by_a_unit_until_a_day(app):
    team = build.team(1)
    with pytest.raises(Invalid) as error:
        teams.add_member(scope=ALL, team_id=team.id, draft=MemberDraft("liaison", "何专员", unit="市工信局", valid_from=date(2024, 1, 1)), by=SYSTEM)
    assert error.value.field == "valid_to"


def test_who_answers_for_enterprises_cannot_leave_before_handing_over(app):
    team = build.team(1)
    old, new = build.member(team, "甲专家"), build.member(team, "乙专家")
    actions.assign(scope=ALL, enterprise_ids=[make.firm(make.area("371502001")).id], team_id=team.id, member_id=old.id, by=SYSTEM)
    with pytest.raises(Invalid, match="先办理交接"):
        teams.end_member(scope=ALL, member_id=old.id, on=clock.today(), reason="调动", version=old.version, by=SYSTEM)
    actions.hand_over(scope=ALL, firms=ALL, member_id=old.id, to_member_id=new.id, on=clock.today(), reason="调动", by=SYSTEM)
    assert teams.end_member(scope=ALL, member_id=old.id, on=clock.today(), reason="调动", version=old.version, by=SYSTEM).ended_at


def test_leaving_ends_the_account_s_post_for_the_team(app):
    team = build.team(1, id=1)
    member = build.member(team, "专家甲", login="expert")
    teams.end_member(scope=ALL, member_id=member.id, on=clock.today(), reason="调动", version=member.version, by=SYSTEM)
    post = db.session.scalars(select(Post).where(Post.user_id == build.user_id("expert"))).one()
    assert post.valid_to == clock.today()


def test_two_people_editing_one_member(app):
    member = build.member(build.team(1), "甲专家")
    draft = MemberDraft("expert", "甲专家", unit="聊城大学", title="教授", valid_from=date(2022, 1, 1))
    teams.change_member(scope=ALL, member_id=member.id, draft=draft, version=1, by=SYSTEM)
    with pytest.raises(Conflict, match="刷新页面"):
        teams.change_member(scope=ALL, member_id=member.id, draft=draft, version=1, by=SYSTEM)


def test_a_team_that_serves_is_not_dissolved(app):
    team = build.team(1)
    actions.assign(scope=ALL, enterprise_ids=[make.firm(make.area("371502001")).id], team_id=team.id, by=SYSTEM)
    with pytest.raises(Invalid, match="先调整"):
        teams.dissolve(scope=ALL, team_id=team.id, on=clock.today(), reason="改组", version=team.version, by=SYSTEM)
