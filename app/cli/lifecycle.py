"""``flask lifecycle``: what runs out, what it does to the stock, and everything that is due. One JSON object a line on standard output."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import click
from flask.cli import AppGroup

from app.areas import queries as areas
from app.infra import city, clock
from app.kernel.errors import NotFound
from app.kernel.scope import ALL, Scope
from app.ladder import due as deadlines
from app.ladder.queries import lifecycle
from app.ladder.queries.counting import NO_FILTERS
from app.ladder.queries.lifecycle import LifeAsked, Period
from app.ladder.queries.readiness import readiness_of
from app.ladder.rules.periods import HALF, QUARTER, next_periods
from app.policies.queries import active_pack, current_pack

group = AppGroup("lifecycle", help="到期与复核：到期名单、存量预测、各类期限")
DAY = click.DateTime(["%Y-%m-%d"])
CITY = click.option("--city", "city_name", help="只看这个城市：区划代码或政策包名称（默认全部城市）")


def _say(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False, default=str))


@contextmanager
def _about(name: str | None) -> Iterator[Scope]:
    """The scope of one city, whose policy then answers; all cities where none is named."""
    if name is None:
        yield ALL
        return
    with city.within(name):
        try:
            pack = active_pack(name)
        except NotFound as error:
            raise click.ClickException(error.message_zh) from None
        yield Scope(city_ids=frozenset(area.id for area in areas.list_cities() if area.code == pack.area_code))


def _asked(as_of: datetime | None, known_on: datetime | None, title: str) -> LifeAsked:
    if title and current_pack().find_title(title) is None:
        raise click.ClickException(f"政策包里没有称号 {title[:40]}，请核对代码。")
    return LifeAsked(as_of.date() if as_of else clock.today(), known_on.date() if known_on else None, NO_FILTERS, title)


@group.command("expiring")
@click.option("--days", type=click.IntRange(1, 3660), default=180, show_default=True, help="多少天内到期")
@click.option("--title", default="", help="称号代码，如 srdi；不写为全部")
@click.option("--lapsed-since", type=DAY, help="改为列出自这一天起已失效、没有接续的")
@click.option("--as-of", type=DAY, help="截止日（默认今天）")
@click.option("--known-on", type=DAY, help="按哪一天已登记的数据（默认现在）")
@CITY
def expiring(
    days: int, title: str, lapsed_since: datetime | None, as_of: datetime | None, known_on: datetime | None, city_name: str | None,
) -> None:
    """Titles that run out, each with the verdict of its review by the version that will decide."""
    with _about(city_name) as scope:
        asked = _asked(as_of, known_on, title)
        statement = (
            lifecycle.lapsed_statement(scope, asked, lapsed_since.date()) if lapsed_since else lifecycle.expiring_statement(scope, asked, days)
        )
        rows = lifecycle.every_listed(statement, limit=1_000_000)
        for first in range(0, len(rows), 500):
            part = rows[first : first + 500]
            ready = readiness_of([row.recognition for row in part], as_of=asked.day, known_on=asked.known_on)
            _say(_row(row, ready.get(row.recognition.id)) for row in part)


def _row(row: lifecycle.LifeRow, ready: Any) -> dict[str, Any]:
    verdict = ready.diagnosis.verdict if ready else None
    return {
        "credit_code": row.credit_code, "name": row.name, "title": row.recognition.title_code, "level": row.recognition.level,
        "batch_year": row.recognition.batch_year, "valid_to": row.recognition.valid_to, "review_on": ready.on if ready else None,
        "rule": ready.diagnosis.version.code if ready and ready.diagnosis.version else None, "verdict": verdict.label if verdict else None,
        "reasons": list(ready.diagnosis.reasons) if ready else [],
    }


@group.command("forecast")
@click.option("--title", default="", help="称号代码；不写为全部有期限的称号")
@click.option("--step", type=click.Choice(["quarter", "half"]), default="quarter", show_default=True)
@click.option("--periods", "count", type=click.IntRange(1, 40), default=8, show_default=True)
@click.option("--as-of", type=DAY, help="截止日（默认今天）")
@CITY
def forecast(title: str, step: str, count: int, as_of: datetime | None, city_name: str | None) -> None:
    """Net stock per title if nothing further is granted or renewed."""
    with _about(city_name) as scope:
        asked = _asked(as_of, None, title)
        titles = [title] if title else [one.code for one in current_pack().titles() if not one.open_ended]
        periods = [Period(*period) for period in next_periods(asked.day, QUARTER if step == "quarter" else HALF, count)]
        for row in lifecycle.forecast(scope, asked, titles, periods):
            ends = zip(periods, row.leaving, row.joining, row.left, strict=True)
            _say([{
                "title": row.title, "stock": row.stock,
                "periods": [{"label": p.label, "last": p.last, "leaving": out, "joining": new, "stock": left} for p, out, new, left in ends],
            }])


@group.command("due")
@click.option("--until", type=DAY, help="只列这一天及以前到期的")
@CITY
def due(until: datetime | None, city_name: str | None) -> None:
    """Everything the ladder announces as due: titles, yearly updates, windows, applications."""
    last = until.date() if until else date.max
    with _about(city_name) as scope:
        _say(
            {"kind": item.kind, "subject": item.subject, "due_on": item.due_on, "label": item.label, "enterprise_id": item.enterprise_id,
             "confirmed": item.confirmed}
            for item in deadlines.due_items(clock.today(), scope) if item.due_on <= last
        )
