"""Pools: all of them with their numbers, one with its members by stage and place, nomination, bulk entry."""

import io
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.enterprises.exports import Caption, file_name
from app.enterprises.queries import find_by_code, listing, quick_search
from app.enterprises.views import filters as enterprise_filters
from app.enterprises.views.listing import XLSX
from app.infra import audit
from app.infra.audit import Subject
from app.infra.web.access import commits, current_actor, current_scope, has, has_everywhere, requires
from app.infra.web.pagination import COUNT_CAP, Page, page_size
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.permission import Permission
from app.ladder.actions import Refused
from app.ladder.actions import pools as actions
from app.ladder.exports import pools as exports
from app.ladder.forms import show_problems
from app.ladder.models.pools import MEMBER_STATES
from app.ladder.queries import pools as queries
from app.ladder.queries import screening as near_scale
from app.ladder.queries.pools import Narrow, When
from app.ladder.views import screening
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import asked, industries
from app.ladder.views.pool_asking import (
    LAYOUTS,
    STATE_CHOICES,
    BulkForm,
    EntryForm,
    Question,
    by_column,
    question,
    whole,
    whole_ids,
)
from app.packs.schema import Pool
from app.policies.queries import current_pack

EACH = 12
"""Cards in one column; its head leads to all of them."""


@blueprint.get("/pools/")
@requires(Permission.POOL_VIEW)
def pools() -> str:
    """Every pool of the city with its numbers."""
    pack, asking = current_pack(), asked(current_scope())
    kept = queries.kept_pools(pack)
    counted = queries.counts(current_scope(), pack, When(asking.day, asking.known_on), asking.filters)
    rows = [(pool, by_column(pool, mine := [c for c in counted if c.pool_code == pool.code]), queries.summed(mine, states=("member",)),
             queries.summed(mine, states=("nominated",))) for pool in kept]  # fmt: skip
    carried = {**asking.query, **{k: v for k, v in (("unit", asking.unit), ("town", asking.town)) if v}}
    return render_template(
        "ladder/pools.html", asked=asking, pack=pack, rows=rows, industries=industries(), carried=carried, document=pack.document,
        named=[pool for pool in pack.entries("pools") if not getattr(pool, "stages", ())],
    )


@blueprint.get("/pools/<code>")
@requires(Permission.POOL_VIEW)
def pool(code: str) -> str:
    """One pool: members as list, in columns by stage, or counted by place."""
    asking = question(code)
    scope, pack, one = current_scope(), asking.pack, asking.pool
    counted = queries.counts(scope, pack, asking.when, asking.asked.filters, one, asking.loose)
    listed = [c for c in counted if c.state in asking.narrow.states and (not asking.stage or c.stage_code == asking.stage)]
    total = queries.summed(listed, states=asking.narrow.states)
    return render_template(
        f"ladder/pool_{asking.layout}.html", asking=asking, pool=one, pack=pack, asked=asking.asked, layouts=LAYOUTS, states=STATE_CHOICES,
        state_labels=MEMBER_STATES, industries=industries(), by_stage=by_column(one, counted), total=total, places=asking.asked.towns,
        members=queries.summed(counted, states=("member",)), nominated=queries.summed(counted, states=("nominated",)),
        released=queries.summed(counted, states=("released",)), may_edit=has(Permission.POOL_EDIT) and asking.now,
        owners=queries.owners(scope, pack, one) if asking.layout == "list" else [], document=pack.document(one.document),
        **_body(asking, counted, total),
    )


def _body(asking: Question, counted: list[queries.Count], total: int) -> dict[str, Any]:
    scope, one = current_scope(), asking.pool
    if asking.layout == "board":
        narrow = Narrow(STATE_CHOICES["open"][1], None, asking.owner, asking.year, asking.text)
        return {"cards": queries.first_of_stages(scope, asking.pack, one, asking.when, asking.asked.filters, narrow, EACH), "each": EACH}
    if asking.layout == "places":
        return {"table": _by_place(asking, counted)}
    found = queries.page(
        scope, asking.pack, one, asking.when, asking.asked.filters, asking.narrow, request.args.get("cursor"), page_size(request.args.get("size")),
    )
    return {"page": Page(found.rows, found.next, found.previous, found.size, min(total, COUNT_CAP), total > COUNT_CAP)}


def _by_place(asking: Question, counted: list[queries.Count]) -> list[tuple[str, str, dict[str, int], dict[str, str]]]:
    """Rows (name, what, stage -> count, stage -> address): units, or the towns of the chosen unit."""
    groups: dict[str, tuple[str, str, set[int]]] = {}
    for place in asking.asked.chosen:
        by_town = bool(asking.asked.unit or asking.asked.town)
        key = place.code if by_town else place.unit_code
        groups.setdefault(key, ("town" if by_town else "unit", place.name if by_town else place.unit_name or "其他", set()))[2].add(place.town_id)
    rows = []
    for key, (argument, name, towns) in groups.items():
        inside = [c for c in counted if c.town_id in towns]
        numbers = by_column(asking.pool, inside)
        if key and (numbers or len(groups) < 60):
            urls = {stage: asking.url(**{argument: key}, **_stage_arguments(stage), layout="") for stage in numbers}
            rows.append((name, asking.url(unit=key, layout="places") if argument == "unit" else "", numbers, urls))
    return rows


