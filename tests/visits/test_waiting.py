"""Deadlines of requests, appointments, plans and silence: announced while they wait, gone when they are done."""

from datetime import timedelta

import pytest
from flask import Flask

from app.enterprises.models import Enterprise
from app.infra import clock
from app.kernel.scope import ALL, Scope
from app.visits.actions import appointments, plans, requests
from app.visits.due import due_items
from tests.factories.booking import OFFICER, PLANNER, ask, book, on_tuesday
from tests.factories.enterprises import make_enterprise
from tests.factories.visits import assign, make_visit


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    on_tuesday()
    found = make_enterprise()
    assign(found, since=clock.today() - timedelta(days=10))
    return found


def kinds(scope: Scope = ALL, days: int = 0) -> set[str]:
    return {item.kind for item in due_items(clock.today() + timedelta(days=days), scope)}


def test_a_request_waits_until_it_is_answered(firm: Enterprise) -> None:
    row = ask(firm)
    item = next(one for one in due_items(clock.today(), ALL) if one.kind == "request_unanswered")
    assert (item.due_at, item.team_id, item.due_on.isoformat()) == (row.due_at, 1, "2026-03-11")
    requests.take_step(request=row, enterprise=firm, step="accept", version=1, reason=None, by=OFFICER)
    assert "request_unanswered" not in kinds()


def test_an_appointment_is_due_and_stays_until_something_is_recorded(firm: Enterprise) -> None:
    row = book(firm)
    item = next(one for one in due_items(clock.today() + timedelta(days=3), ALL) if one.kind == "appointment_due")
    assert "还没有登记" in item.label
    appointments.take_step(appointment=row, enterprise=firm, step="cancel", version=row.version, reason="检修", by=PLANNER)
    assert "appointment_due" not in kinds()


def test_what_waits_for_an_approval_is_another_kind(firm: Enterprise) -> None:
    book(firm, days=4, approval_reason="周末检修")
    assert "approval_waiting" in kinds() and "appointment_due" not in kinds()


def test_never_visited_counts_from_the_day_of_entry(firm: Enterprise) -> None:
    assert "never_visited" not in kinds(days=19)
    item = next(one for one in due_items(clock.today() + timedelta(days=20), ALL) if one.kind == "never_visited")
    assert item.due_on == clock.today() + timedelta(days=20)


def test_silence_counts_from_the_last_contact(firm: Enterprise) -> None:
    make_visit(firm, visited_on=clock.today())
    assert "no_contact" not in kinds(days=29)
    assert "no_contact" in kinds(days=30) and "never_visited" not in kinds(days=30)


def test_a_milestone_is_due_until_it_is_reached(firm: Enterprise) -> None:
    day = clock.today()
    plan = plans.make(enterprise=firm, draft=plans.PlanDraft("方案", day, day + timedelta(days=60)), by=PLANNER)
    item = plans.save_item(plan=plan, enterprise=firm, draft=plans.ItemDraft("库存高", None, "看板", None, "王厂长", day + timedelta(days=5)), by=PLANNER)
    assert "milestone_due" not in kinds()
    plans.take_step(plan=plan, enterprise=firm, step="start", version=1, reason=None, by=PLANNER)
    assert "milestone_due" in kinds()
    plans.settle_item(plan=plan, enterprise=firm, item=item, state="done", done_on=None, evidence="照片", by=PLANNER)
    assert "milestone_due" not in kinds()


def test_another_county_hears_nothing(firm: Enterprise) -> None:
    ask(firm)
    book(firm)
    assert kinds(Scope(unit_ids=frozenset({firm.unit_id + 1}))) == set()
