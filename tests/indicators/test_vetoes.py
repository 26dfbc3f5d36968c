"""Number 26: the window and the grades, what an event does to the ranking, sign-offs, and that nothing pending is ever published."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from app.indicators.models import VetoEvent
from app.indicators.queries import contest as rounds
from app.indicators.rules.scoring import Status, Veto
from app.indicators.rules.vetoes import KINDS, Event, bars
from app.infra import clock
from app.infra.db import db
from app.ladder.queries import current_pack
from tests.indicators.samples import YEAR, contest_round

ROUND = f"/indicators/contest/{YEAR}/"
TODAY = date(2024, 6, 1)
D = date


@pytest.mark.parametrize("event, said", [
    (Event("accident", "larger", "positive", D(2021, 1, 1)), Veto.POSITIVE),
    (Event("accident", "larger", "positive", D(2020, 12, 31)), Veto.CLEAR),
    (Event("accident", "larger", "positive", D(2024, 6, 1)), Veto.POSITIVE),
    (Event("accident", "larger", "positive", D(2024, 6, 2)), Veto.CLEAR),
    (Event("accident", "general", "positive", D(2022, 5, 1)), Veto.CLEAR),
    (Event("accident", "extreme", "pending", D(2022, 5, 1)), Veto.PENDING),
    (Event("accident", "major", "dismissed", D(2022, 5, 1)), Veto.CLEAR),
    (Event("product", "larger", "positive", D(2022, 5, 1)), Veto.CLEAR),
    (Event("product", "major", "positive", D(2022, 5, 1)), Veto.POSITIVE),
    (Event("environment", "larger", "positive", D(2022, 5, 1)), Veto.POSITIVE),
    (Event("statistics", "none", "positive", D(2018, 5, 1), D(2021, 1, 1)), Veto.POSITIVE),
    (Event("statistics", "none", "positive", D(2022, 5, 1), D(2020, 12, 31)), Veto.CLEAR),
    (Event("statistics", "none", "pending", D(2018, 5, 1)), Veto.PENDING),
])
def test_window_and_grade(event: Event, said: Veto) -> None:
    assert bars(event, 2023, 3, TODAY) is said


def test_the_last_year_an_event_bars() -> None:
    assert Event("accident", "larger", "positive", D(2021, 7, 1)).last_year(3) == 2023
    assert Event("statistics", "none", "pending", D(2021, 7, 1)).last_year(3) is None


@pytest.fixture
def bureau(app: Flask, as_: Any) -> Any:
    clock.freeze(datetime(2024, 6, 1, 4, tzinfo=UTC))
    contest_round()
    return as_("bureau")


def status(code: str) -> tuple[Status, int | None]:
    db.session.expire_all()
    pack = current_pack()
    town = rounds.sheet(pack, rounds.get_round(pack, YEAR)).score().town(code)
    assert town is not None
    return town.status, town.rank


EVENT = {"town": "371581107", "kind": "accident", "grade": "larger", "happened_on": "2022-05-01", "document": "应急局通报"}


def test_an_event_is_pending_then_bars_or_not_and_others_close_up(bureau: Any) -> None:
    assert status("371581107") == (Status.RANKED, 1)
    assert bureau.post(f"{ROUND}vetoes", data=EVENT).status_code == 303
    assert status("371581107") == (Status.PROVISIONAL, 1)
    event = db.session.query(VetoEvent).one()
    decide = f"{ROUND}vetoes/{event.id}"
    assert bureau.post(decide, data={"state": "positive", "version": "1", "reason": "事故调查报告"}).status_code == 303
    assert status("371581107") == (Status.VETOED, None) and status("371502002") == (Status.RANKED, 1)
    assert bureau.post(decide, data={"state": "dismissed", "version": "1", "reason": "复核"}).status_code == 409
    assert bureau.post(decide, data={"state": "dismissed", "version": "2", "reason": "复核不属实"}).status_code == 303
    assert status("371581107") == (Status.RANKED, 1)
    page = bureau.get(f"{ROUND}vetoes").text
    assert "复核不属实" in page and "应急局通报" in page and "2024 年度" in page


@pytest.mark.parametrize("change, said", [
    ({"town": "999"}, "没有代码为"), ({"happened_on": ""}, "请填写发生日期"), ({"happened_on": "2030-01-01"}, "不能晚于今天"), ({"happened_on": "gestern"}, "不是日期"),
    ({"grade": "none"}, "请选择事项等级"), ({"document": " "}, "依据文件"), ({"kind": "x"}, "请选择事项类别"), ({"found_on": "2021-01-01"}, "认定日期应在"),
])
def test_a_faulty_entry_is_answered_in_words(bureau: Any, change: dict[str, str], said: str) -> None:
    answer = bureau.post(f"{ROUND}vetoes", data=EVENT | {"note": "尚在核实"} | change)
    assert answer.status_code == 422 and said in answer.text and "尚在核实" in answer.text
    assert not db.session.query(VetoEvent).count()


def test_publication_waits_for_sign_offs_locked_references_and_pending_events(bureau: Any) -> None:
    for version, stage in enumerate(("county_check", "department_check", "scoring", "veto_check"), 1):
        assert bureau.post(f"{ROUND}move", data={"stage": stage, "version": str(version)}).status_code == 303
    bureau.post(f"{ROUND}vetoes", data=EVENT)
    refused = bureau.post(f"{ROUND}move", data={"stage": "publicity", "version": "5"})
    assert refused.status_code == 409
    for words in ("1 个镇街的否决事项待核查", "还缺 12 项部门会签", "参照值还没有锁定"):
        assert words in refused.text
    event = db.session.query(VetoEvent).one()
    bureau.post(f"{ROUND}vetoes/{event.id}", data={"state": "dismissed", "version": "1", "reason": "不属实"})
    for code in ("371502001", "371502002", "371581107"):
        for kind in KINDS:
            assert bureau.post(f"{ROUND}{code}/signoff", data={"kind": kind, "clear": "1"}).status_code == 303
    assert bureau.post(f"{ROUND}freeze", data={"version": "5"}).status_code == 303
    assert bureau.post(f"{ROUND}move", data={"stage": "publicity", "version": "6"}).status_code == 303
    assert bureau.post(f"{ROUND}371502001/signoff", data={"kind": "accident", "clear": "0", "note": "有"}).status_code == 409


def test_a_department_signs_for_its_own_kind_only(bureau: Any, as_: Any) -> None:
    from app.areas.models import Organisation
    from app.identity.models import User
    from tests.factories import ladder as make

    office = Organisation(name="市统计局", kind="department", area_id=make.area("371500").id)
    db.session.add(office)
    db.session.flush()
    db.session.query(User).filter_by(login="department").one().organisation_id = office.id
    db.session.commit()
    browser = as_("department")
    assert browser.post(f"{ROUND}371502001/signoff", data={"kind": "statistics", "clear": "1"}).status_code == 303
    assert browser.post(f"{ROUND}371502001/signoff", data={"kind": "statistics", "clear": "0"}).status_code == 422
    assert browser.post(f"{ROUND}371502001/signoff", data={"kind": "accident", "clear": "1"}).status_code == 403
    assert as_("county").post(f"{ROUND}371502001/signoff", data={"kind": "accident", "clear": "1"}).status_code == 403


def test_a_county_reads_the_events_of_its_own_towns(bureau: Any, as_: Any) -> None:
    bureau.post(f"{ROUND}vetoes", data=EVENT)
    assert "应急局通报" not in as_("county").get(f"{ROUND}vetoes").text
    assert "应急局通报" in bureau.get(f"{ROUND}vetoes").text
