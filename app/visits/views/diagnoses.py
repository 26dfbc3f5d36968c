"""诊断: light or full, from the template of the pack; the report as Word."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file, url_for

from app.enterprises.queries import get_enterprise
from app.enterprises.queries import places as place_names
from app.infra import audit, clock
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import DomainError
from app.kernel.permission import Permission
from app.policies.queries import pack_of_city
from app.visits.actions import diagnoses as acting
from app.visits.actions.diagnoses import Answer
from app.visits.models import DiagnosisItem, ServiceDiagnosis
from app.visits.queries import improvement as queries
from app.visits.rules.improvement import ANSWER_TONES, ANSWERS, DIAGNOSIS_STATES, DIAGNOSIS_TONES, FOUND, KINDS
from app.visits.rules.visit import FINDING_KINDS
from app.visits.views import shared
from app.visits.views._blueprint import blueprint
from app.visits.views.choosing import labels
from app.visits.views.improvement_forms import BeginForm, DiagnosisForm
from app.visits.word import Report, Section, write

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _words() -> dict[str, Any]:
    return {
        "states": DIAGNOSIS_STATES, "tones": DIAGNOSIS_TONES, "kinds": KINDS, "answers": ANSWERS, "answer_tones": ANSWER_TONES, "found_kinds": FINDING_KINDS,
    }


@blueprint.get("/diagnoses")
@requires(Permission.VISIT_VIEW)
def diagnoses() -> str:
    """Diagnoses, latest first."""
    args = request.args
    asked = queries.Asked(args.get("state", ""), args.get("kind", ""), shared.whole("team"), shared.whole("unit"))
    page = queries.page_diagnoses(current_scope(), asked, args.get("cursor"), page_size(args.get("size")))
    return render_template(
        "visits/diagnoses.html", page=page, asked=asked, found=queries.found_counts([row[0].id for row in page.rows]), may_log=has(Permission.VISIT_LOG),
        **_words(), **shared.filters(), **shared.frame([row[0].team_id for row in page.rows]),
    )


@blueprint.route("/enterprises/<int:enterprise_id>/diagnoses/new", methods=["GET", "POST"])
@requires(Permission.VISIT_LOG)
@commits
def new_diagnosis(enterprise_id: int) -> Any:
    """Begin a diagnosis."""
    enterprise = get_enterprise(current_scope(), enterprise_id)
    form = BeginForm()
    form.offer(pack_of_city(enterprise.city_id))
    if form.is_submitted() and (known := shared.sent_before()):
        return redirect(url_for("visits.diagnosis", diagnosis_id=known), 303)
    if form.is_submitted() and form.validate():
        try:
            row = acting.begin(enterprise=enterprise, template_code=form.template.data, done_on=form.done_on.data, by=current_actor())
        except DomainError as error:
            shared.show(form, error)
        else:
            shared.remember(row.id)
            return redirect(url_for("visits.diagnosis", diagnosis_id=row.id), 303)
    if not form.is_submitted():
        form.done_on.data = clock.today()
    form.once.data = form.once.data or shared.new_once()
    earlier = queries.diagnoses_of(current_scope(), enterprise.id)
    page = render_template("visits/diagnosis_new.html", form=form, enterprise=enterprise, earlier=earlier, **_words(), **shared.frame())
    return page, 422 if form.errors else 200


@blueprint.get("/diagnoses/<int:diagnosis_id>")
@requires(Permission.VISIT_VIEW)
def diagnosis(diagnosis_id: int) -> str:
    """A diagnosis: the sheet to fill in while it is open, the report when it is finished."""
    row, enterprise = queries.get_diagnosis(current_scope(), diagnosis_id)
    form = DiagnosisForm(formdata=None, obj=row)
    return _page(row, enterprise, form, acting.items_of(row.id))


def _page(row: ServiceDiagnosis, enterprise: Any, form: DiagnosisForm, items: Any) -> str:
    pack, may = pack_of_city(enterprise.city_id), has_everywhere(Permission.VISIT_LOG)
    later = [one for one in queries.diagnoses_of(current_scope(Permission.VISIT_VIEW), enterprise.id) if one.kind == row.kind and one.id != row.id]
    return render_template(
        "visits/diagnosis_edit.html" if row.state == "draft" and may else "visits/diagnosis.html", row=row, enterprise=enterprise, form=form, items=items,
        stages=labels(pack, "service_stages"), actions={one.code: one.label for one in pack.actions()}, may_log=may, others=later,
        may_plan=has_everywhere(Permission.VISIT_PLAN), found=[one for one in items if one.answer in FOUND], **_words(), **shared.frame([row.team_id]),
    )


@blueprint.post("/diagnoses/<int:diagnosis_id>/save")
@requires(Permission.VISIT_LOG)
@commits
def save_diagnosis(diagnosis_id: int) -> Any:
    """Keep what is filled in; with ``finish`` also close it."""
    row, enterprise = queries.get_diagnosis(current_scope(), diagnosis_id)
    form, items, finish = DiagnosisForm(), acting.items_of(row.id), request.form.get("finish") == "1"
    answers = {item.id: _answer(item) for item in items}
    if form.validate():
        try:
            missing = acting.save(
                diagnosis=row, enterprise=enterprise, head=form.head(), answers=answers, version=shared.version(), finish=finish, by=current_actor(),
            )
        except DomainError as error:
            shared.show(form, error)
        else:
            said = "诊断已完成，可以导出报告、制定提升方案。" if row.state == "finished" else "已保存。" + "".join(missing)
            flash(said, "warn" if missing else "ok")
            return redirect(url_for("visits.diagnosis", diagnosis_id=row.id), 303)
    typed = [_Typed(item, answers[item.id]) for item in items]
    return _page(row, enterprise, form, typed), 422


def _answer(item: DiagnosisItem) -> Answer:
    def said(name: str) -> str:
        return request.form.get(f"{name}-{item.id}", "")

    return Answer(said("a"), said("k"), said("t"), said("m"))


class _Typed:
    """A row as it was typed, for the page that says what is wrong."""

    def __init__(self, item: DiagnosisItem, answer: Answer) -> None:
        self.id, self.label, self.stage_code, self.action_code = item.id, item.label, item.stage_code, item.action_code
        self.answer, self.kind, self.text, self.measure = answer.answer, answer.kind, answer.text, answer.measure


@blueprint.post("/diagnoses/<int:diagnosis_id>/discard")
@requires(Permission.VISIT_LOG)
@commits
def discard_diagnosis(diagnosis_id: int) -> Any:
    """Drop one that was never finished."""
    row, enterprise = queries.get_diagnosis(current_scope(), diagnosis_id)
    acting.discard(diagnosis=row, enterprise=enterprise, by=current_actor())
    flash("未完成的诊断已删除。", "ok")
    return redirect(url_for("visits.diagnoses"), 303)


@blueprint.post("/diagnoses/<int:diagnosis_id>/export")
@requires(Permission.VISIT_VIEW)
@commits
def export_diagnosis(diagnosis_id: int) -> Response:
    """The report as a Word document."""
    row, enterprise = queries.get_diagnosis(current_scope(), diagnosis_id)
    told = {"edition": row.edition, "kind": row.kind}
    audit.record("diagnosis.exported", Subject("diagnosis", row.id, enterprise.name), None, told, by=current_actor())
    name = f"{KINDS[row.kind]}报告_{enterprise.name[:40]}_第{row.edition}版.docx"
    return send_file(write(_report(row, enterprise)), DOCX, as_attachment=True, download_name=name)


def _report(row: ServiceDiagnosis, enterprise: Any) -> Report:
    items = acting.items_of(row.id)
    found = sorted((one for one in items if one.answer in FOUND), key=lambda one: (one.answer != "red", one.position))
    table = [("序号", "诊断条目", "程度", "问题", "建议措施")] + [
        (str(n), one.label, ANSWERS[one.answer or "ok"], (FINDING_KINDS.get(one.kind or "", "") + " " + (one.text or "")).strip(), one.measure or "—")
        for n, one in enumerate(found, 1)
    ]
    place = place_names.places().full_name(enterprise.town_id)
    head = [
        f"企业名称：{enterprise.name}", f"统一社会信用代码：{enterprise.credit_code}", f"所在地：{place or '—'}", f"主导产品：{enterprise.main_product or '—'}",
        f"诊断日期：{row.done_on:%Y年%m月%d日}", f"诊断专家：{row.experts or '—'}", f"诊断模板：{row.template_label}（{len(items)} 项，第 {row.edition} 版）",
    ]
    sections = [
        Section("基本情况", [*head, row.situation or "（未填写企业现状）"]),
        Section("发现的问题和建议", [f"共诊断 {len(items)} 项，发现问题 {len(found)} 项。"], table if found else ()),
        Section("诊断结论", [row.conclusion or "（未完成）"]),
    ]
    draft = "（草稿）" if row.state == "draft" else ""
    signed = shared.frame([row.team_id])["team_names"].get(row.team_id, "专家服务队")
    return Report(f"企业{KINDS[row.kind]}报告{draft}", enterprise.name, sections, signed, row.done_on)
