"""Board, funnel and the table of titles by place."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for

from app.infra.web.access import current_scope, requires
from app.kernel.permission import Permission
from app.ladder import queries
from app.ladder.rules import CountKind, at_or_above
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import Asked, asked, industries, may_list
from app.packs import Pack
from app.packs.schema import Ladder

LISTS = Permission.ENTERPRISE_VIEW
"""Counts that open a list are taken in the scope of that list: the posts of one person may differ in rights."""
EACH = 12
"""Cards in one column of the board; the head of the column leads to all of them."""


def chosen_ladder(pack: Pack) -> Ladder:
    """The ladder of the address, or the city's main one."""
    wanted = request.args.get("ladder", "")
    return next((ladder for ladder in pack.ladders() if ladder.code == wanted), pack.ladders()[0])


def rung_counts(question: Asked, pack: Pack, ladder: Ladder) -> dict[int, int]:
    """Enterprises standing on each rung, from the stored counts where they answer the question."""
    scope, main = current_scope(LISTS), ladder.code == pack.ladders()[0].code
    stored = queries.stored_counts(scope, pack, question.day) if question.default and main else None
    if stored is None:
        by_town = queries.rungs_by_town(scope, titles_of(ladder), question.day, known_on=question.known_on, filters=question.filters)
    else:
        by_town = {place: stored.get(f"rung:{place}", {}) for place in range(len(ladder.rungs))}
    wanted = question.filters.town_ids
    return {place: sum(n for town, n in towns.items() if wanted is None or town in wanted) for place, towns in by_town.items()}


def titles_of(ladder: Ladder) -> list[Sequence[str]]:
    return [rung.titles for rung in ladder.rungs]


@blueprint.get("/")
@requires(Permission.LADDER_VIEW)
def board() -> str:
    """Columns = rungs of the chosen ladder, each enterprise on its highest rung."""
    pack, question = queries.current_pack(), asked(current_scope(LISTS))
    ladder = chosen_ladder(pack)
    counts = rung_counts(question, pack, ladder)
    rows = _cards(question, pack, ladder, counts) if may_list() else {}
    held = queries.held_titles([r.enterprise_id for group in rows.values() for r in group], question.day, question.known_on)
    columns = [(rung, counts.get(place, 0), rows.get(place, []), _rung_url(ladder, rung.code, question)) for place, rung in enumerate(ladder.rungs)]
    return render_template(
        "ladder/board.html", asked=question, pack=pack, ladder=ladder, columns=columns, held=held, each=EACH, industries=industries(),
        listed=may_list(),
    )


def _cards(question: Asked, pack: Pack, ladder: Ladder, counts: dict[int, int]) -> dict[int, list[queries.MemberRow]]:
    """The first enterprises of every column, from the stored summaries where they answer the question."""
    if question.default and ladder.code == pack.ladders()[0].code:
        filled = {place: rung.code for place, rung in enumerate(ladder.rungs) if counts.get(place)}
        return queries.board_rows_today(current_scope(LISTS), filled, filters=question.filters, each=EACH)
    return queries.board_rows(
        current_scope(LISTS), titles_of(ladder), question.day, known_on=question.known_on, filters=question.filters, each=EACH,
    )


def _rung_url(ladder: Ladder, rung: str, question: Asked, above: bool = False) -> str:
    more = {"unit": question.unit or None, "town": question.town or None, "above": 1 if above else None}
    return url_for("ladder.holders", ladder=ladder.code, rung=rung, **{k: v for k, v in more.items() if v}, **question.query)


@blueprint.get("/funnel")
@requires(Permission.LADDER_VIEW)
def funnel() -> str:
    """How many reached each rung or a higher one (达到该级及以上), overall and per unit."""
    pack, question = queries.current_pack(), asked(current_scope(LISTS))
    ladder = chosen_ladder(pack)
    reached = at_or_above(rung_counts(question, pack, ladder), len(ladder.rungs))
    steps = [
        {
            "label": rung.label, "count": reached[place], "url": _rung_url(ladder, rung.code, question, above=True) if may_list() else None,
            "rate": 100 * reached[place] / reached[place - 1] if place and reached[place - 1] else None,
        }
        for place, rung in enumerate(ladder.rungs)
    ]
    return render_template(
        "ladder/funnel.html", asked=question, pack=pack, ladder=ladder, steps=steps, chart=_chart(steps), industries=industries(),
    )


