"""Records behind the pages of diagnoses, plans, management counters, finance and results, for the general tests."""

from datetime import timedelta
from decimal import Decimal

from app.infra import clock
from app.infra.db import db
from app.visits.actions import consulting, diagnoses, finance, plans
from app.visits.actions.consulting import ConsultDraft
from app.visits.actions.diagnoses import Answer, Head
from app.visits.actions.finance import FinanceDraft
from app.visits.actions.plans import ItemDraft, PlanDraft
from app.visits.actions.snapshots import take_baselines
from app.visits.models import FinanceNeed, ImprovementPlan, PlanItem, ServiceDiagnosis
from app.visits.rules.visit import FindingDraft
from tests.factories.booking import PLANNER
from tests.factories.visits import make_visit
from tests.pages_registry import sample
from tests.visits.samples_booking import ONCE, PLANS, REVIEWS, SEES, firm

FIELD = {"viewers": ("bureau", "expert"), "refused": ("leader", "town", "contact"), "statements": 18}
FIELD_ONCE = FIELD | {"viewers": ("expert",)}
TODAY = clock.today()


def diagnosis(*, finished: bool = False) -> ServiceDiagnosis:
    """A light diagnosis of a firm of team 1, one row red."""
    enterprise = firm()
    row = diagnoses.begin(enterprise=enterprise, template_code="light", done_on=TODAY, by=PLANNER)
    items = diagnoses.items_of(row.id)
    answers = {items[0].id: Answer("red", "pain", "换模时间长", "做快速换模")}
    head = Head(TODAY, "吴专家", "订单稳定", "以现场管理为重点")
    diagnoses.save(diagnosis=row, enterprise=enterprise, head=head, answers=answers, version=row.version, finish=finished, by=PLANNER)
    db.session.commit()
    return row


def plan(*steps: str) -> ImprovementPlan:
    enterprise = firm()
    row = plans.make(enterprise=enterprise, draft=PlanDraft("管理提升方案", TODAY, TODAY + timedelta(days=120)), by=PLANNER)
    item = plans.save_item(
        plan=row, enterprise=enterprise, draft=ItemDraft("库存积压", "高于标杆一倍", "建看板", "降到两周", "王厂长", TODAY + timedelta(days=30)), by=PLANNER,
    )
    for step in steps:
        if step == "deliver":
            plans.settle_item(plan=row, enterprise=enterprise, item=item, state="done", done_on=None, evidence="现场照片", by=PLANNER)
        plans.take_step(plan=row, enterprise=enterprise, step=step, version=row.version, reason="同意", by=PLANNER)
    db.session.commit()
    return row


def need() -> FinanceNeed:
    row = finance.raise_need(enterprise=firm(), draft=FinanceDraft("working", "备料", Decimal(3_000_000)), by=PLANNER)
    db.session.commit()
    return row


@sample("visits.diagnosis", **SEES)
def diagnosis_page() -> str:
    return f"/visits/diagnoses/{diagnosis(finished=True).id}"


@sample("visits.diagnosis", **SEES)
def diagnosis_open() -> str:
    return f"/visits/diagnoses/{diagnosis().id}"


@sample("visits.new_diagnosis", **FIELD)
def new_diagnosis() -> str:
    return f"/visits/enterprises/{firm().id}/diagnoses/new"


@sample("visits.new_diagnosis", method="POST", **FIELD_ONCE, data={"template": "full", "done_on": TODAY.isoformat()})
def new_diagnosis_posted() -> str:
    return f"/visits/enterprises/{firm().id}/diagnoses/new"


@sample("visits.save_diagnosis", method="POST", **FIELD_ONCE, data={"done_on": TODAY.isoformat(), "version": "2", "conclusion": "好"})
def saved() -> str:
    return f"/visits/diagnoses/{diagnosis().id}/save"


@sample("visits.discard_diagnosis", method="POST", **FIELD_ONCE)
def discarded() -> str:
    return f"/visits/diagnoses/{diagnosis().id}/discard"


@sample("visits.export_diagnosis", method="POST", viewers=("leader", "expert"), refused=("town", "contact"))
def exported() -> str:
    return f"/visits/diagnoses/{diagnosis(finished=True).id}/export"


@sample("visits.new_plan", **PLANS)
def new_plan() -> str:
    return f"/visits/enterprises/{firm().id}/plans/new"


