"""The contest: rounds, the ranking matrix, stability, moving a round on."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for

from app.indicators.actions import contest as actions
from app.indicators.exports import contest as exports
from app.indicators.models.contest import STAGES
from app.indicators.queries import contest as queries
from app.indicators.queries import last_data_year
from app.indicators.rules.explain import reference_words
from app.indicators.rules.stability import stability as stable
from app.indicators.views._blueprint import blueprint
from app.indicators.views.asking import checked_year
from app.indicators.views.contest_asking import KINDS, Contest, contest, ranks_among, spread_rows
from app.indicators.views.contest_drawing import SHOWN, query_suffix, town_rows
from app.infra import clock
from app.infra.web.access import commits, current_actor, has, one_city, requires
from app.kernel.errors import Forbidden, Invalid
from app.kernel.permission import Permission
from app.ladder.exports import XLSX
from app.ladder.queries import current_pack


@blueprint.get("/contest/")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def contest_rounds() -> str:
    """Rounds of the city, and the button that opens one."""
    pack = current_pack()
    return render_template(
        "indicators/contest_rounds.html", pack=pack, rounds=queries.list_rounds(pack), stages=STAGES, may_run=has(Permission.CONTEST_RUN),
        next_year=last_data_year(), schemes=pack.scoring_schemes(),
    )


@blueprint.post("/contest/open")
@requires(Permission.CONTEST_RUN)
@one_city()
@commits
def contest_open() -> Any:
    """Start the round of a data year."""
    text = request.form.get("year", "").strip()
    year = checked_year(int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0)
    actions.open_round(pack=current_pack(), year=year, scheme=request.form.get("scheme") or None, by=current_actor())
    flash(f"已启动 {year} 年度强镇评选，计分方案已锁定。请组织部门和镇街填报。", "ok")
    return redirect(url_for("indicators.contest_show", year=year), 303)


@blueprint.get("/contest/<int:year>/")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def contest_show(year: int) -> str:
    """Towns x indicators with points, by rank."""
    view = contest(checked_year(year))
    unit, kind, show = _choice("unit", 12), _choice("kind", 12), _choice("show", 8)
    show = show if show in SHOWN else "score"
    rows, spread = view.chosen(unit, kind), spread_rows(view.outcome)
    method = view.outcome.method
    part = bool(unit or kind)
    ranks = {} if not view.whole else ranks_among(rows) if part else {town.code: town.rank or 0 for _, town in rows}
    suffix = query_suffix(method=method.value if method is not view.sheet.scheme.method else None)
    return render_template(
        "indicators/contest.html", view=view, rows=rows, spread=spread, unit=unit, kind=kind, show=show, shown=SHOWN, kinds=KINDS, part=part, stages=STAGES,
        body=town_rows(year, view.sheet.scheme, rows, show, ranks, spread[0][1], suffix), groups=_groups(view), may_run=has(Permission.CONTEST_RUN),
        may_export=has(Permission.INDICATOR_EXPORT), references={i.key: _reference(view, i.key) for i in view.sheet.scheme.items}, method=method,
        forward=_forward(view.round.stage), steps=queries.steps_of(view.round.id),
    )


def _choice(name: str, length: int) -> str:
    return request.args.get(name, "")[:length]


def _groups(view: Contest) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for item in view.sheet.scheme.items:
        found[item.group] = found.get(item.group, 0) + 1
    return list(found.items())


def _reference(view: Contest, key: str) -> str:
    scheme = view.sheet.scheme
    return reference_words(scheme, view.outcome.method, scheme.by_key[key], view.outcome.references.get(key))


def _forward(stage: str) -> str | None:
    order = list(STAGES)
    at = order.index(stage) + 1
    return order[at] if at < len(order) else None


@blueprint.get("/contest/<int:year>/stability")
@requires(Permission.INDICATOR_VIEW)
@one_city()
def contest_stability(year: int) -> str:
    """How far ranks move between methods and under one outlier; only for who may see ranks."""
    view = contest(checked_year(year))
    if not view.whole:
        raise Forbidden("forbidden", "本轮公示前只有市级可以查看全部镇街的名次；公示后可见。")
    found = stable(view.sheet.scheme, view.sheet.facts)
    rows = [(place, town, found[town.code]) for place, town in view.towns if town.code in found]
    return render_template("indicators/contest_stability.html", view=view, rows=rows, methods=view.sheet.scheme.methods)


@blueprint.post("/contest/<int:year>/export")
@requires(Permission.INDICATOR_EXPORT)
@one_city()
@commits
def contest_export(year: int) -> Any:
    """What the reader sees as a workbook in the layout of the annex; written to the audit log."""
    view = contest(checked_year(year))
    actor = current_actor()
    book = exports.workbook(exports.Book(
        view.sheet, view.outcome, view.towns, view.pack.content.manifest.area_name, actor.name, clock.local(clock.now()), view.whole, STAGES[view.round.stage],
    ))
    actions.record_export(found=view.round, towns=len(view.towns), method=view.outcome.method.value, by=actor)
    return send_file(book, XLSX, as_attachment=True, download_name=f"{year}年度强镇评分表.xlsx")


@blueprint.post("/contest/<int:year>/move")
@requires(Permission.CONTEST_RUN)
@one_city()
@commits
def contest_move(year: int) -> Any:
    """To another stage."""
    found = _mine(year)
    actions.move_round(
        pack=current_pack(), found=found, stage=request.form.get("stage", ""), reason=request.form.get("reason"), version=_version(), by=current_actor(),
    )
    flash(f"{year} 年度强镇评选已进入“{STAGES[found.stage]}”阶段。", "ok")
    return redirect(url_for("indicators.contest_show", year=year), 303)


@blueprint.post("/contest/<int:year>/freeze")
@requires(Permission.CONTEST_RUN)
@one_city()
@commits
def contest_freeze(year: int) -> Any:
    """Lock the references, or unlock them with a reason."""
    found = _mine(year)
    if found.frozen is None:
        actions.freeze(pack=current_pack(), found=found, version=_version(), by=current_actor())
        flash("参照值已锁定，之后改动的数据按锁定的参照值计分。", "ok")
    else:
        actions.thaw(found=found, reason=request.form.get("reason", ""), version=_version(), by=current_actor())
        flash("参照值已解除锁定，将按现有数据重新取参照。", "ok")
    return redirect(url_for("indicators.contest_show", year=year), 303)


def _mine(year: int) -> Any:
    """The round, for who runs contests of this city."""
    return contest(checked_year(year)).round


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("version", "页面已过期，请刷新后再操作。", "version")
    return int(text)
