"""Diagnoses: begun from a template of the pack, filled in, finished and never changed afterwards; the next edition begins with the last one's answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.enterprises.models import Enterprise
from app.infra import clock, outbox
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.packs.schema import DiagnosisTemplate
from app.policies.queries import pack_of_city
from app.teams.queries import assignment_of
from app.visits.actions.steps import change, note, said
from app.visits.models import DiagnosisItem, ServiceDiagnosis
from app.visits.rules.improvement import ANSWERS, Checked, lacking
from app.visits.rules.visit import FINDING_KINDS

WORD = "这份诊断"


@dataclass(frozen=True)
class Answer:
    """What was said about one row."""

    answer: str | None
    kind: str | None
    text: str | None
    measure: str | None


@dataclass(frozen=True)
class Head:
    """What stands above and below the rows."""

    done_on: date
    experts: str | None
    situation: str | None
    conclusion: str | None


def begin(*, enterprise: Enterprise, template_code: str, done_on: date, by: Actor, project_id: int | None = None) -> ServiceDiagnosis:
    """Begin a diagnosis of today's template. Raises ``Invalid`` for an unknown template or a wrong day."""
    pack = pack_of_city(enterprise.city_id)
    template = cast("DiagnosisTemplate | None", pack.find("diagnosis_templates", template_code))
    if template is None or template.disabled:
        raise Invalid("template", "政策包里没有这个诊断模板，请从列表中选择。", "template")
    _day(done_on)
    last = _last(enterprise.id, template.kind)
    if last is not None and last.state == "draft":
        raise Conflict("open", f"这家企业已有一份填写中的{template.label}（第 {last.edition} 版），请先完成它。")
    served = assignment_of(enterprise.id, clock.today())
    row = ServiceDiagnosis(
        enterprise_id=enterprise.id, kind=template.kind, edition=1 if last is None else last.edition + 1, state="draft", template_code=template.code,
        template_label=template.label, pack_hash=pack.hash, team_id=None if served is None else served.team_id, project_id=project_id, done_on=done_on,
        created_at=clock.now(), created_by=by.user_id, created_name=by.name[:80], version=1,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        raise Conflict("open", "别人刚为这家企业建了同一版诊断，请从诊断列表打开。") from error
    before = {} if last is None else {item.code: item for item in items_of(last.id)}
    for position, check in enumerate(template.checks):
        old = before.get(check.code)
        db.session.add(DiagnosisItem(
            diagnosis_id=row.id, position=position, code=check.code, label=check.label[:200], stage_code=check.stage, action_code=check.action,
            answer=old.answer if old else None, kind=old.kind if old else None, text=old.text if old else None, measure=old.measure if old else None,
        ))
    note("diagnosis", row, enterprise, "begin", None, by=by, team_id=row.team_id, new={"kind": row.kind, "edition": row.edition})
    return row


def _last(enterprise_id: int, kind: str) -> ServiceDiagnosis | None:
    return db.session.scalars(
        select(ServiceDiagnosis).where(ServiceDiagnosis.enterprise_id == enterprise_id, ServiceDiagnosis.kind == kind)
        .order_by(ServiceDiagnosis.edition.desc()).limit(1)
    ).first()


def items_of(diagnosis_id: int) -> Sequence[DiagnosisItem]:
    """Rows in their order."""
    return db.session.scalars(select(DiagnosisItem).where(DiagnosisItem.diagnosis_id == diagnosis_id).order_by(DiagnosisItem.position)).all()


def _day(day: date) -> None:
    today = clock.today()
    if not date(2015, 1, 1) <= day <= today:
        raise Invalid("done_on", "诊断日期应在今天以前，请检查。", "done_on")


def save(
    *, diagnosis: ServiceDiagnosis, enterprise: Enterprise, head: Head, answers: Mapping[int, Answer], version: int, finish: bool, by: Actor,
) -> list[str]:
    """Keep what is filled in; ``finish``: and close it. What keeps it from being finished comes back in words; everything typed is kept anyway."""
    if diagnosis.state != "draft":
        raise Conflict("state", "这份诊断已经完成，不能再改。需要更正请做下一版。")
    _day(head.done_on)
    rows = items_of(diagnosis.id)
    for item in rows:
        if item.id in answers:
            _keep(item, answers[item.id])
    conclusion = said(head.conclusion, 1000)
    values: dict[str, object] = {
        "done_on": head.done_on, "experts": said(head.experts), "situation": said(head.situation, 1000), "conclusion": conclusion,
    }
    missing = lacking(diagnosis.kind, [Checked(row.label, row.answer, row.text) for row in rows], conclusion) if finish else []
    if finish and not missing:
        values |= {"state": "finished", "finished_at": clock.now()}
    change(diagnosis, version, WORD, **values)
    if diagnosis.state == "finished":
        note("diagnosis", diagnosis, enterprise, "finish", "draft", by=by)
        outbox.publish("visits.diagnosis_finished", f"diagnosis:{diagnosis.id}:finished", {
            "diagnosis_id": diagnosis.id, "enterprise_id": enterprise.id, "team_id": diagnosis.team_id, "enterprise": enterprise.name,
        })
    else:
        note("diagnosis", diagnosis, enterprise, "save", "draft", by=by)
    return missing


def _keep(item: DiagnosisItem, answer: Answer) -> None:
    if (answer.answer and answer.answer not in ANSWERS) or (answer.kind and answer.kind not in FINDING_KINDS):
        raise Invalid("answer", f"“{item.label}”的选项无效，请重新选择。")
    item.answer, item.kind = answer.answer or None, answer.kind or None
    item.text, item.measure = said(answer.text, 500), said(answer.measure, 500)


def discard(*, diagnosis: ServiceDiagnosis, enterprise: Enterprise, by: Actor) -> None:
    """Drop a diagnosis that was never finished."""
    if diagnosis.state != "draft":
        raise Conflict("state", "诊断已经完成，不能删除。")
    note("diagnosis", diagnosis, enterprise, "discard", "draft", by=by)
    for item in items_of(diagnosis.id):
        db.session.delete(item)
    db.session.flush()
    db.session.delete(diagnosis)
    db.session.flush()
