"""Look-alikes of one pool: start the search, see how far it is, read the reasons, accept or reject."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.enterprises.queries.places import places
from app.infra import clock, jobs
from app.infra.web.access import commits, current_actor, current_scope, has, requires, wants_fragment
from app.infra.web.pagination import page_size
from app.kernel.errors import Conflict, DomainError, NotFound
from app.kernel.permission import Permission
from app.ladder.actions import Refused
from app.ladder.actions import lookalikes as actions
from app.ladder.forms import show_problems
from app.ladder.queries import lookalikes as queries
from app.ladder.queries import pools as pool_queries
from app.ladder.rules import lookalikes as rules
from app.ladder.views._blueprint import blueprint
from app.ladder.views.pool_asking import StepForm, whole
from app.packs.schema import Pool
from app.policies.queries import current_pack, pack_of_city

KIND = "ladder.lookalikes"


@blueprint.get("/pools/<code>/lookalikes")
@requires(Permission.POOL_VIEW)
def lookalikes(code: str) -> str:
    """Proposed enterprises of one pool with their reasons."""
    one, city_id = _pool(code)
    run, job = queries.last_run(one.code, city_id), jobs.unfinished(KIND, pool=one.code, city_id=city_id)
    narrow = _narrow()
    page = queries.page(current_scope(), run, narrow, request.args.get("cursor"), page_size(request.args.get("size"), 20)) if run else None
    neighbours = queries.visible_names(current_scope(), {key for row in page.rows for key in row[0].neighbours}) if page else {}
    named = places()
    return render_template(
        "ladder/lookalikes.html", pool=one, run=run, page=page, job=job, progress=jobs.progress_of(job) if job else None, narrow=narrow,
        neighbours=neighbours, answers=queries.ANSWERS, places=named, units=[(u.id, u.name) for u in named.units(current_scope())],
        towns=named.town_choices(current_scope(), narrow.unit_id), may_edit=has(Permission.POOL_EDIT), least=rules.LEAST, features=rules.FEATURES,
        titles=[current_pack().title_label(title) for title in one.titles], goals=[s.label for s in one.stages if s.goal], count=rules.NEIGHBOURS,
        year=clock.today().year,
    )


def _pool(code: str) -> tuple[Pool, int]:
    pack = current_pack()
    one = pool_queries.get_pool(pack, code)
    if one.member != "enterprise":
        raise NotFound(f"“{one.label}”的成员不是企业，没有相似企业推荐。", "pool_of_towns")
    return one, pool_queries.city_id_of(pack)


def _narrow() -> queries.Narrow:
    answer = request.args.get("answer", "")
    return queries.Narrow(answer if answer in queries.ANSWERS else "open", whole(request.args.get("unit")), whole(request.args.get("town")))


@blueprint.post("/pools/<code>/lookalikes")
@requires(Permission.POOL_EDIT)
@commits
def search_lookalikes(code: str) -> Response:
    """Start the search in the background; one at a time per pool."""
    one, city_id = _pool(code)
    job = jobs.unfinished(KIND, pool=one.code, city_id=city_id)
    if job is None or job.state == "failed":
        jobs.enqueue(KIND, {"pool": one.code, "city_id": city_id}, label=f"相似企业推荐：{one.label}", by=current_actor())
        flash("已开始比较，完成后自动显示。", "ok")
    else:
        flash("正在比较，不需要重复提交。", "info")
    return redirect(url_for("ladder.lookalikes", code=code), 303)


@blueprint.get("/pools/<code>/lookalikes/progress")
@requires(Permission.POOL_VIEW)
def lookalikes_progress(code: str) -> Any:
    """How far the search is; asks again by itself."""
    one, city_id = _pool(code)
    job = jobs.unfinished(KIND, pool=one.code, city_id=city_id)
    if not wants_fragment():
        return redirect(url_for("ladder.lookalikes", code=code))
    return render_template("ladder/_lookalikes_progress.html", pool=one, job=job, progress=jobs.progress_of(job) if job else None)


@blueprint.route("/pools/lookalikes/<int:row_id>/<what>", methods=["GET", "POST"])
@requires(Permission.POOL_EDIT)
@commits
def answer_lookalike(row_id: int, what: str) -> Any:
    """Accept (becomes a nomination) or reject (not proposed again this year), with the reason."""
    if what not in ("accept", "reject"):
        raise NotFound()
    row, run, enterprise = queries.get_row(current_scope(), row_id)
    pack = pack_of_city(run.city_id)
    one = pool_queries.get_pool(pack, run.pool_code)
    form = StepForm()
    back = url_for("ladder.lookalikes", code=one.code)
    if not form.is_submitted() and what == "accept":
        form.reason.data = "；".join(text.rstrip("。") for text in row.reasons[:2])[:300]
    if form.is_submitted() and form.validate():
        try:
            return _answered(form, what, row, run, enterprise, one, pack)
        except Refused as error:
            show_problems(form, error.problems)
        except Conflict as error:
            show_problems(form, [("reason", error.message_zh)])
        except DomainError as error:
            show_problems(form, [(error.field or "", error.message_zh)])
    return render_template(
        "ladder/lookalike_answer.html", form=form, row=row, pool=one, enterprise=enterprise, what=what, back=back,
        verb="提名" if what == "accept" else "拒绝推荐",
    ), 422 if form.errors else 200


def _answered(form: StepForm, what: str, row: Any, run: Any, enterprise: Any, one: Pool, pack: Any) -> Response:
    reason = form.reason.data or ""
    if what == "accept":
        member_id = actions.accept(
            scope=current_scope(), pack=pack, pool=one, row=row, run=run, reason=reason, on=form.on.data, by=current_actor(),
        )
        flash(f"已提名“{enterprise.name}”进入“{one.label}”。", "ok")
        return redirect(url_for("ladder.pool_member", member_id=member_id), 303)
    actions.reject(row=row, run=run, name=enterprise.name, reason=reason, by=current_actor())
    flash(f"已拒绝推荐“{enterprise.name}”，{clock.today().year} 年内不再推荐。", "ok")
    return redirect(url_for("ladder.lookalikes", code=one.code), 303)
