"""From rung to rung between two days: drawing, table, and the enterprises behind every number; how long the way took."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for

from app.infra import clock
from app.infra.web import asof
from app.infra.web.access import current_scope, one_city, requires
from app.infra.web.pagination import page_size
from app.kernel.errors import Invalid, NotFound
from app.kernel.permission import Permission
from app.ladder import queries
from app.ladder.queries import transitions as flow
from app.ladder.queries.transitions import Between
from app.ladder.rules.transitions import CODES, GOALS, LABELS, ORIGINS, moves
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import Asked, asked_on, industries, may_list
from app.ladder.views.board import LISTS, chosen_ladder, titles_of
from app.packs.schema import Ladder

Flows = Mapping[tuple[int, int], int]


@blueprint.get("/transitions")
@requires(Permission.LADDER_VIEW)
@one_city()
def transitions() -> str:
    """升降去向: where the enterprises of each rung came from and went to between two days."""
    first, last = _two_days()
    ladder = chosen_ladder(queries.pack_known(last.known_on))
    counts = flow.flows(current_scope(LISTS), titles_of(ladder), _between(first, last))
    origins, goals = _shown(counts, 0, ladder, ORIGINS), _shown(counts, 1, ladder, GOALS)
    return render_template(
        "ladder/transitions.html", asked=last, since=first.day, pack=queries.pack_known(last.known_on), ladder=ladder, counts=counts,
        origins=origins, goals=goals,
        label=lambda state: _label(ladder, state), link=_linker(ladder, first, last), moved=moves(counts), industries=industries(),
        chart=_chart(ladder, counts, _linker(ladder, first, last)), listed=may_list(),
    )


@blueprint.get("/transitions/firms")
@requires(Permission.LADDER_VIEW)
@one_city()
def movers() -> str:
    """The enterprises of one number of the table: ``out`` and ``into`` name a rung or a state, none means all of them."""
    first, last = _two_days()
    ladder = chosen_ladder(queries.pack_known(last.known_on))
    out, into = _states_of(ladder, "out", ORIGINS), _states_of(ladder, "into", GOALS)
    scope, between = current_scope(LISTS), _between(first, last)
    counts = flow.flows(scope, titles_of(ladder), between)
    total = sum(n for (origin, goal), n in counts.items() if (not out or origin in out) and (not into or goal in into))
    statement = flow.flow_statement(scope, titles_of(ladder), between, out, into)
    page = flow.flow_page(statement, total, request.args.get("cursor"), page_size(request.args.get("size"), 100))
    return render_template(
        "ladder/movers.html", asked=last, since=first.day, ladder=ladder, page=page, label=lambda state: _label(ladder, state),
        heading=_heading(ladder, out, into), places={**first.towns, **last.towns}, back=url_for("ladder.transitions", **_said(ladder, first, last)),
    )


def _two_days() -> tuple[Asked, Asked]:
    """The questions on the first and the last day. Raises ``Invalid`` when the first is not before the last."""
    when = asof.as_of()
    last = when.day or clock.today()
    since = asof.day_argument("since") or _year_before(last)
    if since >= last:
        raise Invalid("since", f"起始日（{since:%Y-%m-%d}）应早于截止日（{last:%Y-%m-%d}），请修改后重试。", "since")
    scope = current_scope(LISTS)
    return asked_on(scope, since, when.known_on), asked_on(scope, last, when.known_on)


def _year_before(day: date) -> date:
    return date(day.year - 1, day.month, day.day) if (day.month, day.day) != (2, 29) else day - timedelta(days=366)


def _between(first: Asked, last: Asked) -> Between:
    return Between(first.day, last.day, last.known_on, first.filters, last.filters)


def _shown(counts: Flows, side: int, ladder: Ladder, outside: tuple[int, ...]) -> list[int]:
    """All rungs, and those states outside that anybody is in."""
    present = {pair[side] for pair, count in counts.items() if count}
    return [*range(len(ladder.rungs)), *(state for state in outside if state in present)]


def _label(ladder: Ladder, state: int) -> str:
    return ladder.rungs[state].label if state >= 0 else LABELS[state]


def _code(ladder: Ladder, state: int) -> str:
    return ladder.rungs[state].code if state >= 0 else CODES[state]


def _states_of(ladder: Ladder, argument: str, outside: tuple[int, ...]) -> frozenset[int]:
    wanted = request.args.get(argument, "")
    if not wanted:
        return frozenset()
    found = [state for state in (*range(len(ladder.rungs)), *outside) if _code(ladder, state) == wanted]
    if not found:
        raise NotFound("梯度里没有这一层，请从升降去向表重新进入。")
    return frozenset(found)


def _said(ladder: Ladder, first: Asked, last: Asked) -> dict[str, Any]:
    return {"ladder": ladder.code, "since": first.day.isoformat(), **last.carried}


def _linker(ladder: Ladder, first: Asked, last: Asked) -> Any:
    """``link(origin, goal)`` -> address of the enterprises; None stands for all."""
    said = _said(ladder, first, last)

    def link(origin: int | None, goal: int | None) -> str | None:
        states: dict[str, Any] = {name: _code(ladder, state) for name, state in (("out", origin), ("into", goal)) if state is not None}
        return url_for("ladder.movers", **said, **states) if may_list() else None

    return link


def _heading(ladder: Ladder, out: frozenset[int], into: frozenset[int]) -> str:
    """小升规 → 专精特新"""
    before, after = ("、".join(_label(ladder, state) for state in states) or "全部" for states in (out, into))
    return f"{before} → {after}"


def _chart(ladder: Ladder, counts: Flows, link: Any) -> dict[str, Any] | None:
    """The same numbers as a drawing; nothing to draw without any."""
    shown = sorted((pair, count) for pair, count in counts.items() if count)
    if not shown:
        return None
    names = {(side, pair[side]): f"{_label(ladder, pair[side])}（{('起', '止')[side]}）" for pair, _ in shown for side in (0, 1)}
    order = sorted(names, key=lambda key: (key[0], -key[1] if key[1] >= 0 else 100 - key[1]))
    said = "，".join(f"{_label(ladder, origin)}到{_label(ladder, goal)} {count} 家" for (origin, goal), count in shown[:12])
    return {
        "kind": "sankey", "unit": "家", "label": f"升降去向：{said}",
        "nodes": [{
            "name": names[key], "tone": min(key[1] + 1, 5) if key[1] >= 0 else 0,
            "href": link(key[1] if key[0] == 0 else None, key[1] if key[0] == 1 else None),
        } for key in order],
        "links": [
            {"source": names[0, origin], "target": names[1, goal], "value": count, "href": link(origin, goal)} for (origin, goal), count in shown
        ],
    }
