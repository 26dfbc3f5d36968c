"""今日动态: three risks that open exactly their rows, and the visits of the day, within one's own area."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from app.infra import clock
from tests.factories import ladder as make
from tests.reminders.samples import item

As = Callable[[str], FlaskClient]


def test_risks_open_exactly_their_rows(app: Flask, as_: As) -> None:
    late = clock.today() - timedelta(days=3)
    rows = [item(due_on=late, plan_on=late) for _ in range(3)]
    item(supervised_at=clock.now())
    other = make.firm(make.area("371522001"))
    item(due_on=late, plan_on=late, enterprise_id=other.id, unit_id=other.unit_id, town_id=other.town_id, subject="elsewhere")
    for persona, count in (("leader", 4), ("county", 3), ("stranger", 1)):
        page = as_(persona).get("/desk/area?span=overdue").text
        assert page.count("逾期 3 天") == count, persona
    assert as_("county").get("/desk/area?span=supervised").text.count("freeze-first row-title") == 1
    assert as_("leader").get("/today").status_code == 200
    assert as_("town").get("/desk/area").headers["Location"].endswith("/desk")
    assert f"/reminders/items/{rows[0].id}" in as_("leader").get("/desk/area?span=overdue&unit=371502").text
    assert f"/reminders/items/{rows[0].id}" not in as_("leader").get("/desk/area?span=overdue&unit=371522").text
