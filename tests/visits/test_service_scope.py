"""Lists of the service show only what is in the viewer's scope; every figure of the principle is the length of the list it opens."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.visits.actions import consulting, diagnoses, finance, plans, projects
from app.visits.actions.consulting import ConsultDraft
from app.visits.actions.disturbance import record_contact
from app.visits.models import ServiceRequest
from app.visits.rules.visit import FindingDraft
from tests.factories import ladder as make
from tests.factories.booking import PLANNER, ask, book, on_tuesday
from tests.factories.visits import assign, make_visit
from tests.pages import read
from tests.personas import Browser

As = Callable[[str], Browser]
NAME = "密号柳河机械有限公司"
LISTS = (
    "/visits/requests?state=all", "/visits/appointments?state=", "/visits/calendar?who=all", "/visits/day?day=2026-03-11&who=all", "/visits/contacts",
    "/visits/projects", "/visits/diagnoses", "/visits/plans", "/visits/management/ten_thousand", "/visits/consults", "/visits/findings", "/visits/finance",
    "/visits/results",
)


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    """A firm of 东昌府区 with something in every list."""
    on_tuesday()
    row = make.firm(make.area("371502001"), name=NAME, industry_code="3451")
    assign(row, 1)
    day = clock.today()
    ask(row)
    book(row)
    record_contact(enterprise=row, kind="call", on_day=day, invited=True, note="企业来电", team_id=1, by=PLANNER)
    projects.open_project(enterprise=row, draft=projects.ProjectDraft("项目", "目标", day, day + timedelta(days=9), team_id=1), by=PLANNER)
    diagnoses.begin(enterprise=row, template_code="light", done_on=day, by=PLANNER)
    plans.make(enterprise=row, draft=plans.PlanDraft("方案", day, day + timedelta(days=9)), by=PLANNER)
    consulting.record(enterprise=row, draft=ConsultDraft("consult", day, "成本核算", "市中心"), by=PLANNER)
    finance.raise_need(enterprise=row, draft=finance.FinanceDraft("working", "备料", Decimal(1_000_000)), by=PLANNER)
    make_visit(row, visited_on=day, findings=(FindingDraft("库存积压", "red"),))
    db.session.commit()
    return row


def test_the_own_county_sees_it_everywhere_and_another_nowhere(firm: Enterprise, as_: As) -> None:
    own, other, city = as_("county"), as_("stranger"), as_("stranger_city")
    for address in LISTS:
        assert NAME in own.get(address).get_data(as_text=True), address
        for browser in (other, city):
            answer = browser.get(address)
            assert answer.status_code == 200 and NAME not in answer.get_data(as_text=True), address


def test_a_town_sees_counts_without_names(firm: Enterprise, as_: As) -> None:
    browser = as_("town")
    for address in ("/visits/numbers", "/visits/management"):
        page = browser.get(address)
        assert page.status_code == 200 and NAME not in page.get_data(as_text=True)
        assert "/visits/contacts" not in page.get_data(as_text=True)
    assert browser.get("/visits/requests").status_code == 403


def test_every_figure_of_the_principle_opens_its_rows(firm: Enterprise, as_: As) -> None:
    browser = as_("county")
    page = read(browser.get("/visits/numbers"))
    links = [(e.attributes["href"], e.text.strip()) for e in page.elements if e.tag == "a" and "count-link" in e.attributes.get("class", "")]
    assert len(links) >= 4
    for href, shown in links:
        total = re.search(r"共 ([\d,+]+) [次项]", read(browser.get(href)).text)
        assert total and total[1] == shown, (href, shown)


def test_the_enterprise_answers_for_itself_only(firm: Enterprise, as_: As) -> None:
    assert firm.id == 1  # the contact of the tests speaks for the first firm
    browser = as_("contact")
    page = read(browser.get("/visits/mine"))
    assert "看研发费用归集" in page.text and NAME in page.text
    assert browser.get("/visits/requests").status_code == 403
    other = make.firm(make.area("371502001"))
    row = book(other)
    db.session.commit()
    answer = browser.post(f"/visits/mine/appointments/{row.id}/answer", data={"version": "1", "answer": "agree"})
    assert answer.status_code == 404


def test_the_same_form_sent_twice_is_one_request(firm: Enterprise, as_: As) -> None:
    browser = as_("contact")
    once = next(e.attributes["value"] for e in read(browser.get("/visits/mine")).elements if e.attributes.get("name") == "once")
    data = {"text": "想请专家看看节能改造", "once": once}
    assert [browser.post("/visits/mine", data=data).status_code for _ in range(2)] == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(ServiceRequest).where(ServiceRequest.text == data["text"])) == 1
