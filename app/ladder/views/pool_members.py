"""One spell in a pool: its state, its history, and the steps that may follow."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.enterprises.queries import get_enterprise
from app.infra.web.access import commits, current_actor, current_scope, has, requires
from app.kernel.errors import Conflict, DomainError, NotFound
from app.kernel.permission import Permission
from app.ladder.actions import Refused
from app.ladder.actions import pools as actions
from app.ladder.forms import show_problems
from app.ladder.models.pools import MEMBER_STATES, ORIGINS, STEP_KINDS
from app.ladder.queries import pools as queries
from app.ladder.rules import pools as rules
from app.ladder.views._blueprint import blueprint
from app.ladder.views.pool_asking import StepForm, whole
from app.packs.schema import Pool
from app.policies.queries import current_pack, pack_of_city

VERBS = {
    "admit": (rules.ADMIT, "入库"), "refuse": (rules.REFUSE, "不予入库"), "stage": (rules.STAGE, "调整阶段"), "owner": (rules.OWNER, "指定责任人"),
    "release": (rules.RELEASE, "出库"), "withdraw": ("withdraw", "撤回上一步"),
}


def _pool_of(member: queries.Member) -> Pool:
    """The pool as the pack of the member's own city has it."""
    city_id = member.enterprise.city_id if member.enterprise is not None else member.town.city_id if member.town is not None else None
    pack = pack_of_city(city_id) if city_id is not None else current_pack()
    found = queries.pool_or_named(pack, member.row.pool_code)
    if found is None or not found.stages:
        raise NotFound("这个培育库已从政策包移除，记录保留在审计日志中。请联系系统管理员。", "pool_unknown")
    return found


@blueprint.get("/pools/members/<int:member_id>")
@requires(Permission.POOL_VIEW)
def pool_member(member_id: int) -> str:
    """State and history of one spell."""
    member = queries.get_member(current_scope(), member_id)
    one = _pool_of(member)
    may = rules.MAY_FOLLOW[member.row.state] if has(Permission.POOL_EDIT) else ()
    decides = actions.may_admit(one, current_scope(Permission.POOL_EDIT))
    verbs = [(what, verb) for what, (kind, verb) in VERBS.items() if kind in may and (decides or kind not in (rules.ADMIT, rules.REFUSE))]
    steps = queries.steps_of(member_id, taken_back=True)
    others = queries.spells_of(member.row.enterprise_id) if member.row.enterprise_id is not None else []
    return render_template(
        "ladder/pool_member.html", member=member, row=member.row, pool=one, steps=steps, verbs=verbs, states=MEMBER_STATES, kinds=STEP_KINDS,
        origins=ORIGINS, others=[s for s in others if s.id != member_id and s.state != rules.VOIDED], waiting_for_city=not decides,
        may_withdraw=has(Permission.POOL_EDIT) and any(s.superseded_at is None for s in steps), pack=current_pack(),
        pool_labels={p.code: p.label for p in current_pack().entries("pools", disabled=True)},
    )


@blueprint.route("/pools/members/<int:member_id>/<what>", methods=["GET", "POST"])
@requires(Permission.POOL_EDIT)
@commits
def pool_step(member_id: int, what: str) -> Any:
    """One step: the form, and doing it."""
    if what not in VERBS:
        raise NotFound()
    form = StepForm()
    member = queries.get_member(current_scope(), member_id, lock=form.is_submitted())
    one, (kind, verb) = _pool_of(member), VERBS[what]
    form.stage.choices = [(stage.code, stage.label) for stage in one.stages]
    if not form.is_submitted():
        form.version.data, form.owner.data, form.stage.data = str(member.row.version), member.row.owner or "", _next_stage(one, member)
    if form.is_submitted() and form.validate() and (answer := _done(form, member, one, kind, verb)) is not None:
        return answer
    reasons = one.reasons if kind == rules.ADMIT else one.release_reasons if kind == rules.RELEASE else ()
    return render_template(
        "ladder/pool_step.html", form=form, member=member, pool=one, kind=kind, what=what, verb=verb, reasons=reasons, states=MEMBER_STATES,
        back=url_for("ladder.pool_member", member_id=member_id),
    ), 422 if form.errors else 200


def _next_stage(one: Pool, member: queries.Member) -> str:
    """The stage after the present one, as a proposal."""
    codes = [stage.code for stage in one.stages]
    place = rules.stage_order(tuple(codes), member.row.stage_code)
    return codes[min(place + 1, len(codes) - 1)]


def _done(form: StepForm, member: queries.Member, one: Pool, kind: str, verb: str) -> Response | None:
    back = redirect(url_for("ladder.pool_member", member_id=member.row.id), 303)
    version, reason = whole(form.version.data), form.reason.data or ""
    try:
        if kind == "withdraw":
            actions.take_back(scope=current_scope(), pool=one, member=member, reason=reason, version=version, by=current_actor())
        else:
            change = actions.Change(kind, form.on.data, reason, form.stage.data, form.owner.data or "", version)
            actions.take_step(scope=current_scope(), pool=one, member=member, change=change, by=current_actor())
    except Conflict as error:
        if _sent_twice(form, member, kind, reason):
            flash(f"“{verb}”已经办好，没有重复登记。", "info")
            return back
        show_problems(form, [("", error.message_zh)])
        return None
    except Refused as error:
        show_problems(form, error.problems)
        return None
    except DomainError as error:
        show_problems(form, [(error.field or "", error.message_zh)])
        return None
    flash(f"已对“{member.name}”办理{verb}。", "ok")
    return back


def _sent_twice(form: StepForm, member: queries.Member, kind: str, reason: str) -> bool:
    """The same person sent the same step a moment ago (double click, a second tab)."""
    steps = queries.steps_of(member.row.id)
    last = steps[-1] if steps else None
    if last is None or last.kind != kind:
        return False
    same = (last.recorded_by, last.happened_on, last.reason or "") == (current_actor().user_id, form.on.data, reason.strip())
    return same and (kind not in (rules.STAGE, rules.ADMIT) or last.stage_code == (form.stage.data or last.stage_code))


@blueprint.get("/enterprises/<int:enterprise_id>/pools")
@requires(Permission.POOL_VIEW)
def pools_of(enterprise_id: int) -> str:
    """Every pool one enterprise is or was in, and the ones it may be put forward for."""
    enterprise, pack = get_enterprise(current_scope(), enterprise_id), current_pack()
    spells = [s for s in queries.spells_of(enterprise_id) if s.state != rules.VOIDED]
    inside = {s.pool_code for s in spells if s.closed_on is None}
    free = [p for p in queries.kept_pools(pack) if p.member == "enterprise" and p.code not in inside]
    return render_template(
        "ladder/pools_of.html", enterprise=enterprise, spells=spells, free=free if has(Permission.POOL_EDIT) else [], states=MEMBER_STATES,
        pool_of=lambda code: queries.pool_or_named(pack, code),
    )
