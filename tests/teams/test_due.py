"""What ends is announced in time to those it concerns, and no more once it is done."""

from datetime import timedelta

from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL, Scope
from app.teams import actions
from app.teams.actions import scores, teams
from app.teams.due import due_items
from app.teams.queries import evidence
from tests.factories import ladder as make
from tests.factories import teams as build


def kinds(scope: Scope = ALL) -> dict[str, str]:
    return {item.kind: item.label for item in due_items(clock.today(), scope)}


def test_a_secondment_that_ends_is_announced_until_the_person_has_left(app):
    team = build.team(1)
    member = build.member(team, "郑专员", "liaison", valid_to=clock.today() + timedelta(days=10), login="liaison")
    item = next(i for i in due_items(clock.today(), ALL) if i.kind == "secondment_ends")
    assert (item.due_on, item.user_id, item.team_id) == (member.valid_to, member.user_id, team.id)
    assert "secondment_ends" in kinds(Scope(team_ids=frozenset({team.id})))
    assert "secondment_ends" not in kinds(Scope(team_ids=frozenset({team.id + 1})))
    teams.end_member(scope=ALL, member_id=member.id, on=clock.today(), reason="调动", version=member.version, by=SYSTEM)
    assert "secondment_ends" not in kinds()


def test_a_handover_waits_for_the_successor(app):
    team = build.team(1)
    old, new = build.member(team, "郑专员", "liaison"), build.member(team, "何专员", "liaison")
    actions.assign(scope=ALL, enterprise_ids=[make.firm(make.area("371502001")).id], team_id=team.id, member_id=old.id, by=SYSTEM)
    row = actions.hand_over(scope=ALL, firms=ALL, member_id=old.id, to_member_id=new.id, on=clock.today(), reason="轮换", by=SYSTEM)
    assert "何专员" in kinds()["handover_open"]
    actions.acknowledge(scope=ALL, handover_id=row.id, note="", by=SYSTEM)
    assert "handover_open" not in kinds()


def test_the_screening_is_due_until_everybody_is_decided(app):
    build.entry()
    year = clock.today().year - 1
    assert "还没有计算" in kinds()["appraisal_due"]
    scores.score_year(scope=ALL, subject="provider", year=year, by=SYSTEM)
    assert "1 个待决定" in kinds()["appraisal_due"]
    from app.teams.models import ServiceScore

    row = db.session.query(ServiceScore).one()
    scores.decide(scope=ALL, score_id=row.id, verdict="keep", reason="案例少", version=row.version, by=SYSTEM)
    assert "appraisal_due" not in kinds()


def test_a_year_without_any_visit_is_no_error(app):
    """Every source of facts answers on both databases."""
    entry = build.entry()
    build.entry("expert")
    assert set(evidence.known_of("provider", entry.city_id, 2025)) == {entry.id}
    assert evidence.known_of("project", entry.city_id, 2025) == {} and len(evidence.known_of("expert", entry.city_id, 2025)) == 1
