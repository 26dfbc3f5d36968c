"""From the database to the facts of the rules: strongest source, titles of the day, recorded answers, as of a day and as known on another."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.infra import changes, clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Invalid, NotFound
from app.kernel.scope import ALL, Scope
from app.ladder import actions
from app.ladder.models import EnterpriseAnswer
from app.ladder.queries.diagnoses import diagnose_enterprise
from app.ladder.queries.facts import facts_of, known_of
from tests.factories import ladder as make

TODAY = date(2026, 6, 1)
WAN = 10_000


@pytest.fixture(autouse=True)
def _now(app: Flask) -> None:
    clock.freeze(datetime(2026, 6, 1, 4, tzinfo=UTC))


@pytest.fixture
def firm(app: Flask) -> Any:
    return make.firm(make.area("371502001"), industry_code="3484", founded_on=date(2015, 5, 1))


def facts(firm: Any, **more: Any) -> Any:
    return facts_of([firm.id], as_of=more.pop("as_of", TODAY), **more)[firm.id]


def say(firm: Any, field: str, value: Any, **more: Any) -> Any:
    return actions.record_answer(scope=ALL, enterprise_id=firm.id, field=field, value=value, by=SYSTEM, **more)


def later() -> None:
    clock.freeze(clock.now() + timedelta(days=1))


def test_the_strongest_source_counts_field_by_field_and_says_where_it_comes_from(firm: Any) -> None:
    make.figures(firm, 2025, Decimal("18000000.50"), "enterprise", rd_expense_yuan=Decimal(900_000))
    make.figures(firm, 2025, Decimal(20_000_000), "department")
    found = facts(firm)
    assert found.values["revenue", 2025] == 20_000_000 and found.origins["revenue", 2025].source == "部门提供"
    assert found.values["rd_expense", 2025] == 900_000 and found.origins["rd_expense", 2025].source == "企业填报"
    assert found.values["industry", None] == "3484" and found.values["founded_on", None] == date(2015, 5, 1)


def test_nothing_known_is_nothing_and_zero_is_a_value(firm: Any) -> None:
    make.figures(firm, 2025, Decimal(0))
    found = facts(firm)
    assert found.values["revenue", 2025] == 0 and ("rd_expense", 2025) not in found.values
    assert facts_of([firm.id + 1000], as_of=TODAY) == {}


def test_titles_are_those_of_the_day_and_others_are_known_not_to_be_held(firm: Any) -> None:
    make.recognition(firm, "innovative_sme", valid_from=date(2024, 1, 1), valid_to=date(2026, 5, 31))
    assert facts(firm, as_of=date(2026, 5, 31)).values["title.innovative_sme", None] is True
    assert facts(firm).values["title.innovative_sme", None] is False


def test_figures_of_a_later_year_are_not_known_yet_on_an_earlier_day(firm: Any) -> None:
    make.figures(firm, 2025, Decimal(1), ip_class1_count=4)
    make.figures(firm, 2023, Decimal(1), ip_class1_count=2)
    assert facts(firm).values["class1_ip", None] == 4
    assert facts(firm, as_of=date(2024, 6, 1)).values["class1_ip", None] == 2


def test_a_correction_made_later_is_not_known_on_an_earlier_day(firm: Any) -> None:
    say(firm, "own_brand", False)
    later()
    say(firm, "own_brand", True)
    assert facts(firm).values["own_brand", None] is True
    assert facts(firm, known_on=TODAY).values["own_brand", None] is False
    assert ("own_brand", None) not in facts(firm, known_on=date(2026, 5, 1)).values


def test_an_answer_holds_from_its_first_to_its_last_day(firm: Any) -> None:
    say(firm, "province_award_3y", True, valid_from=date(2024, 3, 1), valid_to=date(2027, 2, 28))
    for day, known in ((date(2024, 2, 29), False), (date(2024, 3, 1), True), (date(2027, 2, 28), True), (date(2027, 3, 1), False)):
        assert (("province_award_3y", None) in facts(firm, as_of=day).values) is known


def test_the_platform_score_wants_year_and_evidence(firm: Any) -> None:
    with pytest.raises(Invalid, match="佐证"):
        say(firm, "platform_score", Decimal("55.5"), year=2026)
    with pytest.raises(Invalid, match="年度"):
        say(firm, "platform_score", Decimal("55.5"), evidence="截图 12")
    say(firm, "platform_score", Decimal("55.5"), year=2026, evidence="截图 12")
    found = facts(firm)
    assert float(found.values["platform_score", 2026]) == 55.5 and found.origins["platform_score", 2026].evidence == "截图 12"


def test_what_is_wrong_is_refused_in_words(firm: Any) -> None:
    for field, value, more in (
        ("revenue", Decimal(1), {"year": 2025}), ("no_such_fact", True, {}), ("title.srdi", True, {}), ("own_brand", 1, {}),
        ("rd_institution_level", "moon", {}), ("market_reputation", True, {"year": 2025}), ("lead_product_revenue", Decimal(-1), {"year": 2025}),
        ("lead_product_revenue", Decimal("NaN"), {"year": 2025}), ("lead_product_revenue", Decimal("1e30"), {"year": 2025}),
        ("lead_product_revenue", True, {"year": 2025}), ("self_class1_ip", Decimal("1.5"), {}), ("own_brand", True, {"source": "rumour"}),
        ("own_brand", True, {"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}), ("founded_on", date(2020, 1, 1), {}),
    ):
        with pytest.raises(Invalid):
            say(firm, field, value, **more)
    assert db.session.scalars(select(EnterpriseAnswer)).all() == []
    with pytest.raises(NotFound):
        actions.record_answer(scope=Scope(), enterprise_id=firm.id, field="own_brand", value=True, by=SYSTEM)


def test_a_judgement_belongs_to_a_condition_of_its_rule(firm: Any) -> None:
    say(firm, "P9", True, rule="srdi_2026", evidence="专家意见 3 号")
    assert known_of([firm.id], as_of=TODAY)[firm.id].judgements_on("srdi_2026") == {"P9": True}
    for leaf, value in (("P2", True), ("P9", Decimal(3)), ("nothing", True)):
        with pytest.raises(Invalid):
            say(firm, leaf, value, rule="srdi_2026")
    with pytest.raises(Invalid, match="得分"):
        say(firm, "ip.core", Decimal(9), rule="high_tech_2016")
    say(firm, "ip.core", Decimal(8), rule="high_tech_2016")
    assert known_of([firm.id], as_of=TODAY)[firm.id].judgements_on("high_tech_2016") == {"ip.core": 8}


def test_the_same_answer_again_changes_nothing_and_none_takes_it_back(firm: Any) -> None:
    told: list[Any] = []
    hear = lambda ids: told.append(list(ids))  # noqa: E731
    changes.listen("figures.changed", hear)
    try:
        first = say(firm, "own_brand", True, evidence="商标证")
        assert say(firm, "own_brand", True, evidence="商标证") is first
        assert say(firm, "own_brand", None) is None and say(firm, "own_brand", None) is None
    finally:
        changes._listeners["figures.changed"].remove(hear)
    assert told == [[firm.id]] * 2 and ("own_brand", None) not in facts(firm).values
    kinds = [row.type for row in db.session.scalars(select(AuditRow).where(AuditRow.type.like("answer.%")).order_by(AuditRow.id))]
    assert kinds == ["answer.recorded", "answer.taken_back"]


def test_every_reachable_title_is_diagnosed_held_ones_for_their_review(firm: Any) -> None:
    make.recognition(firm, "tech_sme", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    found = {one.title: one for one in diagnose_enterprise(firm.id, as_of=TODAY)}
    assert found["tech_sme"].application == "review" and found["srdi"].application == "new"
    assert found["srdi"].version is not None and found["srdi"].version.code == "srdi_2026"
    assert {leaf.id: leaf.result for leaf in found["srdi"].leaves}["P1"] == "met"
    assert all(one.version is not None for one in found.values()) and "eaglet" not in found


def test_asked_for_a_title_without_a_version_the_answer_says_why(firm: Any) -> None:
    [one] = diagnose_enterprise(firm.id, as_of=date(2000, 1, 1), titles=["srdi"])
    assert one.verdict is None and "不作判断" in one.reasons[0]
    with pytest.raises(NotFound):
        diagnose_enterprise(firm.id + 99, as_of=TODAY)
