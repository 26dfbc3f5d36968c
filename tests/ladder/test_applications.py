"""申报: from the window to the recognition; one step per click, two tabs get words, counts open their rows."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.ladder.actions import applications as acting
from app.ladder.models import Application, ApplicationEvent, ApplicationItem, ApplicationWindow, Recognition
from tests.factories import ladder as make

Pages = Callable[[str], Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def window(app: Flask) -> ApplicationWindow:
    """The little giant batch of 2026, open on 2026-05-06."""
    clock.freeze(datetime(2026, 5, 6, 4, tzinfo=UTC))
    draft = acting.WindowDraft(
        "little_giant", "nation", "new", 2026, "第八批", date(2026, 4, 25), date(2026, 5, 25), date(2026, 6, 10), date(2026, 6, 25), None, None, True,
    )
    row = acting.open_window(city_id=make.area("371500").id, draft=draft, by=SYSTEM)
    db.session.commit()
    return row


def firm(name: str = "东昌轴承有限公司", town: str = "371502001") -> Any:
    row = make.firm(make.area(town), name=name)
    make.recognition(row, "srdi", level="province", valid_from=date(2025, 1, 1), valid_to=date(2027, 12, 31))
    db.session.commit()
    return row


def put_in(window: ApplicationWindow, *firms: Any) -> list[Application]:
    added = acting.add_candidates(window=window, enterprises=list(firms), by=SYSTEM)
    db.session.commit()
    return [db.session.get_one(Application, id_) for id_ in added.application_ids]


def post(browser: Any, row: Application, step: str, **more: Any) -> Any:
    db.session.refresh(row)
    where = "decision" if step in ("recommend", "not_recommend", "refuse", "city_return", "reopen") else "step"
    return browser.post(f"/ladder/applications/{row.id}/{where}", data={"step": step, "version": row.version, **more})


def test_the_whole_way_from_window_to_recognition(window: Any, pages: Pages, as_: Any) -> None:
    one = firm()
    assert as_("county").post(f"/ladder/applications/windows/{window.id}/add", data={"codes": one.credit_code}).status_code == 303
    row = db.session.scalars(select(Application)).one()
    page = pages("county").get(f"/ladder/applications/{row.id}", statements=30)
    assert "专精特新" in page.text and "审计报告" in page.text and "倒排时间" in page.text
    county, bureau = as_("county"), as_("bureau")
    assert post(county, row, "submit").status_code == 303
    assert post(county, row, "county_pass", reason="实地核查通过").status_code == 303
    assert post(bureau, row, "recommend", reason="聊工信〔2026〕9号").status_code == 303
    db.session.refresh(row)
    clock.freeze(datetime(2026, 9, 1, 4, tzinfo=UTC))
    grant = {"document": "工信部〔2026〕88号", "announced_on": "2026-08-20", "valid_from": "2026-09-01", "valid_to": "2029-08-31", "version": row.version}
    assert as_("bureau").post(f"/ladder/applications/{row.id}/grant", data=grant).status_code == 303
    db.session.refresh(row)
    recognition = db.session.get_one(Recognition, row.recognition_id)
    assert (row.state, recognition.title_code, recognition.level, recognition.batch_year) == ("granted", "little_giant", "nation", 2026)
    assert [event.to_state for event in db.session.scalars(select(ApplicationEvent).order_by(ApplicationEvent.id))] == [
        "preparing", "submitted", "county_passed", "recommended", "granted",
    ]


def test_a_double_click_takes_one_step(window: Any, as_: Any) -> None:
    row = put_in(window, firm())[0]
    data = {"step": "submit", "version": row.version}
    county = as_("county")
    assert [county.post(f"/ladder/applications/{row.id}/step", data=data).status_code for _ in range(2)] == [303, 303]
    assert len(db.session.scalars(select(ApplicationEvent)).all()) == 2


def test_a_second_tab_is_told_in_words_and_changes_nothing(window: Any, as_: Any) -> None:
    row = put_in(window, firm())[0]
    version = row.version
    assert post(as_("county"), row, "submit").status_code == 303
    late = as_("bureau").post(f"/ladder/applications/{row.id}/step", data={"step": "withdraw", "version": version, "reason": "不报了"})
    assert late.status_code == 409 and "刷新页面" in late.get_data(as_text=True)
    db.session.refresh(row)
    assert row.state == "submitted"


def test_steps_out_of_order_or_without_a_reason_are_refused(window: Any, as_: Any) -> None:
    row = put_in(window, firm())[0]
    assert post(as_("bureau"), row, "recommend").status_code == 409
    assert post(as_("county"), row, "withdraw").status_code == 422
    assert post(as_("county"), row, "nonsense").status_code == 422
    assert as_("county").post(f"/ladder/applications/{row.id}/decision", data={"step": "recommend", "version": row.version}).status_code == 403


def test_strangers_find_nothing(window: Any, as_: Any) -> None:
    row = put_in(window, firm())[0]
    for stranger in ("stranger", "stranger_city"):
        browser = as_(stranger)
        assert browser.get(f"/ladder/applications/{row.id}").status_code == 404
        assert browser.post(f"/ladder/applications/{row.id}/step", data={"step": "submit", "version": row.version}).status_code == 404
    assert as_("stranger_city").get(f"/ladder/applications/windows/{window.id}").status_code == 404
    assert "东昌轴承" not in as_("stranger").get(f"/ladder/applications/windows/{window.id}").get_data(as_text=True)


def test_counts_by_state_open_their_rows(window: Any, pages: Pages) -> None:
    rows = put_in(window, firm("甲有限公司"), firm("乙有限公司"), firm("丙有限公司", "371522001"))
    acting.take_step(application=rows[0], enterprise=db.session.get_one(type(firm("x")), rows[0].enterprise_id), step="submit", version=1, reason=None, by=SYSTEM)
    db.session.commit()
    page = pages("bureau").get("/ladder/applications/", statements=24)
    links = [e for e in page.all("a") if e.attributes.get("class") == "count-link"]
    assert links
    for link in links:
        opened = pages("bureau").get(link.attributes["href"], statements=24)
        assert len(opened.all("th", scope="row")) == int(link.text)
    assert "丙有限公司" not in pages("county").get(f"/ladder/applications/windows/{window.id}", statements=24).text


def test_evidence_with_a_file_settles_every_condition_of_that_paper(window: Any, as_: Any) -> None:
    row = put_in(window, firm())[0]
    item = db.session.scalars(select(ApplicationItem).where(ApplicationItem.material == "audit_report")).first()
    assert item is not None
    data = {"state": "missing", "alike": "1", "note": "2025年度", "file": (io.BytesIO(b"%PDF-1.4 audit"), "审计报告.pdf")}
    assert as_("county").post(f"/ladder/applications/{row.id}/items/{item.id}", data=data, content_type="multipart/form-data").status_code == 303
    states = set(db.session.scalars(select(ApplicationItem.state).where(ApplicationItem.material == "audit_report")))
    assert states == {"ready"}
    page = as_("contact").get(f"/ladder/applications/{row.id}")
    assert page.status_code == 404 or "审计报告.pdf" in page.get_data(as_text=True)
    html = as_("county").get(f"/ladder/applications/{row.id}").get_data(as_text=True)
    link = html.split(f'href="/ladder/applications/{row.id}/files/')[1].split('"')[0]
    answer = as_("county").get(f"/ladder/applications/{row.id}/files/{link}")
    assert answer.data == b"%PDF-1.4 audit" and "attachment" in answer.headers["Content-Disposition"]
    assert as_("stranger").get(f"/ladder/applications/{row.id}/files/{link}").status_code == 404


def test_a_script_is_no_evidence(window: Any, as_: Any) -> None:
    row = put_in(window, firm())[0]
    item = db.session.scalars(select(ApplicationItem)).first()
    data = {"state": "ready", "file": (io.BytesIO(b"<script>"), "a.html")}
    assert as_("county").post(f"/ladder/applications/{row.id}/items/{item.id}", data=data, content_type="multipart/form-data").status_code == 422


def test_the_same_enterprise_is_added_once(window: Any) -> None:
    one = firm()
    put_in(window, one)
    assert acting.add_candidates(window=window, enterprises=[one], by=SYSTEM).known == 1


def test_the_same_batch_is_set_up_once(window: Any, as_: Any) -> None:
    data = {
        "title_code": "little_giant", "level": "nation", "kind": "new", "batch_year": "2026", "batch": "第八批", "opens_on": "2026-04-25", "closes_on": "2026-05-25",
    }
    answer = as_("bureau").post("/ladder/applications/windows/new", data=data)
    assert answer.status_code == 422 and "已经建过" in answer.get_data(as_text=True)
    assert as_("bureau").post("/ladder/applications/windows/new", data=data | {"batch": "补报"}).status_code == 303
    assert as_("county").post("/ladder/applications/windows/new", data=data).status_code == 403


def test_the_recommendation_table_is_a_workbook(window: Any, as_: Any) -> None:
    put_in(window, firm())
    answer = as_("bureau").post(f"/ladder/applications/windows/{window.id}/export")
    assert answer.status_code == 200 and answer.mimetype == XLSX


def test_the_calendar_proposes_what_is_not_set_up(window: Any, pages: Pages) -> None:
    page = pages("bureau").get("/ladder/applications/", statements=24)
    assert "创新型中小企业" in page.text and "核对日期并建立" in page.text
    links = [e.attributes["href"] for e in page.all("a") if "calendar=" in e.attributes.get("href", "")]
    assert pages("bureau").get(links[0], statements=24).text


def test_candidates_come_from_the_stored_verdicts_and_leave_the_list(window: Any, pages: Pages, as_: Any) -> None:
    page = pages("bureau").get(f"/ladder/applications/windows/{window.id}/candidates?state=one_short", statements=24)
    assert "候选企业" in page.h1
    assert as_("bureau").get(f"/ladder/applications/windows/{window.id}/candidates?cursor=x").status_code == 422


def test_a_window_of_another_year_is_judged_by_its_own_years(app: Flask, pages: Pages) -> None:
    """2026-11-20, window in May 2027: 2025 is over, 2026 still runs; a shortfall of 2024 does not count against it."""
    clock.freeze(datetime(2026, 11, 20, 4, tzinfo=UTC))
    draft = acting.WindowDraft("srdi", "province", "new", 2027, "", date(2027, 3, 1), date(2027, 4, 30), None, None, None, None, False)
    window = acting.open_window(city_id=make.area("371500").id, draft=draft, by=SYSTEM)
    one = firm()
    for year, rd in ((2024, 10), (2025, 900)):
        make.figures(one, year, 100_000_000, rd_expense_yuan=rd * 10_000)
    row = put_in(window, one)[0]
    page = pages("bureau").get(f"/ladder/applications/{row.id}", statements=30)
    assert "2024 年度已经结束" not in page.text and "2026 年度数据要到年度终了才有" in page.text
    assert "2027 年的放假安排还没有公布" in page.text


def test_what_waits_for_a_step_is_on_the_home_page_and_opens_its_rows(window: Any, pages: Pages, as_: Any) -> None:
    rows = put_in(window, firm("甲有限公司"), firm("乙有限公司"))
    for row in rows:
        assert post(as_("county"), row, "submit").status_code == 303
    page = pages("county").get("/", statements=30)
    assert "待县级审核的申报 2 项" in page.text.replace("\u3000", " ") or "待县级审核的申报" in page.text
    opened = pages("county").get("/ladder/applications/waiting?state=submitted", statements=24)
    assert len(opened.all("th", scope="row")) == 2
    assert "待县级审核的申报" not in pages("stranger").get("/", statements=30).text


def test_an_enterprise_sees_its_own_application_and_changes_nothing(window: Any, pages: Pages, as_: Any) -> None:
    own, other = firm("本企业有限公司"), firm("别家有限公司")
    assert own.id == 1  # the enterprise of the persona
    rows = put_in(window, own, other)
    page = pages("contact").get(f"/ladder/applications/{rows[0].id}", statements=30)
    assert "申报材料清单" in page.text and not page.all("button", type="submit")[1:]
    listed = pages("contact").get(f"/ladder/applications/windows/{window.id}", statements=24)
    assert "本企业有限公司" in listed.text and "别家有限公司" not in listed.text
    assert as_("contact").get(f"/ladder/applications/{rows[1].id}").status_code == 404
    assert as_("contact").post(f"/ladder/applications/{rows[0].id}/step", data={"step": "submit", "version": 1}).status_code == 403


def test_hostile_words_are_shown_as_words(window: Any, pages: Pages, as_: Any) -> None:
    row = put_in(window, firm())[0]
    evil = "<script>alert(1)</script>=cmd|' /C calc'!A0"
    assert post(as_("county"), row, "withdraw", reason=evil).status_code == 303
    page = pages("bureau").get(f"/ladder/applications/{row.id}", statements=30)
    assert evil in page.text and "<script>alert(1)" not in page.html
    assert as_("bureau").post(f"/ladder/applications/windows/{window.id}/export").status_code == 200


@pytest.mark.parametrize("data", [
    {"step": "submit"}, {"step": "submit", "version": "x"}, {"step": "submit", "version": "999999999999999999999"}, {"step": "submit", "version": "7"},
])
def test_a_step_without_the_page_it_was_taken_from_is_refused(window: Any, as_: Any, data: dict[str, str]) -> None:
    row = put_in(window, firm())[0]
    assert as_("county").post(f"/ladder/applications/{row.id}/step", data=data).status_code == 409


@pytest.mark.parametrize("change", [
    {"closes_on": "2026-04-01"}, {"opens_on": "不是日期"}, {"batch_year": "99999"}, {"title_code": "nonsense"}, {"level": "city"}, {"city_due_on": "2026-01-01"},
    {"opens_on": ""},
])
def test_a_window_that_cannot_be_is_refused_on_its_field(window: Any, as_: Any, change: dict[str, str]) -> None:
    data = {
        "title_code": "little_giant", "level": "nation", "kind": "new", "batch_year": "2026", "batch": "二", "opens_on": "2026-04-25", "closes_on": "2026-05-25",
    }
    assert as_("bureau").post("/ladder/applications/windows/new", data=data | change).status_code == 422


def test_pasted_codes_out_of_reach_add_nobody(window: Any, as_: Any) -> None:
    near, far = firm("甲有限公司"), firm("丙有限公司", "371522001")
    answer = as_("county").post(f"/ladder/applications/windows/{window.id}/add", data={"codes": f"{near.credit_code}\n{far.credit_code}\n乱写"})
    assert answer.status_code == 422 and "丙有限公司" not in answer.get_data(as_text=True)
    assert not db.session.scalars(select(Application)).all()


def test_a_grant_that_cannot_be_recorded_leaves_the_application_where_it_was(window: Any, as_: Any) -> None:
    row = put_in(window, firm())[0]
    for who, step in (("county", "submit"), ("county", "county_pass"), ("bureau", "recommend")):
        assert post(as_(who), row, step).status_code == 303
    db.session.refresh(row)
    wrong = {"document": "文号", "announced_on": "2026-05-06", "valid_from": "2026-05-06", "valid_to": "2020-01-01", "version": row.version}
    assert as_("bureau").post(f"/ladder/applications/{row.id}/grant", data=wrong).status_code == 422
    assert as_("bureau").post(f"/ladder/applications/{row.id}/grant", data=wrong | {"announced_on": "2030-01-01", "valid_to": ""}).status_code == 422
    db.session.refresh(row)
    assert row.state == "recommended" and not db.session.scalars(select(Recognition).where(Recognition.title_code == "little_giant")).all()


def test_a_recognition_already_imported_is_taken_over(window: Any, as_: Any) -> None:
    one = firm()
    row = put_in(window, one)[0]
    for who, step in (("county", "submit"), ("county", "county_pass"), ("bureau", "recommend")):
        assert post(as_(who), row, step).status_code == 303
    known = make.recognition(one, "little_giant", level="nation", batch_year=2026, valid_from=date(2026, 5, 1), valid_to=date(2029, 4, 30))
    db.session.refresh(row)
    data = {"document": "文号", "announced_on": "2026-05-06", "version": row.version}
    answers = [as_("bureau").post(f"/ladder/applications/{row.id}/grant", data=data).status_code for _ in range(2)]
    db.session.refresh(row)
    assert answers == [303, 303] and row.recognition_id == known.id


def test_a_step_is_not_dated_before_the_one_it_follows(window: Any, as_: Any) -> None:
    row = put_in(window, firm())[0]
    assert post(as_("county"), row, "submit", on_day="2026-05-01").status_code == 422
    assert post(as_("county"), row, "submit", on_day="2026-05-07").status_code == 422


def test_a_title_without_criteria_has_papers_and_no_candidates(app: Flask, pages: Pages) -> None:
    clock.freeze(datetime(2026, 5, 6, 4, tzinfo=UTC))
    draft = acting.WindowDraft("dcmm", "", "new", 2026, "", date(2026, 5, 1), date(2026, 5, 25), None, None, None, None, True)
    batch = acting.open_window(city_id=make.area("371500").id, draft=draft, by=SYSTEM)
    row = put_in(batch, firm())[0]
    assert row.verdict is None
    page = pages("bureau").get(f"/ladder/applications/{row.id}", statements=30)
    assert "营业执照" in page.text and "不作判断" in page.text
    assert "没有认定条件版本" in pages("bureau").get(f"/ladder/applications/windows/{batch.id}/candidates", statements=24).text


def test_the_gap_card_and_the_board_lead_to_the_window_with_the_firm_filled_in(window: Any, pages: Pages) -> None:
    one, browser = firm(), pages("county")
    where = f"/ladder/applications/windows/{window.id}/add?enterprise={one.id}"
    assert where in browser.get(f"/enterprises/{one.id}/gaps", statements=40).links
    assert where in browser.get(f"/ladder/enterprises/{one.id}/move?ladder=national&to=little_giant", statements=30).links
    assert one.credit_code in browser.get(where, statements=30).html
    elsewhere = firm("莘县轴承有限公司", "371522001")
    assert elsewhere.credit_code not in browser.get(f"/ladder/applications/windows/{window.id}/add?enterprise={elsewhere.id}", statements=30).html
    assert where not in pages("leader").get(f"/enterprises/{one.id}/gaps", statements=40).links


def test_pages_outside_the_menu_stand_under_their_entry(app: Flask, pages: Pages) -> None:
    for path, entry in (("/ladder/impact", "政策包"), ("/ladder/pools/screening", "培育库"), ("/ladder/gap-list", "差距清单"), ("/ladder/gaps", "梯度看板")):
        current = [e.text.strip() for e in pages("bureau").get(path, statements=40).all("a") if e.attributes.get("aria-current") == "page"]
        assert entry in current, (path, current)
