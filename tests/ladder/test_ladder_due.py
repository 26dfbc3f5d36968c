"""Deadlines the ladder announces: each once, within the scope, leading to a page."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL, NOTHING, Scope
from app.ladder.actions import applications as acting
from app.ladder.due import due_items
from tests.factories import ladder as make

TODAY = date(2026, 4, 10)


@pytest.fixture
def firm(app: Flask) -> object:
    """On 2026-04-10: a title that runs out in June and owes its update by 31 May, and an application in an open window."""
    clock.freeze(datetime(2026, 4, 10, 4, tzinfo=UTC))
    row = make.firm(make.area("371502001"), name="甲有限公司")
    make.recognition(row, "srdi", level="province", valid_from=date(2023, 7, 1), valid_to=date(2026, 6, 30))
    draft = acting.WindowDraft(
        "little_giant", "nation", "new", 2026, "", date(2026, 4, 1), date(2026, 5, 25), date(2026, 6, 10), date(2026, 8, 30), None, None, True,
    )
    window = acting.open_window(city_id=make.area("371500").id, draft=draft, by=SYSTEM)
    acting.add_candidates(window=window, enterprises=[row], by=SYSTEM)
    db.session.commit()
    return row


def test_every_deadline_is_announced_once_with_its_day(firm: object) -> None:
    found = list(due_items(TODAY, ALL))
    assert {(item.kind, item.due_on) for item in found} == {
        ("title_expires", date(2026, 6, 30)), ("yearly_duty", date(2026, 5, 31)), ("window_closes", date(2026, 5, 25)),
        ("county_check_due", date(2026, 6, 10)), ("application_preparing", date(2026, 5, 25)),
    }
    assert len({item.key for item in found}) == len(found)


def test_another_county_hears_of_the_window_and_of_no_firm(firm: object) -> None:
    found = list(due_items(TODAY, Scope(unit_ids=frozenset({make.area("371522").id}))))
    assert {item.kind for item in found} == {"window_closes", "county_check_due"}
    assert not list(due_items(TODAY, NOTHING))


def test_they_lead_to_pages(firm: object, app: Flask) -> None:
    with app.test_request_context():
        from flask import url_for

        assert all(url_for(item.endpoint, **item.arguments) for item in due_items(TODAY, ALL))  # type: ignore[arg-type]
