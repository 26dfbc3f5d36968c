"""Diagnoses are closed when they are whole and never changed; plans run by milestones; 百千万 counts distinct enterprises by its exact rules."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask

from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.scope import ALL
from app.visits.actions import consulting, diagnoses, finance, plans, projects
from app.visits.actions.consulting import ConsultDraft
from app.visits.actions.diagnoses import Answer, Head
from app.visits.models import ServiceDiagnosis
from app.visits.queries import heat, management
from app.visits.queries.improvement import items_of_plan
from app.visits.rules.visit import FindingDraft
from tests.factories import ladder as make
from tests.factories.booking import OFFICER, PLANNER, on_tuesday
from tests.factories.visits import assign, make_visit
from tests.personas import Browser

As = Callable[[str], Browser]


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    on_tuesday()
    row = make.firm(make.area("371502001"), name="柳河机械有限公司", industry_code="3451")
    assign(row, 1)
    return row


def diagnosed(firm: Enterprise, template: str = "light", *, finish: bool = True) -> ServiceDiagnosis:
    """A diagnosis with every row answered; the first one red."""
    row = diagnoses.begin(enterprise=firm, template_code=template, done_on=clock.today(), by=PLANNER)
    items = diagnoses.items_of(row.id)
    answers = {item.id: Answer("ok", None, None, None) for item in items}
    answers[items[0].id] = Answer("red", "pain", "换模时间长", "快速换模")
    head = Head(clock.today(), "吴专家", None, "先抓现场")
    diagnoses.save(diagnosis=row, enterprise=firm, head=head, answers=answers, version=row.version, finish=finish, by=PLANNER)
    return row


def tiers(firm: Enterprise) -> list[int]:
    return [management.count_by_unit(ALL, tier, clock.today()).get(firm.unit_id, 0) for tier in ("hundred", "thousand", "ten_thousand")]


def test_a_full_diagnosis_leaves_no_row_open(firm: Enterprise) -> None:
    row = diagnoses.begin(enterprise=firm, template_code="full", done_on=clock.today(), by=PLANNER)
    head = Head(clock.today(), None, None, "结论")
    missing = diagnoses.save(diagnosis=row, enterprise=firm, head=head, answers={}, version=1, finish=True, by=PLANNER)
    assert "逐项作答" in missing[0] and row.state == "draft" and row.conclusion == "结论"


def test_a_red_row_says_what_is_wrong(firm: Enterprise) -> None:
    row = diagnoses.begin(enterprise=firm, template_code="light", done_on=clock.today(), by=PLANNER)
    item = diagnoses.items_of(row.id)[0]
    answers = {item.id: Answer("red", None, " ", None)}
    head = Head(clock.today(), None, None, "结论")
    missing = diagnoses.save(diagnosis=row, enterprise=firm, head=head, answers=answers, version=1, finish=True, by=PLANNER)
    assert "要写明问题" in missing[0]


def test_a_finished_diagnosis_is_followed_by_another_edition(firm: Enterprise) -> None:
    first = diagnosed(firm)
    with pytest.raises(Conflict, match="已经完成"):
        diagnoses.save(diagnosis=first, enterprise=firm, head=Head(clock.today(), None, None, "改"), answers={}, version=first.version, finish=False, by=PLANNER)
    second = diagnoses.begin(enterprise=firm, template_code="light", done_on=clock.today(), by=PLANNER)
    assert second.edition == 2
    assert diagnoses.items_of(second.id)[0].text == "换模时间长"
    with pytest.raises(Conflict, match="填写中"):
        diagnoses.begin(enterprise=firm, template_code="light", done_on=clock.today(), by=PLANNER)


def test_the_report_opens_in_word(firm: Enterprise, as_: As) -> None:
    from docx import Document

    row = diagnosed(firm)
    db.session.commit()
    answer = as_("expert").post(f"/visits/diagnoses/{row.id}/export")
    document = Document(BytesIO(answer.data))
    text = "\n".join(line.text for line in document.paragraphs)
    assert "企业轻诊断报告" in text and "先抓现场" in text and "2026年3月10日" in text
    assert [cell.text for cell in document.tables[0].rows[1].cells][2:] == ["红（严重）", "痛点 换模时间长", "快速换模"]
    section = document.sections[0]
    assert (round(section.top_margin.mm), round(section.left_margin.mm)) == (37, 28)


def test_a_plan_takes_the_findings_and_starts_when_they_are_assigned(firm: Enterprise) -> None:
    day = clock.today()
    plan = plans.make(enterprise=firm, draft=plans.PlanDraft("方案", day, day + timedelta(days=90)), diagnosis=diagnosed(firm), by=PLANNER)
    item = items_of_plan(plan.id)[0]
    assert item.problem == "生产环节的痛点、难点、短板：换模时间长"
    with pytest.raises(Invalid, match="没有写全"):
        plans.take_step(plan=plan, enterprise=firm, step="start", version=1, reason=None, by=PLANNER)
    draft = plans.ItemDraft(item.problem, "比标杆慢 40 分钟", "快速换模", "30 分钟以内", "王厂长", day + timedelta(days=30))
    plans.save_item(plan=plan, enterprise=firm, draft=draft, item=item, by=PLANNER)
    plans.take_step(plan=plan, enterprise=firm, step="start", version=1, reason=None, by=PLANNER)
    with pytest.raises(Invalid, match="还有 1 条没有完成"):
        plans.take_step(plan=plan, enterprise=firm, step="deliver", version=2, reason=None, by=PLANNER)
    plans.settle_item(plan=plan, enterprise=firm, item=item, state="done", done_on=None, evidence="视频", by=PLANNER)
    plans.take_step(plan=plan, enterprise=firm, step="deliver", version=2, reason=None, by=PLANNER)
    with pytest.raises(Forbidden, match="不能验收自己"):
        plans.take_step(plan=plan, enterprise=firm, step="accept", version=3, reason="好", by=PLANNER)
    plans.take_step(plan=plan, enterprise=firm, step="accept", version=3, reason="达到目标", by=OFFICER)
    assert plan.state == "accepted"


def test_a_hundred_needs_the_full_diagnosis_and_the_transformation(firm: Enterprise) -> None:
    diagnosed(firm)
    assert tiers(firm)[0] == 0
    diagnosed(firm, "full")
    assert tiers(firm)[0] == 0
    day = clock.today()
    draft = projects.ProjectDraft("综合改造", "精益", day, day + timedelta(days=200), kind="transform", team_id=1)
    project = projects.open_project(enterprise=firm, draft=draft, by=PLANNER)
    assert tiers(firm)[0] == 0  # planned only
    projects.take_step(project=project, enterprise=firm, step="start", version=1, reason=None, visits=0, by=PLANNER)
    assert tiers(firm)[0] == 1
    projects.take_step(project=project, enterprise=firm, step="stop", version=2, reason="停产", visits=0, by=PLANNER)
    assert tiers(firm)[0] == 0


def test_a_thousand_needs_the_scale_the_training_and_the_diagnosis(firm: Enterprise) -> None:
    diagnosed(firm)
    consulting.record(enterprise=firm, draft=ConsultDraft("training", clock.today(), "班组长", "市中心"), by=PLANNER)
    assert tiers(firm)[1] == 0
    make.recognition(firm, "scale_up", valid_from=clock.today() - timedelta(days=1), valid_to=None, open_ended=True)
    assert tiers(firm)[1] == 1


def test_ten_thousand_counts_firms_not_talks(firm: Enterprise) -> None:
    draft = ConsultDraft("consult", clock.today(), "成本核算", "市中心")
    assert consulting.record(enterprise=firm, draft=draft, by=PLANNER)
    assert not consulting.record(enterprise=firm, draft=draft, by=PLANNER)
    consulting.record(enterprise=firm, draft=ConsultDraft("consult", clock.today(), "股权设计", "市中心"), by=PLANNER)
    assert tiers(firm) == [0, 0, 1]


def test_every_cell_of_the_heat_map_is_the_length_of_its_list(firm: Enterprise) -> None:
    diagnosed(firm)
    make_visit(firm, visited_on=clock.today(), findings=(FindingDraft("库存积压", "red"), FindingDraft("账期长", "yellow")))
    day = clock.today()
    asked = heat.Asked(day - timedelta(days=5), day)
    found = heat.cells(ALL, asked)
    assert found == {("34", firm.unit_id): 3}
    for source, count in (("visit", 2), ("diagnosis", 1)):
        page = heat.page_findings(ALL, heat.Asked(asked.first, asked.last, source=source, division="34", unit_id=firm.unit_id), None, 50)
        assert page.total == len(page.rows) == count


def test_a_need_of_finance_ends_with_an_amount(firm: Enterprise) -> None:
    row = finance.raise_need(enterprise=firm, draft=finance.FinanceDraft("working", "备料", Decimal(3_000_000)), by=PLANNER)
    finance.take_step(need=row, enterprise=firm, step="match", version=1, reason="聊城农商行", by=PLANNER)
    with pytest.raises(Invalid, match="获批金额"):
        finance.take_step(need=row, enterprise=firm, step="grant", version=2, reason="同意", by=PLANNER)
    finance.take_step(need=row, enterprise=firm, step="grant", version=2, reason="同意", granted_yuan=Decimal(2_000_000), by=PLANNER)
    assert (row.state, row.bank, row.granted_yuan) == ("granted", "聊城农商行", Decimal(2_000_000))
