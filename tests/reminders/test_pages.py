"""Rules, subscriptions, links, the banner and the commands: what each role gets, and nothing else."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.infra import clock, ticks
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.packs import read_pack
from app.policies import actions as packs
from app.policies.queries import active_pack, latest_version
from app.reminders.actions import choosing, collecting, firing
from app.reminders.models import CalendarLink
from tests.factories import reminders as make
from tests.factories.reminders import heard, pass_to, person
from tests.reminders.samples import item

As = Callable[[str], FlaskClient]


def rule_form(**more: str) -> dict[str, str]:
    version = latest_version("liaocheng")
    assert version is not None
    return {
        "lead_days": "10", "overdue_days": "2", "on_day": "y", "first": "unit", "second": "city", "escalate": "5 市局", "reason": "按本市要求",
        "version_id": str(version.id), **more,
    }


@pytest.fixture
def pack(app: Flask) -> None:
    pass_to("2026-04-01 09:00")
    packs.load_files(read_pack("liaocheng"), by=SYSTEM)
    db.session.commit()


def test_a_changed_rule_moves_what_is_planned(pack: None, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    demands = make.announcer(monkeypatch)
    demands.add()
    collecting.collect_stale()
    before = make.row().next_at
    assert as_("bureau").post("/reminders/rules/demands.solve_due", data=rule_form()).status_code == 303
    collecting.collect_stale()
    assert make.row().next_at == make.at("2026-04-10 08:30") != before
    pass_to("2026-04-10 09:00")
    firing.fire_all()
    assert heard("county") == ["lead10"]


def test_a_rule_is_refused_in_words_and_keeps_what_was_typed(pack: None, as_: As) -> None:
    bureau = as_("bureau")
    for wrong in ({"lead_days": "三天"}, {"escalate": "5 天王"}, {"text": "{nobody}"}, {"at": "25:00"}, {"reason": ""}, {"lead_days": "5000"}):
        response = bureau.post("/reminders/rules/demands.solve_due", data=rule_form(note="x", **wrong))
        assert response.status_code == 422, wrong
        assert all(value in response.text for value in wrong.values() if value)
    rule = active_pack("liaocheng").entry("reminders", "demands.solve_due")
    assert rule.lead_days == (3, 1)  # type: ignore[attr-defined]
    stale = bureau.post("/reminders/rules/demands.solve_due", data=rule_form(version_id="0"))
    assert stale.status_code == 409


def test_rules_belong_to_the_bureau(app: Flask, as_: As) -> None:
    for persona in ("county", "leader", "town", "expert", "contact", "system"):
        for path in ("rules", "rules/demands.solve_due", "rules-today", "channels", "sendings"):
            assert as_(persona).get(f"/reminders/{path}").status_code == 403, (persona, path)
    assert as_("stranger_city").get("/reminders/rules").status_code in (200, 404)


def test_a_subscription_needs_no_login_and_ends_when_revoked(app: Flask, as_: As, client: FlaskClient) -> None:
    item()
    page = as_("county").post("/reminders/settings/links").text
    path = page.partition("/reminders/subscriptions/")[2].partition(".ics")[0]
    address = f"/reminders/subscriptions/{path}.ics"
    answer = client.get(address)
    assert answer.mimetype == "text/calendar"
    assert "的称号到期" in answer.text.replace("\r\n ", "")
    db.session.expire_all()
    link = db.session.query(CalendarLink).one()
    assert path not in link.token_hash
    choosing.revoke_link(link=link, by=SYSTEM)
    db.session.commit()
    assert client.get(address).status_code == 404
    assert client.get("/reminders/subscriptions/unknown.ics").status_code == 404


def test_a_disabled_person_has_no_subscription(app: Flask, as_: As, client: FlaskClient) -> None:
    page = as_("county").post("/reminders/settings/links").text
    path = page.partition("/reminders/subscriptions/")[2].partition(".ics")[0]
    person("county").disabled_at = clock.now()
    db.session.commit()
    assert client.get(f"/reminders/subscriptions/{path}.ics").status_code == 404


def test_a_deep_link_survives_the_login(app: Flask, client: FlaskClient) -> None:
    row = item()
    answer = client.get(f"/reminders/items/{row.id}?span=overdue")
    assert answer.headers["Location"] == f"/login?next=/reminders/items/{row.id}?span%3Doverdue"


def test_the_banner_speaks_only_of_real_silence(app: Flask, as_: As) -> None:
    pulse = app.extensions["yumiao_pulse"]
    try:
        pulse.look()
        assert "提醒任务" not in as_("county").get("/").text, "the scheduler may be starting, too"
        clock.freeze(clock.now() + timedelta(minutes=30))
        assert "提醒任务还没有运行过" in as_("county").get("/").text
        ticks.run("reminders.fire")
        pulse.look()
        assert "提醒任务" not in as_("county").get("/").text
        clock.freeze(clock.now() + timedelta(hours=3))
        assert "提醒任务已 3 小时没有运行" in as_("county").get("/").text
    finally:
        pulse.known = False


def test_commands_run_a_round_and_examine_the_house(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YUMIAO_NOW", raising=False)
    runner = app.test_cli_runner()
    done = runner.invoke(args=["reminders", "run-once", "--json"])
    assert done.exit_code == 0
    assert set(json.loads(done.output)) == {"at", "collected", "told", "fired", "summaries", "delivered"}
    assert runner.invoke(args=["reminders", "run-once", "--now", "gestern"]).exit_code == 2
    found = runner.invoke(args=["doctor", "--json"])
    lines = [json.loads(line) for line in found.output.splitlines() if line.startswith("{")]
    assert found.exit_code == 1
    assert {"定时进程", "后台任务", "邮件", "外发消息", "事项收集", "节假日", "政策包", "磁盘"} == {line["subject"] for line in lines}
    ticks.run("reminders.fire")
    assert runner.invoke(args=["doctor"]).exit_code == 0
