"""注销: status and dated event agree, whoever wrote first; counts follow the day, and stored counts follow at once."""

from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from app.enterprises import actions
from app.enterprises.models import Enterprise, EnterpriseEvent
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from app.ladder import queries as ladder
from app.ladder.rules import CountKind, any_level
from tests.factories.enterprises import make_enterprise
from tests.workbench.test_home import grant

SRDI = any_level("srdi")


def in_stock(day: date) -> int:
    return len(ladder.members(ALL, SRDI, CountKind.STOCK, day))


def stored() -> int:
    counts = ladder.stored_counts(ALL, ladder.current_pack(), clock.today())
    assert counts is not None
    return sum(counts.get("title:srdi", {}).values())


def events(enterprise_id: int) -> list[date]:
    wanted = select(EnterpriseEvent.happened_on).where(EnterpriseEvent.enterprise_id == enterprise_id, EnterpriseEvent.kind == "cancelled")
    return list(db.session.scalars(wanted))


def holder() -> Enterprise:
    firm, today = make_enterprise(), clock.today()
    grant(firm.id, "srdi", "province", today - timedelta(days=500), today + timedelta(days=500))
    return firm


def test_a_cancelled_status_counts_from_the_day_it_was_recorded(app: Flask) -> None:
    firm, today = holder(), clock.today()
    actions.update_enterprise(scope=ALL, enterprise_id=firm.id, values={"status": "cancelled"}, version=firm.version, by=SYSTEM)
    assert events(firm.id) == [today]
    assert (in_stock(today - timedelta(days=1)), in_stock(today), stored()) == (1, 0, 0)


def test_taking_the_status_back_brings_the_firm_back(app: Flask) -> None:
    firm = holder()
    for status in ("cancelled", "active"):
        actions.update_enterprise(scope=ALL, enterprise_id=firm.id, values={"status": status}, version=firm.version, by=SYSTEM)
    assert events(firm.id) == []
    assert (in_stock(clock.today()), stored()) == (1, 1)


def test_a_dated_event_sets_the_status_and_moves_the_stored_counts(app: Flask) -> None:
    firm, day = holder(), clock.today() - timedelta(days=40)
    actions.add_event(scope=ALL, enterprise_id=firm.id, kind="cancelled", happened_on=day, by=SYSTEM)
    assert firm.status == "cancelled"
    assert (in_stock(day - timedelta(days=1)), in_stock(day), stored()) == (1, 0, 0)


def test_mass_changes_give_the_missing_events(app: Flask) -> None:
    firm = holder()
    db.session.query(Enterprise).filter_by(id=firm.id).update({"status": "cancelled"})
    actions.after_bulk(db.session(), [firm.id])
    assert events(firm.id) == [clock.today()]
    assert stored() == 0


def test_a_firm_entered_today_without_its_founding_day_is_found_in_earlier_years(app: Flask) -> None:
    firm = make_enterprise(since=None)
    day = date(2023, 12, 31)
    grant(firm.id, "srdi", "province", date(2023, 7, 1), date(2026, 6, 30))
    assert in_stock(day) == 1
