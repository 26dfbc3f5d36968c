"""What people do with their items: only their own, with a note where others read it, once however often the button is pressed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.infra import clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.reminders.actions import collecting, firing
from app.reminders.models import DueNote, DueRow, Notice
from tests.factories import reminders as make
from tests.factories.reminders import Announcer, heard, pass_to, person

As = Callable[[str], FlaskClient]


@pytest.fixture
def item(app: Flask, monkeypatch: pytest.MonkeyPatch) -> DueRow:
    """Due on Monday 2026-04-20, on the desk of 东昌府区."""
    pass_to("2026-04-15 09:00")
    demands: Announcer = make.announcer(monkeypatch)
    demands.add()
    collecting.collect_stale()
    return make.row()


def press(browser: FlaskClient, item: DueRow, step: str, **data: str) -> int:
    return browser.post(f"/reminders/items/{item.id}/{step}", data={"version": str(make.row().version), **data}).status_code


def run_on(moment: str) -> None:
    pass_to(moment)
    collecting.collect_stale()
    firing.fire_all()


def test_done_is_off_the_desk_and_silent_and_can_be_taken_back(item: DueRow, as_: As) -> None:
    county = as_("county")
    assert press(county, item, "done") == 303
    run_on("2026-04-20 09:00")
    assert heard("county") == []
    county = as_("county")
    assert "这里没有待办" in county.get("/desk").text
    assert press(county, item, "reopened") == 303
    run_on("2026-04-21 09:00")
    assert heard("county") == ["over1"]


def test_two_clicks_and_two_people_change_it_once(item: DueRow, as_: As) -> None:
    county = as_("county")
    assert press(county, item, "done") == 303
    assert county.post(f"/reminders/items/{item.id}/done", data={"version": "1"}).status_code == 409
    assert db.session.scalar(select(func.count()).select_from(DueNote)) == 1
    assert db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.type == "reminder.done")) == 1


def test_another_day_speaks_on_that_morning_only(item: DueRow, as_: As) -> None:
    county = as_("county")
    assert press(county, item, "planned", day="2026-04-29") == 303
    assert make.row().plan_on.isoformat() == "2026-04-29"
    for day in range(16, 30):
        run_on(f"2026-04-{day} 09:00")
    assert heard("county") == ["wake20260429"]
    assert heard("bureau") == ["up3-city"]


@pytest.mark.parametrize("day", ("", "2026-04-14", "2099-01-01", "昨天", "2026-02-30"))
def test_a_day_that_makes_no_sense_is_refused_in_words(item: DueRow, as_: As, day: str) -> None:
    response = as_("county").post(f"/reminders/items/{item.id}/planned", data={"version": "1", "day": day, "note": "等企业回复"})
    assert response.status_code == 422
    assert "等企业回复" in response.text
    assert make.row().version == 1


def test_handing_over_moves_it_and_tells_the_other_one(item: DueRow, as_: As) -> None:
    county, bureau = as_("county"), as_("bureau")
    assert press(county, item, "handed", holder=f"user:{person('bureau').id}") == 422
    assert press(county, item, "handed", holder="user:999999", note="请办理") == 422
    assert press(county, item, "handed", holder=f"user:{person('stranger').id}", note="请办理") == 422
    assert press(county, item, "handed", holder=f"user:{person('bureau').id}", note="请市局协调") == 303
    assert heard("bureau") == ["person"]
    assert "请市局协调" in bureau.get("/reminders/").text
    assert item.label in bureau.get("/desk").text
    assert item.label in county.get("/desk/waiting").text
    collecting.collect("demands")
    run_on("2026-04-20 09:00")
    assert heard("bureau") == ["person", "day"]
    assert heard("county") == []


def test_urging_and_supervising_reach_who_acts(item: DueRow, as_: As) -> None:
    bureau = as_("bureau")
    assert press(bureau, item, "urged", note="今天办结") == 303
    assert press(bureau, item, "supervised", note="本周五前办结") == 303
    assert press(bureau, item, "supervised", note="再督") == 409
    assert heard("county") == ["person", "person"]
    assert "督办" in as_("county").get("/desk").text
    assert press(bureau, item, "lifted") == 303


def test_only_those_concerned_may_act_or_look(item: DueRow, as_: As) -> None:
    for stranger in ("stranger", "stranger_city", "town", "department", "contact", "expert"):
        assert as_(stranger).get(f"/reminders/items/{item.id}").status_code == 404
        assert press(as_(stranger), item, "done") == 404
    assert as_("leader").get(f"/reminders/items/{item.id}").status_code == 200
    assert press(as_("leader"), item, "done") == 404
    assert press(as_("leader"), item, "urged") == 404


def test_nobody_reads_anothers_inbox(item: DueRow, as_: As) -> None:
    run_on("2026-04-20 09:00")
    notice = db.session.scalars(select(Notice)).one()
    assert as_("county").get(f"/reminders/messages/{notice.id}").status_code == 200
    assert as_("bureau").get(f"/reminders/messages/{notice.id}").status_code == 404
    assert as_("bureau").post("/reminders/messages/read", data={"ids": str(notice.id)}).status_code == 404
    assert as_("county").post("/reminders/messages/read", data={"ids": str(notice.id)}).status_code == 303
    db.session.expire_all()
    assert db.session.get(Notice, notice.id).read_at is not None  # type: ignore[union-attr]


def test_working_down_a_list_leads_from_one_to_the_next(app: Flask, monkeypatch: pytest.MonkeyPatch, as_: As) -> None:
    pass_to("2026-04-15 09:00")
    demands = make.announcer(monkeypatch)
    for number in range(3):
        demands.add(f"demand:{number}", due_on=clock.today() + timedelta(days=number))
    collecting.collect_stale()
    rows = db.session.scalars(select(DueRow).order_by(DueRow.plan_on)).all()
    county = as_("county")
    page = county.get(f"/reminders/items/{rows[1].id}").text
    assert f'rel="prev" href="/reminders/items/{rows[0].id}"' in page
    assert f'rel="next" href="/reminders/items/{rows[2].id}"' in page
    answer = county.post(f"/reminders/items/{rows[0].id}/done", data={"version": "1"})
    assert answer.headers["Location"].endswith(f"/reminders/items/{rows[1].id}")


def test_the_desk_pages_through_everything_once(app: Flask, monkeypatch: pytest.MonkeyPatch, as_: As) -> None:
    pass_to("2026-04-15 09:00")
    demands = make.announcer(monkeypatch)
    for number in range(45):
        demands.add(f"demand:{number:02}", due_on=clock.today() + timedelta(days=number % 7 - 3))
    collecting.collect_stale()
    from app.reminders.queries import desk

    keys, seen, cursor = {f"unit:{make.row_unit()}", "user:1"}, [], None
    while True:
        page = desk.list_desk(keys, desk.Asked(), cursor, 20)
        seen += [row.id for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 45
    counts = desk.count_desk(keys).by_span
    assert counts[""] == 45
    assert counts["overdue"] + counts["today"] + counts["week"] + counts["later"] == 45
    assert len(desk.list_desk(keys, desk.Asked("overdue"), None, 100).rows) == counts["overdue"]
