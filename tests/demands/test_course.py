"""The course of a demand: every step, its clocks, and that exactly one of two people wins."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.demands import actions
from app.demands.actions import Seat
from app.demands.models import Demand, DemandClock, DemandEvent, DemandPart
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid
from tests.factories.demands import LIAISON, department, make_demand
from tests.factories.enterprises import OFFICER

OTHER = Actor(user_id=902, name="另一位联络员")
MONDAY = datetime(2026, 11, 16, 2, tzinfo=UTC)  # 10:00 in Shanghai


def at(day: int, hour: int, minute: int = 0) -> None:
    """Set the clock to a November day in Shanghai."""
    clock.freeze(datetime(2026, 11, day, hour - 8, minute, tzinfo=UTC))


def seat(organisation_id: int) -> Seat:
    return Seat(office=False, city=False, organisation_ids=frozenset({organisation_id}))


def shown(moment: datetime | None) -> str:
    assert moment is not None
    return clock.local(moment).strftime("%m-%d %H:%M")


def routed(code: str = "development_reform") -> tuple[Demand, int]:
    clock.freeze(MONDAY)
    row, organisation = make_demand(), department(code)
    actions.dispatch_demand(demand=row, organisation_id=organisation, version=row.version, by=OFFICER)
    return row, organisation


def test_from_intake_to_a_rating(app: Flask) -> None:
    row, organisation = routed()
    assert (row.state, row.tab) == ("sent", "intake")
    assert actions.accept_demand(demand=row, version=row.version, by=LIAISON, seat=seat(organisation))
    at(16, 11)
    actions.log_contact(demand=row, text="电话联系了王经理。", reached=True, by=LIAISON, seat=seat(organisation))
    assert row.due_step == "reply" and row.contacted_at is not None and row.contacted_at <= row.contact_due_at
    actions.log_reply(demand=row, text="周三到厂里勘查。", by=LIAISON, seat=seat(organisation))
    assert row.due_step == "solve"
    actions.finish_demand(demand=row, outcome="solved", text="已增容到 800 千伏安。", version=row.version, by=LIAISON, seat=seat(organisation))
    assert (row.state, row.tab, row.due_at) == ("answered", "rating", None)
    actions.rate_demand(demand=row, rating=5, note=None, via="link", version=row.version, by=OFFICER)
    assert (row.state, row.tab, row.rating) == ("closed", "done", 5) and row.sort_at == row.closed_at


def test_answering_first_counts_as_contact(app: Flask) -> None:
    row, organisation = routed()
    actions.accept_demand(demand=row, version=row.version, by=LIAISON)
    actions.log_reply(demand=row, text="已安排勘查。", by=LIAISON, seat=seat(organisation))
    assert row.contacted_at == row.replied_at


def test_a_pause_moves_every_running_clock_by_the_office_time_that_stood_still(app: Flask) -> None:
    row, _ = routed()
    actions.accept_demand(demand=row, version=row.version, by=LIAISON)
    actions.log_reply(demand=row, text="请补充用电数据。", by=LIAISON)
    before = row.solve_due_at
    at(17, 15)
    actions.pause(demand=row, reason="请提供近一年电费单", version=row.version, by=LIAISON)
    assert row.state == "waiting" and row.sort_at.year == 9999
    at(19, 10)  # Tuesday 15:00 to Thursday 10:00 = 2.5 + 7.5 + 1.5 hours
    actions.supplement(demand=row, text="电费单已上传。", by=OTHER)
    assert row.state == "handling" and (shown(before), shown(row.solve_due_at)) == ("12-07 17:30", "12-09 14:00")


def test_a_pause_ends_by_itself_and_only_where_the_enterprise_was_reached(app: Flask) -> None:
    row, _ = routed()
    actions.accept_demand(demand=row, version=row.version, by=LIAISON)
    with pytest.raises(Conflict, match="先联系企业"):
        actions.pause(demand=row, reason="请提供电费单", version=row.version, by=LIAISON)
    actions.log_contact(demand=row, text="已电话联系。", reached=True, by=LIAISON)
    actions.pause(demand=row, reason="请提供电费单", version=row.version, by=LIAISON)
    at(30, 9)
    assert actions.tidy_up() == 0
    clock.freeze(datetime(2026, 12, 1, 0, 45, tzinfo=UTC))  # ten working days after Monday the 16th end on Monday the 30th
    actions.tidy_up()
    db.session.refresh(row)
    assert row.state == "handling" and row.paused_at is None


def test_sending_back_twice_leaves_the_decision_to_the_bureau_and_then_it_stays(app: Flask) -> None:
    row, first = routed()
    second = department("industry")
    actions.transfer_demand(demand=row, organisation_id=second, reason="不属于本单位职责", version=row.version, by=LIAISON, seat=seat(first))
    assert (row.state, row.organisation_id, row.bounce_count, row.needs_ruling) == ("sent", second, 1, False)
    actions.refuse_demand(demand=row, reason="也不属于本单位职责", version=row.version, by=OTHER, seat=seat(second))
    assert (row.state, row.organisation_id, row.bounce_count, row.needs_ruling) == ("new", None, 2, True)
    with pytest.raises(Forbidden, match="市局指定"):
        actions.dispatch_demand(demand=row, organisation_id=first, version=row.version, by=OFFICER, seat=Seat(city=False))
    with pytest.raises(Forbidden, match="市局指定"):
        actions.take_demand(demand=row, version=row.version, by=OFFICER, seat=Seat(city=False))
    actions.dispatch_demand(demand=row, organisation_id=first, version=row.version, by=OFFICER)
    with pytest.raises(Conflict, match="不能退回"):
        actions.refuse_demand(demand=row, reason="还是不属于", version=row.version, by=LIAISON, seat=seat(first))
    assert [part.state for part in db.session.query(DemandPart).order_by(DemandPart.id)] == ["gone", "refused", "sent"]


def test_an_assisting_department_has_its_own_state_and_cannot_end_the_demand(app: Flask) -> None:
    row, lead = routed()
    helper = department("industry")
    actions.accept_demand(demand=row, version=row.version, by=LIAISON, seat=seat(lead))
    part = actions.add_assist(demand=row, organisation_id=helper, ask="核实负荷", by=OFFICER)
    with pytest.raises(Conflict, match="没有重复增加"):
        actions.add_assist(demand=row, organisation_id=helper, ask="核实负荷", by=OFFICER)
    with pytest.raises(Forbidden, match="协办"):
        actions.finish_demand(demand=row, outcome="solved", text="好了", version=row.version, by=OTHER, seat=seat(helper))
    with pytest.raises(Conflict, match="1 个协办部门没有反馈"):
        actions.finish_demand(demand=row, outcome="solved", text="好了", version=row.version, by=LIAISON, seat=seat(lead))
    assert actions.answer_part(demand=row, part_id=part.id, step="assist_done", text="负荷属实。", by=OTHER, seat=seat(helper))
    assert not actions.answer_part(demand=row, part_id=part.id, step="assist_done", text="负荷属实。", by=OTHER, seat=seat(helper))
    assert actions.finish_demand(demand=row, outcome="explained", text="明年纳入计划。", version=row.version, by=LIAISON, seat=seat(lead))


def test_more_time_is_asked_for_with_a_reason_decided_once_and_limited(app: Flask) -> None:
    row, lead = routed()
    actions.accept_demand(demand=row, version=row.version, by=LIAISON, seat=seat(lead))
    with pytest.raises(Invalid, match="最多延期 15"):
        actions.ask_extension(demand=row, workdays=16, reason="设备到货晚", version=row.version, by=LIAISON)
    actions.ask_extension(demand=row, workdays=5, reason="设备到货晚", version=row.version, by=LIAISON)
    with pytest.raises(Conflict, match="等审批"):
        actions.ask_extension(demand=row, workdays=5, reason="设备到货晚", version=row.version, by=OTHER)
    assert actions.decide_extension(demand=row, approve=True, text=None, by=OFFICER)
    assert not actions.decide_extension(demand=row, approve=False, text="不同意", by=OTHER), "decided already"
    assert shown(row.solve_due_at) == "12-14 17:30" and row.extension_count == 1
    first = db.session.query(DemandClock).filter_by(step="solve").one()
    assert shown(first.first_due_at) == "12-07 17:30", "the first deadline stays in the history"
    with pytest.raises(Conflict, match="不能再延"):
        actions.ask_extension(demand=row, workdays=1, reason="再晚一天", version=row.version, by=LIAISON)


def test_unreachable_is_an_end_only_after_real_attempts(app: Flask) -> None:
    row, _ = routed()
    actions.accept_demand(demand=row, version=row.version, by=LIAISON)
    for number in range(2):
        actions.log_contact(demand=row, text=f"第 {number + 1} 次拨打无人接听。", reached=False, by=LIAISON)
    with pytest.raises(Invalid, match="现在只有 2 次"):
        actions.finish_demand(demand=row, outcome="unreachable", text="多次联系未果。", version=row.version, by=LIAISON)
    actions.log_contact(demand=row, text="第 3 次拨打无人接听。", reached=False, by=LIAISON)
    actions.finish_demand(demand=row, outcome="unreachable", text="多次联系未果。", version=row.version, by=LIAISON)
    assert row.outcome == "unreachable" and row.contacted_at is None, "giving up is no contact"


def test_reopening_starts_new_clocks_and_keeps_the_old_ones(app: Flask) -> None:
    row, lead = routed()
    actions.accept_demand(demand=row, version=row.version, by=LIAISON, seat=seat(lead))
    actions.finish_demand(demand=row, outcome="solved", text="已处理。", version=row.version, by=LIAISON, seat=seat(lead))
    actions.rate_demand(demand=row, rating=1, note="还是停电", via="link", version=row.version, by=OTHER)
    at(20, 9)
    actions.reopen_demand(demand=row, reason="还是停电", version=row.version, by=OTHER, by_enterprise=True)
    assert (row.state, row.round, row.reopen_count, row.due_step) == ("handling", 2, 1, "reply")
    kept = {(c.round, c.step): c.met_at is not None for c in db.session.query(DemandClock)}
    assert kept == {(1, "contact"): True, (1, "reply"): True, (1, "solve"): True, (2, "reply"): False, (2, "solve"): False}
    actions.finish_demand(demand=row, outcome="solved", text="换了变压器。", version=row.version, by=LIAISON, seat=seat(lead))
    clock.freeze(datetime(2027, 3, 1, 2, tzinfo=UTC))
    actions.tidy_up()
    with pytest.raises(Conflict, match="30 天"):
        clock.freeze(datetime(2027, 6, 1, 2, tzinfo=UTC))
        actions.reopen_demand(demand=row, reason="又停电", version=row.version, by=OTHER, by_enterprise=True)


def test_a_low_rating_says_why(app: Flask) -> None:
    row, _ = routed()
    actions.accept_demand(demand=row, version=row.version, by=LIAISON)
    actions.finish_demand(demand=row, outcome="cannot", text="电网规划未到。", version=row.version, by=LIAISON)
    with pytest.raises(Invalid, match="评价说明"):
        actions.rate_demand(demand=row, rating=2, note=" ", via="link", version=row.version, by=OTHER)


def test_silence_after_the_answer_closes_without_a_rating(app: Flask) -> None:
    row, _ = routed()
    actions.accept_demand(demand=row, version=row.version, by=LIAISON)
    actions.finish_demand(demand=row, outcome="solved", text="已处理。", version=row.version, by=LIAISON)
    at(23, 17)
    assert actions.tidy_up() == 0
    at(23, 18)
    assert actions.tidy_up() == 1 and actions.tidy_up() == 0
    assert (row.state, row.rating) == ("closed", None)


def test_lateness_is_reported_upwards_once_per_step(app: Flask) -> None:
    row, _ = routed()
    at(17, 18)
    actions.tidy_up()
    at(18, 9)
    actions.tidy_up()
    actions.tidy_up()
    assert row.escalation_level == 1 and db.session.query(DemandEvent).filter_by(kind="escalate").count() == 1
    at(24, 9)
    actions.tidy_up()
    db.session.refresh(row)
    assert row.escalation_level == 2


Step = Callable[[Demand, int], bool]


@pytest.mark.parametrize(("first", "second"), [
    (lambda d, v: actions.accept_demand(demand=d, version=v, by=LIAISON), lambda d, v: actions.accept_demand(demand=d, version=v, by=OTHER)),
    (
        lambda d, v: actions.accept_demand(demand=d, version=v, by=LIAISON),
        lambda d, v: actions.transfer_demand(demand=d, organisation_id=department("industry"), reason="改转工信", version=v, by=OTHER),
    ),
    (
        lambda d, v: actions.transfer_demand(demand=d, organisation_id=department("industry"), reason="改转工信", version=v, by=OTHER),
        lambda d, v: actions.accept_demand(demand=d, version=v, by=LIAISON),
    ),
    (
        lambda d, v: actions.withdraw_demand(demand=d, reason=None, version=v, by=OTHER),
        lambda d, v: actions.accept_demand(demand=d, version=v, by=LIAISON),
    ),
], ids=["accept twice", "transfer after accept", "accept after transfer", "accept after withdrawal"])
def test_of_two_people_on_the_same_page_exactly_one_wins(app: Flask, first: Step, second: Step) -> None:
    row, _ = routed()
    version = row.version
    department("industry")
    assert first(row, version)
    with pytest.raises(Conflict) as refused:
        second(row, version)
    assert row.number in refused.value.message_zh and "登记" in refused.value.message_zh
    assert db.session.query(DemandEvent).filter(DemandEvent.version > version + 1).count() == 0


def test_a_second_click_of_the_same_person_changes_nothing(app: Flask) -> None:
    row, _ = routed()
    version = row.version
    assert actions.accept_demand(demand=row, version=version, by=LIAISON)
    assert not actions.accept_demand(demand=row, version=version, by=LIAISON)
    assert actions.log_note(demand=row, text="已联系供电公司。", by=LIAISON) and not actions.log_note(demand=row, text="已联系供电公司。", by=LIAISON)
    assert db.session.query(DemandEvent).filter(DemandEvent.kind.in_(("accept", "note"))).count() == 2
