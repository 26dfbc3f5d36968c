"""The first page after login: where the ladder stands, which towns lead, and what is due. Each card fails alone."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any, cast

from flask import current_app, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import Select, select

from app.areas import queries as areas
from app.enterprises.queries.past import count_past
from app.exchange import queries as exchange
from app.indicators import queries as indicators
from app.infra import clock
from app.infra.db import db
from app.infra.web import asof
from app.infra.web.access import current_reach, current_scope, has
from app.infra.web.asof import AsOf
from app.infra.web.navigation import carried_city
from app.infra.web.pagination import COUNT_CAP
from app.infra.web.templating import url_if
from app.kernel.permission import Permission
from app.kernel.scope import Scope
from app.ladder import queries as ladder
from app.ladder.queries.applications import counts_waiting
from app.ladder.queries.expiring import SOON, count_expiring
from app.ladder.rules import CountKind, at_or_above
from app.ladder.views.asking import packs_shown
from app.packs import Pack
from app.policies.queries import CityPack, pack_as_known
from app.policies.views.choice import choice
from app.workbench import desk as desks
from app.workbench.desk import Desk

RANKING = ("10", "15", "9")
"""Indicators of the annex shown side by side in the ranking; the first one orders it."""


@dataclass(frozen=True)
class Todo:
    """One line of 需要我处理: what, how many, the verb and where it leads. ``tone``: bad = overdue, warn = soon."""

    label: str
    count: str
    verb: str
    url: str
    tone: str = ""


@dataclass(frozen=True)
class Ranking:
    """Towns in order of one computed indicator; counts, not contest scores."""

    year: int
    labels: list[str]
    rows: list[tuple[str, str, str, list[tuple[int, str | None]]]]


@dataclass(frozen=True)
class CityCard:
    """One city for a reader of several: its own ladder, never added to another city's. ``steps`` as in ``Home``."""

    name: str
    url: str
    ladder_name: str
    firms: int | None
    steps: list[dict[str, Any]]


@dataclass
class Home:
    """What the page shows; None = the person has no such data, or the card failed (then its name is in ``failed``)."""

    steps: list[dict[str, Any]] | None = None
    chart: dict[str, Any] | None = None
    ladder_name: str = ""
    firms: int | None = None
    titles: list[tuple[str, int, str | None]] = field(default_factory=list)
    cities: list[CityCard] = field(default_factory=list)
    city_titles: list[tuple[str, list[tuple[int, str | None]]]] = field(default_factory=list)
    titles_panel: str = ""
    ranking_panel: str = ""
    todos: list[Todo] = field(default_factory=list)
    desk: Desk | None = None
    failed: set[str] = field(default_factory=set)


ACROSS = ("cities", "city_titles")
COUNTED, RANKED = ("steps", "chart", "ladder_name", "firms", "titles_panel"), ("ranking_panel",)
KEPT_SECONDS, MOST_KEPT = 30, 500
_kept: dict[Any, tuple[float, dict[str, Any]]] = {}
"""Cards made of stored counts, by the state of those counts and by what the person may see; names of areas may be half a minute old."""


def build() -> Home:
    """Compose the page for the signed-in person. Every number is counted in the scope of the list it opens: posts may differ in rights."""
    home, today, when = Home(), clock.today(), asof.as_of()
    listed = has(Permission.ENTERPRISE_VIEW) and has(Permission.LADDER_VIEW)
    scope = current_scope(Permission.ENTERPRISE_VIEW if listed else Permission.ENTERPRISE_COUNT)
    shown = packs_shown()
    if len(shown) > 1 and not scope.is_empty:
        permission = Permission.ENTERPRISE_VIEW if listed else Permission.ENTERPRISE_COUNT
        key = None if when.chosen else _key([city.pack.hash for city in shown if city.pack], today)
        _card(home, "ladder", lambda: _remembered(home, ("cities", scope, key), ACROSS, lambda: _across(home, permission, shown, when)))
    elif not scope.is_empty and (shown or not choice().cities):
        pack = ladder.pack_known(when.known_on)
        key = None if when.chosen else _key([pack.hash, *carried_city().values()], today)
        _card(home, "ladder", lambda: _remembered(home, ("ladder", scope, key), COUNTED, lambda: _ladder(home, scope, pack, when)))
        if has(Permission.INDICATOR_VIEW):
            seen = current_scope(Permission.INDICATOR_VIEW)
            _card(home, "ranking", lambda: _remembered(home, ("ranking", seen, key), RANKED, lambda: _ranking(home, seen, pack, when)))
    _card(home, "todos", lambda: _todos(home, today))
    if has(Permission.REMINDER_VIEW):
        _card(home, "desk", lambda: _desk(home))
    return home


