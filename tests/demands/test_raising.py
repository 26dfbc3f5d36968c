"""A demand comes in once, with its clocks, whoever brings it."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from app.demands.actions import raise_demand
from app.demands.models import Demand, DemandClock
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Invalid, NotFound
from app.kernel.scope import Scope
from tests.factories.enterprises import make_enterprise

FRIDAY = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)  # 16:30 in Shanghai


def test_the_clocks_of_2115_run_in_office_hours(app: Flask) -> None:
    clock.freeze(FRIDAY)
    row = raise_demand(enterprise_id=make_enterprise().id, text="厂区经常停电，影响交货。", domain=None, source="officer", by=SYSTEM)
    shown = {c.step: clock.local(c.due_at).strftime("%m-%d %H:%M") for c in db.session.query(DemandClock)}
    assert shown == {"contact": "11-23 09:30", "reply": "11-23 17:30", "solve": "12-11 17:30"}
    assert (row.state, row.tab, row.due_step, row.domain) == ("new", "intake", "contact", "energy") and row.sort_at == row.contact_due_at
    assert row.number == f"SQ20261120{row.id:05d}"


def test_the_same_text_on_one_day_is_one_demand(app: Flask) -> None:
    firm = make_enterprise()
    first = raise_demand(enterprise_id=firm.id, text="厂区经常停电，影响交货。", domain="energy", source="visit", visit_id=7, by=SYSTEM)
    again = raise_demand(enterprise_id=firm.id, text="厂区经常停电，影响交货。", domain="energy", source="visit", visit_id=7, by=SYSTEM)
    assert first.id == again.id and db.session.query(Demand).count() == 1


def test_a_key_enterprise_gets_the_shorter_clock(app: Flask) -> None:
    clock.freeze(FRIDAY)
    row = raise_demand(enterprise_id=make_enterprise(tags=("链主企业",)).id, text="需要扩建厂房用地。", domain="land", source="officer", by=SYSTEM)
    assert row.fast and clock.local(row.solve_due_at).strftime("%m-%d") == "12-01"  # seven working days instead of fifteen


def test_what_cannot_be_a_demand_is_refused_in_words(app: Flask) -> None:
    firm = make_enterprise()
    for values, field in (({"text": "电"}, "text"), ({"text": "长" * 4001}, "text"), ({"domain": "nonsense"}, "domain"), ({"contact_phone": "12"}, "phone")):
        with pytest.raises(Invalid) as refused:
            raise_demand(**({"enterprise_id": firm.id, "text": "厂区经常停电，影响交货。", "domain": "energy", "source": "officer", "by": SYSTEM} | values))
        assert refused.value.field == field
    with pytest.raises(NotFound):
        raise_demand(enterprise_id=firm.id, text="厂区经常停电。", domain=None, source="officer", by=SYSTEM, scope=Scope())
