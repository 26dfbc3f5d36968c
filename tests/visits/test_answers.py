"""The enterprise's word: one link, one answer; ratings only in groups; a reported charge reaches the bureau and not the team."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.infra.outbox import OutboxRow
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict
from app.visits.actions import Refused
from app.visits.actions.answers import answer_visit, make_link
from app.visits.models import Visit, VisitAnswer, VisitLink
from app.visits.rules.answers import Answer
from tests.factories.enterprises import make_enterprise
from tests.factories.visits import assign, make_visit
from tests.visits.samples import visit


def linked(row: Visit) -> str:
    made = make_link(visit=row, enterprise=db.session.get_one(Enterprise, row.enterprise_id), by=SYSTEM)
    db.session.commit()
    return f"/visits/a/{made.token}"


def post(client, address: str, **said: object):  # type: ignore[no-untyped-def]
    page = client.get(address)
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    return client.post(address, data={"csrf_token": token, **said})


def test_a_link_answers_once_and_without_an_account(app: Flask, client) -> None:  # type: ignore[no-untyped-def]
    row = visit(internal_note="老板嫌我们来得勤")
    address = linked(row)
    page = client.get(address)
    assert page.status_code == 200 and "本次服务免费" in page.text and "老板嫌" not in page.text
    assert post(client, address, verdict="confirmed", said_mode="on_site", rating="5").status_code == 200
    db.session.expire_all()
    assert db.session.get_one(Visit, row.id).confirm_state == "confirmed"
    assert client.get(address).status_code == 410
    stored = db.session.scalars(select(VisitLink)).one()
    assert address.rpartition("/")[2] not in stored.token_hash and stored.used_at is not None


def test_an_old_or_replaced_link_says_so(app: Flask, client) -> None:  # type: ignore[no-untyped-def]
    row = visit()
    first, second = linked(row), linked(row)
    assert client.get(first).status_code == 410 and client.get(second).status_code == 200
    db.session.scalars(select(VisitLink).where(VisitLink.revoked_at.is_(None))).one().expires_at = clock.now() - timedelta(seconds=1)
    db.session.commit()
    assert "已过有效期" in client.get(second).text
    assert client.get("/visits/a/" + "x" * 32).status_code == 404


def test_a_second_answer_at_the_same_moment_is_refused(app: Flask) -> None:
    row = visit()
    firm = db.session.get_one(Enterprise, row.enterprise_id)
    link = make_link(visit=row, enterprise=firm, by=SYSTEM).row
    answer_visit(visit=row, enterprise=firm, answer=Answer("confirmed"), link=link, by=SYSTEM)
    with pytest.raises(Conflict):
        answer_visit(visit=row, enterprise=firm, answer=Answer("denied"), link=link, by=SYSTEM)


def test_open_links_are_braked_by_address(app: Flask, client) -> None:  # type: ignore[no-untyped-def]
    address = linked(visit())
    app.config["LINKS_PER_MINUTE"] = 3
    try:
        assert [client.get(address).status_code for _ in range(5)].count(429) >= 1
    finally:
        del app.config["LINKS_PER_MINUTE"]


@pytest.mark.parametrize(("answer", "field"), [
    (Answer("perhaps"), "verdict"), (Answer("differs"), "said_on"), (Answer("confirmed", charged=True, charge_text="钱"), "charge_text"),
    (Answer("confirmed", rating=9), "rating"),
])
def test_a_poor_answer_is_told_its_field(app: Flask, answer: Answer, field: str) -> None:
    row = visit()
    with pytest.raises(Refused) as refused:
        answer_visit(visit=row, enterprise=db.session.get_one(Enterprise, row.enterprise_id), answer=answer, link=None, by=SYSTEM)
    assert refused.value.problems[0][0] == field


def test_two_facts_put_right_stand_beside_the_record_and_change_nothing_in_it(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    row = visit()
    said = Answer("differs", said_on=row.visited_on - timedelta(days=1), said_mode="phone")
    answer_visit(visit=row, enterprise=db.session.get_one(Enterprise, row.enterprise_id), answer=said, link=None, by=SYSTEM)
    db.session.commit()
    page = as_("bureau").get(f"/visits/{row.id}").text
    assert "企业说的日期：2026-05-05" in page and "企业说的方式：电话" in page and row.visited_on.day == 6


def test_ratings_are_shown_from_five_up_and_never_singly(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    browser = as_("expert")
    for number, rating in enumerate((5, 4, 3, 1, 5)):
        firm = make_enterprise(name=f"评价试验{number}有限公司")
        assign(firm, 1)
        row = make_visit(firm)
        answer_visit(visit=row, enterprise=firm, answer=Answer("confirmed", rating=rating, comment="专家很用心" if rating == 5 else "来得太晚"), link=None, by=SYSTEM)
        db.session.commit()
        page = browser.get("/visits/ratings").text
        assert ("60.0%" in page) == (number == 4) and (">不满 5<" in page) == (number < 4)
        single = browser.get(f"/visits/{row.id}").text
        assert "来得太晚" not in single and "很用心" not in single and "不满意" not in single


def test_a_reported_charge_reaches_the_bureau_only(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    row = visit()
    answer_visit(
        visit=row, enterprise=db.session.get_one(Enterprise, row.enterprise_id), link=None, by=SYSTEM,
        answer=Answer("confirmed", charged=True, charge_text="收了五百元材料费"),
    )
    db.session.commit()
    told = db.session.scalars(select(OutboxRow).where(OutboxRow.key.startswith("visit-charge:"))).one()
    assert told.payload["to"] == [f"city:{db.session.get_one(Enterprise, row.enterprise_id).city_id}"]
    assert "收了五百元材料费" in as_("bureau").get("/visits/charges").text
    for login in ("expert", "team_leader", "county"):
        assert as_(login).get("/visits/charges").status_code == 403
        assert "五百元" not in as_(login).get(f"/visits/{row.id}").text
    id_ = db.session.scalars(select(VisitAnswer.id)).one()
    assert as_("bureau").post(f"/visits/charges/{id_}", data={"note": "已核实退还"}).status_code == 303
    assert "五百元" not in as_("bureau").get("/visits/charges").text
