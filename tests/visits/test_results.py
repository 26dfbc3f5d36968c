"""The results database: the baseline is taken once, years by themselves, corrections supersede; silence is counted from contact or entry."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.enterprises import actions as enterprises
from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.kernel.scope import ALL
from app.visits.actions import snapshots
from app.visits.actions.disturbance import record_contact
from app.visits.models import ServiceSnapshot
from app.visits.queries import results
from app.visits.rules.visit import FindingDraft, MeasureDraft, PromiseDraft
from tests.factories import ladder as make
from tests.factories import teams
from tests.factories.booking import PLANNER, on_tuesday
from tests.factories.visits import assign, make_visit
from tests.personas import Browser

As = Callable[[str], Browser]


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    on_tuesday()
    row = make.firm(make.area("371502001"), name="柳河机械有限公司")
    assign(row, 1, since=clock.today() - timedelta(days=100))
    make.figures(row, 2024, 80_000_000)
    make.figures(row, 2025, 100_000_000)
    return row


def listed(silence: str) -> int:
    return results.count_served(ALL, results.Asked(silence=silence))


def test_the_baseline_is_the_last_year_before_entry_and_taken_once(firm: Enterprise) -> None:
    assert (snapshots.take_baselines(), snapshots.take_baselines()) == (1, 0)
    row = db.session.scalars(select(ServiceSnapshot)).one()
    assert (row.kind, row.year, row.revenue_yuan) == ("baseline", 2024, Decimal(80_000_000))


def test_a_later_correction_makes_a_new_version(firm: Enterprise) -> None:
    assert snapshots.take_year(year=2025, enterprise_ids=[firm.id], by=PLANNER) == 1
    assert snapshots.take_year(year=2025, enterprise_ids=[firm.id], by=PLANNER) == 0
    enterprises.add_figures(
        scope=ALL, enterprise_id=firm.id, year=2025, source="department", values={"revenue_yuan": Decimal(90_000_000)}, by=PLANNER,
    )
    assert snapshots.take_year(year=2025, enterprise_ids=[firm.id], by=PLANNER) == 1
    rows = db.session.scalars(select(ServiceSnapshot).order_by(ServiceSnapshot.id)).all()
    assert [(row.revenue_yuan, row.superseded_at is None) for row in rows] == [(Decimal(100_000_000), False), (Decimal(90_000_000), True)]


def test_silence(firm: Enterprise) -> None:
    assert (listed("never"), listed("90"), listed("120")) == (1, 1, 0)
    record_contact(enterprise=firm, kind="call", on_day=clock.today(), invited=False, note="问近况", team_id=1, by=PLANNER)
    assert (listed("never"), listed("30")) == (1, 0)  # called, but never visited
    make_visit(firm, visited_on=clock.today() - timedelta(days=40))
    assert listed("never") == 0


def test_the_table_holds_the_whole_chain(firm: Enterprise, as_: As) -> None:
    teams.team(1, id=1)
    snapshots.take_baselines()
    snapshots.take_year(year=2025, enterprise_ids=[firm.id], by=PLANNER)
    make_visit(
        firm, visited_on=clock.today(), findings=(FindingDraft("库存积压", "red"),), measures=(MeasureDraft("建看板", finding=0),),
        promises=(PromiseDraft("联系银行"),),
    )
    db.session.commit()
    book = CalamineWorkbook.from_filelike(BytesIO(as_("county").post("/visits/results/export").data))
    rows = book.get_sheet_by_index(0).to_python()
    told = dict(zip(rows[2], rows[3], strict=True))
    assert (told["企业名称"], told["基线营业收入（万元）"], told["最近营业收入（万元）"]) == ("柳河机械有限公司", 8000, 10000)
    assert (told["营业收入变化（%）"], told["走访（次）"], told["发现问题（个）"], told["措施（项）"], told["承诺（项）"]) == (25, 1, 1, 1, 1)


def test_a_team_sees_its_own_enterprises_only(firm: Enterprise, as_: As) -> None:
    other = make.firm(make.area("371502001"), name="别队的企业有限公司")
    assign(other, 2)
    db.session.commit()
    page = as_("expert").get("/visits/results").get_data(as_text=True)
    assert "柳河机械有限公司" in page and "别队的企业有限公司" not in page