def _stage_arguments(stage: str) -> dict[str, str]:
    return {"state": "nominated", "stage": ""} if stage == "nominated" else {"state": "member", "stage": stage}


@blueprint.post("/pools/<code>/export")
@requires(Permission.ENTERPRISE_EXPORT)
@commits
def export_pool(code: str) -> Any:
    """The members as listed, as a workbook that the import reads again."""
    if not has_everywhere(Permission.POOL_VIEW):
        raise NotFound("没有找到这个培育库，可能不在您的权限内。")
    asking = question(code)
    scope, one = current_scope(), asking.pool
    words = "、".join(w for w in (STATE_CHOICES[asking.state][0], one.stage_label(asking.stage), asking.owner, asking.text) if w)
    caption = Caption(one.label, words, asking.asked.day, current_user.name)
    places = {p.town_id: (p.unit_name, p.name) for p in asking.asked.towns.values()}
    out = io.BytesIO()
    lines = queries.each(scope, asking.pack, one, asking.when, asking.asked.filters, asking.narrow)
    rows = exports.write_members(
        out, one, lines, places, caption, lambda key: queries.steps_of(key, asking.asked.known_on), one.member == "town",
    )
    audit.record("pool.exported", Subject("pool", one.code, one.label), None, {"conditions": words, "rows": rows}, by=current_actor())
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=file_name(caption).replace("“", "").replace("”", ""))


@blueprint.route("/pools/<code>/nominate", methods=["GET", "POST"])
@requires(Permission.POOL_EDIT)
@commits
def nominate(code: str) -> Any:
    """Put one enterprise or town forward, or admit it directly."""
    pack = current_pack()
    one = queries.get_pool(pack, code)
    form = EntryForm()
    chosen = _offer(form, one)
    if form.is_submitted() and (answer := _entered(form, one)) is not None:
        return answer
    return render_template(
        "ladder/pool_nominate.html", form=form, pool=one, chosen=chosen, back=url_for("ladder.pool", code=code),
        may_admit=actions.may_admit(one, current_scope()),
    ), 422 if form.errors else 200


def _offer(form: EntryForm, one: Pool) -> str | None:
    """Fill the choices; the name of the enterprise that is chosen already."""
    form.stage.choices = [(stage.code, stage.label) for stage in one.stages]
    if not actions.may_admit(one, current_scope()):
        form.what.choices = [("nominate", "提名，等待市级决定")]
    if one.member == "town":
        form.town_id.choices = [("", "请选择"), *((str(key), name) for key, name in queries.choosable_towns(current_scope(), current_pack()))]
        del form.enterprise_id, form.credit_code
        return None
    del form.town_id
    key = whole(form.enterprise_id.data if form.is_submitted() else request.args.get("enterprise"))
    names = listing.list_names(current_scope(), [key]) if key else []
    form.enterprise_id.choices = [("", "输入名称或信用代码查找"), *((str(row.id), row.name) for row in names)]
    if not form.is_submitted() and names:
        form.enterprise_id.data = str(names[0].id)
    return names[0].name if names else None


def _entered(form: EntryForm, one: Pool) -> Response | None:
    """Do what the form asks; None when something is wrong with it."""
    if not form.validate():
        return None
    try:
        given = _given(form, one)
        admitting = form.what.data == "admit"
        member = actions.admit_directly(**given, stage=form.stage.data) if admitting else actions.nominate(**given)
    except Refused as error:
        show_problems(form, error.problems)
        return None
    except DomainError as error:
        show_problems(form, [(error.field or "", error.message_zh)])
        return None
    flash(f"已{'入库' if admitting else '提名'}：{one.label}。", "ok")
    return redirect(url_for("ladder.pool_member", member_id=member.id), 303)


def _given(form: EntryForm, one: Pool) -> dict[str, Any]:
    return {
        "scope": current_scope(), "pack": current_pack(), "pool": one, "reason": form.reason.data or "", "on": form.on.data, "by": current_actor(),
        "enterprise_id": _enterprise(form) if "enterprise_id" in form else None,
        "town_id": whole(form.town_id.data) if "town_id" in form else None, "owner": form.owner.data or "",
    }


def _enterprise(form: EntryForm) -> int | None:
    """The enterprise picked, or the one with the credit code typed."""
    key, code = whole(form.enterprise_id.data), (form.credit_code.data or "").strip().upper()
    if key is None and code:
        found = find_by_code(current_scope(), code[:40])
        if found is None:
            raise Refused([("credit_code", "您的管辖范围内没有这个代码的企业，请核对代码，或先在企业库登记。")])
        return found.id
    return key


