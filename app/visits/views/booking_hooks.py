"""Requests, appointments and projects at start-up: their pages, menu, references for merging."""

from app.enterprises import references
from app.infra.web import navigation
from app.infra.web.navigation import NavItem
from app.kernel.permission import Permission
from app.visits.views import appointments, calendar, contacts, mine, projects, requests

PAGES = (appointments, calendar, contacts, mine, projects, requests)
"""Modules whose routes belong to the blueprint."""


def register() -> None:
    """Called once at start-up."""
    navigation.register(NavItem("日常", 41, "预约和申请", "visits.calendar", "calendar-event", Permission.VISIT_VIEW))
    navigation.register(NavItem("日常", 41, "服务申请", "visits.mine", "calendar-event", Permission.VISIT_REQUEST, phone=True))
    navigation.register(NavItem("日常", 43, "服务项目", "visits.projects", "clipboard-list", Permission.VISIT_VIEW))
    references.register("service_request", "enterprise_id", label="服务申请")
    references.register("appointment", "enterprise_id", label="走访预约")
    references.register("disturbance", "enterprise_id", label="打扰记录")
    references.register("service_step", "enterprise_id", label="服务办理记录")
    references.register("service_project", "enterprise_id", label="服务项目")