@sample("visits.new_plan", method="POST", **PLANS, data={
    "title": "管理提升方案", "starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=90)).isoformat(),
})
def new_plan_posted() -> str:
    return f"/visits/enterprises/{firm().id}/plans/new"


@sample("visits.plan", **SEES)
def plan_page() -> str:
    return f"/visits/plans/{plan('start').id}"


@sample("visits.edit_plan", **PLANS)
def edit_plan() -> str:
    return f"/visits/plans/{plan().id}/edit"


@sample("visits.edit_plan", method="POST", **ONCE, data={
    "title": "提升方案二", "starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=91)).isoformat(), "version": "1",
})
def edit_plan_posted() -> str:
    return f"/visits/plans/{plan().id}/edit"


@sample("visits.new_plan_item", **PLANS)
def new_item() -> str:
    return f"/visits/plans/{plan().id}/items/new"


@sample("visits.new_plan_item", method="POST", **PLANS, data={"problem": "设备老化", "measure": "分期更新"})
def new_item_posted() -> str:
    return f"/visits/plans/{plan().id}/items/new"


def _item(row: ImprovementPlan) -> str:
    return f"/visits/plans/{row.id}/items/{db.session.query(PlanItem).filter_by(plan_id=row.id).one().id}"


@sample("visits.edit_plan_item", **PLANS)
def edit_item() -> str:
    return _item(plan())


@sample("visits.edit_plan_item", method="POST", **PLANS, data={"problem": "设备老化", "measure": "分期更新"})
def edit_item_posted() -> str:
    return _item(plan())


@sample("visits.settle_plan_item", method="POST", **PLANS, data={"state": "done", "evidence": "照片"})
def settled() -> str:
    return _item(plan("start")) + "/settle"


@sample("visits.plan_step", method="POST", **ONCE, data={"step": "start", "version": "1"})
def plan_step() -> str:
    return f"/visits/plans/{plan().id}/step"


@sample("visits.plan_decision", method="POST", **REVIEWS, data={"step": "accept", "version": "3", "reason": "达到目标"})
def plan_decision() -> str:
    return f"/visits/plans/{plan('start', 'deliver').id}/decision"


@sample("visits.tier", viewers=("bureau", "leader", "expert"), strangers=(), refused=("town", "contact"))
def tier() -> str:
    enterprise = firm()
    consulting.record(enterprise=enterprise, draft=ConsultDraft("consult", TODAY, "成本核算", "市中小企业服务中心"), by=PLANNER)
    db.session.commit()
    return "/visits/management/ten_thousand"


@sample("visits.new_consult", **FIELD)
def new_consult() -> str:
    return f"/visits/enterprises/{firm().id}/consults/new"


@sample("visits.new_consult", method="POST", **FIELD, data={
    "kind": "consult", "held_on": TODAY.isoformat(), "topic": "成本核算", "platform": "市中小企业服务中心",
})
def new_consult_posted() -> str:
    return f"/visits/enterprises/{firm().id}/consults/new"


@sample("visits.new_finance", **FIELD)
def new_finance() -> str:
    return f"/visits/enterprises/{firm().id}/finance/new"


@sample("visits.new_finance", method="POST", **FIELD, data={"kind": "working", "amount_yuan": "300", "purpose": "备料"})
def new_finance_posted() -> str:
    return f"/visits/enterprises/{firm().id}/finance/new"


@sample("visits.finance_need", **SEES)
def finance_need() -> str:
    return f"/visits/finance/{need().id}"


@sample("visits.finance_step", method="POST", **FIELD_ONCE, data={"step": "match", "version": "1", "reason": "农商行"})
def finance_step() -> str:
    return f"/visits/finance/{need().id}/step"


@sample("visits.result", **SEES | {"statements": 26})
def result() -> str:
    row = diagnosis(finished=True)
    take_baselines(by=PLANNER)
    from app.enterprises.models import Enterprise

    make_visit(db.session.get_one(Enterprise, row.enterprise_id), visited_on=TODAY, findings=(FindingDraft("库存积压", "red"),))
    db.session.commit()
    return f"/visits/results/{row.enterprise_id}"


@sample("visits.take_snapshot", method="POST", viewers=("bureau", "team_leader"), strangers=(), refused=("leader", "expert", "town"), data={"year": str(TODAY.year - 1)})
def snapshot() -> str:
    firm()
    return "/visits/results/snapshot"
