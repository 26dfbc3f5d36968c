"""The journeys through the pages: assign by pasted lines, plan and confirm, hand over and acknowledge, a provider's own change."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from app.enterprises.models import EnterpriseAssignment
from app.identity.models import User
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from app.ladder.models import PoolMember
from app.teams import actions
from app.teams.models import Handover, Provider, RegisterChange, ServiceResource
from tests.factories import ladder as make
from tests.factories import teams as build

TODAY = clock.today().isoformat()


def cohort(count: int, town: str = "371502001") -> list[int]:
    """Members of the cohort without a team."""
    rows = [make.firm(make.area(town)) for _ in range(count)]
    for row in rows:
        db.session.add(PoolMember(
            pool_code="service_cohort", enterprise_id=row.id, state="member", stage_code="chosen", stage_on=date(2024, 1, 1), entered_on=date(2024, 1, 1),
            created_at=clock.now(),
        ))
    db.session.commit()
    return [row.id for row in rows]


def served() -> dict[int, int | None]:
    rows = db.session.execute(select(EnterpriseAssignment.enterprise_id, EnterpriseAssignment.team_id).where(EnterpriseAssignment.valid_to.is_(None)))
    return {row[0]: row[1] for row in rows}


def test_pasted_lines_assign_what_they_name_and_nothing_when_one_is_wrong(app, as_):
    from app.enterprises.models import Enterprise

    ids, team = cohort(2), build.team(1)
    first, second = (db.session.get_one(Enterprise, i) for i in ids)
    browser, form = as_("bureau"), {"team_id": team.id, "on": TODAY, "reason": "首批"}
    wrong = browser.post("/teams/assign", data={**form, "codes": f"1\t{first.name}\n{second.credit_code}\n没有这家公司"})
    assert wrong.status_code == 422 and "没有这家公司" in wrong.text and first.name in wrong.text and served() == {}
    assert browser.post("/teams/assign", data={**form, "codes": f"1\t{first.name}\n{second.credit_code}"}).status_code == 303
    assert served() == {ids[0]: team.id, ids[1]: team.id}


def test_a_county_assigns_its_own_firms_only(app, as_):
    mine, theirs, team = cohort(1)[0], cohort(1, "371522101")[0], build.team(1)
    answer = as_("county").post(f"/teams/assign?id={mine}&id={theirs}", data={"team_id": team.id, "on": TODAY})
    assert answer.status_code == 303 and served() == {mine: team.id}


def test_the_plan_is_confirmed_as_adjusted_and_leaves_alone_what_somebody_else_gave(app, as_):
    ids, first, second = cohort(3), build.team(1), build.team(2)
    browser = as_("bureau")
    page = browser.get("/teams/plan").text
    assert all(f'name="team-{i}"' in page for i in ids)
    actions.assign(scope=ALL, enterprise_ids=[ids[2]], team_id=first.id, by=SYSTEM)
    db.session.commit()
    sent = {"firm": [str(i) for i in ids], **{f"team-{i}": str(second.id) for i in ids}, "on": TODAY, "reason": "首批入驻"}
    assert browser.post("/teams/plan", data=sent).status_code == 303
    assert served() == {ids[0]: second.id, ids[1]: second.id, ids[2]: first.id}


def test_a_plan_without_a_reason_keeps_what_was_chosen(app, as_):
    ids, _, second = cohort(1), build.team(1), build.team(2)
    answer = as_("bureau").post("/teams/plan", data={"firm": [str(ids[0])], f"team-{ids[0]}": str(second.id), "on": TODAY, "reason": ""})
    assert answer.status_code == 422 and re.search(rf'<option value="{second.id}" selected', answer.text) and served() == {}


@pytest.fixture
def portfolio(app):
    team = build.team(1, id=1)
    old, new = build.member(team, "郑专员", "liaison", login="liaison"), build.member(team, "吴专家", login="expert")
    actions.assign(scope=ALL, enterprise_ids=cohort(2), team_id=1, member_id=old.id, on=date(2024, 3, 1), by=SYSTEM)
    db.session.commit()
    return old.id, new.id


def test_hand_over_by_page_twice_and_acknowledged_by_the_successor_only(app, as_, portfolio):
    old, new = portfolio
    form = {"to_member_id": new, "on": TODAY, "reason": "派驻期满", "note": "两家在申报"}
    assert as_("bureau").post(f"/handover/{old}", data=form).status_code == 303
    again = as_("bureau").post(f"/handover/{old}", data=form)
    assert again.status_code == 422 and "已经交接" in again.text and "两家在申报" in again.text
    record = db.session.scalars(select(Handover)).one()
    as_("liaison").post(f"/handovers/{record.id}", data={})
    db.session.expire_all()
    assert db.session.get_one(Handover, record.id).acknowledged_at is None
    assert as_("expert").post(f"/handovers/{record.id}", data={"note": "已接收"}).status_code == 303
    db.session.expire_all()
    assert db.session.get_one(Handover, record.id).acknowledged_note == "已接收"


def test_the_package_is_a_workbook_with_masked_phones(app, as_, portfolio):
    answer = as_("liaison").post(f"/handover/{portfolio[0]}/export")
    assert answer.status_code == 200 and answer.get_data().startswith(b"PK")


def test_a_team_page_shows_the_members_of_a_past_day(app, as_, portfolio):
    build_day = as_("bureau").get("/teams/1?as_of=2021-12-31").text
    assert "这一天没有成员" in build_day


@pytest.fixture
def mine(app):
    row = build.entry(name="鲁西精益管理咨询有限公司", capacity=10)
    db.session.query(User).filter_by(login="provider").one().organisation_id = row.id
    db.session.commit()
    return row.id


def test_a_provider_s_change_waits_for_the_officer(app, as_, mine):
    sent = as_("provider").post("/teams/own/edit", data={"capacity": "30", "domains": ["legal"], "phone": "13911112222"})
    assert sent.status_code == 303 and db.session.get_one(Provider, mine).capacity == 10
    change = db.session.scalars(select(RegisterChange)).one()
    assert "13911112222" not in str(change.content)
    twice = as_("provider").post("/teams/own/edit", data={"capacity": "31", "domains": ["legal"]})
    assert twice.status_code == 422 and "还在审核" in twice.text
    assert as_("bureau").post(f"/teams/changes/{change.id}", data={"verdict": "accept"}).status_code == 303
    db.session.expire_all()
    row = db.session.get_one(Provider, mine)
    assert (row.capacity, row.phone_masked) == (30, "139****2222")


def test_a_resource_a_provider_puts_forward_is_not_in_the_pool_before_it_is_admitted(app, as_, mine):
    assert as_("provider").post("/teams/own/resources/new", data={"name": "班组长训练营", "kind": "course", "free": "y"}).status_code == 303
    row = db.session.scalars(select(ServiceResource)).one()
    assert (row.state, row.provider_id) == ("proposed", mine)
    assert "班组长训练营" not in as_("county").get("/teams/pool").text
    step = {"on": TODAY, "valid_to": "2030-12-31", "reason": "材料齐全", "version": row.version}
    assert as_("bureau").post(f"/teams/registers/resource/{row.id}/steps/admitted", data=step).status_code == 303
    assert "班组长训练营" in as_("county").get("/teams/pool").text


def test_a_provider_cannot_touch_the_resource_of_another(app, as_, mine):
    other = build.entry("resource")
    db.session.commit()
    assert as_("provider").get(f"/teams/own/resources/{other.id}").status_code == 404


def test_a_town_sees_numbers_and_no_names(app, as_):
    ids = cohort(2, "371502002")
    actions.assign(scope=ALL, enterprise_ids=ids[:1], team_id=build.team(1, name="第一专家服务队").id, by=SYSTEM)
    page = as_("town").get("/teams/").text
    assert "第一专家服务队" not in page and "柳园" in page and "50.0%" in page


def test_what_is_typed_survives_a_refusal(app, as_):
    answer = as_("bureau").post("/teams/registers/provider/new", data={"name": "聊城恒信", "credit_code": "123", "kind": "law", "origin": "local", "intro": "三十年老所"})
    assert answer.status_code == 422 and "三十年老所" in answer.text and not db.session.query(Provider).count()


def test_a_name_twice_in_a_register_is_said(app, as_):
    build.entry("expert", name="王建国", employer="聊城大学")
    db.session.commit()
    answer = as_("bureau").post("/teams/registers/expert/new", data={"name": "王建国", "employer": "聊城大学"})
    assert answer.status_code == 422 and "没有重复登记" in answer.text
