"""年度评价: the screening list of a year, one score with its reasons, marks and the decision."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.infra import clock
from app.infra.web.access import commits, current_actor, current_scope, has, one_city, requires
from app.infra.web.forms import Form, WholeNumber
from app.kernel.permission import Permission
from app.policies.queries import current_pack
from app.teams.actions import scores as actions
from app.teams.models.scores import PROPOSALS, SUBJECTS, VERDICTS
from app.teams.queries import evidence
from app.teams.queries import scores as queries
from app.teams.views._blueprint import blueprint
from app.teams.views.parts import attempt, whole


class MarkForm(Form):
    """A mark for one criterion."""

    criterion = SelectField("指标", [InputRequired("请选择指标。")], validate_choice=False)
    points = WholeNumber("评分（0 至 100）", [InputRequired("请填写评分。")])
    reason = TextAreaField("评分理由", [InputRequired("请填写理由。"), Length(max=300, message="不能超过 300 字。")])


class VerdictForm(Form):
    """The officer's decision."""

    version = HiddenField()
    verdict = SelectField("决定", choices=list(VERDICTS.items()))
    decision_reason = TextAreaField("决定理由", [Length(max=300, message="不能超过 300 字。")], description="与建议一致且为保留的可以不填。")


def _year() -> int:
    text = request.values.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year - 1
    return min(max(year, actions.FIRST_YEAR), clock.today().year)


def _subject() -> str:
    value = request.values.get("subject", "")
    return value if value in SUBJECTS else "provider"


@blueprint.get("/scores/")
@requires(Permission.TEAM_VIEW)
@one_city()
def screening() -> str:
    """The dynamic screening list of a year."""
    scope, subject, year, pack = current_scope(), _subject(), _year(), current_pack()
    proposal = request.args.get("proposal", "")
    waiting = request.args.get("waiting") == "1"
    entry = evidence.scheme_entry(pack, subject, year)
    return render_template(
        "teams/scores.html", rows=queries.screening(scope, subject, year, proposal if proposal in PROPOSALS else "", waiting), subject=subject, year=year,
        subjects=SUBJECTS, proposals=PROPOSALS, verdicts=VERDICTS, counts=queries.counts(scope, subject, year), scheme=entry, proposal=proposal,
        waiting=waiting, years=[(str(y), f"{y} 年") for y in range(clock.today().year, actions.FIRST_YEAR - 1, -1)], may_edit=has(Permission.TEAM_EDIT),
        document=pack.document(entry.document) if entry else None,
    )


@blueprint.post("/scores/")
@requires(Permission.TEAM_EDIT)
@one_city()
@commits
def score_year() -> Response:
    """Compute the scores of a year."""
    subject, year = _subject(), _year()
    done = actions.score_year(scope=current_scope(), subject=subject, year=year, by=current_actor())
    flash(f"已计算 {done} 个{SUBJECTS[subject]} {year} 年的得分；已决定的不重算。", "ok" if done else "info")
    return redirect(url_for("teams.screening", subject=subject, year=year), 303)


@blueprint.get("/scores/<int:score_id>")
@requires(Permission.TEAM_VIEW)
def score(score_id: int) -> Any:
    """One score: parts with reasons, marks, decision."""
    return _score_page(score_id, None, None)


def _score_page(score_id: int, mark: MarkForm | None, verdict: VerdictForm | None) -> Any:
    row = queries.get_score(current_scope(), score_id)
    entry = evidence.scheme_entry(current_pack(), row.subject, row.year)
    marks = queries.marks_of(row.subject, row.year, [row.subject_id]).get(row.subject_id, {})
    free = [(c.code, c.label) for c in entry.criteria if c.source == "mark"] if entry else []
    mark, failed = mark or MarkForm(formdata=None), bool((mark and mark.errors) or (verdict and verdict.errors))
    mark.criterion.choices = free
    if verdict is None:
        verdict = VerdictForm(formdata=None)
        verdict.verdict.data, verdict.version.data = row.proposal if row.proposal in VERDICTS else "keep", str(row.version)
    page = render_template(
        "teams/score.html", row=row, subjects=SUBJECTS, proposals=PROPOSALS, verdicts=VERDICTS, scheme=entry, mark=mark, verdict=verdict, marks=marks,
        free=free, may_edit=has(Permission.TEAM_EDIT) and row.decision is None,
    )
    return page, 422 if failed else 200


@blueprint.post("/scores/<int:score_id>/mark")
@requires(Permission.TEAM_EDIT)
@commits
def give_mark(score_id: int) -> Any:
    """A person's mark for a criterion the system cannot count."""
    queries.get_score(current_scope(), score_id)
    form = MarkForm()
    if form.validate():
        done = attempt(form, lambda: actions.give_mark(
            scope=current_scope(), score_id=score_id, criterion=form.criterion.data or "", points=form.points.data, reason=form.reason.data or "",
            by=current_actor(),
        ))
        if done is not None:
            flash(f"已评分，“{done.name}”的得分已更新。", "ok")
            return redirect(url_for("teams.score", score_id=score_id), 303)
    return _score_page(score_id, form, None)


@blueprint.post("/scores/<int:score_id>/decide")
@requires(Permission.TEAM_EDIT)
@commits
def decide_score(score_id: int) -> Any:
    """Keep, warn, or out of the register."""
    queries.get_score(current_scope(), score_id)
    form = VerdictForm()
    if form.validate():
        done = attempt(form, lambda: actions.decide(
            scope=current_scope(), score_id=score_id, verdict=form.verdict.data, reason=form.decision_reason.data or "", version=whole(form.version.data),
            by=current_actor(),
        ))
        if done is not None:
            flash(f"已决定：“{done.name}”{VERDICTS[form.verdict.data]}。", "ok")
            return redirect(url_for("teams.screening", subject=done.subject, year=done.year), 303)
    return _score_page(score_id, None, form)
