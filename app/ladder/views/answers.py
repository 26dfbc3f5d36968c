"""Entering what the base lacks for the rules: facts, figures, human judgements, jury points; their history, and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.enterprises import actions as figures_actions
from app.enterprises.models import SOURCES, Enterprise
from app.enterprises.queries import get_enterprise
from app.enterprises.queries.records import current_figures
from app.enterprises.rules.figures import FIELDS
from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.infra.web.templating import url_if
from app.kernel.errors import DomainError, NotFound
from app.kernel.permission import Permission
from app.ladder.actions.answers import EVIDENCE_NEEDED, current_answer, record_answer
from app.ladder.criteria import Diagnosis
from app.ladder.forms import AnswerForm, answer_form
from app.ladder.models.answers import NO_YEAR
from app.ladder.queries import answers as queries
from app.ladder.queries.answers import FIGURE, Subject
from app.ladder.queries.diagnoses import diagnose_known
from app.ladder.queries.facts import Known, known_of
from app.ladder.views._blueprint import blueprint
from app.packs import Pack

MOST_CHANGES = 4


@blueprint.route("/enterprises/<int:enterprise_id>/answers/new", methods=["GET", "POST"])
@requires(Permission.DIAGNOSIS_EDIT)
@commits
def answer(enterprise_id: int) -> Any:
    """One answer: ``field`` (and ``year``) of a fact, or ``rule`` and ``field`` of a judgement."""
    enterprise = get_enterprise(current_scope(), enterprise_id, lock=request.method == "POST")
    known = _known(enterprise_id)
    subject = asked_subject(known.pack)
    if subject.kind == FIGURE and not has(Permission.FIGURES_EDIT):
        return render_template("ladder/answer_elsewhere.html", enterprise=enterprise, subject=subject, back=card_url(enterprise_id))
    source = request.values.get("source", "")
    form = open_form(subject, enterprise_id, source if source in SOURCES else default_source(subject))
    if not form.is_submitted():
        return _page(enterprise, subject, form)
    if not form.validate():
        return _page(enterprise, subject, form), 422
    theirs = _changed_meanwhile(subject, form, enterprise_id)
    if theirs is not None:
        return _conflict(enterprise, subject, form, theirs), 409
    return _save(enterprise, known, subject, form)


def _known(enterprise_id: int) -> Known:
    return known_of([enterprise_id], as_of=clock.today())[enterprise_id]


def asked_subject(pack: Pack) -> Subject:
    """What the address asks to answer."""
    code, rule, year = (request.args.get(name, "")[:60] for name in ("field", "rule", "year"))
    if rule:
        return queries.judgement_subject(pack, rule, code)
    chosen = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    return queries.fact_subject(pack, code, chosen, clock.today())


def default_source(subject: Subject) -> str:
    """Platform points come from the platform, judgements from a visit, figures from a department."""
    return "platform" if subject.code in EVIDENCE_NEEDED else "visit" if subject.rule else "department"


def open_form(subject: Subject, enterprise_id: int, source: str) -> AnswerForm:
    """The form, filled with the answer that stands now."""
    dated = subject.kind != FIGURE and subject.year is None
    made = answer_form(subject.value_kind, subject.unit, subject.choices, dated)
    if subject.kind == FIGURE:
        present = current_figures(enterprise_id, subject.year or 0, source)
        value = None if present is None else getattr(present, subject.column or "")
        return made(data={"source": source, "value": value, "evidence": present.evidence if present else None, "seen": _id(present)})
    row = _present(subject, enterprise_id)
    if row is None:
        return made(data={"source": source, "seen": ""})
    value = queries.value_of(row, subject)
    start = {"value": ("1" if value else "0") if isinstance(value, bool) else value, "source": row.source, "evidence": row.evidence, "seen": _id(row)}
    return made(data=start | ({"valid_from": row.valid_from, "valid_to": row.valid_to} if dated else {}))


def _present(subject: Subject, enterprise_id: int) -> Any:
    return current_answer(enterprise_id, subject.stored_kind, subject.rule or "", subject.code, subject.year or NO_YEAR)


def _id(row: Any) -> str:
    return "" if row is None else str(row.id)


def _changed_meanwhile(subject: Subject, form: AnswerForm, enterprise_id: int) -> str | None:
    """What somebody else saved since the form was opened, in words; None = nothing. Figures are checked source by source."""
    if subject.kind == FIGURE:
        present = current_figures(enterprise_id, subject.year or 0, form.source.data)
        opened_with = request.form.get("opened_source", form.source.data)
        if _id(present) == (form.seen.data or "") or opened_with != form.source.data:
            return None
        value = None if present is None else getattr(present, subject.column or "")
        return None if value is None or value == form.answered() else f"{queries.words_of(subject, value)}（{SOURCES[form.source.data]}）"
    row = _present(subject, enterprise_id)
    if _id(row) == (form.seen.data or ""):
        return None
    if row is None:
        return "已撤回（现在没有数据）"
    return None if queries.value_of(row, subject) == form.answered() else f"{queries.value_text(row, subject)}（{SOURCES[row.source]}）"


def _save(enterprise: Enterprise, known: Known, subject: Subject, form: AnswerForm) -> Any:
    value = form.answered()
    try:
        if value is None:
            form.value.errors = [*form.value.errors, "请填写。"]
            return _page(enterprise, subject, form), 422
        _store(enterprise, subject, form, value)
    except NotFound:
        raise
    except DomainError as error:
        field = form[error.field] if error.field and error.field in form else form.value
        field.errors = [*field.errors, error.message_zh]
        return _page(enterprise, subject, form), 422
    flash(f"已录入“{enterprise.name}”的{subject.heading}：{queries.words_of(subject, value)}。", "ok")
    _tell_changes(enterprise.id, known)
    return redirect(card_url(enterprise.id), 303)


def _store(enterprise: Enterprise, subject: Subject, form: AnswerForm, value: Any) -> None:
    if subject.kind != FIGURE:
        dates = {name: form[name].data for name in ("valid_from", "valid_to") if name in form}
        record_answer(
            scope=current_scope(), enterprise_id=enterprise.id, field=subject.code, value=value, by=current_actor(), year=subject.year,
            rule=subject.rule, evidence=form.evidence.data, source=form.source.data, reported_on=form.reported_on.data, **dates,
        )
        return
    present = current_figures(enterprise.id, subject.year or 0, form.source.data)
    values = {field.code: getattr(present, field.code) if present else None for field in FIELDS} | {subject.column or "": value}
    figures_actions.add_figures(
        scope=current_scope(Permission.FIGURES_EDIT), enterprise_id=enterprise.id, year=subject.year or 0, source=form.source.data, values=values,
        by=current_actor(), evidence=form.evidence.data or (present.evidence if present else None), reported_on=form.reported_on.data,
    )


def _tell_changes(enterprise_id: int, before: Known) -> None:
    """Which verdicts the answer changed, in words."""
    for line in differences(diagnose_known(before), diagnose_known(_known(enterprise_id)))[:MOST_CHANGES]:
        flash(line, "info")


def differences(before: Sequence[Diagnosis], after: Sequence[Diagnosis]) -> list[str]:
    """专精特新中小企业：由“待补数据”变为“暂不满足”，还差 3 项（原 4 项）。"""
    earlier, lines = {one.title: one for one in before}, []
    for now in after:
        then = earlier.get(now.title)
        if then is None or now.verdict is None or then.verdict is None:
            continue
        moved, lacking, lacked = now.verdict is not then.verdict, len(now.open_units), len(then.open_units)
        if moved or lacking != lacked:
            verdict = f"由“{then.verdict.label}”变为“{now.verdict.label}”" if moved else f"仍为“{now.verdict.label}”"
            count = "" if lacking == lacked else f"，还差 {lacking} 项（原 {lacked} 项）"
            lines.append(f"{now.title_label}：{verdict}{count}。")
    return lines


def card_url(enterprise_id: int) -> str:
    """The gap card, or the dossier where it is not installed."""
    return url_if("workbench.gap_card", enterprise_id=enterprise_id) or url_for("ladder.of_enterprise", enterprise_id=enterprise_id)


def _page(enterprise: Enterprise, subject: Subject, form: AnswerForm) -> str:
    return render_template(
        "ladder/answer.html", enterprise=enterprise, subject=subject, form=form, back=card_url(enterprise.id),
        must_have_evidence=subject.code in EVIDENCE_NEEDED, this_year=clock.today().year,
    )


def _conflict(enterprise: Enterprise, subject: Subject, form: AnswerForm, theirs: str) -> str:
    return render_template(
        "ladder/answer_conflict.html", enterprise=enterprise, subject=subject, mine=queries.words_of(subject, form.answered()), theirs=theirs,
        again=request.full_path.rstrip("?"), back=card_url(enterprise.id),
    )


@blueprint.get("/enterprises/<int:enterprise_id>/answers")
@requires(Permission.DIAGNOSIS_VIEW)
def answers(enterprise_id: int) -> str:
    """Everything that was entered for the rules, with every version."""
    enterprise = get_enterprise(current_scope(), enterprise_id)
    pack = _known(enterprise_id).pack
    return render_template(
        "ladder/answers.html", enterprise=enterprise, groups=queries.answers_of(enterprise_id, pack), sources=SOURCES,
        may_edit=has(Permission.DIAGNOSIS_EDIT), back=card_url(enterprise_id),
    )


@blueprint.post("/answers/<int:answer_id>/undo")
@requires(Permission.DIAGNOSIS_EDIT)
@commits
def undo_answer(answer_id: int) -> Response:
    """Back to the version before, as a new version; without one the answer is taken back."""
    row, enterprise = queries.get_answer(current_scope(), answer_id, lock=True)
    before, pack = queries.version_before(row), _known(enterprise.id).pack
    subject = queries.judgement_subject(pack, row.rule, row.subject) if row.rule else queries.fact_subject(pack, row.subject, row.year or None, clock.today())
    record_answer(
        scope=current_scope(), enterprise_id=enterprise.id, field=row.subject, rule=row.rule or None, year=row.year or None, by=current_actor(),
        value=None if before is None else queries.value_of(before, subject), source=row.source if before is None else before.source,
        evidence=None if before is None else before.evidence, reported_on=None if before is None else before.reported_on,
        valid_from=None if before is None else before.valid_from, valid_to=None if before is None else before.valid_to,
    )
    became = "现在没有数据" if before is None else f"恢复为 {queries.value_text(before, subject)}"
    flash(f"已撤回“{enterprise.name}”的{subject.heading}，{became}。原记录保留在历史中。", "ok")
    return redirect(url_for("ladder.answers", enterprise_id=enterprise.id), 303)
