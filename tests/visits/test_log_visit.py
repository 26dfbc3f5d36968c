"""A visit is stored once, whoever sends it and however often; it needs an enterprise, a date and one sentence."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.demands.models import Demand
from app.enterprises.actions import merge
from app.enterprises.models import EnterpriseSummary
from app.infra import clock
from app.infra.audit import AuditRow
from app.infra.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.scope import ALL, Scope
from app.visits.actions import Refused, log_visit
from app.visits.actions.visits import KeyUsed
from app.visits.models import Finding, Measure, Promise, Visit, VisitPerson, VisitTopic
from app.visits.rules.visit import DemandDraft, FindingDraft, MeasureDraft, Person, PromiseDraft, VisitDraft
from tests.factories.enterprises import make_enterprise, town_id
from tests.factories.visits import EXPERT, assign, make_visit

DAY = date(2026, 5, 6)
KEY = "0f9c2d1e-aaaa-4bbb-8ccc-123456789abc"


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_enterprise_date_and_one_sentence_are_enough(app: Flask) -> None:
    firm = make_enterprise()
    row = log_visit(scope=ALL, draft=VisitDraft(firm.id, DAY, "一句话。"), by=EXPERT).visit
    assert (row.state, row.visited_on, row.summary) == ("complete", DAY, "一句话。")
    assert db.session.get_one(EnterpriseSummary, firm.id).last_visit_on == DAY
    said = db.session.scalars(select(AuditRow).where(AuditRow.type == "visit.logged")).one()
    assert said.subject_id == str(row.id)


@pytest.mark.parametrize(("changes", "field"), [
    ({"visited_on": None}, "visited_on"), ({"summary": " \u200b"}, "summary"), ({"visited_on": date(2999, 1, 1)}, "visited_on"),
    ({"mode": "plane"}, "mode"), ({"actions": ("action99",)}, "actions"), ({"findings": (FindingDraft("裂纹", stage="moon"),)}, "findings.0.text"),
    ({"measures": (MeasureDraft("改", finding=3),)}, "measures.0.finding"), ({"promises": (PromiseDraft("  "),)}, "promises.0.text"),
    ({"summary": "长" * 4001}, "summary"), ({"feedback_given": True}, "feedback"),
])
def test_what_is_missing_is_said_at_its_field(app: Flask, changes: dict[str, object], field: str) -> None:
    draft = replace(VisitDraft(make_enterprise().id, DAY, "一句话。"), **changes)
    with pytest.raises(Refused) as refused:
        log_visit(scope=ALL, draft=draft, by=EXPERT)
    assert field in [name for name, _ in refused.value.problems]
    assert count(Visit) == 0


def test_a_draft_needs_neither_date_nor_sentence_and_leaves_nothing_behind(app: Flask) -> None:
    firm = make_enterprise()
    said = VisitDraft(firm.id, findings=(FindingDraft("设备老化"),), complete=False)
    row = log_visit(scope=ALL, draft=said, by=EXPERT).visit
    assert row.state == "draft" and count(Finding) == 0
    done = log_visit(scope=ALL, draft=replace(said, complete=True, visited_on=DAY, summary="补全。"), by=EXPERT, visit=row).visit
    assert done.id == row.id and done.state == "complete" and count(Finding) == 1 and done.draft is None


def test_sent_twice_it_stands_once(app: Flask) -> None:
    draft = VisitDraft(make_enterprise().id, DAY, "一句话。", client_key=KEY)
    first = log_visit(scope=ALL, draft=draft, by=EXPERT)
    again = log_visit(scope=ALL, draft=draft, by=EXPERT)
    assert again.repeated and again.visit.id == first.visit.id and count(Visit) == 1
    with pytest.raises(KeyUsed) as used:
        log_visit(scope=ALL, draft=replace(draft, summary="另一句话。"), by=EXPERT)
    assert used.value.visit_id == first.visit.id and count(Visit) == 1


def test_everything_a_visit_leaves_gets_a_row_of_its_own(app: Flask) -> None:
    firm = make_enterprise()
    assign(firm, 1)
    scope = Scope(team_ids=frozenset({1}))
    row = make_visit(
        firm, scope=scope, people=(Person("吴专家", user_id=7), Person("钱专家"), Person("李总", "enterprise", "总经理")),
        findings=(FindingDraft("设备停机多", "red", "pain", "production", "action1"),), stages=("sales",),
        measures=(MeasureDraft("制定点检表", "李总", date(2026, 6, 1), 0),), promises=(PromiseDraft("联系技改专家", "吴专家", date(2026, 5, 20), "李总"),),
    )
    assert row.team_id == 1 and count(Visit) == 1
    assert [p.team_id for p in db.session.scalars(select(VisitPerson).order_by(VisitPerson.id))] == [1, 1, None]
    finding, measure, promise = (db.session.scalars(select(model)).one() for model in (Finding, Measure, Promise))
    assert measure.finding_id == finding.id and promise.team_id == 1
    assert {(t.kind, t.code) for t in db.session.scalars(select(VisitTopic))} == {("action", "action1"), ("stage", "production"), ("stage", "sales")}


def test_out_of_scope_there_is_no_such_enterprise(app: Flask) -> None:
    firm = make_enterprise()
    with pytest.raises(NotFound):
        log_visit(scope=Scope(unit_ids=frozenset({town_id("371522")})), draft=VisitDraft(firm.id, DAY, "一句话。"), by=EXPERT)
    with pytest.raises(Invalid):
        log_visit(scope=ALL, draft=VisitDraft(firm.id, DAY, "一句话。", team_id=99), by=EXPERT)


def test_a_visit_to_a_merged_record_reaches_the_kept_one(app: Flask) -> None:
    kept, twin = make_enterprise("柳河机械有限公司"), make_enterprise("柳河机械")
    make_visit(twin, visited_on=DAY)
    merge(scope=ALL, kept_id=kept.id, merged_id=twin.id, kept_version=kept.version, merged_version=twin.version, reason="同一企业", by=EXPERT)
    assert db.session.get_one(EnterpriseSummary, kept.id).last_visit_on == DAY
    later = make_visit(twin, visited_on=date(2026, 5, 9))
    assert later.enterprise_id == kept.id
    assert clock.today() >= DAY


def test_a_demand_heard_on_a_visit_stands_in_the_register_of_demands(app: Flask) -> None:
    firm = make_enterprise()
    row = make_visit(firm, demands=(DemandDraft("厂区门前道路破损，运货车进出困难。"),))
    demand = db.session.scalars(select(Demand)).one()
    assert (demand.visit_id, demand.enterprise_id, demand.source) == (row.id, firm.id, "visit")
    with pytest.raises(Refused) as refused:
        make_visit(firm, demands=(DemandDraft("路"),))
    assert refused.value.problems[0][0] == "demands.0.text" and count(Visit) == 1
