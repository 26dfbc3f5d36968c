"""The body of the ranking table, drawn here and not cell by cell in the template (see ``drawing``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from markupsafe import Markup, escape

from app.indicators.rules.explain import said
from app.indicators.rules.scheme import Scheme
from app.indicators.rules.scoring import Cell, Status, TownScore
from app.infra.web.navigation import carried_city, path_for
from app.ladder.queries import Place

SHOWN = {"score": "得分率", "points": "得分", "raw": "原值", "mean": "与全市平均之差"}
NOTES = {Status.UNRANKED: "缺数据", Status.VETOED: "否决", Status.PROVISIONAL: "待核查"}
STEPS = ((90, 5), (75, 4), (60, 3), (45, 2), (0, 1))


def base(year: int) -> str:
    return f"{path_for('indicators.contest_rounds')}{year}/"


def town_rows(
    year: int, scheme: Scheme, rows: Sequence[tuple[Place, TownScore]], show: str, ranks: Mapping[str, int], mean: Mapping[str, float | None], suffix: str,
) -> Markup:
    """One ``tr`` per town. ``ranks``: what stands in the first column; ``suffix``: query of the links, escaped here."""
    start, tail = escape(base(year)), escape(suffix)
    keys = [item.key for item in scheme.items]
    return Markup("\n".join(_row(place, town, keys, show, ranks.get(town.code), mean, start, tail) for place, town in rows))  # noqa: S704


def _row(
    place: Place, town: TownScore, keys: Sequence[str], show: str, rank: int | None, mean: Mapping[str, float | None], start: str, tail: str,
) -> str:
    code = escape(place.code)
    note = f' <span class="tag">{NOTES[town.status]}</span>' if town.status in NOTES else ""
    head = (
        f'<tr><td class="freeze-check num">{rank or "—"}</td><th scope="row" class="freeze"><a href="{start}{code}/{tail}">{escape(place.name)}</a> '
        f'<b>{"—" if town.total is None else town.total}</b>{note} <small class="muted">{escape(place.unit_name)}</small></th>'
    )
    return head + "".join(_cell(town.cells[key], f"{start}{code}/{key}{tail}", show, mean[key]) for key in keys) + f"<td>{_veto(town)}</td></tr>"


def _veto(town: TownScore) -> str:
    return {Status.VETOED: "有", Status.PROVISIONAL: "待核查"}.get(town.status, "无")


def _cell(cell: Cell, url: str, show: str, mean: float | None) -> str:
    """Numbers and codes only: nothing to escape beside the address, which is."""
    if cell.not_applicable:
        return f'<td class="heat"><a href="{url}">不适用</a></td>'
    if cell.raw is None:
        return f'<td class="heat hatched"><a href="{url}">缺</a></td>'
    rate = cell.score / cell.over
    step = next((step for least, step in STEPS if rate >= least), 1)
    return f'<td class="heat heat-{step}"><a href="{url}">{_shown(cell, show, rate, mean)}{"*" if cell.substitute else ""}</a></td>'


def _shown(cell: Cell, show: str, rate: float, mean: float | None) -> str:
    if show == "raw":
        return said(cell.raw) if cell.raw is not None else "缺"
    if show == "points":
        return str(cell.shown_points)
    if show == "mean":
        return "—" if mean is None else f"{rate - mean:+.1f}"
    return f"{rate:.1f}"


def query_suffix(**said_: str | None) -> str:
    """The arguments a link carries on."""
    given = {key: value for key, value in said_.items() if value} | carried_city()
    return f"?{urlencode(given)}" if given else ""
