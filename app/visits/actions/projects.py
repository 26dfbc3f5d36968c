"""Service projects: set up, carried out, results entered, delivered, accepted by somebody else."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra import audit, clock, outbox
from app.infra.audit import Subject
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.policies.queries import pack_of_city
from app.visits.actions.steps import Refused, change, checked, note, said
from app.visits.models.projects import ProjectResult, ServiceProject
from app.visits.rules.projects import DECISIONS, KINDS, STEPS, lacking

WORD = "这个服务项目"
MOST_RESULTS = 30


@dataclass(frozen=True)
class ProjectDraft:
    """A project as its carrier wants it: a team or a provider."""

    title: str
    goal: str
    starts_on: date
    ends_on: date
    kind: str = "service"
    team_id: int | None = None
    provider_id: int | None = None
    domain_code: str | None = None
    action_code: str | None = None
    lead_name: str | None = None


def _problems(draft: ProjectDraft, enterprise: Enterprise) -> list[tuple[str, str]]:
    pack, found = pack_of_city(enterprise.city_id), []
    if not (draft.title or "").strip():
        found.append(("title", "请填写项目名称。"))
    if not (draft.goal or "").strip():
        found.append(("goal", "请写明项目要达到的目标。"))
    if draft.kind not in KINDS:
        found.append(("kind", "请选择项目类型。"))
    if draft.team_id is None and draft.provider_id is None:
        found.append(("team_id", "请选择承担项目的服务队或服务商。"))
    if draft.ends_on < draft.starts_on:
        found.append(("ends_on", "结束日期早于开始日期，请检查。"))
    if (draft.ends_on - draft.starts_on).days > 3 * 366:
        found.append(("ends_on", "项目期超过三年，请检查日期。"))
    if draft.domain_code and pack.find("service_domains", draft.domain_code) is None:
        found.append(("domain_code", "没有这个服务领域，请从列表中选择。"))
    if draft.action_code and pack.find("actions", draft.action_code) is None:
        found.append(("action_code", "没有这项帮扶行动，请从列表中选择。"))
    return found


def _values(draft: ProjectDraft) -> dict[str, object]:
    return asdict(draft) | {
        "title": said(draft.title, 120), "goal": said(draft.goal, 500), "lead_name": said(draft.lead_name, 60),
        "domain_code": draft.domain_code or None, "action_code": draft.action_code or None,
    }


def open_project(*, enterprise: Enterprise, draft: ProjectDraft, by: Actor) -> ServiceProject:
    """Set up a project. Raises ``Refused``."""
    problems = _problems(draft, enterprise)
    if problems:
        raise Refused(problems)
    row = ServiceProject(
        enterprise_id=enterprise.id, state="draft", created_at=clock.now(), created_by=by.user_id, version=1, **_values(draft),
    )
    db.session.add(row)
    db.session.flush()
    note("project", row, enterprise, "open", None, by=by, team_id=row.team_id, new=_values(draft))
    return row


def change_project(*, project: ServiceProject, enterprise: Enterprise, draft: ProjectDraft, summary: str | None, version: int, by: Actor) -> bool:
    """Correct a project that is not closed. False = nothing differed."""
    if project.state in ("accepted", "stopped"):
        raise Conflict("state", "项目已经验收或终止，不能再修改。")
    problems = _problems(draft, enterprise)
    if problems:
        raise Refused(problems)
    fields = _values(draft) | {"summary": said(summary, 1000)}
    old, new = audit.changes({name: getattr(project, name) for name in fields}, fields)
    if not new:
        return False
    change(project, version, WORD, **fields)
    audit.record("project.changed", Subject("project", project.id, enterprise.name), old, new, by=by)
    db.session.flush()
    return True


@dataclass(frozen=True)
class ResultDraft:
    """One figure before and after; either may be unknown."""

    label: str
    unit: str | None
    before: Decimal | None
    after: Decimal | None
    evidence: str | None


def add_result(*, project: ServiceProject, enterprise: Enterprise, draft: ResultDraft, by: Actor) -> ProjectResult:
    """Enter a result while the project runs."""
    if project.state not in ("draft", "active", "delivered"):
        raise Conflict("state", "项目已经验收或终止，不能再登记成果。")
    label = said(draft.label, 80)
    if not label:
        raise Invalid("label", "请填写成果指标的名称，如“次品率”。", "label")
    if draft.before is None and draft.after is None:
        raise Invalid("after", "请至少填写实施前或实施后的数值。", "after")
    if (db.session.scalar(select(func.count()).select_from(ProjectResult).where(ProjectResult.project_id == project.id)) or 0) >= MOST_RESULTS:
        raise Invalid("too_many", f"一个项目最多登记 {MOST_RESULTS} 项成果。")
    row = ProjectResult(
        project_id=project.id, label=label, unit=said(draft.unit, 20), before=draft.before, after=draft.after, evidence=said(draft.evidence),
        recorded_at=clock.now(), recorded_by=by.user_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("project.result_added", Subject("project", project.id, enterprise.name), None, asdict(draft), by=by)
    db.session.flush()
    return row


def remove_result(*, project: ServiceProject, enterprise: Enterprise, result: ProjectResult, by: Actor) -> None:
    """Take a result out before the acceptance."""
    if project.state not in ("draft", "active"):
        raise Conflict("state", "项目已提请验收，不能删除成果。")
    old = {"label": result.label, "before": result.before, "after": result.after, "unit": result.unit, "evidence": result.evidence}
    db.session.delete(result)
    audit.record("project.result_removed", Subject("project", project.id, enterprise.name), old, None, by=by)
    db.session.flush()


def take_step(
    *, project: ServiceProject, enterprise: Enterprise, step: str, version: int, reason: str | None, visits: int, by: Actor,
) -> ServiceProject:
    """Start, deliver, accept, return or stop. ``visits``: complete visits of the project. Who delivered it does not accept it."""
    found = STEPS.get(step)
    if found is None:
        raise Invalid("step", "没有这个办理步骤，请从页面上的按钮操作。")
    kept, before, today = checked(found, project.state, reason, WORD), project.state, clock.today()
    results = db.session.scalar(select(func.count()).select_from(ProjectResult).where(ProjectResult.project_id == project.id)) or 0
    if missing := lacking(step=step, results=results, visits=visits, summary=project.summary):
        raise Invalid("incomplete", "".join(missing))
    if step in DECISIONS and by.user_id is not None and project.delivered_by == by.user_id:
        raise Forbidden("own_project", "不能验收自己提请的项目，请由其他审核人办理。")
    values: dict[str, object] = {"state": found.to}
    if step == "deliver":
        values |= {"delivered_on": today, "delivered_by": by.user_id}
    if step == "accept":
        values |= {"accepted_on": today, "accepted_by": by.user_id, "accepted_name": by.name[:80], "opinion": kept}
    if step in ("return", "stop"):
        values["reason"] = kept
    change(project, version, WORD, **values)
    note("project", project, enterprise, step, before, by=by, reason=kept)
    outbox.publish(f"visits.project_{step}", f"project:{project.id}:{step}:{project.version}", {
        "project_id": project.id, "enterprise_id": enterprise.id, "team_id": project.team_id, "enterprise": enterprise.name, "title": project.title,
    })
    return project
