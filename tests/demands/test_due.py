"""What the desk announces: the next clock with its moment and its people, ratings, call-backs, silence."""

from datetime import UTC, date, datetime

from flask import Flask

from app.demands import actions
from app.demands.due import due_items
from app.infra import clock
from app.kernel.scope import ALL, Scope
from app.packs import read_pack
from tests.factories.demands import LIAISON, department, make_demand
from tests.factories.enterprises import OFFICER, make_enterprise


def at(month: int, day: int, hour: int = 10) -> date:
    clock.freeze(datetime(2026, month, day, hour - 8, tzinfo=UTC))
    return clock.today()


def kinds(today: date, scope: Scope = ALL) -> dict[str, object]:
    return {item.kind: item for item in due_items(today, scope)}


def test_the_next_clock_names_the_office_then_the_department_then_the_handler(app: Flask) -> None:
    today = at(11, 16)
    firm, organisation = make_enterprise(), department("development_reform")
    row = make_demand(firm)
    found = kinds(today)["contact_due"]
    assert (found.due_on, found.area_id, found.enterprise_id) == (today, firm.unit_id, firm.id) and found.due_at == row.contact_due_at  # type: ignore[attr-defined]
    actions.dispatch_demand(demand=row, organisation_id=organisation, version=row.version, by=OFFICER)
    found = kinds(today)["contact_due"]
    assert (found.organisation_id, found.user_id, found.verb) == (organisation, None, "签收")  # type: ignore[attr-defined]
    actions.accept_demand(demand=row, version=row.version, by=LIAISON)
    actions.log_reply(demand=row, text="周三勘查。", by=LIAISON)
    found = kinds(today)["solve_due"]
    assert (found.user_id, found.due_on) == (LIAISON.user_id, date(2026, 12, 7))  # type: ignore[attr-defined]


def test_a_waiting_demand_owes_nothing_and_an_assistant_owes_his_opinion(app: Flask) -> None:
    today = at(11, 16)
    row, helper = make_demand(), department("industry")
    actions.take_demand(demand=row, version=row.version, by=OFFICER)
    actions.add_assist(demand=row, organisation_id=helper, ask="核实负荷", by=OFFICER)
    assert kinds(today)["part_due"].organisation_id == helper  # type: ignore[attr-defined]
    actions.log_contact(demand=row, text="已联系。", reached=True, by=OFFICER)
    actions.pause(demand=row, reason="请提供电费单", version=row.version, by=OFFICER)
    assert set(kinds(today)) == {"part_due"}


def test_rating_low_rating_call_back_and_silence(app: Flask) -> None:
    today = at(11, 16)
    quiet, rated = make_demand(text="很久没有动静的诉求，请协调。"), make_demand(text="评价很低的诉求，请协调。")
    for row in (quiet, rated):
        actions.take_demand(demand=row, version=row.version, by=OFFICER)
    actions.finish_demand(demand=rated, outcome="cannot", text="暂时办不了。", version=rated.version, by=OFFICER)
    assert kinds(today)["rating_due"].due_on == date(2026, 11, 23)  # type: ignore[attr-defined]
    actions.rate_demand(demand=rated, rating=2, note="没有说明原因", via="link", version=rated.version, by=OFFICER)
    assert "low_rating" in kinds(today) and "silent" not in kinds(today)
    assert kinds(at(11, 24))["silent"].due_on == date(2026, 11, 23)  # type: ignore[attr-defined]
    later = at(12, 14)
    assert kinds(later)["callback_due"].due_on == date(2026, 12, 16)  # type: ignore[attr-defined]
    actions.log_call_back(demand=rated, text="仍未解决，准备重办。", by=OFFICER)
    assert not {"callback_due", "low_rating"} & set(kinds(later))


def test_a_satisfied_enterprise_is_not_called_again(app: Flask) -> None:
    at(11, 16)
    row = make_demand()
    actions.take_demand(demand=row, version=row.version, by=OFFICER)
    actions.finish_demand(demand=row, outcome="solved", text="已办。", version=row.version, by=OFFICER)
    actions.rate_demand(demand=row, rating=5, note=None, via="link", version=row.version, by=OFFICER)
    assert kinds(at(12, 16)) == {}


def test_the_scope_holds_and_every_kind_has_a_reminder_rule(app: Flask) -> None:
    today = at(11, 16)
    make_demand()
    assert not list(due_items(today, Scope()))
    rules = {entry.code for entry in read_pack("liaocheng").entries("reminders")}
    known = "contact_due reply_due solve_due part_due extension_waiting rating_due low_rating callback_due silent"
    assert {f"demands.{kind}" for kind in known.split()} <= rules
