"""What happened is told once, to the first of its people who is there; what is nobody's news is put aside."""

from flask import Flask
from sqlalchemy import select

from app.infra import outbox
from app.infra.db import db
from app.infra.outbox import OutboxRow
from app.kernel.due import providers
from app.reminders.actions import telling
from app.reminders.models import Notice
from app.reminders.rules.happenings import HAPPENINGS
from tests.factories import ladder as make
from tests.factories.reminders import heard, person


def test_a_happening_is_told_once(app: Flask) -> None:
    outbox.publish("visits.request_raised", "request:1:raised", {"request_id": 1, "enterprise_id": 1, "team_id": 1, "enterprise": "甲{0}公司"})
    outbox.publish("visits.unheard_of", "x:1", {"a": 1})
    outbox.publish("visits.request_raised", "request:2:raised", {"request_id": 1})
    db.session.commit()
    assert telling.tell_all() == 1
    assert telling.tell_all() == 0
    for persona in ("team_leader", "expert", "liaison"):
        assert heard(persona) == ["happened"]
    assert {one.title for one in db.session.scalars(select(Notice))} == {"〔服务申请〕甲{0}公司"}
    assert all(row.delivered_at for row in db.session.scalars(select(OutboxRow)))


def test_a_capability_may_say_it_in_its_own_words(app: Flask) -> None:
    unit = make.area("371502").id
    outbox.tell("mine:1", to=[f"unit:{unit}", "user:0"], code="demands.note", title="标题", text="内容", endpoint="workbench.home")
    db.session.commit()
    telling.tell_all()
    assert heard("county") == ["happened"]
    assert heard("stranger") == []


def test_every_happening_leads_to_a_page_that_exists(app: Flask) -> None:
    assert providers()
    for kind, happening in HAPPENINGS.items():
        assert happening.endpoint in app.view_functions, kind
        assert happening.argument[0] in next(app.url_map.iter_rules(happening.endpoint)).arguments, kind
    assert person("county")
