"""Requests of enterprises: asked, answered within the clock, closed (有求必应)."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.enterprises.models import Enterprise
from app.infra import clock, outbox
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.policies.queries import pack_of_city
from app.teams.queries import assignment_of
from app.visits.actions.steps import Refused, change, checked, note, said
from app.visits.models.requests import ServiceRequest
from app.visits.queries.policy import answer_due
from app.visits.rules.booking import REQUEST_STEPS, SOURCES

SHORTEST = 4
WORD = "这项服务申请"


@dataclass(frozen=True)
class RequestDraft:
    """What the enterprise asks for. ``team_id`` None = its own team."""

    text: str
    source: str = "contact"
    domain_code: str | None = None
    action_code: str | None = None
    wished_on: date | None = None
    contact_name: str | None = None
    team_id: int | None = None


def _problems(draft: RequestDraft, enterprise: Enterprise) -> list[tuple[str, str]]:
    pack, today, found = pack_of_city(enterprise.city_id), clock.today(), []
    if len((draft.text or "").strip()) < SHORTEST:
        found.append(("text", f"请写明希望得到什么帮助（至少 {SHORTEST} 个字）。"))
    if draft.source not in SOURCES:
        found.append(("source", "请选择申请来源。"))
    if draft.domain_code and pack.find("service_domains", draft.domain_code) is None:
        found.append(("domain_code", "没有这个服务领域，请从列表中选择。"))
    if draft.action_code and pack.find("actions", draft.action_code) is None:
        found.append(("action_code", "没有这项帮扶行动，请从列表中选择。"))
    if draft.wished_on is not None and not today <= draft.wished_on <= today + timedelta(days=366):
        found.append(("wished_on", "希望的日期应在今天以后一年以内。"))
    return found


def _team_of(enterprise: Enterprise) -> int | None:
    served = assignment_of(enterprise.id, clock.today())
    return None if served is None else served.team_id


def raise_request(*, enterprise: Enterprise, draft: RequestDraft, by: Actor) -> ServiceRequest:
    """The enterprise asks; the response clock starts. It is on the desk of its team, or of its county when it has none."""
    problems = _problems(draft, enterprise)
    if enterprise.status in ("cancelled", "revoked", "merged"):
        problems.append(("enterprise_id", "这家企业已注销、吊销或并入其他企业，不能提出服务申请。"))
    if problems:
        raise Refused(problems)
    now = clock.now()
    row = ServiceRequest(
        enterprise_id=enterprise.id, source=draft.source, state="new", text=said(draft.text, 500), domain_code=draft.domain_code or None,
        action_code=draft.action_code or None, wished_on=draft.wished_on, contact_name=said(draft.contact_name, 60),
        team_id=draft.team_id if draft.team_id is not None else _team_of(enterprise), asked_at=now,
        due_at=answer_due(enterprise.city_id, now), created_by=by.user_id, version=1,
    )
    db.session.add(row)
    db.session.flush()
    note("request", row, enterprise, "raise", None, by=by, team_id=row.team_id, new={"source": row.source, "due_at": row.due_at})
    outbox.publish("visits.request_raised", f"request:{row.id}:raised", {
        "request_id": row.id, "enterprise_id": enterprise.id, "team_id": row.team_id, "enterprise": enterprise.name,
    })
    return row


def take_step(
    *, request: ServiceRequest, enterprise: Enterprise, step: str, version: int, reason: str | None, by: Actor, team_id: int | None = None,
) -> ServiceRequest:
    """Accept, refuse, transfer, finish or withdraw. Accepting and refusing stop the clock; a transfer does not."""
    found = REQUEST_STEPS.get(step)
    if found is None:
        raise Invalid("step", "没有这个办理步骤，请从页面上的按钮操作。")
    kept, before, now = checked(found, request.state, reason, WORD), request.state, clock.now()
    values: dict[str, object] = {"state": found.to or before, "reason": kept or request.reason}
    if step == "transfer":
        if team_id is None or team_id == request.team_id:
            raise Invalid("team_id", "请选择要转去的另一支服务队。", "team_id")
        values["team_id"] = team_id
    if step in ("accept", "refuse") and request.answered_at is None:
        values["answered_at"] = now
    if values["state"] in ("refused", "done", "withdrawn"):
        values["closed_at"] = now
    change(request, version, WORD, **values)
    note("request", request, enterprise, step, before, by=by, reason=kept, team_id=request.team_id)
    outbox.publish(f"visits.request_{step}", f"request:{request.id}:{step}:{request.version}", {
        "request_id": request.id, "enterprise_id": enterprise.id, "team_id": request.team_id, "enterprise": enterprise.name, "reason": kept,
    })
    return request


def booked(*, request: ServiceRequest, enterprise: Enterprise, by: Actor) -> None:
    """An appointment was made for it. A request nobody had answered is answered by that."""
    if request.state not in ("new", "accepted"):
        raise Conflict("state", "这项申请已经预约过或已办结，请刷新页面查看最新情况。")
    before = request.state
    change(request, request.version, WORD, state="booked", answered_at=request.answered_at or clock.now())
    note("request", request, enterprise, "book", before, by=by)


def unbooked(*, request: ServiceRequest, enterprise: Enterprise, reason: str | None, by: Actor) -> None:
    """Its appointment fell through: it waits for another one."""
    if request.state == "booked":
        change(request, request.version, WORD, state="accepted")
        note("request", request, enterprise, "unbook", "booked", by=by, reason=reason)


def settled(*, request: ServiceRequest, enterprise: Enterprise, by: Actor) -> None:
    """The visit it asked for took place."""
    if request.state in ("booked", "accepted", "new"):
        before = request.state
        change(request, request.version, WORD, state="done", closed_at=clock.now(), answered_at=request.answered_at or clock.now())
        note("request", request, enterprise, "settle", before, by=by)
