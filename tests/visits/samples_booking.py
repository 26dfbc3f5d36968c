"""Records behind the pages of requests, appointments and projects, for the general tests."""

from datetime import timedelta
from decimal import Decimal

from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.teams.models import ServiceTeam
from app.visits.actions import appointments, projects
from app.visits.actions.projects import ProjectDraft, ResultDraft
from app.visits.models import Appointment, ProjectResult, ServiceProject, ServiceRequest
from tests.factories import ladder as make
from tests.factories import teams
from tests.factories.booking import OFFICER, PLANNER, ask, book
from tests.factories.visits import assign
from tests.pages_registry import query, sample

query("visits.day_list", f"?day={(clock.today() + timedelta(days=1)).isoformat()}&who=all")


def firm() -> Enterprise:
    """A firm of 古楼街道, 东昌府区, served by team 1 (the personas' team)."""
    row = make.firm(make.area("371502001"), name="柳河机械有限公司")
    if not db.session.get(ServiceTeam, 1):
        teams.team(1, id=1)
        teams.team(2, id=2)
    assign(row, 1)
    db.session.commit()
    return row


def asked(**more: object) -> ServiceRequest:
    row = ask(firm(), **more)
    db.session.commit()
    return row


def planned(*, state: str = "proposed", **more: object) -> Appointment:
    """An appointment of tomorrow (or of a quiet day, waiting for an approval)."""
    enterprise = firm()
    row = book(enterprise, **({"approval_reason": "节前安全核查"} | more))
    if state == "awaiting":
        row.state, row.over_cap = "awaiting", True
    elif row.state == "awaiting":
        appointments.take_step(appointment=row, enterprise=enterprise, step="approve", version=row.version, reason="同意", by=OFFICER)
    db.session.commit()
    return row


def project(*steps: str) -> ServiceProject:
    enterprise = firm()
    today = clock.today()
    draft = ProjectDraft("换模时间缩短", "换模时间减半", today, today + timedelta(days=90), team_id=1)
    row = projects.open_project(enterprise=enterprise, draft=draft, by=PLANNER)
    result = ResultDraft("换模时间", "分钟", Decimal(60), Decimal(28), "现场记录")
    projects.add_result(project=row, enterprise=enterprise, draft=result, by=PLANNER)
    projects.change_project(project=row, enterprise=enterprise, draft=draft, summary="已完成", version=row.version, by=PLANNER)
    for step in steps:
        projects.take_step(project=row, enterprise=enterprise, step=step, version=row.version, reason="同意", visits=0, by=PLANNER)
    db.session.commit()
    return row


SEES = {"viewers": ("bureau", "county", "leader", "team_leader", "expert"), "refused": ("town", "contact", "department", "system"), "statements": 18}
PLANS = {"viewers": ("bureau", "county", "team_leader"), "refused": ("leader", "town", "expert", "contact"), "statements": 18}
REVIEWS = {"viewers": ("county",), "refused": ("leader", "town", "expert", "liaison"), "statements": 18}
ONCE = PLANS | {"viewers": ("county",)}
TOMORROW = (clock.today() + timedelta(days=1)).isoformat()


@sample("visits.request_page", **SEES)
def request_page() -> str:
    return f"/visits/requests/{asked().id}"


@sample("visits.request_step", method="POST", data={"step": "accept", "version": "1"}, **ONCE)
def request_step() -> str:
    return f"/visits/requests/{asked().id}/step"


@sample("visits.choose", viewers=("bureau", "expert"), strangers=(), refused=("town", "contact"))
def choose() -> str:
    return "/visits/choose/appointment"


@sample("visits.new_request", viewers=("bureau", "expert"), refused=("leader", "town", "contact"))
def new_request() -> str:
    return f"/visits/enterprises/{firm().id}/requests/new"


@sample("visits.new_request", method="POST", viewers=("bureau", "expert"), refused=("leader", "town", "contact"), data={"text": "想了解贴息政策"})
def new_request_posted() -> str:
    return f"/visits/enterprises/{firm().id}/requests/new"


@sample("visits.mine", method="POST", viewers=(), strangers=(), refused=("bureau", "expert", "town"), data={"text": "想请专家来看看"})
def mine_posted() -> str:
    return "/visits/mine"


@sample("visits.mine_of", viewers=("contact",), strangers=(), refused=("bureau", "expert", "town"))
def mine_of() -> str:
    return f"/visits/mine/of/{firm().id}"


@sample("visits.withdraw_request", method="POST", viewers=(), strangers=("contact",), refused=("bureau", "expert"), data={"version": "1"})
def withdrawn() -> str:
    firm()  # the contact's own firm has the first id
    return f"/visits/mine/requests/{asked().id}/withdraw"