@blueprint.get("/pools/find")
@requires(Permission.POOL_EDIT)
def find_enterprise() -> Response:
    """Matches for the enterprise picker."""
    hits = quick_search(current_scope(), request.args.get("q", "")[:60], 20)
    return jsonify([{"value": str(hit.id), "text": hit.name, "note": f"{hit.credit_code} {hit.town}"} for hit in hits])


@blueprint.post("/pools/collect/chosen")
@requires(Permission.POOL_EDIT)
@commits
def collect_chosen() -> Response:
    """From ticked rows of a list to the form that says which pool and why."""
    ids = whole_ids(request.form.getlist("ids"), 500)
    if not ids:
        raise Invalid("nothing_chosen", "请先在列表中勾选企业，再纳入培育库。")
    return redirect(url_for("ladder.collect", id=ids, pool=request.form.get("pool") or None, origin=request.form.get("origin") or None), 303)


@blueprint.route("/pools/collect", methods=["GET", "POST"])
@requires(Permission.POOL_EDIT)
@commits
def collect() -> Any:
    """Many enterprises into a pool: the ticked ones (``id``), or all of a filtered enterprise list (its own arguments)."""
    pack, scope = current_pack(), current_scope()
    ids, near = whole_ids(request.args.getlist("id"), 500), request.args.get("near") == "1"
    wanted = enterprise_filters.parse(request.args, figures=has_everywhere(Permission.FIGURES_VIEW))
    form = BulkForm()
    offered = [pool for pool in queries.kept_pools(pack) if pool.member == "enterprise"]
    form.pool.choices = [("", "请选择"), *((pool.code, pool.label) for pool in offered)]
    if not form.is_submitted():
        form.pool.data = request.args.get("pool", "")
    count = len(ids) or (_near_count() if near else listing.count_enterprises(scope, wanted.filters, cap=actions.MOST_AT_ONCE))
    if form.is_submitted() and form.validate():
        chosen = ids or (_near_ids() if near else list(_all_ids(scope, wanted.filters)))
        origin = "screening" if near or request.args.get("origin") == "screening" else "list"
        done = _collected(form, queries.get_pool(pack, form.pool.data), chosen, origin)
        if done is not None:
            return done
    chips = [] if ids else ["准四上筛查名单", *screening.words_asked()] if near else [text for _, text in enterprise_filters.chips(wanted.filters, _words())]
    return render_template(
        "ladder/pool_collect.html", form=form, count=count, chips=chips, ids=ids, most=actions.MOST_AT_ONCE,
        names=listing.list_names(scope, ids[:20]) if ids else [],
    ), 422 if form.errors else 200


def _near_count() -> int:
    """Length of the screening list of the address."""
    lines, _, _ = near_scale.today_lines()
    wanted = screening.asked_near(lines)
    counted = near_scale.by_tier(current_scope(), wanted)
    return counted.get(wanted.tier, 0) if wanted.tier is not None else sum(counted.values())


def _near_ids() -> list[int]:
    lines, _, _ = near_scale.today_lines()
    return near_scale.chosen_ids(current_scope(), screening.asked_near(lines), actions.MOST_AT_ONCE + 1)


def _words() -> Any:
    from app.enterprises.views._blueprint import words

    return words()


def _all_ids(scope: Any, wanted: listing.Filters) -> Any:
    """Ids of a whole enterprise list, one more than may be taken at once."""
    from app.enterprises.models import Enterprise

    taken = 0
    for rows in listing.each_value(scope, wanted, listing.Sort("id"), [Enterprise.id.label("key")]):
        for row in rows:
            yield row[0]
            taken += 1
            if taken > actions.MOST_AT_ONCE:
                return


def _collected(form: BulkForm, one: Pool, ids: list[int], origin: str) -> Response | None:
    try:
        done = actions.enter_many(
            scope=current_scope(), pack=current_pack(), pool=one, enterprise_ids=ids, reason=form.reason.data or "", on=form.on.data,
            admit=form.what.data == "admit", owner=form.owner.data or "", origin=origin, by=current_actor(),
        )
    except Refused as error:
        show_problems(form, error.problems)
        return None
    except DomainError as error:
        show_problems(form, [(error.field or "", error.message_zh)])
        return None
    verb = "入库" if form.what.data == "admit" else "提名"
    more = f"，{done.present} 家已在库未重复登记" if done.present else ""
    more += f"，{done.left_out} 家已持有目标称号或已不在业，没有纳入" if done.left_out else ""
    flash(f"已向“{one.label}”{verb} {done.added} 家{more}。", "ok" if done.added else "warn")
    return redirect(url_for("ladder.pool", code=one.code), 303)