def _desk(home: Home) -> None:
    home.desk = desks.build()


@cache
def _stamp() -> Select[Any]:
    return select(*ladder.counts_stamp(), *indicators.counts_stamp())


def _key(hashes: Sequence[str], today: date) -> Any:
    """One small statement tells whether anything the cards count has changed; None = nothing is stored, count anew."""
    year = indicators.last_data_year()
    stamp = tuple(db.session.execute(_stamp(), {"data_year": year}).one())
    listed = (has(Permission.LADDER_VIEW), current_scope(Permission.ENTERPRISE_VIEW))
    return None if None in stamp else (str(db.engine.url), stamp, year, tuple(hashes), today, listed, request.script_root)


def _remembered(home: Home, key: tuple[str, Scope, Any], names: Sequence[str], fill: Callable[[], None]) -> None:
    """Fill the attributes ``names``, or take them as they were for the same key. A scope by name has no stored counts."""
    _card_name, scope, state = key
    if state is None or scope.by_name:
        fill()
        return
    made_at, values = _kept.get(key, (0.0, {}))
    if not values or time.monotonic() - made_at > KEPT_SECONDS:
        fill()
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = (time.monotonic(), {name: getattr(home, name) for name in names})
        return
    for name, value in values.items():
        setattr(home, name, value)


def _card(home: Home, name: str, fill: Callable[[], None]) -> None:
    """Fill one card; a failing one is logged and named, the others live."""
    try:
        fill()
    except Exception:
        db.session.rollback()
        current_app.logger.exception("home card failed")
        home.failed.add(name)


def _across(home: Home, permission: Permission, shown: Sequence[CityPack], when: AsOf) -> None:
    """A card per city, and who holds which title where: titles mean the same everywhere, ladders do not."""
    held: dict[str, dict[str, tuple[int, str | None]]] = {}
    for city in shown:
        one = Home()
        pack = cast(Pack, city.pack) if when.known_on is None else pack_as_known(city.code, when.known_on)
        _ladder(one, current_user.scope_for(permission, city.id), pack, when, city=city.code)
        home.cities.append(CityCard(city.name, url_for("workbench.home", city=city.code, **when.arguments), one.ladder_name, one.firms, one.steps or []))
        for label, count, url in one.titles:
            held.setdefault(label, {})[city.code] = (count, url)
    home.city_titles = [(label, [by_city.get(city.code, (0, None)) for city in shown]) for label, by_city in held.items()]


def _ladder(home: Home, scope: Scope, pack: Pack, when: AsOf, city: str | None = None) -> None:
    """The main ladder of one city, today or on the day asked for; ``city``: its code, where links must name it."""
    day, known_on = when.day or clock.today(), when.known_on
    main, listed = pack.ladders()[0], has(Permission.ENTERPRISE_VIEW) and has(Permission.LADDER_VIEW)
    said_city = ({"city": city} if city else {}) | (when.arguments if when.chosen else {})
    stored = None if when.chosen else ladder.stored_counts(scope, pack, day)
    if stored is None:
        by_town = ladder.rungs_by_town(scope, [rung.titles for rung in main.rungs], day, known_on=known_on)
        held = ladder.titles_by_town(scope, [title.code for title in pack.titles()], CountKind.STOCK, day, known_on=known_on)
        home.firms = count_past(scope, day, known_on) if when.chosen else None
    else:
        by_town = {place: stored.get(f"rung:{place}", {}) for place in range(len(main.rungs))}
        held = {title.code: stored.get(f"title:{title.code}", {}) for title in pack.titles()}
        home.firms = sum(stored["all"].values()) if "all" in stored else None
    reached = at_or_above({place: sum(towns.values()) for place, towns in by_town.items()}, len(main.rungs))
    home.ladder_name = main.label
    home.steps = [
        {
            "label": rung.label, "count": reached[place],
            "url": url_for("ladder.holders", ladder=main.code, rung=rung.code, above=1, **said_city) if listed else None,
        }
        for place, rung in enumerate(main.rungs)
    ]
    said = "，".join(f"{step['label']} {step['count']} 家" for step in home.steps)
    home.chart = {
        "kind": "funnel", "label": f"达到该级及以上的企业：{said}", "unit": "家",
        "items": [{"name": s["label"], "value": s["count"], "tone": min(n + 1, 5), "href": s["url"]} for n, s in enumerate(home.steps)],
    }
    home.titles = [
        (title.label, total, url_for("ladder.holders", title=title.code, **said_city) if listed else None)
        for title in pack.titles() if (total := sum(held.get(title.code, {}).values()))
    ]
    if home.titles and city is None:
        home.titles_panel = Markup(render_template("workbench/_titles.html", titles=home.titles))  # noqa: S704  (our own template)


