"""Scores follow the scheme of the pack, say why, guess nothing, and the register follows the officer and not the machine."""

from decimal import Decimal

import pytest

from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import ALL
from app.policies.queries import active_pack
from app.teams.actions import scores as actions
from app.teams.models import Provider, ServiceScore
from app.teams.queries import evidence
from app.teams.queries.registers import steps_of
from app.teams.rules.scoring import Criterion, Given, Scheme, score
from tests.factories import teams as build

SCHEME = Scheme("评价", "服务的企业", 3, Decimal(60), Decimal(40), (
    Criterion("opinion", "企业评价", 60, "rating", Decimal(2), Decimal(5)), Criterion("strength", "综合实力", 40, "mark"),
))


def given(cases: int = 5, rating: str | None = "5", mark: int | None = 80) -> Given:
    facts = {} if rating is None else {"rating": Decimal(rating)}
    return Given(cases, facts, {} if mark is None else {"strength": (mark, "团队稳定")})


def test_points_are_straight_between_zero_and_full():
    assert score(SCHEME, given(rating="3.5", mark=50)).score == Decimal("50.00")


@pytest.mark.parametrize(("rating", "mark", "proposal"), [("5", 0, "keep"), ("4.99", 0, "warn"), ("4", 0, "warn"), ("3.99", 0, "leave"), ("1", 0, "leave")])
def test_the_lines_belong_to_the_better_side(rating, mark, proposal):
    assert score(SCHEME, given(rating=rating, mark=mark)).proposal == proposal


def test_too_few_cases_are_not_scored():
    found = score(SCHEME, given(cases=2))
    assert (found.proposal, found.score) == ("few", None) and "不足 3 个" in found.reason


def test_a_missing_mark_is_neither_zero_nor_guessed():
    assert score(SCHEME, given(mark=None)).proposal == "keep"
    found = score(SCHEME, given(rating="4", mark=None))
    assert (found.proposal, found.low, found.high) == ("open", Decimal("40.00"), Decimal("80.00")) and "综合实力" in found.reason


def test_the_reason_names_the_weakest_criterion():
    assert "企业评价" in score(SCHEME, given(rating="2.5", mark=90)).reason


def test_every_shipped_scheme_is_readable_and_unconfirmed(app):
    """No document gives weights or lines: they are ours and say so."""
    for city in ("liaocheng", "yantai", "yingkou"):
        for subject in ("provider", "expert", "project"):
            entry = evidence.scheme_entry(active_pack(city), subject, 2025)
            assert entry is not None and not entry.confirmed
            assert evidence.scheme_of(entry).min_cases > 0


@pytest.fixture
def scored(app) -> ServiceScore:
    build.entry()
    actions.score_year(scope=ALL, subject="provider", year=clock.today().year - 1, by=SYSTEM)
    return db.session.query(ServiceScore).one()


def decide(row: ServiceScore, verdict: str, **more):
    return actions.decide(scope=ALL, score_id=row.id, verdict=verdict, version=row.version, by=SYSTEM, **{"reason": "多次投诉", **more})


def test_leaving_ends_the_entry_with_the_reason(scored):
    decide(scored, "leave")
    assert db.session.query(Provider).one().state == "ended"
    assert "年度评价：多次投诉" in steps_of("provider", scored.subject_id)[0].reason


def test_a_warning_stands_in_the_register_and_a_later_keep_clears_it(scored):
    decide(scored, "warn")
    assert db.session.query(Provider).one().state == "warned"
    actions.score_year(scope=ALL, subject="provider", year=clock.today().year, by=SYSTEM)
    later = db.session.query(ServiceScore).filter_by(year=clock.today().year).one()
    decide(later, "keep")
    assert db.session.query(Provider).one().state == "active"


def test_a_decision_is_made_once_and_not_computed_over(scored):
    decide(scored, "keep")
    with pytest.raises(Conflict, match="没有重复办理"):
        decide(scored, "leave")
    assert actions.score_year(scope=ALL, subject="provider", year=scored.year, by=SYSTEM) == 0


def test_departing_from_the_proposal_needs_a_reason(scored):
    with pytest.raises(Invalid):
        decide(scored, "leave", reason="")


def test_a_mark_changes_the_score_at_once(scored):
    actions.give_mark(scope=ALL, score_id=scored.id, criterion="strength", points=90, reason="团队稳定", by=SYSTEM)
    assert next(part for part in scored.parts if part["code"] == "strength")["points"] == "90"
    with pytest.raises(Invalid, match="系统计算"):
        actions.give_mark(scope=ALL, score_id=scored.id, criterion="coverage", points=90, reason="覆盖广", by=SYSTEM)
