"""What demands add to the page of an enterprise."""

from collections.abc import Iterator
from datetime import date

from flask import has_request_context, url_for

from app.demands.queries.records import events_of_enterprise
from app.demands.rules.states import OUTCOMES, RATINGS
from app.enterprises.queries import TimelineItem
from app.infra import clock
from app.infra.web.access import has
from app.kernel.permission import Permission

TONES = {"raised": "info", "finish": "ok", "rate": "ok", "reopen": "warn"}


def timeline(enterprise_id: int, day: date, known_on: date | None) -> Iterator[TimelineItem]:
    """Raised, answered, rated, reopened up to the day. The caller has checked that the viewer may see the enterprise."""
    if has_request_context() and not has(Permission.DEMAND_VIEW):
        return
    for event, demand in events_of_enterprise(enterprise_id, day, known_on):
        said = {
            "raised": f"提出诉求：{demand.title}", "finish": f"诉求办结：{demand.title}", "rate": f"评价诉求：{RATINGS.get(demand.rating or 0, '')}",
            "reopen": f"诉求重办：{demand.title}",
        }[event.kind]
        text = OUTCOMES.get(demand.outcome or "", "") if event.kind == "finish" else ""
        url = url_for("demands.show", demand_id=demand.id) if known_on is None else None
        yield TimelineItem(clock.local(event.at).date(), said, text, TONES[event.kind], demand.number, url)