def _ranking(home: Home, scope: Scope, pack: Pack, when: AsOf) -> None:
    """Towns one by one are for those who answer for several; a single town is no ranking, nor is a city without indicators."""
    year, said = indicators.last_data_year(), when.arguments if when.chosen else {}
    if when.day is not None and said:
        year = min(year, when.day.year)
    table = indicators.city_table(pack, year, when.day if said else None, when.known_on)
    rows = [row for row in indicators.rows_in_scope(scope, table) if row.place.ranked]
    columns = {column.key: column for column in table.columns}
    keys = [key for key in RANKING if key in columns]
    if len(rows) < 2 or not keys:
        return
    listed = {place.town_id for place in ladder.towns_in_scope(current_scope(Permission.ENTERPRISE_VIEW), [row.place for row in rows])}
    def link(row: indicators.Row, key: str) -> str | None:
        opens = row.place.town_id in listed and row.values.get(key)
        return url_for("indicators.members", year=year, town_code=row.place.code, item=key, **said) if opens else None

    rows.sort(key=lambda row: ([-row.values.get(key, 0) for key in keys], row.place.code))
    ranking = Ranking(
        year, [columns[key].label for key in keys],
        [
            (row.place.name, row.place.unit_name, row.place.code, [
                (row.values.get(key, 0), link(row, key)) for key in keys
            ])
            for row in rows[:10]
        ],
    )
    home.ranking_panel = Markup(render_template("workbench/_ranking.html", ranking=ranking))  # noqa: S704  (our own template)


def _count(number: int) -> str:
    return f"{COUNT_CAP:,}+" if number == COUNT_CAP + 1 else f"{number:,}"


def _stored(scope: Scope, subject: str, today: date, live: Callable[[], int]) -> int:
    """A number of the day as stored per town; counted live (up to the cap) where it is not."""
    found = ladder.stored_total(scope, subject, today)
    return live() if found is None else found


def _todos(home: Home, today: date) -> None:
    if has(Permission.ENTERPRISE_VIEW) and has(Permission.LADDER_VIEW):
        scope = current_scope(Permission.LADDER_VIEW)
        expiring = _stored(scope, "soon", today, lambda: count_expiring(scope, today, today + timedelta(days=SOON)))
        if expiring:
            home.todos.append(Todo(f"{SOON} 天内到期的称号", f"{_count(expiring)} 项", "安排复核", _expiring_url(), "warn"))
    if has(Permission.RECOGNITION_EDIT):
        scope = current_scope(Permission.ENTERPRISE_VIEW)
        gaps = _stored(scope, "gaps", today, lambda: len(ladder.to_complete(scope, today, limit=COUNT_CAP + 1)))
        if gaps:
            home.todos.append(Todo("缺起止日期、未计入存量的认定", f"{_count(gaps)} 项", "补录", url_for("ladder.gaps"), "warn"))
    home.todos += [Todo(*row) for row in _applications()]
    if has(Permission.AREA_EDIT):
        mine = current_reach(Permission.AREA_EDIT).city_ids
        open_questions = sum(areas.count_unconfirmed(city.id) for city in choice().shown if city.id in mine)
        if open_questions:
            home.todos.append(Todo("管理单位待核的镇街", f"{open_questions} 个", "核实", url_for("areas.index", unconfirmed=1)))
    if has(Permission.IMPORT_USE) and (waiting := url_if("exchange.index")):
        home.todos += [Todo(label, count, "继续", waiting, tone) for label, count, tone in _imports()]


def _expiring_url() -> str:
    """The life-cycle desk speaks of one city; the plain list holds several."""
    return url_for("workbench.expiring") if choice().several and choice().chosen is None else url_for("ladder.life", tab=str(SOON))


def _applications() -> list[tuple[str, str, str, str, str]]:
    """Applications that wait for this person's step, in the scope of that step."""
    steps = [
        (state, label, verb) for state, permission, label, verb in (
            ("submitted", Permission.APPLICATION_EDIT, "待县级审核的申报", "审核"),
            ("county_passed", Permission.APPLICATION_RECOMMEND, "待市级推荐的申报", "推荐"),
        ) if has(permission)
    ]
    counts = counts_waiting(current_scope(Permission.APPLICATION_VIEW), [state for state, _, _ in steps])
    return [
        (label, f"{_count(counts[state])} 项", verb, url_for("ladder.applications_waiting", state=state), "") for state, label, verb in steps if counts[state]
    ]


def _imports() -> list[tuple[str, str, str]]:
    waiting = exchange.count_waiting(current_user.user_id)
    return [("等待您确认的导入批次", f"{waiting} 个", "")] if waiting else []
