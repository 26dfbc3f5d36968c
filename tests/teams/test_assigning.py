"""Assignments are dated, one at a time, and decide what people of a team see."""

from datetime import date, timedelta

import pytest

from app.enterprises.models import EnterpriseAssignment, EnterpriseSummary
from app.enterprises.queries import get_enterprise
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.scope import ALL, Scope
from app.teams import actions, queries
from app.teams.actions.handing import portfolio
from app.teams.queries import assignments
from tests.factories import ladder as make
from tests.factories import teams as build

DAY = date(2024, 3, 1)


@pytest.fixture
def firm(app):
    return make.firm(make.area("371502001"))


def test_a_change_ends_the_old_row_the_day_before(app, firm):
    first, second = build.team(1), build.team(2)
    actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=first.id, on=DAY, by=SYSTEM)
    actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=second.id, on=date(2024, 6, 1), reason="行业调整", by=SYSTEM)
    assert queries.assignment_of(firm.id, date(2024, 5, 31)).team_id == first.id
    assert queries.assignment_of(firm.id, date(2024, 6, 1)).team_id == second.id
    assert [s.end_reason for s in assignments.spells_of(firm.id)] == [None, "行业调整"]
    assert db.session.get(EnterpriseSummary, firm.id).team_id == second.id


def test_moving_needs_a_reason(app, firm):
    first, second = build.team(1), build.team(2)
    actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=first.id, on=DAY, by=SYSTEM)
    with pytest.raises(Invalid) as error:
        actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=second.id, by=SYSTEM)
    assert error.value.field == "reason"


def test_the_same_assignment_twice_changes_nothing(app, firm):
    team = build.team(1)
    actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=team.id, on=DAY, by=SYSTEM)
    again = actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=team.id, on=DAY, by=SYSTEM)
    assert (again.changed, again.same) == ((), 1)
    assert db.session.query(EnterpriseAssignment).count() == 1


def test_a_slip_of_the_day_is_corrected_on_that_day(app, firm):
    first, second = build.team(1), build.team(2)
    actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=first.id, by=SYSTEM)
    actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=second.id, reason="选错了队", by=SYSTEM)
    assert queries.assignment_of(firm.id, clock.today()).team_id == second.id
    assert len(assignments.spells_of(firm.id)) == 2


def test_a_change_before_the_present_row_is_refused(app, firm):
    first, second = build.team(1), build.team(2)
    actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=first.id, on=DAY, by=SYSTEM)
    with pytest.raises(Conflict, match="2024-03-01"):
        actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=second.id, on=DAY - timedelta(days=1), reason="补登", by=SYSTEM)


def test_out_of_scope_counts_as_left_out(app, firm):
    elsewhere = make.firm(make.area("371522001"))
    county = Scope(unit_ids=frozenset({firm.unit_id}))
    done = actions.assign(scope=county, enterprise_ids=[firm.id, elsewhere.id], team_id=build.team(1).id, on=DAY, by=SYSTEM)
    assert (done.changed, done.left_out) == ((firm.id,), 1)


def test_an_enterprise_assigned_by_name_is_seen_by_that_person_only(app, firm):
    team = build.team(3)
    liaison = build.member(team, "郑专员", "liaison", login="liaison")
    actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=team.id, member_id=liaison.id, on=DAY, by=SYSTEM)
    mine = Scope(liaison_ids=frozenset({build.user_id("liaison")}))
    assert get_enterprise(mine, firm.id).id == firm.id
    with pytest.raises(NotFound):
        get_enterprise(Scope(liaison_ids=frozenset({build.user_id("expert")})), firm.id)


def test_the_account_of_a_member_carries_it_over(app, firm, as_):
    """A liaison of team 1 answers for an enterprise of team 3: his account opens it, that of his colleague does not."""
    team = build.team(3, id=30)
    liaison = build.member(team, "郑专员", "liaison", login="liaison")
    actions.assign(scope=ALL, enterprise_ids=[firm.id], team_id=team.id, member_id=liaison.id, on=DAY, by=SYSTEM)
    assert as_("liaison").get(f"/enterprises/{firm.id}").status_code == 200
    assert as_("expert").get(f"/enterprises/{firm.id}").status_code == 404


def test_hand_over_moves_the_whole_portfolio_once(app):
    team = build.team(1)
    old, new = build.member(team, "郑专员", "liaison"), build.member(team, "何专员", "liaison")
    ids = [make.firm(make.area("371502001")).id for _ in range(3)]
    actions.assign(scope=ALL, enterprise_ids=ids, team_id=team.id, member_id=old.id, on=DAY, by=SYSTEM)
    said = {"scope": ALL, "firms": ALL, "member_id": old.id, "to_member_id": new.id, "on": clock.today(), "reason": "派驻期满", "by": SYSTEM}
    done = actions.hand_over(**said)
    assert (done.firm_count, portfolio(new.id, clock.today())) == (3, sorted(ids))
    assert queries.assignment_of(ids[0], clock.today() - timedelta(days=1)).member == "郑专员"
    with pytest.raises(Conflict, match="已经交接"):
        actions.hand_over(**said)


def test_a_hand_over_is_acknowledged_once(app):
    team = build.team(1)
    old, new = build.member(team, "郑专员", "liaison"), build.member(team, "何专员", "liaison")
    actions.assign(scope=ALL, enterprise_ids=[make.firm(make.area("371502001")).id], team_id=team.id, member_id=old.id, on=DAY, by=SYSTEM)
    row = actions.hand_over(scope=ALL, firms=ALL, member_id=old.id, to_member_id=new.id, on=clock.today(), reason="轮换", by=SYSTEM)
    actions.acknowledge(scope=ALL, handover_id=row.id, note="已接收", by=SYSTEM)
    with pytest.raises(Conflict):
        actions.acknowledge(scope=ALL, handover_id=row.id, note="", by=SYSTEM)
