"""Batches and what happens around a recognition: counts open exactly their rows; what comes before the decision is never counted."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.scope import ALL, Scope
from app.ladder import actions, queries
from app.ladder.actions.batches import BatchDraft, save_batch
from app.ladder.actions.events import StepDraft, record_step, review, withdraw_step
from app.ladder.queries import batches, events
from app.ladder.queries.batches import STATES, Key
from app.ladder.rules import CountKind, any_level
from app.ladder.rules.renewal import Renewal, renewal
from tests.factories import ladder as make
from tests.personas import Browser

TODAY = date(2025, 6, 1)
SRDI = Key("srdi", "province", 2023)
CITY = "371500"


@pytest.fixture
def firms(app: Flask) -> list[Enterprise]:
    clock.freeze(clock.end_of_day(TODAY))
    rows = [make.firm(make.area(code)) for code in ("371502001", "371502001", "371502002", "371581107", "371502001", "371502001")]
    paper = {"level": "province", "document": "鲁工信〔2023〕1号"}
    make.recognition(rows[0], **paper)
    make.recognition(rows[1], valid_to=date(2025, 5, 31), **paper)
    make.recognition(rows[2], revoked_on=date(2024, 3, 1), revoked_reason="虚假", **paper)
    make.recognition(rows[3], **paper)
    make.recognition(rows[4], voided=True, **paper)
    make.recognition(rows[5], level="province", valid_to=None, document="鲁工信〔2023〕2号")
    db.session.commit()
    return rows


def scope_of(code: str) -> Scope:
    return Scope(unit_ids=frozenset({make.area(code).id}))


def one(scope: Scope = ALL, day: date = TODAY, key: Key = SRDI) -> dict[str, int]:
    return batches.get_batch(scope, key, day).counts


def test_counts_equal_their_rows(app: Flask, firms: list[Enterprise]) -> None:
    assert {k: v for k, v in one().items() if v} == {"all": 5, "valid": 2, "expired": 1, "revoked": 1, "voided": 1, "gap": 1}
    assert {k: v for k, v in one(scope_of("371581")).items() if v} == {"all": 1, "valid": 1}
    for scope in (ALL, scope_of("371502"), scope_of("371581")):
        row = batches.get_batch(scope, SRDI, TODAY)
        for state in STATES:
            found = batches.batch_members(scope, row, state, TODAY, None, None, 100)
            assert len(found.rows) == row.counts[state], state
    assert batches.list_batches(scope_of("371522"), TODAY) == []


def test_a_batch_pages_through_all_its_rows(app: Flask, firms: list[Enterprise]) -> None:
    row, cursor, seen = batches.get_batch(ALL, SRDI, TODAY), None, []
    with app.test_request_context():
        while True:
            page = batches.batch_members(ALL, row, "all", TODAY, None, cursor, 2)
            seen += [enterprise.id for _, enterprise in page.rows]
            cursor = page.next
            if cursor is None:
                break
    assert len(seen) == len(set(seen)) == 5


def test_two_batches_of_a_year_are_told_apart_by_their_documents(app: Flask, firms: list[Enterprise]) -> None:
    city = Scope(city_ids=frozenset({make.area(CITY).id}))
    save_batch(scope=city, key=Key("srdi", "province", 2023, 1), draft=BatchDraft(document="鲁工信〔2023〕1号"), by=SYSTEM)
    assert one(key=Key("srdi", "province", 2023, 1))["all"] == 5, "the only batch holds everything"
    save_batch(scope=city, key=Key("srdi", "province", 2023, 2), draft=BatchDraft(document="鲁工信〔2023〕2号"), by=SYSTEM)
    first, second = (batches.get_batch(ALL, Key("srdi", "province", 2023, n), TODAY) for n in (1, 2))
    assert (first.counts["all"], second.counts["all"]) == (4, 1)
    for row in (first, second):
        assert len(batches.batch_members(ALL, row, "all", TODAY, None, None, 100).rows) == row.counts["all"]


def test_a_batch_is_versions(app: Flask, firms: list[Enterprise]) -> None:
    city = Scope(city_ids=frozenset({make.area(CITY).id}))
    clock.freeze(clock.end_of_day(date(2025, 1, 1)))
    batch = save_batch(scope=city, key=SRDI, draft=BatchDraft(noticed_on=date(2023, 6, 1), noticed_document="公示1号"), by=SYSTEM)
    with pytest.raises(Conflict):
        save_batch(scope=city, key=SRDI, draft=BatchDraft(), by=SYSTEM)
    seen = batches.find_version(batch.id).id
    clock.freeze(clock.end_of_day(TODAY))
    save_batch(scope=city, key=SRDI, draft=BatchDraft(announced_on=date(2023, 7, 1), document="公告1号"), by=SYSTEM, version_id=seen)
    with pytest.raises(Conflict):
        save_batch(scope=city, key=SRDI, draft=BatchDraft(document="公告2号"), by=SYSTEM, version_id=seen)
    now, before = batches.get_batch(ALL, SRDI, TODAY), batches.get_batch(ALL, SRDI, TODAY, date(2025, 3, 1))
    assert now.told and now.told.document == "公告1号" and before.told and before.told.document is None and before.told.noticed_document == "公示1号"
    with pytest.raises(Forbidden):
        save_batch(scope=scope_of("371502"), key=Key("srdi", "province", 2024), draft=BatchDraft(), by=SYSTEM)
    for key, draft in (
        (Key("srdi", "city", 2024), BatchDraft()), (Key("unknown", "", 2024), BatchDraft()), (Key("srdi", "province", 1900), BatchDraft()),
        (Key("srdi", "province", 2024), BatchDraft(announced_on=date(2025, 6, 2))),
        (Key("srdi", "province", 2024), BatchDraft(noticed_on=date(2024, 6, 2), announced_on=date(2024, 6, 1))),
    ):
        with pytest.raises(Invalid):
            save_batch(scope=city, key=key, draft=draft, by=SYSTEM)


def test_a_public_notice_is_no_recognition(app: Flask, firms: list[Enterprise]) -> None:
    gazelle = ("gazelle", "province", 2024)
    for kind, on in (("recommended", date(2024, 9, 1)), ("noticed", date(2024, 10, 8))):
        record_step(enterprise=firms[0], identity=gazelle, draft=StepDraft(kind, on), by=SYSTEM)
    objected = StepDraft("objected", date(2024, 10, 10), reason="举报数据不实", result="open")
    record_step(enterprise=firms[0], identity=gazelle, draft=objected, by=SYSTEM)
    row = batches.get_batch(ALL, Key(*gazelle), TODAY)
    assert {k: v for k, v in row.counts.items() if v} == {"recommended": 1, "noticed": 1, "objected": 1}
    assert [granted for *_, granted in batches.batch_candidates(ALL, row.key, "noticed", None)] == [False]
    for kind in CountKind:
        assert not queries.count_by_town(ALL, any_level("gazelle"), kind, TODAY)
    with pytest.raises(actions.Refused):
        record_step(enterprise=firms[0], identity=gazelle, draft=StepDraft("objected", date(2024, 10, 11), result="open"), by=SYSTEM)
    with pytest.raises(Conflict):
        record_step(enterprise=firms[0], identity=gazelle, draft=StepDraft("noticed", date(2024, 10, 8)), by=SYSTEM)


def test_a_withdrawn_step_is_still_known_on_its_day(app: Flask, firms: list[Enterprise]) -> None:
    clock.freeze(clock.end_of_day(date(2025, 1, 1)))
    event = record_step(enterprise=firms[0], identity=("gazelle", "province", 2024), draft=StepDraft("noticed", date(2024, 10, 8)), by=SYSTEM)
    clock.freeze(clock.end_of_day(TODAY))
    with pytest.raises(Invalid):
        withdraw_step(event=event, enterprise=firms[0], reason=" ", by=SYSTEM)
    withdraw_step(event=event, enterprise=firms[0], reason="登记有误", by=SYSTEM)
    assert events.events_of(ALL, firms[0].id) == [] and len(events.events_of(ALL, firms[0].id, date(2025, 3, 1))) == 1


@pytest.mark.parametrize(("on", "begin", "how"), [
    (date(2026, 5, 1), None, Renewal.EXTEND), (date(2026, 7, 1), None, Renewal.EXTEND), (date(2026, 7, 2), None, Renewal.AGAIN),
    (date(2026, 9, 1), date(2026, 7, 1), Renewal.EXTEND), (date(2026, 5, 1), date(2026, 8, 1), Renewal.AGAIN),
])
def test_a_renewal_leaves_no_gap_unseen(on: date, begin: date | None, how: Renewal) -> None:
    assert renewal(date(2026, 6, 30), on, begin, date(2029, 6, 30))[0] is how
    assert renewal(date(2026, 6, 30), on, begin, None)[0] is Renewal.NOTHING


def test_a_review_is_never_new(app: Flask, firms: list[Enterprise]) -> None:
    row = queries.recognitions_of(ALL, [firms[0].id])[firms[0].id][0]
    with pytest.raises(actions.Refused):
        review(recognition=row, enterprise=firms[0], draft=StepDraft("reviewed", TODAY, result="passed"), begin=None, end=None, by=SYSTEM)
    draft = StepDraft("reviewed", TODAY, result="passed", document="鲁工信〔2025〕3号")
    _, after = review(recognition=row, enterprise=firms[0], draft=draft, begin=None, end=date(2028, 6, 30), by=SYSTEM)
    assert (after.batch_year, after.valid_to) == (2023, date(2028, 6, 30))
    assert not queries.count_by_town(ALL, any_level("srdi"), CountKind.NEW, TODAY)
    late = queries.recognitions_of(ALL, [firms[1].id])[firms[1].id][0]
    clock.freeze(clock.end_of_day(date(2025, 9, 1)))
    _, again = review(recognition=late, enterprise=firms[1], draft=StepDraft("reviewed", date(2025, 9, 1), result="passed"), begin=None, end=date(2028, 8, 31), by=SYSTEM)
    assert (again.batch_year, again.valid_from) == (2025, date(2025, 9, 1))
    assert not queries.count_by_town(ALL, any_level("srdi"), CountKind.NEW, date(2025, 9, 1))
    assert queries.held_titles([firms[1].id], date(2025, 7, 1))[firms[1].id] == set()


def test_a_failed_review_changes_no_count(app: Flask, firms: list[Enterprise]) -> None:
    row = queries.recognitions_of(ALL, [firms[0].id])[firms[0].id][0]
    _, after = review(recognition=row, enterprise=firms[0], draft=StepDraft("reviewed", TODAY, result="failed", reason="营收不达标"), begin=None, end=None, by=SYSTEM)
    assert after.id == row.id
    told = events.history(events.events_of(ALL, firms[0].id), [after])
    assert [(s.kind, s.label) for s in told] == [("announced", "认定"), ("reviewed", "复核（未通过）")]


def test_a_change_keeps_the_identity(app: Flask, firms: list[Enterprise]) -> None:
    draft = StepDraft("changed", TODAY, change="renamed", old_text="甲", new_text="乙", document="变更备案〔2025〕1号")
    record_step(enterprise=firms[0], identity=("srdi", "province", 2023), draft=draft, by=SYSTEM)
    assert one()["all"] == 5
    assert events.history(events.events_of(ALL, firms[0].id), ())[0].told == "甲 → 乙"


As = Callable[[str], Browser]


def test_the_pages_lead_from_a_count_to_its_rows(app: Flask, firms: list[Enterprise], as_: As) -> None:
    page = as_("bureau").get("/ladder/batches").text
    for url, count in re.findall(r'href="(/ladder/batches/srdi[^"]+state=[^"]+)"[^>]*>(\d+)</a>', page):
        rows = as_("bureau").get(url.replace("&amp;", "&")).text
        assert len(re.findall('class="freeze-first row-title"', rows)) == int(count), url
    assert "还没有认定批次" in as_("stranger").get("/ladder/batches").text


def post(browser: Browser, url: str, **data: Any) -> Any:
    return browser.post(url, data=data, follow_redirects=True)


def test_a_batch_is_entered_and_corrected_on_the_page(app: Flask, firms: list[Enterprise], as_: As) -> None:
    bureau, data = as_("bureau"), {"title_code": "srdi", "batch_year": "2023", "issuer": "省工业和信息化厅", "announced_on": "2023-07-01"}
    answer = post(bureau, "/ladder/batches/new", **data)
    assert answer.status_code == 200 and "已保存" in answer.text and "省工业和信息化厅" in answer.text
    assert bureau.post("/ladder/batches/new", data=data).status_code == 422
    assert as_("county").post("/ladder/batches/new", data=data).status_code == 403
    assert "由市局维护" in as_("county").get("/ladder/batches/new").text


def test_a_review_is_entered_on_the_page(app: Flask, firms: list[Enterprise], as_: As) -> None:
    row = queries.recognitions_of(ALL, [firms[0].id])[firms[0].id][0]
    url = f"/ladder/enterprises/{firms[0].id}/steps/new?recognition={row.id}"
    assert as_("county").post(url, data={"kind": "reviewed", "happened_on": "2025-05-30", "result": "passed"}).status_code == 422
    answer = post(as_("county"), url, kind="reviewed", happened_on="2025-05-30", result="passed", valid_to="2028-06-30", document="鲁工信〔2025〕3号")
    assert "复核（通过）" in answer.text and "2028-06-30" in answer.text
    assert as_("county").get(f"/ladder/enterprises/{firms[1].id}/steps/new?recognition={row.id}").status_code == 404
