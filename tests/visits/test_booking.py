"""非请勿扰、有求必应: an invitation is free and starts a clock; what nobody asked for is counted, capped, and above the cap approved by another person."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.infra.outbox import OutboxRow
from app.kernel.errors import Conflict, Forbidden
from app.visits.actions import appointments, closing, requests
from app.visits.actions.steps import Refused
from app.visits.models import AppointmentTeam, Disturbance, ServiceStep, Visit
from app.visits.queries.disturbance import ledger_of
from tests.factories.booking import OFFICER, PLANNER, ask, book, on_tuesday
from tests.factories.enterprises import make_enterprise
from tests.factories.visits import assign, make_visit


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    on_tuesday()
    found = make_enterprise()
    assign(found)
    return found


def used(firm: Enterprise) -> int:
    return ledger_of(firm, clock.today()).used


def test_the_answer_is_due_at_the_end_of_the_next_working_day(firm: Enterprise) -> None:
    row = ask(firm)
    assert row.due_at == datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
    assert row.team_id == 1


def test_a_request_on_a_friday_is_due_on_monday(firm: Enterprise) -> None:
    clock.freeze(datetime(2026, 3, 13, 8, 0, tzinfo=UTC))
    assert clock.local(ask(firm).due_at).date().isoformat() == "2026-03-16"


def test_accepting_stops_the_clock_and_a_transfer_does_not(firm: Enterprise) -> None:
    row = ask(firm)
    requests.take_step(request=row, enterprise=firm, step="transfer", version=1, reason="不是本队领域", team_id=2, by=OFFICER)
    assert (row.state, row.team_id, row.answered_at) == ("new", 2, None)
    requests.take_step(request=row, enterprise=firm, step="accept", version=2, reason=None, by=OFFICER)
    assert (row.state, row.answered_at) == ("accepted", clock.now())


def test_the_second_of_two_tabs_is_told(firm: Enterprise) -> None:
    row = ask(firm)
    requests.take_step(request=row, enterprise=firm, step="accept", version=1, reason=None, by=OFFICER)
    with pytest.raises(Conflict, match="状态已经变化"):
        requests.take_step(request=row, enterprise=firm, step="refuse", version=1, reason="重复", by=OFFICER)


def test_an_invited_visit_is_free_and_settles_the_request(firm: Enterprise) -> None:
    row = ask(firm)
    appointment = book(firm, request=row)
    assert (row.state, appointment.state, used(firm)) == ("booked", "proposed", 0)
    visit = make_visit(firm, visited_on=clock.today(), appointment_id=appointment.id)
    closing.close_by_visit(visit=visit, enterprise=firm, by=PLANNER)
    assert (appointment.state, row.state) == ("done", "done")
    assert used(firm) == 0


def test_contacts_nobody_asked_for_count_until_the_cap(firm: Enterprise) -> None:
    for days in range(1, 4):
        book(firm, days=days, team_id=days)
    assert used(firm) == 3
    book(firm, days=6, team_id=4)  # the fourth is the last one within the cap of 4
    with pytest.raises(Refused, match="超过上限 4 次"):
        book(firm, days=7, team_id=5)
    row = book(firm, days=7, team_id=5, approval_reason="安全隐患需当面核实")
    assert (row.state, row.over_cap) == ("awaiting", True)


def test_nobody_approves_what_he_planned(firm: Enterprise) -> None:
    row = book(firm, days=4, approval_reason="企业要求周末")  # a Saturday
    assert (row.state, row.quiet) == ("awaiting", True)
    with pytest.raises(Forbidden, match="不能审批自己"):
        appointments.take_step(appointment=row, enterprise=firm, step="approve", version=1, reason="同意", by=PLANNER)
    appointments.take_step(appointment=row, enterprise=firm, step="approve", version=1, reason="同意", by=OFFICER)
    assert (row.state, row.approved_name) == ("proposed", "市局经办甲")


def test_the_enterprise_hears_of_a_visit_only_when_it_is_approved(firm: Enterprise) -> None:
    row = book(firm, days=4, approval_reason="企业要求周末")
    planned = select(func.count()).select_from(OutboxRow).where(OutboxRow.kind == "visits.appointment_planned")
    assert db.session.scalar(planned) == 0
    appointments.take_step(appointment=row, enterprise=firm, step="approve", version=1, reason="同意", by=OFFICER)
    assert db.session.scalar(planned) == 1


def test_a_cancelled_visit_costs_nothing_and_gives_the_request_back(firm: Enterprise) -> None:
    asked = ask(firm)
    first, second = book(firm, request=asked), book(firm, days=2, team_id=2)
    assert used(firm) == 1
    for row in (first, second):
        appointments.take_step(appointment=row, enterprise=firm, step="cancel", version=row.version, reason="企业临时检修", by=PLANNER)
    assert (used(firm), asked.state) == (0, "accepted")


def test_another_day_moves_the_charge_and_asks_the_enterprise_again(firm: Enterprise) -> None:
    row = book(firm, confirmed_how="phone")
    assert row.state == "confirmed"
    day = clock.today() + timedelta(days=2)
    appointments.reschedule(appointment=row, enterprise=firm, planned_on=day, starts="09:00", ends="", version=row.version, reason="专家出差", by=PLANNER)
    assert (row.state, row.planned_on, used(firm)) == ("proposed", day, 1)


def test_joining_a_visit_disturbs_once(firm: Enterprise) -> None:
    row = book(firm)
    assert appointments.join(appointment=row, enterprise=firm, team_id=2, purpose="一起看数字化", by=OFFICER)
    assert not appointments.join(appointment=row, enterprise=firm, team_id=2, purpose=None, by=OFFICER)
    assert db.session.scalar(select(func.count()).select_from(AppointmentTeam)) == 1
    assert used(firm) == 1


def test_the_same_team_does_not_book_the_same_day_twice(firm: Enterprise) -> None:
    book(firm)
    with pytest.raises(Conflict, match="已经预约了"):
        book(firm)


def test_a_visit_without_an_appointment_is_a_contact_of_its_own(firm: Enterprise) -> None:
    visit = make_visit(firm, visited_on=clock.today())
    closing.close_by_visit(visit=visit, enterprise=firm, by=PLANNER)
    closing.close_by_visit(visit=visit, enterprise=firm, by=PLANNER)
    assert (used(firm), db.session.scalar(select(func.count()).select_from(Disturbance))) == (1, 1)
    closing.reopen_by_void(visit=visit, enterprise=firm, reason="登错企业", by=PLANNER)
    assert used(firm) == 0


def test_a_visit_brings_its_appointment_to_an_end_once(firm: Enterprise) -> None:
    row = book(firm)
    visit = make_visit(firm, visited_on=clock.today(), appointment_id=row.id)
    for _ in range(2):
        closing.close_by_visit(visit=visit, enterprise=firm, by=PLANNER)
    steps = db.session.scalars(select(ServiceStep.step).where(ServiceStep.subject == "appointment", ServiceStep.subject_id == row.id)).all()
    assert steps.count("settle") == 1
    assert db.session.get_one(Visit, visit.id).appointment_id == row.id
