"""After a visit: corrections keep what was said, review goes down the list, promises are kept with evidence, deadlines and the sample follow."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.enterprises.models import Enterprise, EnterpriseSummary
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import ALL, Scope
from app.visits.actions import Refused
from app.visits.actions.changes import Correction, correct_visit, review_visit, void_visit
from app.visits.actions.settling import settle
from app.visits.due import due_items
from app.visits.models import Promise, Visit, VisitChange
from app.visits.models.requests import Disturbance
from app.visits.queries.outcomes import PromiseFilters, page_promises, promises_kept
from app.visits.queries.visits import VisitFilters, neighbours, page_visits
from app.visits.rules.sampling import COPIED, EMPTY, MINUTE, TRAVEL, Facts, sample, signs
from app.visits.rules.visit import MeasureDraft, PromiseDraft
from tests.factories.enterprises import make_enterprise, town_id
from tests.factories.visits import EXPERT, make_visit

LEADER = Actor(9008, "队长乙")
SAID = Correction(date(2026, 5, 6), "on_site", "看了新生产线，订单稳定。")


def firm_of(row: Visit) -> Enterprise:
    return db.session.get_one(Enterprise, row.enterprise_id)


def correct(row: Visit, reason: str = "", version: int | None = None, **changes: object) -> bool:
    return correct_visit(
        visit=row, enterprise=firm_of(row), correction=replace(SAID, **changes), reason=reason, version=version or row.version, by=EXPERT,
    )


def test_a_correction_after_two_days_needs_a_reason_and_keeps_what_was_said(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    row = make_visit(make_enterprise())
    assert correct(row, summary="订单增加两成。") and not correct(row, summary="订单增加两成。")
    row.logged_at = clock.now() - timedelta(hours=49)
    db.session.flush()
    with pytest.raises(Refused) as refused:
        correct(row, summary="订单减少两成。")
    assert refused.value.problems[0][0] == "reason"
    assert correct(row, "听错了数字", summary="订单减少两成。", stages=("sales",))
    kept = db.session.scalars(select(VisitChange).order_by(VisitChange.id)).all()
    assert [(one.old["summary"], one.new["summary"], one.reason) for one in kept] == [
        ("看了新生产线，订单稳定。", "订单增加两成。", None), ("订单增加两成。", "订单减少两成。", "听错了数字"),
    ]
    page = as_("bureau").get(f"/visits/{row.id}").text
    assert "<del>订单增加两成。</del>" in page and "听错了数字" in page


def test_another_day_is_another_day_everywhere(app: Flask) -> None:
    row = make_visit(make_enterprise())
    correct(row, visited_on=date(2026, 5, 4))
    assert db.session.get_one(EnterpriseSummary, row.enterprise_id).last_visit_on == date(2026, 5, 4)
    contact = db.session.scalars(select(Disturbance).where(Disturbance.source == "visit", Disturbance.source_id == row.id)).one()
    assert contact.on_day == date(2026, 5, 4)


def test_the_second_of_two_corrections_is_told(app: Flask) -> None:
    row = make_visit(make_enterprise())
    seen = row.version
    correct(row, summary="甲改的。")
    with pytest.raises(Conflict):
        correct(row, version=seen, summary="乙改的。")
    assert row.summary == "甲改的。"


def test_a_void_visit_counts_nowhere_and_stays_readable(app: Flask) -> None:
    firm = make_enterprise()
    early, late = make_visit(firm, visited_on=date(2026, 4, 1)), make_visit(firm, visited_on=date(2026, 5, 6))
    void_visit(visit=late, enterprise=firm, reason="重复登记", version=late.version, by=EXPERT)
    assert [r.id for r in page_visits(ALL, VisitFilters(), None, 50).rows] == [early.id]
    assert db.session.get_one(EnterpriseSummary, firm.id).last_visit_on == date(2026, 4, 1)
    with pytest.raises(Conflict):
        correct(late, summary="再改。")


def test_review_goes_down_the_list_and_nobody_reviews_himself(app: Flask) -> None:
    rows = [make_visit(make_enterprise(), visited_on=date(2026, 5, day)) for day in (1, 2, 3)]
    assert neighbours(ALL, VisitFilters(review="open"), rows[1]) == (rows[2].id, rows[0].id)
    with pytest.raises(Conflict):
        review_visit(visit=rows[1], enterprise=firm_of(rows[1]), passed=True, note="", version=1, by=EXPERT)
    with pytest.raises(Invalid):
        review_visit(visit=rows[1], enterprise=firm_of(rows[1]), passed=False, note=" ", version=1, by=LEADER)
    assert review_visit(visit=rows[1], enterprise=firm_of(rows[1]), passed=True, note="", version=1, by=LEADER)
    assert neighbours(ALL, VisitFilters(review="open"), rows[2]) == (None, rows[0].id)


def test_a_promise_is_kept_with_evidence_or_explained(app: Flask) -> None:
    today = clock.today()
    for days in (-10, -10, -10, 5):
        make_visit(make_enterprise(), visited_on=today - timedelta(days=20), promises=(PromiseDraft("联系专家", due_on=today + timedelta(days=days)),))
    kept, late, overdue, coming = db.session.scalars(select(Promise).order_by(Promise.id)).all()
    with pytest.raises(Invalid):
        settle(row=kept, state="done", on=today, note=" ", version=1, by=EXPERT)
    assert settle(row=kept, state="done", on=today - timedelta(days=12), note="专家到厂", version=1, by=EXPERT)
    assert not settle(row=kept, state="done", on=today, note="专家到厂", version=1, by=EXPERT)  # a second click
    with pytest.raises(Conflict):
        settle(row=kept, state="dropped", on=today, note="说明", version=1, by=EXPERT)
    settle(row=late, state="done", on=today, note="专家到厂", version=1, by=EXPERT)
    figures = promises_kept(ALL, today, PromiseFilters())
    assert (figures.open, figures.overdue, figures.kept, figures.late, figures.dropped) == (2, 1, 1, 1, 0)
    assert figures.rate == pytest.approx(100 / 3)
    assert [row[0].id for row in page_promises(ALL, PromiseFilters("overdue"), today, None, 50).rows] == [overdue.id]
    assert page_promises(Scope(unit_ids=frozenset({town_id("371522")})), PromiseFilters(), today, None, 50).rows == []
    assert coming.state == "open"


def test_what_a_visit_left_open_is_due_until_it_is_settled(app: Flask) -> None:
    today, firm = clock.today(), make_enterprise()
    row = make_visit(
        firm, visited_on=today - timedelta(days=30), measures=(MeasureDraft("点检表", due_on=today - timedelta(days=2)),),
        promises=(PromiseDraft("联系专家", due_on=today + timedelta(days=3)),), next_contact_on=today + timedelta(days=1), next_contact_why="看落实",
    )
    row.logged_at = clock.now() - timedelta(days=8)
    db.session.flush()
    items = {item.kind: item for item in due_items(today, ALL)}
    assert set(items) == {"visit_unconfirmed", "measure_overdue", "promise_overdue", "revisit_due"}
    assert items["measure_overdue"].due_on == today - timedelta(days=2) and items["revisit_due"].user_id == EXPERT.user_id
    assert list(due_items(today, Scope(unit_ids=frozenset({town_id("371522")})))) == []
    settle(row=db.session.scalars(select(Promise)).one(), state="done", on=today, note="已联系", version=1, by=EXPERT)
    make_visit(firm, visited_on=today)
    assert {item.kind for item in due_items(today, ALL)} == {"visit_unconfirmed", "measure_overdue"}


def fact(id_: int, summary: str = "看了设备改造现场，进展顺利。", **more: object) -> Facts:
    said: dict[str, object] = {"author_id": 1, "enterprise_id": id_, "visited_on": date(2026, 5, 6), "written_at": datetime(2026, 5, 6, 9, id_ % 60), "leaves": 1}
    return Facts(id_, summary=summary, **(said | more))  # type: ignore[arg-type]


def test_signs_are_found_and_honest_records_have_none() -> None:
    far = {"latitude": Decimal("36.45"), "longitude": Decimal("115.98")}
    rows = [
        fact(1, "走访企业，了解生产经营情况2件。"), fact(2, "走访企业，了解生产经营情况3件。"), fact(3, "已看。", leaves=0),
        fact(4, **far), fact(5, **(far | {"latitude": Decimal("36.95")})),
        *(fact(n, f"第{n}家的不同内容，各说各的事{'甲乙丙'[n - 10]}。", written_at=datetime(2026, 5, 6, 20, 0, n)) for n in (10, 11, 12)),
        fact(20, "谈了上市辅导和股改的时间表。", author_id=2),
    ]
    found = signs(rows, 150)
    assert found[1] == found[2] == [COPIED] and found[3] == [EMPTY] and TRAVEL in found[4] and TRAVEL in found[5]
    assert found[10] == [MINUTE] and 20 not in found


def test_the_sample_is_the_same_for_everybody_and_prefers_signs() -> None:
    rows = [fact(n, f"内容各不相同的第{n}条记录。") for n in range(1, 201)]
    marked = {n: [COPIED, EMPTY] for n in range(1, 21)}
    drawn = sample(rows, marked, 10, "2026-05")
    assert len(drawn) == 20 and drawn == sample(rows, marked, 10, "2026-05") == sorted(drawn) and drawn != sample(rows, marked, 10, "2026-06")
    with_signs = [sum(n <= 20 for n in sample(rows, marked, 10, f"2026-{month:02}")) for month in range(1, 13)]
    assert 0 < sum(with_signs) / 12 < 20 and sum(with_signs) / 12 > 4  # a tenth of the rows, far more than a tenth of the sample, never all of it
    assert sample([], {}, 10, "x") == [] and len(sample(rows[:3], {}, 1, "x")) == 1
