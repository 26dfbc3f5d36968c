"""Deadlines speak at their moments, each step once, to whoever is there; what is done or moved speaks no more."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.identity.models import Post, User
from app.infra.db import db
from app.reminders.actions import collecting, firing
from app.reminders.models import Delivery, DueRow, Notice, Preference
from tests.factories import reminders as make
from tests.factories.reminders import Announcer, heard, pass_to, person

LEADS = "2026-04-17 08:30"


@pytest.fixture
def demands(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Announcer:
    """Due on Monday 2026-04-20: told 3 and 1 days before (the Friday, both), on the day, 1, 3 and 7 days after, up after 1, 3 and 10."""
    pass_to("2026-04-10 09:00")
    return make.announcer(monkeypatch)


def run() -> None:
    """One round as the scheduler does it."""
    collecting.collect_stale()
    firing.fire_all()


def everything(first: str, days: int) -> None:
    pass_to(first)
    for _ in range(days):
        run()
        make.later(days=1)


def test_each_step_speaks_once_to_the_one_who_acts(demands: Announcer) -> None:
    demands.add()
    everything("2026-04-10 09:00", 30)
    assert heard("county") == ["lead1", "day", "over1", "over3", "over7"]
    assert heard("bureau") == ["up3-city"]
    assert heard("leader") == ["up10-leader"]
    assert heard("zone") == heard("town") == heard("department") == []


def test_nothing_speaks_before_its_moment_and_an_idle_look_finds_nothing(demands: Announcer) -> None:
    demands.add()
    collecting.collect_stale()
    pass_to("2026-04-17 08:29")
    assert not firing.waiting()
    pass_to(LEADS)
    assert firing.waiting()
    assert firing.fire_all() == 1
    assert not firing.waiting()
    assert firing.fire_all() == 0
    assert heard("county") == ["lead1"]


def test_missed_steps_are_made_up_for_once(demands: Announcer) -> None:
    demands.add()
    collecting.collect_stale()
    pass_to("2026-05-20 10:00")
    run()
    assert heard("county") == ["over7"]
    assert heard("bureau") == ["up3-city"]


def test_what_is_done_is_silent_even_when_nobody_collected_meanwhile(demands: Announcer) -> None:
    demands.add()
    collecting.collect_stale()
    demands.items.clear()
    pass_to("2026-04-20 09:00")  # a new day: whoever wants to speak looks first
    firing.fire_all()
    assert heard("county") == []
    assert make.row().state == "closed"


def test_a_moved_day_speaks_anew_and_the_row_stays_one(demands: Announcer) -> None:
    demands.add()
    pass_to("2026-04-20 09:00")
    run()
    demands.items.clear()
    demands.add(due_on=date(2026, 5, 20))
    make.later(days=1)
    run()
    row = make.row()
    assert (row.due_on, row.plan_on, row.state) == (date(2026, 5, 20), date(2026, 5, 20), "open")
    everything("2026-05-18 09:00", 3)
    assert heard("county") == ["day", "lead3", "lead1", "day"]


def test_moving_back_to_an_old_day_does_not_repeat_what_was_said(demands: Announcer) -> None:
    first = demands.add()
    pass_to("2026-04-20 09:00")
    run()
    demands.items[:] = []
    demands.add(due_on=date(2026, 6, 1))
    make.later(days=1)
    run()
    demands.items[:] = [first]
    pass_to("2026-04-20 11:00")
    collecting.collect("demands")
    firing.fire_all()
    assert heard("county") == ["day"]


def test_two_schedulers_at_once_say_it_once(demands: Announcer) -> None:
    demands.add()
    collecting.collect_stale()
    pass_to("2026-04-20 09:00")
    row = make.row()
    seen = row.next_at
    db.session.execute(update(DueRow).values(next_at=None))  # the other one was first
    row.next_at = seen
    db.session.expire_all()
    db.session.commit()
    firing.fire_all()
    assert heard("county") == []
    db.session.execute(update(DueRow).values(next_at=seen, spoken_until=None))
    db.session.commit()
    firing.fire_all()
    db.session.execute(update(DueRow).values(next_at=seen, spoken_until=None))  # as if a restored backup forgot that it spoke
    db.session.commit()
    firing.fire_all()
    assert heard("county") == ["day"]


def test_somebody_stands_in_for_who_is_away(demands: Announcer) -> None:
    demands.add(user_id=person("expert").id, team_id=1)
    pass_to("2026-04-17 09:00")
    run()
    assert heard("expert") == ["lead1"]
    db.session.execute(update(User).where(User.id == person("expert").id).values(disabled_at=make.at("2026-04-18 08:00")))
    db.session.commit()
    pass_to("2026-04-20 09:00")
    run()
    assert heard("expert") == ["lead1"]
    assert heard("county") == ["day"]
    db.session.execute(update(Post).where(Post.role_code == "county_officer").values(valid_to=date(2026, 4, 20)))
    db.session.commit()
    pass_to("2026-04-21 09:00")
    run()
    assert heard("bureau") == ["over1"]


def test_a_closed_item_that_comes_back_is_the_same_row(demands: Announcer) -> None:
    item = demands.add()
    run()
    demands.items.clear()
    make.later(days=1)
    run()
    demands.items.append(item)
    make.later(days=1)
    run()
    assert make.row().state == "open"


def test_a_flood_becomes_one_summary_and_one_mail(demands: Announcer, app: Flask) -> None:
    from app.infra import crypto

    user = person("county")
    db.session.add(Preference(user_id=user.id, mail_mode="each", mail_cipher=crypto.encrypt("a@b.cn"), sms_mode="none"))
    db.session.commit()
    for number in range(30):
        demands.add(f"demand:{number}")
    pass_to("2026-04-20 09:00")
    run()
    notices = db.session.scalars(select(Notice).where(Notice.user_id == user.id)).all()
    assert len([one for one in notices if one.folded]) == 30
    assert [one.step for one in notices if not one.folded] == ["flood"]
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 1


def test_a_kind_without_a_rule_is_on_the_desk_and_silent(demands: Announcer) -> None:
    demands.add(kind="unheard_of")
    pass_to("2026-04-20 09:00")
    run()
    row = make.row()
    assert (row.state, row.next_at) == ("open", None)
    assert heard("county") == []


def test_a_failing_capability_disturbs_no_other(demands: Announcer, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.kernel import due
    from app.reminders.models import Refresh

    def broken(_today: date, _scope: object) -> object:
        raise ValueError("boom")

    monkeypatch.setitem(due._providers, "broken", broken)  # type: ignore[arg-type]
    demands.add()
    run()
    assert make.row().state == "open"
    assert "boom" in (db.session.get(Refresh, "broken").error or "")  # type: ignore[union-attr]


def test_an_unchanged_house_is_not_collected_again(demands: Announcer) -> None:
    demands.add()
    run()
    before = make.row().version
    calls = []
    demands.items[:] = []
    original = type(demands).__call__
    type(demands).__call__ = lambda self, *a: calls.append(1) or original(self, *a)  # type: ignore[method-assign]
    try:
        collecting.collect_stale()
    finally:
        type(demands).__call__ = original  # type: ignore[method-assign]
    assert not calls
    assert make.row().version == before
