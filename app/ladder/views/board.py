"""Funnel and the table of titles by place, and what the board shares with them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for

from app.infra.web.access import all_cities, current_scope, one_city, requires
from app.infra.web.navigation import carried_city, path_for
from app.kernel.permission import Permission
from app.ladder import queries
from app.ladder.rules import CountKind, at_or_above
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import Asked, asked, industries, may_list, packs_shown, title_words
from app.packs import Pack
from app.packs.schema import Ladder
from app.policies.queries import CityPack
from app.policies.views.choice import choice

LISTS = Permission.ENTERPRISE_VIEW
"""Counts that open a list are taken in the scope of that list: the posts of one person may differ in rights."""


def chosen_ladder(pack: Pack) -> Ladder:
    """The ladder of the address, or the city's main one."""
    wanted = request.args.get("ladder", "")
    return next((ladder for ladder in pack.ladders() if ladder.code == wanted), pack.ladders()[0])


def rung_counts(question: Asked, pack: Pack, ladder: Ladder, *, stored: bool = True) -> dict[int, int]:
    """Enterprises standing on each rung, from the stored counts where they answer the question (unless ``stored`` is False)."""
    scope, main = current_scope(LISTS), ladder.code == pack.ladders()[0].code
    known = queries.stored_counts(scope, pack, question.day) if stored and question.default and main else None
    if known is None:
        by_town = queries.rungs_by_town(scope, titles_of(ladder), question.day, known_on=question.known_on, filters=question.filters)
    else:
        by_town = {place: known.get(f"rung:{place}", {}) for place in range(len(ladder.rungs))}
    wanted = question.filters.town_ids
    return {place: sum(n for town, n in towns.items() if wanted is None or town in wanted) for place, towns in by_town.items()}


def titles_of(ladder: Ladder) -> list[Sequence[str]]:
    return [rung.titles for rung in ladder.rungs]


def rung_url(ladder: Ladder, rung: str, question: Asked, above: bool = False) -> str:
    more = {"unit": question.unit or None, "town": question.town or None, "above": 1 if above else None}
    return url_for("ladder.holders", ladder=ladder.code, rung=rung, **{k: v for k, v in more.items() if v}, **question.query)


@blueprint.get("/funnel")
@requires(Permission.LADDER_VIEW)
@one_city()
def funnel() -> str:
    """How many reached each rung or a higher one (达到该级及以上), overall and per unit."""
    question = asked(current_scope(LISTS))
    pack = queries.pack_known(question.known_on)
    ladder = chosen_ladder(pack)
    reached = at_or_above(rung_counts(question, pack, ladder), len(ladder.rungs))
    steps = [
        {
            "label": rung.label, "count": reached[place], "url": rung_url(ladder, rung.code, question, above=True) if may_list() else None,
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
@all_cities
def titles() -> str:
    """Who holds what where: titles by city, by county and zone of one city, or by town of one of them. Counts need no permission to see
    firms, lists do."""
    cities, question = packs_shown(), asked(current_scope())
    shown = title_words().titles()
    numbers = _title_numbers(question, cities, [title.code for title in shown])
    groups, listed = _groups(question), _listed(question)
    rows = [(title, [_cell(question, title.code, numbers[title.code], group, listed) for group in [_everything(question), *groups]]) for title in shown]
    return render_template(
        "ladder/titles.html", asked=question, groups=groups, rows=rows, kinds=list(CountKind), years=[(y, f"{y} 年") for y in _years(question)],
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
    by_area = not lists.by_name
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
    return count, f"{path_for('ladder.holders')}?{urlencode(carried_city() | said)}", name


def _years(question: Asked) -> list[int]:
    return sorted({*queries.years_to_choose(), question.year}, reverse=True)


def _title_numbers(question: Asked, cities: Sequence[CityPack], codes: list[str]) -> dict[str, dict[int, int]]:
    """Title -> town -> enterprises, from the stored counts of every city where they answer the question."""
    scope, usual = current_scope(), question.default and question.kind is CountKind.STOCK
    stored = [queries.stored_counts(scope, city.pack, question.day) for city in cities if city.pack is not None] if usual else [None]
    known = [one for one in stored if one is not None]
    if len(known) == len(stored):
        return {code: {town: n for one in known for town, n in one.get(f"title:{code}", {}).items()} for code in codes}
    return queries.titles_by_town(
        scope, codes, question.kind, question.day, known_on=question.known_on, window=question.window, filters=question.filters,
    )


def _groups(question: Asked) -> list[Group]:
    """(argument, code, name, town ids) of the columns: cities, the units of one city, or the towns of the chosen unit."""
    if question.unit or question.town:
        return [("town", place.code, place.name, [place.town_id]) for place in question.chosen]
    if len(choice().shown) > 1:
        return [
            ("city", city.code, city.name, [place.town_id for place in question.chosen if place.city_id == city.id]) for city in choice().shown
        ]
    units: dict[str, Group] = {}
    for place in question.chosen:
        if place.unit_code:
            units.setdefault(place.unit_code, ("unit", place.unit_code, place.unit_name, []))[3].append(place.town_id)
    return [units[code] for code in sorted(units)]