@sample("visits.answer_appointment", method="POST", viewers=(), strangers=("contact",), refused=("bureau", "expert"), data={"version": "1", "answer": "agree"})
def answered() -> str:
    firm()
    return f"/visits/mine/appointments/{planned().id}/answer"


@sample("visits.new_appointment", **PLANS)
def new_appointment() -> str:
    return f"/visits/enterprises/{firm().id}/appointments/new"


@sample("visits.new_appointment", method="POST", **ONCE, data={
    "planned_on": TOMORROW, "purpose": "看生产线", "team_id": "1", "basis": "appointment", "mode": "on_site", "approval_reason": "节前安全核查",
})
def new_appointment_posted() -> str:
    return f"/visits/enterprises/{firm().id}/appointments/new"


@sample("visits.appointment", **SEES)
def appointment() -> str:
    return f"/visits/appointments/{planned().id}"


@sample("visits.appointment_step", method="POST", **ONCE, data={"step": "cancel", "version": "2", "reason": "检修"})
def appointment_step() -> str:
    row = planned()
    row.version = 2
    db.session.commit()
    return f"/visits/appointments/{row.id}/step"


@sample("visits.appointment_approval", method="POST", **REVIEWS, data={"step": "approve", "version": "1", "reason": "同意"})
def approval() -> str:
    return f"/visits/appointments/{planned(state='awaiting').id}/approval"


@sample("visits.join_appointment", method="POST", **ONCE, data={"team_id": "2"})
def joined() -> str:
    return f"/visits/appointments/{planned().id}/join"


@sample("visits.reschedule_appointment", **PLANS)
def moved() -> str:
    return f"/visits/appointments/{planned().id}/reschedule"


@sample("visits.reschedule_appointment", method="POST", **ONCE, data={
    "planned_on": (clock.today() + timedelta(days=2)).isoformat(), "reason": "专家出差", "version": "7", "approval_reason": "节前安全核查",
})
def moved_posted() -> str:
    row = planned()
    row.version = 7
    db.session.commit()
    return f"/visits/appointments/{row.id}/reschedule"


@sample("visits.enterprise_panel", **SEES)
def panel() -> str:
    return f"/visits/enterprises/{planned().enterprise_id}/service"


@sample("visits.new_contact", viewers=("bureau", "expert"), refused=("leader", "town", "contact"))
def new_contact() -> str:
    return f"/visits/enterprises/{firm().id}/contacts/new"


@sample("visits.new_contact", method="POST", viewers=("bureau", "expert"), refused=("leader", "town", "contact"), data={
    "kind": "call", "on_day": clock.today().isoformat(), "note": "问填报进度",
})
def new_contact_posted() -> str:
    return f"/visits/enterprises/{firm().id}/contacts/new"


@sample("visits.new_project", **PLANS)
def new_project() -> str:
    return f"/visits/enterprises/{firm().id}/projects/new"


@sample("visits.new_project", method="POST", **PLANS, data={
    "title": "精益改造", "goal": "次品率减半", "kind": "service", "team_id": "1", "starts_on": TOMORROW, "ends_on": (clock.today() + timedelta(days=90)).isoformat(),
})
def new_project_posted() -> str:
    return f"/visits/enterprises/{firm().id}/projects/new"


@sample("visits.project", **SEES)
def project_page() -> str:
    return f"/visits/projects/{project('start').id}"


@sample("visits.edit_project", **PLANS)
def edit_project() -> str:
    return f"/visits/projects/{project().id}/edit"


@sample("visits.edit_project", method="POST", **PLANS, data={
    "title": "精益改造", "goal": "次品率减半", "kind": "service", "team_id": "1", "starts_on": TOMORROW, "ends_on": (clock.today() + timedelta(days=91)).isoformat(), "version": "2",
})
def edit_project_posted() -> str:
    return f"/visits/projects/{project().id}/edit"


@sample("visits.project_step", method="POST", **ONCE, data={"step": "start", "version": "2"})
def project_step() -> str:
    return f"/visits/projects/{project().id}/step"


@sample("visits.project_decision", method="POST", **REVIEWS, data={"step": "accept", "version": "4", "reason": "达到目标"})
def project_decision() -> str:
    return f"/visits/projects/{project('start', 'deliver').id}/decision"


@sample("visits.add_result", method="POST", **PLANS, data={"label": "次品率", "before": "3.2", "after": "1.1", "unit": "%"})
def add_result() -> str:
    return f"/visits/projects/{project('start').id}/results"


@sample("visits.remove_result", method="POST", **ONCE)
def remove_result() -> str:
    row = project("start")
    result = db.session.query(ProjectResult).filter_by(project_id=row.id).one()
    return f"/visits/projects/{row.id}/results/{result.id}/remove"
