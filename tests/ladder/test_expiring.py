"""What runs out soon: only what is in stock today."""

from datetime import date, timedelta

from flask import Flask

from app.infra import clock
from app.infra.db import db
from app.kernel.scope import ALL
from app.ladder.actions.summaries import refresh_counts
from app.ladder.models import TitleCount
from app.ladder.queries.expiring import SOON, count_expiring, list_expiring
from tests.factories import ladder as make


def test_a_cancelled_firm_has_nothing_to_renew(app: Flask) -> None:
    today = clock.today()
    soon, town = today + timedelta(days=30), make.area("371502001")
    living, gone, later = (make.firm(town) for _ in range(3))
    for row in (living, gone, later):
        make.recognition(row, "srdi", level="province", valid_from=date(2020, 1, 1), valid_to=soon)
    make.cancelled(gone, today)
    make.cancelled(later, today + timedelta(days=1))
    until = today + timedelta(days=SOON)
    assert [enterprise.id for _, enterprise in list_expiring(ALL, today, until).rows] == [living.id, later.id]
    assert count_expiring(ALL, today, until) == 2
    refresh_counts(None)
    assert db.session.get_one(TitleCount, ("soon", town.id)).firms == 2
