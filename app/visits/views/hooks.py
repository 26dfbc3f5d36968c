"""What visits add to the pages of others: menu, timeline of the enterprise, references for merging."""

from collections.abc import Iterator
from datetime import date

from flask import has_request_context, url_for

from app.enterprises import references
from app.enterprises.queries import TimelineItem, register_timeline
from app.infra import changes
from app.infra.web import navigation
from app.infra.web.access import has
from app.infra.web.navigation import NavItem
from app.kernel.permission import Permission
from app.visits.actions.visits import refresh_last_visits
from app.visits.queries import visits as queries
from app.visits.rules.visit import MODES


def timeline(enterprise_id: int, day: date, known_on: date | None) -> Iterator[TimelineItem]:
    """Complete visits up to the day. The caller has checked that the viewer may see the enterprise."""
    if has_request_context() and not has(Permission.VISIT_VIEW):
        return
    for row in queries.visits_of_enterprise(enterprise_id, day, known_on):
        tone = "bad" if row.red else "info"
        text = row.summary if len(row.summary) <= 60 else row.summary[:60] + "…"
        yield TimelineItem(row.visited_on, f"走访（{MODES[row.mode]}）", text, tone, row.created_name, url_for("visits.show", visit_id=row.id))


def register() -> None:
    """Called once at start-up."""
    navigation.register(NavItem("服务企业", 40, "走访服务", "visits.index", "map-pin", Permission.VISIT_VIEW, phone=True))
    navigation.register(NavItem("服务企业", 40, "走访记录", "visits.ours", "map-pin", Permission.VISIT_OWN, phone=True))
    navigation.register(NavItem("服务企业", 43, "承诺台账", "visits.promises", "clipboard-list", Permission.VISIT_VIEW))
    navigation.register(NavItem("服务企业", 46, "镇街走访情况", "visits.towns", "building-community", Permission.ENTERPRISE_COUNT))
    register_timeline(timeline)
    references.register("visit", "enterprise_id", label="走访")
    references.register("visit_finding", "enterprise_id", label="走访发现的问题")
    references.register("visit_measure", "enterprise_id", label="帮扶措施")
    references.register("visit_promise", "enterprise_id", label="承诺")
    references.register("visit_answer", "enterprise_id", label="企业的走访反馈")
    changes.listen("enterprise.merged", refresh_last_visits)