def _chart(steps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    said = "，".join(f"{step['label']} {step['count']} 家" for step in steps)
    return {
        "kind": "funnel", "label": f"达到该级及以上的企业：{said}", "unit": "家",
        "items": [{"name": s["label"], "value": s["count"], "tone": min(place + 1, 5), "href": s["url"]} for place, s in enumerate(steps)],
    }


@blueprint.get("/titles")
@requires(Permission.ENTERPRISE_COUNT)
def titles() -> str:
    """Who holds what where: titles by county and zone, or by town of one of them. Counts need no permission to see firms, lists do."""
    pack, question = queries.current_pack(), asked(current_scope())
    shown = pack.titles()
    numbers = _title_numbers(question, pack, [title.code for title in shown])
    groups, listed = _groups(question), _listed(question)
    rows = [(title, [_cell(question, title.code, numbers[title.code], group, listed) for group in [_everything(question), *groups]]) for title in shown]
    return render_template(
        "ladder/titles.html", asked=question, pack=pack, groups=groups, rows=rows, kinds=list(CountKind), years=[(y, f"{y} 年") for y in _years(question)],
    )


Group = tuple[str, str, str, list[int]]


def _everything(question: Asked) -> Group:
    """The column 合计: the place chosen above, or all in reach."""
    argument = "town" if question.town else "unit" if question.unit else ""
    return argument, question.town or question.unit, "合计", [place.town_id for place in question.chosen]


def _listed(question: Asked) -> frozenset[int] | None:
    """Towns whose enterprises this person may see by name; None: his lists reach exactly as far as his counts."""
    if not may_list():
        return frozenset()
    lists = current_scope(LISTS)
    by_area = not (lists.team_ids or lists.enterprise_ids)
    return None if by_area and lists == current_scope() else frozenset(place.town_id for place in queries.towns_in_scope(lists, question.towns.values()))


def _cell(question: Asked, title: str, by_town: dict[int, int], group: Group, listed: frozenset[int] | None) -> tuple[int, str | None, str]:
    """(enterprises, address of their list or None, where). A sum over places opens only where the list holds all of it and nothing else."""
    argument, code, name, towns = group
    count = sum(by_town.get(town, 0) for town in towns)
    if not count or (listed is not None and not (argument and listed.issuperset(towns))):
        return count, None, name
    said = {"title": title, "count": question.kind.value, **({argument: code} if argument else {}), **question.query}
    if question.kind is CountKind.NEW:
        said["year"] = str(question.year)
    return count, f"{url_for('ladder.holders')}?{urlencode(said)}", name


def _years(question: Asked) -> list[int]:
    return sorted({*queries.years_to_choose(), question.year}, reverse=True)


def _title_numbers(question: Asked, pack: Pack, codes: list[str]) -> dict[str, dict[int, int]]:
    scope = current_scope()
    stored = queries.stored_counts(scope, pack, question.day) if question.default and question.kind is CountKind.STOCK else None
    if stored is not None:
        return {code: stored.get(f"title:{code}", {}) for code in codes}
    return queries.titles_by_town(
        scope, codes, question.kind, question.day, known_on=question.known_on, window=question.window, filters=question.filters,
    )


def _groups(question: Asked) -> list[Group]:
    """(argument, code, name, town ids) of the columns: units, or the towns of the chosen unit."""
    if question.unit or question.town:
        return [("town", place.code, place.name, [place.town_id]) for place in question.chosen]
    units: dict[str, Group] = {}
    for place in question.chosen:
        if place.unit_code:
            units.setdefault(place.unit_code, ("unit", place.unit_code, place.unit_name, []))[3].append(place.town_id)
    return [units[code] for code in sorted(units)]
