"""Two people at the same moment, over real connections: exactly one wins, the other reads who was faster; two clicks make one demand."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from app.demands import actions
from app.demands.models import Demand, DemandEvent
from app.infra.db import db
from tests.factories.demands import belong, department, make_demand
from tests.factories.enterprises import OFFICER, make_enterprise
from tests.personas import Browser

As = Callable[[str], Browser]


def at_once(*asked: tuple[Browser, str, dict[str, Any]]) -> list[int]:
    """Post all of them at the same time; the statuses in order."""
    db.session.commit()
    db.session.remove()
    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(lambda one: one[0].post(one[1], data=one[2]).status_code, asked))


def test_two_officers_take_a_demand(app: Flask, as_: As) -> None:
    row = make_demand()
    address, version = f"/demands/{row.id}/dispatch/take", row.version
    found = at_once(*((as_(name), address, {"version": version}) for name in ("bureau", "county")))
    assert sorted(found) == [303, 409]
    assert db.session.query(DemandEvent).filter_by(kind="take").count() == 1


def test_the_department_accepts_while_the_office_routes_it_elsewhere(app: Flask, as_: As) -> None:
    row, organisation = make_demand(), belong("department", "development_reform")
    actions.dispatch_demand(demand=row, organisation_id=organisation, version=row.version, by=OFFICER)
    other, version, key = department("industry"), row.version, row.id
    found = at_once(
        (as_("department"), f"/demands/{key}/handle/accept", {"version": version}),
        (as_("bureau"), f"/demands/{key}/dispatch/dispatch", {"version": version, "organisation_id": other}),
    )
    assert sorted(found)[0] == 303 and sorted(found)[1] in (404, 409)
    row = db.session.get_one(Demand, key)
    assert (row.state, row.organisation_id) == (("handling", organisation) if found[0] == 303 else ("sent", other))


def test_one_officer_clicks_four_times(app: Flask, as_: As) -> None:
    firm, browser = make_enterprise(), as_("bureau")
    values = {"enterprise_id": firm.id, "text": "厂区经常停电，希望增容。", "domain": "energy", "consent": "y", "seen": "1"}
    assert set(at_once(*((browser, "/demands/new", values) for _ in range(4)))) == {303}
    assert db.session.query(Demand).count() == 1 and db.session.query(DemandEvent).filter_by(kind="raised").count() == 1
