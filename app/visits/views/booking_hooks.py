"""Requests, appointments and projects at start-up: their pages, menu, references for merging."""

from datetime import date

from app.enterprises import references
from app.infra import ticks
from app.infra.web import navigation
from app.infra.web.navigation import NavItem
from app.kernel.permission import Permission
from app.visits.actions.snapshots import take_baselines
from app.visits.views import appointments, calendar, contacts, diagnoses, management, mine, plans, projects, requests, results

PAGES = (appointments, calendar, contacts, diagnoses, management, mine, plans, projects, requests, results)
"""Modules whose routes belong to the blueprint."""

BOOKING = frozenset(f"visits.{name}" for name in (
    "day_list", "requests", "request_page", "new_request", "appointments", "appointment", "new_appointment", "reschedule_appointment", "contacts",
    "new_contact",
))
IMPROVING = frozenset(f"visits.{name}" for name in (
    "diagnosis", "new_diagnosis", "plans", "plan", "new_plan", "edit_plan", "new_plan_item", "edit_plan_item", "heat_map", "findings", "consults",
    "new_consult", "finance_needs", "finance_need", "new_finance",
))


def new_day(day: date) -> int:
    """Enterprises that a team began to serve get their baseline."""
    return take_baselines(today=day)


def register() -> None:
    """Called once at start-up."""
    navigation.register(NavItem("服务企业", 41, "预约和申请", "visits.calendar", "calendar-event", Permission.VISIT_VIEW, covers=BOOKING))
    navigation.register(NavItem("服务企业", 41, "服务申请", "visits.mine", "calendar-event", Permission.VISIT_REQUEST, phone=True))
    navigation.register(NavItem("服务企业", 43, "服务项目", "visits.projects", "clipboard-list", Permission.VISIT_VIEW))
    navigation.register(NavItem("服务企业", 42, "诊断提升", "visits.diagnoses", "clipboard-check", Permission.VISIT_VIEW, covers=IMPROVING))
    navigation.register(NavItem("服务企业", 44, "服务成果", "visits.results", "report-analytics", Permission.VISIT_VIEW))
    navigation.register(NavItem("考核评价", 20, "管理提升百千万", "visits.tiers", "stairs-up", Permission.ENTERPRISE_COUNT))
    navigation.register(NavItem("考核评价", 21, "非请勿扰、有求必应", "visits.numbers", "shield-check", Permission.ENTERPRISE_COUNT))
    ticks.on_new_day("visits.baselines", new_day)
    references.register("service_diagnosis", "enterprise_id", unique=("kind", "edition"), label="企业诊断")
    references.register("improvement_plan", "enterprise_id", label="提升方案")
    references.register("consult_record", "enterprise_id", unique=("kind", "held_on", "topic"), label="管理咨询和培训")
    references.register("service_snapshot", "enterprise_id", unique=("kind", "year"), current="superseded_at", label="服务成果快照")
    references.register("finance_need", "enterprise_id", label="融资需求")
    references.register("service_request", "enterprise_id", label="服务申请")
    references.register("appointment", "enterprise_id", label="走访预约")
    references.register("disturbance", "enterprise_id", label="打扰记录")
    references.register("service_step", "enterprise_id", label="服务办理记录")
    references.register("service_project", "enterprise_id", label="服务项目")
